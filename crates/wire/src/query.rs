use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vestibule_model::Query;

use crate::{BadRequest, query_keys::QueryKeys};

/// Keys of a query that hold a list: in a URL such a key may come several times.
const LISTS: [&str; 8] = [
    "props",
    "property",
    "properties",
    "excludeProps",
    "sortBy",
    "groupBy",
    "loadRelations",
    "relations",
];

/// Reads a query as `POST /data/{table}/find` and its like send it (wire contract, section 9.2).
///
/// ```
/// use vestibule_wire::{parse_object, parse_query};
///
/// let body = parse_object(br#"{"pageSize": 20, "props": "Concat(a, b) as c, d", "where": ""}"#)?;
/// let query = parse_query(&body)?;
/// assert_eq!(Some(20), query.page_size);
/// assert_eq!(vec!["Concat(a, b) as c", "d"], query.properties);
/// assert_eq!(None, query.where_clause);
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// Clients send more than they mean: an empty text, an empty list, null and `false` count as
/// absent, and unknown keys are ignored. Whether columns exist and pages have a possible size is
/// for the engine to say.
///
/// # Errors
/// 8008 with the name of a key that holds a value of another type.
pub fn parse_query(body: &Map<String, Json>) -> Result<Query, BadRequest> {
    let keys = QueryKeys(body);
    Ok(Query {
        where_clause: keys.text("where")?,
        properties: keys.lists(&["props", "property", "properties"])?,
        exclude_properties: keys.list("excludeProps")?,
        sort_by: keys.list("sortBy")?,
        group_by: keys.list("groupBy")?,
        having: keys.text("having")?,
        distinct: keys.flag("distinct")?,
        offset: keys.number("offset")?,
        page_size: keys.number("pageSize")?,
        load_relations: keys.lists(&["loadRelations", "relations"])?,
        relations_depth: keys.number("relationsDepth")?,
        relations_page_size: keys.number("relationsPageSize")?,
    })
}

/// Reads a query out of the pairs of a URL. A list that comes again goes on; of anything else the
/// last one counts.
///
/// ```
/// use vestibule_wire::parse_query_pairs;
///
/// let query = parse_query_pairs([("pageSize", "20"), ("property", "a"), ("property", "b")])?;
/// assert_eq!((Some(20), 2), (query.page_size, query.properties.len()));
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// As [`parse_query`]; and 8008 for a NUL character.
pub fn parse_query_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Query, BadRequest>
where
    N: Into<String>,
    V: Into<String>,
{
    let mut values: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for (name, value) in pairs {
        let (name, value) = (name.into(), value.into());
        if value.contains('\0') {
            let message = "a value in the query holds a NUL character; leave it out";
            return Err(BadRequest::invalid(message));
        }
        values.entry(name).or_default().push(Json::String(value));
    }
    let body = values
        .into_iter()
        .map(|(name, mut values)| {
            let value = if LISTS.contains(&name.as_str()) {
                Json::Array(values)
            } else {
                values.pop().unwrap_or_default()
            };
            (name, value)
        })
        .collect();
    parse_query(&body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    fn from_body(text: &str) -> Result<Query, BadRequest> {
        parse_query(&parse_object(text.as_bytes()).unwrap())
    }

    #[track_caller]
    fn plain(text: &str) {
        assert_eq!(Query::new(), from_body(text).unwrap(), "{text}");
    }

    #[track_caller]
    fn refused(name: &str, text: &str) {
        let refusal = from_body(text).unwrap_err();
        assert_eq!(8008, refusal.code.number());
        assert!(refusal.message.contains(name), "{refusal}");
    }

    #[test]
    fn what_the_sdk_sends_without_being_asked_is_a_plain_find() {
        plain("{}");
        plain(r#"{"distinct":false,"anything":{"else":1},"where":null,"having":" "}"#);
        plain(r#"{"properties":"","relations":"","sortBy":"","groupBy":"","where":"","props":[]}"#);
        plain(r#"{"props":[null],"excludeProps":[null,""],"fileReferencePrefix":"x"}"#);
        let untouched = from_body(r#"{"pageSize":10,"offset":0,"distinct":false}"#).unwrap();
        assert_eq!(Query::new().page_size(10).offset(0), untouched);
    }

    #[test]
    fn every_key_is_read() {
        let query = from_body(
            r#"{"where":"a > 1","props":"a, Max(b) as m","excludeProps":"c","sortBy":"a desc,b",
                "groupBy":["a","b"],"having":"m > 2","distinct":true,"offset":3,"pageSize":4,
                "loadRelations":"cart,cart.items","relationsDepth":0,"relationsPageSize":20}"#,
        );
        let texts = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let expected = Query {
            where_clause: Some("a > 1".to_owned()),
            properties: texts(&["a", "Max(b) as m"]),
            exclude_properties: texts(&["c"]),
            sort_by: texts(&["a desc", "b"]),
            group_by: texts(&["a", "b"]),
            having: Some("m > 2".to_owned()),
            distinct: true,
            offset: Some(3),
            page_size: Some(4),
            load_relations: texts(&["cart", "cart.items"]),
            relations_depth: Some(0),
            relations_page_size: Some(20),
        };
        assert_eq!(expected, query.unwrap());
    }

    #[test]
    fn the_old_names_of_lists_are_understood() {
        let query = from_body(r#"{"properties":"a","relations":["b","c.d"]}"#).unwrap();
        assert_eq!(Query::new().property("a").load("b").load("c.d"), query);
    }

    #[test]
    fn a_url_says_the_same_as_a_body() {
        let body = r#"{"pageSize":5,"offset":"7","props":["a","b"],"distinct":true,"where":"x"}"#;
        let pairs = [
            ("pageSize", "4"),
            ("pageSize", "5"),
            ("offset", " 7 "),
            ("property", "a"),
            ("property", "b"),
            ("distinct", "true"),
            ("where", "y"),
            ("where", "x"),
            ("having", ""),
            ("unknown", "1"),
        ];
        assert_eq!(from_body(body).unwrap(), parse_query_pairs(pairs).unwrap());
        let split = parse_query_pairs([("props", "a,b"), ("props", "c"), ("distinct", "false")]);
        let expected = Query::new().property("a").property("b").property("c");
        assert_eq!(expected, split.unwrap());
        assert!(parse_query_pairs([("where", "a\0")]).is_err());
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_name() {
        refused("where", r#"{"where":7}"#);
        refused("having", r#"{"having":["x"]}"#);
        refused("props", r#"{"props":{"a":1}}"#);
        refused("props", r#"{"props":["a",7]}"#);
        refused("groupBy", r#"{"groupBy":[["a"]]}"#);
        refused("sortBy", r#"{"sortBy":true}"#);
        refused("loadRelations", r#"{"loadRelations":1}"#);
        refused("distinct", r#"{"distinct":"yes"}"#);
        refused("distinct", r#"{"distinct":1}"#);
        refused("pageSize", r#"{"pageSize":"ten"}"#);
        refused("pageSize", r#"{"pageSize":1.5}"#);
        refused("pageSize", r#"{"pageSize":99999999999999999999}"#);
        refused("offset", r#"{"offset":{}}"#);
        refused("relationsDepth", r#"{"relationsDepth":true}"#);
        refused("relationsPageSize", r#"{"relationsPageSize":"1;"}"#);
    }
}
