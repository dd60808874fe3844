use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;
use tower::ServiceExt;
use vestibule_core::Error;

use super::no_such_route;
use crate::{error::Refusal, site::Site};

/// Where the pages are.
const PAGES: &str = "/pages";

/// Longest name of a file, in bytes: no usual file system has longer ones.
const NAME_AT_MOST: usize = 255;

/// Longest path of a page, in bytes. A system that is asked for too long a one fails.
const PATH_AT_MOST: usize = 1024;

/// A browser may keep a page, and asks each time whether it has changed.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// `GET /` and `GET /pages`: lead to the pages, if there are any.
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
    let (Some(pages), true) = (&site.pages, can_be_page(within)) else {
        return no_such_route().await.into_response();
    };
    let Ok(within) = within.parse::<Uri>() else {
        return no_such_route().await.into_response();
    };
    *request.uri_mut() = within;
    let mut response = match pages.clone().oneshot(request).await {
        Ok(response) if response.status() == StatusCode::NOT_FOUND => {
            return no_such_route().await.into_response();
        }
        Ok(response) if response.status().is_server_error() => {
            let error = Error::internal("a file of the pages cannot be read; look at its rights");
            return Refusal::from(error).into_response();
        }
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, REVALIDATE);
    // A folder without a slash at its end leads to itself with one; the service knows no `/pages`.
    if let Some(within) = headers.get(header::LOCATION) {
        let location = [PAGES.as_bytes(), within.as_bytes()].concat();
        if let Ok(location) = HeaderValue::from_bytes(&location) {
            headers.insert(header::LOCATION, location);
        }
    }
    response
}

/// Whether clients may see what has this path, which is not decoded yet: a slash that is written
/// `%2F` would hide a name from whoever splits the path first.
fn can_be_page(path: &str) -> bool {
    let is_shown = |segment: &str| {
        let name: Vec<u8> = percent_decode_str(segment).collect();
        !name.starts_with(b".") && !name.contains(&b'/') && name.len() <= NAME_AT_MOST
    };
    path.len() <= PATH_AT_MOST && path.split('/').all(is_shown)
}
