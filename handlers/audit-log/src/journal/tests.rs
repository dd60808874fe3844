use std::{fs, future::ready, sync::mpsc};

use tokio::task::JoinHandle;

use super::*;

/// The groups that were written.
#[derive(Clone, Default)]
struct Groups(Arc<Mutex<Vec<String>>>);

impl Groups {
    fn write(&self) -> impl FnOnce(&mut Files, &[u8]) -> io::Result<()> + Send + 'static {
        let groups = self.clone();
        move |_, text| {
            let text = String::from_utf8(text.to_vec()).unwrap();
            groups.0.lock().unwrap().push(text);
            Ok(())
        }
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn text(lines: impl IntoIterator<Item = usize>) -> String {
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

/// Appends lines that come while somebody else has the turn: so they are one group.
async fn append_together<W>(
    journal: &Arc<Journal>,
    lines: usize,
    write: impl Fn() -> W,
) -> Vec<Written>
where
    W: FnOnce(&mut Files, &[u8]) -> io::Result<()> + Send + 'static,
{
    let turn = Arc::clone(&journal.turn).lock_owned().await;
    let spawn = |line: usize| {
        let (journal, write) = (Arc::clone(journal), write());
        tokio::spawn(async move { journal.append_by(&line.to_string(), write).await })
    };
    let appending: Vec<JoinHandle<Written>> = (0..lines).map(spawn).collect();
    while journal.waiting.lock().lines < lines {
        yield_now().await;
    }
    drop(turn);
    let mut all = Vec::new();
    for one in appending {
        all.push(one.await.unwrap());
    }
    all
}

/// An observer that is dropped when it waits for the first time.
async fn give_up(journal: &Journal, line: usize) {
    let line = line.to_string();
    tokio::select! {
        biased;
        _ = journal.append_by(&line, |_, _| Ok(())) => panic!("it did not wait"),
        () = ready(()) => {}
    }
}

#[tokio::test]
async fn lines_that_wait_are_written_at_once_and_in_order() {
    let (journal, groups) = (Arc::<Journal>::default(), Groups::default());
    let written = append_together(&journal, 100, || groups.write()).await;
    assert!(written.iter().all(Result::is_ok));
    assert_eq!([text(0..100)], *groups.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lines_of_many_observers_at_once_are_all_there_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::<Journal>::default();
    let observers: Vec<_> = (0..64)
        .map(|observer| {
            let (journal, folder) = (Arc::clone(&journal), folder.path().to_owned());
            tokio::spawn(async move {
                for number in 0..32 {
                    let line = format!("{observer} {number} {}", "x".repeat(number));
                    journal.append(&folder, &line).await.unwrap();
                }
            })
        })
        .collect();
    for observer in observers {
        observer.await.unwrap();
    }

    let text = fs::read_to_string(folder.path().join(FOLDER).join("events.jsonl")).unwrap();
    let mut next = [0; 64];
    for line in text.lines() {
        let observer: usize = line.split_once(' ').unwrap().0.parse().unwrap();
        let number = next[observer];
        assert_eq!(format!("{observer} {number} {}", "x".repeat(number)), line);
        next[observer] += 1;
    }
    assert_eq!([32; 64], next);
}

#[tokio::test]
async fn a_group_that_cannot_be_written_fails_each_of_its_lines_and_the_next_one_is_written() {
    let (journal, groups) = (Arc::<Journal>::default(), Groups::default());
    let full = || |_: &mut Files, _: &[u8]| Err(io::Error::other("the disk is full"));
    let written = append_together(&journal, 3, full).await;
    let errors = written.into_iter().map(|one| one.unwrap_err().to_string());
    assert_eq!(["the disk is full"; 3], *errors.collect::<Vec<_>>());

    journal.append_by("7", groups.write()).await.unwrap();
    assert_eq!([text([7])], *groups.all());
}

#[tokio::test]
async fn a_write_that_panics_fails_its_lines_and_the_next_one_is_written() {
    let (journal, groups) = (Arc::<Journal>::default(), Groups::default());
    let panics = || |_: &mut Files, _: &[u8]| panic!("as asked");
    let written = append_together(&journal, 3, panics).await;
    for one in written {
        let error = one.unwrap_err().to_string();
        assert!(error.contains("panicked"), "{error}");
    }

    journal.append_by("7", groups.write()).await.unwrap();
    assert_eq!([text([7])], *groups.all());
}

#[tokio::test]
async fn a_line_whose_observer_gave_up_is_written_with_the_next_one() {
    let (journal, groups) = (Journal::default(), Groups::default());
    give_up(&journal, 1).await;
    journal.append_by("2", groups.write()).await.unwrap();
    assert_eq!([text([1, 2])], *groups.all());
}

#[tokio::test]
async fn however_many_observers_gave_up_so_many_lines_wait_and_the_next_one_is_written() {
    let (journal, groups) = (Journal::default(), Groups::default());
    for line in 0..LINES_AT_MOST + 10 {
        give_up(&journal, line).await;
    }
    assert_eq!(LINES_AT_MOST, journal.waiting.lock().lines);
    journal.append_by("999", groups.write()).await.unwrap();
    assert_eq!([text((0..LINES_AT_MOST).chain([999]))], *groups.all());
}

#[tokio::test]
async fn a_write_whose_observer_gave_up_is_not_overtaken() {
    let (journal, groups) = (Arc::<Journal>::default(), Groups::default());
    let (began, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let slow = {
        let (journal, write) = (Arc::clone(&journal), groups.write());
        tokio::spawn(async move {
            let stalled = move |files: &mut Files, text: &[u8]| {
                began.send(()).unwrap();
                may_go_on.recv().unwrap();
                write(files, text)
            };
            journal.append_by("1", stalled).await
        })
    };
    has_begun.await.unwrap();
    slow.abort();
    assert!(slow.await.unwrap_err().is_cancelled());

    let next = {
        let (journal, write) = (Arc::clone(&journal), groups.write());
        tokio::spawn(async move { journal.append_by("2", write).await })
    };
    while journal.waiting.lock().lines == 0 {
        yield_now().await;
    }
    go_on.send(()).unwrap();
    next.await.unwrap().unwrap();
    assert_eq!([text([1]), text([2])], *groups.all());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the pause is in real time")]
fn a_write_rests_only_after_one_that_was_a_moment_ago() {
    let mut writer = Writer::default();
    assert_eq!(Duration::ZERO, writer.rest());
    writer.last = Some(Instant::now());
    assert!(writer.rest() <= PAUSE);
    // A clock of the machine that runs on does not make the pause any longer.
    writer.last = Instant::now().checked_sub(PAUSE);
    assert_eq!(Duration::ZERO, writer.rest());
    writer.last = Some(Instant::now() + PAUSE);
    assert_eq!(PAUSE, writer.rest());
}
