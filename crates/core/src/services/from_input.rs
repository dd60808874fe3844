//! Calls of services as observers see them, to be made again.

use serde_json::{Map, Value as Json};
use vestibule_model::ErrorCode;

use super::{
    InvokeService, ParameterPlace, ServiceBody, ServiceRequest, Verb,
    table::{Method, Segment},
};
use crate::{
    Error, Result,
    event_input::{FromInput, Input, nearest},
};

impl FromInput for InvokeService {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (service, label) = (input.text("service")?, input.text("method")?);
        let arguments =
            input.fitting("arguments", "an object", |json| json.as_object().cloned())?;
        let services = input.engine().registry.services();
        let Some(service) = services.get(service.as_str()) else {
            let names = services.keys().copied();
            return Err(input.unfit("service", &unknown("service", nearest(&service, names))));
        };
        let mut methods = service.methods.iter();
        let Some(method) = methods.find(|method| method.label() == label) else {
            let labels = service.methods.iter().map(|method| method.label());
            return Err(input.unfit("method", &unknown("method", nearest(&label, labels))));
        };
        let call = as_called(method, arguments.unwrap_or_default());
        // The refusal names the argument, which stands below this field.
        method.event(call).map_err(|error| {
            let place = input.below("arguments");
            Error::new(
                ErrorCode::InvalidParameter,
                format!("{place}: {}", error.message()),
            )
        })
    }
}

fn unknown(what: &str, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("there is no such {what}; did you mean {meant}?"),
        None => format!("there is no such {what}"),
    }
}

/// The call that brings these arguments: each goes where the method looks for it.
fn as_called(method: &Method, mut arguments: Map<String, Json>) -> ServiceRequest {
    let segments = method.segments.iter().map(|segment| match segment {
        Segment::Fixed(text) => (*text).to_owned(),
        Segment::Parameter(name) => match arguments.remove(*name) {
            Some(Json::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        },
    });
    let path = segments.collect();
    let mut parameters = method.info.parameters.iter();
    let whole = parameters.find(|one| one.place == ParameterPlace::Body);
    let body = match whole {
        None => ServiceBody::Json(Json::Object(arguments)),
        Some(whole) => arguments
            .remove(whole.name)
            .map_or(ServiceBody::Empty, ServiceBody::Json),
    };
    ServiceRequest {
        service: method.service.to_owned(),
        // A POST may stand in for any verb, and has all arguments in its body then.
        verb: Verb::Post,
        path,
        query: Vec::new(),
        body,
    }
}
