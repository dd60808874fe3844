use std::fmt;

/// A system role. Nobody can assign, unassign or delete one (wire contract, section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A call without a session.
    NotAuthenticatedUser,
    /// A call in the session of a registered user.
    AuthenticatedUser,
    /// A call in the session of a guest.
    GuestUser,
    /// A call in a session opened through a social network.
    SocialUser,
    /// Trusted server code: a handler, or whoever holds the BL key.
    ServerCodeUser,
    /// A call with the JS key.
    JsUser,
    /// A call with the REST key.
    RestUser,
    /// A call with the Android key.
    AndroidUser,
    /// A call with the iOS key.
    IosUser,
    /// A call with the .NET key, of which this server has none; the name is taken all the same.
    DotNetUser,
    /// A call with the ActionScript key, of which this server has none.
    AsUser,
    /// A call in a session opened through Facebook.
    FacebookUser,
    /// A call in a session opened through Google.
    GooglePlusUser,
    /// A call in a session opened through Twitter.
    TwitterUser,
}

impl Role {
    /// Every system role, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::NotAuthenticatedUser,
        Self::AuthenticatedUser,
        Self::GuestUser,
        Self::SocialUser,
        Self::ServerCodeUser,
        Self::JsUser,
        Self::RestUser,
        Self::AndroidUser,
        Self::IosUser,
        Self::DotNetUser,
        Self::AsUser,
        Self::FacebookUser,
        Self::GooglePlusUser,
        Self::TwitterUser,
    ];

    /// The role as it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthenticatedUser => "NotAuthenticatedUser",
            Self::AuthenticatedUser => "AuthenticatedUser",
            Self::GuestUser => "GuestUser",
            Self::SocialUser => "SocialUser",
            Self::ServerCodeUser => "ServerCodeUser",
            Self::JsUser => "JSUser",
            Self::RestUser => "RestUser",
            Self::AndroidUser => "AndroidUser",
            Self::IosUser => "IOSUser",
            Self::DotNetUser => "DotNetUser",
            Self::AsUser => "ASUser",
            Self::FacebookUser => "FacebookUser",
            Self::GooglePlusUser => "GooglePlusUser",
            Self::TwitterUser => "TwitterUser",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
