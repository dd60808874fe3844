//! The table `Users`: reads, and the statements of its changes.

use std::sync::Arc;

use sea_query::{
    CaseStatement, DeleteStatement, Expr, ExprTrait, Func, IntoIden, SelectStatement,
    UpdateStatement, Value as Sql,
};
use vestibule_model::{
    Catalogue, Column, ObjectId, PasswordHash, Properties, Timestamp, User, UserStatus,
};
use vestibule_storage::{Account, FailedLogins, NewUser, StorageError, UserUpdate};

use crate::{
    NewRow, Query, Row, SqlCatalogue,
    decode::Cells,
    identity,
    names::{failed_login, users},
    record_changes::updated,
    typed,
};

/// The columns of `Users` that are not properties: what is a field of [`User`], and the password.
pub(crate) const NOT_PROPERTIES: [&str; 7] = [
    users::OBJECT_ID,
    users::OWNER_ID,
    users::CREATED,
    users::UPDATED,
    users::LAST_LOGIN,
    users::USER_STATUS,
    users::PASSWORD,
];

/// The user with this id.
pub fn by_id(catalogue: &SqlCatalogue, id: &ObjectId) -> Query<User> {
    let mut select = select_users(catalogue);
    select.and_where(has_id(id));
    users_from(catalogue, select)
}

/// The user with this id, and what a login needs to know.
pub fn account_by_id(catalogue: &SqlCatalogue, id: &ObjectId) -> Query<Account> {
    let mut select = select_users(catalogue);
    select.and_where(has_id(id));
    accounts_from(catalogue, select)
}

/// The user with this identity, and what a login needs to know.
pub fn account_by_identity(catalogue: &SqlCatalogue, identity: &str) -> Query<Account> {
    let mut select = select_users(catalogue);
    select.and_where(identity::is(catalogue, identity));
    accounts_from(catalogue, select)
}

/// Makes a user.
pub(crate) fn insert(catalogue: &SqlCatalogue, new_user: &NewUser) -> Result<NewRow, StorageError> {
    let user = &new_user.user;
    let owner_id = user.owner_id.as_ref().map(ObjectId::as_str);
    let password = new_user.password.as_ref().map(PasswordHash::as_phc);
    let row = NewRow::of(users::TABLE)
        .with(users::OBJECT_ID, user.id().as_str())
        .with(users::OWNER_ID, owner_id)
        .with(users::CREATED, user.created.as_millis())
        .with(users::UPDATED, millis(user.updated))
        .with(users::LAST_LOGIN, millis(user.last_login))
        .with(users::USER_STATUS, user.status.as_str())
        .with(users::PASSWORD, password);
    let mut cells = property_cells(catalogue, &user.properties);
    cells.try_fold(row, |row, cell| {
        let (column, value) = cell?;
        Ok(row.with(column.name.clone(), value))
    })
}

/// Changes the named columns of a user, and `updated`.
pub(crate) fn update(
    catalogue: &SqlCatalogue,
    change: &UserUpdate,
) -> Result<UpdateStatement, StorageError> {
    let mut update = update_of(&change.id);
    for cell in property_cells(catalogue, &change.properties) {
        let (column, value) = cell?;
        update.value(column.name.clone(), value);
    }
    if let Some(password) = &change.password {
        update.value(users::PASSWORD, password.as_phc());
    }
    update.value(users::UPDATED, updated(users::TABLE, change.at));
    Ok(update)
}

/// Changes what a user may do, and `updated`, unless that is later than this.
pub(crate) fn set_status(id: &ObjectId, status: UserStatus, at: Timestamp) -> UpdateStatement {
    let stored = || Expr::col((users::TABLE, users::UPDATED));
    let latest = CaseStatement::new()
        .case(stored().gt(at.as_millis()), stored())
        .finally(at.as_millis());
    let mut update = update_of(id);
    update
        .value(users::USER_STATUS, status.as_str())
        .value(users::UPDATED, latest);
    update
}

/// Enables a user who has confirmed the email address; nobody else is pending.
pub(crate) fn confirm_email(id: &ObjectId, at: Timestamp) -> UpdateStatement {
    let pending = UserStatus::EmailConfirmationPending.as_str();
    let mut update = set_status(id, UserStatus::Enabled, at);
    update.and_where(Expr::col((users::TABLE, users::USER_STATUS)).eq(pending));
    update
}

/// Writes down a login. It is no change of the record: `updated` stays.
pub(crate) fn record_login(id: &ObjectId, at: Timestamp) -> UpdateStatement {
    let mut update = update_of(id);
    update.value(users::LAST_LOGIN, at.as_millis());
    update
}

/// Removes the row of a user.
pub(crate) fn remove(id: &ObjectId) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete.from_table(users::TABLE).and_where(has_id(id));
    delete
}

/// Finds the row of a user, and on engines that lock rows keeps it as it is until the step ends.
pub(crate) fn hold(id: &ObjectId) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((users::TABLE, users::OBJECT_ID))
        .from(users::TABLE)
        .and_where(has_id(id))
        .lock_exclusive();
    select
}

fn update_of(id: &ObjectId) -> UpdateStatement {
    let mut update = UpdateStatement::new();
    update.table(users::TABLE).and_where(has_id(id));
    update
}

fn has_id(id: &ObjectId) -> Expr {
    Expr::col((users::TABLE, users::OBJECT_ID)).eq(id.as_str())
}

/// The columns of `Users` that are properties, in the order of the catalogue.
fn properties(catalogue: &Catalogue) -> impl Iterator<Item = &Column> {
    catalogue
        .table(users::TABLE)
        .into_iter()
        .flat_map(|table| &table.columns)
        .filter(|column| is_property(column))
}

fn is_property(column: &Column) -> bool {
    !NOT_PROPERTIES.contains(&column.name.as_str())
}

fn property_cells<'c>(
    catalogue: &'c SqlCatalogue,
    values: &'c Properties,
) -> impl Iterator<Item = Result<(&'c Column, Sql), StorageError>> {
    values.iter().map(|(name, value)| {
        let column = catalogue
            .table(users::TABLE)
            .and_then(|table| table.column(name))
            .filter(|column| is_property(column))
            .ok_or_else(|| StorageError::UnknownColumn {
                table: users::TABLE.to_owned(),
                column: name.clone(),
            })?;
        Ok((column, typed::bind(users::TABLE, column, value)?))
    })
}

fn select_users(catalogue: &SqlCatalogue) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .columns([
            (users::TABLE, users::OBJECT_ID),
            (users::TABLE, users::OWNER_ID),
            (users::TABLE, users::CREATED),
            (users::TABLE, users::UPDATED),
            (users::TABLE, users::LAST_LOGIN),
            (users::TABLE, users::USER_STATUS),
        ])
        .columns(
            properties(catalogue)
                .map(|column| (users::TABLE.into_iden(), column.name.clone().into_iden())),
        )
        .from(users::TABLE);
    select
}

fn users_from(catalogue: &SqlCatalogue, select: SelectStatement) -> Query<User> {
    let catalogue = Arc::clone(catalogue.catalogue());
    Query::new(select, move |row| {
        decode_user(&mut Cells::new(row, users::TABLE), &catalogue)
    })
}

fn accounts_from(catalogue: &SqlCatalogue, mut select: SelectStatement) -> Query<Account> {
    select
        .column((users::TABLE, users::PASSWORD))
        .expr(or_zero(failed_login::COUNT))
        .expr(or_zero(failed_login::LAST))
        .left_join(
            failed_login::TABLE,
            Expr::col((failed_login::TABLE, failed_login::USER_ID))
                .equals((users::TABLE, users::OBJECT_ID)),
        );
    let catalogue = Arc::clone(catalogue.catalogue());
    Query::new(select, move |row| decode_account(row, &catalogue))
}

/// A column of the failed logins; zero for whoever has none.
fn or_zero(column: &'static str) -> Expr {
    Func::coalesce([Expr::col((failed_login::TABLE, column)), Expr::val(0_i64)]).into()
}

fn decode_account(row: &dyn Row, catalogue: &Catalogue) -> Result<Account, StorageError> {
    let mut cells = Cells::new(row, users::TABLE);
    let user = decode_user(&mut cells, catalogue)?;
    let password = cells
        .maybe_text(users::PASSWORD)?
        .map(|phc| PasswordHash::from_phc(phc.to_owned()));
    cells.of_table(failed_login::TABLE);
    let failed_logins = FailedLogins {
        count: cells.count(failed_login::COUNT)?,
        last: cells.activity_time(failed_login::LAST)?,
    };
    Ok(Account {
        user,
        password,
        failed_logins,
    })
}

fn decode_user(cells: &mut Cells<'_>, catalogue: &Catalogue) -> Result<User, StorageError> {
    let id = cells.object_id(users::OBJECT_ID)?;
    cells.of_row(id.as_str());
    let owner_id = cells.maybe_object_id(users::OWNER_ID)?;
    let created = cells.timestamp(users::CREATED)?;
    let updated = cells.maybe_timestamp(users::UPDATED)?;
    let last_login = cells.maybe_timestamp(users::LAST_LOGIN)?;
    let status = cells.user_status(users::USER_STATUS)?;
    let mut user = User::new(id, status, created);
    user.owner_id = owner_id;
    user.updated = updated;
    user.last_login = last_login;
    for column in properties(catalogue) {
        let value = typed::read(cells, column)?;
        user.properties.insert(column.name.clone(), value);
    }
    Ok(user)
}

fn millis(timestamp: Option<Timestamp>) -> Option<i64> {
    timestamp.map(Timestamp::as_millis)
}
