use rustix::process::{Resource, getrlimit, setrlimit};

/// Files that are not connections: the database, its readers, logs, and some to spare.
const OTHERS: u64 = 64;

/// Asks the operating system for as many open files as it would give, and says how many connections
/// fit in; `most` at most.
///
/// Without this a usual limit of 1,024 files would end a server's patience long before its own.
pub(crate) fn connections(most: usize) -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let soft = limit.current;
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit);
    if raised.is_err() {
        limit.current = soft;
    }
    within(limit.current, most)
}

fn within(files: Option<u64>, most: usize) -> usize {
    let Some(files) = files else { return most };
    let room = usize::try_from(files.saturating_sub(OTHERS)).unwrap_or(usize::MAX);
    most.min(room.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files() {
        assert_eq!(960, within(Some(1024), 10_000));
        assert_eq!(10_000, within(Some(1_000_000), 10_000));
        assert_eq!(10_000, within(None, 10_000));
        assert_eq!(
            1,
            within(Some(10), 10_000),
            "a server without connections is none"
        );
    }
}
