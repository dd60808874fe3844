//! What is wrong with a text, and where.

use vestibule_model::ErrorCode;

use super::bounds::{ECHO, LENGTH};
use crate::Error;

/// What a text is for; it decides what may stand in it, and how a mistake is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Which rows.
    Where,
    /// Which groups.
    Having,
    /// What of each row.
    Properties,
    /// What to leave out of each row.
    ExcludedProperties,
    /// In which order.
    SortBy,
    /// By what to group.
    GroupBy,
    /// What a column becomes.
    Expression,
}

impl Purpose {
    /// The answer to a mistake.
    pub(super) fn error(self, fault: impl Into<Fault>) -> Error {
        let Fault { text, at } = fault.into();
        let place = at.map_or_else(String::new, |at| format!(" (character {at})"));
        let (code, what) = match self {
            Self::Where => (ErrorCode::InvalidWhereClause, "where clause"),
            Self::Having => (ErrorCode::InvalidHaving, "having clause"),
            Self::Properties => (ErrorCode::InvalidParameter, "list of properties"),
            Self::ExcludedProperties => (
                ErrorCode::InvalidParameter,
                "list of properties to leave out",
            ),
            Self::SortBy => (ErrorCode::InvalidParameter, "sortBy"),
            Self::GroupBy => (ErrorCode::InvalidParameter, "groupBy"),
            Self::Expression => (ErrorCode::InvalidParameter, "expression"),
        };
        Error::new(code, format!("Invalid {what}: {text}{place}"))
    }

    /// Refuses a text that is too long to be looked at.
    pub(super) fn check_length(self, text: &str) -> Result<(), Error> {
        if text.len() > LENGTH && text.chars().count() > LENGTH {
            return Err(self.error(format!("it has more than {LENGTH} characters")));
        }
        Ok(())
    }
}

/// A mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is wrong, and what would be right.
    text: String,
    /// At which character, counted from 1.
    at: Option<usize>,
}

impl Fault {
    /// A mistake at a character.
    pub(super) fn at(at: usize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: Some(at),
        }
    }
}

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Self { text, at: None }
    }
}

/// A client's text as it may come back in an error: not all of it, and nothing that moves a cursor.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(ECHO)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if text.chars().nth(ECHO).is_some() {
        shown.push('…');
    }
    shown
}
