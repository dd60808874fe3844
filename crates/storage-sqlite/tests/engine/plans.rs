//! How SQLite goes about the reads that count, and which indexes there are.

use rusqlite::{Connection, params_from_iter};
use sea_query::SqliteQueryBuilder;
use sea_query_rusqlite::{RusqliteValue, RusqliteValues};
use vestibule_model::{Selector, USERS};
use vestibule_sql::{Query, SqlCatalogue, finding, sessions, timers, users};
use vestibule_storage::{FindQuery, Select, Storage, Visibility};

use crate::samples::*;

/// The steps of the plan of a query, in the words of SQLite.
fn plan<T>(connection: &Connection, query: &Query<T>) -> Vec<String> {
    let (sql, values) = query.statement.clone().build(SqliteQueryBuilder);
    let values = RusqliteValues(values.into_iter().map(RusqliteValue).collect());
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let details = statement
        .query_map(params_from_iter(&values.0), |row| row.get(3))
        .unwrap();
    details.collect::<Result<_, _>>().unwrap()
}

async fn database() -> (tempfile::TempDir, Connection, SqlCatalogue) {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let catalogue = catalogue_of(&storage).await;
    storage.close().await;
    let connection = tool(folder.path());
    (folder, connection, catalogue)
}

#[tokio::test]
async fn the_reads_that_count_go_straight_to_their_rows() {
    let (_folder, connection, catalogue) = database().await;
    assert_eq!(
        [
            "SEARCH vestibule_session USING PRIMARY KEY (selector=?)",
            "SEARCH Users USING PRIMARY KEY (objectId=?)",
            "SEARCH vestibule_assigned_role USING PRIMARY KEY (user_id=?) LEFT-JOIN",
        ],
        *plan(
            &connection,
            &sessions::by_selector(Selector::from_bytes([1; 16]))
        )
    );
    assert_eq!(
        ["SEARCH vestibule_session USING INDEX vestibule_session_user (user_id=?)"],
        *plan(&connection, &sessions::of_user(&id("G"))),
        "the index gives the order, too"
    );
    assert_eq!(
        ["SEARCH Users USING PRIMARY KEY (objectId=?)"],
        *plan(&connection, &users::by_id(&catalogue, &id("G")))
    );
    assert_eq!(
        [
            "SEARCH Users USING PRIMARY KEY (objectId=?)",
            "SEARCH vestibule_failed_login USING PRIMARY KEY (user_id=?) LEFT-JOIN",
        ],
        *plan(&connection, &users::account_by_id(&catalogue, &id("G")))
    );
    assert_eq!(
        [
            "SEARCH Users USING INDEX vestibule_index$Users$email (email=?)",
            "SEARCH vestibule_failed_login USING PRIMARY KEY (user_id=?) LEFT-JOIN",
        ],
        *plan(
            &connection,
            &users::account_by_identity(&catalogue, "ann@example.com")
        )
    );
}

/// A page of users whom somebody may see.
fn users_seen(visibility: Visibility) -> FindQuery {
    FindQuery {
        table: USERS.to_owned(),
        select: Select::Records(Vec::new()),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility,
    }
}

#[tokio::test]
async fn a_page_of_all_users_is_read_in_the_order_of_the_table() {
    let (_folder, connection, catalogue) = database().await;
    let query = users_seen(Visibility::Everything);
    let plan = plan(&connection, &finding::find(&catalogue, &query).unwrap());
    assert_eq!(["SCAN Users"], *plan, "and nothing is sorted");
}

#[tokio::test]
async fn timers_are_read_in_the_order_of_their_table() {
    let (_folder, connection, _) = database().await;
    let plan = plan(&connection, &timers::all());
    assert_eq!(["SCAN vestibule_timer"], *plan, "and nothing is sorted");
}

#[tokio::test]
async fn what_somebody_owns_is_found_without_reading_all_users() {
    let (_folder, connection, catalogue) = database().await;
    let query = users_seen(Visibility::owned_by(&id("G")));
    let plan = plan(&connection, &finding::find(&catalogue, &query).unwrap());
    assert!(
        plan.iter().all(|step| !step.starts_with("SCAN")),
        "{plan:#?}"
    );
}

#[tokio::test]
async fn there_is_no_index_but_those_with_a_reason() {
    let (_folder, connection, _) = database().await;
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    let mut names: Vec<String> = names.collect::<Result<_, _>>().unwrap();
    names.sort();
    assert_eq!(
        [
            "vestibule_assigned_role_role",
            "vestibule_index$Users$email",
            "vestibule_index$Users$owned_by_others",
            "vestibule_one_time_link_expires",
            "vestibule_permission_grantee",
            "vestibule_role_name",
            "vestibule_session_last_used",
            "vestibule_session_user"
        ],
        *names
    );
}
