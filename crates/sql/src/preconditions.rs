use sea_query::{Expr, ExprTrait};
use vestibule_storage::{Precondition, StorageError};

use crate::{
    SqlCatalogue, Step, Then, app, failed_logins, guests, identity, leases, names::users,
    one_time_links, owning, record_changes, roles, sessions, timers, users::hold,
};

/// Appends the steps that go on only if `precondition` holds.
pub(crate) fn push(
    precondition: Precondition,
    catalogue: &SqlCatalogue,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let step = match &precondition {
        Precondition::UserExists(id) => Step::new(hold(id), Then::FindsRow(precondition)),
        Precondition::RecordExists {
            table,
            id,
            visibility,
        } => {
            let select = record_changes::hold(catalogue, table, id, visibility)?;
            Step::new(select, Then::FindsRow(precondition))
        }
        Precondition::RecordUnchanged { table, id, updated } => {
            let select = record_changes::hold_unchanged(catalogue, table, id, *updated)?;
            Step::new(select, Then::FindsRow(precondition))
        }
        Precondition::UserStatusIs(id, status) => {
            let mut select = hold(id);
            select.and_where(Expr::col((users::TABLE, users::USER_STATUS)).eq(status.as_str()));
            Step::new(select, Then::FindsRow(precondition))
        }
        Precondition::PasswordIs(id, password) => {
            let column = Expr::col((users::TABLE, users::PASSWORD));
            let mut select = hold(id);
            select.and_where(match password {
                Some(password) => column.eq(password.as_phc()),
                None => column.is_null(),
            });
            Step::new(select, Then::FindsRow(precondition))
        }
        Precondition::SessionsAre(user_id, selectors) => {
            let selectors = selectors.clone();
            Step::new(
                sessions::selectors_of(user_id),
                Then::FindsExactly(precondition, selectors),
            )
        }
        Precondition::OwnsNothing(owner) => {
            let selects = owning::find_any(catalogue, owner).into_iter();
            let finds_none = Then::FindsNone(precondition);
            steps.extend(selects.map(|select| Step::new(select, finds_none.clone())));
            return Ok(());
        }
        Precondition::GuestIsGone { id, expiry, now } => {
            let select = guests::hold_gone(id, expiry, *now);
            Step::new(select, Then::FindsRow(precondition))
        }
        Precondition::RecordIs {
            table,
            id,
            condition,
        } => {
            let select = record_changes::hold_as(catalogue, table, id, condition)?;
            Step::new(select, Then::FindsRow(precondition))
        }
        Precondition::RoleExists(name) => {
            Step::new(roles::hold(name), Then::FindsRow(precondition))
        }
        Precondition::EveryUserHas(column) => {
            let select = identity::find_without(catalogue, column)?;
            Step::new(select, Then::FindsNone(precondition))
        }
        Precondition::OneTimeLinkExists(selector) => Step::new(
            one_time_links::hold(*selector),
            Then::FindsRow(precondition),
        ),
        Precondition::TimerIsDue { path, due } => {
            Step::new(timers::hold_due(path, *due), Then::FindsRow(precondition))
        }
        Precondition::TimerIsIdle { path, now } => {
            Step::new(timers::hold_idle(path, *now), Then::FindsRow(precondition))
        }
        Precondition::LeaseIsFree { name, holder, now } => {
            let taken = leases::of_others(name, holder, *now);
            Step::new(taken, Then::FindsNone(precondition))
        }
        Precondition::AppIsNew => Step::new(app::made(), Then::FindsNone(precondition)),
        // Nobody has fewer than none, and the select of the next arm finds only who has failed.
        Precondition::FewerFailedLogins { than: 0, .. } => {
            return Err(StorageError::Refused { precondition });
        }
        Precondition::FewerFailedLogins {
            user_id,
            than,
            since,
        } => Step::new(
            failed_logins::at_least(user_id, *than, *since),
            Then::FindsNone(precondition),
        ),
    };
    steps.push(step);
    Ok(())
}
