use vestibule_core::{CodeRunner, Engine};

fn forge(engine: &Engine) {
    let _lent = CodeRunner::lend(&engine.inner, "");
    let _new = CodeRunner::new(engine);
}

fn main() {}
