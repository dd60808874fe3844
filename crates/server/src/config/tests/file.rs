//! What stands in `vestibule.toml`.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;

#[test]
fn everything_can_be_said_in_the_file() {
    let config = from_file(
        r#"
        listen = "[::1]:80"
        trusted_proxy = ["10.0.0.7", "10.1.0.0/16"]
        guest_prefix_v4 = 32
        guest_prefix_v6 = "64"
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
    assert_eq!((32, 64), config.guest_prefixes);
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
        "there is no setting config (conf/vestibule.toml, line 1); --help lists what there is",
        from_file("config = \"another.toml\""),
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
fn a_handler_that_is_not_linked_cannot_be_expected() {
    let error = from_file("expect_handlers = [\"doorman::check\"]").unwrap_err();
    assert!(matches!(&error, ConfigError::Handlers(_)), "{error}");
    assert!(error.to_string().contains("doorman::check"), "{error}");
}

#[test]
fn a_file_with_a_secret_that_others_can_read_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.toml");
    let secret = "key_cloudcode = \"the-key-of-trusted-servers\"";
    for (text, mode, warned) in [
        (secret, 0o600, false),
        (secret, 0o640, true),
        ("listen = \"[::1]:0\"", 0o644, false),
    ] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let warning = ConfigFile::read(&path).unwrap().exposed_secrets();
        assert_eq!(warned, warning.is_some(), "{text} {mode:o}");
    }
}
