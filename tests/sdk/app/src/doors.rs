//! A service with methods for some callers and not for others, and one that leaves something behind.

use vestibule::prelude::*;

use crate::access::Caller;

/// Methods for some callers and not for others. Each answers who called it.
#[derive(Default)]
struct Doors;

#[service("doors")]
impl Doors {
    #[post("/anyone", access = anyone)]
    async fn anyone(&self, ctx: &Context) -> Result<Caller> {
        Ok(Caller::of(ctx))
    }

    #[post("/user", access = user)]
    async fn user(&self, ctx: &Context) -> Result<Caller> {
        Ok(Caller::of(ctx))
    }

    #[post("/support", access = role("Support"))]
    async fn support(&self, ctx: &Context) -> Result<Caller> {
        Ok(Caller::of(ctx))
    }

    #[post("/server", access = server)]
    async fn server(&self, ctx: &Context) -> Result<Caller> {
        Ok(Caller::of(ctx))
    }
}

/// Keeps notes.
#[derive(Default)]
struct Notes;

#[service("notes")]
impl Notes {
    #[post("/take", access = anyone)]
    async fn take(&self, text: String, ctx: &Context) -> Result<()> {
        let note = record! { "text" => text };
        ctx.cloud().data("Note").create(note).await?;
        Ok(())
    }
}
