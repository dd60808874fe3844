use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use http::request::Parts;
use vestibule_core::Error;
use vestibule_model::{ErrorCode, Query};
use vestibule_wire::parse_query_pairs;

use crate::error::Refusal;

/// Longest name that is repeated in an error.
const SHOWN_AT_MOST: usize = 64;

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

    /// Refuses what does not belong here.
    ///
    /// # Errors
    /// 8008 with the name, if the query has a pair of another name than these.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Error> {
        let mut pairs = self.0.iter();
        let Some((unknown, _)) = pairs.find(|(name, _)| !names.contains(&name.as_str())) else {
            return Ok(());
        };
        let shown: String = unknown.chars().take(SHOWN_AT_MOST).collect();
        let known = match names {
            [] => "the URL has no query".to_owned(),
            names => format!("the query of the URL knows {}", names.join(", ")),
        };
        let message = format!("'{shown}' does not belong here; leave it out: {known}");
        Err(Error::new(ErrorCode::InvalidParameter, message))
    }

    /// The whole number under this name, if there is one.
    ///
    /// # Errors
    /// 8008 with the name, if it is none from `range`.
    pub(crate) fn number(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text
            .trim()
            .parse()
            .ok()
            .filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let message = format!("{name} must be a whole number from {least} to {most}");
            Error::new(ErrorCode::InvalidParameter, message)
        })
    }

    /// The pairs as a query for records.
    pub(crate) fn query(self) -> Result<Query, Refusal> {
        Ok(parse_query_pairs(self.0)?)
    }
}

/// A URL without a query: a route that wants none refuses whatever comes (8008), by its name.
pub(crate) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        UrlQuery::from_request_parts(parts, state)
            .await?
            .only(&[])?;
        Ok(Self)
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
