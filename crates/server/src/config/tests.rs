mod database;
mod file;
mod mail;
mod secrets;

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
    assert_eq!(Profile::Strict, config.app.profile);
    assert_eq!((24, 56), config.guest_prefixes);
    assert!(!config.profile_chosen);
    assert!(config.app.id.is_none() && config.app.keys.is_empty());
    assert!(config.trusted_proxies.is_empty() && config.warnings.is_empty());
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
    let none = from_flags(&["--trusted-proxy", ""]).unwrap();
    assert!(none.trusted_proxies.is_empty());
    refused(
        "--trusted-proxy must be addresses or networks, as in 10.0.0.7 or 10.0.0.0/8, \
         with commas between them",
        from_flags(&["--trusted-proxy", "proxy.example.com"]),
    );
}

#[test]
fn a_prefix_has_as_many_bits_as_an_address_at_most() {
    let flags = ["--guest-prefix-v4", "32", "--guest-prefix-v6", "64"];
    assert_eq!((32, 64), from_flags(&flags).unwrap().guest_prefixes);
    for wrong in ["0", "33", "/24", "many", "-1"] {
        refused(
            "--guest-prefix-v4 must be a number of bits from 1 to 32",
            from_flags(&[&format!("--guest-prefix-v4={wrong}")]),
        );
    }
    refused(
        "--guest-prefix-v6 must be a number of bits from 1 to 128",
        from_flags(&["--guest-prefix-v6", "129"]),
    );
}
