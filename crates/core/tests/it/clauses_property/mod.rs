//! Generated queries over generated rows, answered by the engine and by a naive model in memory.
//!
//! The model knows nothing of the engine's parser, conditions or statements: it evaluates the tree
//! that the text of the clause was written from. A case that fails prints its seed and number, the
//! query, and the rows that the two disagree about.

mod generator;
mod model;
mod question;
mod syntax;
pub(crate) mod world;

use vestibule::{Count, Find, Row};
use vestibule_testkit::TestClient;

pub(crate) use generator::clause;
use model::Model;
use question::{Answer, Question, Shown};
use world::{Dice, Viewer, World};

/// How many queries are thrown at the rows of one seed.
const CASES: usize = 200;

#[tokio::test]
async fn clauses_mean_what_a_naive_model_says_among_some_rows() {
    check(1).await;
}

#[tokio::test]
async fn clauses_mean_what_a_naive_model_says_among_other_rows() {
    check(2).await;
}

#[tokio::test]
async fn clauses_mean_what_a_naive_model_says_among_yet_other_rows() {
    check(3).await;
}

async fn check(seed: u64) {
    let kit = world::open(seed).await;
    let clients = [kit.code_runner(), kit.guest().await, kit.guest().await];
    let world = world::fill(&kit, &clients, seed).await;
    let dice = Dice::new(seed);
    for case in 0..CASES {
        let question = Question::generate(&dice);
        let (client, viewer) = match dice.below(4) {
            at @ (0 | 1) => (at + 1, Viewer::Owner(at)),
            _ => (0, Viewer::Server),
        };
        let model = Model {
            world: &world,
            viewer,
        };
        compare(&clients[client], model, &question, case).await;
    }
}

async fn compare(client: &TestClient<'_>, model: Model<'_>, question: &Question, case: usize) {
    let (total, expected) = question.answer(model);
    let find = Find::new(question.table, question.query.clone());
    let found = match client.submit(find).await {
        Ok(rows) => rows.into_iter().map(answered).collect::<Vec<_>>(),
        Err(error) => panic!("{}\n{}", error.log(), story(model, question, case, &[])),
    };
    if expected != found {
        let differing = [&expected, &found].into_iter().flatten();
        let differing = differing
            .filter(|answer| expected.contains(answer) != found.contains(answer))
            .filter_map(|answer| answer.0.clone());
        let differing: Vec<_> = differing.collect();
        panic!(
            "expected {expected:#?}\nfound {found:#?}\n{}",
            story(model, question, case, &differing)
        );
    }
    // A count is one of rows or of groups; a having-clause is refused, and so it is of all groups.
    if matches!(&question.shown, Shown::Groups(keys) if keys.is_empty()) {
        return;
    }
    let mut query = question.query.clone();
    query.having = None;
    let counted = client.submit(Count::new(question.table, query)).await;
    let counted = counted.map_err(|error| error.log());
    let total = total as u64;
    assert_eq!(
        Ok(total),
        counted,
        "a count\n{}",
        story(model, question, case, &[])
    );
}

fn answered(row: Row) -> Answer {
    match row {
        Row::Record(record) => (Some(record.id().to_string()), record.properties),
        Row::Computed { values, .. } => (None, values),
    }
}

/// All that is needed to ask once more.
fn story(model: Model<'_>, question: &Question, case: usize, differing: &[String]) -> String {
    let World { seed, links, .. } = model.world;
    let rows: Vec<_> = model.world.rows[question.table]
        .iter()
        .filter(|row| differing.iter().any(|id| id == row.id()))
        .collect();
    let clause = question.query.where_clause.as_deref().unwrap_or_default();
    format!(
        "seed {seed}, case {case}, {:?} asks {} where\n    {clause}\n{question:#?}\n\
         differing rows: {rows:#?}\nall rows: {:?}\nlinks: {links:?}",
        model.viewer, question.table, model.world.rows
    )
}
