//! Who may do what (wire contract, section 7).
//!
//! Operations ask here, in two steps. [`permit`] and [`permit_users`] come first, before any handler
//! runs: may this caller do such a thing at all? Then [`visibility`] and [`rows`] say with which
//! records, as conditions that go into the statements of the storage; so what one may not see does
//! not exist, and no clause can probe it.
//!
//! The rule itself stands in `layers.rs`; what it is asked with comes from the call, from the
//! permissions in `store.rs`, and from the base that the settings choose.

mod cells;
mod changing;
mod layers;
mod operator;
mod refusals;
mod snapshot;
mod store;

use std::{collections::BTreeMap, sync::Arc};

use vestibule_model::{Access, PermissionBase, PermissionOperation, USERS};
use vestibule_storage::{Rows, Visibility, VisibleRows};

pub(crate) use changing::{
    Cell, action, impossible, must_exist, refusal, refuse_server_code, refuse_server_only,
    without_operation,
};
pub(crate) use refusals::denied;
use refusals::{denied_call, denied_to_callers, denied_to_users};
pub(crate) use store::PermissionStore;

use self::{
    cells::Cells,
    layers::{Question, Subject},
    snapshot::Snapshot,
};
use crate::{Result, call::Call, context::Context, custom_event::CallableBy, engine::EngineInner};

/// Which rows of each table this caller may find.
pub(crate) fn visibility(ctx: &Context) -> Visibility {
    let asking = Asking::of(ctx);
    let rest = asking.rows(None, PermissionOperation::Find);
    let apart = asking.permissions.seen_apart().filter_map(|table| {
        let rows = asking.rows(Some(table), PermissionOperation::Find);
        (rows != rest).then(|| (table.to_owned(), rows))
    });
    let tables: BTreeMap<_, _> = apart.collect();
    match rest {
        Rows::All if tables.is_empty() => Visibility::Everything,
        Rows::Nothing if tables.is_empty() => Visibility::Nothing,
        rest => Visibility::ByTable(Arc::new(VisibleRows { tables, rest })),
    }
}

/// With which rows of this table this caller may do this. Whether the rows may be found is another
/// question. Of an operation that is about no row that is there (`ADD`, `UPSERT`, `DESCRIBE`) the
/// answer is all or nothing.
///
/// The trap: never negate the condition; where a row has no owner it may be unknown.
pub(crate) fn rows(ctx: &Context, table: &str, operation: PermissionOperation) -> Rows {
    Asking::of(ctx).rows(Some(table), operation)
}

/// Whether this caller may do this with any record of this table.
///
/// # Errors
/// 1011 to 1015 and 1023, or 1134 with the name of the operation where there is no such code.
pub(crate) fn permit(ctx: &Context, table: &str, operation: PermissionOperation) -> Result<()> {
    match rows(ctx, table, operation) {
        Rows::Nothing => Err(denied(ctx, table, operation)),
        Rows::All | Rows::Where(_) => Ok(()),
    }
}

/// Whether this caller may do this with the user service.
///
/// # Errors
/// 2000 if not.
pub(crate) fn permit_users(ctx: &Context, operation: PermissionOperation) -> Result<()> {
    let access = said_of_users(ctx, operation);
    let granted = access.map_or_else(
        || base_of_users(ctx, operation),
        |access| access == Access::Grant,
    );
    if granted {
        return Ok(());
    }
    Err(denied_to_users(ctx, operation))
}

/// Something of the app's own that clients may run, if they may.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callable<'a> {
    /// The custom event of this name.
    Event(&'a str),
    /// A method of an API service. Permissions are about the service as a whole.
    Method {
        /// The name of the service.
        service: &'a str,
        /// The method's verb and path.
        method: &'a str,
    },
}

/// Whether this caller may run this: it takes that it is for such callers, and that no permission
/// denies it.
///
/// # Errors
/// 14008 if not.
pub(crate) fn permit_call(
    engine: &EngineInner,
    call: &Call,
    callable: Callable<'_>,
    callable_by: CallableBy,
) -> Result<()> {
    if !callable_by.includes(call) {
        return Err(denied_to_callers(call, callable, callable_by));
    }
    let Some(subject) = Subject::of(call) else {
        return Ok(());
    };
    let permissions = engine.permissions.current();
    let (own, all) = permissions.execution(callable);
    let said = own.of_user(subject.user);
    let said = said.or_else(|| own.of_roles(subject.custom_roles()));
    let said = said.or_else(|| own.of_roles(subject.system_roles()));
    let said = said.or_else(|| all.of_roles(subject.custom_roles()));
    match said.or_else(|| all.of_roles(subject.system_roles())) {
        Some(Access::Deny) => Err(denied_call(callable)),
        Some(Access::Grant) | None => Ok(()),
    }
}

/// Whether the user service lets this caller change any user.
///
/// # Errors
/// 2000 if a permission denies it. The base does not: it decides of each user.
pub(crate) fn permit_update_of_users(ctx: &Context) -> Result<()> {
    match said_of_users(ctx, PermissionOperation::Update) {
        Some(Access::Deny) => Err(denied_to_users(ctx, PermissionOperation::Update)),
        Some(Access::Grant) | None => Ok(()),
    }
}

/// With which users this caller may do this through the user service: if that grants the caller to
/// change users, this stands in for the base.
pub(crate) fn rows_of_user_service(ctx: &Context, operation: PermissionOperation) -> Rows {
    let mut asking = Asking::of(ctx);
    if said_of_users(ctx, PermissionOperation::Update) == Some(Access::Grant) {
        asking.base = PermissionBase::Everything;
    }
    asking.rows(Some(USERS), operation)
}

/// Whether it matters to anybody's permissions whose a record is.
pub(crate) fn ownership_counts(ctx: &Context) -> bool {
    let asking = Asking::of(ctx);
    asking.base == PermissionBase::Own || asking.permissions.has_owner_policies()
}

/// What permissions say of this caller and this operation of the user service; nothing where the base
/// has its say.
pub(crate) fn said_of_users(ctx: &Context, operation: PermissionOperation) -> Option<Access> {
    let subject = Subject::of(ctx.call())?;
    let permissions = ctx.shared.engine.permissions.current();
    let users = permissions.users(operation);
    let said = users.of_roles(subject.custom_roles());
    said.or_else(|| users.of_roles(subject.system_roles()))
}

/// What the base says of an operation of the user service.
fn base_of_users(ctx: &Context, operation: PermissionOperation) -> bool {
    let of_everybody = matches!(
        operation,
        PermissionOperation::Register
            | PermissionOperation::Login
            | PermissionOperation::LoginAsGuest
            | PermissionOperation::RestorePassword
    );
    of_everybody || grants_everything(ctx.call(), ctx.settings().permissions.base)
}

/// Who asks, and all that the answer depends on; one moment for all tables.
struct Asking<'a> {
    call: &'a Call,
    subject: Option<Subject<'a>>,
    permissions: Arc<Snapshot>,
    base: PermissionBase,
}

impl<'a> Asking<'a> {
    fn of(ctx: &'a Context) -> Self {
        let call = ctx.call();
        Self {
            call,
            subject: Subject::of(call),
            permissions: ctx.shared.engine.permissions.current(),
            base: ctx.settings().permissions.base,
        }
    }

    /// With which rows of this table the operation may be done; without a table, of all those of
    /// which nothing of their own is said.
    fn rows(&self, table: Option<&str>, operation: PermissionOperation) -> Rows {
        let Some(subject) = self.subject else {
            return Rows::All;
        };
        let permissions = &self.permissions;
        if table.is_some_and(|table| permissions.is_server_only(table)) {
            return Rows::Nothing;
        }
        let of_table = table.map(|table| permissions.table(table, operation));
        layers::rows(Question {
            subject,
            operation,
            table: of_table.unwrap_or(Cells::SILENT),
            data: permissions.data(operation),
            record_permissions: table.is_some_and(|name| permissions.has_record_permissions(name)),
            base: self.base_rows(table, operation),
        })
    }

    /// What counts where no permission says anything.
    fn base_rows(&self, table: Option<&str>, operation: PermissionOperation) -> Rows {
        if grants_everything(self.call, self.base) {
            return Rows::All;
        }
        match (operation, self.call.caller.id()) {
            (_, None) | (PermissionOperation::Describe, _) => Rows::Nothing,
            (PermissionOperation::Add | PermissionOperation::Upsert, Some(_)) => {
                // Users come by registering.
                match table == Some(USERS) {
                    true => Rows::Nothing,
                    false => Rows::All,
                }
            }
            (_, Some(caller)) => Rows::owned_by(caller),
        }
    }
}

/// Whether the base grants this call everything. It grants that to server code whatever it is; a
/// call with the BL key and a token carries the role too, though permissions may bind it.
fn grants_everything(call: &Call, base: PermissionBase) -> bool {
    base == PermissionBase::Everything || call.is_server_code()
}
