//! Signatures of Standard Webhooks (1.0.0): `v1,` and the HMAC-SHA-256 of `id.timestamp.body`, in base64.
//!
//! The specification's own crate signs with one secret, by an HMAC of its own; with the one that makes the pseudonyms it
//! is a few lines, which the tests have the specification's package of another language verify.

use std::fmt::Write;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::OutcomesError;

const PREFIX: &str = "whsec_";
/// Bytes of a secret that this program makes.
const LENGTH: usize = 32;
/// Bytes of a secret, as the specification bounds them.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret shared with an endpoint.
#[derive(Clone)]
pub struct SigningSecret(Hmac<Sha256>);

/// Makes a secret, as it is given to a partner.
pub fn new_signing_secret() -> Result<String, OutcomesError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| OutcomesError::NoRandomness(error.to_string()))?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

impl FromStr for SigningSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = text
            .strip_prefix(PREFIX)
            .and_then(|encoded| STANDARD.decode(encoded).ok());
        let bytes = bytes
            .filter(|bytes| LENGTHS.contains(&bytes.len()))
            .ok_or_else(|| {
                format!(
                    "a secret is {PREFIX} and {} to {} bytes in base64",
                    LENGTHS.start(),
                    LENGTHS.end()
                )
            })?;
        Ok(Self(
            Hmac::new_from_slice(&bytes).expect("HMAC takes keys of any length"),
        ))
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret")
    }
}

/// The header `webhook-signature`: a signature of each secret. `timestamp` is in seconds since 1970.
pub(super) fn sign(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut header = String::new();
    for secret in secrets {
        let mut mac = secret.0.clone();
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        let separator = if header.is_empty() { "" } else { " " };
        write!(
            header,
            "{separator}v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        )
        .expect("writing to a string succeeds");
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own test suites.
    #[test]
    fn a_call_is_signed_as_the_specification_says() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signed = sign(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs_apart() {
        let secrets: Vec<SigningSecret> = (0..2)
            .map(|_| new_signing_secret().unwrap().parse().unwrap())
            .collect();
        let both = sign(&secrets, "a", 1, b"{}");
        let (one, other) = both.split_once(' ').unwrap();
        assert_eq!(one, sign(&secrets[..1], "a", 1, b"{}"));
        assert_eq!(other, sign(&secrets[1..], "a", 1, b"{}"));
        assert_ne!(one, other);
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for wrong in ["hunter2", "whsec_", "whsec_hunter2", &short, &long] {
            let told = wrong.parse::<SigningSecret>().unwrap_err();
            assert!(
                told.contains("24 to 64 bytes") && !told.contains("hunter2"),
                "{told}"
            );
        }
    }
}
