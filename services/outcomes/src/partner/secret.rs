//! A partner's secret: the bearer token of its requests.
//!
//! 32 random bytes made by this program, not words chosen by a person: nobody finds them by trying, however quick the
//! hash. So what is stored is their SHA-256, and no slow password hash holds up each request.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::OutcomesError;

/// What is stored of a secret: `sha256:` and the hash in hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

/// Makes a secret. It is shown once and stored nowhere.
pub fn new_secret() -> Result<String, OutcomesError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| OutcomesError::NoRandomness(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl SecretHash {
    /// The hash of a secret.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Whether it is the hash of this one; in a time that says nothing of where they differ.
    pub fn is_of(&self, presented: &Self) -> bool {
        self.0.ct_eq(&presented.0).into()
    }
}

impl FromStr for SecretHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64)?;
            let mut bytes = [0; 32];
            for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
                let pair = std::str::from_utf8(pair)
                    .ok()
                    .filter(|pair| !pair.contains('+'))?;
                *byte = u8::from_str_radix(pair, 16).ok()?;
            }
            Some(Self(bytes))
        };
        // The text is not repeated: it may be the secret itself, put in the place of its hash.
        parse().ok_or_else(|| {
            "a secret is stored as sha256: and 64 hexadecimal digits; `parcours partner new` prints one"
                .to_owned()
        })
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

impl Serialize for SecretHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_alone() {
        let (secret, other) = (new_secret().unwrap(), new_secret().unwrap());
        let stored: SecretHash = SecretHash::of(&secret).to_string().parse().unwrap();
        assert!(stored.is_of(&SecretHash::of(&secret)));
        assert!(!stored.is_of(&SecretHash::of(&other)));
        assert_eq!(secret.len(), 43);
    }

    #[test]
    fn what_is_no_hash_is_refused_and_not_repeated() {
        let digits = "0".repeat(64);
        for wrong in [
            "",
            "hunter2",
            &digits,
            &format!("sha256:{digits}0"),
            &format!("sha256:+{}", &digits[1..]),
            &format!("sha256:é{}", &digits[2..]),
        ] {
            let refused = wrong.parse::<SecretHash>().unwrap_err();
            assert!(wrong.is_empty() || !refused.contains(wrong), "{refused}");
        }
    }
}
