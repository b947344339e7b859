//! What a partner is told instead of names: pseudonyms of people, and names of messages.
//!
//! A pseudonym is an HMAC under a key of the partner's own: the same person has the same one for ever, and nobody
//! without the key can tell that two partners speak of the same person. The name of a message would undo that: two
//! partners who are sent the same message could compare names, and a position in the log leads to its entry. So a
//! name is `position-ordinal` enciphered, one block of AES under another key of the partner's own, which gives a
//! permutation: unique, stable, and readable by this service alone, whom it is given back as a cursor. It is written in
//! hexadecimal digits, which are taken for an option by no command line and for two words by nobody who selects them.

use aes::Aes128;
use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use parcours_projections::outcomes::Key;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::MasterKey;

/// Whom or what a pseudonym stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A journey.
    Parcours,
    /// A person.
    Trainee,
    /// An employment.
    Employment,
}

/// The pseudonyms of one partner, and the names of its messages.
#[derive(Clone)]
pub struct Pseudonyms {
    people: Hmac<Sha256>,
    messages: Aes128,
    fingerprint: String,
}

impl Pseudonyms {
    /// Those of the partner of this name.
    pub fn of(master: &MasterKey, partner: &str) -> Self {
        let people = master.derive("parcours pseudonyms 1", partner);
        let messages = master.derive("parcours messages 1", partner);
        let (block, _) = messages.split_at(16);
        Self {
            people: Hmac::new_from_slice(&people).expect("HMAC takes keys of any length"),
            messages: Aes128::new_from_slice(block).expect("16 bytes are a key of AES-128"),
            fingerprint: URL_SAFE_NO_PAD.encode(&Sha256::digest(people)[..12]),
        }
    }

    /// Names the key without telling it: two keys have the same with a probability of 2⁻⁹⁶.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The pseudonym of this parcours, trainee or employment: a UUID of version 8 (RFC 9562), 122 bits of the HMAC.
    pub fn of_uuid(&self, named: Named, uuid: Uuid) -> Uuid {
        let mut mac = self.people.clone();
        mac.update(match named {
            Named::Parcours => b"parcours\0",
            Named::Trainee => b"trainee\0",
            Named::Employment => b"employment\0",
        });
        mac.update(uuid.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The name of a message.
    pub fn name(&self, key: Key) -> String {
        let mut block = Block::<Aes128>::default();
        block[..8].copy_from_slice(&key.position.to_be_bytes());
        block[8..12].copy_from_slice(&key.ordinal.to_be_bytes());
        self.messages.encrypt_block(&mut block);
        Uuid::from_bytes(block.into()).simple().to_string()
    }

    /// The message of this name; `None` for a name that was given to nobody, or to somebody else. What is made up
    /// passes for a name once in 2³² times, and leads nowhere that its bearer may not read.
    pub fn key(&self, name: &str) -> Option<Key> {
        let bytes = Uuid::try_parse(name).ok()?;
        if bytes.simple().to_string() != name {
            return None;
        }
        let mut block = Block::<Aes128>::from(bytes.into_bytes());
        self.messages.decrypt_block(&mut block);
        let (position, rest) = block.split_first_chunk::<8>()?;
        let (ordinal, padding) = rest.split_first_chunk::<4>()?;
        let key = Key {
            position: u64::from_be_bytes(*position),
            ordinal: u32::from_be_bytes(*ordinal),
        };
        (padding == [0; 4] && i64::try_from(key.position).is_ok()).then_some(key)
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pseudonyms({})", self.fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(seed: u8) -> (tempfile::TempDir, MasterKey) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pseudonyms.key");
        std::fs::write(&file, [seed; 32]).unwrap();
        let key = MasterKey::read(&file).unwrap();
        (folder, key)
    }

    const PERSON: Uuid = Uuid::from_u128(0x7e);

    #[test]
    fn a_person_has_one_pseudonym_a_partner_for_ever() {
        let (_folder, master) = master(7);
        let one = Pseudonyms::of(&master, "france-travail");
        let other = Pseudonyms::of(&master, "mission-locale-rouen");
        assert_eq!(
            one.of_uuid(Named::Trainee, PERSON),
            Pseudonyms::of(&master, "france-travail").of_uuid(Named::Trainee, PERSON)
        );
        assert_ne!(
            one.of_uuid(Named::Trainee, PERSON),
            other.of_uuid(Named::Trainee, PERSON)
        );
        assert_ne!(
            one.of_uuid(Named::Trainee, PERSON),
            one.of_uuid(Named::Parcours, PERSON)
        );
        assert_eq!(one.of_uuid(Named::Trainee, PERSON).get_version_num(), 8);
    }

    /// Written down once, and worked out by other programs too (Python's hmac, OpenSSL's aes-128-ecb): a change of how
    /// pseudonyms are made would give everybody another one.
    #[test]
    fn pseudonyms_and_names_are_what_they_always_were() {
        let (_folder, master) = master(7);
        let partner = Pseudonyms::of(&master, "france-travail");
        let key = Key {
            position: 1204,
            ordinal: 3,
        };
        assert_eq!(
            (
                partner.of_uuid(Named::Parcours, PERSON).to_string(),
                partner.name(key),
                partner.fingerprint().to_owned()
            ),
            (
                "411bb64c-650c-86b8-b5b3-01b1533d3434".to_owned(),
                "513d241c383dcdb1ca783beb01cac89b".to_owned(),
                "daW8Dg_2UKMsKo36".to_owned()
            )
        );
    }

    #[test]
    fn another_master_key_gives_other_pseudonyms_and_another_fingerprint() {
        let ((_one, first), (_other, second)) = (master(1), master(2));
        let of = |master| Pseudonyms::of(master, "p");
        assert_ne!(
            of(&first).of_uuid(Named::Trainee, PERSON),
            of(&second).of_uuid(Named::Trainee, PERSON)
        );
        assert_ne!(of(&first).fingerprint(), of(&second).fingerprint());
    }

    #[test]
    fn a_name_leads_back_to_its_message_for_whom_it_was_made_only() {
        let (_folder, master) = master(7);
        let (one, other) = (Pseudonyms::of(&master, "a"), Pseudonyms::of(&master, "b"));
        for key in [(0, 0), (1204, 3), (i64::MAX as u64, u32::MAX)] {
            let key = Key {
                position: key.0,
                ordinal: key.1,
            };
            assert_eq!(one.key(&one.name(key)), Some(key));
            assert_eq!(other.key(&one.name(key)), None);
            assert_ne!(one.name(key), other.name(key));
            assert_eq!(one.key(&one.name(key).to_uppercase()), None);
        }
        for wrong in [
            "",
            "1204-3",
            "00000000000000000000000000000000",
            "é",
            "51 3d241c383dcdb1ca783beb01cac89b",
        ] {
            assert_eq!(one.key(wrong), None, "{wrong}");
        }
    }
}
