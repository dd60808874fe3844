use vestibule::prelude::*;
use vestibule_core::ClientEvent;

impl ClientEvent for AssignRole {}
impl ClientEvent for UnassignRole {}

fn main() {}
