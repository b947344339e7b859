//! Which addresses may be called: those of the public Internet, and those that the operator of the service allows.
//!
//! A URL comes from a partner, and names resolve to what their owner likes, at each call anew. So it is the address that
//! a connection goes to which is looked at, not the name: see [`Connector`](super::connector::Connector).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What of the special-purpose registries of IANA (RFC 6890) is no public unicast address, and what it is.
const SPECIAL_4: &[(&str, &str)] = &[
    ("0.0.0.0/8", "this host"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared behind a provider's NAT"),
    ("127.0.0.0/8", "loopback"),
    (
        "169.254.0.0/16",
        "link-local, where clouds tell machines their secrets",
    ),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved for protocols"),
    ("192.0.2.0/24", "for documentation"),
    ("192.88.99.0/24", "reserved for relays"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "for benchmarks"),
    ("198.51.100.0/24", "for documentation"),
    ("203.0.113.0/24", "for documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
];

/// The same inside of 2000::/3, outside of which nothing is public.
const SPECIAL_6: &[(&str, &str)] = &[
    ("2001::/23", "reserved for protocols"),
    ("2001:db8::/32", "for documentation"),
    ("2002::/16", "a relay to IPv4"),
    ("3fff::/20", "for documentation"),
];

/// What may be called.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Networks that may be called though they are not public, and without encryption.
    pub allowed: Vec<IpNet>,
}

impl Network {
    /// Whether this address may be called; or else why not.
    pub fn permits(&self, address: IpAddr, encrypted: bool) -> Result<(), String> {
        let address = plain(address);
        if self.allowed.iter().any(|network| network.contains(&address)) {
            return Ok(());
        }
        let net = IpNet::from(address);
        if let Some(what) = special(address) {
            return Err(format!(
                "{address} is no public address ({what}): calls to it are refused unless --webhooks-allow {net} is given"
            ));
        }
        match encrypted {
            true => Ok(()),
            false => Err(format!(
                "calls to {address} would not be encrypted: give an https URL, or allow it with --webhooks-allow {net}"
            )),
        }
    }
}

/// An IPv4 address written as an IPv6 one is the IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What an address is that is not public; `None` if it is.
fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_4(address),
        IpAddr::V6(address) => special_6(address),
    }
}

fn special_4(address: Ipv4Addr) -> Option<&'static str> {
    among(SPECIAL_4, address.into())
}

fn special_6(address: Ipv6Addr) -> Option<&'static str> {
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() {
        // NAT64 (RFC 6052): an IPv4 address in disguise.
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        return special_4(Ipv4Addr::new(a, b, c, d));
    }
    let first = address.segments()[0];
    match first {
        0x2000..=0x3fff => among(SPECIAL_6, address.into()),
        0xfc00..=0xfdff => Some("private"),
        0xfe80..=0xfebf => Some("link-local"),
        0xff00..=0xffff => Some("multicast"),
        _ if address.is_loopback() => Some("loopback"),
        _ => Some("reserved"),
    }
}

fn among(special: &[(&str, &'static str)], address: IpAddr) -> Option<&'static str> {
    special.iter().find_map(|(network, what)| {
        let network: IpNet = network.parse().expect("the list holds networks");
        network.contains(&address).then_some(*what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(allowed: &[&str], address: &str) -> Result<(), String> {
        let allowed = allowed.iter().map(|net| net.parse().unwrap()).collect();
        Network { allowed }.permits(address.parse().unwrap(), true)
    }

    #[test]
    fn own_networks_are_refused_however_they_are_written() {
        for own in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let told = permits(&[], own).expect_err(own);
            assert!(told.contains("--webhooks-allow"), "{own}: {told}");
        }
    }

    #[test]
    fn public_addresses_are_called_encrypted() {
        for public in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2a01:e0a::1",
            "64:ff9b::101:101",
        ] {
            permits(&[], public).unwrap();
            let refused = Network::default().permits(public.parse().unwrap(), false);
            assert!(refused.unwrap_err().contains("https"), "{public}");
        }
    }

    #[test]
    fn what_is_allowed_is_called_and_its_neighbours_are_not() {
        let allowed = ["127.0.0.0/8", "fd00::/8"];
        permits(&allowed, "127.0.0.1").unwrap();
        permits(&allowed, "::ffff:127.0.0.1").unwrap();
        permits(&allowed, "fd00::1").unwrap();
        permits(&allowed, "10.0.0.1").unwrap_err();
        permits(&allowed, "::1").unwrap_err();
        let network = Network {
            allowed: vec!["10.0.0.0/24".parse().unwrap()],
        };
        network.permits("10.0.0.9".parse().unwrap(), false).unwrap();
        network.permits("10.0.1.9".parse().unwrap(), false).unwrap_err();
    }
}
