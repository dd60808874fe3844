//! Saves that would take more than there is room for, and saves at the same time.

use serde_json::json;
use vestibule::prelude::*;
use vestibule_model::COLUMNS_AT_MOST;

use crate::records::{create, open, refused};

/// A row with so many columns.
fn wide(name: &str, columns: usize) -> Properties {
    (0..columns)
        .map(|column| (format!("{name}{column}"), Value::from(1)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_at_once_cannot_make_more_columns_than_a_table_may_have() {
    let kit = open().await;
    create(&kit, "Order", json!({})).await.unwrap();
    let mut saves = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        let (engine, request) = (kit.engine().clone(), kit.anonymous().request().await);
        let save = Create::new("Order", wide(name, 200));
        saves.push(tokio::spawn(async move {
            engine.submit(request, save).await.outcome
        }));
    }
    let mut made = 0;
    for save in saves {
        match save.await.unwrap() {
            Ok(_) => made += 1,
            outcome => drop(refused(1149, outcome)),
        }
    }
    let catalogue = kit.engine().catalogue().await.unwrap();
    let columns = catalogue.table("Order").unwrap().columns.len();
    assert_eq!((1, 204), (made, columns));
    assert!(columns <= COLUMNS_AT_MOST);
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_at_once_of_one_new_table_and_column_all_work_out() {
    let kit = open().await;
    let mut saves = Vec::new();
    for _ in 0..16 {
        let (engine, request) = (kit.engine().clone(), kit.anonymous().request().await);
        let save = Create::new("Order", wide("a", 1));
        saves.push(tokio::spawn(async move {
            engine.submit(request, save).await.outcome
        }));
    }
    for save in saves {
        save.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_body_full_of_new_names_is_refused_before_they_are_all_compared() {
    let kit = open().await;
    let save = Create::new("Order", wide("a", 100_000));
    // Comparing each with each would take minutes.
    refused(1149, kit.anonymous().submit(save).await);
    let catalogue = kit.engine().catalogue().await.unwrap();
    assert!(catalogue.table("Order").is_none());
}
