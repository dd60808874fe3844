use std::fmt;

use crate::{ObjectId, Role};

/// What somebody may want to do with a resource: the operations that permissions are about (wire
/// contract, section 7.2; admin API, `/permissions`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PermissionOperation {
    /// See records, or learn anything of them: find, count, group, compare in a clause.
    Find,
    /// Make records.
    Add,
    /// Change records; of `users`, through the user service.
    Update,
    /// Remove records.
    Remove,
    /// Make or change, whichever it takes.
    Upsert,
    /// Read the columns of a table; of `users`, those of users.
    Describe,
    /// Change the permissions of a table and of its records.
    Permission,
    /// Load the related records of a record.
    LoadRelations,
    /// Relate a record to others.
    AddRelation,
    /// Take relations of a record away.
    DeleteRelation,
    /// Register; of a guest it is the conversion.
    Register,
    /// Log in with a password.
    Login,
    /// Come in as a guest.
    LoginAsGuest,
    /// Ask for a mail with which to set a new password.
    RestorePassword,
    /// Call a service, dispatch an event.
    Execute,
}

impl PermissionOperation {
    /// Every operation.
    pub const ALL: [Self; 15] = [
        Self::Find,
        Self::Add,
        Self::Update,
        Self::Remove,
        Self::Upsert,
        Self::Describe,
        Self::Permission,
        Self::LoadRelations,
        Self::AddRelation,
        Self::DeleteRelation,
        Self::Register,
        Self::Login,
        Self::LoginAsGuest,
        Self::RestorePassword,
        Self::Execute,
    ];

    /// The operations on tables.
    pub const OF_DATA: [Self; 10] = [
        Self::Find,
        Self::Add,
        Self::Update,
        Self::Remove,
        Self::Upsert,
        Self::Describe,
        Self::Permission,
        Self::LoadRelations,
        Self::AddRelation,
        Self::DeleteRelation,
    ];

    /// The operations on single records, which alone a record's own permissions can be about.
    pub const OF_RECORDS: [Self; 3] = [Self::Find, Self::Update, Self::Remove];

    /// The operations of the user service.
    pub const OF_USERS: [Self; 6] = [
        Self::Register,
        Self::Login,
        Self::LoginAsGuest,
        Self::Update,
        Self::Describe,
        Self::RestorePassword,
    ];

    /// The operation as it is written on the wire, in the admin API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Find => "FIND",
            Self::Add => "ADD",
            Self::Update => "UPDATE",
            Self::Remove => "REMOVE",
            Self::Upsert => "UPSERT",
            Self::Describe => "DESCRIBE",
            Self::Permission => "PERMISSION",
            Self::LoadRelations => "LOAD_RELATIONS",
            Self::AddRelation => "ADD_RELATION",
            Self::DeleteRelation => "DELETE_RELATION",
            Self::Register => "REGISTER",
            Self::Login => "LOGIN",
            Self::LoginAsGuest => "LOGIN_AS_GUEST",
            Self::RestorePassword => "RESTORE_PASSWORD",
            Self::Execute => "EXECUTE",
        }
    }

    /// The operation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.as_str() == name)
    }
}

impl fmt::Display for PermissionOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a permission says. That it says nothing (`INHERIT`) is that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Yes.
    Grant,
    /// No.
    Deny,
}

impl Access {
    /// The word on the wire, in the admin API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "GRANT",
            Self::Deny => "DENY",
        }
    }

    /// The access of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Grant, Self::Deny]
            .into_iter()
            .find(|access| access.as_str() == name)
    }
}

/// Whom a permission is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// Calls in this role, a system role or a custom one.
    Role(String),
    /// Calls in any role of which the same layer says nothing; never those of server code.
    AllRoles,
    /// Calls of this user.
    User(ObjectId),
    /// Calls of any user, guests included, of whom the same layer says nothing.
    AllUsers,
    /// Calls of the owner of the record at hand: the owner policy of a table.
    Owner,
}

/// What a permission is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// All tables: `data`.
    Data,
    /// One table: `data:Order`.
    Table(String),
    /// The user service: `users`.
    Users,
    /// All services: `services`.
    Services,
    /// One service: `services:NAME`.
    Service(String),
    /// All custom events: `events`.
    Events,
    /// One custom event: `events:NAME`.
    Event(String),
}

impl Resource {
    /// The resource of that name, whether or not there is such a table, service or event.
    ///
    /// ```
    /// use vestibule_model::Resource;
    ///
    /// assert_eq!(Some(Resource::Table("Order".to_owned())), Resource::from_name("data:Order"));
    /// assert_eq!(None, Resource::from_name("orders"));
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        match name.split_once(':') {
            None => match name {
                "data" => Some(Self::Data),
                "users" => Some(Self::Users),
                "services" => Some(Self::Services),
                "events" => Some(Self::Events),
                _ => None,
            },
            Some((_, "")) => None,
            Some(("data", table)) => Some(Self::Table(table.to_owned())),
            Some(("services", service)) => Some(Self::Service(service.to_owned())),
            Some(("events", event)) => Some(Self::Event(event.to_owned())),
            Some(_) => None,
        }
    }

    /// The operations that a permission on this can be about.
    pub const fn operations(&self) -> &'static [PermissionOperation] {
        match self {
            Self::Data | Self::Table(_) => &PermissionOperation::OF_DATA,
            Self::Users => &PermissionOperation::OF_USERS,
            Self::Services | Self::Service(_) | Self::Events | Self::Event(_) => {
                &[PermissionOperation::Execute]
            }
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data => f.write_str("data"),
            Self::Table(table) => write!(f, "data:{table}"),
            Self::Users => f.write_str("users"),
            Self::Services => f.write_str("services"),
            Self::Service(service) => write!(f, "services:{service}"),
            Self::Events => f.write_str("events"),
            Self::Event(event) => write!(f, "events:{event}"),
        }
    }
}

/// One word on who may do what: a permission on anything but a single record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Who.
    pub grantee: Grantee,
    /// With what.
    pub resource: Resource,
    /// Does what.
    pub operation: PermissionOperation,
    /// May or may not.
    pub access: Access,
}

/// One word on who may do what with one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPermission {
    /// Who; never [`Grantee::Owner`].
    pub grantee: Grantee,
    /// Does what; one of [`PermissionOperation::OF_RECORDS`].
    pub operation: PermissionOperation,
    /// May or may not.
    pub access: Access,
}

/// Longest name of a custom role, in characters.
const ROLE_NAME_AT_MOST: usize = 100;

/// Whether a custom role can have this name, as far as the name alone decides.
///
/// # Errors
/// Says why not: a system role's name in any case, `*`, `.` or `..`, nothing, control characters,
/// spaces around it, or more than 100 characters.
///
/// ```
/// use vestibule_model::check_role_name;
///
/// assert!(check_role_name("Support staff").is_ok());
/// assert!(check_role_name("guestuser").is_err());
/// assert!(check_role_name("..").is_err());
/// ```
pub fn check_role_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        let wanted = "a name without spaces around it and without control characters";
        return Err(format!("a role needs {wanted}"));
    }
    if name == "*" {
        return Err("`*` stands for all roles; choose another name".to_owned());
    }
    // Clients take these segments out of a path, however they are encoded: nobody could remove it.
    if matches!(name, "." | "..") {
        return Err("no URL can name a role '.' or '..'; choose another name".to_owned());
    }
    if name.chars().count() > ROLE_NAME_AT_MOST {
        return Err(format!(
            "the name of a role has {ROLE_NAME_AT_MOST} characters at most"
        ));
    }
    match Role::ALL
        .into_iter()
        .find(|role| role.as_str().eq_ignore_ascii_case(name))
    {
        Some(role) => Err(format!("{role} is a system role; choose another name")),
        None => Ok(()),
    }
}
