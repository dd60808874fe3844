//! The two ways to the rows that a caller may see: to look at each row, or to go by a short list.

use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};
use sea_query::SqliteQueryBuilder;
use sea_query_rusqlite::{RusqliteValue, RusqliteValues};
use vestibule_model::{Access, Grantee, PermissionOperation, USERS};
use vestibule_sql::{Query, finding};
use vestibule_storage::{
    Comparison, Condition, CountQuery, FindQuery, Operand, Rows, Sort, Visibility, VisibleRows,
};

use super::{ITEM, big_table, list, permits, seen_by};
use crate::samples::*;

/// This column of all rows that a query answers, or of its plan.
fn run<T>(connection: &Connection, explain: &str, column: usize, query: &Query<T>) -> Vec<String> {
    let (sql, values) = query.statement.clone().build(SqliteQueryBuilder);
    let values = RusqliteValues(values.into_iter().map(RusqliteValue).collect());
    let mut statement = connection.prepare(&format!("{explain}{sql}")).unwrap();
    let rows = statement
        .query_map(params_from_iter(&values.0), |row| row.get(column))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn plan<T>(connection: &Connection, query: &Query<T>) -> Vec<String> {
    run(connection, "EXPLAIN QUERY PLAN ", 3, query)
}

#[tokio::test]
async fn the_way_of_those_who_see_few_reads_no_table_from_end_to_end() {
    let (folder, storage) = big_table().await;
    let catalogue = catalogue_of(&storage).await;
    let connection = tool(folder.path());
    let query = list(seen_by(&id("ANN"), "RestUser"));
    let sees_few = finding::sees_few(&catalogue, &query).unwrap().unwrap();
    let few = finding::find_among_few(&catalogue, &query).unwrap();
    let count = CountQuery {
        table: ITEM.to_owned(),
        condition: None,
        distinct: Vec::new(),
        visibility: query.visibility.clone(),
    };
    let count = finding::count(&catalogue, &count).unwrap();
    let by_grantee = "USING COVERING INDEX vestibule_index$vestibule_permission$Item$grantee \
                      (grantee_kind=? AND grantee=? AND operation=? AND access=?)";
    for plan in [
        plan(&connection, &sees_few),
        plan(&connection, &few),
        plan(&connection, &count),
    ] {
        let scans = |step: &String| step.starts_with("SCAN") && step != "SCAN few";
        assert!(!plan.iter().any(scans), "{plan:#?}");
        assert!(
            plan.iter().any(|step| step.ends_with(by_grantee)),
            "{plan:#?}"
        );
        let sorts = |step: &String| step.contains("TEMP B-TREE");
        assert!(
            !plan.iter().any(sorts),
            "in the order of the key: {plan:#?}"
        );
    }
}

#[tokio::test]
async fn nobody_asks_whether_a_caller_sees_few_where_the_answer_changes_nothing() {
    let (_folder, storage) = big_table().await;
    let catalogue = catalogue_of(&storage).await;
    let seen = list(seen_by(&id("ANN"), "RestUser"));
    let by_id = Condition::Compare(
        Operand::Column("objectId".to_owned()),
        Comparison::Equal,
        Operand::Value("SHARED".into()),
    );
    let unsorted = Sort {
        operand: Operand::Column("updated".to_owned()),
        descending: false,
    };
    let of_other_table = FindQuery {
        table: USERS.to_owned(),
        visibility: Visibility::owned_by(&id("ANN")),
        ..seen.clone()
    };
    for query in [
        FindQuery {
            condition: Some(by_id),
            ..seen.clone()
        },
        FindQuery {
            sort: vec![unsorted],
            ..seen.clone()
        },
        list(Visibility::Everything),
        list(Visibility::owned_by(&id("ANN"))),
        of_other_table,
    ] {
        assert!(finding::sees_few(&catalogue, &query).unwrap().is_none());
    }
}

/// The rules that the layers of permissions can make, and some that they do not.
fn rules() -> Vec<Condition> {
    let Rows::Where(owned) = Rows::owned_by(&id("ANN")) else {
        unreachable!("nobody owns everything")
    };
    let ann = || Grantee::User(id("ANN"));
    let reader = || Grantee::Role("Reader".to_owned());
    let guest = || Grantee::Role("GuestUser".to_owned());
    let not = |condition| Condition::Not(Box::new(condition));
    let grants = |grantee| permits(grantee, Access::Grant);
    let denies = |grantee| permits(grantee, Access::Deny);
    let several = Condition::Permits {
        operation: PermissionOperation::Find,
        grantees: vec![ann(), reader(), guest(), Grantee::AllUsers],
        access: Access::Grant,
    };
    vec![
        grants(ann()),
        several.clone(),
        not(grants(ann())),
        not(denies(guest())),
        Condition::Any(vec![grants(ann()), owned.clone()]),
        Condition::Any(vec![grants(ann()), not(denies(guest()))]),
        Condition::All(vec![not(denies(guest())), several.clone()]),
        Condition::All(vec![
            several.clone(),
            Condition::Any(vec![owned.clone(), grants(ann())]),
        ]),
        Condition::Any(vec![
            Condition::All(vec![not(owned.clone()), grants(reader())]),
            Condition::All(vec![
                Condition::Any(vec![grants(ann()), not(owned.clone())]),
                Condition::Any(vec![owned, grants(ann())]),
            ]),
        ]),
        Condition::Any(Vec::new()),
        Condition::All(Vec::new()),
        not(Condition::Any(vec![several, denies(guest())])),
    ]
}

#[tokio::test]
async fn both_ways_find_the_same_rows() {
    let (folder, storage) = big_table().await;
    let catalogue = catalogue_of(&storage).await;
    let connection = tool(folder.path());
    for rule in rules() {
        let visibility = Visibility::ByTable(Arc::new(VisibleRows {
            tables: [(ITEM.to_owned(), Rows::Where(rule.clone()))].into(),
            rest: Rows::Nothing,
        }));
        let mut query = list(visibility);
        query.limit = u64::MAX;
        let [rows, few] = [finding::find, finding::find_among_few].map(|find| {
            let query = find(&catalogue, &query).unwrap();
            run(&connection, "", 0, &query)
        });
        assert_eq!(rows, few, "{rule:?}");
    }
}
