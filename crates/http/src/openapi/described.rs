use std::borrow::Cow;

use http::{Method, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value as Json, json};
use vestibule_core::ParameterKind;
use vestibule_model::ErrorCode;

/// What a route says about itself, in the order in which a reader wants to know it.
///
/// ```text
/// post("/api/users/login", "login", "Logs in with identity and password.")
///     .takes(requests::login)
///     .answers::<UserBody<'_>>()
///     .refuses(&[codes::BAD_BODY, &[ErrorCode::InvalidLoginOrPassword]])
/// ```
///
/// What all routes have in common, such as a wrong application or a slow body, is not said here:
/// `assembly.rs` adds it.
pub(super) struct Described {
    pub(super) method: Method,
    /// As `router.rs` has it; or below what it has, for the app's own services.
    pub(super) path: Cow<'static, str>,
    /// The name of the operation, the same everywhere: `loginAsGuest`.
    pub(super) id: Cow<'static, str>,
    pub(super) summary: Cow<'static, str>,
    /// What there is to say besides.
    pub(super) description: String,
    /// What its own path calls a variable part, where the name alone does not tell.
    pub(super) segments: Vec<QueryKey>,
    pub(super) query: Vec<QueryKey>,
    pub(super) headers: Vec<Header>,
    pub(super) body: Option<Body>,
    pub(super) status: StatusCode,
    pub(super) answer: Answer,
    pub(super) codes: Vec<ErrorCode>,
}

/// What a request brings along.
pub(super) struct Body {
    pub(super) schema: Schema,
    pub(super) required: bool,
}

/// The body of a success.
pub(super) enum Answer {
    Empty,
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// Text of this type.
    Text(&'static str),
    /// What a method of a service answers, which it alone knows.
    Anything,
}

/// A key in the query of a URL.
#[derive(Clone, Copy)]
pub(super) struct QueryKey {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) about: &'static str,
}

/// A header that may come with a request, and what it can be.
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) name: &'static str,
    pub(super) values: &'static [&'static str],
    pub(super) about: &'static str,
}

/// What the text of a key can be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    /// What an argument of a service looks like.
    Argument(ParameterKind),
}

pub(super) fn get(path: &'static str, id: &'static str, summary: &'static str) -> Described {
    Described::new(Method::GET, path.into(), id.into(), summary.into())
}

pub(super) fn post(path: &'static str, id: &'static str, summary: &'static str) -> Described {
    Described::new(Method::POST, path.into(), id.into(), summary.into())
}

pub(super) fn put(path: &'static str, id: &'static str, summary: &'static str) -> Described {
    Described::new(Method::PUT, path.into(), id.into(), summary.into())
}

pub(super) fn patch(path: &'static str, id: &'static str, summary: &'static str) -> Described {
    Described::new(Method::PATCH, path.into(), id.into(), summary.into())
}

pub(super) fn delete(path: &'static str, id: &'static str, summary: &'static str) -> Described {
    Described::new(Method::DELETE, path.into(), id.into(), summary.into())
}

impl Described {
    pub(super) fn new(
        method: Method,
        path: Cow<'static, str>,
        id: Cow<'static, str>,
        summary: Cow<'static, str>,
    ) -> Self {
        Self {
            method,
            path,
            id,
            summary,
            description: String::new(),
            segments: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            status: StatusCode::OK,
            answer: Answer::Empty,
            codes: Vec::new(),
        }
    }

    /// These keys mean something in the URL.
    pub(super) fn with(mut self, keys: &[QueryKey]) -> Self {
        self.query.extend(keys);
        self
    }

    /// This header means something.
    pub(super) fn with_header(mut self, header: Header) -> Self {
        self.headers.push(header);
        self
    }

    /// A body of JSON belongs to it.
    pub(super) fn takes(mut self, schema: fn() -> Schema) -> Self {
        let (schema, required) = (schema(), true);
        self.body = Some(Body { schema, required });
        self
    }

    /// A body of JSON can come with it.
    pub(super) fn may_take(mut self, schema: fn() -> Schema) -> Self {
        let (schema, required) = (schema(), false);
        self.body = Some(Body { schema, required });
        self
    }

    /// It answers this.
    pub(super) fn answers<T: JsonSchema>(mut self) -> Self {
        self.answer = Answer::Json(|schemas| schemas.subschema_for::<T>());
        self
    }

    /// It answers what it made.
    pub(super) fn makes<T: JsonSchema>(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self.answers::<T>()
    }

    /// It answers text.
    pub(super) fn answers_text(mut self, content_type: &'static str) -> Self {
        self.answer = Answer::Text(content_type);
        self
    }

    /// It may refuse with these codes, besides those that every route has.
    pub(super) fn refuses(mut self, lists: &[&[ErrorCode]]) -> Self {
        self.codes.extend(lists.iter().copied().flatten());
        self
    }
}

impl QueryKey {
    pub(super) const fn text(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Text,
            required: false,
            about,
        }
    }

    pub(super) const fn number(name: &'static str, about: &'static str) -> Self {
        Self {
            kind: Kind::Number,
            ..Self::text(name, about)
        }
    }

    pub(super) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self {
            kind: Kind::Flag,
            ..Self::text(name, about)
        }
    }

    pub(super) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

impl Kind {
    pub(super) fn schema(self) -> Json {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Number => json!({"type": "integer"}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Argument(kind) => argument(kind),
        }
    }
}

/// What an argument of a service looks like as JSON, as far as its type's name says.
pub(super) fn argument(kind: ParameterKind) -> Json {
    match kind {
        ParameterKind::Text => json!({"type": "string"}),
        ParameterKind::Integer => json!({"type": "integer"}),
        ParameterKind::Number => json!({"type": "number"}),
        ParameterKind::Boolean => json!({"type": "boolean"}),
        ParameterKind::List => json!({"type": "array"}),
        ParameterKind::Any => json!({}),
    }
}
