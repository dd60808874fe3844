//! Events that answer in every way there is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use vestibule::prelude::*;

/// Answers all of its arguments as they came.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "allArguments", output = Map<String, Json>, access = anyone)]
struct AllArguments {
    #[serde(flatten)]
    all: Map<String, Json>,
}

#[answer]
async fn answer_all_arguments(event: AllArguments, _ctx: &Context) -> Result<Map<String, Json>> {
    Ok(event.all)
}

/// Answers the value of one argument, whatever kind it is of.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "echo", output = Json, access = anyone)]
struct Echo {
    value: Json,
}

#[answer]
async fn echo(event: Echo, _ctx: &Context) -> Result<Json> {
    Ok(event.value)
}

/// Answers nothing.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "nothing", access = anyone)]
struct Nothing {}

#[answer]
async fn answer_nothing(_event: Nothing, _ctx: &Context) -> Result<()> {
    Ok(())
}

/// Wants an argument of one type.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "convert", output = Converted, access = anyone)]
#[serde(deny_unknown_fields)]
struct Convert {
    celsius: f64,
}

#[derive(Clone, Debug, Serialize)]
struct Converted {
    fahrenheit: f64,
}

#[answer]
async fn convert(event: Convert, _ctx: &Context) -> Result<Converted> {
    Ok(Converted {
        fahrenheit: event.celsius * 1.8 + 32.0,
    })
}

/// Fails in the way that it is told to.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "fail", access = anyone)]
#[serde(tag = "how", rename_all = "camelCase")]
enum Fail {
    Refuse {
        code: i32,
        message: String,
        status: Option<u16>,
    },
    Hang,
    Break,
}

#[answer(timeout = "100ms")]
async fn fail(event: Fail, _ctx: &Context) -> Result<()> {
    match event {
        Fail::Refuse {
            code,
            message,
            status,
        } => {
            let error = Error::refused(code).saying(message);
            Err(status.map_or(error.clone(), |status| error.status(status)))
        }
        Fail::Hang => std::future::pending().await,
        Fail::Break => Err(Error::internal("a secret of the inside")),
    }
}

/// Chooses a status and a header of its own.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "decorate", access = anyone)]
struct Decorate {}

#[answer]
async fn decorate(_event: Decorate, ctx: &Context) -> Result<()> {
    ctx.response().set_status(202)?;
    ctx.response().set_header("x-of-our-own", "yes")?;
    Ok(())
}
