use tempfile::TempDir;
use tokio::sync::oneshot;
use vestibule_model::{Column, ColumnType, ObjectId, Timestamp, User, UserStatus};
use vestibule_storage::{Change, Constraint, NewRecord, NewUser, Precondition};

use super::*;
use crate::{
    Durability, SqliteOptions, connection, folder::FolderLock, handle::Handle, migrations,
    writer::Origin,
};

mod record_permissions;
mod savepoints;

type Answer = oneshot::Receiver<Result<Applied, StorageError>>;

/// A database of at most 100 pages.
fn database() -> (TempDir, Handle, SharedCatalogue) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        durability: Durability::Off,
        max_page_count: Some(100),
        ..SqliteOptions::in_folder(folder.path())
    };
    let lock = Arc::new(FolderLock::take(folder.path()).unwrap());
    let mut connection = connection::for_writing(&options, &lock).unwrap();
    migrations::run(&mut connection, &options).unwrap();
    let catalogue = SharedCatalogue::new(catalogue::load(&connection).unwrap());
    (folder, connection, catalogue)
}

fn job(catalogue: &SharedCatalogue, changes: Vec<Change>) -> (Job, Answer) {
    let (reply, answer) = oneshot::channel();
    let catalogue = catalogue.current();
    let steps = render::steps(steps::of(&changes, &catalogue).unwrap());
    let origin = Some(Origin { changes, catalogue });
    let job = Job {
        steps,
        origin,
        reply,
    };
    (job, answer)
}

fn insert(name: &str, length: usize) -> Change {
    let id = ObjectId::parse(name).unwrap();
    let mut user = User::new(id, UserStatus::Guest, Timestamp::default());
    let text = "x".repeat(length);
    user.properties.insert("name".to_owned(), text.into());
    Change::InsertUser(NewUser {
        user,
        password: None,
    })
}

/// Makes the first batch of a server.
fn run(connection: &Connection, catalogue: &SharedCatalogue, jobs: Vec<Job>) {
    Batches::default().run(connection, catalogue, jobs);
}

/// One that tries without savepoints first, and one that does not.
fn both_ways() -> [Batches; 2] {
    [Batches::default(), Batches { careful: 1 }]
}

fn nobody() -> Precondition {
    Precondition::UserExists(ObjectId::parse("NOBODY").unwrap())
}

fn count_users(connection: &Connection) -> i64 {
    connection
        .query_row(r#"SELECT count(*) FROM "Users""#, [], |row| row.get(0))
        .unwrap()
}

#[test]
fn a_job_that_fails_is_undone_alone() {
    for mut batches in both_ways() {
        let (_folder, connection, catalogue) = database();
        let (first, mut first_answer) = job(&catalogue, vec![insert("A", 1)]);
        let refused = vec![insert("B", 1), Change::Require(nobody())];
        let (second, mut second_answer) = job(&catalogue, refused);
        let (third, mut third_answer) = job(&catalogue, vec![insert("C", 1)]);
        batches.run(&connection, &catalogue, vec![first, second, third]);

        assert!(first_answer.try_recv().unwrap().is_ok());
        let second = second_answer.try_recv().unwrap();
        assert!(
            matches!(second, Err(StorageError::Refused { .. })),
            "{second:?}"
        );
        assert!(third_answer.try_recv().unwrap().is_ok());
        assert_eq!(2, count_users(&connection));
    }
}

#[test]
fn a_full_disk_fails_the_whole_batch_and_leaves_nothing_of_it() {
    for mut batches in both_ways() {
        let (_folder, connection, catalogue) = database();
        let lists =
            [("A", 1), ("B", 1_000_000), ("C", 1)].map(|(name, length)| vec![insert(name, length)]);
        fails_on_a_full_disk(&mut batches, &connection, &catalogue, lists);
        assert_eq!(0, count_users(&connection));

        let (next, mut answer) = job(&catalogue, vec![insert("D", 1)]);
        batches.run(&connection, &catalogue, vec![next]);
        assert!(answer.try_recv().unwrap().is_ok());
        assert_eq!(1, count_users(&connection));
    }
}

#[test]
fn a_full_disk_takes_back_a_change_of_the_schema() {
    let (_folder, connection, catalogue) = database();
    let lists = [
        vec![insert("A", 1), create("Order")],
        vec![insert("B", 1_000_000)],
    ];
    fails_on_a_full_disk(&mut Batches::default(), &connection, &catalogue, lists);
    assert_eq!(catalogue::load(&connection).unwrap(), *catalogue.current());
}

#[track_caller]
fn fails_on_a_full_disk<const N: usize>(
    batches: &mut Batches,
    connection: &Connection,
    catalogue: &SharedCatalogue,
    lists: [Vec<Change>; N],
) {
    let committed = catalogue.current();
    let (jobs, answers): (Vec<_>, Vec<_>) = lists
        .map(|changes| job(catalogue, changes))
        .into_iter()
        .unzip();
    batches.run(connection, catalogue, jobs);
    for mut answer in answers {
        match answer.try_recv().unwrap() {
            Err(StorageError::Unavailable { source }) => {
                assert_eq!("database or disk is full", source.to_string());
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(connection.is_autocommit());
    assert_eq!(committed, catalogue.current());
}

#[test]
fn a_failed_commit_fails_everybody() {
    for mut batches in both_ways() {
        let (_folder, connection, catalogue) = database();
        // With each user comes a broken reference, which is looked for at the commit only.
        connection
            .execute_batch(
                r#"CREATE TABLE "Broken" (
                       "user" REFERENCES "Users" ("objectId") DEFERRABLE INITIALLY DEFERRED
                   );
                   CREATE TRIGGER "break" AFTER INSERT ON "Users" BEGIN
                       INSERT INTO "Broken" VALUES ('NOBODY');
                   END"#,
            )
            .unwrap();
        let (jobs, answers): (Vec<_>, Vec<_>) = ["A", "B"]
            .map(|name| job(&catalogue, vec![insert(name, 1)]))
            .into_iter()
            .unzip();
        batches.run(&connection, &catalogue, jobs);
        for mut answer in answers {
            let answer = answer.try_recv().unwrap();
            assert!(
                matches!(answer, Err(StorageError::Unavailable { .. })),
                "{answer:?}"
            );
        }
        assert_eq!(0, count_users(&connection));
        assert!(connection.is_autocommit(), "the next batch can begin");
    }
}

fn create(name: &str) -> Change {
    Change::CreateTable {
        name: name.to_owned(),
    }
}

fn drop_table(name: &str) -> Change {
    Change::DropTable {
        name: name.to_owned(),
    }
}

fn add_stock(column_type: ColumnType) -> Change {
    Change::AddColumn {
        table: "Item".to_owned(),
        column: Column::new("stock", column_type),
    }
}

fn item(name: &str) -> Change {
    Change::InsertRecord(NewRecord {
        table: "Item".to_owned(),
        id: ObjectId::parse(name).unwrap(),
        owner_id: None,
        at: Timestamp::default(),
        properties: [("stock".to_owned(), 7.into())].into(),
    })
}

/// A database with the table `Item`, which has a stock.
fn database_with_items() -> (TempDir, Handle, SharedCatalogue) {
    let (folder, connection, catalogue) = database();
    let (make, mut made) = job(&catalogue, vec![create("Item"), add_stock(ColumnType::Int)]);
    run(&connection, &catalogue, vec![make]);
    made.try_recv().unwrap().unwrap();
    (folder, connection, catalogue)
}

#[test]
fn the_new_catalogue_is_there_before_anybody_is_answered() {
    let (_folder, connection, catalogue) = database();
    let (make, answer) = job(&catalogue, vec![create("Item")]);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            answer.blocking_recv().unwrap().unwrap();
            catalogue.current()
        });
        run(&connection, &catalogue, vec![make]);
        reader.join().unwrap()
    });
    assert!(seen.table("Item").is_some());
    assert_eq!(catalogue::load(&connection).unwrap(), *seen);
}

#[test]
fn a_job_that_is_undone_publishes_nothing() {
    let (_folder, connection, catalogue) = database();
    let before = catalogue.current();
    let (undone, mut answer) = job(&catalogue, vec![create("Item"), Change::Require(nobody())]);
    let (other, _) = job(&catalogue, vec![insert("A", 1)]);
    run(&connection, &catalogue, vec![undone, other]);
    answer.try_recv().unwrap().unwrap_err();
    assert!(Arc::ptr_eq(&before, &catalogue.current()));
    assert_eq!(*before, catalogue::load(&connection).unwrap());
}

#[test]
fn who_waits_behind_a_change_of_the_schema_meets_the_new_one() {
    let (_folder, connection, catalogue) = database_with_items();
    let recreate = vec![
        drop_table("Item"),
        create("Item"),
        add_stock(ColumnType::Double),
    ];
    let lists = [
        vec![item("A")],
        recreate,
        // A double from here on, although it was a whole number when this was asked for.
        vec![item("B")],
        vec![create("Item")],
        vec![drop_table("Item")],
        vec![item("C")],
        vec![create("Item"), add_stock(ColumnType::Boolean)],
        vec![item("D")],
    ];
    let (jobs, answers): (Vec<_>, Vec<_>) = lists
        .map(|changes| job(&catalogue, changes))
        .into_iter()
        .unzip();
    run(&connection, &catalogue, jobs);
    let answers: Vec<_> = answers
        .into_iter()
        .map(|mut answer| answer.try_recv().unwrap())
        .collect();
    for at in [0, 1, 2, 4, 6] {
        assert!(answers[at].is_ok(), "{at}: {answers:?}");
    }
    let expected = Constraint::TableName("Item".to_owned());
    assert!(
        matches!(&answers[3], Err(StorageError::Conflict { constraint }) if *constraint == expected),
        "{answers:?}"
    );
    // There is no table; then it holds something else.
    for at in [5, 7] {
        assert!(
            matches!(answers[at], Err(StorageError::SchemaChanged)),
            "{at}: {answers:?}"
        );
    }
    assert_eq!(catalogue::load(&connection).unwrap(), *catalogue.current());
}

#[test]
fn a_table_that_got_a_relation_meanwhile_is_removed_with_its_links() {
    let (_folder, connection, catalogue) = database_with_items();
    let relation = vestibule_model::Relation {
        name: "similar".to_owned(),
        to_table: "Item".to_owned(),
        cardinality: vestibule_model::Cardinality::OneToMany,
    };
    let relate = Change::AddRelation {
        table: "Item".to_owned(),
        relation,
    };
    let (relate, mut related) = job(&catalogue, vec![relate]);
    let (remove, mut removed) = job(&catalogue, vec![drop_table("Item")]);
    run(&connection, &catalogue, vec![relate, remove]);
    related.try_recv().unwrap().unwrap();
    removed.try_recv().unwrap().unwrap();
    let left: i64 = connection
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%Item%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(0, left);
}

#[test]
fn what_another_tool_removed_is_a_change_of_the_schema() {
    let (_folder, connection, catalogue) = database_with_items();
    for gone in [
        r#"ALTER TABLE "Item" DROP COLUMN "stock""#,
        r#"DROP TABLE "Item""#,
    ] {
        connection.execute_batch(gone).unwrap();
        let (write, mut answer) = job(&catalogue, vec![item("A")]);
        run(&connection, &catalogue, vec![write]);
        let answer = answer.try_recv().unwrap();
        assert!(
            matches!(answer, Err(StorageError::SchemaChanged)),
            "{answer:?}"
        );
    }
}
