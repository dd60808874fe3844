//! Where the data is.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use vestibule_storage_postgres::PostgresOptions;

use super::*;

const URL: &str = "postgres://shop@db.example.com/shop";

fn postgres(config: Result<Config, ConfigError>) -> PostgresOptions {
    match config.unwrap().database {
        DatabaseConfig::Postgres(options) => *options,
        DatabaseConfig::Sqlite => panic!("it is SQLite"),
    }
}

/// A file of this mode with a password in it.
fn password_file(text: &str, mode: u32) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

#[test]
fn without_a_word_it_is_sqlite() {
    for flags in [
        &[][..],
        &["--database", "sqlite"],
        &["--database", "SQLite"],
    ] {
        let config = from_flags(flags).unwrap();
        assert!(matches!(config.database, DatabaseConfig::Sqlite));
    }
}

#[test]
fn a_url_is_a_postgres_with_the_defaults_of_the_engine() {
    for url in [URL, "postgresql://shop@db.example.com/shop"] {
        let options = postgres(from_flags(&["--database", url]));
        let defaults = PostgresOptions::at(url);
        assert_eq!(defaults.url, options.url);
        assert_eq!(None, options.password);
        assert_eq!(None, options.ca_file);
        assert_eq!(defaults.connections, options.connections);
        assert_eq!(defaults.statement_timeout, options.statement_timeout);
        assert_eq!(defaults.lock_timeout, options.lock_timeout);
    }
}

#[test]
fn what_is_no_database_is_refused_without_being_repeated() {
    for other in [
        "",
        "mysql://me:hunter2@db/app",
        "postgres:hunter2",
        "db.example.com",
    ] {
        refused(
            "--database must be sqlite, or left out, for SQLite in the data folder (--data), or a URL \
             for PostgreSQL, as in postgres://USER@HOST:PORT/DATABASE",
            from_flags(&["--database", other]),
        );
    }
    // Else "ter2@db" would be the host that messages name.
    for url in [
        "postgres://me:hun@ter2@db/app",
        "postgres://db/app?password=hun@ter2",
    ] {
        refused(
            "--database must be a URL with one @ in it, behind the user: write another one, as in a \
             password, as %40",
            from_flags(&["--database", url]),
        );
    }
}

#[test]
fn all_of_it_can_be_set_in_the_file() {
    let options = postgres(from_file(&format!(
        "database = \"{URL}\"\ndatabase_ca_file = \"ca.pem\"\ndatabase_password = \"secret\"\n\
         database_connections = 32\ndatabase_statement_timeout = 30\ndatabase_lock_timeout = \"7\"\n"
    )));
    assert_eq!(Some("secret"), options.password.as_deref());
    assert_eq!(Some(PathBuf::from("conf/ca.pem")), options.ca_file);
    assert_eq!(32, options.connections);
    assert_eq!(Duration::from_secs(30), options.statement_timeout);
    assert_eq!(Duration::from_secs(7), options.lock_timeout);
}

#[test]
fn a_number_that_would_not_do_is_refused() {
    for none in ["0", "1001", "many"] {
        refused(
            "--database-connections must be a number of connections from 1 to 1000",
            from_flags(&["--database", URL, "--database-connections", none]),
        );
    }
    for none in ["0", "3601", "10s"] {
        for flag in ["--database-statement-timeout", "--database-lock-timeout"] {
            refused(
                &format!("{flag} must be a number of seconds from 1 to 3600"),
                from_flags(&["--database", URL, flag, none]),
            );
        }
    }
}

#[test]
fn what_only_postgres_knows_is_refused_with_sqlite() {
    for (flag, value) in [
        ("--database-password", "secret"),
        ("--database-password-file", "there-is-none"),
        ("--database-ca-file", "ca.pem"),
        ("--database-connections", "16"),
        ("--database-statement-timeout", "10"),
        ("--database-lock-timeout", "5"),
    ] {
        for sqlite in [&[][..], &["--database", "sqlite"]] {
            refused(
                &format!(
                    "{flag} is for PostgreSQL, and the data is kept in SQLite; leave it out, or name a \
                     database with --database postgres://USER@HOST:PORT/DATABASE"
                ),
                from_flags(&[sqlite, &[flag, value]].concat()),
            );
        }
    }
}

#[test]
fn the_password_is_a_line_of_a_file_or_a_variable() {
    let file = password_file("correct horse \n", 0o600);
    let path = file.path().to_str().unwrap();
    let config = from_flags(&["--database", URL, "--database-password-file", path]).unwrap();
    assert_eq!(Vec::<String>::new(), config.warnings);
    assert_eq!(
        Some("correct horse "),
        postgres(Ok(config)).password.as_deref()
    );

    let config = Given {
        flags: &["--database", URL],
        env: &[("VESTIBULE_DATABASE_PASSWORD", "correct horse")],
        ..Given::default()
    };
    let config = config.resolve().unwrap();
    assert_eq!(Vec::<String>::new(), config.warnings);
    assert!(!format!("{config:?}").contains("horse"));
    assert_eq!(
        Some("correct horse"),
        postgres(Ok(config)).password.as_deref()
    );
}

#[test]
fn a_password_that_others_can_see_is_warned_of() {
    let file = password_file("secret", 0o644);
    let path = file.path().to_str().unwrap();
    for (flags, warning) in [
        (
            ["--database-password-file", path],
            "holds the password of the database and others may read it; chmod 600 it",
        ),
        (
            ["--database-password", "secret"],
            "every user of this machine can see the password in --database-password; put it into a \
             file and name that with --database-password-file",
        ),
    ] {
        let config = from_flags(&[&["--database", URL][..], &flags].concat()).unwrap();
        assert_eq!(1, config.warnings.len(), "{:?}", config.warnings);
        assert!(
            config.warnings[0].contains(warning),
            "{:?}",
            config.warnings
        );
    }
    let config = from_flags(&["--database", "postgres://shop:secret@db.example.com/shop"]).unwrap();
    assert!(config.warnings[0].contains("the password in --database;"));
    assert!(!config.warnings[0].contains("secret"));
}

#[test]
fn a_file_without_a_password_is_refused() {
    for none in ["", "\n", "two\nlines\n"] {
        let file = password_file(none, 0o600);
        let path = file.path().to_str().unwrap();
        refused(
            "--database-password-file must be a file with one line, the password of the database",
            from_flags(&["--database", URL, "--database-password-file", path]),
        );
    }
    refused(
        "VESTIBULE_DATABASE_PASSWORD_FILE names the file there-is-none, which cannot be read: No such file \
         or directory (os error 2)",
        Given {
            flags: &["--database", URL],
            env: &[("VESTIBULE_DATABASE_PASSWORD_FILE", "there-is-none")],
            ..Given::default()
        }
        .resolve(),
    );
}

#[test]
fn the_password_is_said_once() {
    for (url, flags, words) in [
        (
            "postgres://shop:secret@db/shop",
            &["--database-password", "secret"][..],
            "--database and --database-password do not go together",
        ),
        (
            "postgres://db/shop?user=shop&password=secret",
            &["--database-password-file", "a-file"],
            "--database and --database-password-file do not go together",
        ),
        (
            URL,
            &[
                "--database-password",
                "secret",
                "--database-password-file",
                "a-file",
            ],
            "--database-password and --database-password-file do not go together",
        ),
    ] {
        let flags = [&["--database", url][..], flags].concat();
        let error = from_flags(&flags).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
