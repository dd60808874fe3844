use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use vestibule_model::{ObjectId, Properties, Record, Timestamp};

use super::MergeOutlook;

/// How a guest and an existing user become one: what a handler of
/// [`GuestConflict`](crate::GuestConflict) answers. The engine does all of it in one atomic step; in
/// the same step the guest's session becomes one of the existing user, and the guest is gone.
///
/// ```
/// use vestibule_core::{Flow, GuestConflict, MergePlan};
///
/// // The existing user's profile stays; everything else of the guest's is taken over.
/// fn merge(conflict: &GuestConflict) -> Flow<GuestConflict> {
///     let plan = MergePlan::new()
///         .take_everything(conflict.outlook())
///         .keep_existing_on("profile");
///     Flow::Respond(plan)
/// }
/// ```
///
/// What a plan does not take is left behind: links of the guest go with it, and rows that it owned
/// stay and belong to nobody who is there. Names that the schema does not have, and a collision that
/// the plan says nothing about, are mistakes of the handler: nothing is merged, and the log names
/// them. No handlers of updates and removals run for what a plan changes.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "answer it: `Ok(Flow::Respond(plan))`"]
pub struct MergePlan {
    pub(super) unchanged: Vec<Unchanged>,
    pub(super) steps: Vec<Step>,
    pub(super) relations: BTreeSet<String>,
    pub(super) kept: BTreeSet<String>,
    pub(super) references: BTreeSet<(String, String)>,
    pub(super) owned: BTreeSet<String>,
    /// Whether the guest must own nothing any more once this is done.
    pub(super) everything: bool,
}

/// A record, and when it was last changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unchanged {
    pub(super) table: String,
    pub(super) id: ObjectId,
    pub(super) updated: Option<Timestamp>,
}

/// One thing to do, in the order in which it was said, before anything is taken over.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    MoveLinks {
        table: String,
        relation: String,
        from: ObjectId,
        to: ObjectId,
    },
    Update {
        table: String,
        id: ObjectId,
        properties: Properties,
    },
    Remove {
        table: String,
        id: ObjectId,
    },
}

impl MergePlan {
    /// The plan that takes nothing: the guest goes with all it has, and its session becomes one of
    /// the existing user.
    pub fn new() -> Self {
        Self::default()
    }

    /// The existing user becomes related to what the guest is related to by this relation of
    /// `Users`, too. Where the relation leads to one record, the existing user may not have one.
    pub fn take_relation(mut self, name: impl Into<String>) -> Self {
        self.relations.insert(name.into());
        self
    }

    /// By this relation of `Users` the existing user stays related as it is, whatever else the plan
    /// says; the guest's links go with the guest.
    pub fn keep_existing_on(mut self, relation: impl Into<String>) -> Self {
        self.kept.insert(relation.into());
        self
    }

    /// Records of this table that refer to the guest by this relation refer to the existing user.
    pub fn take_references(
        mut self,
        table: impl Into<String>,
        relation: impl Into<String>,
    ) -> Self {
        self.references.insert((table.into(), relation.into()));
        self
    }

    /// Rows of this table that the guest owns belong to the existing user.
    pub fn take_owned_rows(mut self, table: impl Into<String>) -> Self {
        self.owned.insert(table.into());
        self
    }

    /// Takes every relation, every reference and all owned rows that the outlook names; if the guest
    /// comes to own rows elsewhere before the merge, the handler is asked again. Where both are
    /// related to one record by a relation that has room for one, say which it is to be:
    /// [`keep_existing_on`](MergePlan::keep_existing_on), or [`remove`](MergePlan::remove) one.
    pub fn take_everything(mut self, outlook: &MergeOutlook) -> Self {
        for relation in &outlook.relations {
            self = self.take_relation(&relation.name);
        }
        for reference in &outlook.references {
            self = self.take_references(&reference.table, &reference.relation);
        }
        for owned in &outlook.owned {
            self = self.take_owned_rows(&owned.table);
        }
        self.everything = true;
        self
    }

    /// What one record refers to by a relation, another one of the same table refers to instead.
    pub fn move_links(
        mut self,
        table: impl Into<String>,
        relation: impl Into<String>,
        from: &ObjectId,
        to: &ObjectId,
    ) -> Self {
        self.steps.push(Step::MoveLinks {
            table: table.into(),
            relation: relation.into(),
            from: from.clone(),
            to: to.clone(),
        });
        self
    }

    /// Changes columns of a record. Of the table `Users` it can only be the existing user.
    pub fn update(
        mut self,
        table: impl Into<String>,
        id: &ObjectId,
        properties: Properties,
    ) -> Self {
        self.steps.push(Step::Update {
            table: table.into(),
            id: id.clone(),
            properties,
        });
        self
    }

    /// Removes a record with all its links. Never one of the table `Users`.
    pub fn remove(mut self, table: impl Into<String>, id: &ObjectId) -> Self {
        self.steps.push(Step::Remove {
            table: table.into(),
            id: id.clone(),
        });
        self
    }

    /// The plan holds only while this record is as it was read: say it of whatever the plan was
    /// computed from. If it has changed, the handler is asked again. The record must have been read
    /// with its column `updated`, as every query does that names no columns.
    pub fn while_unchanged(mut self, record: &Record) -> Self {
        self.unchanged.push(Unchanged {
            table: record.table().to_owned(),
            id: record.id().clone(),
            updated: record.updated(),
        });
        self
    }

    /// How many things the plan says.
    pub(super) fn len(&self) -> usize {
        self.unchanged.len()
            + self.steps.len()
            + self.relations.len()
            + self.kept.len()
            + self.references.len()
            + self.owned.len()
    }

    /// The plan as JSON for observers and logs: what it is about, and no values.
    pub(super) fn describe(&self) -> Json {
        json!({
            "steps": self.steps.len(),
            "relations": self.relations,
            "kept": self.kept,
            "references": self.references,
            "ownedRows": self.owned,
        })
    }
}
