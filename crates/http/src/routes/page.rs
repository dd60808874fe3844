use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, Uri, header};
use tower::ServiceExt;

use super::no_such_route;
use crate::site::Site;

/// Where the pages are.
const PAGES: &str = "/pages";

/// A browser may keep a page, and asks each time whether it has changed.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// `GET /`: leads to the pages, if there are any.
pub(crate) async fn front_page(State(site): State<Site>) -> Response {
    if site.pages.is_some() {
        Redirect::temporary("/pages/").into_response()
    } else {
        no_such_route().await.into_response()
    }
}

/// `GET /pages/{path}`: a file of the folder that the option `pages` names.
///
/// Files and folders whose name begins with a dot are not there: they are an editor's or git's.
pub(crate) async fn page(State(site): State<Site>, mut request: Request) -> Response {
    let path = request.uri().path();
    let within = path.strip_prefix(PAGES).unwrap_or(path);
    let hidden = |segment: &str| segment.starts_with('.') || segment.starts_with("%2");
    let (Some(pages), false) = (&site.pages, within.split('/').any(hidden)) else {
        return no_such_route().await.into_response();
    };
    let Ok(within) = within.parse::<Uri>() else {
        return no_such_route().await.into_response();
    };
    *request.uri_mut() = within;
    let mut response = match pages.clone().oneshot(request).await {
        Ok(response) if response.status().is_client_error() => {
            return no_such_route().await.into_response();
        }
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, REVALIDATE);
    response
}
