//! Where a request comes from: its peer, or whom trusted proxies name.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, request::Parts};
use ipnet::IpNet;

/// The one header of this kind that is read.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Headers that only a proxy sends.
const OF_PROXIES: [&str; 6] = [
    "forwarded",
    "via",
    X_FORWARDED_FOR,
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// The address of the client.
    pub(crate) ip: IpAddr,
    /// Whether it was sent on this very machine, and not handed on for somebody else.
    pub(crate) is_local: bool,
}

impl ClientAddress {
    /// The address of a request; `None` if its connection is not known, as in a test without one.
    pub(crate) fn of(parts: &Parts, trusted: &[IpNet]) -> Option<Self> {
        let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(Self::resolve(peer.ip(), &parts.headers, trusted))
    }

    /// Walks from the peer towards the client for as long as the one who tells is trusted.
    fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
        let (mut ip, mut was_told, mut unreadable) = (peer, false, false);
        for told in told_from_the_right(headers) {
            if !is_trusted(&ip) {
                break;
            }
            let Some(told) = told else {
                unreadable = true;
                break;
            };
            (ip, was_told) = (told, true);
        }
        // A proxy on this machine must not make the whole world local: neither one that nobody
        // declared, nor one that does not say, in a way we read, for whom it asks.
        let handed_on = headers
            .keys()
            .any(|name| OF_PROXIES.contains(&name.as_str()));
        let is_known = !handed_on || (was_told && !unreadable);
        let is_local = peer.is_loopback() && ip.is_loopback() && is_known;
        Self { ip, is_local }
    }
}

/// The addresses in all headers of the name, the last one first; `None` for what is no address.
fn told_from_the_right(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    lines.flat_map(|line| {
        let entries = line.to_str().unwrap_or("?").rsplit(',');
        entries.map(|entry| parse(entry.trim()))
    })
}

/// Reads `1.2.3.4`, `1.2.3.4:5`, `::1` and `[::1]:5`.
fn parse(entry: &str) -> Option<IpAddr> {
    let address = entry.parse::<IpAddr>().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = address.or_else(with_port).or_else(in_brackets);
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn resolve(peer: &str, headers: &[(&'static str, &'static str)]) -> (String, bool) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect();
        let trusted = [
            "10.0.0.0/8".parse().unwrap(),
            "127.0.0.2/32".parse().unwrap(),
        ];
        let address = ClientAddress::resolve(peer.parse().unwrap(), &headers, &trusted);
        (address.ip.to_string(), address.is_local)
    }

    #[track_caller]
    fn check(client: &str, peer: &str, forwarded_for: &'static str) {
        let (ip, _) = resolve(peer, &[(X_FORWARDED_FOR, forwarded_for)]);
        assert_eq!(client, ip);
    }

    #[test]
    fn a_stranger_is_not_believed() {
        check("8.8.8.8", "8.8.8.8", "1.1.1.1");
    }

    #[test]
    fn the_walk_ends_at_the_first_address_that_is_not_trusted() {
        check("1.1.1.1", "10.0.0.1", "1.1.1.1");
        check("9.9.9.9", "10.0.0.1", "1.1.1.1, 9.9.9.9, 10.0.0.2");
        check("10.0.0.3", "10.0.0.1", "10.0.0.3,10.0.0.2");
    }

    #[test]
    fn several_headers_are_one_list() {
        let headers = [(X_FORWARDED_FOR, "1.1.1.1"), (X_FORWARDED_FOR, "10.0.0.2")];
        assert_eq!("1.1.1.1", resolve("10.0.0.1", &headers).0);
    }

    #[test]
    fn what_is_no_address_ends_the_walk() {
        check("10.0.0.2", "10.0.0.1", "1.1.1.1, unknown, 10.0.0.2");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_understood() {
        check("1.1.1.1", "10.0.0.1", "1.1.1.1:4711");
        check("2001:db8::1", "10.0.0.1", "[2001:db8::1]:4711");
        check("2001:db8::1", "::ffff:10.0.0.1", "[2001:db8::1]");
        check("1.1.1.1", "::ffff:10.0.0.1", "::ffff:1.1.1.1");
    }

    #[test]
    fn only_who_calls_directly_from_this_machine_is_local() {
        assert!(resolve("127.0.0.1", &[]).1);
        assert!(resolve("::1", &[]).1);
        assert!(!resolve("8.8.8.8", &[]).1);
        for name in OF_PROXIES {
            assert!(!resolve("127.0.0.1", &[(name, "127.0.0.1")]).1, "{name}");
        }
    }

    #[test]
    fn through_a_trusted_proxy_the_client_decides_what_is_local() {
        assert!(!resolve("127.0.0.2", &[(X_FORWARDED_FOR, "8.8.8.8")]).1);
        assert!(resolve("127.0.0.2", &[(X_FORWARDED_FOR, "127.0.0.1")]).1);
        assert!(!resolve("10.0.0.1", &[(X_FORWARDED_FOR, "127.0.0.1")]).1);
    }

    #[test]
    fn a_trusted_proxy_that_does_not_say_for_whom_it_asks_makes_nobody_local() {
        for (name, value) in [
            ("forwarded", "for=8.8.8.8"),
            ("x-real-ip", "8.8.8.8"),
            ("via", "1.1 proxy"),
            (X_FORWARDED_FOR, ""),
            (X_FORWARDED_FOR, "unknown"),
            (X_FORWARDED_FOR, "8.8.8.8, _hidden"),
        ] {
            assert!(!resolve("127.0.0.2", &[(name, value)]).1, "{name}: {value}");
        }
    }
}
