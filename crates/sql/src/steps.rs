//! From changes to the steps that make them, once for every engine.

use std::borrow::Cow;

use vestibule_model::{Grantee, ObjectId, UserStatus};
use vestibule_storage::{Change, Constraint, Precondition, StorageError, Visibility};

use crate::{
    SqlCatalogue, Statement, Step, Then, app, audit, departures::Departures, failed_logins, guests,
    handler_settings, identity, leases, links, merging, one_time_links, owning, permissions,
    preconditions, record_changes, record_permissions, roles, schema, sessions, timers, users,
};

#[cfg(test)]
mod tests;

/// The steps that make `changes`, in their order. An engine runs all of them or none.
///
/// This needs no database, so engines call it before the changes wait for their turn.
///
/// Changes that come after a change of the schema are compiled against the schema that it makes.
///
/// # Errors
/// [`StorageError::UnknownTable`], [`StorageError::UnknownColumn`] and [`StorageError::WrongType`]
/// for what the catalogue does not know or what cannot be what it says; [`StorageError::Refused`]
/// for a precondition that holds in no database; [`StorageError::SchemaChanged`] for a table that
/// is to be removed and that others relate to.
pub fn of(changes: &[Change], catalogue: &SqlCatalogue) -> Result<Vec<Step>, StorageError> {
    let mut catalogue = Cow::Borrowed(catalogue);
    let mut steps = Vec::with_capacity(changes.len());
    let mut departures = Departures::default();
    let mut changes = changes.iter();
    while let Some(change) = changes.next() {
        let after = departures.after(change, changes.as_slice());
        push(change, &mut catalogue, &mut steps)?;
        steps.extend(after.into_iter().map(goes_on));
    }
    Ok(steps)
}

fn push(
    change: &Change,
    catalogue: &mut Cow<'_, SqlCatalogue>,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    match change {
        Change::Require(precondition) => {
            preconditions::push(precondition.clone(), catalogue, steps)?;
        }
        Change::InsertUser(new_user) => {
            let id = new_user.user.id().clone();
            let insert = users::insert(catalogue, new_user)?;
            steps.push(Step::new(insert, Then::Inserts(id)));
        }
        Change::UpdateUser(update) => {
            let exists = Precondition::UserExists(update.id.clone());
            let update = users::update(catalogue, update)?;
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::SetUserStatus { id, status, at } => {
            let update = users::set_status(id, *status, *at);
            let exists = Precondition::UserExists(id.clone());
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::RemoveUser { id } => {
            let end_sessions = sessions::end_all_of(id, None);
            steps.push(Step::new(end_sessions, Then::CollectsEnded));
            steps.push(Step::new(failed_logins::forget(id), Then::GoOn));
            let grantee = &Grantee::User(id.clone());
            let of_records = record_permissions::remove_all_for(catalogue, grantee);
            steps.extend(of_records.into_iter().map(goes_on));
            steps.push(goes_on(permissions::remove_all_for(grantee)));
            // What refers to the row goes with it: roles, one-time links.
            steps.push(Step::new(users::remove(id), Then::GoOn));
        }
        Change::RecordLogin { id, at } => {
            steps.push(Step::new(users::record_login(id, *at), Then::GoOn));
        }
        Change::CountFailedLogin { user_id, at, since } => {
            let count = failed_logins::count(user_id, *at, *since);
            steps.push(Step::new(count, Then::GoOn));
        }
        Change::ForgetFailedLogins { user_id } => {
            steps.push(Step::new(failed_logins::forget(user_id), Then::GoOn));
        }
        Change::OpenSession(session) => {
            let exists = Precondition::UserExists(session.user_id.clone());
            steps.push(Step::new(sessions::insert(session), Then::RefersTo(exists)));
        }
        Change::EndSessions(selectors) => {
            for selector in selectors {
                steps.push(goes_on(guests::mark_before_end_of(*selector)));
                steps.push(goes_on(sessions::end(*selector)));
            }
        }
        Change::EndDeadSessions { selectors, expiry } => {
            for selectors in selectors.chunks(sessions::ENDED_AT_ONCE) {
                let end_sessions = sessions::end_dead(selectors, expiry);
                steps.push(Step::new(end_sessions, Then::CollectsEnded));
            }
        }
        Change::EndSessionsOf { user_id, except } => {
            let end_sessions = sessions::end_all_of(user_id, *except);
            steps.push(Step::new(end_sessions, Then::CollectsEnded));
        }
        Change::RecordActivity(times) => {
            let records = times
                .iter()
                .map(|(selector, at)| sessions::record_activity(*selector, *at));
            steps.extend(records.map(|record| Step::new(record, Then::GoOn)));
        }
        Change::RecordHeartbeat { at, wall } => {
            let record = sessions::record_heartbeat(*at, *wall);
            steps.push(Step::new(record, Then::GoOn));
        }
        Change::RecordStart(at) => {
            steps.push(Step::new(sessions::record_start(*at), Then::GoOn));
        }
        Change::CreateTable { name } => schema::create_table(catalogue.to_mut(), name, steps)?,
        Change::DropTable { name } => schema::drop_table(catalogue.to_mut(), name, steps)?,
        Change::AddColumn { table, column } => {
            schema::add_column(catalogue.to_mut(), table, column.clone(), steps)?;
        }
        Change::WidenColumn { table, column } => {
            schema::widen_column(catalogue.to_mut(), table, column, steps)?;
        }
        Change::DropColumn { table, column } => {
            schema::drop_column(catalogue.to_mut(), table, column, steps)?;
        }
        Change::AddRelation { table, relation } => {
            schema::add_relation(catalogue.to_mut(), table, relation.clone(), steps)?;
        }
        Change::InsertRecord(new) => {
            let insert = record_changes::insert(catalogue, new)?;
            steps.push(Step::new(insert, Then::Inserts(new.id.clone())));
        }
        Change::UpdateRecord(change) => {
            let update = record_changes::update(catalogue, change)?;
            let exists = Precondition::RecordExists {
                table: change.table.clone(),
                id: change.id.clone(),
                visibility: change.visibility.clone(),
            };
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::UpdateRecords {
            ids,
            condition,
            update,
        } => {
            let condition = condition.as_ref();
            let updates = record_changes::update_several(catalogue, ids, condition, update)?;
            steps.extend(updates.into_iter().map(counts_changed));
        }
        Change::RemoveRecord {
            table,
            id,
            visibility,
        } => {
            let remove = record_changes::remove(catalogue, table, id, visibility)?;
            let exists = Precondition::RecordExists {
                table: table.clone(),
                id: id.clone(),
                visibility: visibility.clone(),
            };
            steps.push(Step::new(remove, Then::ChangesOne(exists)));
        }
        Change::RemoveRecords {
            table,
            ids,
            condition,
            visibility,
        } => {
            let condition = condition.as_ref();
            let removes =
                record_changes::remove_several(catalogue, table, ids, condition, visibility)?;
            steps.extend(removes.into_iter().map(counts_changed));
        }
        Change::Link {
            table,
            relation,
            parent,
            children,
            visibility,
        } => {
            let of = (table.as_str(), relation.as_str());
            let adds = links::add(catalogue, of, parent, children, visibility)?;
            let then = counts_linked(table, relation, parent);
            steps.extend(adds.into_iter().map(|add| Step::new(add, then.clone())));
        }
        Change::Unlink {
            table,
            relation,
            parent,
            children,
            except,
        } => {
            let of = (table.as_str(), relation.as_str());
            let removes = links::remove(catalogue, of, parent, children.as_deref(), except)?;
            let removes = removes.into_iter();
            steps.extend(removes.map(|remove| Step::new(remove, Then::CountsUnlinked)));
        }
        Change::KeepGuest { id, until } => {
            steps.push(goes_on(guests::keep(id, *until)));
        }
        Change::MoveSessions { from, to } => {
            let exists = Precondition::UserExists(to.clone());
            steps.push(Step::new(users::hold(to), Then::FindsRow(exists)));
            let update = merging::move_sessions(from, to);
            steps.push(Step::new(update, Then::CollectsMoved));
        }
        Change::MoveLinks {
            table,
            relation,
            from,
            to,
        } => steps.extend(merging::move_links(catalogue, (table, relation), from, to)?),
        Change::MoveReferences {
            table,
            relation,
            from,
            to,
        } => steps.extend(merging::move_references(
            catalogue,
            (table, relation),
            from,
            to,
        )?),
        Change::MoveOwnership { table, from, to } => {
            steps.push(counts_changed(owning::give(catalogue, table, from, to)?));
        }
        Change::RemoveOwned {
            table,
            owner,
            limit,
        } => {
            let remove = owning::remove(catalogue, table, owner, *limit)?;
            steps.push(counts_changed(remove));
        }
        Change::SetIdentity { column } => identity::set(catalogue.to_mut(), column, steps)?,
        Change::CreateRole { name } => steps.extend(roles::create(catalogue.dialect(), name)),
        Change::DropRole { name } => steps.extend(roles::remove(catalogue, name)),
        Change::AssignRole { user_id, role } => {
            steps.extend(roles::assign(user_id.clone(), role.clone()));
        }
        Change::UnassignRole { user_id, role } => {
            steps.push(goes_on(roles::unassign(user_id, role)));
        }
        Change::PutPermission {
            grantee,
            resource,
            operation,
            access,
        } => {
            let of = (grantee, resource);
            steps.push(goes_on(permissions::put(
                catalogue, of, *operation, *access,
            )?));
        }
        Change::PutRecordPermission {
            table,
            id,
            permission,
        } => record_permissions::put(catalogue, table.clone(), id.clone(), permission, steps)?,
        Change::ScheduleTimer {
            path,
            schedule,
            due,
        } => steps.push(goes_on(timers::schedule(path, schedule, *due))),
        Change::EnableTimer { path, enabled, due } => {
            steps.push(goes_on(timers::enable(path, *enabled, *due)));
        }
        Change::BeginTimer { path, lease } => steps.push(goes_on(timers::begin(path, lease))),
        Change::AdvanceTimer {
            path,
            next,
            skipped,
        } => steps.push(goes_on(timers::advance(path, *next, *skipped))),
        Change::EndTimer {
            path,
            holder,
            at,
            error,
        } => {
            let end = timers::end(path, holder, *at, error.as_deref());
            steps.push(goes_on(end));
        }
        Change::TakeLease {
            name,
            holder,
            until,
        } => {
            steps.push(goes_on(leases::take(name, holder, *until)));
        }
        Change::PutHandlerSetting(setting) => {
            let is_wanted = setting.enabled.is_some() || setting.order.is_some();
            steps.push(match is_wanted {
                true => goes_on(handler_settings::put(setting)),
                false => goes_on(handler_settings::remove(&setting.path)),
            });
        }
        Change::PutOneTimeLink(link) => steps.extend(one_time_links::put(link)),
        Change::RemoveOneTimeLinks { user_id, purpose } => {
            steps.push(goes_on(one_time_links::remove(user_id, *purpose)));
        }
        Change::RemoveExpiredOneTimeLinks { now } => {
            steps.push(goes_on(one_time_links::remove_expired(*now)));
        }
        Change::ConfirmEmail { id, at } => {
            let update = users::confirm_email(id, *at);
            let pending =
                Precondition::UserStatusIs(id.clone(), UserStatus::EmailConfirmationPending);
            steps.push(Step::new(update, Then::ChangesOne(pending)));
        }
        Change::Audit(record) => steps.push(Step::new(audit::insert(record), Then::GoOn)),
        Change::PutAppId(id) => steps.push(Step::new(app::put_app_id(id), Then::GoOn)),
        Change::PutKey { kind, key } => {
            steps.push(Step::new(app::put_key(*kind, key), Then::GoOn));
        }
        Change::PutAdminTokenHash(hash) => {
            steps.push(Step::new(app::put_admin_token_hash(hash), Then::GoOn));
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

fn goes_on(statement: impl Into<Statement>) -> Step {
    Step::new(statement, Then::GoOn)
}

fn counts_changed(statement: impl Into<Statement>) -> Step {
    Step::new(statement, Then::CountsChanged)
}

fn counts_linked(table: &str, relation: &str, parent: &ObjectId) -> Then {
    Then::CountsLinked {
        to_one: Constraint::OneToOne {
            table: table.to_owned(),
            relation: relation.to_owned(),
        },
        parent: Precondition::RecordExists {
            table: table.to_owned(),
            id: parent.clone(),
            visibility: Visibility::Everything,
        },
    }
}
