//! What the attributes say of handlers that have wishes, and of those that may be switched off.

use super::check_mistakes as check;

#[test]
fn a_wish_is_one_path_or_a_list_of_them() {
    check(
        "#[before(before = \"carts::open\", after = [\"a::b\", \"c::d::e\",])]
         async fn f(event: &mut Login, ctx: &Context) -> Result<Flow<Login>> { .. }",
        &[],
    );
    check(
        "#[observe(after = \"a::b\")]
         async fn f(seen: &SeenAny, witness: &Witness) -> Result<()> { .. }",
        &[],
    );
    for path in [
        "carts::open",
        "\"open\"",
        "\"carts::\"",
        "\"carts::open two\"",
        "[]",
        "[\"a::b\", 7]",
        "\"\"",
        "\"1st::open\"",
        "[\"a::b\", \"c\"]",
    ] {
        check(
            &format!(
                "#[after(before = {path})]
                 async fn f(event: &Login, outcome: Outcome<Login>, ctx: &Context) -> Outcome<Login> {{ .. }}"
            ),
            &[
                "`before` is the whole path of a handler in quotes, or a list of them, like \
                 `before = \"guest_limits::limit_guests\"`",
            ],
        );
    }
}

#[test]
fn only_what_guards_nothing_is_switched_off_by_its_failures() {
    const GUARD: &str = "a handler that fails closed is never switched off by its failures, or else \
                         whoever makes it fail would be rid of it; write `on_failure = \"open\"`, or \
                         take `disable_after` away";
    let before = "async fn f(event: &mut Login, ctx: &Context) -> Result<Flow<Login>> { .. }";
    check(&format!("#[before(disable_after = 5)] {before}"), &[GUARD]);
    check(
        &format!("#[before(disable_after = 5, on_failure = \"closed\")] {before}"),
        &[GUARD],
    );
    check(
        &format!("#[before(disable_after = 5, on_failure = \"open\")] {before}"),
        &[],
    );
    check(
        "#[observe(disable_after = 1000)]
         async fn f(seen: &SeenAny, witness: &Witness) -> Result<()> { .. }",
        &[],
    );
}

#[test]
fn failures_in_a_row_are_counted_from_one_to_a_thousand() {
    for number in ["0", "1001", "-1", "5u32", "\"5\"", "1.5", "99999999999"] {
        check(
            &format!(
                "#[observe(disable_after = {number})]
                 async fn f(seen: &SeenAny, witness: &Witness) -> Result<()> {{ .. }}"
            ),
            &[
                "`disable_after` is a number of failures in a row, from 1 to 1000, like \
                 `disable_after = 5`",
            ],
        );
    }
}

#[test]
fn who_answers_alone_has_no_neighbours() {
    const ALONE: &str = "one handler alone does the work of an event; take";
    check(
        "#[answer(before = \"a::b\", after = \"c::d\", disable_after = 5)]
         async fn f(event: MyEvent, ctx: &Context) -> Outcome<MyEvent> { .. }",
        &[
            &format!("{ALONE} `before` away"),
            &format!("{ALONE} `after` away"),
            "without an answer there is nothing to go on with; take `disable_after` away",
        ],
    );
}
