use vestibule_model::Profile;

use super::*;
use crate::cli;

/// What the operator gives, in three places.
#[derive(Default)]
struct Given<'a> {
    flags: &'a [&'a str],
    env: &'a [(&'a str, &'a str)],
    file: &'a str,
}

impl Given<'_> {
    fn resolve(&self) -> Result<Config, ConfigError> {
        let arguments = [&["vestibule"], self.flags].concat();
        let flags = cli::command().try_get_matches_from(arguments).unwrap();
        let env = self
            .env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()));
        let file = ConfigFile::parse(Path::new("conf/vestibule.toml"), self.file)?;
        Config::resolve(&flags, &env.collect(), Some(file))
    }
}

fn from_file(file: &str) -> Result<Config, ConfigError> {
    Given {
        file,
        ..Given::default()
    }
    .resolve()
}

fn from_flags(flags: &[&str]) -> Result<Config, ConfigError> {
    Given {
        flags,
        ..Given::default()
    }
    .resolve()
}

#[track_caller]
fn refused(expected: &str, config: Result<Config, ConfigError>) {
    assert_eq!(expected, config.unwrap_err().to_string());
}

#[test]
fn the_flag_beats_the_variable_beats_the_file_beats_the_default() {
    let file = r#"listen = "127.0.0.1:3""#;
    let env = [("VESTIBULE_LISTEN", "127.0.0.1:2")];
    let flags = ["--listen", "127.0.0.1:1"];
    for (port, given) in [
        (
            1,
            Given {
                flags: &flags,
                env: &env,
                file,
            },
        ),
        (
            2,
            Given {
                flags: &[],
                env: &env,
                file,
            },
        ),
        (
            3,
            Given {
                flags: &[],
                env: &[],
                file,
            },
        ),
        (9000, Given::default()),
    ] {
        assert_eq!(port, given.resolve().unwrap().listen.port());
    }
}

#[test]
fn nothing_has_to_be_said() {
    let config = Given::default().resolve().unwrap();
    assert_eq!("127.0.0.1:9000", config.listen.to_string());
    assert_eq!(Path::new("./vestibule-data"), config.data);
    assert_eq!("info", config.log.to_string());
    assert_eq!(Profile::Strict, config.app.profile);
    assert!(!config.profile_chosen);
    assert!(config.app.id.is_none() && config.app.keys.is_empty());
    assert!(config.trusted_proxies.is_empty() && config.warnings.is_empty());
}

#[test]
fn everything_can_be_said_in_the_file() {
    let config = from_file(
        r#"
        listen = "[::1]:80"
        trusted_proxy = ["10.0.0.7", "10.1.0.0/16"]
        data = "kept"
        database = "sqlite"
        profile = "backendless"
        admin_token = "the-admin-token-0123456789"
        app_id = "my-app"
        key_js = "the-key-of-browsers"
        key_rest = "the-key-of-rest-clients"
        key_android = "the-key-of-android"
        key_ios = "the-key-of-iphones"
        key_cloudcode = "the-key-of-trusted-servers"
        log = "warn"
        "#,
    )
    .unwrap();
    assert_eq!("[::1]:80", config.listen.to_string());
    let proxies: Vec<_> = config
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(vec!["10.0.0.7/32", "10.1.0.0/16"], proxies);
    assert_eq!(Profile::Backendless, config.app.profile);
    assert_eq!(Some("my-app"), config.app.id.as_deref());
    assert_eq!(
        Some("the-admin-token-0123456789"),
        config.app.admin_token.as_deref()
    );
    let kinds: Vec<_> = config.app.keys.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(KeyKind::ALL.to_vec(), kinds);
}

#[test]
fn a_path_in_the_file_is_meant_from_the_folder_of_the_file() {
    let data = |given: Given<'_>| given.resolve().unwrap().data;
    let file = r#"data = "kept""#;
    assert_eq!(
        Path::new("conf/kept"),
        data(Given {
            file,
            ..Given::default()
        })
    );
    let flags = &["--data", "kept"];
    assert_eq!(
        Path::new("kept"),
        data(Given {
            flags,
            file,
            ..Given::default()
        })
    );
}

#[test]
fn an_unknown_key_is_refused_with_a_hint() {
    refused(
        "there is no setting key-js (conf/vestibule.toml, line 2); did you mean key_js?",
        from_file("\nkey-js = \"the-key-of-browsers\""),
    );
    refused(
        "there is no setting workers (conf/vestibule.toml, line 1); --help lists what there is",
        from_file("workers = 8"),
    );
    refused(
        "there is no setting disabled (conf/vestibule.toml, line 2); did you mean disable?",
        from_file("[handlers]\ndisabled = []"),
    );
}

#[test]
fn a_wrong_type_names_key_file_and_line() {
    refused(
        "listen (conf/vestibule.toml, line 2) must be a text in quotes, \
         as in listen = \"127.0.0.1:9000\"",
        from_file("# which port?\nlisten = 9000"),
    );
    refused(
        "handlers.disable (conf/vestibule.toml, line 2) must be a list of texts in quotes, \
         as in handlers.disable = [\"...\"]",
        from_file("[handlers]\ndisable = \"a::b\""),
    );
    refused(
        "a::b (conf/vestibule.toml, line 2) must be a whole number, as in \"a::b\" = 5",
        from_file("[handlers.order]\n\"a::b\" = \"first\""),
    );
    refused(
        "handlers (conf/vestibule.toml, line 1) must be a table, as in [handlers]",
        from_file("handlers = 3"),
    );
}

#[test]
fn what_is_no_toml_is_refused_without_showing_the_line() {
    let error = from_file("listen = \"[::1]:0\"\nadmin_token = hunter2hunter2hunter2").unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("conf/vestibule.toml is not TOML, line 2: "),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let flags = ["vestibule", "--config", "/nowhere/vestibule.toml"];
    let flags = cli::command().try_get_matches_from(flags).unwrap();
    refused(
        "the configuration file /nowhere/vestibule.toml cannot be read: \
         No such file or directory (os error 2); \
         mend the path in --config, or let this user read the file",
        Config::read(&flags, &Environment::new()),
    );
}

#[test]
fn a_complaint_names_the_place_where_the_value_was_given() {
    let expected =
        "must be an address and a port, as in 127.0.0.1:9000, 0.0.0.0:9000 or [::1]:9000";
    let file = r#"listen = "here""#;
    let env = [("VESTIBULE_LISTEN", "here")];
    refused(
        &format!("--listen {expected}"),
        from_flags(&["--listen", "here"]),
    );
    let variable = Given {
        env: &env,
        file,
        ..Given::default()
    }
    .resolve();
    refused(&format!("VESTIBULE_LISTEN {expected}"), variable);
    refused(
        &format!("listen (conf/vestibule.toml, line 1) {expected}"),
        from_file(file),
    );
}

#[test]
fn proxies_are_addresses_and_networks_repeated_or_with_commas() {
    for flags in [
        &["--trusted-proxy", "10.0.0.7,::1, fd00::/8"][..],
        &[
            "--trusted-proxy",
            "10.0.0.7",
            "--trusted-proxy",
            "::1,fd00::/8",
        ],
    ] {
        let config = from_flags(flags).unwrap();
        let proxies: Vec<_> = config
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(vec!["10.0.0.7/32", "::1/128", "fd00::/8"], proxies);
    }
    refused(
        "--trusted-proxy must be addresses or networks, as in 10.0.0.7 or 10.0.0.0/8, \
         with commas between them",
        from_flags(&["--trusted-proxy", "proxy.example.com"]),
    );
}

#[test]
fn postgres_is_refused_without_repeating_its_password() {
    refused(
        "VESTIBULE_DATABASE names a PostgreSQL database, which this version cannot use yet; \
         leave it out, and the data is kept in SQLite in the data folder (--data)",
        Given {
            env: &[("VESTIBULE_DATABASE", "postgres://me:hunter2@db/app")],
            ..Given::default()
        }
        .resolve(),
    );
}

#[test]
fn keys_that_would_not_do_are_refused_without_being_repeated() {
    let key = "16 to 128 letters, digits, `-`, `_` or `.`, beginning with a letter or a digit";
    let long = "x".repeat(129);
    for bad in [
        "",
        "short",
        "with a space in it",
        "with/a/slash/in/it",
        "..-..-..-..-..-..",
        &long,
    ] {
        refused(
            &format!("--key-js must be {key}"),
            from_flags(&["--key-js", bad]),
        );
    }
    refused(
        &format!("--key-cloudcode must be off, or {key}"),
        from_flags(&["--key-cloudcode", "guessable"]),
    );
    refused(
        "--admin-token must be 16 to 256 visible ASCII characters without spaces",
        from_flags(&["--admin-token", "short"]),
    );
    refused(
        "--app-id must be another word: this one is a path of the server's own",
        from_flags(&["--app-id", "admin"]),
    );
}

#[test]
fn off_switches_the_cloudcode_key_off_and_silence_leaves_it_alone() {
    let off = vec![(KeyKind::Bl, String::new())];
    assert_eq!(
        off,
        from_flags(&["--key-cloudcode", "off"]).unwrap().app.keys
    );
    assert!(from_flags(&[]).unwrap().app.keys.is_empty());
}

#[test]
fn two_keys_may_not_be_the_same_wherever_they_were_given() {
    refused(
        "key_js (conf/vestibule.toml, line 1) and VESTIBULE_KEY_CLOUDCODE are the same; \
         whoever knows one would have both, so choose another",
        Given {
            env: &[("VESTIBULE_KEY_CLOUDCODE", "one-key-for-everything")],
            file: r#"key_js = "one-key-for-everything""#,
            ..Given::default()
        }
        .resolve(),
    );
}

#[test]
fn secrets_are_not_in_the_debug_text() {
    let config = from_flags(&[
        "--admin-token",
        "hunter2-hunter2-hunter2",
        "--key-cloudcode",
        "hunter3-hunter3-hunter3",
    ]);
    let text = format!("{:?}", config.unwrap());
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn a_handler_that_is_not_linked_cannot_be_expected() {
    let error = from_file("expect_handlers = [\"doorman::check\"]").unwrap_err();
    assert!(matches!(&error, ConfigError::Handlers(_)), "{error}");
    assert!(error.to_string().contains("doorman::check"), "{error}");
}
