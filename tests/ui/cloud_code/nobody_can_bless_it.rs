use vestibule::prelude::*;
use vestibule_core::ClientEvent;

impl ClientEvent for LoginByObjectId {}

fn main() {}
