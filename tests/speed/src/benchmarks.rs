//! `BENCHMARKS.md`: each section between two marks of its own, so that a run replaces what it has
//! measured and nothing else.

use std::{fs, io::ErrorKind, path::Path};

use crate::{Result, sections::Section};

/// How a file begins that is not there yet.
const BEGINNING: &str = "# Benchmarks

What Vestibule does on one machine, beside bare servers in the same run: `tests/speed` measures and writes
what stands between the marks. Absolute figures hold for that machine and hour; the ratios are the point.

```sh
cargo build --release --bin vestibule
cargo run --release -p vestibule-speed -- --all --write        # on a machine that does nothing else
cargo bench -p vestibule-core                                  # what a call pays for handlers
```
";

/// Puts a section into the file, in the place of what was measured before.
pub(crate) fn write(file: &Path, name: &str, machine: &str, section: &Section) -> Result<()> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => BEGINNING.to_owned(),
        Err(error) => return Err(error.into()),
    };
    fs::write(
        file,
        replaced(&text, name, &format!("{section}\n{machine}\n")),
    )?;
    Ok(())
}

fn replaced(text: &str, name: &str, section: &str) -> String {
    let (begin, end) = (
        format!("<!-- {name}: measured -->\n"),
        format!("<!-- {name}: end -->\n"),
    );
    let found = text.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    match found {
        Some((before, after)) => format!("{before}{begin}\n{section}\n{end}{after}"),
        None => format!("{}\n\n{begin}\n{section}\n{end}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_replaces_itself_alone() {
        let text = replaced("intro\n", "disk", "one\n");
        let text = replaced(&text, "start", "two\n");
        let text = replaced(&text, "disk", "three\n");
        let expected = "intro\n\n<!-- disk: measured -->\n\nthree\n\n<!-- disk: end -->\n\n\
                        <!-- start: measured -->\n\ntwo\n\n<!-- start: end -->\n";
        assert_eq!(expected, text);
    }
}
