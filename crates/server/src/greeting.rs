//! What the server says when it is ready, on standard output.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use vestibule_core::{ListedHandler, Prepared};
use vestibule_model::{KeyKind, PermissionBase, Profile, Settings};
use vestibule_storage::App;

use crate::{admin_token::AdminToken, config::MailConfig, handlers};

/// The start-up text. It shows what is public anyway, and where the rest is kept.
pub(crate) struct Greeting<'a> {
    /// What the program is called, for the commands in the text.
    pub(crate) program: &'a str,
    pub(crate) address: SocketAddr,
    pub(crate) app: &'a App,
    pub(crate) settings: &'a Settings,
    pub(crate) handlers: &'a [ListedHandler],
    /// Where the database is, if it is one that servers share.
    pub(crate) database: Option<&'a str>,
    pub(crate) data: &'a Path,
    pub(crate) mail: &'a MailConfig,
    /// What links in mails begin with.
    pub(crate) public_url: &'a str,
    pub(crate) admin_token: &'a AdminToken,
    pub(crate) prepared: &'a Prepared,
}

impl fmt::Display for Greeting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app_id = &self.app.id;
        let key_js = self.app.key(KeyKind::Js).unwrap_or_default();
        writeln!(f, "vestibule {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(f, "listening on http://{}", self.address)?;
        writeln!(f)?;
        let mut line = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:13}{value}");
        line("app id", app_id)?;
        line("JS key", &key_js)?;
        line("BL key", &self.cloudcode())?;
        line("profile", &profile(self.settings))?;
        let count = handlers::count(self.handlers);
        line(
            "handlers",
            &format_args!("{count}; `{} handlers` lists them", self.program),
        )?;
        match self.database {
            None => line("data", &self.data.display())?,
            Some(database) => {
                let files = self.data.display();
                let data = format_args!("PostgreSQL, {database}; files of this server in {files}");
                line("data", &data)?;
            }
        }
        let links = self.public_url;
        match self.mail {
            MailConfig::Off => line(
                "mail",
                &"off: no forgotten password is restored (5050), and nobody gets a mail to confirm an \
                  address; --mail-smtp sets it up",
            )?,
            MailConfig::Folder { folder, .. } => line(
                "mail",
                &format_args!(
                    "as files in {}; its links begin with {links}",
                    folder.display()
                ),
            )?,
            MailConfig::Smtp { address, .. } => line(
                "mail",
                &format_args!("by {address}; its links begin with {links}"),
            )?,
        }
        match self.admin_token {
            AdminToken::In(file) => line("admin token", &format_args!("in {}", file.display()))?,
            AdminToken::Given => line(
                "admin token",
                &"known to you alone; --admin-token sets another",
            )?,
            AdminToken::Elsewhere => line(
                "admin token",
                &"was made on the first start, by the server that made the app, and is in its data \
                  folder, unless it was given; --admin-token sets another for all servers",
            )?,
        }
        if !self.prepared.replaced.is_empty() {
            let replaced = replaced(&self.prepared.replaced);
            line(
                "replaced",
                &format_args!("{replaced}; what was stored before counts no longer"),
            )?;
        }
        writeln!(f)?;
        writeln!(f, "log a guest in:")?;
        let host = reachable(self.address);
        writeln!(
            f,
            "  curl -X POST http://{host}/{app_id}/{key_js}/users/register/guest"
        )
    }
}

impl Greeting<'_> {
    fn cloudcode(&self) -> &'static str {
        match self.app.key(KeyKind::Bl) {
            Some(key) if !key.is_empty() => {
                "on: whoever has it can log users in without their passwords"
            }
            _ => "off: no outside server can log users in by objectId; --key-cloudcode sets one",
        }
    }
}

/// The profile that the settings are those of, if any, and what the settings mean: a profile counts
/// on the first start, and whoever changes a setting afterwards is to see it here.
fn profile(settings: &Settings) -> String {
    let rows = match settings.permissions.base {
        PermissionBase::Own => {
            "anybody may register and log in, guests and users reach what they own, and permissions \
             grant more"
        }
        PermissionBase::Everything => "everything is granted unless a permission denies it",
    };
    let columns = if settings.schema.dynamic {
        "unknown tables and columns are made on the way"
    } else {
        "unknown tables and columns are not made"
    };
    let lock = match settings.login.lock_after_failed_logins {
        0 => "failed logins lock no account".to_owned(),
        1 => "a failed login locks an account".to_owned(),
        failures => format!("{failures} failed logins lock an account"),
    };
    let name = [
        (Profile::Strict, "strict"),
        (Profile::Backendless, "backendless"),
    ]
    .into_iter()
    .find(|(profile, _)| Settings::of(*profile) == *settings)
    .map_or("of your own", |(_, name)| name);
    format!("{name}: {rows}; {columns}; {lock}")
}

/// The parts of the app that were replaced; what is no id and no token is a key, by its kind.
fn replaced(parts: &[&str]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| match KeyKind::from_name(part) {
            Some(kind) => format!("{} key", kind.as_str()),
            None => (*part).to_owned(),
        })
        .collect();
    parts.join(", ")
}

/// An address that can be called: "all addresses of this machine" cannot, everywhere.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use expect_test::expect;

    use super::*;

    fn app() -> App {
        let key = |kind, key: &str| (kind, key.to_owned());
        App {
            id: "5E1F0A61-0000-4000-8000-00000000A99D".to_owned(),
            keys: vec![
                key(KeyKind::Js, "5E1F0A61-0000-4000-8000-0000000000A1"),
                key(KeyKind::Rest, "the-key-of-rest-clients"),
                key(KeyKind::Bl, "the-key-of-trusted-servers"),
            ],
            admin_token_hash: [0; 32],
        }
    }

    fn greeting(settings: &Settings, admin_token: &AdminToken, prepared: &Prepared) -> String {
        Greeting {
            program: "vestibule",
            address: ([0, 0, 0, 0], 9000).into(),
            app: &app(),
            settings,
            handlers: &[],
            database: None,
            data: Path::new("/var/lib/vestibule"),
            mail: &MailConfig::Off,
            public_url: "http://127.0.0.1:9000",
            admin_token,
            prepared,
        }
        .to_string()
    }

    #[test]
    fn a_first_start_shows_all_that_a_newcomer_needs_and_no_secret() {
        let token = AdminToken::In(PathBuf::from("/var/lib/vestibule/admin-token"));
        let text = greeting(&Settings::of(Profile::Strict), &token, &Prepared::default());
        expect![[r#"
            vestibule 0.1.0
            listening on http://0.0.0.0:9000

              app id       5E1F0A61-0000-4000-8000-00000000A99D
              JS key       5E1F0A61-0000-4000-8000-0000000000A1
              BL key       on: whoever has it can log users in without their passwords
              profile      strict: anybody may register and log in, guests and users reach what they own, and permissions grant more; unknown tables and columns are not made; 10 failed logins lock an account
              handlers     0 handlers from 0 crates; `vestibule handlers` lists them
              data         /var/lib/vestibule
              mail         off: no forgotten password is restored (5050), and nobody gets a mail to confirm an address; --mail-smtp sets it up
              admin token  in /var/lib/vestibule/admin-token

            log a guest in:
              curl -X POST http://127.0.0.1:9000/5E1F0A61-0000-4000-8000-00000000A99D/5E1F0A61-0000-4000-8000-0000000000A1/users/register/guest
        "#]].assert_eq(&text);
    }

    #[test]
    fn a_server_on_a_shared_database_says_where_the_data_and_the_token_are() {
        let text = Greeting {
            program: "vestibule",
            address: ([127, 0, 0, 1], 9000).into(),
            app: &app(),
            settings: &Settings::of(Profile::Strict),
            handlers: &[],
            database: Some("shop on db.example.com"),
            data: Path::new("/var/lib/vestibule"),
            mail: &MailConfig::Off,
            public_url: "http://127.0.0.1:9000",
            admin_token: &AdminToken::Elsewhere,
            prepared: &Prepared::default(),
        };
        let text = text.to_string();
        for line in [
            "  data         PostgreSQL, shop on db.example.com; files of this server in /var/lib/vestibule\n",
            "  admin token  was made on the first start, by the server that made the app, and is in its data \
             folder, unless it was given; --admin-token sets another for all servers\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn what_was_replaced_is_announced() {
        let prepared = Prepared {
            replaced: vec!["app id", "JS", "BL", "admin token"],
            ..Prepared::default()
        };
        let text = greeting(
            &Settings::of(Profile::Backendless),
            &AdminToken::Given,
            &prepared,
        );
        expect![[r#"
            vestibule 0.1.0
            listening on http://0.0.0.0:9000

              app id       5E1F0A61-0000-4000-8000-00000000A99D
              JS key       5E1F0A61-0000-4000-8000-0000000000A1
              BL key       on: whoever has it can log users in without their passwords
              profile      backendless: everything is granted unless a permission denies it; unknown tables and columns are made on the way; failed logins lock no account
              handlers     0 handlers from 0 crates; `vestibule handlers` lists them
              data         /var/lib/vestibule
              mail         off: no forgotten password is restored (5050), and nobody gets a mail to confirm an address; --mail-smtp sets it up
              admin token  known to you alone; --admin-token sets another
              replaced     app id, JS key, BL key, admin token; what was stored before counts no longer

            log a guest in:
              curl -X POST http://127.0.0.1:9000/5E1F0A61-0000-4000-8000-00000000A99D/5E1F0A61-0000-4000-8000-0000000000A1/users/register/guest
        "#]].assert_eq(&text);
    }

    #[test]
    fn settings_that_were_changed_are_of_no_profile_and_say_what_they_mean_now() {
        let mut settings = Settings::of(Profile::Strict);
        settings.permissions.base = PermissionBase::Everything;
        settings.login.lock_after_failed_logins = 1;
        assert_eq!(
            "of your own: everything is granted unless a permission denies it; unknown tables and \
             columns are not made; a failed login locks an account",
            profile(&settings)
        );
    }
}
