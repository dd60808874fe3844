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
/// Says what is not there, of which [`Astray::told`] makes an error for the caller.
pub(super) fn route<'s>(
    services: &'s Services,
    call: &ServiceRequest,
) -> std::result::Result<&'s Arc<Method>, Astray<'s>> {
    let service = services.get(call.service.as_str());
    let Some(service) = service.filter(|service| service.switch.is_on()) else {
        let name = shortened(&call.service);
        return Err(Astray::NoService { name, services });
    };
    let here = || {
        service
            .running()
            .filter(|method| method.is_reached_by(&call.path))
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
    Err(Astray::NoMethod {
        service,
        name: shortened(&format!("{} /{}", call.verb, call.path.join("/"))),
        here: here().collect(),
    })
}

/// A call that reaches nothing.
pub(super) enum Astray<'s> {
    NoService {
        name: String,
        services: &'s Services,
    },
    NoMethod {
        service: &'s Service,
        name: String,
        /// The methods of this path, with other verbs.
        here: Vec<&'s Arc<Method>>,
    },
}

impl Astray<'_> {
    /// What a caller hears: 14001 or 14002, with the names of what there is, as far as this caller may
    /// call it. The names of everything else are nobody's business.
    pub(super) fn told(&self, may_call: impl Fn(&Method) -> bool) -> Error {
        match self {
            Self::NoService { name, services } => {
                let has_any = |service: &Service| service.methods.iter().any(|one| may_call(one));
                let known = services.iter().filter(|(_, service)| has_any(service));
                let known = listed(known.map(|(name, _)| *name));
                let message = format!("there is no service '{name}'; this app has {known}");
                Error::new(ErrorCode::ServiceNotFound, message)
            }
            Self::NoMethod {
                service,
                name,
                here,
            } => {
                let verbs = here.iter().filter(|method| may_call(method));
                let verbs: Vec<_> = verbs.map(|method| method.info.verb.as_str()).collect();
                let there = match verbs.as_slice() {
                    [] => String::new(),
                    verbs => format!(" there it takes {};", verbs.join(", ")),
                };
                let known = service.methods.iter().filter(|method| may_call(method));
                let known = listed(known.map(|method| method.label()));
                let service = service.name;
                let message =
                    format!("the service '{service}' has no method {name};{there} it has {known}");
                Error::new(ErrorCode::ServiceMethodNotFound, message)
            }
        }
    }
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.collect();
    match names.is_empty() {
        true => "none that you may call".to_owned(),
        false => names.join(", "),
    }
}

/// Whether a method that a call reached a while ago is still there.
///
/// # Errors
/// 14001 if its service was switched off since, 14002 if it was.
pub(super) fn check_still_there(services: &Services, method: &Method) -> Result<()> {
    if method.entry.switch.is_on() {
        return Ok(());
    }
    let (name, label) = (method.service, method.label());
    let service = services.get(name);
    Err(
        match service.is_some_and(|service| service.switch.is_on()) {
            true => Error::new(
                ErrorCode::ServiceMethodNotFound,
                format!("the service '{name}' has no method {label}"),
            ),
            false => Error::new(
                ErrorCode::ServiceNotFound,
                format!("there is no service '{name}'"),
            ),
        },
    )
}

impl Method {
    fn is_reached_by(&self, path: &[String]) -> bool {
        let fits = |(segment, part): (&Segment, &String)| match segment {
            Segment::Fixed(text) => text == part,
            Segment::Parameter(_) => true,
        };
        self.segments.len() == path.len() && self.segments.iter().zip(path).all(fits)
    }
}
