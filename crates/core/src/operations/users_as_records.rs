//! The table `Users` through the data service: its rows have events of their own whatever the door
//! (design, rule 10). Here is the one place that says which.

use std::future::Future;

use vestibule_model::{ErrorCode, ObjectId, PermissionOperation, Properties, Record, USERS, Value};

use super::{
    Create, Register, Remove, RemoveUser, Update, UpdateUser, Upsert, bulk_save::may_make, reach,
    record_properties::impossible_id,
};
use crate::{
    Error, Result,
    cloud_code::CloudCode,
    context::Context,
    engine::{Engine, EngineInner, Reply},
    event::{ClientEvent, Event, Outcome},
    event_input::Input,
    permissions,
    request::ClientRequest,
    response::ResponseParts,
};

/// Times an upsert of a user looks again because the user came or went meanwhile.
const ATTEMPTS: usize = 3;

/// Through which door a call about a user came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// `/users/...`, or server code that speaks of users.
    #[default]
    UserService,
    /// `/data/Users`, or server code that speaks of records.
    DataService,
}

impl Via {
    /// The door as it is written in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserService => "userService",
            Self::DataService => "dataService",
        }
    }
}

impl Via {
    /// Reads the door that [`as_str`](Via::as_str) writes; that of users if none is named.
    pub(super) fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let doors = [Self::UserService, Self::DataService];
        let via = input.word("via", "userService, dataService", |word| {
            doors.into_iter().find(|via| via.as_str() == word)
        })?;
        Ok(via.unwrap_or_default())
    }
}

/// Refuses an event of records where users have one of their own, whoever made it.
///
/// # Errors
/// 2000 for the table `Users`.
pub(super) fn refuse_users(table: &str) -> Result<()> {
    if table != USERS {
        return Ok(());
    }
    Err(Error::forbidden(
        "rows of 'Users' have events of their own: Register, UpdateUser and RemoveUser",
    ))
}

/// Saves of single records: of `Users` they are the events of users.
impl Engine {
    /// Makes a record: [`Create`], or [`Register`] of a user.
    pub async fn create_record(
        &self,
        request: ClientRequest,
        table: &str,
        properties: Properties,
    ) -> Reply<Create> {
        create(&Client(self, request), table, properties).await
    }

    /// Changes a record: [`Update`], or [`UpdateUser`] of a user.
    pub async fn update_record(
        &self,
        request: ClientRequest,
        table: &str,
        id: ObjectId,
        properties: Properties,
    ) -> Reply<Update> {
        update(&Client(self, request), table, id, properties).await
    }

    /// Changes a record or makes it: [`Upsert`], or [`UpdateUser`] or [`Register`] of a user.
    pub async fn upsert_record(
        &self,
        request: ClientRequest,
        table: &str,
        properties: Properties,
    ) -> Reply<Upsert> {
        upsert(&Client(self, request), table, properties).await
    }

    /// Removes a record: [`Remove`], or [`RemoveUser`] of a user.
    pub async fn remove_record(
        &self,
        request: ClientRequest,
        table: &str,
        id: ObjectId,
    ) -> Reply<Remove> {
        remove(&Client(self, request), table, id).await
    }
}

/// The same for cloud code.
impl CloudCode<'_> {
    pub(crate) async fn create_record(
        &self,
        table: &str,
        properties: Properties,
    ) -> Outcome<Create> {
        create(self, table, properties).await.outcome
    }

    pub(crate) async fn update_record(
        &self,
        table: &str,
        id: ObjectId,
        properties: Properties,
    ) -> Outcome<Update> {
        update(self, table, id, properties).await.outcome
    }

    pub(crate) async fn upsert_record(
        &self,
        table: &str,
        properties: Properties,
    ) -> Outcome<Upsert> {
        upsert(self, table, properties).await.outcome
    }

    pub(crate) async fn remove_record(&self, table: &str, id: ObjectId) -> Outcome<Remove> {
        remove(self, table, id).await.outcome
    }
}

/// Whoever can run an event with its handlers.
trait Door: Sync {
    fn engine(&self) -> &EngineInner;

    /// The context of a question about permissions; none for server code, which may do everything.
    fn asking(&self) -> Result<Option<Context>>;

    fn pass<E: ClientEvent>(&self, event: E) -> impl Future<Output = Reply<E>> + Send;
}

/// A client with its request.
struct Client<'a>(&'a Engine, ClientRequest);

impl Door for Client<'_> {
    fn engine(&self) -> &EngineInner {
        &self.0.inner
    }

    fn asking(&self) -> Result<Option<Context>> {
        self.0.inner.asking(self.1.clone()).map(Some)
    }

    async fn pass<E: ClientEvent>(&self, event: E) -> Reply<E> {
        self.0.submit(self.1.clone(), event).await
    }
}

impl Door for CloudCode<'_> {
    fn engine(&self) -> &EngineInner {
        self.engine()
    }

    fn asking(&self) -> Result<Option<Context>> {
        Ok(None)
    }

    async fn pass<E: ClientEvent>(&self, event: E) -> Reply<E> {
        Reply {
            outcome: self.call(event).await,
            response: ResponseParts::default(),
        }
    }
}

async fn create(door: &impl Door, table: &str, properties: Properties) -> Reply<Create> {
    if table != USERS {
        return door.pass(Create::new(table, properties)).await;
    }
    let event = Register {
        via: Via::DataService,
        ..Register::new(properties)
    };
    map(door.pass(event).await, |user| Record::from(&user))
}

async fn update(
    door: &impl Door,
    table: &str,
    id: ObjectId,
    properties: Properties,
) -> Reply<Update> {
    if table != USERS {
        return door.pass(Update::new(table, id, properties)).await;
    }
    let event = UpdateUser {
        via: Via::DataService,
        ..UpdateUser::new(id, properties)
    };
    map(door.pass(event).await, |user| Record::from(&user))
}

async fn remove(door: &impl Door, table: &str, id: ObjectId) -> Reply<Remove> {
    if table != USERS {
        return door.pass(Remove::new(table, id)).await;
    }
    let event = RemoveUser {
        via: Via::DataService,
        ..RemoveUser::new(id)
    };
    map(door.pass(event).await, |at| at)
}

async fn upsert(door: &impl Door, table: &str, properties: Properties) -> Reply<Upsert> {
    if table != USERS {
        return door.pass(Upsert::new(table, properties)).await;
    }
    let Ok(upserter) = Upserter::at(door) else {
        // The event's own check refuses it as well, and tells observers.
        return door.pass(Upsert::new(table, properties)).await;
    };
    let id = match properties.get("objectId").unwrap_or(&Value::Null) {
        Value::Null => return map(create(door, table, properties).await, |record| record),
        id => match id.as_text().map(ObjectId::parse) {
            Some(Ok(id)) => id,
            _ => return failed(impossible_id()),
        },
    };
    for _ in 0..ATTEMPTS {
        let exists = match upserter.exists(door, &id).await {
            Ok(exists) => exists,
            Err(error) => return failed(error),
        };
        let (reply, meanwhile) = if exists {
            let reply = update(door, table, id.clone(), properties.clone()).await;
            (map(reply, |record| record), ErrorCode::EntityNotFound)
        } else {
            let reply = create(door, table, properties.clone()).await;
            (map(reply, |record| record), ErrorCode::RecordExists)
        };
        let Err(error) = &reply.outcome else {
            return reply;
        };
        if error.code() != meanwhile {
            return reply;
        }
        // What may not be seen is not found however often one looks.
        let still = upserter.exists(door, &id).await;
        if still.is_ok_and(|still| still == exists) {
            return reply;
        }
    }
    failed(Error::unavailable("a user comes and goes"))
}

/// Whoever makes or changes users by their ids.
struct Upserter {
    /// Who may make none: whoever is not told of users that may not be found.
    bound: Option<Context>,
}

impl Upserter {
    /// # Errors
    /// 1134 for whoever may not upsert users.
    fn at(door: &impl Door) -> Result<Self> {
        let Some(ctx) = door.asking()? else {
            return Ok(Self { bound: None });
        };
        permissions::permit(&ctx, USERS, PermissionOperation::Upsert)?;
        let makes = may_make(&ctx, USERS);
        Ok(Self {
            bound: makes.is_err().then_some(ctx),
        })
    }

    /// Whether there is such a user, so that it is to be changed.
    async fn exists(&self, door: &impl Door, id: &ObjectId) -> Result<bool> {
        match &self.bound {
            None => Ok(door.engine().storage.user(id).await?.is_some()),
            Some(ctx) => reach::may_find(ctx, USERS, id).await,
        }
    }
}

fn map<A: Event, B: Event>(
    reply: Reply<A>,
    output: impl FnOnce(A::Output) -> B::Output,
) -> Reply<B> {
    Reply {
        outcome: reply.outcome.map(output),
        response: reply.response,
    }
}

fn failed<E: Event>(error: Error) -> Reply<E> {
    Reply {
        outcome: Err(error),
        response: ResponseParts::default(),
    }
}
