use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::{
    Access, AuditRecord, Catalogue, Grantee, ObjectId, PermissionOperation, RecordPermission,
    Resource,
};
use vestibule_storage::{Change, Condition, Precondition, Rows, StorageError, Visibility};

use super::{
    reach::may_find,
    saving::{self, Failed},
};
use crate::{
    Error, Result, clauses,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    permissions::{self, Cell, action, must_exist},
    settlement::Performed,
};

/// Somebody says who may do what with one record, or with all records of a table.
///
/// Backendless: none, it cannot be hooked there. A handler may change who may do what,
/// neither the table nor the record.
///
/// It takes the permission PERMISSION: for a record, with that record; for a table, with all of its
/// records. Every use leaves an audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetPermission {
    table: String,
    record: Option<ObjectId>,
    /// Who may or may not.
    pub grantee: Grantee,
    /// Do what; with one record it is FIND, UPDATE or REMOVE.
    pub operation: PermissionOperation,
    /// May or may not.
    pub access: Access,
}

impl SetPermission {
    /// A permission on all records of this table.
    pub fn of_table(
        table: impl Into<String>,
        grantee: Grantee,
        operation: PermissionOperation,
        access: Access,
    ) -> Self {
        Self {
            table: table.into(),
            record: None,
            grantee,
            operation,
            access,
        }
    }

    /// A permission on one record.
    pub fn of_record(
        table: impl Into<String>,
        id: ObjectId,
        grantee: Grantee,
        operation: PermissionOperation,
        access: Access,
    ) -> Self {
        Self {
            record: Some(id),
            ..Self::of_table(table, grantee, operation, access)
        }
    }

    /// The table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Which record, if it is about one.
    pub fn record(&self) -> Option<&ObjectId> {
        self.record.as_ref()
    }
}

impl Event for SetPermission {
    const NAME: &'static str = "setPermission";
    type Output = ();

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        let (key, name) = match &self.grantee {
            Grantee::Role(role) => ("role", role.as_str()),
            Grantee::AllRoles => ("role", "*"),
            Grantee::User(user) => ("user", user.as_str()),
            Grantee::AllUsers => ("user", "*"),
            Grantee::Owner => ("owner", "*"),
        };
        json!({
            "table": self.table,
            "objectId": self.record.as_ref().map(ObjectId::as_str),
            key: name,
            "permission": self.operation.as_str(),
            "permissionType": self.access.as_str(),
        })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl DataEvent for SetPermission {}
impl FromInput for SetPermission {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let grantees = [
            grantee(input, "role")?,
            grantee(input, "user")?,
            grantee(input, "owner")?,
        ];
        let mut grantees = grantees.into_iter().flatten();
        let (Some(grantee), None) = (grantees.next(), grantees.next()) else {
            return Err(input.unfit("role", "say one of role, user and owner"));
        };
        Ok(Self {
            table: input.table()?,
            record: input.optional_id("objectId")?,
            grantee,
            operation: operation(input)?,
            access: access(input)?,
        })
    }
}

impl Sealed for SetPermission {}
impl ClientEvent for SetPermission {}

impl Operation for SetPermission {
    fn permit(&self, ctx: &Context) -> Result<()> {
        match (
            permissions::rows(ctx, &self.table, PERMISSION),
            &self.record,
        ) {
            (Rows::All, _) | (Rows::Where(_), Some(_)) => Ok(()),
            (Rows::Where(_), None) | (Rows::Nothing, _) => Err(self.denied(ctx)),
        }
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        match (permitted, &self.record) {
            (Err(_), Some(id)) if !may_find(ctx, &self.table, id).await? => {
                Err(saving::not_found(id))
            }
            (permitted, _) => permitted,
        }
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        permissions::refuse_server_only(&ctx.shared.engine, &self.table)?;
        match &self.record {
            None => self.set_on_table(ctx).await?,
            Some(id) => self.set_on_record(ctx, id).await?,
        }
        Ok(Performed::done(()))
    }
}

const PERMISSION: PermissionOperation = PermissionOperation::Permission;

impl SetPermission {
    async fn set_on_table(&self, ctx: &Context) -> Result<()> {
        let cell = Cell {
            grantee: self.grantee.clone(),
            resource: Resource::Table(self.table.clone()),
            operation: self.operation,
            access: Some(self.access),
        };
        let audit = self.audit(ctx, &cell.resource.to_string());
        // Whoever waited behind others may have lost the permission to them.
        let permitted = || self.permit(ctx);
        let engine = &ctx.shared.engine;
        engine.put_permission(&cell, audit, permitted).await
    }

    async fn set_on_record(&self, ctx: &Context, id: &ObjectId) -> Result<()> {
        self.check_for_record()?;
        let on = Resource::Table(format!("{}/{id}", self.table));
        let audit = self.audit(ctx, &on.to_string());
        let rows = permissions::rows(ctx, &self.table, PERMISSION);
        let plan = |catalogue: &Catalogue| {
            clauses::table(catalogue, &self.table)?;
            let mut changes = self.must_be(id, &rows);
            changes.extend(must_exist(&self.grantee));
            changes.extend([
                Change::PutRecordPermission {
                    table: self.table.clone(),
                    id: id.clone(),
                    permission: RecordPermission {
                        grantee: self.grantee.clone(),
                        operation: self.operation,
                        access: self.access,
                    },
                },
                Change::Audit(audit.clone()),
            ]);
            Ok((changes, ()))
        };
        match saving::apply(&ctx.shared.engine, plan).await {
            Ok(_) => Ok(()),
            Err(Failed::Refused(error)) => Err(error),
            Err(Failed::Storage(StorageError::Refused {
                precondition: Precondition::RecordExists { .. },
            })) => Err(saving::not_found(id)),
            Err(Failed::Storage(StorageError::Refused {
                precondition: Precondition::RecordIs { .. },
            })) => match may_find(ctx, &self.table, id).await? {
                true => Err(self.denied(ctx)),
                false => Err(saving::not_found(id)),
            },
            Err(Failed::Storage(error)) => Err(permissions::refusal(error)),
        }
    }

    /// What requires that the record is there, and that its permissions may be changed. Whether it may
    /// be found does not matter: who took that from everybody can give it back.
    fn must_be(&self, id: &ObjectId, rows: &Rows) -> Vec<Change> {
        let exists = Precondition::RecordExists {
            table: self.table.clone(),
            id: id.clone(),
            visibility: Visibility::Everything,
        };
        let mut changes = vec![Change::Require(exists)];
        let condition = match rows {
            Rows::All => None,
            Rows::Where(condition) => Some(condition.clone()),
            // The permission went since the call was permitted.
            Rows::Nothing => Some(Condition::Any(Vec::new())),
        };
        changes.extend(condition.map(|condition| {
            Change::Require(Precondition::RecordIs {
                table: self.table.clone(),
                id: id.clone(),
                condition: Box::new(condition),
            })
        }));
        changes
    }

    fn check_for_record(&self) -> Result<()> {
        if !PermissionOperation::OF_RECORDS.contains(&self.operation) {
            let operations = &PermissionOperation::OF_RECORDS;
            let refusal = permissions::without_operation("a record", operations, self.operation);
            return Err(refusal);
        }
        if self.grantee == Grantee::Owner {
            let message = "the owner policy is one of a table, not of a record; name the user";
            return Err(permissions::impossible(message));
        }
        permissions::refuse_server_code(&self.grantee, Some(self.access))
    }

    fn denied(&self, ctx: &Context) -> Error {
        permissions::denied(ctx, &self.table, PERMISSION)
    }

    fn audit(&self, ctx: &Context, on: &str) -> AuditRecord {
        let access = Some(self.access);
        let (action, subject) = action(Self::NAME, access, self.operation, on, &self.grantee);
        AuditRecord {
            at: ctx.now(),
            actor: ctx.actor(),
            action,
            subject,
            caller: ctx.call().caller.id().cloned(),
        }
    }
}

/// Reads whom a permission is about, if it is under this name.
fn grantee(input: &mut Input<'_>, kind: &'static str) -> Result<Option<Grantee>> {
    let Some(name) = input.optional_text(kind)? else {
        return Ok(None);
    };
    let grantee = match (kind, name.as_str()) {
        ("role", "*") => Grantee::AllRoles,
        ("role", _) => Grantee::Role(name),
        ("user", "*") => Grantee::AllUsers,
        ("user", _) => Grantee::User(
            ObjectId::parse(&name).map_err(|_| input.unfit(kind, "expected an objectId or *"))?,
        ),
        _ => Grantee::Owner,
    };
    Ok(Some(grantee))
}

fn operation(input: &mut Input<'_>) -> Result<PermissionOperation> {
    let names = PermissionOperation::ALL.map(PermissionOperation::as_str);
    let (name, words) = ("permission", names.join(", "));
    let operation = input.word(name, &words, PermissionOperation::from_name)?;
    operation.ok_or_else(|| input.unfit(name, "it is missing"))
}

fn access(input: &mut Input<'_>) -> Result<Access> {
    let name = "permissionType";
    let access = input.word(name, "GRANT, DENY", Access::from_name)?;
    access.ok_or_else(|| input.unfit(name, "it is missing"))
}
