//! Reads that would keep a reader busy for ever.

use vestibule_model::{Cardinality, Clock, Column, ColumnType, Monotonic, Relation, SystemClock};
use vestibule_storage::{
    Assignment, Change, Condition, FindQuery, Function, NewRecord, Operand, Output, RecordUpdate,
    Records, Select, Storage, StorageError, Visibility,
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

/// A record with a text, of the table `Note`.
async fn note(options: SqliteOptions, text: String) -> Sqlite {
    let storage = Sqlite::open(options).unwrap();
    let changes = vec![
        Change::CreateTable {
            name: "Note".to_owned(),
        },
        Change::AddColumn {
            table: "Note".to_owned(),
            column: Column::new("text", ColumnType::Text),
        },
        Change::InsertRecord(NewRecord {
            table: "Note".to_owned(),
            id: id("N"),
            owner_id: None,
            at: vestibule_model::Timestamp::from_millis(1),
            properties: [("text".to_owned(), text.into())].into(),
        }),
    ];
    storage.apply(changes).await.unwrap();
    storage
}

fn text() -> Operand {
    Operand::Column("text".to_owned())
}

/// These values of each note that is so.
fn notes(condition: Option<Condition>, outputs: Vec<Operand>) -> FindQuery {
    let outputs = outputs.into_iter().enumerate();
    FindQuery {
        table: "Note".to_owned(),
        select: Select::Records(
            outputs
                .map(|(at, operand)| Output {
                    name: format!("text{at}"),
                    operand,
                    column_type: ColumnType::Text,
                })
                .collect(),
        ),
        condition,
        ..knows(0)
    }
}

const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn a_pattern_that_takes_minutes_to_compare_is_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        read_instructions: 1_000_000,
        ..options(folder.path())
    };
    let storage = note(options, "a".repeat(MEBIBYTE)).await;
    let like = |pattern: String| {
        let pattern = Operand::Value(pattern.into());
        notes(Some(Condition::Like(text(), pattern)), Vec::new())
    };
    let clock = SystemClock::start();
    let expensive = storage
        .find(&like(format!("%{}b", "a".repeat(40_000))))
        .await;
    assert!(
        matches!(expensive, Err(StorageError::TooExpensive)),
        "{expensive:?}"
    );
    let within = Monotonic::default().plus(std::time::Duration::from_secs(30));
    assert!(clock.monotonic() < within);
    let found = storage.find(&like("%A%a_".to_owned())).await.unwrap();
    assert_eq!(1, found.len());
}

#[tokio::test]
async fn an_answer_of_too_many_bytes_is_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let storage = note(options(folder.path()), "a".repeat(MEBIBYTE)).await;
    assert_eq!(
        1,
        storage
            .find(&notes(None, vec![text(); 60]))
            .await
            .unwrap()
            .len()
    );
    let expensive = storage.find(&notes(None, vec![text(); 70])).await;
    assert!(
        matches!(expensive, Err(StorageError::TooExpensive)),
        "{expensive:?}"
    );
}

#[tokio::test]
async fn texts_put_together_have_an_end_in_reads_and_in_writes() {
    let folder = tempfile::tempdir().unwrap();
    let storage = note(options(folder.path()), "a".repeat(MEBIBYTE)).await;
    let long = Operand::Function(Function::Concat, vec![text(); 70]);
    let length = Operand::Function(Function::Length, vec![long.clone()]);
    let refused = storage.find(&notes(None, vec![length])).await;
    assert!(
        matches!(refused, Err(StorageError::OutOfRange)),
        "{refused:?}"
    );
    let update = Change::UpdateRecord(RecordUpdate {
        table: "Note".to_owned(),
        id: id("N"),
        assignments: vec![("text".to_owned(), Assignment::Expression(long))],
        at: vestibule_model::Timestamp::from_millis(2),
        visibility: Visibility::Everything,
    });
    let refused = storage.apply(vec![update]).await;
    assert!(
        matches!(refused, Err(StorageError::OutOfRange)),
        "{refused:?}"
    );
}
