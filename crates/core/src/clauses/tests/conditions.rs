use vestibule_model::USERS;
use vestibule_storage::{
    Aggregate, Calculation,
    Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual},
    Condition, Function, Operand, Visibility,
};

use super::{super::find, *};

#[track_caller]
fn check(text: &str, expected: Condition) {
    assert_eq!(Ok(Some(expected)), condition(text), "{text}");
}

fn call(function: Function, name: &str) -> Operand {
    Operand::Function(function, vec![column(name)])
}

#[test]
fn a_blank_clause_is_none() {
    assert_eq!(Ok(None), condition(""));
    assert_eq!(Ok(None), condition(" \n\t "));
}

#[test]
fn every_comparison_is_read_with_and_without_spaces() {
    for (operator, comparison) in [
        ("=", Equal),
        ("==", Equal),
        ("!=", NotEqual),
        ("<>", NotEqual),
        ("<", Less),
        ("<=", LessOrEqual),
        (">", Greater),
        (">=", GreaterOrEqual),
    ] {
        let expected = compare(column("age"), comparison, value(5));
        check(&format!("age{operator}5"), expected.clone());
        check(&format!(" age  {operator}\n5 "), expected);
    }
    check("5<age", compare(value(5), Less, column("age")));
    check("age<-5", compare(column("age"), Less, value(-5)));
    check(
        "age = order",
        compare(column("age"), Equal, column("order")),
    );
    check("1 = 1", compare(value(1), Equal, value(1)));
}

#[test]
fn texts_are_quoted_and_keep_every_character() {
    check("name='x'", equal("name", "x"));
    check("name = 'O''Hara'", equal("name", "O'Hara"));
    check("name = ''", equal("name", ""));
    check("name = ''''", equal("name", "'"));
    check(
        "name = 'Ünï 🦊 ; -- /* \\'",
        equal("name", "Ünï 🦊 ; -- /* \\"),
    );
}

#[test]
fn numbers_keep_their_size_and_fraction() {
    check("age = 9223372036854775807", equal("age", i64::MAX));
    check("age = -9223372036854775808", equal("age", i64::MIN));
    check(
        "age = 9223372036854775808",
        equal("age", 9_223_372_036_854_775_808.0),
    );
    check("score = 1.5", equal("score", 1.5));
    check("score = .5", equal("score", 0.5));
    check("score = 1e3", equal("score", 1000.0));
    check("score = +2", equal("score", 2));
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    let [a, b, c] = [1, 2, 3].map(|age| equal("age", age));
    check(
        "age=1 or age=2 AND age=3",
        Condition::Any(vec![a.clone(), Condition::All(vec![b.clone(), c.clone()])]),
    );
    check(
        "(age=1 Or age=2) and not age=3",
        Condition::All(vec![Condition::Any(vec![a.clone(), b]), not(c.clone())]),
    );
    check("not (not (age=1))", not(not(a.clone())));
    check("NOT(age=1) and ((age=3))", Condition::All(vec![not(a), c]));
}

#[test]
fn like_in_between_and_null_can_be_negated() {
    let like = Condition::Like(column("name"), value("%a_"));
    check("name LIKE '%a_'", like.clone());
    check("name not like '%a_'", not(like));
    let within = Condition::In(column("age"), vec![1.into(), (-2).into()]);
    check("age in (1, -2)", within.clone());
    check("age NOT IN(1,-2)", not(within));
    check("age in ()", Condition::In(column("age"), Vec::new()));
    let between = Condition::All(vec![
        compare(column("age"), GreaterOrEqual, value(1)),
        compare(column("age"), LessOrEqual, value(5)),
    ]);
    check("age between 1 and 5", between.clone());
    check(
        "not age between 1 and 5 or age not between 1 and 5",
        Condition::Any(vec![not(between.clone()), not(between)]),
    );
    let is_null = Condition::IsNull(column("name"));
    for text in ["name is null", "name = null", "name == NULL", "null = name"] {
        check(text, is_null.clone());
    }
    for text in ["name is not null", "name != null", "name <> null"] {
        check(text, not(is_null.clone()));
    }
    check("tags is null", Condition::IsNull(column("tags")));
}

#[test]
fn yes_and_no_are_written_in_several_ways() {
    for text in ["delivered = true", "delivered = 1", "delivered = 'TRUE'"] {
        check(text, equal("delivered", true));
    }
    check("delivered = False", equal("delivered", false));
    check("delivered", Condition::IsTrue(column("delivered")));
    check(
        "not delivered and age > 1",
        Condition::All(vec![
            not(Condition::IsTrue(column("delivered"))),
            compare(column("age"), Greater, value(1)),
        ]),
    );
    check("(delivered)", Condition::IsTrue(column("delivered")));
    check("true", Condition::IsTrue(value(true)));
}

#[test]
fn a_literal_gets_the_type_of_the_column_where_that_makes_sense() {
    check("name = 5", equal("name", "5"));
    check("name = 1.50", equal("name", "1.50"));
    check("age = '5'", equal("age", 5));
    check(
        "age in ('5', 6)",
        Condition::In(column("age"), vec![5.into(), 6.into()]),
    );
    check("'5' = age", compare(value(5), Equal, column("age")));
}

#[test]
fn dates_are_numbers_or_texts_and_have_words_of_their_own() {
    let day = 1_427_068_800_000_i64;
    for text in [
        "'23-Mar-2015'",
        "'03/23/2015'",
        "'2015-03-23'",
        "1427068800000",
    ] {
        check(&format!("born = {text}"), equal("born", day));
        check(
            &format!("born AFTER {text}"),
            compare(column("born"), Greater, value(day)),
        );
        check(
            &format!("born before {text}"),
            compare(column("born"), Less, value(day)),
        );
        check(
            &format!("born at or after {text}"),
            compare(column("born"), GreaterOrEqual, value(day)),
        );
        check(
            &format!("born At Or Before {text}"),
            compare(column("born"), LessOrEqual, value(day)),
        );
    }
    check("created>0", compare(column("created"), Greater, value(0)));
    check(
        "born in ('2015-03-23')",
        Condition::In(column("born"), vec![day.into()]),
    );
}

#[test]
fn keywords_are_columns_where_nothing_else_can_stand() {
    check("order = 1", equal("order", 1));
    check("`order` = 1", equal("order", 1));
    check("`not` = 1", equal("not", 1));
    check("time = 1", equal("time", 1));
    check(
        "at at or after 5",
        compare(column("at"), GreaterOrEqual, value(5)),
    );
}

#[test]
fn the_words_of_subqueries_are_columns_where_there_is_none() {
    let mut catalogue = catalogue();
    let mut person = catalogue.tables.iter_mut().find(|it| it.name == "Person");
    for name in ["select", "exists"] {
        let column = Column::new(name, ColumnType::Int);
        person.as_mut().unwrap().columns.push(column);
    }
    let is_null = Condition::IsNull(column("select"));
    for (text, expected) in [
        ("select = 1", equal("select", 1)),
        ("exists = 1", equal("exists", 1)),
        ("select is null", is_null.clone()),
        ("select not in (1) and select is null", {
            let within = Condition::In(column("select"), vec![1.into()]);
            Condition::All(vec![not(within), is_null])
        }),
    ] {
        let found = super::super::condition(&catalogue, "Person", text);
        assert_eq!(Ok(Some(expected)), found, "{text}");
    }
    let sorted = Query::new().sort_by("select desc").sort_by("exists");
    let sort = find(&catalogue, "Person", &sorted, Visibility::Everything);
    let sort = sort.unwrap().sort.into_iter();
    assert_eq!(
        vec![(column("select"), true), (column("exists"), false)],
        sort.map(|sort| (sort.operand, sort.descending))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_path_is_about_any_related_record() {
    let older = compare(column("age"), Greater, value(1));
    check("address.city = 'x'", related("address", equal("city", "x")));
    check("children.age > 1", related("children", older.clone()));
    check(
        "children.children.address.city != 'x'",
        related(
            "children",
            related(
                "children",
                related("address", compare(column("city"), NotEqual, value("x"))),
            ),
        ),
    );
    check(
        "not children.name not like 'a%'",
        not(related(
            "children",
            not(Condition::Like(column("name"), value("a%"))),
        )),
    );
    check(
        "children.age between 1 and children.order",
        related(
            "children",
            Condition::All(vec![
                compare(column("age"), GreaterOrEqual, value(1)),
                compare(column("age"), LessOrEqual, column("order")),
            ]),
        ),
    );
}

#[test]
fn an_inverted_relation_is_about_any_record_that_refers() {
    let by_id = referred("PhoneBook", "contacts", equal("objectId", "ID"));
    check(
        "PhoneBook[contacts].objectId = 'ID' and age > 21 and address.city = 'Tokyo'",
        Condition::All(vec![
            by_id,
            compare(column("age"), Greater, value(21)),
            related("address", equal("city", "Tokyo")),
        ]),
    );
    check(
        "Person[children].address.city = 'x'",
        referred("Person", "children", related("address", equal("city", "x"))),
    );
    check(
        "address.Person[address].PhoneBook[contacts].title = 'x'",
        related(
            "address",
            referred(
                "Person",
                "address",
                referred("PhoneBook", "contacts", equal("title", "x")),
            ),
        ),
    );
}

#[test]
fn a_relation_itself_is_null_if_there_is_no_related_record() {
    let any = related("address", Condition::All(Vec::new()));
    check("address is null", not(any.clone()));
    check("address is not null", not(not(any.clone())));
    check("children.address = null", related("children", not(any)));
}

#[test]
fn functions_and_calculations_are_compared_like_columns() {
    check(
        "lower(name) = 'x'",
        compare(call(Function::Lower, "name"), Equal, value("x")),
    );
    check(
        "YEAR(born) > 2000",
        compare(call(Function::Year, "born"), Greater, value(2000)),
    );
    check(
        "concat(name, '-', 5) like '%'",
        Condition::Like(
            Operand::Function(
                Function::Concat,
                vec![column("name"), value("-"), value("5")],
            ),
            value("%"),
        ),
    );
    let sum = Operand::Calculation(
        Box::new(column("age")),
        Calculation::Add,
        Box::new(Operand::Calculation(
            Box::new(value(2)),
            Calculation::Multiply,
            Box::new(column("score")),
        )),
    );
    check("age+2*score >= 7", compare(sum, GreaterOrEqual, value(7)));
    let moved = Operand::Calculation(
        Box::new(column("created")),
        Calculation::Add,
        Box::new(value(1000)),
    );
    check(
        "updated > (created + 1000)",
        compare(column("updated"), Greater, moved),
    );
    check(
        "upper(address.city) = 'X'",
        related(
            "address",
            compare(call(Function::Upper, "city"), Equal, value("X")),
        ),
    );
}

#[test]
fn having_knows_aggregates_and_aliases() {
    let query = Query {
        properties: texts(&["Avg(score) as averageScore", "name"]),
        group_by: texts(&["name"]),
        having: Some("averageScore>2 and count(*) > 1 and name != 'x'".to_owned()),
        ..Query::default()
    };
    let found = find(&catalogue(), "Person", &query, Visibility::Everything).unwrap();
    let average = Operand::Aggregate(Aggregate::Average, Some(Box::new(column("score"))));
    assert_eq!(
        Some(Condition::All(vec![
            compare(average, Greater, value(2)),
            compare(
                Operand::Aggregate(Aggregate::Count, None),
                Greater,
                value(1)
            ),
            compare(column("name"), NotEqual, value("x")),
        ])),
        found.having
    );
}

#[test]
fn what_does_not_exist_is_named() {
    let unknown = |column: &str, table: &str| {
        (
            1006,
            format!("Column '{column}' does not exist in table '{table}'"),
        )
    };
    assert_eq!(unknown("foo", "Person"), seen(condition("foo = 1")));
    assert_eq!(
        unknown("foo", "Address"),
        seen(condition("address.foo = 1"))
    );
    assert_eq!(
        unknown("address", "Person"),
        seen(condition("address = 'x'"))
    );
    assert_eq!(
        unknown("password", USERS),
        seen(condition("account.password = 'x'"))
    );
    for text in [
        "password = 'x'",
        "lower(password) like 'a%'",
        "password is null",
        "1 = password",
    ] {
        let result = super::super::condition(&catalogue(), USERS, text);
        assert_eq!(unknown("password", USERS), seen(result), "{text}");
    }
    assert_eq!(
        (
            1006,
            "Table 'Person' has no relation 'foo' to another table".to_owned()
        ),
        seen(condition("foo.bar = 1"))
    );
    for text in ["PhoneBook[foo].title = 'x'", "Person[address].name = 'x'"] {
        assert_eq!(1006, seen(condition(text)).0, "{text}");
    }
    assert_eq!(
        (
            1009,
            "Table not found by name 'Table not found by name 'Foo'. Make sure the client class \
             referenced in the API call has the same literal name as the table in Backendless \
             console'"
                .to_owned()
        ),
        seen(condition("Foo[bar].title = 'x'"))
    );
}
