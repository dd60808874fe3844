//! Custom roles and who has them: reads, and the statements of their changes.

use sea_query::{
    DeleteStatement, Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, Order, SelectStatement,
};
use vestibule_model::{Grantee, ObjectId};
use vestibule_storage::{Constraint, Precondition};

use crate::{
    Dialect, Query, SqlCatalogue, Step, Then,
    decode::Cells,
    names::{assigned_role, role},
    permissions, record_permissions,
    statement::insert_into,
};

/// The names of all custom roles, in ascending order.
pub fn all() -> Query<String> {
    let mut select = SelectStatement::new();
    select
        .column((role::TABLE, role::NAME))
        .from(role::TABLE)
        .order_by((role::TABLE, role::NAME), Order::Asc);
    Query::new(select, |row| {
        let name = Cells::new(row, role::TABLE).text(role::NAME)?.to_owned();
        Ok(name)
    })
}

/// The custom roles of some users, user by user and each time in ascending order.
pub fn of_users(users: &[ObjectId]) -> Query<(ObjectId, String)> {
    let column = |name| Expr::col((assigned_role::TABLE, name));
    let mut select = SelectStatement::new();
    select
        .columns(
            [assigned_role::USER_ID, assigned_role::ROLE].map(|name| (assigned_role::TABLE, name)),
        )
        .from(assigned_role::TABLE)
        .and_where(column(assigned_role::USER_ID).is_in(users.iter().map(ObjectId::as_str)))
        .order_by((assigned_role::TABLE, assigned_role::USER_ID), Order::Asc)
        .order_by((assigned_role::TABLE, assigned_role::ROLE), Order::Asc);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, assigned_role::TABLE);
        let user_id = cells.object_id(assigned_role::USER_ID)?;
        cells.of_row(user_id.as_str());
        Ok((user_id, cells.text(assigned_role::ROLE)?.to_owned()))
    })
}

/// Puts together what [`of_users`] answered.
pub fn assemble(rows: Vec<(ObjectId, String)>) -> Vec<(ObjectId, Vec<String>)> {
    let mut users: Vec<(ObjectId, Vec<String>)> = Vec::new();
    for (user_id, role) in rows {
        match users.last_mut() {
            Some((last, roles)) if *last == user_id => roles.push(role),
            _ => users.push((user_id, vec![role])),
        }
    }
    users
}

/// Finds the role of exactly this name, and on engines that lock rows keeps it until the step ends.
pub(crate) fn hold(name: &str) -> SelectStatement {
    let mut select = called(name);
    select.lock_exclusive();
    select
}

fn called(name: &str) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((role::TABLE, role::NAME))
        .from(role::TABLE)
        .and_where(Expr::col((role::TABLE, role::NAME)).eq(name));
    select
}

/// Makes a role.
pub(crate) fn create(dialect: Dialect, name: &str) -> [Step; 2] {
    let stored = Expr::col((role::TABLE, role::NAME));
    let mut same = SelectStatement::new();
    same.column((role::TABLE, role::NAME))
        .from(role::TABLE)
        .and_where(
            dialect
                .folded(dialect.whatever_the_case(stored))
                .eq(dialect.folded(name.into())),
        );
    let insert = insert_into(role::TABLE, [(role::NAME.into_iden(), name.into())]);
    [
        Step::new(same, Then::IsFree(Constraint::RoleName(name.to_owned()))),
        Step::new(insert, Then::GoOn),
    ]
}

/// Removes a role and the permissions for it. Who had it has it no more.
pub(crate) fn remove(catalogue: &SqlCatalogue, name: &str) -> Vec<Step> {
    let grantee = Grantee::Role(name.to_owned());
    // A system role has permissions of that name, too, and they are to stay.
    let is_custom = || Expr::exists(called(name));
    let mut statements = record_permissions::remove_all_for(catalogue, &grantee);
    statements.push(permissions::remove_all_for(&grantee));
    for statement in &mut statements {
        statement.and_where(is_custom());
    }
    let mut delete = DeleteStatement::new();
    delete
        .from_table(role::TABLE)
        .and_where(Expr::col((role::TABLE, role::NAME)).eq(name));
    statements.push(delete);
    let steps = statements.into_iter();
    steps
        .map(|statement| Step::new(statement, Then::GoOn))
        .collect()
}

/// Gives a role to a user.
pub(crate) fn assign(user_id: ObjectId, role: String) -> [Step; 2] {
    let cells = [
        (assigned_role::USER_ID.into_iden(), user_id.as_str().into()),
        (assigned_role::ROLE.into_iden(), role.as_str().into()),
    ];
    let mut insert: InsertStatement = insert_into(assigned_role::TABLE, cells);
    insert.on_conflict(
        OnConflict::columns([assigned_role::USER_ID, assigned_role::ROLE])
            .do_nothing()
            .to_owned(),
    );
    [
        Step::new(hold(&role), Then::FindsRow(Precondition::RoleExists(role))),
        Step::new(insert, Then::RefersTo(Precondition::UserExists(user_id))),
    ]
}

/// Takes a role from a user.
pub(crate) fn unassign(user_id: &ObjectId, role: &str) -> DeleteStatement {
    let column = |name| Expr::col((assigned_role::TABLE, name));
    let mut delete = DeleteStatement::new();
    delete
        .from_table(assigned_role::TABLE)
        .and_where(column(assigned_role::USER_ID).eq(user_id.as_str()))
        .and_where(column(assigned_role::ROLE).eq(role));
    delete
}

/// That a user has this role. It finds the few who have it rather than looking at each user.
pub(crate) fn has(user_id: Expr, role: &str) -> Expr {
    let mut select = SelectStatement::new();
    select
        .column((assigned_role::TABLE, assigned_role::USER_ID))
        .from(assigned_role::TABLE)
        .and_where(Expr::col((assigned_role::TABLE, assigned_role::ROLE)).eq(role));
    user_id.in_subquery(select)
}
