use std::thread;

use vestibule_storage::Visibility;

use super::{super::find, *};

/// The clause is refused with 1017, and the text says this.
#[track_caller]
fn refused(text: &str, why: &str) {
    let (code, message) = seen(condition(text));
    assert_eq!(1017, code, "{text}: {message}");
    assert_eq!(format!("Invalid where clause: {why}"), message, "{text}");
}

#[test]
fn what_is_no_clause_is_refused_with_the_place() {
    refused(
        "age",
        "expected a comparison or a yes-or-no column, but column 'age' is of type INT (character 1)",
    );
    refused(
        "age =",
        "expected a column or a value, but the text ends (character 6)",
    );
    refused(
        "age = 1 name",
        "expected 'and', 'or' or the end, but there is 'name' (character 9)",
    );
    refused(
        "age = 1 = 1",
        "expected 'and', 'or' or the end, but there is '=' (character 9)",
    );
    refused("(age = 1", "expected ')', but the text ends (character 9)");
    refused(
        "age = 1)",
        "expected 'and', 'or' or the end, but there is ')' (character 8)",
    );
    refused(
        "and age = 1",
        "expected a column or a value, but there is 'and' (character 1)",
    );
    refused(
        "name = 'ü' or or",
        "expected a column or a value, but there is 'or' (character 15)",
    );
    refused(
        "age not 5",
        "expected 'like', 'in' or 'between', but there is '5' (character 9)",
    );
    refused(
        "age is 5",
        "expected 'null' or 'not null', but there is '5' (character 8)",
    );
    refused(
        "born at 5",
        "expected 'at or after' or 'at or before', but there is '5' (character 9)",
    );
    refused(
        "age in 5",
        "expected '(' and a list of values, but there is '5' (character 8)",
    );
    refused(
        "age in (order)",
        "a list holds texts and numbers only (character 9)",
    );
    refused(
        "age between 1",
        "expected 'and' and the greatest value, but the text ends (character 14)",
    );
    refused(
        "(age = 1) + 1 > 2",
        "expected a value, but there is a condition (character 6)",
    );
    refused(
        "address. = 1",
        "expected the name of a column, but there is '=' (character 10)",
    );
    refused(
        "age = 12abc",
        "the number '12' is followed by a letter (character 7)",
    );
    refused(
        "% = 1",
        "expected a column or a value, but there is '%' (character 1)",
    );
}

#[test]
fn what_could_reach_beyond_the_clause_is_refused() {
    for (text, at) in [
        ("age in (select age from Person)", 9),
        ("exists (select * from Users)", 1),
        ("age = (SELECT password from Users)", 8),
    ] {
        refused(
            text,
            &format!("subqueries cannot be used here (character {at})"),
        );
    }
    for (text, at) in [
        ("age = 1 -- comment", 9),
        ("age = 1 /* comment */", 9),
        ("age = 1 # comment", 9),
        ("--", 1),
    ] {
        refused(
            text,
            &format!("comments cannot be used here (character {at})"),
        );
    }
    refused(
        "age = 1; drop table Users",
        "semicolons cannot be used here (character 8)",
    );
    refused(
        "age = 1 union select 1",
        "expected 'and', 'or' or the end, but there is 'union' (character 9)",
    );
    refused(
        "name = \"x\"",
        "texts stand in single quotes, names in backquotes (character 8)",
    );
    refused(
        "age = ?",
        "there are no parameters; write the value (character 7)",
    );
    refused(
        "age = $1",
        "the character '$' cannot be used here (character 7)",
    );
    refused(
        "name = 'x",
        "this text is not closed; a quote within a text is written twice (character 8)",
    );
    refused(
        "name = 'a' 'b'",
        "expected 'and', 'or' or the end, but there is the text 'b' (character 12)",
    );
    refused(
        "name = '\0'",
        "this text holds a NUL character (character 8)",
    );
    refused(
        "`a b` = 1",
        "in backquotes stands one name of letters, digits and underscores (character 1)",
    );
    refused(
        "näme = 1",
        "the character 'ä' cannot be used here (character 2)",
    );
    let (code, message) = seen(condition("load_extension('x') = 1"));
    assert_eq!(1017, code);
    assert!(
        message.contains("there is no function 'load_extension'"),
        "{message}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_and_named() {
    refused(
        "age = 'abc'",
        "column 'age' is of type INT and cannot be compared with 'abc' (character 7)",
    );
    refused(
        "age = 'inf'",
        "column 'age' is of type INT and cannot be compared with 'inf' (character 7)",
    );
    refused(
        "age = 1e999",
        "column 'age' is of type INT and cannot be compared with 1e999 (character 7)",
    );
    refused(
        "age = name",
        "column 'age' (INT) cannot be compared with column 'name' (STRING) (character 7)",
    );
    refused(
        "delivered = 2",
        "column 'delivered' is of type BOOLEAN and cannot be compared with 2 (character 13)",
    );
    refused(
        "name = true",
        "column 'name' is of type STRING and cannot be compared with true (character 8)",
    );
    refused(
        "tags = '[]'",
        "column 'tags' holds JSON, which can be compared with null only (character 8)",
    );
    refused(
        "born = 'soon'",
        "'soon' is no date that can be read, but column 'born' is a date (character 8)",
    );
    refused(
        "born after 'soon'",
        "expected a date, but there is 'soon' (character 12)",
    );
    refused(
        "age after 5",
        "expected a date, but column 'age' is of type INT (character 1)",
    );
    refused(
        "age like '1%'",
        "expected a text, but column 'age' is of type INT (character 1)",
    );
    refused(
        "age > null",
        "null can be used with 'is', '=' and '!=' only (character 7)",
    );
    refused(
        "age in (null)",
        "null can be used with 'is', '=' and '!=' only (character 9)",
    );
    refused(
        "lower(age) = 'x'",
        "expected a text, but column 'age' is of type INT (character 7)",
    );
    refused(
        "lower() = 'x'",
        "lower takes 1 arguments, not 0 (character 1)",
    );
    refused(
        "lower(*) = 'x'",
        "'*' is an argument of count, not of lower (character 1)",
    );
    refused(
        "name + 1 = 2",
        "expected a number, but column 'name' is of type STRING (character 1)",
    );
    refused(
        "born * 2 > 1",
        "dates cannot be calculated with like this (character 1)",
    );
    refused(
        "avg(age) > 1",
        "avg is about several rows and cannot be used here (character 1)",
    );
    refused(
        "address.city = name",
        "the columns of one comparison must be of the same record (character 14)",
    );
}

#[test]
fn every_bound_is_kept() {
    let deep = |count: usize| format!("{}age = 1{}", "(".repeat(count), ")".repeat(count));
    assert!(condition(&deep(32)).is_ok());
    refused(
        &deep(33),
        "it is nested more than 32 levels deep (character 34)",
    );
    let many = |count: usize| vec!["age = 1"; count].join(" or ");
    assert!(condition(&many(500)).is_ok());
    assert_eq!(1017, seen(condition(&many(501))).0);
    let grouped = vec!["(age = 1)"; 500].join(" or ");
    assert!(condition(&grouped).is_ok());
    let list = |count: usize| format!("age in ({})", vec!["1"; count].join(","));
    assert!(condition(&list(4999)).is_ok());
    assert_eq!(1017, seen(condition(&list(5001))).0);
    assert_eq!(
        1017,
        seen(condition(&format!("age = 1{}", "+1".repeat(51)))).0
    );
    let path = |count: usize| format!("{}age = 1", "children.".repeat(count));
    assert!(condition(&path(5)).is_ok());
    refused(
        &path(6),
        "a path leads over 5 relations at most (character 1)",
    );
    let long = |count: usize| format!("name = '{}'", "ü".repeat(count));
    assert!(condition(&long(60_000)).is_ok());
    refused(&long(70_000), "it has more than 65536 characters");
    let usual = vec!["name = 'somebody'"; 140].join(" or ");
    assert!(usual.len() > 2900 && condition(&usual).is_ok());
}

#[test]
fn a_hundred_thousand_of_anything_does_not_overflow_a_small_stack() {
    let clauses = move || {
        for part in [
            "(", "not ", "- ", "-", "+ ", "lower(", "age + ", "a.", "A[b].", "age and ", "[", "'",
            "`",
        ] {
            let result = condition(&part.repeat(1000));
            assert!(result.is_err(), "{part}");
            assert!(condition(&part.repeat(100_000)).is_err(), "{part}");
        }
        let both = "(".repeat(1000) + "age = 1" + &")".repeat(1000);
        assert_eq!(1017, seen(condition(&both)).0);
        let deepest = "not ".repeat(32) + "age + 1 = 1";
        assert!(condition(&deepest).is_ok());
    };
    let thread = thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(clauses).unwrap().join().unwrap();
}

#[test]
fn no_error_gives_back_more_than_a_little_of_the_text() {
    let long = "x".repeat(10_000);
    for text in [
        format!("{long} = 1"),
        format!("{long}.a = 1"),
        format!("{long}[a].b = 1"),
        format!("{long}(1) = 1"),
        format!("age = '{long}'"),
        format!("age = 1 '{long}'"),
        format!("age = 1 {long}"),
        format!("age = {}", "1".repeat(10_000)),
        format!("age = {}a", "1".repeat(10_000)),
    ] {
        if let Err(error) = condition(&text) {
            assert!(
                !error.message().contains(&"x".repeat(65)),
                "{}",
                error.message()
            );
            assert!(
                !error.message().contains(&"1".repeat(65)),
                "{}",
                error.message()
            );
        }
    }
}

#[test]
fn a_having_clause_is_refused_with_its_own_code() {
    for (having, grouped) in [
        ("count(*) >", true),
        ("age > 1", true),
        ("address.city = 'x' ", true),
        ("count(count(*)) > 1", true),
        ("name = 'x'", false),
    ] {
        let query = Query {
            group_by: if grouped {
                texts(&["name"])
            } else {
                Vec::new()
            },
            having: Some(having.to_owned()),
            ..Query::default()
        };
        let result = find(&catalogue(), "Person", &query, Visibility::Everything);
        assert_eq!(19001, seen(result).0, "{having}");
    }
}
