//! Who asks, as far as a connection tells.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The bits of an IPv6 address that name a network: whoever has one has as many addresses as it likes.
const NETWORK: u128 = !0 << 64;

/// Whoever is behind one address, or behind one network of IPv6. All who come through a reverse proxy are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl From<SocketAddr> for Client {
    fn from(peer: SocketAddr) -> Self {
        Client(match peer.ip().to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            address => address,
        })
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str) -> Client {
        Client::from(peer.parse::<SocketAddr>().unwrap())
    }

    #[test]
    fn a_client_is_an_address_or_a_network() {
        assert_eq!(client("192.0.2.1:80"), client("192.0.2.1:81"));
        assert_eq!(client("192.0.2.1:80"), client("[::ffff:192.0.2.1]:80"));
        assert_ne!(client("192.0.2.1:80"), client("192.0.2.2:80"));
        assert_eq!(client("[2001:db8::1]:80"), client("[2001:db8::ffff:0:0:1]:80"));
        assert_ne!(client("[2001:db8::1]:80"), client("[2001:db8:0:1::1]:80"));
        assert_eq!(client("192.0.2.1:80").to_string(), "192.0.2.1");
        assert_eq!(client("[2001:db8::1]:80").to_string(), "2001:db8::/64");
    }
}
