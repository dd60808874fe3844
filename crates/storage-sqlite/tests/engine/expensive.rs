//! Reads that would keep a reader busy for ever.

use vestibule_model::{Cardinality, Relation};
use vestibule_storage::{
    Change, Condition, FindQuery, NewRecord, Operand, Records, Select, Storage, StorageError,
    Visibility,
};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::samples::*;

/// Twenty records, each related to all of them.
async fn everybody_knows_everybody(options: SqliteOptions) -> Sqlite {
    let storage = Sqlite::open(options).unwrap();
    let names: Vec<_> = (0..20).map(|number| id(&format!("P{number}"))).collect();
    let mut changes = vec![
        Change::CreateTable {
            name: "Person".to_owned(),
        },
        Change::AddRelation {
            table: "Person".to_owned(),
            relation: Relation {
                name: "knows".to_owned(),
                to_table: "Person".to_owned(),
                cardinality: Cardinality::OneToMany,
            },
        },
    ];
    changes.extend(names.iter().map(|id| {
        Change::InsertRecord(NewRecord {
            table: "Person".to_owned(),
            id: id.clone(),
            owner_id: None,
            at: vestibule_model::Timestamp::from_millis(1),
            properties: [].into(),
        })
    }));
    changes.extend(names.iter().map(|parent| Change::Link {
        table: "Person".to_owned(),
        relation: "knows".to_owned(),
        parent: parent.clone(),
        children: names.clone(),
        visibility: Visibility::Everything,
    }));
    storage.apply(changes).await.unwrap();
    storage
}

/// Whoever knows somebody who knows somebody ... who was changed: nobody, which takes a walk along
/// every path of that length to find out.
fn knows(steps: u32) -> FindQuery {
    let changed = Operand::Column("updated".to_owned());
    let changed = Condition::Not(Box::new(Condition::IsNull(changed)));
    let path = (0..steps).fold(changed, |condition, _| Condition::Related {
        relation: "knows".to_owned(),
        condition: Box::new(condition),
    });
    FindQuery {
        table: "Person".to_owned(),
        select: Select::Records(Vec::new()),
        condition: Some(path),
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility: Visibility::Everything,
    }
}

#[tokio::test]
async fn a_read_that_is_too_much_work_is_broken_off_and_the_next_one_works() {
    let folder = tempfile::tempdir().unwrap();
    let storage = everybody_knows_everybody(SqliteOptions {
        read_instructions: 1_000_000,
        readers: 1,
        ..options(folder.path())
    })
    .await;
    assert!(storage.find(&knows(2)).await.unwrap().is_empty());
    for _ in 0..2 {
        let expensive = storage.find(&knows(10)).await;
        assert!(
            matches!(expensive, Err(StorageError::TooExpensive)),
            "{expensive:?}"
        );
        assert!(storage.find(&knows(2)).await.unwrap().is_empty());
    }
}
