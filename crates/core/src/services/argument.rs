use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::Value as Json;

use super::{
    ParameterInfo, ParameterKind, ParameterPlace, ServiceBody, ServiceRequest, Verb,
    misfit::{misfit, missing, no_object, repeated, unknown},
    table::{Method, Segment},
};
use crate::{Result, masking::masked};

/// What a method of an API service may take: it is read from JSON, and observers see it as JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a service",
    label = "an argument has `Clone`, `Serialize` and `Deserialize`, and owns what it holds",
    note = "write `#[derive(Clone, Serialize, Deserialize)]` on it; a text is a `String`"
)]
pub trait ServiceArgument: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> ServiceArgument for T {}

/// An argument as JSON for observers and logs, secrets masked. For the macro.
#[doc(hidden)]
pub fn describe_argument<T: ServiceArgument>(argument: &T) -> Json {
    masked(argument)
}

/// Takes arguments out of a request, one by one. Not for people: it may change with any release.
#[doc(hidden)]
pub struct ArgumentReader<'a> {
    method: &'a Method,
    path: Vec<String>,
    /// What came under the name of an argument.
    named: BTreeMap<&'static str, Given>,
    /// The body, if an argument takes it as a whole.
    body: ServiceBody,
}

/// An argument as it came.
enum Given {
    /// As JSON.
    Json(Json),
    /// As text of which nobody said that it is JSON; as several, if it came several times.
    Texts(Vec<String>),
}

impl<'a> ArgumentReader<'a> {
    /// Reads a request that reaches this method.
    pub(super) fn of(method: &'a Method, call: ServiceRequest) -> Result<Self> {
        let mut reader = Self {
            method,
            path: call.path,
            named: BTreeMap::new(),
            body: ServiceBody::Empty,
        };
        let mut parameters = method.info.parameters.iter();
        if parameters.any(|one| one.place == ParameterPlace::Body) {
            reader.body = call.body;
            return Ok(reader);
        }
        let in_query = is_in_query(method);
        // A POST that stands in for another verb has its arguments in the body. What it has in the
        // query can be meant for nothing else.
        if in_query {
            reader.take_query(call.query);
        }
        if !in_query || call.verb == Verb::Post {
            reader.take_body(call.body)?;
        }
        Ok(reader)
    }

    /// A segment of the path.
    ///
    /// # Errors
    /// 8008 if it does not fit.
    pub fn path<T: ServiceArgument>(&mut self, name: &'static str) -> Result<T> {
        let segments = self.method.segments.iter();
        let mut found = segments
            .zip(&self.path)
            .filter(|(segment, _)| **segment == Segment::Parameter(name));
        let Some((_, text)) = found.next() else {
            return Err(missing(self.method, name, "a part of the path"));
        };
        self.fit(name, Given::Texts(vec![text.clone()]))
    }

    /// A key of the body, or of the query.
    ///
    /// # Errors
    /// 14009 if it is missing, 8008 if it does not fit.
    pub fn named<T: ServiceArgument>(&mut self, name: &'static str) -> Result<T> {
        let place = match is_in_query(self.method) {
            true => "a key of the query",
            false => "a key of the JSON object in the body",
        };
        let given = self.named.remove(name);
        self.fit_or_missing(name, given, place)
    }

    /// The whole body.
    ///
    /// # Errors
    /// 14009 if it is missing, 8008 if it does not fit.
    pub fn body<T: ServiceArgument>(&mut self, name: &'static str) -> Result<T> {
        let given = match std::mem::take(&mut self.body) {
            ServiceBody::Empty => None,
            ServiceBody::Text(text) if text.is_empty() => None,
            ServiceBody::Text(text) => Some(Given::Texts(vec![text])),
            ServiceBody::Json(json) => Some(Given::Json(json)),
        };
        self.fit_or_missing(name, given, "the body as a whole")
    }

    fn take_query(&mut self, query: Vec<(String, String)>) {
        for (key, text) in query {
            let Some(parameter) = parameter(self.method, ParameterPlace::Named, &key) else {
                continue;
            };
            let given = self.named.entry(parameter.name);
            if let Given::Texts(texts) = given.or_insert_with(|| Given::Texts(Vec::new())) {
                texts.push(text);
            }
        }
    }

    fn take_body(&mut self, body: ServiceBody) -> Result<()> {
        match body {
            ServiceBody::Empty | ServiceBody::Json(Json::Null) => Ok(()),
            ServiceBody::Text(text) if text.trim().is_empty() => Ok(()),
            ServiceBody::Json(Json::Object(object)) => self.take_object(object),
            ServiceBody::Json(json) => self.take_only(Given::Json(json)),
            ServiceBody::Text(text) => match serde_json::from_str::<Members>(&text) {
                // `curl -d` says nothing of JSON.
                Ok(Members(members)) => self.take_object(members),
                Err(_) => self.take_only(Given::Texts(vec![text])),
            },
        }
    }

    fn take_object(&mut self, object: impl IntoIterator<Item = (String, Json)>) -> Result<()> {
        for (key, value) in object {
            let Some(parameter) = parameter(self.method, ParameterPlace::Named, &key) else {
                return Err(unknown(self.method, &key));
            };
            let name = parameter.name;
            // Where some see the first and others the last, neither is what somebody meant.
            if let Some(Given::Json(_)) = self.named.insert(name, Given::Json(value)) {
                return Err(repeated(self.method, name, "body"));
            }
        }
        Ok(())
    }

    /// A body that is no object is the only argument there is.
    fn take_only(&mut self, given: Given) -> Result<()> {
        let parameters = self.method.info.parameters.iter();
        let mut named = parameters.filter(|one| one.place == ParameterPlace::Named);
        let (Some(only), None) = (named.next(), named.next()) else {
            return Err(no_object(self.method));
        };
        self.named.insert(only.name, given);
        Ok(())
    }

    fn fit_or_missing<T: ServiceArgument>(
        &self,
        name: &'static str,
        given: Option<Given>,
        place: &str,
    ) -> Result<T> {
        let mut parameters = self.method.info.parameters.iter();
        let known = parameters.find(|one| one.name == name);
        match given {
            None | Some(Given::Json(Json::Null)) if known.is_none_or(|one| one.required) => {
                Err(missing(self.method, name, place))
            }
            given => self.fit(name, given.unwrap_or(Given::Json(Json::Null))),
        }
    }

    fn fit<T: ServiceArgument>(&self, name: &'static str, given: Given) -> Result<T> {
        let values = match given {
            Given::Json(json) => vec![json],
            Given::Texts(texts) => self.readings(name, texts)?,
        };
        let mut refusal = None;
        for value in values {
            match serde_path_to_error::deserialize(&value) {
                Ok(argument) => return Ok(argument),
                Err(error) => refusal = Some(misfit(self.method, name, &value, &error)),
            }
        }
        Err(refusal.unwrap_or_else(|| missing(self.method, name, "an argument")))
    }

    /// What a text may mean, the likeliest first: itself, or the JSON that stands in it.
    fn readings(&self, name: &str, texts: Vec<String>) -> Result<Vec<Json>> {
        let in_json = |text: &String| serde_json::from_str::<Json>(text).ok();
        let mut parameters = self.method.info.parameters.iter();
        let is_list = parameters.any(|one| one.name == name && one.kind == ParameterKind::List);
        match texts.as_slice() {
            [text] => {
                let mut readings = vec![Json::from(text.as_str())];
                match in_json(text) {
                    json if !is_list => readings.extend(json),
                    Some(list @ Json::Array(_)) => readings.push(list),
                    one => {
                        readings.push(Json::from(vec![text.as_str()]));
                        readings.extend(one.map(|one| Json::from(vec![one])));
                    }
                }
                Ok(readings)
            }
            texts if is_list => {
                let parsed = texts.iter().map(in_json).collect::<Option<Vec<_>>>();
                let mut readings = vec![Json::from(texts)];
                readings.extend(parsed.map(Json::from));
                Ok(readings)
            }
            _ => Err(repeated(self.method, name, "query")),
        }
    }
}

/// The members of a JSON object as they stand in a text: a key that comes twice is there twice.
struct Members(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl fmt::Debug for ArgumentReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArgumentReader")
            .field("method", &self.method.instance)
            .finish_non_exhaustive()
    }
}

/// Whether the named arguments of a method stand in the query.
fn is_in_query(method: &Method) -> bool {
    matches!(method.info.verb, Verb::Get | Verb::Delete)
}

fn parameter<'m>(
    method: &'m Method,
    place: ParameterPlace,
    name: &str,
) -> Option<&'m ParameterInfo> {
    let mut parameters = method.info.parameters.iter();
    parameters.find(|one| one.place == place && one.name == name)
}
