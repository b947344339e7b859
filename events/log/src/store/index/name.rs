//! The names of events, as the index keeps them.

use std::borrow::Cow;

use parcours_model::EventKey;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The first `bits` bits of a hash of an event's source and id. Two names may share it: whoever finds one compares the
/// entry itself. It is SHA-256, so that nobody can make up many that do.
pub(crate) fn name(source: &str, id: &str, bits: u32) -> u64 {
    let hash = Sha256::new()
        .chain_update((source.len() as u64).to_be_bytes())
        .chain_update(source)
        .chain_update(id)
        .finalize();
    let first = hash.first_chunk().expect("SHA-256 has 32 bytes");
    u64::from_be_bytes(*first) >> (64 - bits.clamp(1, 64))
}

/// What names an event, read from its entry; nothing else of it is looked at. `None` if it cannot be read.
pub(crate) fn named(entry: &[u8]) -> Option<EventKey> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        source: Cow<'a, str>,
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    let Named { source, id } = serde_json::from_slice(entry).ok()?;
    Some(EventKey::new(&*source, &*id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_border_between_source_and_id_counts() {
        assert_ne!(name("urn:a", "b", 64), name("urn:", "ab", 64));
        assert!(name("urn:a", "b", 3) < 8);
    }

    #[test]
    fn a_name_is_read_from_an_entry_and_from_nothing_else() {
        let key = named(br#"{"data":{"id":"no"},"id":"1\u0041","source":"urn:x","type":"t"}"#).unwrap();
        assert_eq!(key, EventKey::new("urn:x", "1A"));
        assert_eq!(named(b"not an entry"), None);
    }
}
