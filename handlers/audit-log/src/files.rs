use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Files kept, the current one included.
const FILES_AT_MOST: u32 = 8;

/// The lines written so far: one file that grows, and some that were put aside.
#[derive(Debug, Default)]
pub(crate) struct Files(Option<Current>);

#[derive(Debug)]
struct Current {
    file: File,
    size: u64,
}

impl Files {
    /// Appends lines, each with its newline, in one write: so a file ends with a whole group of them,
    /// and may be longer than `file_at_most` by that. After lines that could not be written whole,
    /// the next ones begin with a fresh look at the file.
    pub(crate) fn append(
        &mut self,
        folder: &Path,
        lines: &[u8],
        file_at_most: u64,
    ) -> io::Result<()> {
        let mut current = match self.0.take() {
            Some(current) => current,
            None => open(folder)?,
        };
        if current.size >= file_at_most {
            put_aside(folder)?;
            current = open(folder)?;
        }
        current.file.write_all(lines)?;
        current.size += lines.len() as u64;
        self.0 = Some(current);
        Ok(())
    }
}

fn open(folder: &Path) -> io::Result<Current> {
    fs::create_dir_all(folder)?;
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true);
    // Addresses and email addresses are nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path(folder, 0))?;
    let mut size = file.metadata()?.len();
    if size > 0 && !ends_with_newline(&mut file)? {
        // A line was torn, by a full disk or a crash; the next one must not be glued to it.
        file.write_all(b"\n")?;
        size += 1;
    }
    Ok(Current { file, size })
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Renames each file to the next number; the last one is overwritten.
fn put_aside(folder: &Path) -> io::Result<()> {
    for number in (0..FILES_AT_MOST - 1).rev() {
        let from = path(folder, number);
        if from.exists() {
            fs::rename(from, path(folder, number + 1))?;
        }
    }
    Ok(())
}

fn path(folder: &Path, number: u32) -> PathBuf {
    match number {
        0 => folder.join("events.jsonl"),
        number => folder.join(format!("events.{number}.jsonl")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside_and_the_oldest_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::default();
        for number in 0..12 {
            let line = format!("{number}\n");
            files.append(folder.path(), line.as_bytes(), 1).unwrap();
        }
        let read = |number| fs::read_to_string(path(folder.path(), number)).unwrap();
        assert_eq!(("11\n", "10\n", "4\n"), (&*read(0), &*read(1), &*read(7)));
        assert_eq!(
            FILES_AT_MOST as usize,
            fs::read_dir(folder.path()).unwrap().count()
        );
    }

    #[test]
    fn a_torn_line_is_not_glued_to_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(path(folder.path(), 0), "torn").unwrap();
        let mut files = Files::default();
        files.append(folder.path(), b"whole\n", 100).unwrap();
        assert_eq!(
            "torn\nwhole\n",
            fs::read_to_string(path(folder.path(), 0)).unwrap()
        );
    }

    #[test]
    fn a_restart_goes_on_in_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        for line in ["one\n", "two\n"] {
            let mut files = Files::default();
            files.append(folder.path(), line.as_bytes(), 100).unwrap();
        }
        assert_eq!(
            "one\ntwo\n",
            fs::read_to_string(path(folder.path(), 0)).unwrap()
        );
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_a_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::default();
        for line in [b"one\n", b"two\n"] {
            files.append(folder.path(), line, 1).unwrap();
        }
        for number in [0, 1] {
            let metadata = fs::metadata(path(folder.path(), number)).unwrap();
            assert_eq!(0o600, metadata.permissions().mode() & 0o777, "{number}");
        }
    }
}
