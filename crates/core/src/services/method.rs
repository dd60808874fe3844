use std::fmt;

use serde_json::Value as Json;

use super::{ArgumentReader, InvokeService};
use crate::{
    Result,
    custom_event::{Answers, CallableBy},
};

/// How a method is called over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `#[get("/path")]`
    Get,
    /// `#[post("/path")]`
    Post,
    /// `#[put("/path")]`
    Put,
    /// `#[patch("/path")]`
    Patch,
    /// `#[delete("/path")]`
    Delete,
}

impl Verb {
    /// The verb as HTTP has it: `POST`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known about a method of an API service before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodInfo {
    /// How it is called.
    pub verb: Verb,
    /// Its path below the service, `/links/{id}`: fixed parts and parameters, each a whole segment.
    pub path: &'static str,
    /// Who may call it from outside.
    pub access: CallableBy,
    /// What it takes, in the order of the function.
    pub parameters: &'static [ParameterInfo],
    /// What its doc comment says.
    pub description: &'static str,
}

/// What is known about a parameter of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterInfo {
    /// Its name, in the function and on the wire.
    pub name: &'static str,
    /// Where it comes from.
    pub place: ParameterPlace,
    /// Whether a call must have it: its type is no `Option`.
    pub required: bool,
    /// What it looks like as JSON, as far as its type's name says.
    pub kind: ParameterKind,
}

/// Where an argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// A segment of the path.
    Path,
    /// A key of the body, which is an object; of the query, if the verb is GET or DELETE.
    Named,
    /// The body as a whole: `#[body]`.
    Body,
}

/// What an argument looks like as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// Something of the author's own.
    Any,
}

/// A method of an API service: what `#[service]` makes of a function.
///
/// Not for people: it may change with any release.
#[doc(hidden)]
pub trait ServiceMethod: Answers<InvokeService> + Default {
    /// What is known about it.
    const INFO: MethodInfo;

    /// Its arguments.
    type Arguments: Send + Sync + 'static;

    /// Takes the arguments out of a request.
    ///
    /// # Errors
    /// 14009 for one that is missing, 8008 for one that does not fit.
    fn read(arguments: &mut ArgumentReader<'_>) -> Result<Self::Arguments>;

    /// The arguments as JSON for observers and logs, secrets masked.
    fn describe(arguments: &Self::Arguments) -> Json;
}
