//! How SQLite goes about the cleanup of guests: no step of it walks all users or all sessions.

use rusqlite::{Connection, params_from_iter};
use sea_query::SqliteQueryBuilder;
use sea_query_rusqlite::RusqliteValues;
use vestibule_model::{ActivityTime, Cardinality, ObjectId, Relation, Selector, Timestamp, USERS};
use vestibule_sql::{Query, SqlCatalogue, gone, owning, steps};
use vestibule_storage::{Change, Expiry, GonePlace, GoneQuery, Precondition, Storage};

use crate::samples::*;

struct Database {
    _folder: tempfile::TempDir,
    connection: Connection,
    catalogue: SqlCatalogue,
}

impl Database {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = open(folder.path());
        let table = Change::CreateTable {
            name: "Item".to_owned(),
        };
        let relation = Change::AddRelation {
            table: "Item".to_owned(),
            relation: Relation {
                name: "makers".to_owned(),
                to_table: USERS.to_owned(),
                cardinality: Cardinality::OneToMany,
            },
        };
        storage.apply(vec![table, relation]).await.unwrap();
        let catalogue = catalogue_of(&storage).await;
        storage.close().await;
        Self {
            connection: tool(folder.path()),
            _folder: folder,
            catalogue,
        }
    }

    fn explain(&self, (sql, values): (String, sea_query::Values)) -> Vec<String> {
        let values = values.into_iter().map(sea_query_rusqlite::RusqliteValue);
        let values = RusqliteValues(values.collect());
        let mut statement = self
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let details = statement
            .query_map(params_from_iter(&values.0), |row| row.get(3))
            .unwrap();
        details.collect::<Result<_, _>>().unwrap()
    }

    fn read<T>(&self, query: &Query<T>) -> Vec<String> {
        self.explain(query.statement.clone().build(SqliteQueryBuilder))
    }

    /// The plans of the statements that make a change, one behind the other.
    fn write(&self, change: Change) -> Vec<String> {
        let steps = steps::of(&[change], &self.catalogue).unwrap();
        let plans = steps
            .iter()
            .map(|step| self.explain(step.statement.clone().build(SqliteQueryBuilder)));
        plans.flatten().collect()
    }
}

fn expiry() -> Expiry {
    Expiry {
        last_used: Some(ActivityTime::from_millis(1)),
        created: Some(Timestamp::from_millis(1)),
    }
}

fn page(after: Option<GonePlace>) -> Query<gone::Candidate> {
    let query = GoneQuery {
        expiry: expiry(),
        now: Timestamp::from_millis(1),
        after,
        limit: 10,
    };
    gone::candidates(&query).unwrap()
}

fn selector() -> Selector {
    Selector::from_bytes([1; 16])
}

/// What every page asks of a candidate.
const OF_A_CANDIDATE: [&str; 3] = [
    "SEARCH Users USING PRIMARY KEY (objectId=?)",
    "SEARCH other$ USING INDEX vestibule_session_user (user_id=?)",
    "SEARCH vestibule_kept_guest USING PRIMARY KEY (user_id=?)",
];

#[track_caller]
fn check_page(database: &Database, after: Option<GonePlace>, candidates: &str) {
    let mut plan = database.read(&page(after));
    plan.retain(|step| !step.starts_with("CORRELATED SCALAR SUBQUERY"));
    let (first, rest) = plan.split_first().unwrap();
    assert_eq!(candidates, first);
    assert_eq!(OF_A_CANDIDATE, *rest, "and nothing is sorted");
}

#[tokio::test]
async fn pages_of_those_who_are_gone_are_read_in_the_order_of_an_index() {
    let database = Database::new().await;
    check_page(&database, None, "SCAN vestibule_departed_guest");
    check_page(
        &database,
        Some(GonePlace::Departed(id("G"))),
        "SEARCH vestibule_departed_guest USING PRIMARY KEY (user_id>?)",
    );
    check_page(
        &database,
        Some(GonePlace::Unused(None)),
        "SEARCH vestibule_session USING INDEX vestibule_session_last_used (last_used<?)",
    );
    let place = Some((ActivityTime::from_millis(1), selector()));
    check_page(
        &database,
        Some(GonePlace::Unused(place)),
        "SEARCH vestibule_session USING INDEX vestibule_session_last_used \
         ((last_used,selector)>(?,?) AND last_used<?)",
    );
    check_page(
        &database,
        Some(GonePlace::Old(None)),
        "SEARCH vestibule_session USING PRIMARY KEY (selector<?)",
    );
    let place = Some((Timestamp::from_millis(1), selector()));
    check_page(
        &database,
        Some(GonePlace::Old(place)),
        "SEARCH vestibule_session USING PRIMARY KEY (selector>? AND selector<?)",
    );
}

#[tokio::test]
async fn no_other_question_about_a_guest_walks_a_table() {
    let database = Database::new().await;
    let tables = owning::parts(&database.catalogue).concat();
    let guest = || id("G");
    let catalogue = &database.catalogue;
    let reads = [
        database.read(&owning::rows_in(catalogue, &tables, &guest())),
        database.read(&owning::owners_in(catalogue, &tables, &[guest(), id("H")])),
        database.read(&gone::kept(Some(&guest()), 10)),
    ];
    let changes = [
        Change::Require(Precondition::GuestIsGone {
            id: guest(),
            expiry: expiry(),
            now: Timestamp::from_millis(1),
        }),
        Change::Require(Precondition::OwnsNothing(guest())),
        Change::KeepGuest {
            id: guest(),
            until: Timestamp::from_millis(1),
        },
        Change::EndSessions(vec![selector()]),
        Change::EndDeadSessions {
            selectors: vec![selector()],
            expiry: expiry(),
        },
        Change::EndSessionsOf {
            user_id: guest(),
            except: None,
        },
        Change::RemoveUser { id: guest() },
        Change::MoveSessions {
            from: guest(),
            to: id("H"),
        },
        Change::MoveLinks {
            table: "Item".to_owned(),
            relation: "makers".to_owned(),
            from: id("A"),
            to: id("B"),
        },
        Change::MoveReferences {
            table: "Item".to_owned(),
            relation: "makers".to_owned(),
            from: guest(),
            to: id("H"),
        },
        give("Item", guest()),
        give(USERS, guest()),
        Change::RemoveOwned {
            table: "Item".to_owned(),
            owner: guest(),
            limit: 10,
        },
    ];
    let writes = changes.map(|change| database.write(change));
    for step in reads.iter().chain(&writes).flatten() {
        assert!(!step.starts_with("SCAN"), "{reads:#?} {writes:#?}");
    }
}

fn give(table: &str, from: ObjectId) -> Change {
    Change::MoveOwnership {
        table: table.to_owned(),
        from,
        to: id("H"),
    }
}
