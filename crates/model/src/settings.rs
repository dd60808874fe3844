use crate::Value;

/// Greatest number of seconds in a setting: thirty days, as on the platform whose API we speak.
const MAX_SECONDS: u32 = 2_592_000;

/// How the app behaves: kept in the database, changed through the admin API, in force at once.
///
/// ```
/// use vestibule_model::{Profile, Settings, Value};
///
/// let mut settings = Settings::of(Profile::Strict);
/// settings.set("sessions.inactivityTimeoutSeconds", &Value::from(60))?;
/// assert_eq!(60, settings.sessions.inactivity_timeout_seconds);
/// # Ok::<(), vestibule_model::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who may register, and how.
    pub registration: RegistrationSettings,
    /// Who may log in, how often at once, and when an account locks.
    pub login: LoginSettings,
    /// How long a session lives.
    pub sessions: SessionSettings,
    /// Whether unknown tables and columns are made on the way.
    pub schema: SchemaSettings,
    /// What is allowed where no permission says so.
    pub permissions: PermissionSettings,
    /// Guests, and what becomes of them.
    pub guests: GuestSettings,
}

/// Who may register, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationSettings {
    /// Whether anybody may.
    pub enabled: bool,
    /// Whether a new user must confirm the email address before the first login.
    pub email_confirmation_required: bool,
}

/// Who may log in, how often at once, and when an account locks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginSettings {
    /// Whether anybody may.
    pub enabled: bool,
    /// Whether a user may have several sessions at once.
    pub multiple_logins: bool,
    /// How many, once several are allowed; 0 is no limit.
    pub max_concurrent_logins: u32,
    /// With one session only: whether the newcomer is refused (or else the earlier session ends).
    pub reject_second_login: bool,
    /// Failed logins in a row after which the account locks; 0 is never.
    pub lock_after_failed_logins: u32,
    /// How long a lock lasts, in seconds.
    pub lock_seconds: u32,
}

/// How long a session lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// Seconds without a call after which a session ends; 0 is never.
    pub inactivity_timeout_seconds: u32,
    /// Seconds after the login at which a session ends in any case; 0 is never.
    pub absolute_lifetime_seconds: u32,
}

/// Whether unknown tables and columns are made on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaSettings {
    /// On: a save makes the tables and columns that it misses, with types that come of the values
    /// sent. Off: such a save is refused, and unknown properties of users are dropped.
    pub dynamic: bool,
}

/// What is allowed where no permission says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionSettings {
    /// The answer to "may I?" when nothing else decides.
    pub base: PermissionBase,
}

/// Guests, and what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestSettings {
    /// Whether anybody may come in as a guest.
    pub enabled: bool,
    /// Whether guests without a session are removed.
    pub cleanup: bool,
    /// How often the cleanup looks, in seconds.
    pub sweep_seconds: u32,
    /// What becomes of the rows that a removed guest owns.
    pub owned_rows: OwnedRows,
    /// Guest logins allowed per address prefix and minute; 0 is no limit.
    pub per_address_per_minute: u32,
}

/// The answer to "may I?" when no permission decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionBase {
    /// Everybody may do everything.
    Everything,
    /// Callers may register, log in, and do what they like with their own records.
    Own,
}

/// What becomes of the rows that a removed guest owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnedRows {
    /// They stay.
    Leave,
    /// They go too.
    Cascade,
    /// A guest who owns rows is not removed.
    KeepGuest,
}

/// The settings that a new app starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Callers reach their own records only; nothing is created on the way. The default.
    Strict,
    /// Everything is granted, and tables and columns are made on the way, as on the platform whose
    /// API we speak.
    Backendless,
}

/// Why a setting was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such setting.
    #[error("there is no setting {key}; {}", advice(*.similar))]
    Unknown {
        /// The key that was asked for.
        key: String,
        /// A key that looks like it.
        similar: Option<&'static str>,
    },
    /// The value is of the wrong type or out of range.
    #[error("{key} must be {expected}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// What would do.
        expected: String,
    },
}

/// Lists every setting once: its key, where it lives, and the numbers that it may have.
macro_rules! settings {
    ($($key:literal => $group:ident.$field:ident $(in 0..=$max:expr)?;)+) => {
        impl Settings {
            /// Every setting with its key, in the order of the admin API.
            pub fn entries(&self) -> Vec<(&'static str, Value)> {
                vec![$(($key, self.$group.$field.to_value()),)+]
            }

            /// Changes one setting.
            ///
            /// # Errors
            /// Refuses an unknown key, a value of the wrong type, and a number out of range;
            /// nothing is changed then.
            pub fn set(&mut self, key: &str, value: &Value) -> Result<(), SettingError> {
                match key {
                    $($key => {
                        let max: Option<u32> = None $(.or(Some($max)))?;
                        self.$group.$field = Setting::from_value(value, max)
                            .map_err(|expected| SettingError::Invalid { key: $key, expected })?;
                    })+
                    _ => {
                        return Err(SettingError::Unknown {
                            key: key.to_owned(),
                            similar: similar(key, &[$($key),+]),
                        });
                    }
                }
                Ok(())
            }
        }
    };
}

settings! {
    "registration.enabled" => registration.enabled;
    "registration.emailConfirmationRequired" => registration.email_confirmation_required;
    "login.enabled" => login.enabled;
    "login.multipleLogins" => login.multiple_logins;
    "login.maxConcurrentLogins" => login.max_concurrent_logins in 0..=1_000_000;
    "login.rejectSecondLogin" => login.reject_second_login;
    "login.lockAfterFailedLogins" => login.lock_after_failed_logins in 0..=1_000_000;
    "login.lockSeconds" => login.lock_seconds in 0..=MAX_SECONDS;
    "sessions.inactivityTimeoutSeconds" => sessions.inactivity_timeout_seconds in 0..=MAX_SECONDS;
    "sessions.absoluteLifetimeSeconds" => sessions.absolute_lifetime_seconds in 0..=MAX_SECONDS;
    "schema.dynamic" => schema.dynamic;
    "permissions.base" => permissions.base;
    "guests.enabled" => guests.enabled;
    "guests.cleanup" => guests.cleanup;
    "guests.sweepSeconds" => guests.sweep_seconds in 0..=MAX_SECONDS;
    "guests.ownedRows" => guests.owned_rows;
    "guests.perAddressPerMinute" => guests.per_address_per_minute in 0..=1_000_000;
}

impl Settings {
    /// The settings that a new app of this profile starts with.
    pub fn of(profile: Profile) -> Self {
        let strict = profile == Profile::Strict;
        Self {
            registration: RegistrationSettings {
                enabled: true,
                email_confirmation_required: false,
            },
            login: LoginSettings {
                enabled: true,
                multiple_logins: false,
                max_concurrent_logins: 0,
                reject_second_login: false,
                lock_after_failed_logins: if strict { 10 } else { 0 },
                lock_seconds: 1800,
            },
            sessions: SessionSettings {
                inactivity_timeout_seconds: 3600,
                absolute_lifetime_seconds: 0,
            },
            schema: SchemaSettings { dynamic: !strict },
            permissions: PermissionSettings {
                base: if strict {
                    PermissionBase::Own
                } else {
                    PermissionBase::Everything
                },
            },
            guests: GuestSettings {
                enabled: true,
                cleanup: true,
                sweep_seconds: 10,
                owned_rows: OwnedRows::Leave,
                per_address_per_minute: 300,
            },
        }
    }
}

/// What a setting can be; the error says what would have done.
trait Setting: Sized {
    fn to_value(&self) -> Value;
    fn from_value(value: &Value, max: Option<u32>) -> Result<Self, String>;
}

impl Setting for bool {
    fn to_value(&self) -> Value {
        Value::Boolean(*self)
    }

    fn from_value(value: &Value, _max: Option<u32>) -> Result<Self, String> {
        value.as_boolean().ok_or_else(|| "true or false".to_owned())
    }
}

impl Setting for u32 {
    fn to_value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }

    fn from_value(value: &Value, max: Option<u32>) -> Result<Self, String> {
        let max = max.unwrap_or(u32::MAX);
        value
            .as_integer()
            .and_then(|integer| u32::try_from(integer).ok())
            .filter(|number| *number <= max)
            .ok_or_else(|| format!("a whole number from 0 to {max}"))
    }
}

impl Setting for PermissionBase {
    fn to_value(&self) -> Value {
        Value::from(match self {
            Self::Everything => "everything",
            Self::Own => "own",
        })
    }

    fn from_value(value: &Value, _max: Option<u32>) -> Result<Self, String> {
        match value.as_text() {
            Some("everything") => Ok(Self::Everything),
            Some("own") => Ok(Self::Own),
            _ => Err(r#""everything" or "own""#.to_owned()),
        }
    }
}

impl OwnedRows {
    /// The choice as it is written in the setting.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Cascade => "cascade",
            Self::KeepGuest => "keep-guest",
        }
    }
}

impl Setting for OwnedRows {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }

    fn from_value(value: &Value, _max: Option<u32>) -> Result<Self, String> {
        match value.as_text() {
            Some("leave") => Ok(Self::Leave),
            Some("cascade") => Ok(Self::Cascade),
            Some("keep-guest") => Ok(Self::KeepGuest),
            _ => Err(r#""leave", "cascade" or "keep-guest""#.to_owned()),
        }
    }
}

fn advice(similar: Option<&str>) -> String {
    match similar {
        Some(name) => format!("did you mean {name}?"),
        None => "ask for the settings to see what there is".to_owned(),
    }
}

/// The key that was meant: written in another case, or of another group.
fn similar(key: &str, known: &[&'static str]) -> Option<&'static str> {
    let wanted = key.to_lowercase();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_lowercase();
    known
        .iter()
        .copied()
        .find(|name| name.to_lowercase() == wanted || last(name) == last(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_can_be_read_and_written_back() {
        let original = Settings::of(Profile::Strict);
        let mut copy = Settings::of(Profile::Backendless);
        for (key, value) in original.entries() {
            copy.set(key, &value).unwrap();
        }
        assert_eq!(original, copy);
    }

    #[test]
    fn a_wrong_value_is_refused_with_the_name_of_its_key() {
        let mut settings = Settings::of(Profile::Strict);
        let before = settings.clone();
        let error = settings
            .set("login.lockSeconds", &Value::from(-1))
            .unwrap_err();
        assert_eq!(
            "login.lockSeconds must be a whole number from 0 to 2592000",
            error.to_string()
        );
        assert_eq!(before, settings);
    }

    #[test]
    fn an_unknown_key_is_refused_with_a_hint() {
        let mut settings = Settings::of(Profile::Strict);
        let error = settings
            .set("session.inactivitytimeoutseconds", &Value::from(1))
            .unwrap_err();
        assert_eq!(
            "there is no setting session.inactivitytimeoutseconds; \
             did you mean sessions.inactivityTimeoutSeconds?",
            error.to_string()
        );
        let error = settings.set("login.nope", &Value::from(1)).unwrap_err();
        assert_eq!(
            "there is no setting login.nope; ask for the settings to see what there is",
            error.to_string()
        );
    }

    #[test]
    fn strict_differs_from_backendless_in_three_settings() {
        let strict = Settings::of(Profile::Strict).entries();
        let open = Settings::of(Profile::Backendless).entries();
        let different: Vec<_> = strict
            .iter()
            .zip(&open)
            .filter(|(a, b)| a != b)
            .map(|((key, _), _)| *key)
            .collect();
        assert_eq!(
            vec![
                "login.lockAfterFailedLogins",
                "schema.dynamic",
                "permissions.base"
            ],
            different
        );
    }
}
