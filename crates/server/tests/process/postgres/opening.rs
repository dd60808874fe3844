//! Getting into the database: passwords, TLS, versions, and losing it.

use std::{fs, os::unix::fs::PermissionsExt, time::Instant};

use super::{Database, database::ca_file};
use crate::{
    refusals::refused,
    server::{Folder, PATIENCE, Server},
};

fn status_of_readyz(server: &Server) -> u16 {
    let answer = server.client().call("GET", "/readyz", &[], None);
    answer.unwrap().status
}

/// Waits until `/readyz` answers this.
#[expect(
    clippy::disallowed_methods,
    reason = "the server is another process, whose clock nobody moves"
)]
fn wait_for_readyz(server: &Server, status: u16) {
    let late = Instant::now() + PATIENCE;
    while status_of_readyz(server) != status {
        assert!(Instant::now() < late, "/readyz never answered {status}");
    }
}

#[test]
fn the_password_comes_from_a_file_or_a_variable_and_a_wrong_one_is_refused() {
    let (database, folder) = (Database::make(), Folder::new());
    let file = folder.path().join("password");
    let write = |password: &str| {
        fs::write(&file, password).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let url = database.url_of_owner();
    let start = ["--listen", "127.0.0.1:0", "--database", url.as_str()];
    let flags = [&start[..], &["--database-password-file", "password"]].concat();
    write("wrong-hunter2\n");
    let ended = folder.run(&flags);
    let words = [
        "password authentication failed",
        "check the user in the URL and its password (--database-password-file)",
    ];
    refused(1, &words, &ended);
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
    refused(1, &["--database-password-file"], &folder.run(&start));

    write("right\n");
    Server::start(folder.command(&flags)).stop();
    let mut command = folder.command(&start);
    command.env("VESTIBULE_DATABASE_PASSWORD", "right");
    let server = Server::start(command);
    assert!(!server.greeting.contains("right"), "{}", server.greeting);
    server.stop();
}

#[test]
fn a_database_is_believed_by_the_certificates_that_were_named() {
    let (database, folder) = (Database::make(), Folder::new());
    let url = format!("{}?sslmode=require", database.url());
    let flags = ["--listen", "127.0.0.1:0", "--database", &url];
    let ended = folder.run(&flags);
    refused(
        1,
        &["invalid peer certificate", "--database-ca-file"],
        &ended,
    );

    let (no_file, ca_file) = ("there-is-none.pem", ca_file());
    let with = |file| [&flags[..], &["--database-ca-file", file]].concat();
    refused(2, &[no_file, "a file in PEM"], &folder.run(&with(no_file)));
    let server = Server::start(folder.command(&with(&ca_file)));
    let plain = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                 WHERE application_name LIKE 'vestibule%' AND datname = current_database() AND NOT ssl";
    assert_eq!("0", database.sql(plain));
    server.stop();
}

#[test]
fn a_database_that_is_not_there_or_not_the_users_is_refused_with_what_to_do() {
    let (database, folder) = (Database::make(), Folder::new());
    let missing = database.url() + "_2";
    let ended = folder.run(&["--listen", "127.0.0.1:0", "--database", &missing]);
    refused(1, &["does not exist", "createdb"], &ended);

    database.sql(&format!(
        "ALTER DATABASE {} OWNER TO CURRENT_USER",
        database.name()
    ));
    database.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let url = database.url_of_owner();
    let mut command = folder.command(&["--listen", "127.0.0.1:0", "--database", &url]);
    command.env("VESTIBULE_DATABASE_PASSWORD", "right");
    let ended = crate::server::ended(command);
    refused(1, &["permission denied", "let it own the database"], &ended);
}

#[test]
fn a_database_from_the_future_is_refused_and_left_as_it_is() {
    let (database, folder) = (Database::make(), Folder::new());
    let url = database.url();
    let start = ["--listen", "127.0.0.1:0", "--database", &url];
    Server::start(folder.command(&start)).stop();
    database.sql("UPDATE vestibule_migration SET version = 999999 WHERE version = 1");
    let words = ["999999", "install a newer vestibule"];
    refused(1, &words, &folder.run(&start));
    refused(1, &words, &folder.run(&["schema", "--database", &url]));
    database.sql("UPDATE vestibule_migration SET version = 1 WHERE version = 999999");
    Server::start(folder.command(&start)).stop();
}

#[test]
fn readyz_says_whether_the_database_answers() {
    let (database, folder) = (Database::make(), Folder::new());
    let server = folder.serve(&["--database", &database.url()]);
    assert_eq!(200, status_of_readyz(&server));
    database.is_open(false);
    wait_for_readyz(&server, 503);
    let alive = server.client().call("GET", "/healthz", &[], None);
    assert_eq!(200, alive.unwrap().status);
    database.is_open(true);
    wait_for_readyz(&server, 200);
    server.stop();
}
