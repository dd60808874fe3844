//! How mails go out, and what links in them begin with.

use super::*;
use crate::config::MailConfig;

const SMTP: [&str; 2] = ["--mail-smtp", "smtps://mail.example.com"];
const FROM: [&str; 2] = ["--mail-from", "Shop <no-reply@example.com>"];
const FOLDER: [&str; 2] = ["--mail-folder", "mails"];
const USER: [&str; 2] = ["--mail-smtp-user", "shop"];
const PASSWORD: [&str; 2] = ["--mail-smtp-password", "hunter2"];

fn given(flags: &[[&'static str; 2]]) -> Result<Config, ConfigError> {
    from_flags(&flags.concat())
}

#[test]
fn mail_is_off_until_a_server_or_a_folder_is_named() {
    assert_eq!(MailConfig::Off, given(&[]).unwrap().mail);
    let folder = given(&[FOLDER]).unwrap().mail;
    assert!(matches!(folder, MailConfig::Folder { folder, .. } if folder == Path::new("mails")));
    let MailConfig::Smtp { address, login, .. } =
        given(&[SMTP, FROM, USER, PASSWORD]).unwrap().mail
    else {
        panic!("a server was named");
    };
    assert_eq!("smtps://mail.example.com:465", address.to_string());
    assert!(login.is_some_and(|login| login.user == "shop" && login.password == "hunter2"));
}

#[test]
fn the_password_may_come_from_the_environment_or_the_file() {
    let config = Given {
        env: &[("VESTIBULE_MAIL_SMTP_PASSWORD", "hunter2")],
        file: r#"
            mail_smtp = "smtp://mail.example.com"
            mail_smtp_user = "shop"
            mail_from = "no-reply@example.com"
        "#,
        ..Given::default()
    };
    let mail = config.resolve().unwrap().mail;
    assert!(matches!(&mail, MailConfig::Smtp { login: Some(_), .. }));
    assert!(!format!("{mail:?}").contains("hunter2"));
}

#[test]
fn what_contradicts_itself_is_refused_and_says_what_to_do() {
    refused(
        "--mail-smtp and --mail-folder do not go together: mails go to a server or into a folder; \
         leave one of them out",
        given(&[SMTP, FROM, FOLDER]),
    );
    refused(
        "--mail-smtp is of no use without --mail-from (VESTIBULE_MAIL_FROM); give both",
        given(&[SMTP]),
    );
    refused(
        "--mail-smtp-user is of no use without --mail-smtp-password \
         (VESTIBULE_MAIL_SMTP_PASSWORD); give both",
        given(&[SMTP, FROM, USER]),
    );
    refused(
        "--mail-smtp-password is of no use without --mail-smtp-user (VESTIBULE_MAIL_SMTP_USER); \
         give both",
        given(&[SMTP, FROM, PASSWORD]),
    );
    for alone in [USER, PASSWORD, FROM] {
        let flag = alone[0];
        refused(
            &format!("{flag} is of no use without --mail-smtp (VESTIBULE_MAIL_SMTP); give both"),
            given(&[alone]),
        );
    }
    let open = ["--mail-smtp", "smtp-plain://mail.example.com"];
    refused(
        "--mail-smtp-password and --mail-smtp do not go together: without TLS the password could \
         be read on the way; use smtps:// or smtp://, or a server that wants no password",
        given(&[open, FROM, USER, PASSWORD]),
    );
}

#[test]
fn what_is_no_server_or_no_address_is_refused_without_being_repeated() {
    let secret = ["--mail-smtp", "smtps://shop:hunter2@mail.example.com"];
    refused(
        "--mail-smtp must be a URL without user and password, which have settings of their own",
        given(&[secret, FROM]),
    );
    refused(
        "--mail-from must be an address, as in no-reply@example.com or Shop <no-reply@example.com>",
        given(&[SMTP, ["--mail-from", "the shop"]]),
    );
    refused(
        "--mail-folder must be a path, and is empty",
        given(&[["--mail-folder", ""]]),
    );
}

#[test]
fn the_public_url_is_a_url_without_a_query() {
    let url = |url| given(&[["--public-url", url]]).map(|config| config.public_url);
    assert_eq!(None, given(&[]).unwrap().public_url);
    for (text, read) in [
        ("https://app.example.com", "https://app.example.com"),
        ("https://example.com/users/", "https://example.com/users"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ] {
        assert_eq!(Some(read.to_owned()), url(text).unwrap());
    }
    for text in [
        "",
        "app.example.com",
        "ftp://a",
        "https://",
        "https://a?b",
        "https://a b",
        "https://a\"b",
    ] {
        refused(
            "--public-url must be a URL without a query, as in https://app.example.com, up to 200 \
             characters",
            given(&[["--public-url", text]]),
        );
    }
}
