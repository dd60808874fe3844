use vestibule::prelude::*;

#[derive(Default)]
struct Doorman;

#[before]
impl Before<Login> for Doorman {
    fn before(&mut self, _event: &Login) -> Result<Flow<Login>> {
        Ok(Flow::Continue)
    }
}

#[derive(Default)]
struct Watchman;

#[observe]
impl ObserverOfAll for Watchman {}

fn main() {}
