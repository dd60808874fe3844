//! `vestibule guests`.

use std::fs;

use serde_json::{Value as Json, json};

use crate::{
    operator::{self, ADMIN_TOKEN},
    server::{Folder, Server},
};

/// A guest who came in and logged out.
fn leaver(server: &Server) -> String {
    let root = server.root();
    let mut client = server.client();
    let path = format!("{root}/users/register/guest");
    let login = client.call("POST", &path, &[], None).unwrap().json();
    let token = login["user-token"].as_str().unwrap();
    let path = format!("{root}/users/logout");
    let answer = client.call("GET", &path, &[("user-token", token)], None);
    assert_eq!(200, answer.unwrap().status);
    login["objectId"].as_str().unwrap().to_owned()
}

/// A guest whose session lives.
fn stayer(server: &Server) -> String {
    let path = format!("{}/users/register/guest", server.root());
    let login = server.client().call("POST", &path, &[], None);
    login.unwrap().json()["objectId"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn without_a_database_there_is_nobody_and_nothing_is_made() {
    let folder = Folder::new();
    for arguments in [
        &["guests", "plan"][..],
        &["guests", "purge", "--older-than", "7d"],
        &["guests", "purge", "--older-than", "7d", "--dry-run"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!(Some(0), ended.status.code(), "{ended:?}");
        assert!(ended.stdout.contains("no database"), "{ended:?}");
    }
    assert_eq!(0, fs::read_dir(folder.path()).unwrap().count());
}

#[test]
fn the_plan_is_read_beside_a_server_and_a_purge_wants_the_folder_to_itself() {
    let folder = Folder::new();
    let server = folder.serve(&["--admin-token", ADMIN_TOKEN]);
    // Nobody goes by itself in this test.
    let rarely = json!({ "guests": { "sweepSeconds": 2_592_000 } });
    operator::ask(&server, "PATCH", "settings", &rarely);
    let (left, stays) = (leaver(&server), stayer(&server));

    let plan = folder.run(&["guests", "plan", "--json"]);
    assert_eq!(Some(0), plan.status.code(), "{plan:?}");
    let guests: Json = serde_json::from_str(&plan.stdout).unwrap();
    let listed = guests.as_array().unwrap();
    assert_eq!(1, listed.len(), "{guests}");
    assert_eq!(
        json!([left, true, "noSession"]),
        json!([listed[0]["objectId"], listed[0]["goes"], listed[0]["why"]])
    );

    let purge = ["guests", "purge", "--older-than", "0s"];
    let refused = folder.run(&purge);
    assert_eq!(Some(1), refused.status.code(), "{refused:?}");
    assert!(refused.stderr.contains("vestibule-data"), "{refused:?}");
    server.stop();

    let dry = folder.run(&[&purge[..], &["--dry-run"]].concat());
    assert!(dry.stdout.contains(&left), "{dry:?}");
    assert!(dry.stdout.contains("1 guest would go"), "{dry:?}");
    let text = folder.run(&["guests", "plan"]).stdout;
    assert!(text.contains("1 guest would go"), "{text}");

    let young = folder.run(&["guests", "purge", "--older-than", "1h"]);
    assert_eq!("0 guests went\n", young.stdout, "{young:?}");
    let purged = folder.run(&purge);
    assert_eq!(Some(0), purged.status.code(), "{purged:?}");
    assert_eq!(format!("{left}\n1 guest went\n"), purged.stdout);
    let again = folder.run(&purge);
    assert_eq!("0 guests went\n", again.stdout, "{again:?}");
    assert!(!purged.stdout.contains(&stays));

    // The other one is there still, and its session lives.
    let plan = folder.run(&["guests", "plan"]);
    assert!(
        plan.stdout.contains("and so do 1 with a live session"),
        "{plan:?}"
    );
}

#[test]
fn an_age_that_cannot_be_read_is_a_mistake_in_the_arguments() {
    let folder = Folder::new();
    for arguments in [
        &["guests"][..],
        &["guests", "purge"],
        &["guests", "purge", "--older-than", "a week"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!(Some(2), ended.status.code(), "{ended:?}");
    }
}
