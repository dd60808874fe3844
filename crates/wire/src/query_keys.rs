use serde_json::{Map, Value as Json};

use crate::{BadRequest, lists};

/// The keys of a query, read by what they should hold.
///
/// Clients send more than they mean: an empty text, an empty list, null and `false` count as
/// absent, and unknown keys are ignored (wire contract, section 9.2).
#[derive(Clone, Copy)]
pub(crate) struct QueryKeys<'a>(pub(crate) &'a Map<String, Json>);

impl<'a> QueryKeys<'a> {
    /// The value under this name, unless it counts as absent.
    pub(crate) fn given(self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| match value {
            Json::Null | Json::Bool(false) => false,
            Json::String(text) => !text.trim().is_empty(),
            Json::Array(list) => !list.is_empty(),
            _ => true,
        })
    }

    /// A text.
    pub(crate) fn text(self, name: &str) -> Result<Option<String>, BadRequest> {
        match self.given(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(BadRequest::invalid(format!("'{name}' must be a text"))),
        }
    }

    /// A list of texts: with commas, or as a JSON list, whose nulls do not count.
    pub(crate) fn list(self, name: &str) -> Result<Vec<String>, BadRequest> {
        let refusal = || {
            let message = format!("'{name}' must be a text with commas, or a list of texts");
            BadRequest::invalid(message)
        };
        match self.given(name) {
            None => Ok(Vec::new()),
            Some(Json::String(text)) => Ok(lists::split(text)),
            Some(Json::Array(list)) => {
                let mut items = Vec::new();
                for item in list.iter().filter(|item| !item.is_null()) {
                    items.extend(lists::split(item.as_str().ok_or_else(refusal)?));
                }
                Ok(items)
            }
            Some(_) => Err(refusal()),
        }
    }

    /// The lists under these names, which mean the same.
    pub(crate) fn lists(self, names: &[&str]) -> Result<Vec<String>, BadRequest> {
        let mut items = Vec::new();
        for name in names {
            items.extend(self.list(name)?);
        }
        Ok(items)
    }

    /// A whole number, perhaps written as a text.
    pub(crate) fn number(self, name: &str) -> Result<Option<i64>, BadRequest> {
        let Some(value) = self.given(name) else {
            return Ok(None);
        };
        let number = match value {
            Json::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        };
        let refusal = || BadRequest::invalid(format!("'{name}' must be a whole number"));
        number.map(Some).ok_or_else(refusal)
    }

    /// Yes or no, perhaps written as a text; absent is no.
    pub(crate) fn flag(self, name: &str) -> Result<bool, BadRequest> {
        match self.given(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(Json::String(text)) if text.trim().eq_ignore_ascii_case("true") => Ok(true),
            Some(Json::String(text)) if text.trim().eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(BadRequest::invalid(format!(
                "'{name}' must be true or false"
            ))),
        }
    }
}
