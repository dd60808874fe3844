use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};

/// How many leading bits of their addresses make two guests neighbours, who share one quota.
///
/// An IPv4 /24 and an IPv6 /56 (the size that RIPE-690 recommends for homes) until somebody says
/// otherwise. The server says what `--guest-prefix-v4` and `--guest-prefix-v6` ask for; a test says
/// it to its kit:
///
/// ```
/// use guest_limits::PrefixLengths;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let kit = vestibule_testkit::TestKit::with::<guest_limits::limit_guests>().start().await;
/// kit.state::<PrefixLengths>().set(32, 64); // each IPv4 address counts by itself
/// # }
/// ```
#[derive(Debug)]
pub struct PrefixLengths {
    v4: AtomicU8,
    v6: AtomicU8,
}

impl Default for PrefixLengths {
    fn default() -> Self {
        Self {
            v4: AtomicU8::new(24),
            v6: AtomicU8::new(56),
        }
    }
}

impl PrefixLengths {
    /// Sets both, from the next guest on. An address has no more bits than it has: more mean all.
    pub fn set(&self, v4: u8, v6: u8) {
        self.v4.store(v4, Relaxed);
        self.v6.store(v6, Relaxed);
    }
}

/// A neighbourhood of addresses: what one customer of a provider can usually call its own. It is
/// kept as its first address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Prefix(IpAddr);

impl Prefix {
    pub(crate) fn of(address: IpAddr, lengths: &PrefixLengths) -> Self {
        // An IPv4 address may come in the clothes of an IPv6 one; it is the same neighbour.
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => {
                let host = u32::MAX.checked_shr(lengths.v4.load(Relaxed).into());
                Ipv4Addr::from_bits(v4.to_bits() & !host.unwrap_or(0)).into()
            }
            IpAddr::V6(v6) => {
                let host = u128::MAX.checked_shr(lengths.v6.load(Relaxed).into());
                Ipv6Addr::from_bits(v6.to_bits() & !host.unwrap_or(0)).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(address: &str) -> Prefix {
        Prefix::of(address.parse().unwrap(), &PrefixLengths::default())
    }

    #[test]
    fn neighbours_share_a_prefix() {
        assert_eq!(prefix("192.0.2.1"), prefix("192.0.2.254"));
        assert_eq!(prefix("2001:db8:0:1100::1"), prefix("2001:db8:0:11ff::9"));
        assert_eq!(prefix("192.0.2.1"), prefix("::ffff:192.0.2.1"));
    }

    #[test]
    fn strangers_do_not() {
        assert_ne!(prefix("192.0.2.1"), prefix("192.0.3.1"));
        assert_ne!(prefix("2001:db8:0:1100::1"), prefix("2001:db8:0:1200::1"));
        assert_ne!(prefix("0.0.0.1"), prefix("::1"));
    }

    #[test]
    fn the_lengths_say_who_is_a_neighbour() {
        let lengths = PrefixLengths::default();
        let same = |one: &str, other: &str| {
            let of = |address: &str| Prefix::of(address.parse().unwrap(), &lengths);
            of(one) == of(other)
        };
        lengths.set(16, 64);
        assert!(same("192.0.2.1", "192.0.3.1"));
        assert!(!same("192.0.2.1", "192.1.2.1"));
        assert!(!same("2001:db8:0:1100::1", "2001:db8:0:1101::1"));
        for all in [(32, 128), (255, 255)] {
            lengths.set(all.0, all.1);
            assert!(!same("192.0.2.1", "192.0.2.2") && !same("2001:db8::1", "2001:db8::2"));
            assert!(same("192.0.2.1", "192.0.2.1"));
        }
        lengths.set(0, 0);
        assert!(same("192.0.2.1", "7.7.7.7") && same("2001:db8::1", "fd00::1"));
        assert!(!same("192.0.2.1", "2001:db8::1"));
    }
}
