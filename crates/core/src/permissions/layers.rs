//! The one rule of who may do what with which rows of a table.

use vestibule_model::{Access, Grantee, ObjectId, PermissionOperation, Role};
use vestibule_storage::{Condition, Operand, Rows};

use super::cells::Cells;
use crate::call::Call;

/// Who asks: all of a call that permissions know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The caller, if somebody is logged in.
    pub(super) user: Option<&'a ObjectId>,
    /// The caller's custom roles.
    pub(super) custom_roles: &'a [String],
    /// The system roles of the call.
    pub(super) system_roles: &'a [Role],
}

impl<'a> Subject<'a> {
    /// The subject of a call; none for server code, which may do everything: it acts in the role
    /// `ServerCodeUser` alone, whoever's call it runs on.
    pub(super) fn of(call: &'a Call) -> Option<Self> {
        if call.roles == [Role::ServerCodeUser] {
            return None;
        }
        Some(Self {
            user: call.caller.id(),
            custom_roles: &call.custom_roles,
            system_roles: &call.roles,
        })
    }

    pub(super) fn custom_roles(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.custom_roles.iter().map(String::as_str)
    }

    pub(super) fn system_roles(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.system_roles.iter().map(|role| role.as_str())
    }
}

/// What the layers are asked about a table.
pub(super) struct Question<'a> {
    /// Who asks.
    pub(super) subject: Subject<'a>,
    /// To do what.
    pub(super) operation: PermissionOperation,
    /// What is said of it on this table.
    pub(super) table: &'a Cells,
    /// What is said of it on all tables.
    pub(super) data: &'a Cells,
    /// Whether records of the table may have permissions of their own.
    pub(super) record_permissions: bool,
    /// What counts where nothing is said.
    pub(super) base: Rows,
}

/// With which rows the subject may do it: the first layer that says anything of a row decides
/// (wire contract, section 7.2). Within a layer a named grantee comes before `*`, and of several
/// roles that disagree the one that may not.
///
/// Nothing in the answer may be negated: where the owner is null, it is unknown rather than false.
pub(super) fn rows(question: Question<'_>) -> Rows {
    let Question {
        subject,
        operation,
        table,
        data,
        ..
    } = question;
    let custom_roles = || subject.custom_roles();
    let system_roles = || subject.system_roles();
    let users = || subject.user.into_iter();
    let any_user = users().map(|_| Grantee::AllUsers);
    let any_custom_role = custom_roles().take(1).map(|_| Grantee::AllRoles);
    let layers = [
        question.own(users().cloned().map(Grantee::User)), // 1: the record, for the user
        question.own(any_user),                            //    ... for all users
        question.own(custom_roles().map(role)),            // 2: the record, for custom roles
        question.own(any_custom_role),                     //    ... for all roles
        Layer::saying(table.of_user(subject.user)),        // 3: the table, for the user
        Layer::saying(table.of_roles(custom_roles())),     // 4: the table, for custom roles
        Layer::of_owner(subject.user, operation, table.of_owners()), // 5: the owner policy
        question.own(system_roles().map(role)),            // 6: the record, for system roles
        question.own([Grantee::AllRoles].into_iter()),     //    ... for all roles
        Layer::saying(table.of_roles(system_roles())),     // 7: the table, for system roles
        Layer::saying(data.of_roles(custom_roles())),      // 8: all tables, for custom roles
        Layer::saying(data.of_roles(system_roles())),      // 9: all tables, for system roles
    ];
    let upwards = layers.into_iter().rev();
    upwards.fold(question.base, |below, layer| layer.over(below))
}

impl Question<'_> {
    /// The layer of what records themselves say of these grantees. Where they say nothing nobody is
    /// named either: most calls come by here, and are to pay nothing for it.
    fn own(&self, grantees: impl Iterator<Item = Grantee>) -> Layer {
        let may_be = PermissionOperation::OF_RECORDS.contains(&self.operation);
        if !self.record_permissions || !may_be {
            return Layer::Silent;
        }
        match grantees.collect::<Vec<_>>() {
            nobody if nobody.is_empty() => Layer::Silent,
            grantees => Layer::Own(self.operation, grantees),
        }
    }
}

/// What one layer says.
enum Layer {
    /// Nothing of any row.
    Silent,
    /// This of every row.
    Every(Access),
    /// This of the rows of this owner.
    Owned(ObjectId, Access),
    /// Of each row what it says itself of these grantees.
    Own(PermissionOperation, Vec<Grantee>),
}

impl Layer {
    fn saying(said: Option<Access>) -> Self {
        said.map_or(Self::Silent, Self::Every)
    }

    fn of_owner(
        user: Option<&ObjectId>,
        operation: PermissionOperation,
        said: Option<Access>,
    ) -> Self {
        match (user, said) {
            (Some(user), Some(access)) if has_rows(operation) => Self::Owned(user.clone(), access),
            _ => Self::Silent,
        }
    }

    /// What this layer comes to, with those below it having their say where it is silent.
    fn over(self, below: Rows) -> Rows {
        match self {
            Self::Silent => below,
            Self::Every(Access::Grant) => Rows::All,
            Self::Every(Access::Deny) => Rows::Nothing,
            Self::Owned(owner, access) => {
                let of_owner = Rows::owned_by(&owner);
                match (access, of_owner) {
                    (Access::Grant, of_owner) if below == of_owner => below,
                    (Access::Deny, of_owner) if below == of_owner => Rows::Nothing,
                    (Access::Grant, Rows::Where(owned)) => either(owned, below),
                    (Access::Deny, Rows::Where(owned)) => except(certainly(owned), below),
                    (_, Rows::All | Rows::Nothing) => below,
                }
            }
            Self::Own(operation, grantees) => {
                // Of one grantee a record says one thing: if it says yes, it does not say no.
                let says_one_thing = grantees.len() == 1;
                let says = |access| Condition::Permits {
                    operation,
                    grantees: grantees.clone(),
                    access,
                };
                if says_one_thing && below == Rows::Nothing {
                    return Rows::Where(says(Access::Grant));
                }
                except(says(Access::Deny), either(says(Access::Grant), below))
            }
        }
    }
}

/// Whether the operation is about rows that are there.
pub(super) const fn has_rows(operation: PermissionOperation) -> bool {
    !matches!(
        operation,
        PermissionOperation::Add | PermissionOperation::Upsert | PermissionOperation::Describe
    )
}

/// A rule about the owner that is false where there is no owner, and so may be negated.
fn certainly(owned: Condition) -> Condition {
    let owner = Operand::Column("ownerId".to_owned());
    let has_owner = Condition::Not(Box::new(Condition::IsNull(owner)));
    Condition::All(vec![has_owner, owned])
}

/// These rows, and those that are as the condition says.
fn either(condition: Condition, rows: Rows) -> Rows {
    match rows {
        Rows::All => Rows::All,
        Rows::Nothing => Rows::Where(condition),
        Rows::Where(other) => Rows::Where(Condition::Any(vec![condition, other])),
    }
}

/// These rows, without those that are as the condition says.
fn except(condition: Condition, rows: Rows) -> Rows {
    let not = Condition::Not(Box::new(condition));
    match rows {
        Rows::All => Rows::Where(not),
        Rows::Nothing => Rows::Nothing,
        Rows::Where(other) => Rows::Where(Condition::All(vec![not, other])),
    }
}

fn role(name: &str) -> Grantee {
    Grantee::Role(name.to_owned())
}

#[cfg(test)]
mod tests;
