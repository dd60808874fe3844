use vestibule::prelude::*;
use vestibule_core::Operation;

#[derive(Clone)]
struct Sneak;

impl Event for Sneak {
    const NAME: &'static str = "sneak";
    type Output = ();

    fn describe(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn describe_output((): &()) -> serde_json::Value {
        serde_json::Value::Null
    }
}

impl Operation for Sneak {}

fn main() {}
