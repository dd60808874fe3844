use vestibule::{Handler, prelude::*};

#[after(order = "late", tabel = "Order", timeout = "3h")]
fn greet<T>(_: &mut Register, _: &Outcome<Register>, _: Context, _: Timestamp) {}

fn main() {
    // Whoever uses the handler elsewhere hears nothing more than that.
    let _ = greet::REGISTRATION;
}
