//! What becomes of queries: values are bound, names are the catalogue's, and nothing else gets into a
//! statement.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder, Values};
use serde_json::json;
use vestibule_model::{
    Access, Cardinality, Catalogue, Column, ColumnType, Grantee, ObjectId, PermissionOperation,
    Relation, Table, USERS, Value,
};
use vestibule_sql::{Dialect, Query, SqlCatalogue, finding, related};
use vestibule_storage::{
    Aggregate, Calculation, Comparison, Condition, CountQuery, FindQuery, Function, Operand,
    Output, RelatedQuery, Select, Sort, StorageError, Visibility,
};

/// A text that would do harm as a part of a statement, in any dialect.
const HOSTILE: &str = "x'\"; DROP TABLE y; --";

fn catalogue() -> SqlCatalogue {
    let relation = |name: &str, to_table: &str| Relation {
        name: name.to_owned(),
        to_table: to_table.to_owned(),
        cardinality: Cardinality::OneToMany,
    };
    let mut users = Table::new(USERS);
    users.columns.push(Column::new("email", ColumnType::String));
    users
        .columns
        .push(Column::new("password", ColumnType::String));
    let mut order = Table::new("Order");
    for column_type in ColumnType::ALL {
        let name = column_type.as_str().to_ascii_lowercase();
        order.columns.push(Column::new(name, column_type));
    }
    order.record_permissions = true;
    order.relations = vec![
        relation("items", "Item"),
        relation("customer", USERS),
        relation("next", "Order"),
    ];
    let catalogue = Catalogue {
        tables: vec![Table::new("Item"), order, users],
    };
    SqlCatalogue::new(catalogue, Dialect::Sqlite)
}

fn column(name: &str) -> Operand {
    Operand::Column(name.to_owned())
}

fn value(value: impl Into<Value>) -> Operand {
    Operand::Value(value.into())
}

fn equal(name: &str, other: impl Into<Value>) -> Condition {
    Condition::Compare(column(name), Comparison::Equal, value(other))
}

fn related_to(relation: &str, condition: Condition) -> Condition {
    Condition::Related {
        relation: relation.to_owned(),
        condition: Box::new(condition),
    }
}

fn referred_by(by_table: &str, relation: &str, condition: Condition) -> Condition {
    Condition::Referred {
        by_table: by_table.to_owned(),
        relation: relation.to_owned(),
        condition: Box::new(condition),
    }
}

fn output(operand: Operand) -> Output {
    Output {
        name: "output".to_owned(),
        operand,
        column_type: ColumnType::Text,
    }
}

/// Everything of this table.
fn all_of(table: &str) -> FindQuery {
    FindQuery {
        table: table.to_owned(),
        select: Select::Records(Vec::new()),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility: Visibility::Everything,
    }
}

fn matching(table: &str, condition: Condition) -> FindQuery {
    FindQuery {
        condition: Some(condition),
        ..all_of(table)
    }
}

fn children(relation: &str) -> RelatedQuery {
    RelatedQuery {
        table: "Order".to_owned(),
        relation: relation.to_owned(),
        parents: vec![ObjectId::parse("P").unwrap()],
        outputs: Vec::new(),
        condition: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility: Visibility::Everything,
    }
}

fn built<T>(query: &Query<T>) -> (String, Values) {
    query.statement.clone().build(SqliteQueryBuilder)
}

fn find(query: &FindQuery) -> Result<String, StorageError> {
    finding::find(&catalogue(), query).map(|query| built(&query).0)
}

fn load(query: &RelatedQuery) -> Result<String, StorageError> {
    related::of_parents(&catalogue(), query, &query.parents).map(|query| built(&query).0)
}

/// Every way for a value to get into a condition, with one in each of them.
fn conditions_with(text: &str) -> Vec<Condition> {
    let calculated = Operand::Calculation(
        Box::new(column("int")),
        Calculation::Divide,
        Box::new(value(text)),
    );
    let mut conditions = vec![
        equal("string", text),
        equal("text", text),
        equal("string_id", text),
        equal("json", text),
        equal("json", Value::Json(json!({ text: [text] }))),
        Condition::Compare(value(text), Comparison::Less, column("string")),
        Condition::Compare(value(text), Comparison::NotEqual, value(text)),
        Condition::Compare(column("double"), Comparison::Greater, calculated.clone()),
        Condition::Like(column("string"), value(text)),
        Condition::Like(value(text), column("string")),
        Condition::In(column("string"), vec![text.into(), Value::Null]),
        Condition::IsNull(value(text)),
        Condition::IsTrue(value(text)),
        Condition::Permits {
            operation: PermissionOperation::Find,
            grantees: vec![
                Grantee::Role(text.to_owned()),
                Grantee::AllRoles,
                Grantee::User(ObjectId::parse(text).unwrap()),
            ],
            access: Access::Grant,
        },
        Condition::HasRole(text.to_owned()),
        related_to("customer", Condition::HasRole(text.to_owned())),
        referred_by("Order", "next", equal("string", text)),
        related_to("next", related_to("next", equal("string", text))),
    ];
    let functions = [
        Function::Lower,
        Function::Upper,
        Function::Length,
        Function::Concat,
        Function::Substring,
        Function::Trim,
        Function::Abs,
        Function::Round,
        Function::Date,
        Function::Time,
        Function::Year,
        Function::Month,
        Function::Day,
        Function::Hour,
        Function::Minute,
        Function::Second,
    ];
    for function in functions {
        let operand = Operand::Function(function, vec![value(text)]);
        conditions.push(Condition::IsNull(operand));
    }
    let maximum = Operand::Aggregate(Aggregate::Maximum, Some(Box::new(value(text))));
    conditions.push(Condition::IsNull(maximum));
    let inner = conditions.clone();
    conditions.push(Condition::Not(Box::new(Condition::Any(inner.clone()))));
    conditions.push(Condition::All(inner));
    conditions
}

#[test]
fn no_text_of_a_caller_becomes_part_of_a_statement() {
    for (condition, harmless) in conditions_with(HOSTILE)
        .into_iter()
        .zip(conditions_with("harmless"))
    {
        let texts = |condition: Condition, text: &str| {
            let operand = Operand::Function(Function::Lower, vec![value(text)]);
            let mut query = matching("Order", condition.clone());
            query.having = Some(condition.clone());
            query.group_by = vec![operand.clone()];
            query.sort = vec![Sort {
                operand: operand.clone(),
                descending: true,
            }];
            query.select = Select::Computed {
                outputs: vec![output(operand.clone())],
                distinct: true,
            };
            query.visibility = Visibility::owned_by(&ObjectId::parse("OWNER").unwrap());
            let count = CountQuery {
                table: "Order".to_owned(),
                condition: Some(condition.clone()),
                distinct: vec![operand.clone()],
                visibility: Visibility::Everything,
            };
            let load = RelatedQuery {
                condition: Some(condition),
                outputs: vec![output(operand.clone())],
                sort: query.sort.clone(),
                ..children("next")
            };
            let catalogue = catalogue();
            let find = finding::find(&catalogue, &query).unwrap().statement;
            let count = finding::count(&catalogue, &count).unwrap().statement;
            let load = related::of_parents(&catalogue, &load, &load.parents).unwrap();
            [find, count, load.statement].map(|statement| {
                [
                    statement.clone().build(SqliteQueryBuilder).0,
                    statement.build(PostgresQueryBuilder).0,
                ]
            })
        };
        let hostile = texts(condition, HOSTILE);
        assert!(
            hostile
                .as_flattened()
                .iter()
                .all(|sql| !sql.contains("DROP")),
            "{hostile:#?}"
        );
        assert_eq!(
            texts(harmless, "harmless"),
            hostile,
            "one shape of a query is one statement, so that it is compiled once"
        );
    }
}

#[test]
fn names_of_outputs_are_no_part_of_a_statement() {
    let mut query = all_of("Order");
    query.select = Select::Records(vec![Output {
        name: HOSTILE.to_owned(),
        ..output(column("string"))
    }]);
    assert!(!find(&query).unwrap().contains("DROP"));
    let load = RelatedQuery {
        outputs: vec![Output {
            name: HOSTILE.to_owned(),
            ..output(column("string"))
        }],
        ..children("next")
    };
    assert!(!self::load(&load).unwrap().contains("DROP"));
}

#[test]
fn values_are_bound_as_what_the_column_holds() {
    let bound = |condition| {
        let query = finding::find(&catalogue(), &matching("Order", condition)).unwrap();
        built(&query).1.0.remove(0)
    };
    assert_eq!(sea_query::Value::from(7.0), bound(equal("double", 7)));
    assert_eq!(sea_query::Value::from(7_i64), bound(equal("int", 7)));
    assert_eq!(sea_query::Value::from(7.5), bound(equal("int", 7.5)));
    assert_eq!(sea_query::Value::from(true), bound(equal("boolean", true)));
    assert_eq!(
        sea_query::Value::from(json!("a")),
        bound(equal("json", "a"))
    );
    assert_eq!(
        sea_query::Value::Double(None),
        bound(equal("double", f64::NAN))
    );
    assert_eq!(
        sea_query::Value::BigInt(None),
        bound(equal("datetime", Value::Null))
    );
}

#[track_caller]
fn refuses_column<T: std::fmt::Debug>(table: &str, column: &str, result: Result<T, StorageError>) {
    match result {
        Err(StorageError::UnknownColumn {
            table: found,
            column: named,
        }) => assert_eq!((table, column), (&*found, &*named)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_column_that_nobody_may_name_is_unknown_in_every_place() {
    for (table, name) in [(USERS, "password"), ("Order", HOSTILE), ("Order", "STRING")] {
        let place = |change: fn(&mut FindQuery, Operand)| {
            let mut query = all_of(table);
            change(&mut query, column(name));
            find(&query)
        };
        let in_condition = |query: &mut FindQuery, operand| {
            query.condition = Some(Condition::IsNull(operand));
        };
        refuses_column(table, name, place(in_condition));
        let compared = |query: &mut FindQuery, operand| {
            let comparison = Condition::Compare(operand, Comparison::Less, value("a"));
            query.condition = Some(Condition::Not(Box::new(comparison)));
        };
        refuses_column(table, name, place(compared));
        let having = |query: &mut FindQuery, operand| {
            let count = Operand::Aggregate(Aggregate::Minimum, Some(Box::new(operand)));
            query.having = Some(Condition::Like(count, value("$argon2%")));
        };
        refuses_column(table, name, place(having));
        refuses_column(
            table,
            name,
            place(|query, operand| query.group_by.push(operand)),
        );
        let sorted = |query: &mut FindQuery, operand| {
            query.sort.push(Sort {
                operand,
                descending: false,
            });
        };
        refuses_column(table, name, place(sorted));
        let selected = |query: &mut FindQuery, operand| {
            query.select = Select::Records(vec![output(operand)]);
        };
        refuses_column(table, name, place(selected));
        let computed = |query: &mut FindQuery, operand| {
            let operand = Operand::Function(Function::Length, vec![operand]);
            query.select = Select::Computed {
                outputs: vec![output(operand)],
                distinct: true,
            };
        };
        refuses_column(table, name, place(computed));
        let count = CountQuery {
            table: table.to_owned(),
            condition: None,
            distinct: vec![column(name)],
            visibility: Visibility::Everything,
        };
        let count = finding::count(&catalogue(), &count);
        refuses_column(table, name, count);
    }
}

#[test]
fn the_password_is_unknown_through_relations_too() {
    let probe = || Condition::IsNull(column("password"));
    let through = related_to("customer", probe());
    refuses_column(USERS, "password", find(&matching("Order", through)));
    let around = referred_by("Order", "customer", related_to("customer", probe()));
    refuses_column(USERS, "password", find(&matching(USERS, around)));
    let load = RelatedQuery {
        condition: Some(probe()),
        ..children("customer")
    };
    refuses_column(USERS, "password", self::load(&load));
    let load = RelatedQuery {
        outputs: vec![output(column("password"))],
        ..children("customer")
    };
    refuses_column(USERS, "password", self::load(&load));
}

#[test]
fn unknown_tables_and_relations_are_refused() {
    let unknown = find(&all_of("order"));
    assert!(
        matches!(&unknown, Err(StorageError::UnknownTable { table }) if table == "order"),
        "{unknown:?}"
    );
    let nobody = Condition::All(Vec::new());
    let through = |condition| find(&matching("Order", condition));
    refuses_column(
        "Order",
        HOSTILE,
        through(related_to(HOSTILE, nobody.clone())),
    );
    refuses_column(
        "Order",
        "string",
        through(related_to("string", nobody.clone())),
    );
    refuses_column(
        "Order",
        "items",
        // It leads to the table Item.
        through(referred_by("Order", "items", nobody.clone())),
    );
    let by_nothing = through(referred_by(HOSTILE, "items", nobody));
    assert!(
        matches!(by_nothing, Err(StorageError::UnknownTable { .. })),
        "{by_nothing:?}"
    );
    refuses_column("Order", HOSTILE, load(&children(HOSTILE)));
}

#[test]
fn what_may_be_seen_is_part_of_every_table_in_a_statement() {
    let visibility = Visibility::owned_by(&ObjectId::parse("OWNER").unwrap());
    let everything = Condition::All(Vec::new());
    let condition = Condition::Any(vec![
        related_to("items", referred_by("Order", "items", everything.clone())),
        related_to("next", everything),
    ]);
    let mut query = matching("Order", condition.clone());
    query.visibility = visibility.clone();
    let sql = find(&query).unwrap();
    assert_eq!(4, sql.matches(r#""ownerId" = ?"#).count(), "{sql}");
    let load = RelatedQuery {
        condition: Some(condition),
        visibility,
        ..children("next")
    };
    let sql = self::load(&load).unwrap();
    assert_eq!(4, sql.matches(r#""ownerId" = ?"#).count(), "{sql}");
}

#[test]
fn long_clauses_are_flat_trees() {
    let terms: Vec<_> = (0..1_000).map(|term| equal("int", term)).collect();
    let sql = find(&matching("Order", Condition::Any(terms))).unwrap();
    let mut depth = 0_i32;
    let mut deepest = 0;
    for character in sql.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    assert!(deepest <= 10, "{deepest}");
    assert_eq!(1_000, sql.matches(r#""int" = ?"#).count());
}

#[test]
fn a_statement_is_compiled_for_a_handful_of_numbers_of_parents() {
    let load = |count: u32| {
        let parents: Vec<_> = (0..count)
            .map(|number| ObjectId::parse(&format!("P{number}")).unwrap())
            .collect();
        let query = children("items");
        let query = related::of_parents(&catalogue(), &query, &parents).unwrap();
        built(&query).0
    };
    assert_eq!(load(5), load(8));
    assert_ne!(load(8), load(9));
    let ids: Vec<_> = (0..2_500)
        .map(|number| ObjectId::parse(&format!("P{}", number % 2_000)).unwrap())
        .collect();
    let parts: Vec<_> = related::parts(&ids).iter().map(Vec::len).collect();
    assert_eq!([1_024, 976], *parts, "and each parent is asked for once");
}
