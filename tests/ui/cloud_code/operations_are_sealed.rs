use vestibule::prelude::*;
use vestibule_core::Operation;

#[derive(Clone)]
struct Sneak;

impl Event for Sneak {
    const NAME: &'static str = "sneak";
    type Output = ();

    fn describe(&self) -> impl serde::Serialize {
        serde_json::Value::Null
    }

    fn describe_output((): &()) -> impl serde::Serialize {
        serde_json::Value::Null
    }
}

impl Operation for Sneak {}

fn main() {}
