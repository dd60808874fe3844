//! API services: functions of an app's own that clients call over HTTP.
//!
//! A call of one is the event [`InvokeService`], so it passes the pipeline like any other call; what
//! does its work is the method that the service's table finds for the verb and the path.

mod argument;
mod from_input;
mod invoke;
mod invoke_service;
mod method;
mod misfit;
mod routing;
mod table;

pub use argument::{ArgumentReader, ServiceArgument, describe_argument};
pub use invoke::{ServiceBody, ServiceRequest};
pub use invoke_service::{InvokeService, service_answer};
pub use method::{MethodInfo, ParameterInfo, ParameterKind, ParameterPlace, ServiceMethod, Verb};
pub(crate) use misfit::shortened;
pub use table::{ListedMethod, ListedService, ServiceMethods};
pub(crate) use table::{Service, Services};
