//! What answers one path, by method.

use std::sync::Arc;

use axum::{
    extract::Request,
    handler::Handler,
    response::Response,
    routing::{MethodFilter, MethodRouter},
};
use futures::future::BoxFuture;

use crate::site::Site;

/// The functions that answer one path.
///
/// To axum they are all of one type. It has code for each type of handler all over the program, and a
/// start would run a little of each: an idle server has two megabytes less in memory so.
#[derive(Default)]
pub(crate) struct Methods(MethodRouter<Site>);

macro_rules! methods {
    ($($name:ident $filter:ident)+) => {
        $(
            /// A path that this function answers when it is asked with the method of this name.
            pub(crate) fn $name<T>(handler: impl Answers<T>) -> Methods {
                Methods::default().$name(handler)
            }
        )+

        impl Methods {
            $(
                /// The same, and this function answers the method of this name.
                pub(crate) fn $name<T>(self, handler: impl Answers<T>) -> Self {
                    self.on(MethodFilter::$filter, handler)
                }
            )+
        }
    };
}

methods! { get GET  post POST  put PUT  patch PATCH  delete DELETE }

impl Methods {
    /// The same, and this function answers a HEAD, which is a GET otherwise.
    pub(crate) fn head<T>(self, handler: impl Answers<T>) -> Self {
        self.on(MethodFilter::HEAD, handler)
    }

    fn on<T>(self, method: MethodFilter, handler: impl Answers<T>) -> Self {
        let handler = OneType(Arc::new(move |request, site| {
            handler.clone().call(request, site)
        }));
        Self(self.0.on(method, handler))
    }

    /// All of them, for a router.
    pub(crate) fn into_router(self) -> MethodRouter<Site> {
        self.0
    }
}

/// A function that answers requests: its answer is made in a box, whatever it takes.
pub(crate) trait Answers<T>: Handler<T, Site, Future = Answering> + Sync {}

impl<T, H: Handler<T, Site, Future = Answering> + Sync> Answers<T> for H {}

/// An answer that is being made.
type Answering = BoxFuture<'static, Response>;

/// A handler of any type.
#[derive(Clone)]
struct OneType(Arc<dyn Fn(Request, Site) -> Answering + Send + Sync>);

impl Handler<(), Site> for OneType {
    type Future = Answering;

    fn call(self, request: Request, site: Site) -> Answering {
        (self.0)(request, site)
    }
}
