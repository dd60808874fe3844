//! Keys, tokens and passwords.

use super::*;

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
        "--database",
        "postgres://hunter4:hunter5@db/hunter6",
    ]);
    let text = format!("{:?}", config.unwrap());
    assert!(!text.contains("hunter"), "{text}");
}
