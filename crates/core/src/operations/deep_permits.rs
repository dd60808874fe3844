//! What the caller of a deep save must be allowed to do: with each record in it as by itself.

use vestibule_model::{PermissionOperation, Properties, USERS};

use super::{
    Register, UpdateUser, Via,
    deep_tree::Node,
    find_by_id::permit_finding,
    reach::{self, Reach},
    record_properties::id_of,
};
use crate::{Result, context::Context, event::Operation, permissions};

/// Whether this caller may save such records at all. It is asked before any handler runs; with which
/// of the records that are there is part of the step that writes everything.
///
/// # Errors
/// What saving one of them, or relating it to others, is refused with.
pub(super) async fn permit(ctx: &Context, nodes: &[Node]) -> Result<()> {
    for node in nodes {
        if let Some(id) = node.id.as_ref().filter(|_| node.is_only_linked()) {
            permit_finding(ctx, &node.table, id)?;
            continue;
        }
        permit_row(ctx, node).await?;
        let links = permit_links(ctx, nodes, node);
        match &node.id {
            Some(id) => reach::unless_hidden(ctx, &node.table, id, links).await?,
            None => links?,
        }
    }
    Ok(())
}

/// Whether this caller may save such a record, whatever it is sent with.
///
/// # Errors
/// What saving it is refused with.
pub(super) async fn permit_root(ctx: &Context, table: &str, properties: &Properties) -> Result<()> {
    let id = properties.get("objectId").map(id_of);
    let root = Node {
        table: table.to_owned(),
        id: id.and_then(Result::ok).flatten(),
        properties: Properties::new(),
        relations: Vec::new(),
        parent: None,
    };
    permit_row(ctx, &root).await
}

async fn permit_row(ctx: &Context, node: &Node) -> Result<()> {
    let (via, properties) = (Via::DataService, node.properties.clone());
    match &node.id {
        None if node.table == USERS => {
            let event = Register {
                via,
                ..Register::new(properties)
            };
            event.permit(ctx)
        }
        Some(id) if node.table == USERS => {
            let event = UpdateUser {
                via,
                ..UpdateUser::new(id.clone(), properties)
            };
            event.verdict(ctx, event.permit(ctx)).await
        }
        None => permissions::permit(ctx, &node.table, PermissionOperation::Add),
        Some(id) => {
            let permitted = permissions::permit(ctx, &node.table, PermissionOperation::Update);
            reach::unless_hidden(ctx, &node.table, id, permitted).await
        }
    }
}

/// Whether this caller may relate such a record to what is sent for its relations.
fn permit_links(ctx: &Context, nodes: &[Node], node: &Node) -> Result<()> {
    if node.relations.is_empty() {
        return Ok(());
    }
    if node.id.is_none() {
        permissions::permit(ctx, &node.table, PermissionOperation::Find)?;
    }
    for operation in operations(node) {
        permissions::permit(ctx, &node.table, operation)?;
    }
    let mut children = node.relations.iter().flat_map(|mention| &mention.children);
    children.try_for_each(|child| {
        permissions::permit(ctx, &nodes[*child].table, PermissionOperation::Find)
    })
}

/// What must be granted for a record to which something is written.
fn operations(node: &Node) -> impl Iterator<Item = PermissionOperation> {
    let has = |wanted: bool, operation| wanted.then_some(operation);
    let mut mentions = node.relations.iter();
    let links = mentions.any(|mention| !mention.children.is_empty());
    // What a record that is there refers to is replaced.
    let unlinks = !node.relations.is_empty() && node.id.is_some();
    [
        Some(PermissionOperation::Update),
        has(links, PermissionOperation::AddRelation),
        has(unlinks, PermissionOperation::DeleteRelation),
    ]
    .into_iter()
    .flatten()
}

/// The records of a table to which the caller may write what is sent for this one.
pub(super) fn reach(ctx: &Context, node: &Node) -> Reach {
    let operations: Vec<_> = operations(node).collect();
    Reach::of(ctx, &node.table, &operations)
}
