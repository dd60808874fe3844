//! `vestibule handlers`.

use std::fs;

use serde_json::{Value as Json, json};

use crate::server::Folder;

/// The columns of one handler's line in the table.
fn columns(table: &str, handler: &str) -> Vec<String> {
    let line = table.lines().find(|line| line.contains(handler));
    let line = line.unwrap_or_else(|| panic!("no {handler} in\n{table}"));
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_stock_handlers_are_listed_and_nothing_is_made_for_it() {
    let folder = Folder::new();
    let ended = folder.run(&["handlers"]);
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
    assert_eq!("", ended.stderr);
    let limit = columns(&ended.stdout, "guest_limits::limit_guests");
    assert_eq!(["loginAsGuest", "before", "-100"], limit[..3]);
    assert!(
        limit[7].starts_with("handlers/guest-limits/src/lib.rs:"),
        "{limit:?}"
    );
    let record = columns(&ended.stdout, "audit_log::record");
    assert_eq!(["*", "observe", "0"], record[..3]);
    assert!(
        ended.stdout.contains("2 handlers from 2 crates"),
        "{}",
        ended.stdout
    );
    assert_eq!(0, fs::read_dir(folder.path()).unwrap().count());
}

#[test]
fn the_file_disables_reorders_and_expects_handlers() {
    let folder = Folder::new();
    let file = r#"
        expect_handlers = ["guest_limits::limit_guests"]
        [handlers]
        disable = ["audit_log::record"]
        [handlers.order]
        "guest_limits::limit_guests" = 5
    "#;
    fs::write(folder.path().join("vestibule.toml"), file).unwrap();
    let ended = folder.run(&["handlers"]);
    assert_eq!("5", columns(&ended.stdout, "guest_limits::limit_guests")[2]);
    assert!(
        ended.stdout.contains("disabled: audit_log::record"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("1 handler from 1 crate"),
        "{}",
        ended.stdout
    );
}

#[test]
fn the_manifest_has_what_a_review_asks_for_and_nothing_that_a_run_changes() {
    let folder = Folder::new();
    let print = || {
        let ended = folder.run(&["handlers", "--json"]);
        assert_eq!(Some(0), ended.status.code(), "{ended:?}");
        ended.stdout
    };
    let text = print();
    assert_eq!(text, print());
    let manifest: Json = serde_json::from_str(&text).unwrap();
    let event = |name: &str| {
        let mut events = manifest["events"].as_array().unwrap().iter();
        events.find(|event| event["event"] == name).unwrap().clone()
    };
    let guests = event("loginAsGuest");
    let limit = &guests["handlers"][0];
    let place = limit["place"].as_str().unwrap();
    assert_eq!(
        &json!({
            "path": "guest_limits::limit_guests",
            "phase": "before",
            "order": -100,
            "timeout": "5s",
            "onFailure": "closed",
            "place": place,
        }),
        limit
    );
    assert!(
        place.starts_with("handlers/guest-limits/src/lib.rs:"),
        "{place}"
    );
    assert_eq!("audit_log::record", event("*")["handlers"][0]["path"]);
    // One field a line.
    assert!(
        text.lines().any(|line| line.trim() == "\"order\": -100,"),
        "{text}"
    );
    // A server that has run in between changes nothing.
    folder.serve(&[]).stop();
    assert_eq!(text, print());
}
