//! Complaints about events of one's own, and about the handlers that answer them.

use super::{check_event, check_mistakes as check};

const ACCESS: &str = "`access` says who may run the event from outside: `anyone`, `user` (whoever has a \
                      session), `role(\"..\")`, or `server` (nobody: server code alone)";
const FORM: &str = "`#[event(name = \"..\", output = .., access = ..)]`";
const NAME: &str =
    "`name` is a text of letters, digits, `_`, `-` and `.`, a letter first, 63 at most";

#[test]
fn none_where_all_is_well() {
    check(
        "#[answer(timeout = \"2s\", collect = false)]
         async fn f(Convert { celsius }: Convert, _: &vestibule::Context) -> Outcome<Convert> { .. }",
        &[],
    );
    check_event("#[event(access = anyone)] struct Ping {}", &[]);
    check_event(
        "/// Documented.
         #[event(name = \"a.b-c_1\", output = Vec<(u8, u8)>, access = role(\"Support\"))]
         pub(crate) struct r#Move { pub to: String }",
        &[],
    );
    check_event(
        "#[event(access = user)] enum Either { One { a: u8 }, Other }",
        &[],
    );
}

#[test]
fn of_a_function_that_answers_are_reported_all_at_once() {
    check(
        "#[answer(order = 1, on_failure = \"open\", table = \"Order\", events = [Convert], colect)]
         fn f<T>(&self, event: &Convert, ctx: Context) { .. }",
        &[
            "unknown option `colect`; the options are `timeout` and `collect`",
            "one handler alone does the work of an event; take `order` away",
            "without an answer there is nothing to go on with; take `on_failure` away",
            "an event of your own is about no table; take `table` away",
            "a handler answers one event; write one for each; take `events` away",
            "a handler that answers is async; write `async fn`\nexpected `async fn f(event: Convert, ctx: \
             &Context) -> Outcome<Convert>`",
            "a handler that answers is not generic",
            "a function has no `self`; for a state of its own put the attribute on `impl Answers<..> for \
             ..`",
            "the first argument is the event itself, to be used up",
            "the last argument is `&Context`",
            "a handler that answers returns `Outcome<..>` of its event",
        ],
    );
}

#[test]
fn of_an_impl_that_answers() {
    check(
        "#[answer] impl Answers for Converter { async fn answer(&self, event: &mut Convert, ctx: &Context) \
         -> Result<f64> { .. } }",
        &[
            "`Answers` needs one event, like `Answers<MyEvent>`",
            "the first argument is the event itself, to be used up\nexpected `async fn answer(&self, \
             event: MyEvent, ctx: &Context) -> Outcome<MyEvent>`",
        ],
    );
    check(
        "#[answer] impl Before<Convert> for Converter {}",
        &["`#[answer]` goes on an impl of `Answers`; an impl of `Before` takes `#[before]`"],
    );
    check(
        "#[answer] impl Answers<Convert> for Converter {}",
        &[
            "the method `answer` is missing\nexpected `async fn answer(&self, event: Convert, ctx: \
           &Context) -> Outcome<Convert>`",
        ],
    );
}

#[test]
fn of_something_that_cannot_answer() {
    check(
        "#[answer] struct Convert {}",
        &["`#[answer]` goes on an `async fn`, or on `impl Answers<..> for ..`"],
    );
    check(
        "#[answer(7)] async fn f() -> impl Future { .. }",
        &[
            "expected an option like `timeout = \"2s\"`; the options are `timeout` and `collect`",
            "a handler that answers takes two arguments, the event and the context\nexpected `async fn \
             f(event: MyEvent, ctx: &Context) -> Outcome<MyEvent>`",
            "a handler that answers returns `Outcome<..>` of its event",
        ],
    );
}

#[test]
fn of_an_event_without_access() {
    let missing = format!("{ACCESS}; write {FORM}");
    for written in [
        "struct Ping {}",
        "#[event(name = \"ping\")] struct Ping {}",
        "#[event()] struct Ping {}",
    ] {
        check_event(written, &[&missing]);
    }
    for event in ["#[event]", "#[event = \"ping\"]"] {
        let form = format!("write {FORM}");
        check_event(&format!("{event} struct Ping {{}}"), &[&form, &missing]);
    }
}

#[test]
fn of_an_access_that_does_not_exist() {
    for access in [
        "",
        "= everybody",
        "= \"anyone\"",
        "= role",
        "= role()",
        "= role(\" \")",
        "= role(Support)",
        "= role(\"A\", \"B\")",
        "= anyone + user",
        "= ::CallableBy::Anyone",
    ] {
        let written = format!("#[event(access {access})] struct Ping {{}}");
        check_event(&written, &[ACCESS]);
    }
}

#[test]
fn of_a_name_that_is_none() {
    for name in ["\"\"", "\"a b\"", "\"1st\"", "\"ünlock\"", "ping", "7"] {
        let written = format!("#[event(name = {name}, access = user)] struct Ping {{}}");
        check_event(&written, &[NAME]);
    }
    let written = format!(
        "#[event(name = \"{}\", access = user)] struct Ping {{}}",
        "a".repeat(64)
    );
    check_event(&written, &[NAME]);
    let other = format!("this is no name for an event; give it another: {NAME}");
    check_event("#[event(access = user)] struct Überweise {}", &[&other]);
    check_event(
        "#[event(name = \"ueberweise\", access = user)] struct Überweise {}",
        &[],
    );
}

#[test]
fn of_a_shape_that_has_no_named_arguments() {
    for (written, expected) in [
        (
            "struct Ping;",
            "arguments have names; write `struct Ping {}`",
        ),
        (
            "struct Ping(String);",
            "arguments have names; write `{ name: Type, .. }`",
        ),
        (
            "struct Ping<T> { of: T }",
            "an event has no parameters: it has one name; take them away",
        ),
        ("union Ping { a: u8 }", "an event is a struct or an enum"),
    ] {
        check_event(&format!("#[event(access = user)] {written}"), &[expected]);
    }
}

#[test]
fn of_an_event_are_reported_all_at_once() {
    check_event(
        "#[event(name = \"a b\", output, colour = red)]
         #[event(name = \"ping\", 7)]
         struct Ping<'a>(&'a str);",
        &[
            "an event has no parameters: it has one name; take them away",
            "arguments have names; write `{ name: Type, .. }`",
            NAME,
            "`output` is a type, like `output = f64`; without it an event answers `()`",
            &format!("unknown option `colour`; write {FORM}"),
            "`name` is given twice; take one of them away",
            &format!("write {FORM}"),
            &format!("{ACCESS}; write {FORM}"),
        ],
    );
}
