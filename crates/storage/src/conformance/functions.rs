use vestibule_model::{ColumnType, Value};

use super::{Scratch, shop::*};
use crate::{Aggregate, Calculation, Comparison, Condition, Function, Operand, StorageError};

pub async fn functions_of_texts(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", " Äpfel ")]).await;
    let storage = &*storage;
    let name = || column("name");
    for (function, arguments, expected) in [
        (Function::Lower, vec![value("ÄPFEL")], "Äpfel"),
        (Function::Upper, vec![value("äpfel")], "äPFEL"),
        (Function::Trim, vec![name()], "Äpfel"),
        (
            Function::Concat,
            vec![value("<"), name(), value(">")],
            "< Äpfel >",
        ),
        (Function::Substring, vec![name(), value(2)], "Äpfel "),
        (Function::Substring, vec![name(), value(2), value(3)], "Äpf"),
        (Function::Substring, vec![name(), value(9), value(3)], ""),
    ] {
        let operand = Operand::Function(function, arguments);
        let found = value_of(storage, operand.clone(), ColumnType::Text).await;
        assert_eq!(Value::from(expected), found, "{operand:?}");
    }
    let length = function(Function::Length, [name()]);
    let length = value_of(storage, length, ColumnType::Int).await;
    assert_eq!(Value::from(7), length, "characters, not bytes");
}

pub async fn functions_of_numbers(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("price", (-2.345).into())])]).await;
    let storage = &*storage;
    let price = || column("price");
    for (function, arguments, expected) in [
        (Function::Abs, vec![price()], 2.345),
        (Function::Round, vec![price()], -2.0),
        (Function::Round, vec![value(2.5)], 3.0),
        (Function::Round, vec![value(-2.5)], -3.0),
        (Function::Round, vec![value(0.5)], 1.0),
        (Function::Round, vec![value(2.25), value(1)], 2.3),
    ] {
        let operand = Operand::Function(function, arguments);
        let found = value_of(storage, operand.clone(), ColumnType::Double).await;
        assert_eq!(Value::from(expected), found, "{operand:?}");
    }
    let whole = function(Function::Abs, [value(-3)]);
    let whole = value_of(storage, whole, ColumnType::Int).await;
    assert_eq!(Value::from(3), whole);
}

pub async fn parts_of_a_moment_are_in_utc_and_before_1970_too(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("since", 0.into())])]).await;
    for (moment, date, time) in [
        (0_i64, [1970, 1, 1], [0, 0, 0]),
        (1_427_116_021_999, [2015, 3, 23], [13, 7, 1]),
        (1_709_251_199_000, [2024, 2, 29], [23, 59, 59]),
        (-1, [1969, 12, 31], [23, 59, 59]),
        (-1_000, [1969, 12, 31], [23, 59, 59]),
        (-1_001, [1969, 12, 31], [23, 59, 58]),
        (-2_208_988_800_000, [1900, 1, 1], [0, 0, 0]),
        (-2_208_988_800_001, [1899, 12, 31], [23, 59, 59]),
        (-62_135_596_800_000, [1, 1, 1], [0, 0, 0]),
        (253_402_300_799_999, [9999, 12, 31], [23, 59, 59]),
    ] {
        let of = |part| function(part, [value(moment)]);
        let [year, month, day] = date;
        let [hour, minute, second] = time;
        for (part, expected) in [
            (Function::Year, year),
            (Function::Month, month),
            (Function::Day, day),
            (Function::Hour, hour),
            (Function::Minute, minute),
            (Function::Second, second),
        ] {
            let found = value_of(&*storage, of(part), ColumnType::Int).await;
            assert_eq!(Value::from(expected), found, "{part:?} of {moment}");
        }
        for (part, expected) in [
            (Function::Date, format!("{year:04}-{month:02}-{day:02}")),
            (Function::Time, format!("{hour:02}:{minute:02}:{second:02}")),
        ] {
            let found = value_of(&*storage, of(part), ColumnType::Text).await;
            assert_eq!(Value::from(expected), found, "{part:?} of {moment}");
        }
    }
}

pub async fn a_function_of_nothing_is_nothing(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [])]).await;
    for (function, name, column_type) in [
        (Function::Lower, "name", ColumnType::Text),
        (Function::Upper, "name", ColumnType::Text),
        (Function::Length, "name", ColumnType::Int),
        (Function::Trim, "name", ColumnType::Text),
        (Function::Abs, "stock", ColumnType::Int),
        (Function::Round, "price", ColumnType::Double),
        (Function::Date, "since", ColumnType::Text),
        (Function::Time, "since", ColumnType::Text),
        (Function::Year, "since", ColumnType::Int),
        (Function::Second, "since", ColumnType::Int),
    ] {
        let operand = Operand::Function(function, vec![column(name)]);
        let found = value_of(&*storage, operand, column_type).await;
        assert_eq!(Value::Null, found, "{function:?}");
    }
    for (function, arguments) in [
        (Function::Concat, vec![value("a"), column("name")]),
        (Function::Concat, vec![column("name"), value("a")]),
        (Function::Substring, vec![column("name"), value(1)]),
        (Function::Substring, vec![value("abc"), column("stock")]),
    ] {
        let operand = Operand::Function(function, arguments);
        let found = value_of(&*storage, operand, ColumnType::Text).await;
        assert_eq!(Value::Null, found, "{function:?}");
    }
}

pub async fn calculations(scratch: &dyn Scratch) {
    let numbers = [("stock", Value::from(7)), ("price", 0.5.into())];
    let storage = shop_with(scratch, [item("A", numbers)]).await;
    for (calculation, with, expected) in [
        (Calculation::Add, value(2), Value::from(9)),
        (Calculation::Subtract, value(9), (-2).into()),
        (Calculation::Multiply, value(3), 21.into()),
        (Calculation::Divide, value(2), 3.5.into()),
        (Calculation::Divide, value(7), 1.0.into()),
        (Calculation::Divide, value(0), Value::Null),
        (Calculation::Divide, value(0.0), Value::Null),
        (Calculation::Multiply, column("price"), 3.5.into()),
        (Calculation::Add, column("price"), 7.5.into()),
        (Calculation::Add, value(Value::Null), Value::Null),
        (Calculation::Divide, value(Value::Null), Value::Null),
    ] {
        let operand = calculation_of(column("stock"), calculation, with);
        let column_type = match expected {
            Value::Double(_) => ColumnType::Double,
            _ => ColumnType::Int,
        };
        let found = value_of(&*storage, operand.clone(), column_type).await;
        assert_eq!(expected, found, "{operand:?}");
    }
}

pub async fn calculations_are_made_as_they_are_nested(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("stock", 7.into())])]).await;
    let sum = calculation_of(column("stock"), Calculation::Add, value(1));
    let product = calculation_of(sum.clone(), Calculation::Multiply, value(2));
    let found = value_of(&*storage, product, ColumnType::Int).await;
    assert_eq!(Value::from(16), found);
    let difference = calculation_of(value(10), Calculation::Subtract, sum);
    let found = value_of(&*storage, difference, ColumnType::Int).await;
    assert_eq!(Value::from(2), found);
}

pub async fn a_moment_is_moved_by_any_number(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("since", 7.into())])]).await;
    for (calculation, with, expected) in [
        (Calculation::Add, value(2), Value::from(9)),
        (Calculation::Add, value(0.5), 7.5.into()),
        (Calculation::Subtract, value(0.5), 6.5.into()),
    ] {
        let moved = calculation_of(column("since"), calculation, with);
        let found = value_of(&*storage, moved.clone(), ColumnType::DateTime).await;
        assert_eq!(expected, found, "{moved:?}");
    }
}

pub async fn conditions_may_compare_what_is_calculated(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", "Pear"), named("B", "plum")]).await;
    let lower = function(Function::Lower, [column("name")]);
    let pear = compare(lower.clone(), Comparison::Equal, "pear");
    assert_eq!(["A"], *items(&*storage, pear).await);
    let mut sorted = all_of(ITEM);
    sorted.sort = vec![descending(lower)];
    assert_eq!(["B", "A"], *ids(&*storage, &sorted).await);
    let this_year = compare(
        function(Function::Year, [column("created")]),
        Comparison::Equal,
        2023,
    );
    assert_eq!(["A", "B"], *items(&*storage, this_year).await);
}

fn calculation_of(left: Operand, calculation: Calculation, right: Operand) -> Operand {
    Operand::Calculation(Box::new(left), calculation, Box::new(right))
}

pub async fn what_cannot_be_computed_is_out_of_range(scratch: &dyn Scratch) {
    let items = ["A", "B"].map(|id| item(id, [("stock", i64::MAX.into())]));
    let storage = shop_with(scratch, items).await;
    let total = Operand::Aggregate(Aggregate::Sum, Some(Box::new(column("stock"))));
    let least = Operand::Function(Function::Abs, vec![value(i64::MIN)]);
    for operand in [total, least] {
        let query = computed([output("value", operand, ColumnType::Int)]);
        let refused = storage.find(&query).await;
        assert!(
            matches!(refused, Err(StorageError::OutOfRange)),
            "{refused:?}"
        );
    }
    let long = Condition::Like(column("name"), value("%x".repeat(100_000)));
    let mut query = computed([output("value", value(1), ColumnType::Int)]);
    query.condition = Some(long);
    let refused = storage.find(&query).await;
    assert!(
        matches!(refused, Err(StorageError::OutOfRange)),
        "{refused:?}"
    );
}
