//! The commands that look into the database.

use serde_json::{Value as Json, json};

use super::Database;
use crate::{
    guest::Guest,
    operator::{ADMIN_TOKEN, ask},
    refusals::refused,
    server::{Ended, Folder},
};

#[track_caller]
fn done(ended: &Ended) -> &str {
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
    assert_eq!("", ended.stderr, "{ended:?}");
    &ended.stdout
}

#[test]
fn the_schema_is_that_of_sqlite_before_and_after_the_first_start() {
    let (database, folder, sqlite) = (Database::make(), Folder::new(), Folder::new());
    let url = database.url();
    let schema = ["schema", "--database", &url];
    let before = folder.run(&schema);
    let place = format!(
        "there is no database in {} on 127.0.0.1 yet",
        database.name()
    );
    assert!(done(&before).contains(&place), "{}", before.stdout);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!("0", database.sql(tables));

    let server = folder.serve(&["--database", &url]);
    sqlite.serve(&[]).stop();
    assert_eq!(done(&sqlite.run(&["schema"])), done(&folder.run(&schema)));
    server.stop();

    database.sql("UPDATE vestibule_migration SET version = version - 1000");
    refused(1, &["start a server of this build"], &folder.run(&schema));
}

#[test]
fn guests_are_looked_at_beside_a_server_and_purged_by_servers_only() {
    let (database, folder) = (Database::make(), Folder::new());
    let url = database.url();
    let plan = ["guests", "plan", "--json", "--database", &url];
    assert_eq!("[]\n", done(&folder.run(&plan)));

    let server = folder.serve(&["--database", &url, "--admin-token", ADMIN_TOKEN]);
    let never = json!({ "guests": { "cleanup": false } });
    ask(&server, "PATCH", "settings", &never);
    let client = &mut server.client();
    let root = server.root();
    let guest = Guest::log_in(client, &root).unwrap();
    let token = [("user-token", guest.token.as_str())];
    let logout = client.call("GET", &format!("{root}/users/logout"), &token, None);
    assert_eq!(200, logout.unwrap().status);
    let planned = folder.run(&plan);
    let planned: Json = serde_json::from_str(done(&planned)).unwrap();
    assert_eq!(guest.id, planned[0]["objectId"].as_str().unwrap());

    let purge = ["guests", "purge", "--older-than", "0s", "--database", &url];
    refused(1, &["SQLite only", "guests.cleanup"], &folder.run(&purge));
    let dry_run = folder.run(&[&purge[..], &["--dry-run"]].concat());
    assert!(
        done(&dry_run).contains("nothing was changed"),
        "{dry_run:?}"
    );
    assert!(done(&folder.run(&plan)).contains(&guest.id));
    server.stop();
}

#[test]
fn an_event_is_tried_on_no_shared_database() {
    let (database, folder) = (Database::make(), Folder::new());
    let url = database.url();
    let run = ["handlers", "run", "loginAsGuest", "--database", &url];
    refused(2, &["createdb -T", "pg_dump"], &folder.run(&run));
    let handlers = folder.run(&["handlers", "--database", &url]);
    assert!(done(&handlers).contains("guest_limits::limit_guests"));
}
