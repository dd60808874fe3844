use axum::extract::FromRequestParts;
use http::request::Parts;
use vestibule_core::Error;
use vestibule_model::{ErrorCode, Query};
use vestibule_wire::parse_query_pairs;

use crate::error::Refusal;

/// The pairs of a URL's query, decoded; here `+` is a space.
pub(crate) struct UrlQuery(Vec<(String, String)>);

impl UrlQuery {
    /// The pairs as they came.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The text under this name: the last one, unless it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter().rev();
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        (!value.trim().is_empty()).then_some(value)
    }

    /// The pairs as a query for records.
    pub(crate) fn query(self) -> Result<Query, Refusal> {
        Ok(parse_query_pairs(self.0)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UrlQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let has_nul =
            |(name, value): &(String, String)| name.contains('\0') || value.contains('\0');
        if pairs.iter().any(has_nul) {
            let message = "the query of the URL holds a NUL character; leave it out";
            return Err(Error::new(ErrorCode::InvalidParameter, message).into());
        }
        Ok(Self(pairs))
    }
}
