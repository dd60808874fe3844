//! A service that takes arguments in every way there is, and answers what came.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::prelude::*;

/// Takes arguments and answers them.
#[derive(Default)]
struct Arguments;

/// A kind of argument of our own.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Point {
    x: i64,
    y: i64,
}

#[service("arguments")]
impl Arguments {
    /// Answers the body as it came.
    #[post("/any", access = anyone)]
    async fn any(&self, #[body] value: Option<Json>, _ctx: &Context) -> Result<Option<Json>> {
        Ok(value)
    }

    /// Answers a text as it came.
    #[post("/text", access = anyone)]
    async fn text(&self, #[body] text: String, _ctx: &Context) -> Result<String> {
        Ok(text)
    }

    /// Adds up whatever numbers come.
    #[post("/sum", access = anyone)]
    async fn sum(&self, #[body] numbers: Vec<i64>, _ctx: &Context) -> Result<i64> {
        Ok(numbers.iter().sum())
    }

    /// Takes arguments by their names.
    #[post("/greet", access = anyone)]
    async fn greet(
        &self,
        name: String,
        greeting: Option<String>,
        _ctx: &Context,
    ) -> Result<String> {
        Ok(format!(
            "{}, {name}",
            greeting.as_deref().unwrap_or("Hello")
        ))
    }

    /// Takes one argument, which may come without its name.
    #[post("/shout", access = anyone)]
    async fn shout(&self, text: String, _ctx: &Context) -> Result<String> {
        Ok(text.to_uppercase())
    }

    /// Takes an argument of a kind of our own.
    #[post("/mirror", access = anyone)]
    async fn mirror(&self, point: Point, _ctx: &Context) -> Result<Point> {
        let Point { x, y } = point;
        Ok(Point { x: -x, y: -y })
    }

    /// Takes nothing and answers nothing.
    #[post(access = anyone)]
    async fn do_nothing(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    /// Finds a book: two parts of the path and a key of the query.
    #[get("/shelves/{shelf}/books/{title}", access = anyone)]
    async fn book(
        &self,
        shelf: u32,
        title: String,
        verbose: Option<bool>,
        _ctx: &Context,
    ) -> Result<Json> {
        Ok(json!({ "shelf": shelf, "title": title, "verbose": verbose }))
    }

    /// Puts a shelf up.
    #[put("/shelves/{shelf}", access = anyone)]
    async fn put_up(&self, shelf: u32, #[body] books: Vec<String>, _ctx: &Context) -> Result<Json> {
        Ok(json!({ "shelf": shelf, "books": books }))
    }

    /// Changes a shelf.
    #[patch("/shelves/{shelf}", access = anyone)]
    async fn repaint(&self, shelf: u32, colour: String, _ctx: &Context) -> Result<Json> {
        Ok(json!({ "shelf": shelf, "colour": colour }))
    }

    /// Takes a shelf down.
    #[delete("/shelves/{shelf}", access = anyone)]
    async fn take_down(&self, shelf: u32, force: Option<bool>, _ctx: &Context) -> Result<Json> {
        Ok(json!({ "shelf": shelf, "force": force }))
    }
}
