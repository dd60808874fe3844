use vestibule::prelude::*;

fn forge(ctx: Context) -> Context {
    Context { ..ctx }
}

fn main() {}
