use crate::Role;

/// Which of the app's API keys came with a request. Each adds a role (wire contract, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Browsers and Node.
    Js,
    /// Whoever speaks HTTP.
    Rest,
    /// Android apps.
    Android,
    /// iOS apps.
    Ios,
    /// Trusted server code outside this process; also called CodeRunner or CloudCode key.
    Bl,
}

impl KeyKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Js, Self::Rest, Self::Android, Self::Ios, Self::Bl];

    /// The name of the kind in the admin API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Js => "JS",
            Self::Rest => "REST",
            Self::Android => "ANDROID",
            Self::Ios => "IOS",
            Self::Bl => "BL",
        }
    }

    /// The role that a request with this key carries.
    pub const fn role(self) -> Role {
        match self {
            Self::Js => Role::JsUser,
            Self::Rest => Role::RestUser,
            Self::Android => Role::AndroidUser,
            Self::Ios => Role::IosUser,
            Self::Bl => Role::ServerCodeUser,
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
