//! The address that a service listens on.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// Where only this machine reaches it.
const USUAL_HOST: &str = "127.0.0.1";

/// A host, by name or by address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Its name, or its address without brackets.
    pub host: String,
    /// The port; 0 takes a free one.
    pub port: u16,
}

impl Default for Listen {
    fn default() -> Self {
        Self::on_this_machine(8080)
    }
}

impl Listen {
    /// A port that only this machine reaches.
    pub fn on_this_machine(port: u16) -> Self {
        Self {
            host: USUAL_HOST.to_owned(),
            port,
        }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no address: expected a port such as 8080, or 127.0.0.1:8080, localhost:8080 or [::1]:8080; \
                 port 0 takes a free one"
            )
        };
        let port = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        if let Some(port) = port(text) {
            return Ok(Self::on_this_machine(port));
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self {
                host: address.ip().to_string(),
                port: address.port(),
            });
        }
        let (host, after) = text.rsplit_once(':').ok_or_else(wrong)?;
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        match (host, port(after)) {
            (host, Some(port)) if !host.is_empty() && host.bytes().all(named) => Ok(Self {
                host: host.to_owned(),
                port,
            }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_port_or_a_host_with_one() {
        for (text, expected) in [
            ("8080", "127.0.0.1:8080"),
            ("0", "127.0.0.1:0"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("0.0.0.0:8080", "0.0.0.0:8080"),
            ("localhost:0", "localhost:0"),
            ("parcours.region-example.fr:443", "parcours.region-example.fr:443"),
            ("[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), expected);
        }
        for text in [
            "",
            "localhost",
            "127.0.0.1",
            "::1",
            "[::1]",
            ":8080",
            "65536",
            "localhost:65536",
            "localhost:",
            "+80",
            "http://localhost:8080",
            "-1",
            "localhost:http",
        ] {
            let wrong = text.parse::<Listen>().unwrap_err();
            assert!(wrong.contains("localhost:8080"), "{text}: {wrong}");
        }
    }
}
