//! How SQLite goes about the reads of records that count.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::{Connection, params_from_iter};
use sea_query::SqliteQueryBuilder;
use sea_query_rusqlite::{RusqliteValue, RusqliteValues};
use vestibule_model::{Cardinality, Column, ColumnType, ObjectId, Relation, USERS};
use vestibule_sql::{Query, SqlCatalogue, finding, related};
use vestibule_storage::{
    Change, Comparison, Condition, CountQuery, FindQuery, Operand, RelatedQuery, Rows, Select,
    Sort, Storage, Visibility, VisibleRows,
};

use crate::samples::*;

struct Shop {
    _folder: tempfile::TempDir,
    connection: Connection,
    catalogue: SqlCatalogue,
}

impl Shop {
    /// A database with a table that has an indexed column, and one that is related to it.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = open(folder.path());
        let table = |name: &str| Change::CreateTable {
            name: name.to_owned(),
        };
        let column = |name: &str, indexed| Change::AddColumn {
            table: "Item".to_owned(),
            column: Column {
                indexed,
                ..Column::new(name, ColumnType::String)
            },
        };
        let relation = |name: &str, to_table: &str| Change::AddRelation {
            table: "Order".to_owned(),
            relation: Relation {
                name: name.to_owned(),
                to_table: to_table.to_owned(),
                cardinality: Cardinality::OneToMany,
            },
        };
        let changes = vec![
            table("Item"),
            table("Order"),
            column("code", true),
            column("name", false),
            relation("items", "Item"),
            relation("customers", USERS),
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

    /// The steps of the plan of a query, in the words of SQLite.
    fn plan<T>(&self, query: &Query<T>) -> Vec<String> {
        let (sql, values) = query.statement.clone().build(SqliteQueryBuilder);
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

    fn find(&self, query: &FindQuery) -> Vec<String> {
        self.plan(&finding::find(&self.catalogue, query).unwrap())
    }

    fn matching(&self, condition: Condition) -> Vec<String> {
        self.find(&FindQuery {
            condition: Some(condition),
            ..all_of("Item")
        })
    }
}

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

fn column(name: &str) -> Operand {
    Operand::Column(name.to_owned())
}

fn equal(name: &str, text: &str) -> Condition {
    Condition::Compare(column(name), Comparison::Equal, Operand::Value(text.into()))
}

#[tokio::test]
async fn an_equality_is_found_by_its_index_which_gives_the_order_too() {
    let shop = Shop::new().await;
    let by_code = ["SEARCH Item USING COVERING INDEX vestibule_index$Item$code (code=?)"];
    assert_eq!(by_code, *shop.matching(equal("code", "x")));
    assert_eq!(
        ["SEARCH Item USING INDEX vestibule_index$Item$code (code=?)"],
        *shop.matching(Condition::All(vec![
            equal("name", "y"),
            equal("code", "x"),
            equal("ownerId", "z"),
        ])),
    );
    let by_id = ["SEARCH Item USING PRIMARY KEY (objectId=?)"];
    assert_eq!(by_id, *shop.matching(equal("objectId", "x")));
}

#[tokio::test]
async fn a_whole_record_is_found_by_its_id_and_not_by_its_owner() {
    let shop = Shop::new().await;
    let owner = ObjectId::parse("00000000-0000-4000-8000-000000000000").unwrap();
    for rows in [Rows::All, Rows::owned_by(&owner)] {
        let visible = VisibleRows {
            tables: BTreeMap::new(),
            rest: rows,
        };
        let query = FindQuery {
            select: Select::WholeRecords,
            condition: Some(equal("objectId", "x")),
            visibility: Visibility::ByTable(Arc::new(visible)),
            ..all_of("Item")
        };
        let by_id = ["SEARCH Item USING PRIMARY KEY (objectId=?)"];
        assert_eq!(by_id, *shop.find(&query));
    }
}

#[tokio::test]
async fn a_page_in_the_default_order_is_read_in_the_order_of_the_table() {
    let shop = Shop::new().await;
    for table in ["Item", "Order", USERS] {
        let scan = format!("SCAN {table}");
        assert_eq!([scan], *shop.find(&all_of(table)), "and nothing is sorted");
    }
}

#[tokio::test]
async fn a_page_of_the_latest_is_read_in_the_order_of_an_index() {
    let shop = Shop::new().await;
    for (name, descending) in [("created", true), ("code", true), ("objectId", false)] {
        let mut query = all_of("Item");
        query.sort.push(Sort {
            operand: column(name),
            descending,
        });
        let plan = shop.find(&query);
        assert_eq!(1, plan.len(), "nothing is sorted: {plan:#?}");
    }
}

#[tokio::test]
async fn what_somebody_owns_is_found_without_reading_everything() {
    let shop = Shop::new().await;
    for table in ["Item", USERS] {
        let mut query = all_of(table);
        query.visibility = Visibility::owned_by(&id("ANN"));
        let plan = shop.find(&query);
        assert!(
            plan.iter().all(|step| !step.starts_with("SCAN")),
            "{plan:#?}"
        );
    }
}

#[tokio::test]
async fn nobody_who_may_see_nothing_costs_anything() {
    let shop = Shop::new().await;
    let mut query = all_of("Item");
    query.visibility = Visibility::Nothing;
    let (sql, _) = finding::find(&shop.catalogue, &query)
        .unwrap()
        .statement
        .build(SqliteQueryBuilder);
    assert!(sql.contains("WHERE FALSE"), "{sql}");
}

#[tokio::test]
async fn related_records_are_loaded_without_reading_everything() {
    let shop = Shop::new().await;
    for (relation, table) in [("items", "Item"), ("customers", USERS)] {
        let query = RelatedQuery {
            table: "Order".to_owned(),
            relation: relation.to_owned(),
            parents: vec![id("A"), id("B")],
            outputs: Vec::new(),
            condition: None,
            sort: Vec::new(),
            offset: 0,
            limit: 10,
            visibility: Visibility::owned_by(&id("ANN")),
        };
        let query = related::of_parents(&shop.catalogue, &query, &query.parents).unwrap();
        let plan = shop.plan(&query);
        for step in [
            "SEARCH link$ USING PRIMARY KEY (parent=?)",
            "SEARCH row$1 USING PRIMARY KEY (objectId=?)",
        ] {
            assert!(plan.iter().any(|other| other == step), "{table}: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn relations_in_conditions_are_followed_by_ids() {
    let shop = Shop::new().await;
    let mut query = all_of("Order");
    query.condition = Some(Condition::Related {
        relation: "items".to_owned(),
        condition: Box::new(equal("name", "x")),
    });
    assert_eq!(
        [
            "SCAN Order",
            "CORRELATED SCALAR SUBQUERY 1",
            "SEARCH link$1 USING PRIMARY KEY (parent=?)",
            "SEARCH row$1 USING PRIMARY KEY (objectId=?)",
        ],
        *shop.find(&query)
    );
}

#[tokio::test]
async fn few_records_of_another_table_are_the_way_to_those_of_this_one() {
    let shop = Shop::new().await;
    let by_order = shop.matching(Condition::Referred {
        by_table: "Order".to_owned(),
        relation: "items".to_owned(),
        condition: Box::new(equal("objectId", "x")),
    });
    let mut query = all_of("Order");
    query.condition = Some(Condition::Related {
        relation: "items".to_owned(),
        condition: Box::new(equal("code", "x")),
    });
    for plan in [by_order, shop.find(&query)] {
        assert!(
            plan.iter().all(|step| !step.starts_with("SCAN")),
            "{plan:#?}"
        );
    }
}

#[tokio::test]
async fn a_count_reads_an_index_only() {
    let shop = Shop::new().await;
    let mut query = CountQuery {
        table: "Item".to_owned(),
        condition: None,
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    let all = finding::count(&shop.catalogue, &query).unwrap();
    let all = shop.plan(&all).remove(0);
    assert!(all.starts_with("SCAN Item USING COVERING INDEX"), "{all}");
    query.condition = Some(equal("code", "x"));
    let some = finding::count(&shop.catalogue, &query).unwrap();
    assert_eq!(
        ["SEARCH Item USING COVERING INDEX vestibule_index$Item$code (code=?)"],
        *shop.plan(&some)
    );
}
