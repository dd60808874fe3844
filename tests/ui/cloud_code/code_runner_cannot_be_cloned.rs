use vestibule_core::CodeRunner;

fn copy<'a>(lent: &CodeRunner<'a>) -> CodeRunner<'a> {
    lent.clone()
}

fn main() {}
