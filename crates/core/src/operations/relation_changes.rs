//! Links between records: adding, replacing and taking them away is one step each, together with the
//! relation itself if it has to be made.

use std::collections::HashSet;

use vestibule_model::{Cardinality, Catalogue, ErrorCode, ObjectId, Relation};
use vestibule_storage::{Change, Constraint, Precondition, StorageError, Visibility};

use super::{
    Children,
    attempt::{Failed, attempts},
    find_by_id::not_found,
    matching_children,
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

impl RelationChange<'_> {
    /// Makes the change, and says how many links it was about: new ones, those that there are now,
    /// or those that there were.
    ///
    /// # Errors
    /// 1000 if there is no such parent that the caller may see, 1127 if there is no such relation,
    /// 1128 for a second child by a relation to one, and the codes of a where-clause.
    pub(super) async fn make(&self, ctx: &Context) -> Result<u64> {
        attempts(|| self.attempt(ctx)).await
    }

    async fn attempt(&self, ctx: &Context) -> Result<u64, Failed> {
        let engine = &ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        let visibility = permissions::visibility(ctx.call(), &ctx.settings());
        let (relation, schema_changes) = self.relation(ctx, &catalogue)?;
        let children = self
            .children(ctx, &catalogue, &relation, &visibility)
            .await?;
        // The parent first: whoever may not see it makes no relation either.
        let mut changes = vec![Change::Require(Precondition::RecordExists {
            table: self.table.to_owned(),
            id: self.parent.clone(),
            visibility: visibility.clone(),
        })];
        changes.extend(schema_changes);
        changes.extend(self.link_changes(&relation, children, visibility));
        let applied = engine.apply(changes).await;
        let applied = applied.map_err(|error| self.failure(error))?;
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
            (Children::Ids(ids), _) => {
                matching_children::refuse_too_many(ids)?;
                let mut seen = HashSet::new();
                let once = ids.iter().filter(|id| seen.insert(*id));
                once.cloned().collect()
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

    fn failure(&self, error: StorageError) -> Failed {
        match error {
            StorageError::Refused { .. } => not_found(self.parent).into(),
            StorageError::Conflict {
                constraint: Constraint::OneToOne { relation, .. },
            } => occupied(&relation).into(),
            error => error.into(),
        }
    }
}

fn occupied(relation: &str) -> Error {
    let message = format!(
        "the relation '{relation}' leads to one record at most; set it to replace that record"
    );
    Error::new(ErrorCode::RelationOccupied, message)
}
