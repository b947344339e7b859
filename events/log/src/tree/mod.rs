//! The hash tree over the log: RFC 6962, section 2.1, with SHA-256.
//!
//! Entry number *n* of the log is leaf number *n* of the tree. A leaf is hashed with a zero byte before
//! it and an inner node with a one byte before its two children, so that no entry can pass for a node.
//!
//! The log keeps the hash of every leaf beside its entry, and the [`Frontier`] in its head: together they
//! are enough for any root, inclusion proof and consistency proof of any size the log ever had.

mod frontier;

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

pub use frontier::{Frontier, MalformedFrontier};

/// A SHA-256 hash: of a leaf, of a node, or the root of a tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of a leaf of the tree that holds `entry`: SHA-256(0x00 ‖ entry).
    pub fn of_leaf(entry: &[u8]) -> Hash {
        Hash(
            Sha256::new()
                .chain_update([0])
                .chain_update(entry)
                .finalize()
                .into(),
        )
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    pub fn of_node(left: &Hash, right: &Hash) -> Hash {
        let mut node = [1; 65];
        node[1..33].copy_from_slice(&left.0);
        node[33..].copy_from_slice(&right.0);
        Hash(Sha256::digest(node).into())
    }

    /// The root of the tree without leaves: SHA-256 of nothing.
    pub fn of_nothing() -> Hash {
        Hash(Sha256::digest([]).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits")]
pub struct MalformedHash;

impl FromStr for Hash {
    type Err = MalformedHash;

    /// Reads what is displayed.
    fn from_str(text: &str) -> Result<Hash, MalformedHash> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(MalformedHash);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Hash(bytes))
    }
}

fn digit(letter: u8) -> Result<u8, MalformedHash> {
    let digit = char::from(letter).to_digit(16).ok_or(MalformedHash)?;
    u8::try_from(digit).map_err(|_| MalformedHash)
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_is_displayed_and_nothing_else_is_one() {
        let hash = Hash::of_leaf(b"entry");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let displayed = hash.to_string();
        for wrong in [
            "",
            &displayed[1..],
            &displayed.replace(&displayed[..1], "g"),
            &format!("{displayed}00"),
        ] {
            assert_eq!(wrong.parse::<Hash>(), Err(MalformedHash), "{wrong}");
        }
    }
}
