use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use vestibule_model::{KeyKind, ObjectId, Role, Selector};

/// Headers that are secrets: they reach no handler and no observer.
const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "secret-key",
    "user-token",
];

/// Where a call comes from: who makes it, with which key, from which address.
///
/// ```
/// # use vestibule_core::Context;
/// fn from_a_guest(ctx: &Context) -> bool {
///     ctx.call().caller.is_guest()
/// }
/// ```
///
/// In a call made by cloud code `roles` is `ServerCodeUser` alone; `caller` is still the user on
/// whose call the code runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Who makes it.
    pub caller: Caller,
    /// Who will own what the call makes; the caller, unless cloud code names somebody else.
    pub owner: Option<ObjectId>,
    /// In which system roles.
    pub roles: Vec<Role>,
    /// In which custom roles, in ascending order; server code has none.
    pub custom_roles: Arc<[String]>,
    /// With which API key; calls that the server makes itself have none.
    pub key: Option<KeyKind>,
    /// From which address, the real one behind a trusted proxy.
    pub address: Option<IpAddr>,
    /// With which headers, secrets left out.
    pub headers: Headers,
    /// The id that ties the call to its lines in the log.
    pub request_id: Option<String>,
    pub(crate) session: Option<Selector>,
}

impl Call {
    /// A call that the server makes by itself, on nobody's behalf.
    pub(crate) fn of_the_server() -> Self {
        Self {
            caller: Caller::Anonymous,
            owner: None,
            roles: vec![Role::ServerCodeUser],
            custom_roles: Arc::default(),
            key: None,
            address: None,
            headers: Headers::default(),
            request_id: None,
            session: None,
        }
    }

    /// Whether the call is made by trusted server code.
    pub fn is_server_code(&self) -> bool {
        self.roles.contains(&Role::ServerCodeUser)
    }

    /// Whether the call is made in this role, a system role or a custom one; names are compared
    /// letter by letter.
    ///
    /// ```
    /// # use vestibule_core::{Context, Error, Result};
    /// fn staff_only(ctx: &Context) -> Result<()> {
    ///     if ctx.call().has_role("Support") {
    ///         return Ok(());
    ///     }
    ///     Err(Error::refused(2000).saying("ask somebody of the support staff"))
    /// }
    /// ```
    ///
    /// The trap: server code has no custom roles, so a call that cloud code makes for somebody of the
    /// staff is not one of the staff.
    pub fn has_role(&self, name: &str) -> bool {
        self.role_names().any(|role| role == name)
    }

    /// The names of all roles in which the call is made: the system roles, then the custom ones.
    pub fn role_names(&self) -> impl Iterator<Item = &str> {
        let system = self.roles.iter().map(|role| role.as_str());
        system.chain(self.custom_roles.iter().map(String::as_str))
    }
}

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody is logged in.
    Anonymous,
    /// A user with a live session.
    User {
        /// Who.
        id: ObjectId,
        /// Whether it is a guest.
        guest: bool,
    },
}

impl Caller {
    /// The caller's id, if somebody is logged in.
    pub fn id(&self) -> Option<&ObjectId> {
        match self {
            Self::Anonymous => None,
            Self::User { id, .. } => Some(id),
        }
    }

    /// Whether a guest is calling.
    pub fn is_guest(&self) -> bool {
        matches!(self, Self::User { guest: true, .. })
    }

    /// The roles of a caller with this key (wire contract, section 7.1).
    pub(crate) fn roles(&self, key: KeyKind) -> Vec<Role> {
        let own = match self {
            // The CodeRunner key without a token is server code and nothing else.
            Self::Anonymous if key == KeyKind::Bl => return vec![key.role()],
            Self::Anonymous => Role::NotAuthenticatedUser,
            Self::User { guest: true, .. } => Role::GuestUser,
            Self::User { guest: false, .. } => Role::AuthenticatedUser,
        };
        vec![own, key.role()]
    }
}

/// The headers of a request, by lower-case name, secrets left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Arc<BTreeMap<String, String>>);

impl Headers {
    /// The header of this name, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    /// Collects headers; secrets (`user-token`, `authorization`, cookies) are left out.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.into().to_ascii_lowercase(), value.into()))
            .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
            .collect();
        Self(Arc::new(headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_headers_are_left_out() {
        let headers: Headers = [("User-Token", "t"), ("X-Device", "d")]
            .into_iter()
            .collect();
        assert_eq!(
            (None, Some("d")),
            (headers.get("user-token"), headers.get("x-device"))
        );
    }

    #[test]
    fn the_code_runner_key_alone_is_server_code_and_nothing_else() {
        assert_eq!(
            vec![Role::ServerCodeUser],
            Caller::Anonymous.roles(KeyKind::Bl)
        );
    }

    #[test]
    fn a_guest_is_never_an_authenticated_user() {
        let id = ObjectId::parse("G").unwrap();
        let roles = Caller::User { id, guest: true }.roles(KeyKind::Js);
        assert_eq!(vec![Role::GuestUser, Role::JsUser], roles);
    }
}
