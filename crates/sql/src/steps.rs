//! From changes to the steps that make them, once for every engine.

use vestibule_model::Catalogue;
use vestibule_storage::{Change, Precondition, StorageError};

use crate::{Step, Then, app, audit, failed_logins, preconditions, sessions, users};

/// The steps that make `changes`, in their order. An engine runs all of them or none.
///
/// This needs no database, so engines call it before the changes wait for their turn.
///
/// # Errors
/// [`StorageError::UnknownColumn`] and [`StorageError::WrongType`] for properties that the
/// catalogue does not know or that cannot be what it says; [`StorageError::Refused`] for a
/// precondition that holds in no database.
pub fn of(changes: Vec<Change>, catalogue: &Catalogue) -> Result<Vec<Step>, StorageError> {
    let mut steps = Vec::with_capacity(changes.len());
    for change in changes {
        push(change, catalogue, &mut steps)?;
    }
    Ok(steps)
}

fn push(change: Change, catalogue: &Catalogue, steps: &mut Vec<Step>) -> Result<(), StorageError> {
    match change {
        Change::Require(precondition) => steps.push(preconditions::step(precondition)?),
        Change::InsertUser(new_user) => {
            let id = new_user.user.id().clone();
            let insert = users::insert(catalogue, &new_user)?;
            steps.push(Step::new(insert, Then::Inserts(id)));
        }
        Change::UpdateUser(update) => {
            let exists = Precondition::UserExists(update.id.clone());
            let update = users::update(catalogue, &update)?;
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::SetUserStatus { id, status, at } => {
            let update = users::set_status(&id, status, at);
            let exists = Precondition::UserExists(id);
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::RemoveUser { id } => {
            let end_sessions = sessions::end_all_of(&id, None);
            steps.push(Step::new(end_sessions, Then::CollectsEnded));
            steps.push(Step::new(failed_logins::forget(&id), Then::GoOn));
            steps.push(Step::new(users::remove(&id), Then::GoOn));
        }
        Change::RecordLogin { id, at } => {
            steps.push(Step::new(users::record_login(&id, at), Then::GoOn));
        }
        Change::CountFailedLogin { user_id, at, since } => {
            let count = failed_logins::count(&user_id, at, since);
            steps.push(Step::new(count, Then::GoOn));
        }
        Change::ForgetFailedLogins { user_id } => {
            steps.push(Step::new(failed_logins::forget(&user_id), Then::GoOn));
        }
        Change::OpenSession(session) => {
            let exists = Precondition::UserExists(session.user_id.clone());
            steps.push(Step::new(
                sessions::insert(&session),
                Then::RefersTo(exists),
            ));
        }
        Change::EndSessions(selectors) => {
            let ends = selectors.into_iter().map(sessions::end);
            steps.extend(ends.map(|end| Step::new(end, Then::GoOn)));
        }
        Change::EndSessionsOf { user_id, except } => {
            let end_sessions = sessions::end_all_of(&user_id, except);
            steps.push(Step::new(end_sessions, Then::CollectsEnded));
        }
        Change::RecordActivity(times) => {
            let records = times
                .into_iter()
                .map(|(selector, at)| sessions::record_activity(selector, at));
            steps.extend(records.map(|record| Step::new(record, Then::GoOn)));
        }
        Change::RecordHeartbeat(at) => {
            steps.push(Step::new(sessions::record_heartbeat(at), Then::GoOn));
        }
        Change::RecordStart(at) => {
            steps.push(Step::new(sessions::record_start(at), Then::GoOn));
        }
        Change::Audit(record) => steps.push(Step::new(audit::insert(&record), Then::GoOn)),
        Change::PutAppId(id) => steps.push(Step::new(app::put_app_id(&id), Then::GoOn)),
        Change::PutKey { kind, key } => {
            steps.push(Step::new(app::put_key(kind, &key), Then::GoOn));
        }
        Change::PutAdminTokenHash(hash) => {
            steps.push(Step::new(app::put_admin_token_hash(&hash), Then::GoOn));
        }
        Change::PutSettings(settings) => {
            let puts = settings
                .iter()
                .map(|(key, value)| app::put_setting(key, value));
            steps.extend(puts.map(|put| Step::new(put, Then::GoOn)));
        }
    }
    Ok(())
}
