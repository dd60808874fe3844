//! Every setting of the process, once: its name, what it is for, and what it is without being set.

use clap::{Arg, ArgAction};

/// One setting of the process. Its flag, its environment variable and its key in the file are one
/// name in three spellings: `--key-js`, `VESTIBULE_KEY_JS`, `key_js`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The name as a flag, without the dashes in front.
    pub(crate) flag: &'static str,
    value: &'static str,
    heading: &'static str,
    help: &'static str,
    /// The value that counts when nobody says anything.
    pub(crate) default: Option<&'static str>,
    /// What happens when nobody says anything, where that is not a value.
    otherwise: Option<&'static str>,
    /// Whether it may be given several times.
    pub(crate) list: bool,
}

const NETWORK: &str = "Network";
const DATA: &str = "Data";
const POSTGRES: &str = "PostgreSQL: only with a --database of this kind";
const MAIL: &str = "Mail: without it no forgotten password is restored";
const APP: &str = "The app: stored on the first start, replaced when given anew";
const PROCESS: &str = "Process";

impl Setting {
    const fn new(flag: &'static str, value: &'static str, heading: &'static str) -> Self {
        Self {
            flag,
            value,
            heading,
            help: "",
            default: None,
            otherwise: None,
            list: false,
        }
    }

    const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn otherwise(mut self, otherwise: &'static str) -> Self {
        self.otherwise = Some(otherwise);
        self
    }

    const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// The name in `vestibule.toml`.
    pub(crate) fn key(&self) -> String {
        self.flag.replace('-', "_")
    }

    /// Whether its value is a whole number, which the file may have without quotes.
    pub(crate) fn is_number(&self) -> bool {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        self.default.is_some_and(digits)
    }

    /// The name in the environment.
    pub(crate) fn variable(&self) -> String {
        format!("VESTIBULE_{}", self.key().to_uppercase())
    }

    /// The setting as an argument of the program, before and after a command's name.
    pub(crate) fn arg(&self) -> Arg {
        let default = self.default.or(self.otherwise);
        let default = default.map(|default| format!(", default: {default}"));
        let default = default.unwrap_or_default();
        let help = format!("{}\n[env: {}{default}]", self.help, self.variable());
        Arg::new(self.flag)
            .long(self.flag)
            .value_name(self.value)
            .help_heading(self.heading)
            .help(help)
            .global(true)
            .action(if self.list {
                ArgAction::Append
            } else {
                ArgAction::Set
            })
    }
}

pub(crate) static LISTEN: Setting = Setting::new("listen", "ADDRESS", NETWORK)
    .help("Address and port to listen on; port 0 takes any free one")
    .default("127.0.0.1:9000");

pub(crate) static TRUSTED_PROXY: Setting = Setting::new("trusted-proxy", "NETWORK", NETWORK)
    .help(
        "Proxy whose word on a client's address counts, or a network of them;\n\
         may be repeated, or be a list with commas",
    )
    .list();

pub(crate) static GUEST_PREFIX_V4: Setting = Setting::new("guest-prefix-v4", "BITS", NETWORK)
    .help(
        "Leading bits of an IPv4 address whose guests share one quota, the setting\n\
         guests.perAddressPerMinute of the app",
    )
    .default("24");

pub(crate) static GUEST_PREFIX_V6: Setting = Setting::new("guest-prefix-v6", "BITS", NETWORK)
    .help("The same of an IPv6 address")
    .default("56");

pub(crate) static PAGES: Setting = Setting::new("pages", "FOLDER", NETWORK)
    .help("Folder with the app's static pages, served under /pages/")
    .otherwise("none are served");

pub(crate) static PUBLIC_URL: Setting = Setting::new("public-url", "URL", NETWORK)
    .help("How users reach this server: what links in mails begin with")
    .otherwise("http:// and the address it listens on");

pub(crate) static MAIL_SMTP: Setting = Setting::new("mail-smtp", "URL", MAIL)
    .help(
        "Server that mails are sent by: smtps://HOST (TLS, port 465), smtp://HOST\n\
         (STARTTLS, port 587) or smtp-plain://HOST (no TLS, port 25)",
    )
    .otherwise("mail is off");

pub(crate) static MAIL_SMTP_USER: Setting = Setting::new("mail-smtp-user", "NAME", MAIL)
    .help("Name that the server wants to see")
    .otherwise("none");

pub(crate) static MAIL_SMTP_PASSWORD: Setting =
    Setting::new("mail-smtp-password", "PASSWORD", MAIL)
        .help("Password that belongs to it")
        .otherwise("none");

pub(crate) static MAIL_FOLDER: Setting = Setting::new("mail-folder", "FOLDER", MAIL)
    .help("Folder that mails are written into as .eml files, for development")
    .otherwise("mail is off");

pub(crate) static MAIL_FROM: Setting = Setting::new("mail-from", "ADDRESS", MAIL)
    .help("Whom mails come from: no-reply@example.com or Shop <no-reply@example.com>")
    .otherwise("vestibule@localhost, and with a server it must be given");

pub(crate) static DATA_FOLDER: Setting = Setting::new("data", "FOLDER", DATA)
    .help("Folder for the files of this server; with SQLite, that is everything")
    .default("./vestibule-data");

pub(crate) static DATABASE: Setting = Setting::new("database", "DATABASE", DATA)
    .help(
        "Database to use: sqlite, in the data folder, or a PostgreSQL that any number of\n\
         servers share, postgres://USER@HOST:PORT/DATABASE",
    )
    .default("sqlite");

pub(crate) static DATABASE_PASSWORD: Setting =
    Setting::new("database-password", "PASSWORD", POSTGRES)
        .help("Password of the user in the URL; better kept in the variable or in a file")
        .otherwise("none");

pub(crate) static DATABASE_PASSWORD_FILE: Setting =
    Setting::new("database-password-file", "FILE", POSTGRES)
        .help("File with that password")
        .otherwise("none");

pub(crate) static DATABASE_CA_FILE: Setting = Setting::new("database-ca-file", "FILE", POSTGRES)
    .help("File with the certificates (PEM) of those who vouch for the database")
    .otherwise("the well-known ones");

pub(crate) static DATABASE_CONNECTIONS: Setting =
    Setting::new("database-connections", "NUMBER", POSTGRES)
        .help("Connections of this server at most, beside one that listens for changes")
        .default("16");

pub(crate) static DATABASE_STATEMENT_TIMEOUT: Setting =
    Setting::new("database-statement-timeout", "SECONDS", POSTGRES)
        .help("How long one statement may take")
        .default("10");

pub(crate) static DATABASE_LOCK_TIMEOUT: Setting =
    Setting::new("database-lock-timeout", "SECONDS", POSTGRES)
        .help("How long a statement waits for what somebody else has locked")
        .default("5");

pub(crate) static PROFILE: Setting = Setting::new("profile", "PROFILE", APP)
    .help(
        "Settings of a new app: strict (own records only, tables and columns are fixed) or\n\
         backendless (everything is granted, a save makes the table and the columns that\n\
         are missing); counts on the first start only",
    )
    .default("strict");

pub(crate) static ADMIN_TOKEN: Setting = Setting::new("admin-token", "TOKEN", APP)
    .help("Bearer token of the admin API")
    .otherwise("made, and kept in the file admin-token in the data folder");

pub(crate) static APP_ID: Setting = Setting::new("app-id", "ID", APP)
    .help("Id of the app, part of every URL")
    .otherwise("made");

pub(crate) static KEY_JS: Setting = Setting::new("key-js", "KEY", APP)
    .help("API key of browsers and Node")
    .otherwise("made");

pub(crate) static KEY_REST: Setting = Setting::new("key-rest", "KEY", APP)
    .help("API key of whoever speaks HTTP")
    .otherwise("made");

pub(crate) static KEY_ANDROID: Setting = Setting::new("key-android", "KEY", APP)
    .help("API key of Android apps")
    .otherwise("made");

pub(crate) static KEY_IOS: Setting = Setting::new("key-ios", "KEY", APP)
    .help("API key of iOS apps")
    .otherwise("made");

pub(crate) static KEY_CLOUDCODE: Setting = Setting::new("key-cloudcode", "KEY", APP)
    .help(
        "API key of trusted servers, the CodeRunner (BL) key: whoever has it logs users\n\
         in without their passwords; `off` switches a stored one off",
    )
    .otherwise("off");

pub(crate) static CONFIG: Setting = Setting::new("config", "FILE", PROCESS)
    .help("File with settings, in TOML")
    .otherwise("./vestibule.toml, if there is one");

pub(crate) static LOG: Setting = Setting::new("log", "FILTER", PROCESS)
    .help("What to log on standard error: error, warn, info, debug or trace, also by module")
    // The migrations say for themselves what they did.
    .default("info,refinery_core=warn");

pub(crate) static OTLP_ENDPOINT: Setting = Setting::new("otlp-endpoint", "URL", PROCESS)
    .help(
        "Collector of OpenTelemetry that gets a span of each request and handler, as in\n\
         http://127.0.0.1:4318; for servers that are built with the feature otlp",
    )
    .otherwise("no traces are sent");

/// Every setting, in the order of the help.
pub(crate) static ALL: [&Setting; 30] = [
    &LISTEN,
    &TRUSTED_PROXY,
    &GUEST_PREFIX_V4,
    &GUEST_PREFIX_V6,
    &PAGES,
    &PUBLIC_URL,
    &MAIL_SMTP,
    &MAIL_SMTP_USER,
    &MAIL_SMTP_PASSWORD,
    &MAIL_FOLDER,
    &MAIL_FROM,
    &DATA_FOLDER,
    &DATABASE,
    &DATABASE_PASSWORD,
    &DATABASE_PASSWORD_FILE,
    &DATABASE_CA_FILE,
    &DATABASE_CONNECTIONS,
    &DATABASE_STATEMENT_TIMEOUT,
    &DATABASE_LOCK_TIMEOUT,
    &PROFILE,
    &ADMIN_TOKEN,
    &APP_ID,
    &KEY_JS,
    &KEY_REST,
    &KEY_ANDROID,
    &KEY_IOS,
    &KEY_CLOUDCODE,
    &CONFIG,
    &LOG,
    &OTLP_ENDPOINT,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_one_name_in_three_spellings() {
        assert_eq!("key-cloudcode", KEY_CLOUDCODE.flag);
        assert_eq!("key_cloudcode", KEY_CLOUDCODE.key());
        assert_eq!("VESTIBULE_KEY_CLOUDCODE", KEY_CLOUDCODE.variable());
    }
}
