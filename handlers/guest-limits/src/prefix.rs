use std::net::IpAddr;

/// A neighbourhood of addresses: what one customer of a provider can usually call its own.
///
/// An IPv4 /24, an IPv6 /56 (the size that RIPE-690 recommends for homes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Prefix(u128);

impl Prefix {
    pub(crate) fn of(address: IpAddr) -> Self {
        // An IPv4 address may come in the clothes of an IPv6 one; it is the same neighbour.
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u128::from(v4.to_bits() >> 8)),
            // No IPv4 prefix is as large as this: the first bit of the shifted address is set apart.
            IpAddr::V6(v6) => Self((v6.to_bits() >> 72) | (1 << 127)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(address: &str) -> Prefix {
        Prefix::of(address.parse().unwrap())
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
}
