use serde::Serialize;
use serde_json::json;
use vestibule_model::{PermissionOperation, Query, Row, USERS};

use super::{
    attempt::{Failed, attempts},
    description::describe_query,
    related_records::{RelatedRecords, Wanted, loadable, permit_loading, records_of},
    role_filter::RoleFilter,
};
use crate::{
    Result, clauses,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    permissions,
    settlement::Performed,
};

/// Somebody looks for records of one table.
///
/// Backendless: `beforeFind` and `afterFind`, event 112 (data) and 214 (users). A handler may change
/// the query, not the table, nor the role that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    table: String,
    role: Option<RoleFilter>,
    /// Which records, and what of them.
    pub query: Query,
}

impl Find {
    /// The records of this table that the query asks for.
    pub fn new(table: impl Into<String>, query: Query) -> Self {
        Self {
            table: table.into(),
            role: None,
            query,
        }
    }

    /// The users that the query asks for, of those who have this role: a custom one, or
    /// `AuthenticatedUser` or `GuestUser`. The other system roles are those of calls, not of users.
    pub fn with_role(role: impl Into<String>, query: Query) -> Self {
        let (role, load_roles) = (role.into(), false);
        Self {
            role: Some(RoleFilter { role, load_roles }),
            ..Self::new(USERS, query)
        }
    }

    /// The same, each user with the names of all roles under `roles`.
    pub fn loading_roles(mut self) -> Self {
        if let Some(filter) = &mut self.role {
            filter.load_roles = true;
        }
        self
    }

    /// The table that is asked.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The role that users must have to be found, if they must.
    pub fn role(&self) -> Option<&str> {
        self.role.as_ref().map(|filter| filter.role.as_str())
    }
}

impl Event for Find {
    const NAME: &'static str = "find";
    type Output = Vec<Row>;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        let mut described = json!({ "table": self.table, "query": describe_query(&self.query) });
        if let Some(RoleFilter { role, load_roles }) = &self.role {
            described["role"] = role.as_str().into();
            if *load_roles {
                described["loadRoles"] = true.into();
            }
        }
        described
    }

    fn describe_output(output: &Vec<Row>) -> impl Serialize {
        json!({ "rows": output.len() })
    }
}

impl DataEvent for Find {}
impl FromInput for Find {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (table, query) = (input.table()?, input.query()?);
        let (role, load_roles) = (input.optional_text("role")?, input.flag("loadRoles")?);
        match role {
            None if load_roles => Err(input.unfit("loadRoles", "it goes with a role")),
            None => Ok(Self::new(table, query)),
            Some(_) if table != USERS => Err(input.unfit("role", "only users have roles")),
            Some(role) if load_roles => Ok(Self::with_role(role, query).loading_roles()),
            Some(role) => Ok(Self::with_role(role, query)),
        }
    }
}

impl Sealed for Find {}
impl ClientEvent for Find {}

impl Operation for Find {
    const ONLY_READS: bool = true;

    // What the caller may not find is left out, unless that is everything.
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit(ctx, &self.table, PermissionOperation::Find)?;
        permit_loading(ctx, &self.table, &self.query)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Vec<Row>>> {
        let rows = attempts(|| self.attempt(ctx)).await?;
        Ok(Performed::done(rows))
    }
}

impl Find {
    async fn attempt(&self, ctx: &Context) -> Result<Vec<Row>, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let visibility = permissions::visibility(ctx);
        let table = clauses::table(&catalogue, &self.table)?;
        let wanted = Wanted::of(&self.query, &catalogue, table)?;
        let mut query = clauses::find(&catalogue, &self.table, &self.query, visibility.clone())?;
        wanted.refuse_if_computed(&query.select)?;
        if let Some(filter) = &self.role {
            filter.narrow(storage, &mut query).await?;
        }
        let mut rows = storage.find(&query).await?;
        if let Some(filter) = &self.role {
            filter.load(storage, &mut rows).await?;
        }
        let related = RelatedRecords {
            storage,
            catalogue: &catalogue,
            visibility,
            loadable: &loadable(ctx),
        };
        related.load(&wanted, records_of(&mut rows)).await?;
        Ok(rows)
    }
}
