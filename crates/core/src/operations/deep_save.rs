use serde::Serialize;
use serde_json::json;
use vestibule_model::{Catalogue, ObjectId, Properties, Record, USERS, User};
use vestibule_storage::{Change, Constraint, Precondition, Rows, StorageError, Visibility};

use super::{
    deep_answer, deep_permits,
    deep_rows::{Begun, Saved, Write},
    deep_tree::{Mention, Node, take_apart},
    description::describe_record,
    saving::{self, Failed, Is, Row, Saver},
    user_rows::{self, UserRow},
};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::describe_properties,
    permissions,
    settlement::Performed,
};

/// A record is saved together with the records that it refers to, all or nothing.
///
/// Backendless: none. Inside, each record that is made or changed is an event of its own
/// ([`Create`](crate::Create), [`Update`](crate::Update), or those of users) with its permission
/// check and its handlers: all before handlers run first, then everything is written in one step,
/// then the after handlers run. A relation that is sent leads to what was sent for it and to
/// nothing else afterwards; an object with nothing but an `objectId` is related and not changed. A
/// record of which only relations are sent is an update without properties. Tables, columns and
/// relations are never made. Objects with the same text under `__subID` are one record, as the SDK
/// sends an object that stands in several places. The output carries the relations that were sent,
/// as far as they lead anywhere.
#[derive(Clone, PartialEq)]
pub struct DeepSave {
    pub(crate) table: String,
    /// The record: columns, and relations with an object, a list of objects or null in them. With an
    /// `objectId` it is changed, without one it is made.
    pub properties: Properties,
}

impl DeepSave {
    /// A record of this table and what it refers to.
    pub fn new(table: impl Into<String>, properties: Properties) -> Self {
        Self {
            table: table.into(),
            properties,
        }
    }

    /// The table of the record.
    pub fn table(&self) -> &str {
        &self.table
    }
}

impl Event for DeepSave {
    const NAME: &'static str = "deepSave";
    type Output = Record;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "properties": describe_properties(&self.properties) })
    }

    fn describe_output(output: &Record) -> impl Serialize {
        describe_record(output)
    }
}

impl DataEvent for DeepSave {}
impl FromInput for DeepSave {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            properties: input.properties()?,
        })
    }
}

impl Sealed for DeepSave {}
impl ClientEvent for DeepSave {}

impl Operation for DeepSave {
    // What there is to ask stands in the catalogue.
    fn permit(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        permitted?;
        let catalogue = ctx.shared.engine.storage.catalogue().await?;
        match self.nodes(&catalogue, ctx) {
            Ok(nodes) => deep_permits::permit(ctx, &nodes).await,
            // A body that is no deep save: a handler may mend it, and else the operation refuses it.
            // Whoever may not save anything here is not told what is wrong with it.
            Err(_) => deep_permits::permit_root(ctx, &self.table, &self.properties).await,
        }
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Record>> {
        let catalogue = ctx.shared.engine.storage.catalogue().await?;
        let nodes = self.nodes(&catalogue, ctx)?;
        let save = Save {
            ctx,
            nodes: &nodes,
            visibility: permissions::visibility(ctx),
        };
        save.run().await.map(Performed::done)
    }
}

impl DeepSave {
    fn nodes(&self, catalogue: &Catalogue, ctx: &Context) -> Result<Vec<Node>> {
        let is_server_code = ctx.call().is_server_code();
        let properties = self.properties.clone();
        take_apart(catalogue, &self.table, properties, is_server_code)
    }
}

/// One deep save on its way.
struct Save<'a> {
    ctx: &'a Context,
    nodes: &'a [Node],
    visibility: Visibility,
}

/// What is to be written for all records.
struct Writes {
    /// For each record.
    rows: Vec<Write>,
    /// Each record's id; none if a handler answered for the record that refers to it.
    ids: Vec<Option<ObjectId>>,
    /// Whether a handler answered for it: its relations are left alone.
    answered: Vec<bool>,
}

impl Save<'_> {
    async fn run(&self) -> Result<Record> {
        let mut begun = Vec::new();
        let writes = match self.begin(&mut begun).await {
            Ok(()) => self.prepare(&begun).await,
            Err(error) => Err(error),
        };
        let writes = match writes {
            Ok(writes) => writes,
            Err(error) => {
                for row in begun {
                    row.abandon(error.clone()).await;
                }
                return Err(error);
            }
        };
        if let Some(Begun::Answered(record)) = begun.first() {
            return Ok((**record).clone());
        }
        let plan = |catalogue: &Catalogue| self.plan(catalogue, &writes);
        let made = match saving::apply(&self.ctx.shared.engine, plan).await {
            Ok((made, _)) => Ok(made),
            Err(failed) => Err(self.refusal(failed, &writes)),
        };
        let root = self.conclude(begun, &writes, made).await?;
        deep_answer::complete(self.ctx, root, self.nodes, &writes.ids).await
    }

    /// Runs the checks and the before handlers of all records.
    async fn begin(&self, begun: &mut Vec<Begun>) -> Result<()> {
        for node in self.nodes {
            let parent = node.parent.map(|parent| &begun[parent]);
            let row = match parent {
                Some(Begun::Answered(_) | Begun::Skipped) => Begun::Skipped,
                _ => Begun::begin(self.ctx, node).await?,
            };
            begun.push(row);
        }
        Ok(())
    }

    async fn prepare(&self, begun: &[Begun]) -> Result<Writes> {
        let mut writes = Writes {
            rows: Vec::new(),
            ids: Vec::new(),
            answered: Vec::new(),
        };
        for row in begun {
            let write = row.prepare(self.ctx).await?;
            writes.ids.push(match (row, &write) {
                (Begun::Linked(id), _) => Some(id.clone()),
                (Begun::Answered(record), _) => Some(record.id().clone()),
                (_, Write::New(id, _) | Write::Changed(id, ..)) => Some(id.clone()),
                (_, Write::User(row)) => Some(row.id().clone()),
                (_, Write::Nothing) => None,
            });
            writes.answered.push(matches!(row, Begun::Answered(_)));
            writes.rows.push(write);
        }
        Ok(writes)
    }

    /// The one step that writes all rows and all links, and the rows that are made by it.
    fn plan(&self, catalogue: &Catalogue, writes: &Writes) -> Result<(Vec<Change>, Made)> {
        let saver = Saver {
            ctx: self.ctx,
            dynamic: false,
        };
        let mut made = Made::default();
        let users: Vec<&UserRow> = writes
            .rows
            .iter()
            .filter_map(|row| match row {
                Write::User(user) => Some(user),
                _ => None,
            })
            .collect();
        let (mut changes, new_users) = user_rows::plan(self.ctx, catalogue, &users)?;
        made.users = new_users;
        for ((node, write), id) in self.nodes.iter().zip(&writes.rows).zip(&writes.ids) {
            let (sent, is) = match write {
                Write::New(_, sent) => (sent, Is::New),
                Write::Changed(_, sent, before) => {
                    let before = before.clone();
                    (sent, Is::There { before })
                }
                Write::User(_) => continue,
                Write::Nothing => {
                    if node.is_only_linked() {
                        changes.extend(id.as_ref().map(|id| self.require(&node.table, id)));
                    }
                    continue;
                }
            };
            let Some(id) = id.clone() else { continue };
            let row = [Row { id, is, sent }];
            let plan = saver.plan(catalogue, &node.table, &row)?;
            changes.extend(plan.changes);
            made.records.extend(plan.made);
        }
        self.link(writes, &mut changes);
        Ok((changes, made))
    }

    fn require(&self, table: &str, id: &ObjectId) -> Change {
        Change::Require(Precondition::RecordExists {
            table: table.to_owned(),
            id: id.clone(),
            visibility: self.visibility.clone(),
        })
    }

    /// Makes every relation that was sent lead to what was sent for it.
    fn link(&self, writes: &Writes, changes: &mut Vec<Change>) {
        let nodes = self.nodes.iter().zip(&writes.ids).zip(&writes.answered);
        for ((node, parent), answered) in nodes {
            let Some(parent) = parent.as_ref().filter(|_| !answered) else {
                continue;
            };
            if !node.relations.is_empty() {
                changes.extend(deep_permits::reach(self.ctx, node).require(parent));
            }
            for mention in &node.relations {
                let children = ids_of(mention, &writes.ids);
                changes.extend(self.find_new(mention, writes));
                changes.push(Change::Unlink {
                    table: node.table.clone(),
                    relation: mention.relation.clone(),
                    parent: parent.clone(),
                    children: None,
                    except: children.clone(),
                });
                if !children.is_empty() {
                    changes.push(Change::Link {
                        table: node.table.clone(),
                        relation: mention.relation.clone(),
                        parent: parent.clone(),
                        children,
                        visibility: self.visibility.clone(),
                    });
                }
            }
        }
    }

    /// That those may be found who are made here and referred to: a link leaves out who may not.
    fn find_new(&self, mention: &Mention, writes: &Writes) -> Vec<Change> {
        let new = mention.children.iter().filter_map(|child| {
            let (node, row) = (&self.nodes[*child], &writes.rows[*child]);
            let is_new = matches!(row, Write::New(..) | Write::User(UserRow::New { .. }));
            let is_bound = *self.visibility.of(&node.table) != Rows::All;
            let id = writes.ids[*child].as_ref().filter(|_| is_new && is_bound);
            id.map(|id| self.require(&node.table, id))
        });
        new.collect()
    }

    /// Runs the after handlers of all records; answers the first one.
    async fn conclude(
        &self,
        begun: Vec<Begun>,
        writes: &Writes,
        made: Result<Made>,
    ) -> Result<Record> {
        let mut root = None;
        let mut failure = None;
        for (place, row) in begun.into_iter().enumerate() {
            let saved = match &made {
                Ok(made) => self.saved(place, writes, made).await,
                Err(error) => Err(error.clone()),
            };
            match row.conclude(saved).await {
                Ok(record) if place == 0 => root = record,
                Ok(_) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        // Nothing that a handler says can make what was not stored stored.
        made?;
        match (failure, root) {
            (Some(error), _) => Err(error),
            (None, Some(root)) => Ok(root),
            (None, None) => self.read(0, writes, self.visibility.clone()).await,
        }
    }

    /// What came of one record.
    async fn saved(&self, place: usize, writes: &Writes, made: &Made) -> Result<Saved> {
        let engine = &self.ctx.shared.engine;
        Ok(match &writes.rows[place] {
            Write::Nothing => Saved::Nothing,
            Write::New(id, _) => {
                let record = made
                    .records
                    .iter()
                    .find(|record| record.id() == id && record.table() == self.nodes[place].table);
                record.cloned().map_or(Saved::Nothing, Saved::Record)
            }
            // It was found and changed, and may be hidden from its caller since.
            Write::Changed(..) => {
                Saved::Record(self.read(place, writes, Visibility::Everything).await?)
            }
            Write::User(row) => {
                let user = made.users.iter().find(|user| user.id() == row.id());
                let user = match user {
                    Some(user) => Some(user.clone()),
                    None => engine.storage.user(row.id()).await?,
                };
                user.map_or(Saved::Nothing, Saved::User)
            }
        })
    }

    async fn read(&self, place: usize, writes: &Writes, visibility: Visibility) -> Result<Record> {
        let table = &self.nodes[place].table;
        let id = writes.ids[place].as_ref();
        let id = id.ok_or_else(|| Error::internal("a record of a deep save has no id"))?;
        let engine = &self.ctx.shared.engine;
        let record = saving::read(engine, table, id, visibility).await?;
        record.ok_or_else(|| saving::not_found(id))
    }

    /// What the caller hears when the one step was not made.
    fn refusal(&self, failed: Failed, writes: &Writes) -> Error {
        let reaches = self.nodes.iter();
        let reaches = reaches.map(|node| deep_permits::reach(self.ctx, node));
        let mut reaches: Vec<_> = reaches.collect();
        if let Failed::Storage(StorageError::Refused { precondition }) = &failed {
            // Of several records of one table, the one that it was required of says why.
            reaches.sort_by_key(|reach| reach.operation_of(precondition).is_none());
        }
        let reaches = reaches.iter();
        let failed = reaches.fold(failed, |failed, reach| failed.beyond(reach, self.ctx));
        let registering = writes
            .rows
            .iter()
            .any(|row| matches!(row, Write::User(UserRow::New { .. })));
        let of_user = match &failed {
            Failed::Storage(StorageError::Conflict { constraint }) => match constraint {
                Constraint::Identity => true,
                Constraint::Unique { table, .. } => table == USERS,
                _ => false,
            },
            Failed::Storage(StorageError::Refused { precondition }) => {
                matches!(precondition, Precondition::UserStatusIs(..))
            }
            _ => false,
        };
        if of_user {
            user_rows::refusal(failed, registering)
        } else {
            failed.into_error(&self.nodes[0].table, None)
        }
    }
}

/// The ids that a relation is to lead to.
fn ids_of(mention: &Mention, ids: &[Option<ObjectId>]) -> Vec<ObjectId> {
    let mut children: Vec<ObjectId> = Vec::new();
    for id in mention
        .children
        .iter()
        .filter_map(|child| ids[*child].as_ref())
    {
        if !children.contains(id) {
            children.push(id.clone());
        }
    }
    children
}

/// The rows that are made.
#[derive(Default)]
struct Made {
    records: Vec<Record>,
    users: Vec<User>,
}
