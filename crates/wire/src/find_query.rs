use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::{BadRequest, Projection};

/// Page size where none is asked for (wire contract, section 9.2).
const PAGE_SIZE: i64 = 10;

/// The order in which records come by themselves.
const SORT_BY: &str = "created desc";

/// What would change the result if it were understood: refused rather than answered wrongly.
const NOT_YET: [&str; 5] = ["where", "having", "groupBy", "distinct", "excludeProps"];

/// Which records to find, and which of their columns to answer.
///
/// ```
/// use vestibule_wire::FindQuery;
///
/// let query = FindQuery::from_pairs([("pageSize", "20"), ("props", "email,name")])?;
/// assert_eq!((20, 0), (query.page_size, query.offset));
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// Clients send more than they mean: an empty text, an empty list, null and `false` count as
/// absent, and unknown keys are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindQuery {
    /// How many records at most, unchecked.
    pub page_size: i64,
    /// How many to leave out first, unchecked.
    pub offset: i64,
    /// Which columns to answer.
    pub projection: Projection,
}

impl FindQuery {
    /// Reads the body of `POST /data/{table}/find`.
    ///
    /// # Errors
    /// 8008 for numbers that are none, and for what is not supported yet: its name is in the text.
    pub fn from_body(body: &Map<String, Json>) -> Result<Self, BadRequest> {
        let given = |name: &&str| body.get(*name).is_some_and(is_given);
        if let Some(name) = NOT_YET.into_iter().find(given) {
            let message = format!("'{name}' is not supported yet; leave it out");
            return Err(BadRequest::invalid(message));
        }
        // All relations of a table that has none are none: `*` is as good as nothing.
        if list(body, "loadRelations").is_some_and(|relations| relations != "*") {
            let message = "'loadRelations' is not supported yet; leave it out";
            return Err(BadRequest::invalid(message));
        }
        if list(body, "sortBy").is_some_and(|sort_by| !is_own_order(&sort_by)) {
            return Err(BadRequest::invalid(format!(
                "'sortBy' is not supported yet, but for '{SORT_BY}'; leave it out"
            )));
        }
        let columns = ["props", "property"].map(|name| list(body, name).unwrap_or_default());
        Ok(Self {
            page_size: whole_number(body, "pageSize")?.unwrap_or(PAGE_SIZE),
            offset: whole_number(body, "offset")?.unwrap_or_default(),
            projection: Projection::parse(&columns.join(",")),
        })
    }

    /// Reads the query of `GET /data/{table}`; a name that comes again adds to its list.
    ///
    /// # Errors
    /// As [`from_body`](Self::from_body).
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, BadRequest>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            lists.entry(name.into()).or_default().push(value.into());
        }
        let mut body: Map<String, Json> = lists
            .into_iter()
            .map(|(name, mut values)| {
                // Of numbers, which make no list, the last one counts.
                let value = match name.as_str() {
                    "pageSize" | "offset" => values.pop().unwrap_or_default(),
                    _ => values.join(","),
                };
                (name, Json::String(value))
            })
            .collect();
        // In a query everything is a text, `false` too.
        body.retain(|_, value| value != "false");
        Self::from_body(&body)
    }
}

fn is_given(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => false,
        Json::String(text) => !text.trim().is_empty(),
        Json::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// A list as clients send it: with commas, or as a JSON list.
fn list(body: &Map<String, Json>, name: &str) -> Option<String> {
    body.get(name).filter(|value| is_given(value)).map(joined)
}

fn joined(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(joined).collect::<Vec<_>>().join(","),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn is_own_order(sort_by: &str) -> bool {
    let words: Vec<_> = sort_by.split_whitespace().collect();
    words.join(" ").eq_ignore_ascii_case(SORT_BY)
}

fn whole_number(body: &Map<String, Json>, name: &str) -> Result<Option<i64>, BadRequest> {
    let Some(value) = body.get(name).filter(|value| is_given(value)) else {
        return Ok(None);
    };
    let number = match value {
        Json::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    number
        .map(Some)
        .ok_or_else(|| BadRequest::invalid(format!("'{name}' must be a whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    fn from_body(text: &str) -> Result<FindQuery, BadRequest> {
        FindQuery::from_body(&parse_object(text.as_bytes()).unwrap())
    }

    #[track_caller]
    fn plain(text: &str) {
        let query = from_body(text).unwrap();
        assert_eq!((10, 0), (query.page_size, query.offset), "{text}");
        assert_eq!(Projection::Everything, query.projection, "{text}");
    }

    #[track_caller]
    fn refused(name: &str, text: &str) {
        let refusal = from_body(text).unwrap_err();
        assert_eq!(8008, refusal.code.number());
        assert!(refusal.message.contains(name), "{refusal}");
    }

    #[test]
    fn what_the_sdk_sends_by_itself_is_a_plain_find() {
        plain("{}");
        plain(r#"{"pageSize":10,"offset":0,"distinct":false}"#);
        plain(r#"{"properties":"","relations":"","sortBy":"","groupBy":"","where":"","props":[]}"#);
        plain(r#"{"relationsDepth":0,"loadRelations":"*","anything":{"else":1},"where":null}"#);
        plain(r#"{"sortBy":"created desc"}"#);
        plain(r#"{"sortBy":["Created  DESC"]}"#);
    }

    #[test]
    fn pages_and_columns_are_read_from_bodies_and_from_queries() {
        let query = from_body(r#"{"pageSize":5,"offset":"7","props":["a","b"]}"#).unwrap();
        let same = FindQuery::from_pairs([
            ("pageSize", "5"),
            ("offset", "7"),
            ("property", "a"),
            ("property", "b"),
            ("distinct", "false"),
            ("where", ""),
        ]);
        assert_eq!(same.unwrap(), query);
        assert_eq!(Projection::parse("a,b"), query.projection);
    }

    #[test]
    fn what_would_be_answered_wrongly_is_refused_by_name() {
        refused("where", r#"{"where":"age > 1"}"#);
        refused("sortBy", r#"{"sortBy":"name"}"#);
        refused("distinct", r#"{"distinct":true}"#);
        refused("groupBy", r#"{"groupBy":["a"]}"#);
        refused("loadRelations", r#"{"loadRelations":"cart"}"#);
        refused("excludeProps", r#"{"excludeProps":"name"}"#);
    }

    #[test]
    fn a_page_size_that_is_no_whole_number_is_refused() {
        refused("pageSize", r#"{"pageSize":"ten"}"#);
        refused("pageSize", r#"{"pageSize":1.5}"#);
        refused("offset", r#"{"offset":{}}"#);
    }
}
