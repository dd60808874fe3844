//! Links between records: adding, replacing and taking them away is one step each, together with the
//! relation itself if it has to be made.

use std::collections::HashSet;

use vestibule_model::{Cardinality, Catalogue, ErrorCode, ObjectId, PermissionOperation, Relation};
use vestibule_storage::{Change, Constraint, StorageError, Visibility};

use super::{
    Children,
    attempt::{Failed, attempts},
    matching_children,
    reach::Reach,
    relation_text::{RelationText, no_such_relation},
};
use crate::{Error, Result, clauses, context::Context, permissions, schema::Draft};

/// What becomes of the links of one record.
pub(super) struct RelationChange<'a> {
    pub(super) table: &'a str,
    pub(super) parent: &'a ObjectId,
    pub(super) relation: &'a str,
    pub(super) children: &'a Children,
    pub(super) how: How,
}

/// Whether this caller may change the links of any record of this table like this.
///
/// # Errors
/// 1134 for links, 1012 for the records themselves: to relate a record to others is to change it.
pub(super) fn permit(ctx: &Context, table: &str, how: How) -> Result<()> {
    let mut operations = how.operations().iter();
    operations.try_for_each(|operation| permissions::permit(ctx, table, *operation))
}

/// Which change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Links are added.
    Add,
    /// These links, and no others.
    Set,
    /// Links are taken away.
    Delete,
}

impl How {
    /// What must be granted for the record that refers.
    pub(super) const fn operations(self) -> &'static [PermissionOperation] {
        match self {
            Self::Add => &[
                PermissionOperation::AddRelation,
                PermissionOperation::Update,
            ],
            Self::Set => &[
                PermissionOperation::AddRelation,
                PermissionOperation::DeleteRelation,
                PermissionOperation::Update,
            ],
            Self::Delete => &[
                PermissionOperation::DeleteRelation,
                PermissionOperation::Update,
            ],
        }
    }
}

impl RelationChange<'_> {
    /// Makes the change, and says how many links it was about: new ones, those that there are now,
    /// or those that there were.
    ///
    /// # Errors
    /// 1000 if there is no such parent that the caller may find, 1134 and 1012 if the caller may not
    /// change its links or the record itself, 1127 if there is no such relation,
    /// 1128 for a second child by a relation to one, and the codes of a where-clause.
    pub(super) async fn make(&self, ctx: &Context) -> Result<u64> {
        attempts(|| self.attempt(ctx)).await
    }

    async fn attempt(&self, ctx: &Context) -> Result<u64, Failed> {
        let engine = &ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        let reach = Reach::of(ctx, self.table, self.how.operations());
        let visibility = reach.visibility().clone();
        let (relation, schema_changes) = self.relation(ctx, &catalogue)?;
        let children = self
            .children(ctx, &catalogue, &relation, &visibility)
            .await?;
        // The parent first: whoever may not see it makes no relation either.
        let mut changes = reach.require(self.parent);
        changes.extend(schema_changes);
        changes.extend(self.link_changes(&relation, children, visibility));
        let applied = engine.apply(changes).await;
        let applied = applied.map_err(|error| failure(error, &reach, ctx))?;
        Ok(match self.how {
            How::Add | How::Set => applied.linked,
            How::Delete => applied.unlinked,
        })
    }

    /// The relation, and what must be done first if it has to be made.
    fn relation(&self, ctx: &Context, catalogue: &Catalogue) -> Result<(Relation, Vec<Change>)> {
        let table = clauses::table(catalogue, self.table)?;
        let text = RelationText::parse(self.relation)?;
        if let Some(relation) = text.find(table)? {
            return Ok((relation, Vec::new()));
        }
        match text {
            RelationText::Declared(relation)
                if ctx.settings().schema.dynamic && self.how != How::Delete =>
            {
                let mut draft = Draft::of(catalogue);
                draft.add_relation(self.table, relation.clone())?;
                Ok((relation, draft.into_parts().1))
            }
            RelationText::Declared(Relation { name, .. }) => Err(no_such_relation(table, &name)),
            RelationText::Named(name) => Err(no_such_relation(table, name)),
        }
    }

    /// The ids that the call is about, each once.
    async fn children(
        &self,
        ctx: &Context,
        catalogue: &Catalogue,
        relation: &Relation,
        visibility: &Visibility,
    ) -> Result<Vec<ObjectId>, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let ids = match (self.children, self.how) {
            (Children::Ids(ids), how) => {
                matching_children::refuse_too_many(ids)?;
                let mut seen = HashSet::new();
                let once = ids.iter().filter(|id| seen.insert(*id));
                let once: Vec<_> = once.cloned().collect();
                if how == How::Delete {
                    // A link to what may not be seen is not there to be counted. Where links are
                    // added, the step itself leaves such children out.
                    matching_children::seen(storage, &relation.to_table, once, visibility).await?
                } else {
                    once
                }
            }
            (Children::Matching(clause), How::Delete) => {
                let links = (self.table, self.parent, relation.name.as_str());
                matching_children::linked(storage, catalogue, links, clause, visibility).await?
            }
            (Children::Matching(clause), How::Add | How::Set) => {
                let table = &relation.to_table;
                matching_children::existing(storage, catalogue, table, clause, visibility).await?
            }
        };
        let to_one = relation.cardinality == Cardinality::OneToOne;
        if to_one && ids.len() > 1 && self.how != How::Delete {
            return Err(occupied(&relation.name).into());
        }
        Ok(ids)
    }

    fn link_changes(
        &self,
        relation: &Relation,
        children: Vec<ObjectId>,
        visibility: Visibility,
    ) -> Vec<Change> {
        let unlink = |children| Change::Unlink {
            table: self.table.to_owned(),
            relation: relation.name.clone(),
            parent: self.parent.clone(),
            children,
            except: Vec::new(),
        };
        let link = |children| Change::Link {
            table: self.table.to_owned(),
            relation: relation.name.clone(),
            parent: self.parent.clone(),
            children,
            visibility,
        };
        match self.how {
            How::Add => vec![link(children)],
            // All links are made anew: the new ones are all that there are, and are counted.
            How::Set => vec![unlink(None), link(children)],
            How::Delete => vec![unlink(Some(children))],
        }
    }
}

fn failure(error: StorageError, reach: &Reach, ctx: &Context) -> Failed {
    match error {
        StorageError::Refused { precondition } => match reach.refusal(ctx, &precondition) {
            Some(refusal) => refusal.into(),
            None => StorageError::Refused { precondition }.into(),
        },
        StorageError::Conflict {
            constraint: Constraint::OneToOne { relation, .. },
        } => occupied(&relation).into(),
        error => error.into(),
    }
}

fn occupied(relation: &str) -> Error {
    let message = format!(
        "the relation '{relation}' leads to one record at most; set it to replace that record"
    );
    Error::new(ErrorCode::RelationOccupied, message)
}
