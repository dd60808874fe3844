use std::{collections::BTreeMap, fmt, net::IpAddr, sync::Arc};

use vestibule_model::{KeyKind, ObjectId, Role, Selector};

use crate::custom_roles::CustomRoles;

/// Headers that are secrets: they reach no handler and no observer.
const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "secret-key",
    "user-token",
];

/// Headers of one request that there is room for from the start, and what name and value of one take
/// there, in bytes: more of both find room, too.
const USUAL_HEADERS: usize = 16;
const USUAL_LENGTH: usize = 48;

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
    pub custom_roles: CustomRoles,
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
            custom_roles: CustomRoles::default(),
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

/// The headers of a request, by lower-case name, secrets left out. Of several with one name, the last
/// one counts.
#[derive(Clone, Default)]
pub struct Headers(Option<Arc<HeaderTexts>>);

/// All names and values, one after the other, and where each pair of them ends: few allocations for
/// what every request makes and hardly any handler reads.
struct HeaderTexts {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// The header of this name, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs().filter(|(of, _)| of.eq_ignore_ascii_case(name));
        found.last().map(|(_, value)| value)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.as_deref().into_iter();
        all.flat_map(|HeaderTexts { text, ends }| {
            let mut begin = 0;
            ends.iter().map(move |&(middle, end)| {
                let pair = (&text[begin..middle], &text[middle..end]);
                begin = end;
                pair
            })
        })
    }

    fn by_name(&self) -> BTreeMap<&str, &str> {
        self.pairs().collect()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Headers").field(&self.by_name()).finish()
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.by_name() == other.by_name()
    }
}

impl Eq for Headers {}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    /// Collects headers; secrets (`user-token`, `authorization`, cookies) are left out.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let headers = headers.into_iter();
        let room = headers.size_hint().1.unwrap_or_default();
        let room = room.min(USUAL_HEADERS);
        let mut texts = HeaderTexts {
            text: String::with_capacity(room * USUAL_LENGTH),
            ends: Vec::with_capacity(room),
        };
        for (name, value) in headers {
            let (name, value) = (name.as_ref(), value.as_ref());
            if SECRET_HEADERS
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret))
            {
                continue;
            }
            let begin = texts.text.len();
            texts.text.push_str(name);
            texts.text[begin..].make_ascii_lowercase();
            let middle = texts.text.len();
            texts.text.push_str(value);
            texts.ends.push((middle, texts.text.len()));
        }
        let is_empty = texts.ends.is_empty();
        Self((!is_empty).then(|| Arc::new(texts)))
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
    fn of_several_headers_with_one_name_the_last_one_counts_wherever_it_stands() {
        let headers: Headers = [("x-a", "1"), ("X-B", "2"), ("X-A", "3"), ("x-empty", "")]
            .into_iter()
            .collect();
        assert_eq!(Some("3"), headers.get("X-a"));
        assert_eq!(Some(""), headers.get("x-empty"));
        assert_eq!(None, headers.get("x"));
        let same: Headers = [("x-empty", ""), ("x-b", "2"), ("x-a", "3")]
            .into_iter()
            .collect();
        assert_eq!(same, headers);
        let written = r#"Headers({"x-a": "3", "x-b": "2", "x-empty": ""})"#;
        assert_eq!(written, format!("{headers:?}"));
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
