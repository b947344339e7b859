//! Who somebody is to a NATS server: an nkey, an Ed25519 key pair in NATS' own spelling.
//!
//! An nkey, not a password: the server's configuration and the partners' file hold the public part only, from which
//! nobody can connect, and a server pays one signature a connection where bcrypt would take it a tenth of a second.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::str::FromStr;

use nkeys::{KeyPair, KeyPairType};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::OutcomesError;

/// The public part: `U` and 55 letters and digits.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsKey(String);

/// The secret part, of a user: `SU` and 56 letters and digits.
#[derive(Clone)]
pub struct NatsSeed {
    seed: String,
    key: NatsKey,
}

impl NatsKey {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NatsSeed {
    /// Makes one.
    pub fn new() -> Result<Self, OutcomesError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| OutcomesError::NoRandomness(error.to_string()))?;
        let pair = KeyPair::new_from_raw(KeyPairType::User, bytes)
            .map_err(|error| OutcomesError::NoRandomness(error.to_string()))?;
        let seed = pair.seed().expect("a new pair has a seed");
        Ok(seed.parse().expect("a seed is a seed"))
    }

    /// Reads the one in `file`, where it may stand among other lines, as `nsc` and `nk` write it.
    pub fn read(file: &Path) -> Result<Self, OutcomesError> {
        let failed = |cause: String| OutcomesError::NatsSeedUnusable {
            file: file.into(),
            cause,
        };
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let line = text.lines().map(str::trim).find(|line| line.starts_with("SU"));
        line.and_then(|line| line.parse().ok()).ok_or_else(|| {
            failed("it holds no line with the seed of a user, SU and 56 letters and digits".to_owned())
        })
    }

    /// Reads the one in `file`, or makes it, for its owner's eyes only.
    pub fn read_or_make(file: &Path) -> Result<Self, OutcomesError> {
        let seed = Self::new()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options
            .open(file)
            .and_then(|mut file| writeln!(file, "{}", seed.as_str()).and_then(|()| file.sync_all()));
        match written {
            Ok(()) => Ok(seed),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::read(file),
            Err(error) => Err(OutcomesError::NatsSeedUnusable {
                file: file.into(),
                cause: error.to_string(),
            }),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.seed
    }

    /// Its public part.
    pub fn key(&self) -> &NatsKey {
        &self.key
    }
}

impl FromStr for NatsKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The text is not repeated: it may be the seed, put in the place of the public part.
        let wrong = || {
            "a key of NATS is written U and 55 letters and digits: the public part of a user's nkey"
                .to_owned()
        };
        let pair = KeyPair::from_public_key(text).map_err(|_| wrong())?;
        match pair.key_pair_type() {
            KeyPairType::User => Ok(Self(text.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl FromStr for NatsSeed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a seed of NATS is written SU and 56 letters and digits".to_owned();
        let pair = KeyPair::from_seed(text).map_err(|_| wrong())?;
        match pair.key_pair_type() {
            KeyPairType::User => Ok(Self {
                seed: text.to_owned(),
                key: NatsKey(pair.public_key()),
            }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Debug for NatsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NatsKey({})", self.0)
    }
}

impl fmt::Debug for NatsSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NatsSeed of {:?}", self.key)
    }
}

impl Serialize for NatsKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NatsKey {
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
    fn a_seed_leads_to_its_public_part_and_never_shows_itself() {
        let seed = NatsSeed::new().unwrap();
        assert!(seed.key().as_str().starts_with('U') && seed.key().as_str().len() == 56);
        assert_eq!(seed.as_str().parse::<NatsSeed>().unwrap().key(), seed.key());
        assert!(!format!("{seed:?}").contains(seed.as_str()));
    }

    #[test]
    fn what_is_no_public_part_is_refused_and_not_repeated() {
        let seed = NatsSeed::new().unwrap();
        let account = KeyPair::new_account().public_key();
        // Its last letters are a checksum.
        let (beginning, last) = seed.key().as_str().split_at(55);
        let miswritten = format!("{beginning}{}", if last == "A" { "B" } else { "A" });
        for wrong in ["", "U", seed.as_str(), &account, &miswritten] {
            let refused = wrong.parse::<NatsKey>().unwrap_err();
            assert!(wrong.len() < 2 || !refused.contains(wrong), "{refused}");
        }
    }

    #[test]
    fn a_seed_is_made_once_for_its_owner_only_and_found_among_other_lines() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nats.nk");
        let made = NatsSeed::read_or_make(&file).unwrap();
        assert_eq!(NatsSeed::read_or_make(&file).unwrap().key(), made.key());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        std::fs::write(
            &file,
            format!("-----BEGIN-----\n{}\n-----END-----\n", made.as_str()),
        )
        .unwrap();
        assert_eq!(NatsSeed::read(&file).unwrap().key(), made.key());
        std::fs::write(&file, "").unwrap();
        assert!(NatsSeed::read(&file).is_err());
    }
}
