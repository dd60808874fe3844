use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{
    Error, Result,
    cookie::{Cookie, is_token},
};

/// Cookies in one answer; a browser keeps few more of a whole site.
const COOKIES_AT_MOST: usize = 50;

/// What handlers want in the answer besides its body.
#[derive(Debug, Default)]
pub struct Response(Mutex<ResponseParts>);

/// Status, headers and cookies that handlers chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseParts {
    /// The status, if somebody chose one.
    pub status: Option<u16>,
    /// The headers, by lower-case name, in the order in which they were set.
    pub headers: Vec<(String, String)>,
    /// The cookies, in the order in which they were set; each is a header `set-cookie` of its own,
    /// written as [`Cookie::header`] says.
    pub cookies: Vec<Cookie>,
}

impl Response {
    /// Sets the status of the answer, where the usual one does not fit.
    ///
    /// # Errors
    /// Refuses what is no final status: below 200, above 599, and 304 and 502, which clients of
    /// this API take for something else.
    pub fn set_status(&self, status: u16) -> Result<()> {
        if !(200..600).contains(&status) || status == 304 || status == 502 {
            return Err(Error::internal(format!(
                "a handler chose the status {status}"
            )));
        }
        self.lock().status = Some(status);
        Ok(())
    }

    /// Sets a header of the answer; the last one of a name counts.
    ///
    /// # Errors
    /// Refuses a name or a value that would break the answer apart, and `set-cookie`, which
    /// [`set_cookie`](Response::set_cookie) writes.
    pub fn set_header(&self, name: &str, value: &str) -> Result<()> {
        let name = name.to_ascii_lowercase();
        if name == "set-cookie" {
            return Err(Error::internal(
                "a handler set the header \"set-cookie\"; set a cookie with \
                 `ctx.response().set_cookie(Cookie::new(name, value))`",
            ));
        }
        if !is_token(&name) || value.chars().any(|c| c.is_control() || !c.is_ascii()) {
            return Err(Error::internal(format!(
                "a handler set an impossible header: {name:?}"
            )));
        }
        let mut parts = self.lock();
        parts.headers.retain(|(other, _)| *other != name);
        parts.headers.push((name, value.to_owned()));
        Ok(())
    }

    /// Gives the client a cookie; the last one of a name, a domain and a path counts.
    ///
    /// ```
    /// use vestibule::{Context, Cookie, Result};
    ///
    /// fn remember(ctx: &Context, campaign: &str) -> Result<()> {
    ///     ctx.response().set_cookie(Cookie::new("campaign", campaign))
    /// }
    /// ```
    ///
    /// Like headers, it leaves with a failure as well.
    ///
    /// # Errors
    /// Refuses what no browser would keep, what would break the header apart, and more than 50 in
    /// one answer. No error quotes the value.
    pub fn set_cookie(&self, cookie: Cookie) -> Result<()> {
        let cookie = cookie.checked()?;
        let mut parts = self.lock();
        parts.cookies.retain(|other| !other.is_replaced_by(&cookie));
        if parts.cookies.len() >= COOKIES_AT_MOST {
            return Err(Error::internal(format!(
                "handlers set more than {COOKIES_AT_MOST} cookies in one answer"
            )));
        }
        parts.cookies.push(cookie);
        Ok(())
    }

    /// Takes back what a handler chose that failed open.
    pub(crate) fn restore(&self, parts: ResponseParts) {
        *self.lock() = parts;
    }

    pub(crate) fn parts(&self) -> ResponseParts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, ResponseParts> {
        // Each change is one assignment, so a poisoned lock holds sound parts.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
