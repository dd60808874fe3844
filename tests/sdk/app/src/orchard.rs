//! A service as an app would have one. `tests/openapi` calls it in all sorts of ways, and compares what
//! it answers with its description.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

/// Trees of an orchard. It keeps none: whatever comes is answered.
#[derive(Default)]
struct Orchard;

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Tree {
    kind: String,
    height: Option<f64>,
}

#[service("orchard")]
impl Orchard {
    /// Counts the trees of a kind, none by default.
    #[get("/trees", access = anyone)]
    async fn count(
        &self,
        kind: Option<String>,
        most: u32,
        ripe: Option<bool>,
        _ctx: &Context,
    ) -> Result<u32> {
        let counts = kind.is_some() && ripe.unwrap_or(true);
        Ok(if counts { most } else { 0 })
    }

    /// Finds a tree.
    #[get("/trees/{number}", access = anyone)]
    async fn tree(&self, number: u32, _ctx: &Context) -> Result<Tree> {
        Ok(Tree {
            kind: format!("apple {number}"),
            height: None,
        })
    }

    /// What the plate on a tree says, as text.
    #[get("/trees/{number}/plate", access = anyone)]
    async fn plate(&self, number: u32, ctx: &Context) -> Result<String> {
        ctx.response().set_header("content-type", "text/plain")?;
        Ok(format!("Tree no. {number}"))
    }

    /// Plants a tree.
    ///
    /// The kind is a text; a tree without a height is a seedling.
    #[post("/trees", access = user)]
    async fn plant(&self, kind: String, height: Option<f64>, _ctx: &Context) -> Result<Tree> {
        Ok(Tree { kind, height })
    }

    /// Replaces a tree.
    #[put("/trees/{number}", access = user)]
    async fn replace(&self, number: u32, #[body] tree: Tree, _ctx: &Context) -> Result<Tree> {
        let kind = format!("{} {number}", tree.kind);
        Ok(Tree { kind, ..tree })
    }

    /// Prunes a tree.
    #[patch("/trees/{number}", access = user)]
    async fn prune(&self, number: u32, height: f64, _ctx: &Context) -> Result<Tree> {
        Ok(Tree {
            kind: format!("apple {number}"),
            height: Some(height),
        })
    }

    /// Fells a tree.
    #[delete("/trees/{number}", access = role("Support"))]
    async fn fell(&self, number: u32, _ctx: &Context) -> Result<u32> {
        Ok(number)
    }

    /// Weighs what was picked.
    #[post("/weigh", access = anyone)]
    async fn weigh(&self, #[body] weights: Vec<f64>, _ctx: &Context) -> Result<f64> {
        Ok(weights.iter().sum())
    }
}
