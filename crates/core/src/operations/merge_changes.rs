//! From a plan of a merge to the changes of the storage.

use vestibule_model::{Catalogue, ObjectId, Properties, Table, Timestamp, USERS, User};
use vestibule_storage::{Change, Precondition, RecordUpdate, UserUpdate, Visibility};

use super::{
    MergeOutlook, MergePlan,
    merge_plan::Step,
    record_properties::{Sent, is_servers_own},
    saving, user_properties,
};
use crate::{Error, Result, call::Call};

/// The most that a plan may say.
const STEPS_AT_MOST: usize = 1000;

/// The most rows and links that a merge takes over: it is one step, and everybody waits behind it.
const ROWS_AT_MOST: u64 = 10_000;

/// A plan, and what it is about.
pub(super) struct Merge<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) call: &'a Call,
    pub(super) now: Timestamp,
    pub(super) guest: &'a ObjectId,
    pub(super) existing: &'a User,
    /// The handler whose plan it is.
    pub(super) by: &'a str,
}

impl Merge<'_> {
    /// The changes that the plan comes to; nothing about sessions and the guest itself.
    ///
    /// # Errors
    /// An internal error that names the mistake in the plan.
    pub(super) fn changes(&self, plan: &MergePlan) -> Result<Vec<Change>> {
        if plan.len() > STEPS_AT_MOST {
            let said = plan.len();
            return Err(self.mistake(&format!(
                "says {said} things, and {STEPS_AT_MOST} are allowed; merge less"
            )));
        }
        let mut changes = Vec::new();
        for record in &plan.unchanged {
            let table = self.table(&record.table)?;
            changes.push(Change::Require(Precondition::RecordUnchanged {
                table: table.name.clone(),
                id: record.id.clone(),
                updated: record.updated,
            }));
        }
        for step in &plan.steps {
            changes.extend(self.step(step)?);
        }
        for name in &plan.kept {
            self.relation(USERS, name)?;
        }
        for name in plan.relations.difference(&plan.kept) {
            let to_table = self.relation(USERS, name)?;
            changes.extend(self.unlink_each_other(name, to_table));
            changes.push(Change::MoveLinks {
                table: USERS.to_owned(),
                relation: name.clone(),
                from: self.guest.clone(),
                to: self.existing.id().clone(),
            });
        }
        for (table, relation) in &plan.references {
            if self.relation(table, relation)? != USERS {
                return Err(self.mistake(&format!(
                    "takes references by {table}.{relation}, which does not lead to users"
                )));
            }
            if table == USERS {
                changes.extend(self.unlink_each_other(relation, USERS));
            }
            changes.push(Change::MoveReferences {
                table: table.clone(),
                relation: relation.clone(),
                from: self.guest.clone(),
                to: self.existing.id().clone(),
            });
        }
        for table in &plan.owned {
            changes.push(Change::MoveOwnership {
                table: self.table(table)?.name.clone(),
                from: self.guest.clone(),
                to: self.existing.id().clone(),
            });
        }
        if plan.everything {
            // Another call of the guest may have filled a table that the outlook knows nothing of.
            changes.push(Change::Require(Precondition::OwnsNothing(
                self.guest.clone(),
            )));
        }
        Ok(changes)
    }

    /// Refuses a merge that would be too much work for one step, as far as the outlook knows.
    ///
    /// # Errors
    /// An internal error for the log: nobody but the operator can do anything about it.
    pub(super) fn refuse_too_much(&self, plan: &MergePlan, outlook: &MergeOutlook) -> Result<()> {
        let relations = outlook.relations.iter();
        let relations = relations.filter(|taken| plan.relations.contains(&taken.name));
        let references = outlook.references.iter().filter(|taken| {
            let name = (taken.table.clone(), taken.relation.clone());
            plan.references.contains(&name)
        });
        let owned = outlook.owned.iter();
        let owned = owned.filter(|taken| plan.owned.contains(&taken.table));
        let rows = relations.map(|taken| taken.guest).sum::<u64>()
            + references.map(|taken| taken.guest).sum::<u64>()
            + owned.map(|taken| taken.rows).sum::<u64>();
        if rows <= ROWS_AT_MOST {
            return Ok(());
        }
        Err(self.mistake(&format!(
            "takes over {rows} rows and links, and {ROWS_AT_MOST} are allowed; take less, or remove \
             what is old first"
        )))
    }

    /// A mistake in the plan, for the log.
    pub(super) fn mistake(&self, what: &str) -> Error {
        Error::internal(format!("the merge plan of {} {what}", self.by))
    }

    fn step(&self, step: &Step) -> Result<Option<Change>> {
        match step {
            Step::MoveLinks {
                table,
                relation,
                from,
                to,
            } => {
                self.relation(table, relation)?;
                Ok(Some(Change::MoveLinks {
                    table: table.clone(),
                    relation: relation.clone(),
                    from: from.clone(),
                    to: to.clone(),
                }))
            }
            Step::Remove { table, .. } if table == USERS => {
                Err(self.mistake("removes a user; the guest goes by itself"))
            }
            Step::Remove { table, id } => Ok(Some(Change::RemoveRecord {
                table: self.table(table)?.name.clone(),
                id: id.clone(),
                visibility: Visibility::Everything,
            })),
            Step::Update {
                table,
                id,
                properties,
            } if table == USERS => self.update_user(id, properties.clone()),
            Step::Update {
                table,
                id,
                properties,
            } => self.update(table, id, properties.clone()),
        }
    }

    fn update(&self, table: &str, id: &ObjectId, properties: Properties) -> Result<Option<Change>> {
        let table = self.table(table)?;
        self.refuse_unknown(table, &properties)?;
        let assignments = Sent::sort_out(properties, self.call)
            .and_then(|sent| saving::assignments(self.catalogue, table, &sent, None))
            .map_err(|error| self.misfit(&table.name, &error))?;
        Ok((!assignments.is_empty()).then(|| {
            Change::UpdateRecord(RecordUpdate {
                table: table.name.clone(),
                id: id.clone(),
                assignments,
                at: self.now,
                visibility: Visibility::Everything,
            })
        }))
    }

    fn update_user(&self, id: &ObjectId, properties: Properties) -> Result<Option<Change>> {
        if id != self.existing.id() {
            return Err(self.mistake("updates a user who is not the existing one"));
        }
        self.refuse_unknown(self.table(USERS)?, &properties)?;
        let properties = user_properties::accept(properties, self.catalogue, false)
            .and_then(|accepted| {
                user_properties::require_what_is_named(&accepted, self.catalogue)?;
                Ok(accepted)
            })
            .map_err(|error| self.misfit(USERS, &error))?;
        Ok((!properties.is_empty()).then(|| {
            Change::UpdateUser(UserUpdate {
                id: id.clone(),
                properties,
                password: None,
                at: self.now,
            })
        }))
    }

    /// Where a relation leads from users to users: nobody is to become related to itself because the
    /// two were related to each other.
    fn unlink_each_other(&self, relation: &str, to_table: &str) -> Vec<Change> {
        if to_table != USERS {
            return Vec::new();
        }
        let unlink = |parent: &ObjectId, child: &ObjectId| Change::Unlink {
            table: USERS.to_owned(),
            relation: relation.to_owned(),
            parent: parent.clone(),
            children: Some(vec![child.clone()]),
            except: Vec::new(),
        };
        vec![
            unlink(self.guest, self.existing.id()),
            unlink(self.existing.id(), self.guest),
        ]
    }

    fn table(&self, name: &str) -> Result<&Table> {
        let table = self.catalogue.table(name);
        table.ok_or_else(|| self.mistake(&format!("names the table '{name}', which there is not")))
    }

    /// Where a relation leads to.
    fn relation(&self, table: &str, name: &str) -> Result<&str> {
        let relation = self.table(table)?.relation(name).ok_or_else(|| {
            self.mistake(&format!(
                "names the relation '{name}', which the table '{table}' does not have"
            ))
        })?;
        Ok(&relation.to_table)
    }

    fn refuse_unknown(&self, table: &Table, properties: &Properties) -> Result<()> {
        let unknown = |name: &&String| {
            table.readable_column(name.as_str()).is_none() && !is_servers_own(name.as_str())
        };
        match properties.keys().find(unknown) {
            None => Ok(()),
            Some(name) => Err(self.mistake(&format!(
                "names the column '{name}', which the table '{}' does not have",
                table.name
            ))),
        }
    }

    fn misfit(&self, table: &str, error: &Error) -> Error {
        self.mistake(&format!(
            "updates '{table}' with what does not fit: {}",
            error.log()
        ))
    }
}
