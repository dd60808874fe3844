use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::{Catalogue, PermissionOperation, Record, USERS};
use vestibule_storage::{Change, Precondition};

use super::{
    reach::Reach,
    saving,
    slices::{self, Slices},
    user_rows,
};
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// The records that a clause is true for go, with all their links.
///
/// Backendless: `beforeRemoveBulk` and `afterRemoveBulk`, event 120 (data) and 220 (users). The
/// output is how many went. It is done in slices, each of which is all or nothing. On the table
/// `Users` each user is a step, the sessions of those who go end, and no
/// [`RemoveUser`](crate::RemoveUser) comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRemove {
    pub(crate) table: String,
    pub(crate) where_clause: String,
}

impl BulkRemove {
    /// The removal of the records that the clause is true for.
    pub fn new(table: impl Into<String>, where_clause: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            where_clause: where_clause.into(),
        }
    }

    /// The table of the records.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Which records are to go.
    pub fn where_clause(&self) -> &str {
        &self.where_clause
    }
}

impl Event for BulkRemove {
    const NAME: &'static str = "bulkRemove";
    type Output = u64;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "where": self.where_clause })
    }

    fn describe_output(output: &u64) -> impl Serialize {
        Json::from(*output)
    }
}

impl DataEvent for BulkRemove {}
impl FromInput for BulkRemove {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            where_clause: input.text("where")?,
        })
    }
}

impl Sealed for BulkRemove {}
impl ClientEvent for BulkRemove {}

impl Operation for BulkRemove {
    // Which records may be found and removed is part of the steps that remove them.
    fn permit(&self, ctx: &Context) -> Result<()> {
        slices::permit(ctx, &self.table, PermissionOperation::Remove)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<u64>> {
        let operation = PermissionOperation::Remove;
        let mut slices = Slices::new(ctx, &self.table, &self.where_clause, operation, None);
        let mut removed = 0;
        while let Some(records) = slices.next().await? {
            removed += if self.table == USERS {
                remove_users(ctx, &records).await?
            } else {
                remove(ctx, &self.table, &slices, &records).await?
            };
        }
        Ok(Performed::done(removed))
    }
}

/// Removes those of these records that are still as the clause says.
async fn remove(
    ctx: &Context,
    table: &str,
    slices: &Slices<'_>,
    records: &[Record],
) -> Result<u64> {
    let plan = |catalogue: &Catalogue| {
        let remove = Change::RemoveRecords {
            table: table.to_owned(),
            ids: records.iter().map(|record| record.id().clone()).collect(),
            condition: Some(slices.condition(catalogue)?),
            visibility: slices.visibility().clone(),
        };
        Ok((vec![remove], ()))
    };
    let applied = saving::apply(&ctx.shared.engine, plan).await;
    let ((), applied) = applied.map_err(|failed| failed.into_error(table, None))?;
    Ok(applied.changed)
}

/// Removes those of these users who have not changed since they were found. Each is a step of its
/// own: the sessions of a user go too, and nobody else is to wait for many of them.
async fn remove_users(ctx: &Context, users: &[Record]) -> Result<u64> {
    let mut removed = 0;
    let reach = Reach::of(ctx, USERS, &[PermissionOperation::Remove]);
    for user in users {
        let unchanged = Precondition::RecordUnchanged {
            table: USERS.to_owned(),
            id: user.id().clone(),
            updated: user.updated(),
        };
        let remove = Change::RemoveUser {
            id: user.id().clone(),
        };
        let plan = |_: &Catalogue| {
            let mut changes = reach.besides_existing(user.id());
            changes.extend([Change::Require(unchanged.clone()), remove.clone()]);
            Ok((changes, ()))
        };
        match saving::apply(&ctx.shared.engine, plan).await {
            Ok(_) => removed += 1,
            // Changed, gone or out of reach meanwhile: no longer what the clause was about.
            Err(failed) if failed.is_of_change() || failed.is_beyond(&reach, ctx) => {}
            Err(failed) => return Err(user_rows::refusal(failed, false)),
        }
    }
    Ok(removed)
}
