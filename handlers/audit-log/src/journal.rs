use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The folder of this handler in the server's data folder.
const FOLDER: &str = "audit-log";

/// Size at which a file is put aside, in bytes.
const FILE_AT_MOST: u64 = 16 * 1024 * 1024;

/// Files kept, the current one included.
const FILES_AT_MOST: u32 = 8;

/// The lines written so far: one file that grows, and some that were put aside.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Option<Current>>);

#[derive(Debug)]
struct Current {
    file: File,
    size: u64,
}

impl Journal {
    /// Appends one line. A line that could not be written whole is not kept in memory: the next
    /// one begins with a fresh look at the file.
    pub(crate) fn append(&self, data_folder: &Path, line: &str) -> io::Result<()> {
        self.append_limited(&data_folder.join(FOLDER), line, FILE_AT_MOST)
    }

    fn append_limited(&self, folder: &Path, line: &str, file_at_most: u64) -> io::Result<()> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = match slot.take() {
            Some(current) => current,
            None => open(folder)?,
        };
        if current.size >= file_at_most {
            put_aside(folder)?;
            current = open(folder)?;
        }
        let mut bytes = line.as_bytes().to_vec();
        bytes.push(b'\n');
        current.file.write_all(&bytes)?;
        current.size += bytes.len() as u64;
        *slot = Some(current);
        Ok(())
    }
}

fn open(folder: &Path) -> io::Result<Current> {
    fs::create_dir_all(folder)?;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(folder, 0))?;
    let size = file.metadata()?.len();
    Ok(Current { file, size })
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
        let journal = Journal::default();
        for number in 0..12 {
            journal
                .append_limited(folder.path(), &number.to_string(), 1)
                .unwrap();
        }
        let read = |number| fs::read_to_string(path(folder.path(), number)).unwrap();
        assert_eq!(("11\n", "10\n", "4\n"), (&*read(0), &*read(1), &*read(7)));
        assert_eq!(
            FILES_AT_MOST as usize,
            fs::read_dir(folder.path()).unwrap().count()
        );
    }

    #[test]
    fn a_restart_goes_on_in_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        for line in ["one", "two"] {
            Journal::default()
                .append_limited(folder.path(), line, 100)
                .unwrap();
        }
        assert_eq!(
            "one\ntwo\n",
            fs::read_to_string(path(folder.path(), 0)).unwrap()
        );
    }
}
