//! What a deep save answers: the record with the relations that were sent, as they are now.

use std::collections::BTreeMap;

use vestibule_model::{Cardinality, ObjectId, Query, Record, Related};

use super::deep_tree::{Mention, Node};
use crate::{Result, clauses, context::Context, permissions, schema};

/// Records of one relation; a deep save has no more of them in all.
const RECORDS_AT_MOST: i64 = 100;

/// Gives the first record the relations that were sent, and so to the records that these lead to. A
/// relation that leads nowhere is left out (wire contract, section 9.5).
pub(super) async fn complete(
    ctx: &Context,
    mut root: Record,
    nodes: &[Node],
    ids: &[Option<ObjectId>],
) -> Result<Record> {
    let mut related: Vec<BTreeMap<String, Related>> = Vec::new();
    related.resize_with(nodes.len(), BTreeMap::new);
    // Children stand behind their parents: from the end on, they are complete when they are needed.
    for (place, node) in nodes.iter().enumerate().rev() {
        let Some(id) = &ids[place] else { continue };
        for mention in &node.relations {
            if mention.children.is_empty() {
                continue;
            }
            let (cardinality, mut records) = load(ctx, node, mention, id).await?;
            for record in &mut records {
                let mut children = mention.children.iter();
                let child = children.find(|child| ids[**child].as_ref() == Some(record.id()));
                // What stands in several places has its relations in the first one only: the answer
                // ends, and stays small.
                if let Some(child) = child.filter(|child| nodes[**child].parent == Some(place)) {
                    record.related = std::mem::take(&mut related[*child]);
                }
            }
            if records.is_empty() {
                continue;
            }
            let found = match cardinality {
                Cardinality::OneToOne => Related::One(records.into_iter().next().map(Box::new)),
                Cardinality::OneToMany => Related::Many(records),
            };
            related[place].insert(mention.relation.clone(), found);
        }
    }
    root.related = related.into_iter().next().unwrap_or_default();
    Ok(root)
}

/// The records that a relation leads to, the newest first.
async fn load(
    ctx: &Context,
    node: &Node,
    mention: &Mention,
    parent: &ObjectId,
) -> Result<(Cardinality, Vec<Record>)> {
    let engine = &ctx.shared.engine;
    for _ in 0..schema::ATTEMPTS {
        let catalogue = engine.storage.catalogue().await?;
        let query = clauses::related(
            &catalogue,
            &node.table,
            &mention.relation,
            vec![parent.clone()],
            &Query::new().page_size(RECORDS_AT_MOST),
            permissions::visibility(ctx),
        )?;
        let table = clauses::table(&catalogue, &node.table)?;
        let relation = table.relation(&mention.relation);
        let cardinality = relation.map_or(Cardinality::OneToMany, |found| found.cardinality);
        match engine.storage.related(&query).await {
            Ok(found) => {
                let records = found.into_iter().flat_map(|(_, records)| records).collect();
                return Ok((cardinality, records));
            }
            Err(error) if schema::is_outdated(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(schema::changed_too_often())
}
