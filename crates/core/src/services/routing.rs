//! Which method a call reaches.

use std::sync::Arc;

use vestibule_model::ErrorCode;

use super::{
    ServiceRequest, Services, Verb,
    misfit::shortened,
    table::{Method, Segment, Service},
};
use crate::{Error, Result};

/// The method that a call reaches.
///
/// # Errors
/// 14001 if there is no such service, 14002 if it has no such method.
pub(super) fn route<'s>(services: &'s Services, call: &ServiceRequest) -> Result<&'s Arc<Method>> {
    let Some(service) = services.get(call.service.as_str()) else {
        return Err(no_service(services, &call.service));
    };
    let path = without_slash_at_the_end(&call.path);
    let here = || {
        let methods = service.methods.iter();
        methods.filter(|method| method.is_reached_by(path))
    };
    if let Some(method) = here().find(|method| method.info.verb == call.verb) {
        return Ok(method);
    }
    // The SDK knows no other verb, so a POST reaches what only one method can be meant by.
    if let (Verb::Post, Some(first)) = (call.verb, here().next()) {
        let mut meant = here().filter(|method| method.shape() == first.shape());
        if let (Some(only), None) = (meant.next(), meant.next()) {
            return Ok(only);
        }
    }
    Err(no_method(service, call, here().map(|method| &**method)))
}

impl Method {
    fn is_reached_by(&self, path: &[String]) -> bool {
        let fits = |(segment, part): (&Segment, &String)| match segment {
            Segment::Fixed(text) => text == part,
            Segment::Parameter(_) => !part.is_empty(),
        };
        self.segments.len() == path.len() && self.segments.iter().zip(path).all(fits)
    }
}

fn without_slash_at_the_end(path: &[String]) -> &[String] {
    match path {
        [path @ .., last] if last.is_empty() => path,
        path => path,
    }
}

fn no_service(services: &Services, name: &str) -> Error {
    let names: Vec<_> = services.keys().copied().collect();
    let there_are = match names.is_empty() {
        true => "this app has none".to_owned(),
        false => format!("this app has {}", names.join(", ")),
    };
    let message = format!("there is no service '{}'; {there_are}", shortened(name));
    Error::new(ErrorCode::ServiceNotFound, message)
}

fn no_method<'s>(
    service: &Service,
    call: &ServiceRequest,
    here: impl Iterator<Item = &'s Method>,
) -> Error {
    let (name, verb) = (&call.service, call.verb);
    let path = format!("/{}", call.path.join("/"));
    let path = shortened(&path);
    let verbs: Vec<_> = here.map(|method| method.info.verb.as_str()).collect();
    let labels: Vec<_> = service.methods.iter().map(|one| one.label()).collect();
    let labels = labels.join(", ");
    let message = match verbs.as_slice() {
        [] => format!("the service '{name}' has no method {verb} {path}; it has {labels}"),
        verbs => format!(
            "the service '{name}' has no method {verb} {path}; there it takes {}. it has {labels}",
            verbs.join(", ")
        ),
    };
    Error::new(ErrorCode::ServiceMethodNotFound, message)
}
