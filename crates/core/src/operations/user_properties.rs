//! What may stand in the columns of a user, and what is dropped on the way.

use vestibule_model::{
    Catalogue, Column, DEFAULT_SIZE, ErrorCode, Password, Properties, USERS, Value,
};

use crate::{
    Error, Result,
    mail::is_address,
    values::{self, Misfit},
};

/// Longest password, in bytes (wire contract, code 8000).
pub(super) const PASSWORD_AT_MOST: usize = 1024;

/// What belongs to the server, on every door (design, rule 10; wire contract, section 4.6): clients
/// echo whole users, tokens included, and these are dropped before anybody sees them.
const SERVERS_OWN: [&str; 10] = [
    "___class",
    "accountType",
    "created",
    "lastLogin",
    "oAuthIdentities",
    "ownerId",
    "socialAccount",
    "updated",
    "user-token",
    "userStatus",
];

/// System columns that a client may set; all others are ignored on every door (design, rule 10).
const SETTABLE: [&str; 3] = ["email", "name", "blUserLocale"];

/// The columns that a fresh user has a value for without being asked.
const DEFAULTS: [(&str, &str); 3] = [
    ("accountType", "BACKENDLESS"),
    ("socialAccount", "BACKENDLESS"),
    ("blUserLocale", "en"),
];

/// Drops what belongs to the server.
pub(super) fn drop_servers_own(properties: &mut Properties) {
    properties.retain(|name, _| !SERVERS_OWN.contains(&name.as_str()));
}

/// The name of the column that users log in with.
pub(super) fn identity_of(catalogue: &Catalogue) -> &str {
    identity(catalogue).map_or("email", |column| column.name.as_str())
}

/// How long what users log in with can be, in characters.
pub(super) fn identity_size(catalogue: &Catalogue) -> usize {
    let size = identity(catalogue).and_then(|column| column.size);
    usize::try_from(size.unwrap_or(DEFAULT_SIZE)).unwrap_or(usize::MAX)
}

fn identity(catalogue: &Catalogue) -> Option<&Column> {
    columns(catalogue).iter().find(|column| column.identity)
}

/// Keeps what the table has a column for and a client may set, as the columns hold it; refuses
/// impossible values.
///
/// Unknown properties are dropped in silence, as the wire contract says of a fixed schema (4.2); with
/// a dynamic one the catalogue has the columns already. Validators do not bind guests.
pub(super) fn accept(
    properties: Properties,
    catalogue: &Catalogue,
    guest: bool,
) -> Result<Properties> {
    let columns = columns(catalogue);
    let mut accepted = Properties::new();
    for (name, value) in properties {
        let column = columns.iter().find(|column| column.name == name);
        let Some(column) = column.filter(|column| is_settable(column)) else {
            continue;
        };
        let value = match values::convert(column, value.clone()) {
            Err(Misfit::Validator) if guest => value,
            converted => converted.map_err(|misfit| misfit.of_user(column))?,
        };
        if name == "email"
            && value
                .as_text()
                .is_some_and(|text| !is_address_or_none(text))
        {
            let message = "the email address has a wrong format; it must look like ann@example.com";
            return Err(Error::new(ErrorCode::InvalidEmail, message));
        }
        accepted.insert(name, value);
    }
    Ok(accepted)
}

/// Whether mail can be sent to this, or it is empty. An address with a name around it would be a second
/// account of whoever has the address.
fn is_address_or_none(text: &str) -> bool {
    text.is_empty() || is_address(text)
}

/// Gives a fresh user the defaults of the columns that were not sent.
pub(super) fn fill_defaults(properties: &mut Properties, catalogue: &Catalogue) {
    for column in columns(catalogue) {
        if let Some(default) = &column.default
            && is_settable(column)
            && !properties.contains_key(&column.name)
        {
            properties.insert(column.name.clone(), default.clone());
        }
    }
}

/// Fills in what a fresh user has without being asked, and null for every other column.
pub(super) fn fill(properties: &mut Properties, catalogue: &Catalogue) {
    for (name, value) in DEFAULTS {
        let slot = properties.entry(name.to_owned()).or_default();
        if slot.is_null() {
            *slot = Value::from(value);
        }
    }
    for column in columns(catalogue) {
        if is_property(column) {
            properties.entry(column.name.clone()).or_default();
        }
    }
}

/// Gives a registered user what every fresh one has, where null was sent for it.
pub(super) fn fill_named(properties: &mut Properties) {
    for (name, value) in DEFAULTS {
        if let Some(slot) = properties.get_mut(name).filter(|slot| slot.is_null()) {
            *slot = Value::from(value);
        }
    }
}

/// Looks at what a guest who registers keeps of its own: guests are exempt from validators and
/// required columns, and registered users are not.
///
/// # Errors
/// 8008 for a value that does not pass its column's validator.
pub(super) fn keep(
    properties: &mut Properties,
    kept: &Properties,
    catalogue: &Catalogue,
) -> Result<()> {
    for column in columns(catalogue)
        .iter()
        .filter(|column| is_settable(column))
    {
        if properties.contains_key(&column.name) {
            continue;
        }
        let value = kept.get(&column.name).cloned().unwrap_or_default();
        if is_empty(&value) {
            if let Some(default) = column.default.as_ref().filter(|_| column.required) {
                properties.insert(column.name.clone(), default.clone());
            }
            continue;
        }
        values::convert(column, value).map_err(|misfit| misfit.of_user(column))?;
    }
    Ok(())
}

/// Refuses a registration in which a required column is missing or empty.
pub(super) fn require(properties: &Properties, catalogue: &Catalogue) -> Result<()> {
    for column in columns(catalogue)
        .iter()
        .filter(|column| column.required && is_settable(column))
    {
        let value = properties.get(&column.name);
        let name = &column.name;
        if column.identity && value.is_none_or(is_empty) {
            let message = format!("the property '{name}' is required: users log in with it");
            return Err(Error::new(ErrorCode::IdentityRequired, message));
        }
        match value {
            None => {
                let message = format!("the property '{name}' is required");
                return Err(Error::new(ErrorCode::PropertyRequired, message));
            }
            Some(value) if is_empty(value) => {
                let message = format!("the property '{name}' is required and cannot be empty");
                return Err(Error::new(ErrorCode::PropertyEmpty, message));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Refuses an update that would empty a required column.
pub(super) fn require_what_is_named(properties: &Properties, catalogue: &Catalogue) -> Result<()> {
    for column in columns(catalogue).iter().filter(|column| column.required) {
        if properties.get(&column.name).is_some_and(is_empty) {
            let message = format!("the property '{}' cannot be empty", column.name);
            return Err(Error::new(ErrorCode::UpdateFieldsEmpty, message));
        }
    }
    Ok(())
}

/// The text of a password that may be hashed.
pub(super) fn accept_password(password: Option<&Password>) -> Result<&str> {
    let required = || {
        Error::new(
            ErrorCode::PasswordRequired,
            "the property 'password' is required",
        )
    };
    let password = password
        .filter(|password| !password.is_null())
        .ok_or_else(required)?;
    let text = password.text().ok_or_else(|| {
        Error::new(
            ErrorCode::PasswordNotText,
            "the property 'password' must be a text",
        )
    })?;
    if text.is_empty() {
        return Err(required());
    }
    if text.len() > PASSWORD_AT_MOST {
        let message = format!("a password has at most {PASSWORD_AT_MOST} bytes");
        return Err(Error::new(ErrorCode::ValueTooLong, message));
    }
    Ok(text)
}

/// Another user has this value in a unique column.
pub(super) fn duplicate(column: &str) -> Error {
    let message = format!("another user has this value of '{column}' already");
    Error::new(ErrorCode::DuplicateEntry, message)
}

fn columns(catalogue: &Catalogue) -> &[Column] {
    catalogue
        .table(USERS)
        .map(|table| table.columns.as_slice())
        .unwrap_or_default()
}

pub(super) fn is_settable(column: &Column) -> bool {
    let name = column.name.as_str();
    !column.system || SETTABLE.contains(&name)
}

/// Whether a column is one of `User::properties`, rather than a field of `User` or the password.
fn is_property(column: &Column) -> bool {
    const FIELDS: [&str; 7] = [
        "objectId",
        "ownerId",
        "created",
        "updated",
        "lastLogin",
        "userStatus",
        "password",
    ];
    !FIELDS.contains(&column.name.as_str())
}

/// Whether a value is as good as none in a required column.
pub(super) fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_text() == Some("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_must_be_a_text_that_is_there_and_not_too_long() {
        let code = |password: Option<Password>| {
            accept_password(password.as_ref())
                .unwrap_err()
                .code()
                .number()
        };
        assert_eq!(3011, code(None));
        assert_eq!(3011, code(Some(Password::from_value(Value::Null))));
        assert_eq!(3011, code(Some(Password::new(""))));
        assert_eq!(3050, code(Some(Password::from_value(Value::from(7)))));
        assert_eq!(8000, code(Some(Password::new("x".repeat(1025)))));
    }
}
