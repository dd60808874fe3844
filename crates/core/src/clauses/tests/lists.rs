use vestibule_storage::{Aggregate, Calculation, FindQuery, Function, Select, Visibility};

use super::{
    super::{
        count, expression, find, offset, page_size, projection::outputs_of_record, related, table,
    },
    *,
};

fn found(query: &Query) -> Result<FindQuery, Error> {
    find(&catalogue(), "Person", query, Visibility::Everything)
}

/// The names of the outputs, and whether rows are computed.
fn names(query: &Query) -> (Vec<String>, bool) {
    let (outputs, computed) = match found(query).unwrap().select {
        Select::WholeRecords => return (all_but_id(), false),
        Select::Records(outputs) => (outputs, false),
        Select::Computed { outputs, .. } => (outputs, true),
    };
    let names = outputs.into_iter().map(|output| output.name).collect();
    (names, computed)
}

fn all_but_id() -> Vec<String> {
    let catalogue = catalogue();
    let table = table(&catalogue, "Person").unwrap();
    outputs_of_record(table)
        .into_iter()
        .map(|output| output.name)
        .collect()
}

#[test]
fn a_page_has_1_to_100_records_and_begins_anywhere() {
    assert_eq!(Ok(10), page_size(None));
    assert_eq!(Ok(100), page_size(Some(100)));
    for (asked, code) in [
        (0, 1005),
        (-1, 1005),
        (101, 1025),
        (1_000_000_000_000, 1025),
    ] {
        assert_eq!(code, seen(page_size(Some(asked))).0, "{asked}");
    }
    assert_eq!(Ok(0), offset(None));
    assert_eq!(Ok(i64::MAX.unsigned_abs()), offset(Some(i64::MAX)));
    assert_eq!(1004, seen(offset(Some(-1))).0);
}

#[test]
fn a_plain_projection_answers_records() {
    assert_eq!((all_but_id(), false), names(&query(&[])));
    assert_eq!((all_but_id(), false), names(&query(&["", " "])));
    assert_eq!(
        (texts(&["name"]), false),
        names(&query(&["name", "objectId"]))
    );
    assert_eq!(
        (texts(&["name", "Alter"]), false),
        names(&query(&["name,age as Alter"]))
    );
    let mut everything = all_but_id();
    everything.push("Age".to_owned());
    assert_eq!((everything, false), names(&query(&["*", "age as Age"])));
    let excluded = Query {
        exclude_properties: all_but_id(),
        ..Query::default()
    };
    assert_eq!((Vec::new(), false), names(&excluded));
}

#[test]
fn a_function_without_alias_has_a_name_of_its_own() {
    let query = Query {
        exclude_properties: texts(&["name"]),
        ..query(&["*", "TIME(created)"])
    };
    let (names, computed) = names(&query);
    assert!(!computed);
    assert!(names.contains(&"Time".to_owned()) && names.contains(&"created".to_owned()));
    assert!(!names.contains(&"name".to_owned()));
    assert_eq!(
        (texts(&["count"]), true),
        self::names(&super::query(&["Count(objectId)"]))
    );
}

#[test]
fn a_list_that_was_cut_at_every_comma_is_put_together() {
    let cut = query(&["concat(name", " '-'", "nick) as both", "age"]);
    assert_eq!((texts(&["both", "age"]), false), names(&cut));
}

#[test]
fn groups_and_aggregates_answer_what_was_asked_for_only() {
    let grouped = |properties: &[&str], group_by: &[&str]| Query {
        group_by: texts(group_by),
        ..query(properties)
    };
    let average = grouped(&["Avg(age) as avgAge"], &["name"]);
    assert_eq!((texts(&["avgAge"]), true), names(&average));
    assert_eq!(
        (texts(&["avgAge"]), true),
        names(&grouped(&["Avg(age) as avgAge"], &[]))
    );
    assert_eq!(
        (texts(&["name", "Year"]), true),
        names(&grouped(&[], &["name", "year(born)"]))
    );
    let two_years = &["year(born)", "year(created)"];
    assert_eq!(
        (texts(&["count"]), true),
        names(&grouped(&["count(*)"], two_years))
    );
    assert_eq!(8008, seen(found(&grouped(&[], two_years))).0);
    let by_alias = grouped(&["year(born) as y", "count(*)"], &["y"]);
    assert_eq!((texts(&["y", "count"]), true), names(&by_alias));
    assert_eq!(
        vec![Operand::Function(Function::Year, vec![column("born")])],
        found(&by_alias).unwrap().group_by
    );
    for wrong in [
        grouped(&["name", "count(*)"], &[]),
        grouped(&["name"], &["age"]),
        grouped(&["*"], &["age"]),
        grouped(&[], &["count(*)"]),
        grouped(&[], &["5"]),
        grouped(&[], &["tags"]),
        grouped(&["sum(count(age))"], &[]),
        grouped(&["sum(name)"], &[]),
        grouped(&["avg(delivered)"], &[]),
        grouped(&["max(tags)"], &[]),
    ] {
        assert_eq!(8008, seen(found(&wrong)).0, "{wrong:?}");
    }
}

#[test]
fn distinct_rows_have_no_id_unless_it_was_asked_for() {
    let distinct = |properties: &[&str]| Query {
        distinct: true,
        ..query(properties)
    };
    assert_eq!((texts(&["name"]), true), names(&distinct(&["name"])));
    assert_eq!(
        (texts(&["objectId", "name"]), true),
        names(&distinct(&["objectId", "name"]))
    );
    assert_eq!((all_but_id(), false), names(&distinct(&[])));
    let without_id = Query {
        exclude_properties: texts(&["objectId", "created"]),
        ..distinct(&[])
    };
    let (names, computed) = names(&without_id);
    assert!(computed && !names.contains(&"objectId".to_owned()));
    let by_id = Query {
        group_by: texts(&["objectId"]),
        ..distinct(&["name"])
    };
    assert_eq!((texts(&["name"]), true), self::names(&by_id));
}

#[test]
fn sorting_knows_columns_aliases_functions_and_directions() {
    let sorted = |sort_by: &[&str]| Query {
        sort_by: texts(sort_by),
        ..query(&["*", "age as years"])
    };
    let sort = |sort_by: &[&str]| -> Vec<(Operand, bool)> {
        let sort = found(&sorted(sort_by)).unwrap().sort;
        sort.into_iter()
            .map(|sort| (sort.operand, sort.descending))
            .collect()
    };
    assert_eq!(vec![(column("age"), false)], sort(&["age"]));
    assert_eq!(
        vec![(column("age"), true), (column("name"), false)],
        sort(&["age DESC,name Asc"])
    );
    assert_eq!(
        vec![(column("age"), true), (column("score"), false)],
        sort(&["years desc", "", "score"])
    );
    let lower = Operand::Function(Function::Lower, vec![column("name")]);
    assert_eq!(vec![(lower, false)], sort(&["lower(name)"]));
    for wrong in [
        "age upwards",
        "age asc desc",
        "count(*)",
        "address.city",
        "age;",
        ",",
    ] {
        assert_eq!(8008, seen(found(&sorted(&[wrong]))).0, "{wrong}");
    }
    assert_eq!(1006, seen(found(&sorted(&["foo"]))).0);
    assert_eq!(8008, seen(found(&sorted(&["age"; 21]))).0);
}

#[test]
fn computed_rows_are_sorted_by_what_they_have() {
    let grouped = |sort_by: &str| Query {
        group_by: texts(&["name"]),
        sort_by: texts(&[sort_by]),
        ..query(&["name", "count(*) as many"])
    };
    let many = Operand::Aggregate(Aggregate::Count, None);
    assert_eq!(many, found(&grouped("many desc")).unwrap().sort[0].operand);
    assert!(found(&grouped("name")).is_ok() && found(&grouped("max(age)")).is_ok());
    assert_eq!(8008, seen(found(&grouped("age"))).0);
    let distinct = |sort_by: &str| Query {
        distinct: true,
        sort_by: texts(&[sort_by]),
        ..query(&["name"])
    };
    assert!(found(&distinct("name desc")).is_ok());
    assert_eq!(8008, seen(found(&distinct("age"))).0);
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    for (property, code) in [
        ("foo", 1006),
        ("address", 1006),
        ("address.city", 8008),
        ("5", 8008),
        ("'x' as y,", 0),
        ("age as objectId", 8008),
        ("age as ___class", 8008),
        ("age as name, name", 8008),
        ("age as", 8008),
        ("age + 1", 8008),
        ("age = 1 as x", 8008),
        ("(select 1)", 8008),
        ("evil(age)", 8008),
    ] {
        let result = found(&query(&[property]));
        let seen = result.map_or_else(|error| error.code().number(), |_| 0);
        assert_eq!(code, seen, "{property}");
    }
    let many: Vec<String> = (0..251).map(|number| format!("age as a{number}")).collect();
    let many = Query {
        properties: many,
        ..Query::default()
    };
    assert_eq!(8008, seen(found(&many)).0);
    let excluded = Query {
        exclude_properties: texts(&["foo"]),
        ..Query::default()
    };
    assert_eq!(1006, seen(found(&excluded)).0);
}

#[test]
fn the_password_of_a_user_cannot_be_named_anywhere() {
    let password = || texts(&["password"]);
    let empty = Query::default;
    for query in [
        query(&["password"]),
        query(&["lower(password) as p"]),
        query(&["count(password)"]),
        Query {
            exclude_properties: password(),
            ..empty()
        },
        Query {
            sort_by: password(),
            ..empty()
        },
        Query {
            group_by: password(),
            ..empty()
        },
        Query {
            group_by: texts(&["email"]),
            having: Some("max(password) > 'a'".to_owned()),
            ..empty()
        },
        Query {
            where_clause: Some("password like 'a%'".to_owned()),
            ..empty()
        },
    ] {
        let result = find(&catalogue(), USERS, &query, Visibility::Everything);
        let expected = "Column 'password' does not exist in table 'Users'".to_owned();
        assert_eq!((1006, expected), seen(result), "{query:?}");
    }
    let found = find(&catalogue(), USERS, &empty(), Visibility::Everything).unwrap();
    assert!(!format!("{found:?}").contains("password"));
}

#[test]
fn a_count_is_of_rows_groups_or_different_values() {
    let counted = |query: &Query| {
        count(&catalogue(), "Person", query, Visibility::Everything).map(|count| count.distinct)
    };
    assert_eq!(Ok(Vec::new()), counted(&Query::default()));
    let distinct = Query {
        distinct: true,
        ..Query::default()
    };
    assert_eq!(Ok(Vec::new()), counted(&distinct));
    let distinct = Query {
        distinct: true,
        ..query(&["name"])
    };
    assert_eq!(Ok(vec![column("name")]), counted(&distinct));
    let groups = Query {
        distinct: true,
        group_by: texts(&["name", "age"]),
        ..Query::default()
    };
    assert_eq!(Ok(vec![column("name"), column("age")]), counted(&groups));
    let having = Query {
        having: Some("count(*) > 1".to_owned()),
        ..groups
    };
    assert_eq!(19001, seen(counted(&having)).0);
}

#[test]
fn related_records_are_found_like_others() {
    let related = |relation: &str, query: &Query| {
        related(
            &catalogue(),
            "Person",
            relation,
            Vec::new(),
            query,
            Visibility::Nothing,
        )
    };
    let query = Query {
        where_clause: Some("city = 'x'".to_owned()),
        sort_by: texts(&["city"]),
        page_size: Some(20),
        ..Query::default()
    };
    let found = related("address", &query).unwrap();
    assert_eq!(
        ("Person", "address", 20),
        (&*found.table, &*found.relation, found.limit)
    );
    assert_eq!(Some(equal("city", "x")), found.condition);
    assert_eq!(Visibility::Nothing, found.visibility);
    assert_eq!(1127, seen(related("foo", &query)).0);
    assert_eq!(
        8008,
        seen(related("address", &super::query(&["count(*)"]))).0
    );
}

#[test]
fn an_expression_fits_its_column() {
    let expression = |name: &str, text: &str| {
        let catalogue = catalogue();
        let column = table(&catalogue, "Person").unwrap().column(name).unwrap();
        expression(&catalogue, "Person", column, text)
    };
    let more = Operand::Calculation(
        Box::new(column("age")),
        Calculation::Add,
        Box::new(value(1)),
    );
    assert_eq!(Ok(more), expression("age", "age + 1"));
    assert!(expression("age", "score * 2").is_ok());
    assert!(expression("name", "concat(name, '!')").is_ok());
    assert!(expression("born", "born + 86400000").is_ok());
    assert!(expression("delivered", "true").is_ok());
    for (name, text, code) in [
        ("age", "", 8008),
        ("age", "name", 8008),
        ("name", "age", 8008),
        ("age", "age = 1", 8008),
        ("age", "max(age)", 8008),
        ("age", "children.age", 8008),
        ("age", "foo + 1", 1006),
        ("age", "age + 1; drop table Users", 8008),
    ] {
        assert_eq!(code, seen(expression(name, text)).0, "{text}");
    }
}
