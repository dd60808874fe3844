use futures::future::join_all;
use tokio_postgres::{Error, Row, Statement, types::ToSql};
use vestibule_model::Selector;
use vestibule_sql::{SqlCatalogue, Then};
use vestibule_storage::{Applied, StorageError};

use crate::{
    error::{self, Failure},
    pool::Connection,
    prepare::prepare,
    render::{Rendered, RenderedStep},
};

/// What a statement came to.
enum Ran {
    /// It answered these rows.
    Rows(Vec<Row>),
    /// It changed so many.
    Changed(u64),
}

/// Compiles the statements of the steps, those that are not kept compiled.
pub(crate) async fn compile(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    steps: &[RenderedStep],
) -> Result<Vec<Statement>, Failure> {
    let mut statements = Vec::with_capacity(steps.len());
    for step in steps {
        let statement = prepare(connection, &step.statement.sql).await;
        statements.push(statement.map_err(|error| error::of_step(error, catalogue, &step.then))?);
    }
    Ok(statements)
}

/// Runs the steps up to the first that fails. They are sent in one go, when this is first polled, and
/// the database runs them one after the other: to wait for each answer would cost a journey each.
pub(crate) async fn make(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    steps: &[RenderedStep],
    statements: &[Statement],
) -> Result<Applied, Failure> {
    let running = steps
        .iter()
        .zip(statements)
        .map(|(step, statement)| run(connection, statement, step));
    let mut applied = Applied::default();
    for (ran, step) in join_all(running).await.into_iter().zip(steps) {
        let ran = ran.map_err(|error| error::of_step(error, catalogue, &step.then))?;
        take(ran, step, &mut applied)?;
    }
    Ok(applied)
}

/// Runs the steps one by one, since what comes later is about what comes before: tables that are not
/// there yet.
pub(crate) async fn make_one_by_one(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    steps: &[RenderedStep],
) -> Result<Applied, Failure> {
    let mut applied = Applied::default();
    for step in steps {
        let ran = async {
            let statement = connection.prepare(&step.statement.sql).await?;
            run(connection, &statement, step).await
        };
        let ran = ran.await;
        let ran = ran.map_err(|error| error::of_step(error, catalogue, &step.then))?;
        take(ran, step, &mut applied)?;
    }
    Ok(applied)
}

async fn run(
    connection: &Connection,
    statement: &Statement,
    step: &RenderedStep,
) -> Result<Ran, Error> {
    let parameters = in_driver(&step.statement);
    if answers_rows(&step.then) {
        let rows = connection.query(statement, &parameters).await?;
        return Ok(Ran::Rows(rows));
    }
    let changed = connection.execute(statement, &parameters).await?;
    Ok(Ran::Changed(changed))
}

fn in_driver(rendered: &Rendered) -> Vec<&(dyn ToSql + Sync)> {
    let parameters = rendered.parameters.iter();
    parameters
        .map(|parameter| parameter as &(dyn ToSql + Sync))
        .collect()
}

fn answers_rows(then: &Then) -> bool {
    matches!(
        then,
        Then::FindsRow(_)
            | Then::FindsNone(_)
            | Then::FindsExactly(..)
            | Then::IsFree(_)
            | Then::CollectsEnded
            | Then::CollectsMoved
    )
}

/// Makes of what a step came to what it is to come to.
fn take(ran: Ran, step: &RenderedStep, applied: &mut Applied) -> Result<(), StorageError> {
    let (rows, changed) = match ran {
        Ran::Rows(rows) => (rows, 0),
        Ran::Changed(changed) => (Vec::new(), changed),
    };
    let (holds, precondition) = match &step.then {
        Then::ChangesSchema
        | Then::Indexes(_)
        | Then::GoOn
        | Then::Inserts(_)
        | Then::RefersTo(_) => return Ok(()),
        Then::CountsChanged => {
            applied.changed += changed;
            return Ok(());
        }
        Then::CountsLinked { .. } => {
            applied.linked += changed;
            return Ok(());
        }
        Then::CountsUnlinked => {
            applied.unlinked += changed;
            return Ok(());
        }
        Then::CollectsEnded => {
            let mut ended = selectors(&rows)?;
            ended.sort_unstable();
            applied.ended.append(&mut ended);
            return Ok(());
        }
        Then::CollectsMoved => {
            let mut moved = selectors(&rows)?;
            moved.sort_unstable();
            applied.moved.append(&mut moved);
            return Ok(());
        }
        Then::IsFree(_) if rows.is_empty() => return Ok(()),
        Then::IsFree(constraint) => {
            return Err(StorageError::Conflict {
                constraint: constraint.clone(),
            });
        }
        Then::ChangesOne(precondition) => (changed == 1, precondition),
        Then::FindsRow(precondition) => (!rows.is_empty(), precondition),
        Then::FindsNone(precondition) => (rows.is_empty(), precondition),
        Then::FindsExactly(precondition, expected) => {
            (selectors(&rows)? == *expected, precondition)
        }
    };
    if holds {
        Ok(())
    } else {
        Err(StorageError::Refused {
            precondition: precondition.clone(),
        })
    }
}

fn selectors(rows: &[Row]) -> Result<Vec<Selector>, StorageError> {
    let selector = |row: &Row| {
        let bytes: &[u8] = row.try_get(0).map_err(error::unavailable)?;
        let bytes = bytes
            .try_into()
            .map_err(|_| StorageError::unavailable("a selector of another length"))?;
        Ok(Selector::from_bytes(bytes))
    };
    rows.iter().map(selector).collect()
}
