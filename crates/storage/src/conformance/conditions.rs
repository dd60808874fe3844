use serde_json::json;
use vestibule_model::Value;

use super::{Scratch, samples::*, shop::*};
use crate::{Comparison, Condition, Visibility};

pub async fn texts_are_equal_byte_by_byte(scratch: &dyn Scratch) {
    let names = [
        named("A", "zoë"),
        named("B", "Zoë"),
        named("C", "zoe\u{308}"),
    ];
    let storage = shop_with(scratch, names).await;
    let storage = &*storage;
    assert_eq!(["A"], *items(storage, equal("name", "zoë")).await);
    let others = compare(column("name"), Comparison::NotEqual, "zoë");
    assert_eq!(["B", "C"], *items(storage, others).await);
    let less = compare(column("name"), Comparison::Less, "a");
    assert_eq!(["B"], *items(storage, less).await);
}

pub async fn identities_are_equal_whatever_the_case(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let ann = insert(&registered("A", "Ann@example.com"));
    done(storage.apply(vec![ann]).await);
    let found = those_of(&*storage, "Users", equal("email", "ANN@EXAMPLE.com")).await;
    assert_eq!(["A"], *found);
}

pub async fn values_of_every_type_compare(scratch: &dyn Scratch) {
    let less = [
        ("name", Value::from("a")),
        ("note", "a".into()),
        ("maker", "A".into()),
        ("stock", i64::MIN.into()),
        ("price", (-0.5).into()),
        ("sold", false.into()),
        ("since", (-1).into()),
    ];
    let greater = [
        ("name", Value::from("ab")),
        ("note", "ä".into()),
        ("maker", "a".into()),
        ("stock", i64::MAX.into()),
        ("price", 1e300.into()),
        ("sold", true.into()),
        ("since", 1.into()),
    ];
    let both = [item("A", less.clone()), item("B", greater.clone())];
    let storage = shop_with(scratch, both).await;
    for ((name, less), (_, greater)) in less.into_iter().zip(greater) {
        for (comparison, with_less, with_greater) in [
            (Comparison::Equal, &["A"][..], &["B"][..]),
            (Comparison::NotEqual, &["B"], &["A"]),
            (Comparison::Less, &[], &["A"]),
            (Comparison::LessOrEqual, &["A"], &["A", "B"]),
            (Comparison::Greater, &["B"], &[]),
            (Comparison::GreaterOrEqual, &["A", "B"], &["B"]),
        ] {
            for (value, expected) in [(&less, with_less), (&greater, with_greater)] {
                let condition = compare(column(name), comparison, value.clone());
                let found = items(&*storage, condition).await;
                assert_eq!(expected, found, "{name} {comparison:?} {value:?}");
            }
        }
    }
}

pub async fn whole_numbers_compare_with_fractions(scratch: &dyn Scratch) {
    let stocks = [("A", 1), ("B", 2)].map(|(name, stock)| {
        let stock = Value::from(stock);
        item(name, [("stock", stock.clone()), ("price", stock)])
    });
    let storage = shop_with(scratch, stocks).await;
    for name in ["stock", "price"] {
        let more = compare(column(name), Comparison::Greater, 1.5);
        assert_eq!(["B"], *items(&*storage, more).await);
        assert_eq!(["A"], *items(&*storage, equal(name, 1)).await);
        assert_eq!(["A"], *items(&*storage, equal(name, 1.0)).await);
    }
    let each_other = Condition::Compare(column("stock"), Comparison::Equal, column("price"));
    assert_eq!(["A", "B"], *items(&*storage, each_other).await);
}

pub async fn documents_are_equal_as_they_are_written(scratch: &dyn Scratch) {
    let tags = Value::Json(json!({ "red": [1, null] }));
    let both = [
        item("A", [("tags", tags.clone())]),
        item("B", [("tags", "red".into())]),
    ];
    let storage = shop_with(scratch, both).await;
    assert_eq!(["A"], *items(&*storage, equal("tags", tags)).await);
    assert_eq!(["B"], *items(&*storage, equal("tags", "red")).await);
}

pub async fn values_compare_without_a_column(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", "a")]).await;
    for (left, right, found) in [("a", "a", 1), ("a", "b", 0)] {
        let condition = compare(value(left), Comparison::Equal, right);
        assert_eq!(found, items(&*storage, condition).await.len());
    }
}

pub async fn a_pattern_has_two_wildcards_and_no_case_of_ascii_letters(scratch: &dyn Scratch) {
    let names = [
        named("A", "Apfel"),
        named("B", "100% Äpfel"),
        named("C", "a\\pfel"),
        item("D", []),
    ];
    let storage = shop_with(scratch, names).await;
    let storage = &*storage;
    for (pattern, expected) in [
        ("%", &["A", "B", "C"][..]),
        ("aPFEL", &["A"]),
        ("%PFEL", &["A", "B", "C"]),
        ("_____", &["A"]),
        ("%äpfel", &[]),
        ("%_Äpfel", &["B"]),
        ("100\\%%", &[]),
        ("A\\Pfel", &["C"]),
        ("pfel", &[]),
        ("", &[]),
    ] {
        let like = || Condition::Like(column("name"), value(pattern));
        assert_eq!(expected, items(storage, like()).await, "{pattern}");
        // Of nothing it is not known whether it is like anything.
        let unlike = items(storage, not(like())).await;
        assert_eq!(3 - expected.len(), unlike.len(), "{pattern}");
    }
    let unknown = Condition::Like(column("name"), value(Value::Null));
    assert!(items(storage, unknown.clone()).await.is_empty());
    assert!(items(storage, not(unknown)).await.is_empty());
}

pub async fn what_is_unknown_stays_unknown(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", "a"), item("N", [])]).await;
    let storage = &*storage;
    for comparison in [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ] {
        let unknown = compare(column("name"), comparison, Value::Null);
        assert!(items(storage, unknown.clone()).await.is_empty());
        assert!(items(storage, not(unknown)).await.is_empty());
    }
    assert_eq!(["A"], *items(storage, equal("name", "a")).await);
    assert!(items(storage, not(equal("name", "a"))).await.is_empty());
    let or = |other| Condition::Any(vec![equal("name", "a"), other]);
    let and = |other| Condition::All(vec![not(equal("name", "b")), other]);
    assert_eq!(["A", "N"], *items(storage, or(anything())).await);
    assert_eq!(["A"], *items(storage, and(anything())).await);
    let nothing_known = Condition::IsNull(column("name"));
    assert_eq!(["N"], *items(storage, nothing_known.clone()).await);
    assert_eq!(["A"], *items(storage, not(nothing_known)).await);
}

pub async fn one_of_several_values(scratch: &dyn Scratch) {
    let names = [named("A", "a"), named("B", "b"), item("N", [])];
    let storage = shop_with(scratch, names).await;
    let storage = &*storage;
    let among = |values: &[Value]| Condition::In(column("name"), values.to_vec());
    let (a, c) = (Value::from("a"), Value::from("c"));
    assert_eq!(["A"], *items(storage, among(&[a.clone(), c])).await);
    assert_eq!(
        ["B"],
        *items(storage, not(among(std::slice::from_ref(&a)))).await
    );
    let with_null = among(&[a, Value::Null]);
    assert_eq!(["A"], *items(storage, with_null.clone()).await);
    assert!(items(storage, not(with_null)).await.is_empty());
}

pub async fn nothing_is_one_of_no_values(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", "a"), item("N", [])]).await;
    let among_none = Condition::In(column("name"), Vec::new());
    assert!(items(&*storage, among_none.clone()).await.is_empty());
    assert_eq!(["A", "N"], *items(&*storage, not(among_none)).await);
}

pub async fn all_of_nothing_is_true_and_any_of_nothing_is_false(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", "a")]).await;
    assert_eq!(["A"], *items(&*storage, anything()).await);
    assert!(items(&*storage, not(anything())).await.is_empty());
    let nothing = Condition::Any(Vec::new());
    assert!(items(&*storage, nothing.clone()).await.is_empty());
    assert_eq!(["A"], *items(&*storage, not(nothing)).await);
}

pub async fn a_yes_is_true(scratch: &dyn Scratch) {
    let sold = [("A", true.into()), ("B", false.into()), ("N", Value::Null)]
        .map(|(name, sold)| item(name, [("sold", sold)]));
    let storage = shop_with(scratch, sold).await;
    let yes = Condition::IsTrue(column("sold"));
    assert_eq!(["A"], *items(&*storage, yes.clone()).await);
    assert_eq!(["B"], *items(&*storage, not(yes)).await);
}

pub async fn long_clauses_are_understood(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("stock", 1_999.into())])]).await;
    let terms = || (0..2_000).map(|stock| equal("stock", stock));
    let any = Condition::Any(terms().collect());
    assert_eq!(["A"], *items(&*storage, any).await);
    let none = Condition::All(terms().map(not).collect());
    assert!(items(&*storage, none).await.is_empty());
    let among = Condition::In(column("stock"), (0..2_000).map(Value::from).collect());
    assert_eq!(["A"], *items(&*storage, among).await);
}

pub async fn a_value_that_the_column_cannot_hold_is_refused(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    for (name, wrong) in [
        ("name", Value::from(1)),
        ("stock", "1".into()),
        ("sold", 1.into()),
        ("since", "today".into()),
    ] {
        for condition in [
            equal(name, wrong.clone()),
            compare(column(name), Comparison::Less, wrong.clone()),
            Condition::In(column(name), vec![wrong.clone()]),
        ] {
            let mut query = all_of(ITEM);
            query.condition = Some(condition);
            query.visibility = Visibility::Nothing;
            assert_wrong_type(storage.find(&query).await, name);
        }
    }
}

#[track_caller]
fn assert_wrong_type<T: std::fmt::Debug>(result: Result<T, crate::StorageError>, name: &str) {
    match result {
        Err(crate::StorageError::WrongType { table, column, .. }) => {
            assert_eq!((ITEM, name), (&*table, &*column));
        }
        other => panic!("{other:?}"),
    }
}
