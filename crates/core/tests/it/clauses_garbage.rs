//! Whatever stands in a clause or a list, it is answered: with rows, or with a refusal that says
//! what is wrong. Never by an internal error, a panic or a wait without an end.

use vestibule::prelude::*;
use vestibule_testkit::{TestClient, TestKit};

use crate::clauses_property::{
    clause,
    world::{self, Dice},
};

/// The codes of a refusal: unknown tables, columns and relations, clauses and lists that cannot be
/// read, and no right to.
const REFUSALS: [i32; 8] = [1006, 1007, 1009, 1017, 1127, 8008, 19000, 19001];

/// What clauses are made of, and what they must not be made of.
const TOKENS: [&str; 88] = [
    "and",
    "or",
    "not",
    "is",
    "null",
    "like",
    "in",
    "between",
    "at",
    "after",
    "before",
    "asc",
    "desc",
    "as",
    "true",
    "false",
    "select",
    "exists",
    "union",
    "escape",
    "glob",
    "match",
    "case",
    "collate",
    "cast",
    "distinct",
    "from",
    "where",
    "Thing",
    "Part",
    "parts",
    "place",
    "others",
    "origin",
    "label",
    "number",
    "order",
    "score",
    "done",
    "due",
    "extra",
    "objectId",
    "password",
    "rowid",
    "sqlite_master",
    "count",
    "sum",
    "avg",
    "abs",
    "round",
    "substring",
    "lower",
    "concat",
    "year",
    "load_extension",
    "randomblob",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "!=",
    "<",
    ">=",
    "<>",
    "||",
    "--",
    "/*",
    ";",
    "?",
    ":a",
    "@a",
    "$1",
    "'",
    "\"",
    "`",
    "\0",
    "9223372036854775807",
    "1e999",
    "0x1F",
    "🦊",
];

async fn app() -> impl std::ops::Deref<Target = TestKit> {
    let kit = world::open(7).await;
    let clients = [kit.code_runner(), kit.guest().await];
    world::fill(&kit, &clients, 7).await;
    kit
}

/// Puts a text everywhere where one can stand.
async fn throw(client: &TestClient<'_>, text: &str) {
    let grouped = || Query::new().property("number").group_by("number");
    let query = |set: fn(&mut Query, String)| {
        let mut query = Query::new();
        set(&mut query, text.to_owned());
        query
    };
    let having = Query {
        having: Some(text.to_owned()),
        ..grouped()
    };
    let queries = [
        Query::matching(text),
        having,
        query(|query, text| query.sort_by.push(text)),
        query(|query, text| query.properties.push(text)),
        query(|query, text| query.group_by.push(text)),
        query(|query, text| query.exclude_properties.push(text)),
        query(|query, text| {
            query.distinct = true;
            query.properties.push(text);
        }),
    ];
    for query in queries {
        let find = client.submit(Find::new("Thing", query.clone())).await;
        answered(find.map(drop), &query);
        let count = client.submit(Count::new("Thing", query.clone())).await;
        answered(count.map(drop), &query);
    }
    let nothing = Properties::from([("label".to_owned(), Value::Null)]);
    let text = format!("({text}) and 1 = 2");
    let update = client
        .submit(BulkUpdate::new("Thing", text.as_str(), nothing))
        .await;
    answered(update.map(drop), &Query::matching(text));
}

fn answered(outcome: Result<()>, query: &Query) {
    let Err(error) = outcome else { return };
    let code = error.code().number();
    let shown: String = format!("{query:?}").chars().take(3000).collect();
    assert!(
        !error.is_internal() && REFUSALS.contains(&code),
        "{code}: {}\n{shown}",
        error.log()
    );
    assert!(
        error.message().chars().count() < 600,
        "{}\n{shown}",
        error.message()
    );
}

/// A text with something done to it.
fn mutated(dice: &Dice, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(characters.len() + 1);
        let to = at + dice.below(characters.len() + 1 - at);
        match dice.below(6) {
            0 => drop(characters.drain(at..to)),
            1 => characters.truncate(at),
            2 => {
                let copy: Vec<char> = characters[at..to].to_vec();
                characters.splice(at..at, copy);
            }
            3 => characters[at..to].reverse(),
            _ => {
                let token = format!(" {} ", dice.pick(&TOKENS));
                let token = if dice.one_in(2) { token.trim() } else { &token };
                characters.splice(at..at, token.chars());
            }
        }
    }
    characters.into_iter().collect()
}

#[tokio::test]
async fn clauses_that_were_damaged_are_answered() {
    let kit = app().await;
    let dice = Dice::new(11);
    for _ in 0..120 {
        let text = clause(&dice, "Thing", 2).write(&dice);
        throw(&kit.code_runner(), &mutated(&dice, &text)).await;
    }
}

#[tokio::test]
async fn words_in_any_order_are_answered() {
    let kit = app().await;
    let dice = Dice::new(12);
    for _ in 0..200 {
        let words: Vec<_> = (0..1 + dice.below(7)).map(|_| dice.pick(&TOKENS)).collect();
        let between = dice.pick(&[" ", " ", "", "\n"]);
        throw(&kit.code_runner(), &words.join(between)).await;
    }
}

#[tokio::test]
async fn what_is_deep_or_long_is_answered() {
    let kit = app().await;
    let around = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let chain = |part: &str, between: &str, count: usize| vec![part; count].join(between);
    for size in [32, 51, 500, 6000] {
        for text in [
            around("(", "number = 1", ")", size),
            around("(", "number", ")", size),
            around("not ", "done", "", size),
            around("- ", "number", "", size),
            around("abs(", "number", ")", size),
            around("parts.", "number = 1", "", size),
            around("others.", "number = 1", "", size),
            around("Thing[others].", "number = 1", "", size),
            around("(number = 1 and (done or ", "done", "))", size),
            chain("number = 1", " and ", size),
            chain("parts.number = 1", " or ", size),
            chain(
                "others.others.others.others.others.number = 1",
                " and ",
                size,
            ),
            format!("{} > 1", chain("number", " + ", size)),
            format!("concat({})", chain("label", ",", size)),
            format!("number in ({})", chain("1", ",", size)),
            format!("label in ({})", chain("'🦊'", ",", size)),
            format!("label like '{}'", "%_a".repeat(size)),
            format!("label like '{}'", "🦊".repeat(size)),
            format!("'{}' like label", "🦊".repeat(size)),
            format!("label = '{}'", "x".repeat(size)),
            format!("{} = 1", "n".repeat(size)),
            format!("number = {}", "9".repeat(size)),
            format!("number = 1e{}", "9".repeat(size)),
            chain("number", ",", size),
            chain(" ", "\n", size),
            "\u{301}".repeat(size),
        ] {
            throw(&kit.code_runner(), &text).await;
        }
    }
}

#[tokio::test]
async fn a_pattern_as_long_as_a_clause_may_be_is_answered() {
    let kit = app().await;
    for piece in ["%🦊", "🦊_", "%_a"] {
        let text = format!("label like '{}'", piece.repeat(21_000));
        throw(&kit.code_runner(), &text).await;
    }
}

/// What a database may stumble over, though each of these is a clause.
#[tokio::test]
async fn numbers_and_dates_at_their_bounds_are_answered() {
    let kit = app().await;
    for text in [
        "abs(order) > 1",
        "- order > 1",
        "-(-9223372036854775808) > 1",
        "abs(-9223372036854775808) > 1",
        "order * order > 1",
        "order + order - order = 1",
        "abs(order) as far",
        "order * order as far",
        "order + 9223372036854775807 as far",
        "sum(number * 9223372036854775807) as far",
        "avg(order) as far",
        "score * 1e308 * 1e308 as far",
        "0 - score * 1e308 * 1e308 + score * 1e308 * 1e308 as far",
        "score / 1e-308 / 1e-308 > 1",
        "round(score, 400) > 1",
        "round(score, -400) > 1",
        "round(score, 9223372036854775807) as far",
        "round(order) as far",
        "substring(label, 0) = 'a'",
        "substring(label, -9223372036854775808, 9223372036854775807) = 'a'",
        "substring(label, 9223372036854775807, -9223372036854775808) as far",
        "substring(label, 1.5, 1e300) as far",
        "year(due + 8640000000000000) > 1",
        "year(due + 9223372036854775807) as far",
        "date(due - 9223372036854775807) as far",
        "due + 9223372036854775807 as far",
        "due - 1e300 as far",
        "due after '99999-01-01'",
        "due after 9223372036854775807",
        "due after 1e300",
        "due at or before '0000-00-00'",
        "number / 0 > 1",
        "number in (1.5, '1', 1e300, -0.0)",
        "done in ('TRUE', 0, false)",
        "extra = null",
        "extra as e",
        "max(extra) as e",
        "lower(extra) as e",
    ] {
        throw(&kit.code_runner(), text).await;
    }
}
