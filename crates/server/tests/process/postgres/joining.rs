//! One app, however many servers: whoever comes later adopts what is there.

use std::{fs, thread, time::Instant};

use super::Database;
use crate::{
    guest::Guest,
    server::{Folder, PATIENCE, Server},
};

/// A server on the database, with its files in this folder.
fn serve(folder: &Folder, database: &Database, flags: &[&str]) -> Server {
    folder.serve(&[&["--database", &database.url()], flags].concat())
}

#[test]
fn a_server_that_joins_adopts_the_app_whatever_its_folder_holds() {
    let (one, other) = (Folder::new(), Folder::new());
    other.serve(&[]).stop();
    let token_of_another_app = fs::read_to_string(other.data().join("admin-token")).unwrap();

    let database = Database::make();
    let first = serve(&one, &database, &[]);
    assert_eq!(
        first.told("data"),
        format!(
            "PostgreSQL, {} on 127.0.0.1; files of this server in {}",
            database.name(),
            one.data().display()
        )
    );
    assert!(first.told("admin token").ends_with("admin-token"));
    let token = fs::read_to_string(one.data().join("admin-token")).unwrap();

    let second = serve(&other, &database, &[]);
    for part in ["app id", "JS key", "BL key", "profile"] {
        assert_eq!(first.told(part), second.told(part));
    }
    let told = second.told("admin token");
    assert!(
        told.starts_with("was made on the first start, by the server"),
        "{told}"
    );
    second.logged("the token in this file is not that of the app in the database; delete the file");
    assert!(!second.greeting.contains("replaced"), "{}", second.greeting);

    // There is one token for both.
    for server in [&first, &second] {
        for (token, status) in [(&token, 200), (&token_of_another_app, 401)] {
            let bearer = format!("Bearer {}", token.trim());
            let headers = [("authorization", bearer.as_str())];
            let answer = server
                .client()
                .call("GET", "/admin/api/settings", &headers, None);
            assert_eq!(status, answer.unwrap().status);
        }
    }
    let guest = Guest::log_in(&mut first.client(), &first.root()).unwrap();
    assert!(guest.is_logged_in(&mut second.client(), &second.root()));
    first.stop();
    second.stop();

    // A later start of the server that made the app finds its token where it was.
    let again = serve(&one, &database, &[]);
    assert!(again.told("admin token").ends_with("admin-token"));
    assert!(guest.is_logged_in(&mut again.client(), &again.root()));
    again.stop();
}

#[test]
fn of_servers_that_start_for_the_first_time_at_once_one_makes_the_app() {
    let database = Database::make();
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let servers: Vec<_> = thread::scope(|scope| {
        let starting = folders.each_ref();
        let starting = starting.map(|folder| scope.spawn(|| serve(folder, &database, &[])));
        starting.map(|server| server.join().unwrap()).into()
    });
    for server in &servers {
        assert_eq!(servers[0].root(), server.root());
    }
    let has_token = |folder: &&Folder| folder.data().join("admin-token").exists();
    assert_eq!(1, folders.iter().filter(has_token).count());
    let migrations = "SELECT count(*) - count(DISTINCT version) FROM vestibule_migration";
    assert_eq!("0", database.sql(migrations));
    servers.into_iter().for_each(Server::stop);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the server is another process, whose clock nobody moves"
)]
fn a_key_that_is_given_to_one_server_counts_on_all() {
    let database = Database::make();
    let (one, other) = (Folder::new(), Folder::new());
    let first = serve(&one, &database, &[]);
    let old = first.root();
    let second = serve(&other, &database, &["--key-js", "a-new-key-for-browsers"]);
    assert_eq!(
        "JS key; what was stored before counts no longer",
        second.told("replaced")
    );
    let new = second.root();
    assert_eq!(
        format!("/{}/a-new-key-for-browsers", first.told("app id")),
        new
    );

    let path = format!("{old}/users/register/guest");
    let late = Instant::now() + PATIENCE;
    loop {
        let answer = first.client().call("POST", &path, &[], None).unwrap();
        if answer.status != 200 {
            assert_eq!(2002, answer.json()["code"], "{answer:?}");
            break;
        }
        assert!(Instant::now() < late, "the old key counts still");
    }
    Guest::log_in(&mut first.client(), &new).unwrap();
    first.stop();
    second.stop();
}

#[test]
fn two_servers_have_two_folders() {
    let database = Database::make();
    let folder = Folder::new();
    let first = serve(&folder, &database, &[]);
    let second = folder.run(&["--listen", "127.0.0.1:0", "--database", &database.url()]);
    crate::refusals::refused(
        1,
        &["another vestibule is running in the data folder", "--data"],
        &second,
    );
    first.stop();
}
