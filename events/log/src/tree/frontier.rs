use std::fmt;

use super::Hash;

/// What must be kept of a tree to make it grow: the roots of the perfect subtrees that its leaves fall into,
/// largest (leftmost) first. A tree of `size` leaves has one for each bit set in `size`, so never more than 64.
///
/// Appending costs two hashes on average: one new peak, then as many merges as `size` has trailing ones.
#[derive(Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// Bytes that are no frontier: their length does not fit the size they announce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes are not the frontier of a tree")]
pub struct MalformedFrontier(pub usize);

impl Frontier {
    /// The frontier of the tree without leaves.
    pub const EMPTY: Frontier = Frontier {
        size: 0,
        peaks: Vec::new(),
    };

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf, given as its hash, at position `size`.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a bit set in the size has its peak");
            node = Hash::of_node(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root of the tree: the peaks joined from the smallest to the largest.
    pub fn root(&self) -> Hash {
        let joined = self
            .peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| Hash::of_node(&left, &right));
        joined.unwrap_or_else(Hash::of_nothing)
    }

    /// The size as eight bytes, most significant first, then the peaks.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 32 * self.peaks.len());
        bytes.extend_from_slice(&self.size.to_be_bytes());
        self.peaks
            .iter()
            .for_each(|peak| bytes.extend_from_slice(&peak.0));
        bytes
    }

    /// Reads what [`Frontier::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Frontier, MalformedFrontier> {
        let malformed = || MalformedFrontier(bytes.len());
        let (size, peaks) = bytes.split_first_chunk::<8>().ok_or_else(malformed)?;
        let size = u64::from_be_bytes(*size);
        let (peaks, rest) = peaks.as_chunks::<32>();
        if !rest.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(malformed());
        }
        Ok(Frontier {
            size,
            peaks: peaks.iter().copied().map(Hash).collect(),
        })
    }
}

impl fmt::Debug for Frontier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frontier of {} leaves, root {}", self.size, self.root())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The leaves and roots of the reference implementation's tests
    /// (google/certificate-transparency, `cpp/merkletree/merkle_tree_test.cc`).
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// MTH of RFC 6962, section 2.1, word for word: the oracle.
    fn merkle_tree_hash(entries: &[Vec<u8>]) -> Hash {
        match entries {
            [] => Hash::of_nothing(),
            [entry] => Hash::of_leaf(entry),
            _ => {
                let k = entries.len().next_power_of_two() / 2;
                let (left, right) = entries.split_at(k);
                Hash::of_node(&merkle_tree_hash(left), &merkle_tree_hash(right))
            }
        }
    }

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let mut frontier = Frontier::EMPTY;
        assert_eq!(frontier.root().to_string(), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            frontier.push(Hash::of_leaf(leaf));
            assert_eq!(frontier.root().to_string(), *root, "at size {}", frontier.size());
        }
        let entries: Vec<_> = LEAVES.iter().map(|leaf| leaf.to_vec()).collect();
        assert_eq!(merkle_tree_hash(&entries).to_string(), ROOTS[8]);
    }

    #[test]
    fn bytes_that_do_not_fit_their_size_are_no_frontier() {
        let mut frontier = Frontier::EMPTY;
        (0..3).for_each(|_| frontier.push(Hash::of_nothing()));
        let bytes = frontier.encode();
        assert_eq!(bytes.len(), 8 + 2 * 32);
        for wrong in [
            &bytes[..7],
            &bytes[..8],
            &bytes[..40],
            &bytes[..71],
            &[&bytes[..], &[0]].concat(),
        ] {
            assert_eq!(Frontier::decode(wrong), Err(MalformedFrontier(wrong.len())));
        }
        assert_eq!(Frontier::decode(&bytes), Ok(frontier));
    }

    proptest! {
        #[test]
        fn the_frontier_has_the_root_of_the_whole_tree_and_survives_encoding(
            entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..300),
            stop in 0usize..300,
        ) {
            let mut frontier = Frontier::EMPTY;
            for (n, entry) in entries.iter().enumerate() {
                if n == stop {
                    frontier = Frontier::decode(&frontier.encode()).unwrap();
                }
                frontier.push(Hash::of_leaf(entry));
                prop_assert_eq!(frontier.peaks().len(), frontier.size().count_ones() as usize);
            }
            prop_assert_eq!(frontier.root(), merkle_tree_hash(&entries));
        }
    }
}
