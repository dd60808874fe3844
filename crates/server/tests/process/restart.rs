//! What stays from one start to the next.

use crate::{guest::Guest, server::Folder};

#[test]
fn a_restart_keeps_the_app_its_keys_its_sessions_and_its_users() {
    let folder = Folder::new();
    let server = folder.serve(&["--profile", "backendless"]);
    let root = server.root();
    let guest = Guest::log_in(&mut server.client(), &root).unwrap();
    let told = ["app id", "JS key", "profile", "admin token"];
    let before = told.map(|name| server.told(name).to_owned());
    server.stop();

    let server = folder.serve(&[]);
    assert_eq!(before, told.map(|name| server.told(name).to_owned()));
    let client = &mut server.client();
    assert!(guest.is_logged_in(client, &root));
    assert_eq!(
        guest.id,
        guest.row(client, &root)["objectId"].as_str().unwrap()
    );
    server.stop();
}

#[test]
fn keys_that_are_replaced_are_announced_and_count_no_longer() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let old = server.root();
    server.stop();

    let server = folder.serve(&[
        "--key-js",
        "a-new-key-for-browsers",
        "--admin-token",
        "a-new-admin-token",
    ]);
    assert_eq!(
        "JS key, admin token; what was stored before counts no longer",
        server.told("replaced")
    );
    assert_eq!("a-new-key-for-browsers", server.told("JS key"));
    let admin_token = server.told("admin token");
    assert!(
        admin_token.starts_with("known to you alone"),
        "{admin_token}"
    );
    server.logged("counts no longer, since another one was given; delete the file");
    let client = &mut server.client();
    Guest::log_in(client, &server.root()).unwrap();
    let refused = client.call("POST", &format!("{old}/users/register/guest"), &[], None);
    assert_eq!(2002, refused.unwrap().json()["code"]);
    server.stop();

    // Given once is given for good.
    let server = folder.serve(&[]);
    assert_eq!("a-new-key-for-browsers", server.told("JS key"));
    assert!(!server.greeting.contains("replaced"), "{}", server.greeting);
    server.stop();
}

#[test]
fn a_profile_that_comes_too_late_changes_nothing_and_says_so() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let server = folder.serve(&["--profile", "backendless"]);
    assert!(server.told("profile").starts_with("strict: "));
    server.logged("the profile counts on the first start only");
    server.stop();
}
