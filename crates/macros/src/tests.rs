//! What the attributes write, and what they complain about.

mod custom_events;
mod policies;
mod services;
mod timers;

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;

use crate::{
    ast::{Item, Phase},
    attr::Options,
    attribute, custom_event,
    mistakes::Mistakes,
    service, timer, valid,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");

/// Expands the one attribute in `golden/NAME.in.rs` and compares with `golden/NAME.out.rs`.
#[track_caller]
fn check_expansion(name: &str) {
    let written = fs::read_to_string(Path::new(GOLDEN).join(format!("{name}.in.rs"))).unwrap();
    let (attribute_name, options, item) = taken_apart(&written);
    let expansion = match attribute_name.as_str() {
        "timer" => timer::attribute(options, &item),
        "service" => service::attribute(options, &item),
        handler => attribute(phase(handler), options, item),
    };
    check_golden(name, expansion);
}

/// Expands the derive on the item in `golden/NAME.in.rs` and compares with `golden/NAME.out.rs`.
#[track_caller]
fn check_derive(name: &str) {
    let written = fs::read_to_string(Path::new(GOLDEN).join(format!("{name}.in.rs"))).unwrap();
    check_golden(name, custom_event::derive(written.parse().unwrap()));
}

#[track_caller]
fn check_golden(name: &str, expansion: TokenStream) {
    let expansion = syn::parse2(expansion).unwrap();
    let actual = prettyplease::unparse(&expansion);
    let golden = Path::new(GOLDEN).join(format!("{name}.out.rs"));
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &actual).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        expected == actual,
        "the expansion is not the one in {}; if it is meant to be like this, run \
         `UPDATE_GOLDEN=1 cargo test -p vestibule-macros` and look at the diff:\n{actual}",
        golden.display()
    );
}

/// Checks all complaints about one attribute, in order.
#[track_caller]
fn check_mistakes(written: &str, expected: &[&str]) {
    let (attribute_name, options, item) = taken_apart(written);
    let phase = phase(&attribute_name);
    let mut mistakes = Mistakes::default();
    let options = Options::parse(phase, options, &mut mistakes);
    let item = Item::of(&item);
    let handler = valid::handler(phase, &options, &item, &mut mistakes);
    assert_eq!(expected, mistakes.messages());
    assert_eq!(expected.is_empty(), handler.is_some());
}

/// Checks all complaints about a struct that wants to be an event, in order.
#[track_caller]
fn check_event(written: &str, expected: &[&str]) {
    let mut mistakes = Mistakes::default();
    custom_event::judged(&syn::parse_str(written).unwrap(), &mut mistakes);
    assert_eq!(expected, mistakes.messages());
}

/// The name of the first attribute of an item, and what the compiler would hand over to it.
fn taken_apart(written: &str) -> (String, TokenStream, TokenStream) {
    let tokens: Vec<_> = written
        .parse::<TokenStream>()
        .unwrap()
        .into_iter()
        .collect();
    let [_hash, attribute, item @ ..] = tokens.as_slice() else {
        panic!("no attribute")
    };
    let attribute: syn::Meta = match attribute {
        proc_macro2::TokenTree::Group(group) => syn::parse2(group.stream()).unwrap(),
        _ => panic!("no attribute"),
    };
    let name = attribute.path().get_ident().unwrap().to_string();
    let options = match attribute {
        syn::Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    (name, options, item.iter().cloned().collect())
}

/// The phase of the handlers that an attribute of this name makes.
fn phase(attribute: &str) -> Phase {
    match attribute {
        "before" => Phase::Before,
        "answer" => Phase::Answer,
        "after" => Phase::After,
        "observe" => Phase::Observe,
        other => panic!("no phase has the attribute {other}"),
    }
}

mod expansions {
    use super::{check_derive, check_expansion as check};

    #[test]
    fn of_a_function_that_answers() {
        check("answer_function");
    }

    #[test]
    fn of_an_impl_that_answers() {
        check("answer_impl");
    }

    #[test]
    fn of_a_function_that_answers_with_mistakes() {
        check("answer_function_with_mistakes");
    }

    #[test]
    fn of_an_event() {
        check_derive("custom_event");
    }

    #[test]
    fn of_an_event_with_mistakes() {
        check_derive("custom_event_with_mistakes");
    }

    #[test]
    fn of_a_service() {
        check("service");
    }

    #[test]
    fn of_a_service_that_is_not_collected() {
        check("service_not_collected");
    }

    #[test]
    fn of_a_service_with_mistakes() {
        check("service_with_mistakes");
    }

    #[test]
    fn of_a_timer_with_a_time_between_ticks() {
        check("timer_every");
    }

    #[test]
    fn of_a_timer_with_a_line_of_a_crontab() {
        check("timer_cron");
    }

    #[test]
    fn of_a_timer_with_mistakes() {
        check("timer_with_mistakes");
    }

    #[test]
    fn of_a_before_function() {
        check("before_function");
    }

    #[test]
    fn of_an_after_function_for_several_events() {
        check("after_function_for_several_events");
    }

    #[test]
    fn of_an_observer_of_all_events() {
        check("observer_of_all_events");
    }

    #[test]
    fn of_a_before_function_of_one_table() {
        check("before_function_of_one_table");
    }

    #[test]
    fn of_a_before_function_with_policies() {
        check("before_function_with_policies");
    }

    #[test]
    fn of_an_impl_with_a_state() {
        check("before_impl");
    }

    #[test]
    fn of_an_observer_impl_that_is_not_collected() {
        check("observer_impl_not_collected");
    }

    #[test]
    fn of_a_function_with_mistakes() {
        check("before_function_with_mistakes");
    }

    #[test]
    fn of_an_impl_with_mistakes() {
        check("after_impl_with_mistakes");
    }
}

mod mistakes {
    use super::check_mistakes as check;

    #[test]
    fn none_where_all_is_well() {
        check(
            "#[before(order = 3, timeout = \"10m\", on_failure = \"closed\", collect = true)]
             async fn f(Login { login, .. }: &mut Login, _: &vestibule::Context) -> Answer { .. }",
            &[],
        );
        check(
            "#[observe(events = [Login])]
             async fn f<E>(seen: &Seen<E>, witness: &Witness) -> Result<()> where E: Event { .. }",
            &[],
        );
    }

    #[test]
    fn of_a_function_are_reported_all_at_once() {
        check(
            "#[before(order = 3000000000, timeout = \"2h\", timeout = \"1s\", colect, on_failure = open)]
             const unsafe extern \"C\" fn f<T>(self, event: Login, ctx: Context, db: &Db) { .. }",
            &[
                "`order` is a number from -2147483648 to 2147483647",
                "`timeout` is a whole number with a unit (ms, s or m) in quotes, like `timeout = \"2s\"`",
                "`timeout` is given twice; take one of them away",
                "unknown option `colect`; the options are `order`, `before`, `after`, `timeout`, \
                 `on_failure`, `disable_after`, `collect`, `table` and `events`",
                "`on_failure` is \"closed\" (the call fails too) or \"open\" (the call goes on)",
                "a before handler is async; write `async fn`\nexpected `async fn f(event: &mut Login, \
                 ctx: &Context) -> Result<Flow<Login>>`",
                "a before handler is not const",
                "a before handler is not unsafe",
                "a before handler is a Rust function; take the ABI away",
                "a handler is not generic; for several events write `events = [..]` in its attribute",
                "a function has no `self`; for a state of its own put the attribute on `impl Before<..> \
                 for ..`",
                "the first argument is the event as `&mut ..`, to be changed or not",
                "a before handler takes two arguments, the event and the context",
                "a before handler returns `Result<Flow<..>>`: `Ok(Flow::Continue)` goes on",
            ],
        );
    }

    #[test]
    fn of_an_impl_are_reported_all_at_once() {
        check(
            "#[observe(events = [Login], on_failure = \"open\")]
             unsafe impl<T> Observer for Trail<T> {
                 fn observe(&mut self, seen: &Login, witness: Witness) -> impl Future { .. }
             }",
            &[
                "an observer cannot fail a call; take `on_failure` away",
                "`events` is for functions; write one impl for each event",
                "a handler's type has no parameters, nor has its impl",
                "a handler is not unsafe",
                "`Observer` needs one event, like `Observer<LoginAsGuest>`",
                "a handler is a type of your own without parameters",
                "an observer is async; write `async fn`\nexpected `async fn observe(&self, seen: \
                 &Seen<LoginAsGuest>, witness: &Witness) -> Result<()>`",
                "the method takes `&self`, since calls share the handler",
                "the first argument is `&Seen<..>` of an event, or `&SeenAny` for all events",
                "the last argument is `&Witness`",
                "an observer returns `Result<()>`",
            ],
        );
    }

    #[test]
    fn of_several_events() {
        let expected = "expected `async fn f<E: Event>(event: &E, outcome: Outcome<E>, ctx: &Context) \
                        -> Outcome<E>`";
        check(
            "#[after(events = [Login, a::Login, Login])]
             async fn f(event: &Login, outcome: Outcome<Login>, ctx: &Context) -> Outcome<Login> { .. }",
            &[
                "this event is named twice; take one of them away",
                &format!(
                    "with `events`, a handler has one type parameter in which the events take turns\n{expected}"
                ),
            ],
        );
        check(
            "#[after(events = [Login])]
             async fn f<A, B>(event: &A, outcome: Outcome<A>, ctx: &Context) -> Outcome<A> { .. }",
            &[&format!(
                "with `events`, a handler has one type parameter and no other\n{expected}"
            )],
        );
        check(
            "#[after(events = [Login])]
             async fn f<A>(event: &Login, outcome: Outcome<A>, ctx: &Context) -> Outcome<A> { .. }",
            &[&format!(
                "with `events`, the events take turns in `A`; use it as the event here\n{expected}"
            )],
        );
    }

    #[test]
    fn of_options_without_a_value_point_at_the_option() {
        check(
            "#[before(order, timeout = \"0ms\", events = [], collect = \"no\", \"x\")]
             async fn f<E>(event: &mut E, ctx: &Context) -> Result<Flow<E>> { .. }",
            &[
                "`order` is a whole number, like `order = -10`",
                "a handler needs more time than none at all",
                "`events` is a list, like `events = [Login, LoginByObjectId]`",
                "`collect` is `true` or `false`; with `false` only tests run the handler",
                "expected an option like `order = -10`; the options are `order`, `before`, \
                 `after`, `timeout`, `on_failure`, `disable_after`, `collect`, `table` and `events`",
            ],
        );
    }

    #[test]
    fn of_a_table_that_is_no_name_or_that_nothing_is_about() {
        check(
            "#[observe(table = \"Order\")]
             async fn f(seen: &SeenAny, witness: &Witness) -> Result<()> { .. }",
            &[
                "an observer of all events has no table; observe one data event, or take `table` away",
            ],
        );
        for table in ["Order", "\"\"", "\"no spaces\"", "\"1st\"", "7"] {
            check(
                &format!(
                    "#[before(table = {table})]
                     async fn f(event: &mut Create, ctx: &Context) -> Result<Flow<Create>> {{ .. }}"
                ),
                &["`table` is the name of a table in quotes, like `table = \"Order\"`"],
            );
        }
    }

    #[test]
    fn of_something_that_is_neither_function_nor_impl() {
        check(
            "#[before] struct Quota;",
            &["`#[before]` goes on an `async fn`, or on `impl Before<..> for ..`"],
        );
    }

    #[test]
    fn of_a_foreign_impl() {
        check(
            "#[before] impl Clone for Quota {}",
            &["`#[before]` goes on an impl of `Before`"],
        );
        check(
            "#[before] impl Quota {}",
            &["`#[before]` goes on an impl of `Before`, not of the type alone"],
        );
        check(
            "#[before] impl Before<Login> for Quota {}",
            &[
                "the method `before` is missing\nexpected `async fn before(&self, event: &mut Login, \
               ctx: &Context) -> Result<Flow<Login>>`",
            ],
        );
    }
}
