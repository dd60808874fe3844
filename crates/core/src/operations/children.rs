use serde_json::{Value as Json, json};
use vestibule_model::ObjectId;

use crate::{Result, event_input::Input};

/// The records that a relation is to lead to, or no longer to lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Children {
    /// These. Ids of records that do not exist, or that the caller may not see, do not matter.
    Ids(Vec<ObjectId>),
    /// Those records of the related table that this where-clause is true for.
    Matching(String),
}

impl Children {
    /// The children as JSON for observers and logs.
    pub(super) fn describe(&self) -> Json {
        match self {
            Self::Ids(ids) => ids.iter().map(ObjectId::as_str).collect(),
            Self::Matching(clause) => json!({ "where": clause }),
        }
    }
}

impl Children {
    /// Reads what [`describe`](Children::describe) writes.
    pub(super) fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let name = "children";
        let children = input.fitting(name, "a list of objectIds, or {\"where\"}", |json| {
            if let Some(clause) = json
                .get("where")
                .filter(|_| json.as_object().is_some_and(|object| object.len() == 1))
            {
                return clause
                    .as_str()
                    .map(|clause| Self::Matching(clause.to_owned()));
            }
            let ids = json.as_array()?.iter();
            let ids = ids.map(|id| ObjectId::parse(id.as_str()?).ok());
            ids.collect::<Option<Vec<_>>>().map(Self::Ids)
        })?;
        children.ok_or_else(|| input.unfit(name, "it is missing"))
    }
}

impl From<Vec<ObjectId>> for Children {
    fn from(ids: Vec<ObjectId>) -> Self {
        Self::Ids(ids)
    }
}

impl From<&[ObjectId]> for Children {
    fn from(ids: &[ObjectId]) -> Self {
        Self::Ids(ids.to_vec())
    }
}

impl<const N: usize> From<[ObjectId; N]> for Children {
    fn from(ids: [ObjectId; N]) -> Self {
        Self::Ids(ids.into())
    }
}

impl<const N: usize> From<[&ObjectId; N]> for Children {
    fn from(ids: [&ObjectId; N]) -> Self {
        Self::Ids(ids.into_iter().cloned().collect())
    }
}
