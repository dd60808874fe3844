//! The first permission of a table's records changes the schema, and the others do not.

use vestibule_model::{Access, Grantee, PermissionOperation, RecordPermission};

use super::*;

fn permit(record: &str) -> Change {
    Change::PutRecordPermission {
        table: "Item".to_owned(),
        id: ObjectId::parse(record).unwrap(),
        permission: RecordPermission {
            grantee: Grantee::User(ObjectId::parse("ANN").unwrap()),
            operation: PermissionOperation::Find,
            access: Access::Grant,
        },
    }
}

#[test]
fn of_several_first_permissions_of_a_table_each_counts_and_none_that_is_undone() {
    let (_folder, connection, catalogue) = database_with_items();
    let ann = ObjectId::parse("ANN").unwrap();
    let lists = [
        vec![item("A"), item("B"), insert("ANN", 1)],
        vec![permit("A"), Change::Require(nobody())],
        vec![permit("nothing")],
        vec![permit("A")],
        vec![permit("B")],
        // It was asked for when no record had permissions.
        vec![Change::RemoveUser { id: ann }],
        vec![permit("A")],
        vec![drop_table("Item")],
        vec![permit("B")],
    ];
    let (jobs, answers): (Vec<_>, Vec<_>) = lists
        .map(|changes| job(&catalogue, changes))
        .into_iter()
        .unzip();
    let (last_jobs, jobs) = {
        let mut jobs = jobs;
        (jobs.split_off(6), jobs)
    };
    run(&connection, &catalogue, jobs);
    let permissions = |connection: &Connection| -> i64 {
        let count = r#"SELECT count(*) FROM "vestibule_permission$Item""#;
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(0, permissions(&connection), "they went with the user");
    assert!(
        catalogue
            .current()
            .table("Item")
            .unwrap()
            .record_permissions
    );
    run(&connection, &catalogue, last_jobs);
    let answers: Vec<_> = answers
        .into_iter()
        .map(|mut answer| answer.try_recv().unwrap())
        .collect();
    for at in [0, 3, 4, 5, 6, 7] {
        assert!(answers[at].is_ok(), "{at}: {answers:?}");
    }
    for at in [1, 2] {
        let refused = matches!(answers[at], Err(StorageError::Refused { .. }));
        assert!(refused, "{at}: {answers:?}");
    }
    assert!(
        matches!(answers[8], Err(StorageError::SchemaChanged)),
        "{answers:?}"
    );
    let table = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'vestibule_permission$%'";
    let left: i64 = connection.query_row(table, [], |row| row.get(0)).unwrap();
    assert_eq!(0, left);
    assert_eq!(catalogue::load(&connection).unwrap(), *catalogue.current());
}
