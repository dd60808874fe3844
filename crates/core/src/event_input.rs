//! Reading events from JSON: as observers see them, and as somebody writes them by hand.

use std::future::Future;

use serde_json::{Map, Value as Json};
use vestibule_model::{GroupQuery, GroupStep, ObjectId, Password, Properties, Query, Value};

use crate::{Error, Result, engine::EngineInner, event::Operation};

/// How alike two names must be for one to be taken for a slip of the other: 1 is the same.
const ALIKE: f64 = 0.8;

/// An event that reads what its [`describe`](crate::Event::describe) writes, and the secrets besides
/// that this leaves out. A masked secret stays `***`.
pub(crate) trait FromInput: Operation {
    /// Takes the event out of its fields.
    ///
    /// # Errors
    /// 8008 with the path of the field that does not fit.
    fn from_input(input: &mut Input<'_>) -> impl Future<Output = Result<Self>> + Send;
}

/// Reads an event.
///
/// # Errors
/// 8008 with the path of the field that is missing, unknown, or does not fit.
pub(crate) async fn read<E: FromInput>(engine: &EngineInner, json: Json) -> Result<E> {
    let mut input = Input::of(engine, String::new(), json)?;
    let event = E::from_input(&mut input).await?;
    input.finish()?;
    Ok(event)
}

/// The fields of an event, or of an object in it, which are taken out one by one.
pub(crate) struct Input<'a> {
    engine: &'a EngineInner,
    /// Where the object stands, as a JSON pointer.
    at: String,
    fields: Map<String, Json>,
    /// What was asked for, to tell what is meant by an unknown one.
    known: Vec<&'static str>,
}

impl<'a> Input<'a> {
    fn of(engine: &'a EngineInner, at: String, json: Json) -> Result<Self> {
        let Json::Object(fields) = json else {
            return Err(misfit(&at, "an object", &json));
        };
        Ok(Self {
            engine,
            at,
            fields,
            known: Vec::new(),
        })
    }

    /// For events that know more than their fields say.
    pub(crate) fn engine(&self) -> &'a EngineInner {
        self.engine
    }

    /// The table of a data event.
    pub(crate) fn table(&mut self) -> Result<String> {
        self.text("table")
    }

    /// The id of the record or of the user that the event is about.
    pub(crate) fn object_id(&mut self) -> Result<ObjectId> {
        self.id("objectId")
    }

    /// The columns that are set; none if the field is missing.
    pub(crate) fn properties(&mut self) -> Result<Properties> {
        match self.take("properties") {
            None => Ok(Properties::new()),
            Some(json) => self.columns("properties", json),
        }
    }

    /// Lists of columns that are set, one a record.
    pub(crate) fn records(&mut self) -> Result<Vec<Properties>> {
        let records = self.list("records")?.into_iter().enumerate();
        let records = records.map(|(index, json)| self.columns(&format!("records/{index}"), json));
        records.collect()
    }

    fn columns(&self, name: &str, json: Json) -> Result<Properties> {
        match json {
            Json::Object(object) => Ok(Value::properties_from_json(object)),
            other => Err(misfit(&self.below(name), "an object", &other)),
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<String> {
        self.optional_text(name)?
            .ok_or_else(|| missing(&self.below(name)))
    }

    /// A text that may be missing.
    pub(crate) fn optional_text(&mut self, name: &'static str) -> Result<Option<String>> {
        self.fitting(name, "a text", |json| json.as_str().map(str::to_owned))
    }

    /// Texts; none if the field is missing.
    fn texts(&mut self, name: &'static str) -> Result<Vec<String>> {
        let texts = self.fitting(name, "a list of texts", |json| {
            let items = json.as_array()?.iter();
            items.map(|item| Some(item.as_str()?.to_owned())).collect()
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// An id that must be there.
    pub(crate) fn id(&mut self, name: &'static str) -> Result<ObjectId> {
        self.optional_id(name)?
            .ok_or_else(|| missing(&self.below(name)))
    }

    /// An id that may be missing.
    pub(crate) fn optional_id(&mut self, name: &'static str) -> Result<Option<ObjectId>> {
        self.fitting(name, "an objectId", |json| {
            ObjectId::parse(json.as_str()?).ok()
        })
    }

    /// A list that must be there.
    pub(crate) fn list(&mut self, name: &'static str) -> Result<Vec<Json>> {
        self.fitting(name, "a list", |json| json.as_array().cloned())?
            .ok_or_else(|| missing(&self.below(name)))
    }

    /// A whole number that may be missing.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<i64>> {
        self.fitting(name, "a whole number", Json::as_i64)
    }

    /// A yes or no; no if it is missing.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool> {
        let flag = self.fitting(name, "true or false", Json::as_bool)?;
        Ok(flag.unwrap_or_default())
    }

    /// A value of any type; null if it is missing.
    pub(crate) fn value(&mut self, name: &'static str) -> Value {
        self.take(name).map_or(Value::Null, Value::from_json)
    }

    /// A password that came in a field of its own, which nobody describes; or else among the columns.
    pub(crate) fn password(&mut self, properties: &mut Properties) -> Option<Password> {
        let apart = self.take("password").map(Value::from_json);
        let among = properties.remove("password");
        apart.or(among).map(Password::from_value)
    }

    /// The same, where only that there was one is described.
    pub(crate) fn changed_password(
        &mut self,
        properties: &mut Properties,
    ) -> Result<Option<Password>> {
        let masked = self.flag("changesPassword")?.then(|| Password::new("***"));
        Ok(self.password(properties).or(masked))
    }

    /// One of several words.
    pub(crate) fn word<T>(
        &mut self,
        name: &'static str,
        words: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let expected = format!("one of {words}");
        self.fitting(name, &expected, |json| parse(json.as_str()?))
    }

    /// Something that an event knows how to read.
    pub(crate) fn fitting<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&Json) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.take(name) {
            None => Ok(None),
            Some(json) => match read(&json) {
                Some(value) => Ok(Some(value)),
                None => Err(misfit(&self.below(name), expected, &json)),
            },
        }
    }

    /// A query; an empty one if the field is missing.
    pub(crate) fn query(&mut self) -> Result<Query> {
        let Some(mut input) = self.object("query")? else {
            return Ok(Query::default());
        };
        let query = Query {
            where_clause: input.optional_text("where")?,
            properties: input.texts("properties")?,
            exclude_properties: input.texts("excludeProperties")?,
            sort_by: input.texts("sortBy")?,
            group_by: input.texts("groupBy")?,
            having: input.optional_text("having")?,
            distinct: input.flag("distinct")?,
            offset: input.number("offset")?,
            page_size: input.number("pageSize")?,
            load_relations: input.texts("loadRelations")?,
            relations_depth: input.number("relationsDepth")?,
            relations_page_size: input.number("relationsPageSize")?,
        };
        input.finish()?;
        Ok(query)
    }

    /// A grouping; an empty one if the field is missing.
    pub(crate) fn group_query(&mut self) -> Result<GroupQuery> {
        let Some(mut input) = self.object("query")? else {
            return Ok(GroupQuery::default());
        };
        let query = GroupQuery {
            query: input.query()?,
            depth: input.number("groupDepth")?,
            path: input.group_path()?,
            group_page_size: input.number("groupPageSize")?,
            records_page_size: input.number("recordsPageSize")?,
        };
        input.finish()?;
        Ok(query)
    }

    fn group_path(&mut self) -> Result<Vec<GroupStep>> {
        let Some(steps) = self.fitting("groupPath", "a list", |json| json.as_array().cloned())?
        else {
            return Ok(Vec::new());
        };
        let at = self.below("groupPath");
        let steps = steps.into_iter().enumerate().map(|(index, json)| {
            let mut step = Input::of(self.engine, format!("{at}/{index}"), json)?;
            let read = GroupStep {
                column: step.text("column")?,
                value: step.value("value"),
            };
            step.finish()?;
            Ok(read)
        });
        steps.collect()
    }

    /// An object within this one, if it is there.
    fn object(&mut self, name: &'static str) -> Result<Option<Input<'a>>> {
        let json = self.take(name);
        json.map(|json| Input::of(self.engine, self.below(name), json))
            .transpose()
    }

    /// Takes a field out; null is as if it were not there.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        self.fields.remove(name).filter(|json| !json.is_null())
    }

    /// Where a field of this object stands, as a JSON pointer (RFC 6901).
    pub(crate) fn below(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }

    /// What does not fit, told with its place.
    pub(crate) fn unfit(&self, name: &str, why: &str) -> Error {
        Error::invalid(format!("{}: {why}", self.below(name)))
    }

    /// Refuses what nobody asked for: a misspelled field would be ignored, and nobody would notice.
    fn finish(self) -> Result<()> {
        let Some(unknown) = self.fields.keys().next() else {
            return Ok(());
        };
        let place = self.below(&unknown.replace('~', "~0").replace('/', "~1"));
        let advice = match nearest(unknown, self.known.iter().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None if self.known.is_empty() => "it takes none".to_owned(),
            None => format!("there are {}", self.known.join(", ")),
        };
        Err(Error::invalid(format!(
            "{place}: there is no such field; {advice}"
        )))
    }
}

/// The name that was most likely meant.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

fn missing(place: &str) -> Error {
    Error::invalid(format!("{place}: it is missing"))
}

/// The value itself is not told: it may be a secret in the wrong place.
fn misfit(place: &str, expected: &str, found: &Json) -> Error {
    let found = match found {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "another text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    };
    let found = match (expected, found) {
        ("an object" | "a list" | "a list of texts", "another text") => "a text",
        (_, found) => found,
    };
    let place = if place.is_empty() { "the event" } else { place };
    Error::invalid(format!("{place}: expected {expected}, found {found}"))
}
