/// The sentences of a module as they stand in the suite and in its file.
#[track_caller]
fn check(subject: &str, source: &str) {
    let suite = include_str!("../conformance.rs");
    let (_, listed) = suite
        .split_once(&format!("            {subject} {{\n"))
        .unwrap();
    let (listed, _) = listed.split_once('}').unwrap();
    let mut listed: Vec<_> = listed.split(',').map(str::trim).collect();
    listed.retain(|sentence| !sentence.is_empty());
    let written: Vec<_> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub async fn "))
        .filter_map(|line| line.split_once('('))
        .map(|(sentence, _)| sentence)
        .collect();
    assert_eq!(written, listed, "in {subject}");
}

macro_rules! check {
    ($($subject:ident)+) => {
        $(check(
            stringify!($subject),
            include_str!(concat!(stringify!($subject), ".rs")),
        );)+
    };
}

#[test]
fn every_sentence_is_in_the_suite() {
    check! {
        app atomicity audit concurrency conditions departed
        failed_logins finding functions grouping handler_settings identities identity
        leases lifetime links loading merging one_time_links paging
        permissions permitted preconditions purging reaching record_changes
        record_permissions roles schema sessions ticks timers
        updates users visibility
    }
}
