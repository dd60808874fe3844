use vestibule::prelude::*;

fn copy(ctx: &Context) -> Context {
    ctx.clone()
}

fn main() {}
