//! How SQLite goes about roles, permissions, one-time links and the identity.

use rusqlite::{Connection, params_from_iter};
use sea_query::SqliteQueryBuilder;
use sea_query_rusqlite::{RusqliteValue, RusqliteValues};
use vestibule_model::{
    Access, Column, ColumnType, Grantee, LinkPurpose, PermissionOperation, RecordPermission,
    Selector, Timestamp, USERS,
};
use vestibule_sql::{SqlCatalogue, Statement, finding, one_time_links, roles, steps, users};
use vestibule_storage::{
    Change, Comparison, Condition, FindQuery, NewRecord, Operand, Precondition, Select, Storage,
    Visibility,
};

use crate::samples::*;

const ITEM: &str = "Item";

struct Rights {
    _folder: tempfile::TempDir,
    connection: Connection,
    catalogue: SqlCatalogue,
}

impl Rights {
    /// A database with a table whose records have permissions, and with another identity than email.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = open(folder.path());
        let changes = vec![
            Change::AddColumn {
                table: USERS.to_owned(),
                column: Column::new("nick", ColumnType::String),
            },
            Change::SetIdentity {
                column: "nick".to_owned(),
            },
            Change::CreateTable {
                name: ITEM.to_owned(),
            },
            Change::InsertRecord(NewRecord {
                table: ITEM.to_owned(),
                id: id("A"),
                owner_id: None,
                at: Timestamp::from_millis(1),
                properties: [].into(),
            }),
            Change::PutRecordPermission {
                table: ITEM.to_owned(),
                id: id("A"),
                permission: RecordPermission {
                    grantee: Grantee::AllUsers,
                    operation: PermissionOperation::Find,
                    access: Access::Grant,
                },
            },
        ];
        storage.apply(changes).await.unwrap();
        let catalogue = catalogue_of(&storage).await;
        storage.close().await;
        Self {
            connection: tool(folder.path()),
            _folder: folder,
            catalogue,
        }
    }

    /// The steps of the plan of a statement, in the words of SQLite.
    fn plan(&self, statement: impl Into<Statement>) -> Vec<String> {
        let (sql, values) = statement.into().build(SqliteQueryBuilder);
        let values = RusqliteValues(values.into_iter().map(RusqliteValue).collect());
        let mut statement = self
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let details = statement
            .query_map(params_from_iter(&values.0), |row| row.get(3))
            .unwrap();
        details.collect::<Result<_, _>>().unwrap()
    }

    fn find(&self, table: &str, condition: Condition) -> Vec<String> {
        let query = FindQuery {
            table: table.to_owned(),
            select: Select::Records(Vec::new()),
            condition: Some(condition),
            group_by: Vec::new(),
            having: None,
            sort: Vec::new(),
            offset: 0,
            limit: 10,
            visibility: Visibility::Everything,
        };
        self.plan(finding::find(&self.catalogue, &query).unwrap().statement)
    }

    /// The plans of the statements that make a change.
    fn change(&self, change: Change) -> Vec<Vec<String>> {
        let steps = steps::of(&[change], &self.catalogue).unwrap();
        let plans = steps.into_iter().map(|step| self.plan(step.statement));
        plans.collect()
    }
}

fn permits() -> Condition {
    Condition::Permits {
        operation: PermissionOperation::Find,
        grantees: vec![
            Grantee::User(id("ANN")),
            Grantee::AllUsers,
            Grantee::Role("Support".to_owned()),
            Grantee::Role("Editor".to_owned()),
        ],
        access: Access::Grant,
    }
}

fn equal(column: &str, value: &str) -> Condition {
    Condition::Compare(
        Operand::Column(column.to_owned()),
        Comparison::Equal,
        Operand::Value(value.into()),
    )
}

#[track_caller]
fn scans_nothing(plan: &[String]) {
    assert!(
        plan.iter().all(|step| !step.starts_with("SCAN")),
        "{plan:#?}"
    );
}

#[tokio::test]
async fn the_roles_of_users_are_found_by_their_ids_and_users_by_their_roles() {
    let rights = Rights::new().await;
    let roles_of = roles::of_users(&[id("ANN"), id("BEN")]);
    assert_eq!(
        ["SEARCH vestibule_assigned_role USING PRIMARY KEY (user_id=?)"],
        *rights.plan(roles_of.statement),
        "the key gives the order, too"
    );
    let has_role = rights.find(USERS, Condition::HasRole("Support".to_owned()));
    let expected = "SEARCH Users USING PRIMARY KEY (objectId=?)";
    assert_eq!(expected, has_role[0], "{has_role:#?}");
    scans_nothing(&has_role);
    assert!(
        has_role
            .iter()
            .any(|step| step.contains("vestibule_assigned_role_role (role=?)")),
        "{has_role:#?}"
    );
}

#[tokio::test]
async fn what_a_record_permits_is_read_from_its_own_permissions() {
    let rights = Rights::new().await;
    let by_key = |plan: &[String]| {
        let last = plan.last().unwrap();
        let key = "USING PRIMARY KEY (object_id=? AND operation=?";
        assert!(
            last.starts_with("SEARCH permission$0") && last.contains(key),
            "{plan:#?}"
        );
    };
    for condition in [permits(), Condition::Not(Box::new(permits()))] {
        let by_id = Condition::All(vec![equal("objectId", "A"), condition.clone()]);
        let plan = rights.find(ITEM, by_id);
        assert_eq!("SEARCH Item USING PRIMARY KEY (objectId=?)", plan[0]);
        by_key(&plan);
        let page = rights.find(ITEM, condition);
        assert_eq!("SCAN Item", page[0], "in the order of the page");
        by_key(&page);
        assert!(
            !page.iter().any(|step| step.contains("B-TREE")),
            "{page:#?}"
        );
    }
    // Nothing is looked for where no record has permissions.
    let plan = rights.find(USERS, permits());
    assert_eq!(["SCAN Users"], *plan);
    let is = Precondition::RecordIs {
        table: ITEM.to_owned(),
        id: id("A"),
        condition: Box::new(permits()),
    };
    for plan in rights.change(Change::Require(is)) {
        scans_nothing(&plan);
    }
}

#[tokio::test]
async fn whatever_goes_with_a_user_or_a_role_is_found_by_index() {
    let rights = Rights::new().await;
    let removals = [
        Change::RemoveUser { id: id("ANN") },
        Change::DropRole {
            name: "Support".to_owned(),
        },
    ];
    for removal in removals {
        let plans = rights.change(removal);
        for plan in &plans {
            scans_nothing(plan);
        }
        for index in [
            "vestibule_permission_grantee",
            "vestibule_index$vestibule_permission$Item$grantee",
        ] {
            assert!(
                plans.concat().iter().any(|step| step.contains(index)),
                "{plans:#?}"
            );
        }
    }
    // What SQLite does by itself when the rows go that are referred to.
    for (table, column) in [
        ("vestibule_assigned_role", "user_id"),
        ("vestibule_assigned_role", "role"),
        ("vestibule_one_time_link", "user_id"),
        ("vestibule_permission$Item", "object_id"),
    ] {
        let sql = format!(r#"EXPLAIN QUERY PLAN DELETE FROM "{table}" WHERE "{column}" = 'x'"#);
        let mut statement = rights.connection.prepare(&sql).unwrap();
        let plan: String = statement.query_row([], |row| row.get(3)).unwrap();
        assert!(plan.starts_with("SEARCH"), "{plan}");
    }
}

#[tokio::test]
async fn one_time_links_are_found_without_reading_all_of_them() {
    let rights = Rights::new().await;
    let selector = Selector::from_bytes([1; 16]);
    assert_eq!(
        ["SEARCH vestibule_one_time_link USING PRIMARY KEY (selector=?)"],
        *rights.plan(one_time_links::by_selector(selector).statement)
    );
    let of_user = one_time_links::of_user(&id("ANN"), LinkPurpose::ConfirmEmail);
    let plan = rights.plan(of_user.statement);
    assert!(plan[0].ends_with("(user_id=? AND purpose=?)"), "{plan:?}");
    let now = Timestamp::from_millis(1);
    for plan in rights.change(Change::RemoveExpiredOneTimeLinks { now }) {
        assert!(plan[0].ends_with("(expires<?)"), "{plan:?}");
    }
}

#[tokio::test]
async fn any_identity_is_found_by_its_index_and_email_still_is() {
    let rights = Rights::new().await;
    let by_identity = users::account_by_identity(&rights.catalogue, "annie");
    let by_nick = "SEARCH Users USING INDEX vestibule_index$Users$nick (nick=?)";
    assert_eq!(by_nick, rights.plan(by_identity.statement)[0]);
    let covering = "SEARCH Users USING COVERING INDEX vestibule_index$Users";
    for (column, value) in [("nick", "annie"), ("email", "ann@example.com")] {
        let plan = rights.find(USERS, equal(column, value));
        let expected = format!("{covering}${column} ({column}=?)");
        assert_eq!(expected, plan[0], "{plan:#?}");
    }
}
