use std::sync::Arc;

use vestibule_model::{ColumnType, Value};

use super::{Scratch, samples::*, shop::*};
use crate::{
    Aggregate, Comparison, Condition, CountQuery, FindQuery, Function, Operand, Output, Select,
    Storage, Visibility,
};

/// Two pears, two plums, and something that nothing is known of.
async fn fruit(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let fruit = [
        ("A", "Pear", 1, 1.0),
        ("B", "Pear", 2, 2.5),
        ("C", "Plum", 2, 0.5),
    ];
    let [a, b, c] = fruit.map(|(item_id, name, stock, price)| {
        let properties = [
            ("name", Value::from(name)),
            ("stock", stock.into()),
            ("price", price.into()),
        ];
        item(item_id, properties)
    });
    shop_with(scratch, [a, b, c, named("D", "Plum"), item("E", [])]).await
}

fn by_name(query: FindQuery) -> FindQuery {
    FindQuery {
        group_by: vec![column("name")],
        ..query
    }
}

fn of_type(name: &str, operand: Operand, column_type: ColumnType) -> Output {
    output(name, operand, column_type)
}

fn rows<const ROWS: usize, const VALUES: usize>(rows: [[Value; VALUES]; ROWS]) -> Vec<Vec<Value>> {
    rows.map(Vec::from).into()
}

fn count() -> Output {
    of_type("count", count_of_rows(), ColumnType::Int)
}

fn name() -> Output {
    of_type("name", column("name"), ColumnType::String)
}

pub async fn aggregates_leave_nulls_out(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let query = computed([
        of_type("a", count_of_rows(), ColumnType::Int),
        of_type("b", aggregate(Aggregate::Count, "stock"), ColumnType::Int),
        of_type("c", aggregate(Aggregate::Sum, "stock"), ColumnType::Int),
        of_type("d", aggregate(Aggregate::Sum, "price"), ColumnType::Double),
        of_type(
            "e",
            aggregate(Aggregate::Average, "price"),
            ColumnType::Double,
        ),
        of_type("f", aggregate(Aggregate::Minimum, "stock"), ColumnType::Int),
        of_type(
            "g",
            aggregate(Aggregate::Maximum, "name"),
            ColumnType::String,
        ),
    ]);
    let row = vec![
        Value::from(5),
        3.into(),
        5.into(),
        4.0.into(),
        (4.0 / 3.0).into(),
        1.into(),
        "Plum".into(),
    ];
    assert_eq!(vec![row], values(&*storage, &query).await);
}

pub async fn averages_of_whole_numbers_have_a_fraction(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let average = aggregate(Aggregate::Average, "stock");
    let query = computed([of_type("average", average, ColumnType::Double)]);
    assert_eq!(
        rows([[Value::from(5.0 / 3.0)]]),
        values(&*storage, &query).await
    );
}

pub async fn aggregates_of_no_rows(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let query = computed([
        of_type("a", count_of_rows(), ColumnType::Int),
        of_type("b", aggregate(Aggregate::Count, "stock"), ColumnType::Int),
        of_type("c", aggregate(Aggregate::Sum, "stock"), ColumnType::Int),
        of_type(
            "d",
            aggregate(Aggregate::Average, "stock"),
            ColumnType::Double,
        ),
        of_type(
            "e",
            aggregate(Aggregate::Minimum, "name"),
            ColumnType::String,
        ),
        of_type(
            "f",
            aggregate(Aggregate::Maximum, "since"),
            ColumnType::DateTime,
        ),
    ]);
    let mut row = vec![Value::from(0), 0.into()];
    row.resize(6, Value::Null);
    assert_eq!(vec![row], values(&*storage, &query).await);
    assert!(
        values(&*storage, &by_name(computed([count()])))
            .await
            .is_empty()
    );
}

pub async fn groups_take_nulls_for_equal(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    done(storage.apply(vec![item("F", [])]).await);
    let query = by_name(computed([count(), name()]));
    assert_eq!(
        rows([
            [2.into(), Value::Null],
            [2.into(), "Pear".into()],
            [2.into(), "Plum".into()]
        ]),
        values(&*storage, &query).await
    );
}

pub async fn groups_are_of_several_columns_and_of_functions(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let mut query = computed([count(), name()]);
    query.group_by = vec![column("name"), column("stock")];
    assert_eq!(5, values(&*storage, &query).await.len());
    let initial = function(Function::Substring, [column("name"), value(1), value(1)]);
    query = computed([
        count(),
        of_type("initial", initial.clone(), ColumnType::Text),
    ]);
    query.group_by = vec![initial];
    assert_eq!(
        rows([[1.into(), Value::Null], [4.into(), "P".into()]]),
        values(&*storage, &query).await
    );
}

pub async fn having_chooses_among_groups(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let mut query = by_name(computed([name()]));
    query.having = Some(compare(
        aggregate(Aggregate::Average, "price"),
        Comparison::Greater,
        1,
    ));
    assert_eq!(
        rows([[Value::from("Pear")]]),
        values(&*storage, &query).await
    );
    let many = compare(count_of_rows(), Comparison::Greater, 1);
    let no_pears = not(equal("name", "Pear"));
    query.having = Some(Condition::All(vec![many, no_pears]));
    assert_eq!(
        rows([[Value::from("Plum")]]),
        values(&*storage, &query).await
    );
    // What a group is made of was chosen before.
    query.condition = Some(not(Condition::IsNull(column("stock"))));
    assert!(values(&*storage, &query).await.is_empty());
}

pub async fn groups_are_sorted_and_paged(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let mut query = by_name(computed([count(), name()]));
    query.sort = vec![descending(count_of_rows())];
    query.limit = 1;
    let mut all = Vec::new();
    for offset in 0..4 {
        query.offset = offset;
        all.extend(values(&*storage, &query).await);
    }
    assert_eq!(
        rows([
            [2.into(), Value::from("Pear")],
            [2.into(), "Plum".into()],
            [1.into(), Value::Null]
        ]),
        all,
        "equals by what they are grouped by"
    );
}

pub async fn distinct_rows_come_once_and_nulls_are_equal(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    done(storage.apply(vec![item("F", [])]).await);
    let distinct = |outputs: Vec<Output>| FindQuery {
        select: Select::Computed {
            outputs,
            distinct: true,
        },
        ..all_of(ITEM)
    };
    let names = rows([[Value::Null], ["Pear".into()], ["Plum".into()]]);
    assert_eq!(names, values(&*storage, &distinct(vec![name()])).await);
    let stock = of_type("stock", column("stock"), ColumnType::Int);
    let both = distinct(vec![name(), stock]);
    assert_eq!(5, values(&*storage, &both).await.len());
    let mut grouped = distinct(vec![name()]);
    grouped.group_by = vec![column("objectId")];
    assert_eq!(names, values(&*storage, &grouped).await);
    let mut page = distinct(vec![name()]);
    page.sort = vec![descending(column("name"))];
    page.offset = 1;
    page.limit = 1;
    assert_eq!(rows([["Pear".into()]]), values(&*storage, &page).await);
}

pub async fn computed_rows_of_single_records_come_by_descending_id(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let query = computed([of_type("id", column("objectId"), ColumnType::StringId)]);
    let found = values(&*storage, &query).await;
    assert_eq!(rows(["E", "D", "C", "B", "A"].map(|id| [id.into()])), found);
}

pub async fn rows_are_counted(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    let mut query = CountQuery {
        table: ITEM.to_owned(),
        condition: None,
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    assert_eq!(5, done(storage.count(&query).await));
    query.condition = Some(equal("name", "Pear"));
    assert_eq!(2, done(storage.count(&query).await));
    query.condition = Some(equal("name", "Apple"));
    assert_eq!(0, done(storage.count(&query).await));
}

pub async fn different_combinations_are_counted_with_nulls(scratch: &dyn Scratch) {
    let storage = fruit(scratch).await;
    done(storage.apply(vec![item("F", [])]).await);
    let count = async |distinct: &[&str], condition| {
        let query = CountQuery {
            table: ITEM.to_owned(),
            condition,
            distinct: distinct.iter().copied().map(column).collect(),
            visibility: Visibility::Everything,
        };
        done(storage.count(&query).await)
    };
    assert_eq!(3, count(&["name"], None).await);
    assert_eq!(3, count(&["stock"], None).await);
    assert_eq!(5, count(&["name", "stock"], None).await);
    assert_eq!(6, count(&["name", "objectId"], None).await);
    assert_eq!(1, count(&["name"], Some(equal("stock", 1))).await);
    assert_eq!(0, count(&["name"], Some(equal("stock", 9))).await);
    assert_eq!(1, count(&["updated", "ownerId"], None).await);
}
