//! A service that answers in every way there is.

use serde_json::Value as Json;
use vestibule::prelude::*;

/// Answers in every way there is.
#[derive(Default)]
struct Replies;

#[service("replies")]
impl Replies {
    /// Answers a header of the request.
    #[post("/header", access = anyone)]
    async fn header(&self, name: String, ctx: &Context) -> Result<Option<String>> {
        Ok(ctx.call().headers.get(&name).map(str::to_owned))
    }

    /// Chooses a status, a header and cookies of its own.
    #[post("/decorate", access = anyone)]
    async fn decorate(&self, ctx: &Context) -> Result<()> {
        ctx.response().set_status(202)?;
        ctx.response().set_header("x-of-our-own", "yes")?;
        ctx.response().set_cookie(Cookie::new("flavour", "plum"))?;
        ctx.response().set_cookie(Cookie::new("size", "large"))
    }

    /// Answers a value, which is said to be of some type.
    #[post("/typed", access = anyone)]
    async fn typed(
        &self,
        kind: String,
        value: Option<Json>,
        ctx: &Context,
    ) -> Result<Option<Json>> {
        ctx.response().set_header("content-type", &kind)?;
        Ok(value)
    }

    /// Fails in the words that it is told.
    #[post("/refuse", access = anyone)]
    async fn refuse(
        &self,
        code: i32,
        message: String,
        status: Option<u16>,
        ctx: &Context,
    ) -> Result<()> {
        ctx.response().set_header("content-type", "text/html")?;
        ctx.response()
            .set_cookie(Cookie::new("refused", "before"))?;
        let error = Error::refused(code).saying(message);
        Err(match status {
            Some(status) => error.status(status),
            None => error,
        })
    }

    /// Fails for reasons that concern nobody.
    #[post("/breakDown", access = anyone)]
    async fn break_down(&self, _ctx: &Context) -> Result<()> {
        Err(Error::internal("a secret of the inside"))
    }

    /// Never ends.
    #[post("/hang", access = anyone, timeout = "100ms")]
    async fn hang(&self, _ctx: &Context) -> Result<()> {
        std::future::pending().await
    }
}
