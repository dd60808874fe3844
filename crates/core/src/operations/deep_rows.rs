//! The rows of a deep save, each an event of its own with its permission check and its handlers.

use vestibule_model::{ObjectId, Record, USERS, User};

use super::{
    Create, Register, Update, UpdateUser, Via, deep_tree::Node, record_properties::Sent, saving,
    user_rows::UserRow,
};
use crate::{
    Error, Result,
    context::Context,
    event::{Event, Operation},
    permissions,
    pipeline::{Stage, Staged, stage},
};

/// How far one record of a deep save has come.
pub(super) enum Begun {
    /// It is only referred to.
    Linked(ObjectId),
    /// A handler answered for it with this record, and so for all that it refers to.
    Answered(Box<Record>),
    /// A handler answered for a record that refers to it.
    Skipped,
    /// It is to be made.
    Create(Box<Staged<Create>>),
    /// It is to be changed.
    Update(Box<Staged<Update>>),
    /// A user is to be made.
    Register(Box<Staged<Register>>),
    /// A user is to be changed.
    UpdateUser(Box<Staged<UpdateUser>>),
}

/// What is to be written for a record.
pub(super) enum Write {
    /// Nothing.
    Nothing,
    /// A record to make.
    New(ObjectId, Sent),
    /// A record to change, as it was if that was needed.
    Changed(ObjectId, Sent, Option<Record>),
    /// A user to make or to change.
    User(UserRow),
}

/// What came of a record.
pub(super) enum Saved {
    Record(Record),
    User(User),
    Nothing,
}

impl Begun {
    /// Runs what comes before the operation of one record.
    ///
    /// # Errors
    /// What the permission check or a handler refuses.
    pub(super) async fn begin(ctx: &Context, node: &Node) -> Result<Self> {
        let properties = node.properties.clone();
        let via = Via::DataService;
        match &node.id {
            Some(id) if node.is_only_linked() => Ok(Self::Linked(id.clone())),
            None if node.table == USERS => {
                let event = Register {
                    via,
                    ..Register::new(properties)
                };
                begin(ctx, event, Self::Register, |user| Record::from(&user)).await
            }
            Some(id) if node.table == USERS => {
                let event = UpdateUser {
                    via,
                    ..UpdateUser::new(id.clone(), properties)
                };
                begin(ctx, event, Self::UpdateUser, |user| Record::from(&user)).await
            }
            None => {
                let event = Create::new(&*node.table, properties);
                begin(ctx, event, Self::Create, |record| record).await
            }
            Some(id) => {
                let event = Update::new(&*node.table, id.clone(), properties);
                begin(ctx, event, Self::Update, |record| record).await
            }
        }
    }

    /// Does what takes time before the one step that writes everything.
    ///
    /// # Errors
    /// What the operation of the event refuses.
    pub(super) async fn prepare(&self, ctx: &Context) -> Result<Write> {
        let engine = &ctx.shared.engine;
        Ok(match self {
            Self::Linked(_) | Self::Answered(_) | Self::Skipped => Write::Nothing,
            Self::Create(staged) => {
                let sent = Sent::sort_out(staged.event().properties.clone(), ctx.call())?;
                let id = sent.id.clone();
                let id = id.unwrap_or_else(|| ObjectId::generate(ctx.now(), &*engine.randomness));
                Write::New(id, sent)
            }
            Self::Update(staged) => {
                let Update {
                    table,
                    id,
                    properties,
                } = staged.event();
                let sent = Sent::sort_out(properties.clone(), ctx.call())?;
                let mut before = None;
                if !sent.operations.is_empty() {
                    let visibility = permissions::visibility(ctx);
                    let record = saving::read(engine, table, id, visibility).await?;
                    before = Some(record.ok_or_else(|| saving::not_found(id))?);
                }
                Write::Changed(id.clone(), sent, before)
            }
            Self::Register(staged) => Write::User(UserRow::new(ctx, staged.event()).await?),
            Self::UpdateUser(staged) => Write::User(UserRow::changed(ctx, staged.event()).await?),
        })
    }

    /// Ends the call of a record that is not saved because of another one.
    pub(super) async fn abandon(self, error: Error) {
        match self {
            Self::Linked(_) | Self::Answered(_) | Self::Skipped => {}
            Self::Create(staged) => staged.abandon(error).await,
            Self::Update(staged) => staged.abandon(error).await,
            Self::Register(staged) => staged.abandon(error).await,
            Self::UpdateUser(staged) => staged.abandon(error).await,
        }
    }

    /// Runs the after handlers of a record; answers what they make of it.
    ///
    /// # Errors
    /// The outcome's own, and what a handler makes a failure of.
    pub(super) async fn conclude(self, outcome: Result<Saved>) -> Result<Option<Record>> {
        match self {
            Self::Linked(_) | Self::Skipped => Ok(None),
            Self::Answered(record) => Ok(Some(*record)),
            Self::Create(staged) => {
                let outcome = outcome.and_then(Saved::record);
                staged.conclude(outcome).await.map(Some)
            }
            Self::Update(staged) => {
                let outcome = outcome.and_then(Saved::record);
                staged.conclude(outcome).await.map(Some)
            }
            Self::Register(staged) => {
                let user = staged.conclude(outcome.and_then(Saved::user)).await?;
                Ok(Some(Record::from(&user)))
            }
            Self::UpdateUser(staged) => {
                let user = staged.conclude(outcome.and_then(Saved::user)).await?;
                Ok(Some(Record::from(&user)))
            }
        }
    }
}

async fn begin<E: Operation>(
    ctx: &Context,
    event: E,
    ready: fn(Box<Staged<E>>) -> Begun,
    answered: fn(<E as Event>::Output) -> Record,
) -> Result<Begun> {
    let (context, handlers) = ctx.within(&event)?;
    match stage(event, context, handlers).await {
        Stage::Ready(staged) => Ok(ready(Box::new(staged))),
        Stage::Ended(outcome, _) => Ok(Begun::Answered(Box::new(answered(outcome?)))),
    }
}

impl Saved {
    fn record(self) -> Result<Record> {
        match self {
            Self::Record(record) => Ok(record),
            Self::User(_) | Self::Nothing => Err(lost()),
        }
    }

    fn user(self) -> Result<User> {
        match self {
            Self::User(user) => Ok(user),
            Self::Record(_) | Self::Nothing => Err(lost()),
        }
    }
}

fn lost() -> Error {
    Error::unavailable("a record was saved and removed at once")
}
