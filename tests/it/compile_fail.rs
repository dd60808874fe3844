//! What must not compile, and what the compiler says then. The messages are part of the product:
//! they are how an author learns the shape of a handler, and each way around `CloudCode` is proved
//! closed here.
//!
//! The texts are those of the compiler that `rust-version` names. After a change that is meant,
//! `TRYBUILD=overwrite cargo test -p vestibule-tests compile_fail` rewrites them: read the diff.

#[test]
fn misuse_is_refused_with_an_explanation() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/handlers/*.rs");
    cases.compile_fail("ui/cloud_code/*.rs");
    cases.compile_fail("ui/services/*.rs");
    cases.compile_fail("ui/table/*.rs");
    cases.compile_fail("ui/timers/*.rs");
}
