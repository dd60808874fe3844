//! Any condition that can be written is read as it was meant, and no text makes the parser panic.
//!
//! The generators run on the crate `rand`, with fixed seeds: the tests need nothing else.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use vestibule_model::{Value, quoted};
use vestibule_storage::{Calculation, Comparison, Condition, Function, Operand, Visibility};

use super::{super::find, *};

const COMPARISONS: [(Comparison, &str); 6] = [
    (Comparison::Equal, "="),
    (Comparison::NotEqual, "!="),
    (Comparison::Less, "<"),
    (Comparison::LessOrEqual, "<="),
    (Comparison::Greater, ">"),
    (Comparison::GreaterOrEqual, ">="),
];

/// A random text of characters that could be mistaken for something.
fn text(rng: &mut StdRng) -> String {
    let characters = [
        "'", "a", "%", "_", "ü", "🦊", ";", "--", "\\", "\"", ")", " and ", "\n",
    ];
    (0..rng.random_range(0..6))
        .map(|_| characters[rng.random_range(0..characters.len())])
        .collect()
}

fn number(rng: &mut StdRng, depth: u32) -> (Operand, String) {
    match rng.random_range(0..if depth == 0 { 3 } else { 5 }) {
        0 => (column("age"), "age".to_owned()),
        1 => (column("score"), "`score`".to_owned()),
        2 => {
            let integer: i64 = rng.random_range(-1000..1000);
            (value(integer), integer.to_string())
        }
        3 => {
            let (calculation, symbol) = [
                (Calculation::Add, "+"),
                (Calculation::Subtract, "-"),
                (Calculation::Multiply, "*"),
                (Calculation::Divide, "/"),
            ][rng.random_range(0..4)];
            let (left, left_text) = number(rng, depth - 1);
            let (right, right_text) = number(rng, depth - 1);
            let operand = Operand::Calculation(Box::new(left), calculation, Box::new(right));
            (operand, format!("({left_text} {symbol} {right_text})"))
        }
        _ => {
            let (inner, inner_text) = number(rng, depth - 1);
            let operand = Operand::Function(Function::Abs, vec![inner]);
            (operand, format!("Abs({inner_text})"))
        }
    }
}

fn test(rng: &mut StdRng) -> (Condition, String) {
    match rng.random_range(0..6) {
        0 => {
            let (comparison, symbol) = COMPARISONS[rng.random_range(0..6)];
            // A column on the left, so that the literals have a type.
            let (right, right_text) = number(rng, 2);
            let condition = compare(column("score"), comparison, right);
            (condition, format!("score{symbol} {right_text}"))
        }
        1 => {
            let text = text(rng);
            let written = format!("name = {}", quoted(&text));
            (equal("name", text), written)
        }
        2 => {
            let text = text(rng);
            let written = format!("name LIKE{}", quoted(&text));
            (Condition::Like(column("name"), value(text)), written)
        }
        3 => {
            let texts: Vec<String> = (0..rng.random_range(0..4)).map(|_| text(rng)).collect();
            let list: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            let values = texts.into_iter().map(Value::from).collect();
            let written = format!("nick in ({})", list.join(" , "));
            (Condition::In(column("nick"), values), written)
        }
        4 => (Condition::IsNull(column("tags")), "tags Is Null".to_owned()),
        _ => (
            Condition::IsTrue(column("delivered")),
            "delivered".to_owned(),
        ),
    }
}

fn tree(rng: &mut StdRng, depth: u32) -> (Condition, String) {
    if depth == 0 {
        return test(rng);
    }
    match rng.random_range(0..5) {
        kind @ (0 | 1) => {
            let word = ["and", "OR"][kind];
            let parts: Vec<(Condition, String)> = (0..rng.random_range(2..4))
                .map(|_| tree(rng, depth - 1))
                .collect();
            let (conditions, texts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let texts: Vec<String> = texts.iter().map(|text| format!("({text})")).collect();
            let condition = match kind {
                0 => Condition::All(conditions),
                _ => Condition::Any(conditions),
            };
            (condition, texts.join(&format!(" {word} ")))
        }
        2 => {
            let (inner, text) = tree(rng, depth - 1);
            (not(inner), format!("not({text})"))
        }
        3 => {
            let city = text(rng);
            let written = format!("children.address.city <> {}", quoted(&city));
            let city = compare(column("city"), Comparison::NotEqual, value(city));
            (related("children", related("address", city)), written)
        }
        _ => {
            let title = text(rng);
            let written = format!("PhoneBook[ contacts ].title={}", quoted(&title));
            let title = equal("title", title);
            (referred("PhoneBook", "contacts", title), written)
        }
    }
}

#[test]
fn a_random_condition_is_read_as_it_was_meant() {
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..3000 {
        let (expected, text) = tree(&mut rng, 3);
        assert_eq!(Ok(Some(expected)), condition(&text), "{text}");
    }
}

#[test]
fn random_words_never_panic_and_never_break_out() {
    let words = [
        "age",
        "name",
        "born",
        "tags",
        "(",
        ")",
        "'x'",
        "''",
        "'",
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "like",
        "between",
        "at",
        "after",
        "before",
        "=",
        "<",
        ">",
        "!=",
        "+",
        "-",
        "*",
        "/",
        ",",
        ".",
        "[",
        "]",
        "1",
        "1.5",
        "1e9",
        "count",
        "lower",
        "select",
        "--",
        ";",
        "ü",
        "🦊",
        "\0",
        "`",
        "`age`",
        "children",
        "address",
        "PhoneBook",
        "contacts",
        "true",
        "as",
        "desc",
        "%",
        "\u{202e}",
        "\t",
    ];
    let mut rng = StdRng::seed_from_u64(4);
    for _ in 0..20_000 {
        let text: String = (0..rng.random_range(1..12))
            .map(|_| {
                let space = ["", " "][rng.random_range(0..2)];
                format!("{}{space}", words[rng.random_range(0..words.len())])
            })
            .collect();
        if let Err(error) = condition(&text) {
            let code = error.code().number();
            assert!([1006, 1009, 1017].contains(&code), "{text}: {error}");
        }
        let query = Query {
            properties: vec![text.clone()],
            sort_by: vec![text.clone()],
            group_by: vec![text.clone()],
            having: Some(text.clone()),
            ..Query::default()
        };
        if let Err(error) = find(&catalogue(), "Person", &query, Visibility::Everything) {
            let code = error.code().number();
            assert!([1006, 1009, 8008, 19001].contains(&code), "{text}: {error}");
        }
    }
}

#[test]
fn random_characters_never_panic() {
    let mut rng = StdRng::seed_from_u64(5);
    for _ in 0..20_000 {
        let text: String = (0..rng.random_range(0..20))
            .map(|_| match rng.random_range(0..4) {
                0 => rng.random::<char>(),
                _ => char::from(rng.random_range(0..128_u8)),
            })
            .collect();
        let _ = condition(&text);
    }
}
