use vestibule::CallableBy;
use vestibule::prelude::*;

impl CustomEvent for LoginByObjectId {
    const ACCESS: CallableBy = CallableBy::Anyone;
}

fn main() {}
