//! What is allowed, and still most likely a mistake.

use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path};

use vestibule_core::Prepared;
use vestibule_http::IpNet;
use vestibule_model::Settings;

use crate::config::{Config, MailConfig};

/// Warns when passwords and tokens would cross a network in the clear.
pub(crate) fn unprotected_network(address: SocketAddr, proxies: &[IpNet]) -> Option<String> {
    (!address.ip().is_loopback() && proxies.is_empty()).then(|| {
        format!(
            "listening on {address} without TLS: passwords and tokens can be read on the way; put \
             a proxy that speaks TLS in front and name it with --trusted-proxy"
        )
    })
}

/// Warns when other users of the machine can look into the data folder. One that we make is
/// closed to them.
pub(crate) fn open_folder(data: &Path) -> Option<String> {
    let mode = fs::metadata(data).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let data = data.display();
        format!("other users can look into the data folder {data}; chmod 700 it")
    })
}

/// Warns when mails leave this machine and their links do not.
pub(crate) fn links_that_lead_nowhere(config: &Config) -> Option<String> {
    let sends = matches!(config.mail, MailConfig::Smtp { .. });
    (sends && config.public_url.is_none()).then(|| {
        "links in mails lead to the address that this server listens on; say with --public-url how \
         users reach it"
            .to_owned()
    })
}

/// Warns when people would set passwords on a page that others on the way can read.
pub(crate) fn links_in_the_clear(config: &Config) -> Option<String> {
    let sends = matches!(config.mail, MailConfig::Smtp { .. });
    let url = config.public_url.as_deref()?;
    (sends && !url.starts_with("https://")).then(|| {
        format!(
            "links in mails begin with {url}, without TLS: new passwords can be read on the way; let \
             --public-url begin with https:// and put a proxy that speaks TLS in front"
        )
    })
}

/// Warns when a profile was chosen that changes nothing any more.
pub(crate) fn late_profile(
    config: &Config,
    prepared: &Prepared,
    settings: &Settings,
) -> Option<String> {
    let late = config.profile_chosen && !prepared.first_start;
    (late && Settings::of(config.app.profile) != *settings).then(|| {
        "the profile counts on the first start only, and this app has had it; change its settings \
         with the admin API"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use vestibule_model::Profile;

    use super::*;
    use crate::{cli, config::Environment};

    fn config(arguments: &[&str]) -> Config {
        let arguments = [&["vestibule"], arguments].concat();
        let flags = cli::command().try_get_matches_from(arguments).unwrap();
        Config::read(&flags, &Environment::new()).unwrap()
    }

    #[test]
    fn only_a_network_without_a_proxy_is_warned_of() {
        let proxy = ["10.0.0.7/32".parse().unwrap()];
        for (address, proxies, warned) in [
            ("127.0.0.1:9000", &[][..], false),
            ("[::1]:9000", &[], false),
            ("0.0.0.0:9000", &[], true),
            ("0.0.0.0:9000", &proxy, false),
        ] {
            let warning = unprotected_network(address.parse().unwrap(), proxies);
            assert_eq!(warned, warning.is_some(), "{address}");
        }
    }

    #[test]
    fn links_are_warned_of_that_lead_nowhere_or_can_be_read_on_the_way() {
        let smtp = [
            "--mail-smtp",
            "smtps://mail.example.com",
            "--mail-from",
            "shop@example.com",
        ];
        let folder = ["--mail-folder", "mails"];
        for (mail, url, nowhere, in_the_clear) in [
            (&smtp[..], None, true, false),
            (&smtp, Some("http://shop.example.com"), false, true),
            (&smtp, Some("https://shop.example.com"), false, false),
            (&folder, None, false, false),
            (&folder, Some("http://shop.example.com"), false, false),
        ] {
            let url = url.map(|url| ["--public-url", url]);
            let arguments = [mail, url.as_ref().map_or(&[][..], |url| url)].concat();
            let config = config(&arguments);
            let warned = links_that_lead_nowhere(&config).is_some();
            assert_eq!(nowhere, warned, "{arguments:?}");
            assert_eq!(
                in_the_clear,
                links_in_the_clear(&config).is_some(),
                "{arguments:?}"
            );
        }
    }

    #[test]
    fn a_profile_is_warned_of_when_it_comes_too_late_and_differs() {
        let chosen = config(&["--profile", "backendless"]);
        let strict = Settings::of(Profile::Strict);
        let (first, later) = (true, false);
        for (config, first_start, settings, warned) in [
            (&chosen, first, Settings::of(Profile::Backendless), false),
            (&chosen, later, Settings::of(Profile::Backendless), false),
            (&chosen, later, strict.clone(), true),
            (&config(&[]), later, strict, false),
        ] {
            let prepared = Prepared {
                first_start,
                ..Prepared::default()
            };
            assert_eq!(warned, late_profile(config, &prepared, &settings).is_some());
        }
    }

    #[test]
    fn a_folder_that_others_can_look_into_is_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        for (mode, warned) in [(0o700, false), (0o750, true), (0o755, true)] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(warned, open_folder(folder.path()).is_some(), "{mode:o}");
        }
    }
}
