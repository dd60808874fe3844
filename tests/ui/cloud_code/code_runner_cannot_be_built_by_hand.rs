use vestibule_core::CodeRunner;

fn forge(lent: CodeRunner<'_>) -> CodeRunner<'_> {
    CodeRunner { ..lent }
}

fn main() {}
