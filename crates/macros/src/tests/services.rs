//! Complaints about services.

use super::taken_apart;
use crate::{
    mistakes::Mistakes,
    service::{ServiceOptions, judged, parsed},
};

const ACCESS: &str = "`access` says who may run the method from outside: `anyone`, `user` (whoever has a \
                      session), `role(\"..\")`, or `server` (nobody: server code alone)";
const FORM: &str = "`#[post(\"/path\", access = .., timeout = \"..\")]`";
const NAME: &str = "the name of a service is a text of letters, digits, `_`, `-` and `.`, a letter first, 63 \
                    at most, like `#[service(\"magic-link\")]`";
const PATH: &str = "a path is like `/links/{id}`: segments of letters, digits, `-`, `_`, `.` and `~`, and \
                    parameters of the function in braces";
const SIGNATURE: &str = "expected `async fn f(&self, .., ctx: &Context) -> Result<..>`";

/// Checks all complaints about one attribute, in order.
#[track_caller]
fn check(written: &str, expected: &[&str]) {
    let (name, options, item) = taken_apart(written);
    assert_eq!("service", name);
    let mut mistakes = Mistakes::default();
    let options = ServiceOptions::parse(options, &mut mistakes);
    let block = parsed(&item, &mut mistakes);
    let service = block
        .as_ref()
        .and_then(|block| judged(&options, block, &mut mistakes));
    assert_eq!(expected, mistakes.messages());
    assert_eq!(expected.is_empty(), service.is_some());
}

/// Checks all complaints about the functions of a service that is right.
#[track_caller]
fn check_functions(written: &str, expected: &[&str]) {
    check(
        &format!("#[service(\"s\")] impl S {{ {written} }}"),
        expected,
    );
}

/// Checks all complaints about one path, of a function with the parameter `id`.
#[track_caller]
fn check_path(path: &str, expected: &[&str]) {
    check_functions(
        &format!(
            "#[post(\"{path}\", access = user)] async fn f(&self, id: u8, ctx: &Context) -> R {{}}"
        ),
        expected,
    );
}

/// Checks all complaints about what one method takes, as far as that can be said.
#[track_caller]
fn check_parameters(verb: &str, parameters: &str, expected: &[&str]) {
    check_functions(
        &format!(
            "#[{verb}(\"/p/{{id}}\", access = user)]
             async fn f(&self, {parameters}, ctx: &Context) -> R {{}}"
        ),
        expected,
    );
}

#[test]
fn none_where_all_is_well() {
    check(
        "#[service(\"a.b-c_1\", collect = false)]
         impl Service where Self: Default {
             const A: u8 = 1;
             type B = u8;
             #[post(access = anyone)] async fn a(&self, _: &Context) -> R { let unfinished = ; }
             #[get(access = anyone)] async fn a(&self, _: &Context) -> R {}
             #[get(\"/a/{x}/b\", timeout = \"2s\", access = role(\"Support\"))]
             #[doc = include_str!(\"b.md\")]
             pub(crate) async fn b(&self, mut x: u8, r#type: Option<T>, c: &C) -> Result<Self> {}
             #[put(\"/{x}\", access = server)]
             async fn c(&self, x: u8, #[body] mut all: Vec<(u8, u8)>, ctx: &Context) -> R {}
             const fn free<'a, T>(self, (a, b): &'a T) {}
         }",
        &[],
    );
    check_functions(
        "#[cfg(a)] #[post(\"/x\", access = user)] async fn a(&self, ctx: &Context) -> R {}
         #[cfg(not(a))] #[post(\"/x\", access = user)] async fn b(&self, ctx: &Context) -> R {}",
        &[],
    );
    check_path("/a~b/{id}/c.d_e-9", &[]);
}

#[test]
fn of_a_service_without_a_name() {
    let missing = "a service has a name, by which clients call it: `#[service(\"magic-link\")]`";
    let function = "#[post(access = user)] async fn f(&self, ctx: &Context) -> R {}";
    for options in ["", "()", "(collect = false)"] {
        check(
            &format!("#[service{options}] impl S {{ {function} }}"),
            &[missing],
        );
    }
    for name in ["\"\"", "\"a b\"", "\"1st\"", "\"a/b\"", "\"ünlock\"", "7"] {
        check(
            &format!("#[service({name})] impl S {{ {function} }}"),
            &[NAME],
        );
    }
    let long = "a".repeat(64);
    check(
        &format!("#[service(\"{long}\")] impl S {{ {function} }}"),
        &[NAME],
    );
}

#[test]
fn of_other_options_of_a_service() {
    let function = "#[post(access = user)] async fn f(&self, ctx: &Context) -> R {}";
    check(
        &format!(
            "#[service(\"s\", \"t\", path = \"/s\", collect, collect = false)] impl S {{ {function} }}"
        ),
        &[
            "expected `collect = false`, after the name: `#[service(\"magic-link\")]`",
            "unknown option `path`; besides its name, a service has `collect`",
            "`collect` is `true` or `false`; with `false` only tests run the handler",
            "`collect` is given twice; take one of them away",
        ],
    );
}

#[test]
fn of_something_that_cannot_be_a_service() {
    let goes = "`#[service]` goes on the impl of a type of your own: `impl MagicLink { .. }`";
    check("#[service(\"s\")] struct S;", &[goes]);
    check("#[service(\"s\")] async fn s() {}", &[goes]);
    check(
        "#[service(\"s\")] impl Clone for S {}",
        &[
            "`#[service]` goes on the impl of a type, not on that of a trait",
            "a service has methods: put `#[post(access = ..)]` on a function",
        ],
    );
    check(
        "#[service(\"s\")] impl<T> S<T> { fn f() {} }",
        &[
            "a service has no parameters, nor has its impl",
            "a service is a type of your own without parameters",
            "a service has methods: put `#[post(access = ..)]` on a function",
        ],
    );
}

#[test]
fn of_a_method_without_access() {
    let missing = format!("{ACCESS}; write {FORM}");
    for verb in [
        "#[post]",
        "#[post()]",
        "#[post(\"/f\")]",
        "#[post(timeout = \"2s\")]",
    ] {
        check_functions(
            &format!("{verb} async fn f(&self, ctx: &Context) -> R {{}}"),
            &[&missing],
        );
    }
    for access in [
        "",
        "= everybody",
        "= \"anyone\"",
        "= role",
        "= role(\" \")",
        "= user + anyone",
    ] {
        check_functions(
            &format!("#[post(access {access})] async fn f(&self, ctx: &Context) -> R {{}}"),
            &[ACCESS],
        );
    }
}

#[test]
fn of_other_options_of_a_method() {
    let write = format!("write {FORM}");
    check_functions(
        "#[post(\"/f\", \"/g\", access = user, access = user, order = 1, timeout = \"11m\")]
         async fn f(&self, ctx: &Context) -> R {}
         #[post(7, access = user)] async fn g(&self, ctx: &Context) -> R {}
         #[post = \"/h\"] async fn h(&self, ctx: &Context) -> R {}",
        &[
            &write,
            "`access` is given twice; take one of them away",
            &format!("unknown option `order`; write {FORM}"),
            "a call cannot wait longer than 10 minutes for a handler",
            &write,
            &write,
        ],
    );
    check_functions(
        "#[post(\"/f\", access = user)] #[get(\"/f\", access = user)]
         async fn f(&self, ctx: &Context) -> R {}",
        &["a function is one method; write another function for the other"],
    );
}

#[test]
fn of_a_path_that_is_none() {
    check_path("send", &["a path begins with `/`: write `/send`"]);
    check_path("", &["a path begins with `/`: write `/`"]);
    for path in ["/", "/a//b", "/a/"] {
        check_path(path, &[&format!("a segment of this path is empty; {PATH}")]);
    }
    for segment in [".", ".."] {
        let expected = format!("`{segment}` means another path to clients; {PATH}");
        check_path(&format!("/a/{segment}"), &[&expected]);
    }
    for segment in ["a{id}", "{id}.json", "{id", "id}"] {
        let expected = format!("a parameter is a whole segment, which `{segment}` is not; {PATH}");
        check_path(&format!("/a/{segment}"), &[&expected]);
    }
    for segment in ["{}", "{*id}", "{id:u8}", "{1}", "{a b}"] {
        let expected = format!("`{segment}` is no name of a parameter; {PATH}");
        check_path(&format!("/a/{segment}"), &[&expected]);
    }
    let query = format!(
        "keys of the query are parameters of the function, and not part of the path; {PATH}"
    );
    check_path("/a?id=1", &[&query]);
    for segment in ["a b", "ünlock", "a%20b", "a:b"] {
        let expected = format!("`{segment}` cannot be part of a path; {PATH}");
        check_path(&format!("/{segment}"), &[&expected]);
    }
    check_path("/{id}/{id}", &["`{id}` stands twice in the path"]);
    check_path(
        "/{id}/{other}",
        &[
            "the function has no parameter `other`; write `other: String` there, or take `{other}` away",
        ],
    );
    check_functions(
        "#[post(access = user)] async fn überweise(&self, ctx: &Context) -> R {}
         #[post(access = user)] async fn _0(&self, ctx: &Context) -> R {}",
        &["no path can be made of this name; write one"],
    );
}

#[test]
fn of_two_methods_that_nobody_could_tell_apart() {
    check_functions(
        "#[get(\"/{a}/x\", access = user)] async fn f(&self, a: u8, ctx: &Context) -> R {}
         #[post(\"/{a}/x\", access = user)] async fn g(&self, a: u8, ctx: &Context) -> R {}
         #[get(\"/{b}/x\", access = user)] async fn h(&self, b: u8, ctx: &Context) -> R {}",
        &["`f` has this verb and this path already; nobody could tell them apart"],
    );
}

#[test]
fn of_a_signature_are_reported_all_at_once() {
    check_functions(
        "#[post(access = user)] unsafe fn f<T>(&mut self, ctx: Context) {}",
        &[
            &format!("a method of a service is async; write `async fn`\n{SIGNATURE}"),
            "a method of a service is not unsafe",
            "a method of a service is not generic",
            "a method of a service takes `&self`: a value that is made for this call alone",
            "the last argument is `&Context`",
            "a method of a service returns `Result<..>` of what clients get as JSON",
        ],
    );
    check_functions(
        "#[post(access = user)] async fn f() -> impl Future {}",
        &[
            &format!("a method of a service takes `&self`\n{SIGNATURE}"),
            "the last argument is `&Context`",
            "a method of a service returns `Result<..>` of what clients get as JSON",
        ],
    );
    check_functions(
        "#[post(access = user)] async fn f(&self) -> R {}",
        &[&format!("the last argument is `&Context`\n{SIGNATURE}")],
    );
    check_functions(
        "#[post(access = user)] async fn f(&self, email: String) -> R {}",
        &[&format!("the last argument is `&Context`\n{SIGNATURE}")],
    );
}

#[test]
fn of_arguments_that_cannot_be_sent() {
    let owned = "an argument owns what it holds; write `String` for `&str`, `Vec<..>` for `&[..]`";
    check_parameters("post", "id: u8, a: &str", &[owned]);
    check_parameters("post", "id: u8, a: Option<&[u8]>", &[owned]);
    check_parameters(
        "post",
        "id: u8, a: impl Into<String>",
        &["an argument has one type: what it is read from is JSON"],
    );
    let name = "an argument has a name, by which clients send it: write `name: Type`";
    check_parameters("post", "id: u8, _: String", &[name]);
    check_parameters("post", "id: u8, (a, b): (u8, u8)", &[name]);
    check_parameters(
        "get",
        "id: Option<u8>",
        &["what stands in the path is always there; take `Option` away"],
    );
}

#[test]
fn of_a_body_that_cannot_be_had() {
    check_parameters("post", "id: u8, #[body] a: Vec<u8>", &[]);
    check_parameters("patch", "id: u8, #[body] a: Option<u8>", &[]);
    for verb in ["get", "delete"] {
        let expected =
            format!("`#[{verb}]` has no body; its arguments come from the path and from the query");
        check_parameters(verb, "id: u8, #[body] a: u8", &[&expected]);
    }
    check_parameters(
        "post",
        "id: u8, #[body] a: u8, #[body] b: u8",
        &["`a` takes the whole body already"],
    );
    check_parameters(
        "post",
        "id: u8, a: u8, #[body] b: u8, c: u8",
        &[
            "`b` takes the whole body, so that nothing is left for `a`: put it into the path, or into \
             the type of `b`",
            "`b` takes the whole body, so that nothing is left for `c`: put it into the path, or into \
             the type of `b`",
        ],
    );
    check_parameters(
        "post",
        "#[body] id: u8",
        &["`id` comes from the path; take `#[body]` away"],
    );
    check_parameters(
        "post",
        "id: u8, #[body(8)] #[body] a: u8",
        &[
            "`#[body]` has no options",
            "`#[body]` is given twice; take one of them away",
        ],
    );
    check_functions(
        "#[post(access = user)] async fn f(&self, #[body] ctx: &Context) -> R {}",
        &["this is no argument that a client could send"],
    );
}
