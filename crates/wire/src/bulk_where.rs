use serde_json::{Map, Value as Json};

use crate::{BadRequest, query_keys::QueryKeys};

/// Takes the clause out of the body of `POST /data/bulk/{table}/delete`.
///
/// Without a clause every record would go, and that is too easily said by mistake.
///
/// # Errors
/// 8008 without a clause, or for one that is no text.
pub fn parse_bulk_where(body: &Map<String, Json>) -> Result<String, BadRequest> {
    let missing = || BadRequest::invalid("'where' is required: it says which records are meant");
    QueryKeys(body).text("where")?.ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    #[test]
    fn a_clause_is_a_text_that_says_something() {
        let parse = |text: &str| parse_bulk_where(&parse_object(text.as_bytes()).unwrap());
        assert_eq!("a > 1", parse(r#"{"where":"a > 1"}"#).unwrap());
        for text in [
            "{}",
            r#"{"where":" "}"#,
            r#"{"where":null}"#,
            r#"{"where":7}"#,
        ] {
            assert_eq!(8008, parse(text).unwrap_err().code.number(), "{text}");
        }
    }
}
