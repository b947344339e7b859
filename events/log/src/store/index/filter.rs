//! A blocked Bloom filter: whether a run may hold a key, at the cost of one look into memory.

use crate::LogError;

/// Bits for each key. Of the keys that a run does not hold, about one in a hundred passes.
const BITS: usize = 10;
/// Bits that a key sets, all in one line of the processor's cache.
const PROBES: u32 = 6;
/// Words in such a line.
const LINE: usize = 8;

/// The filter. One without lines lets everything pass.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filter(Vec<[u64; LINE]>);

impl Filter {
    /// A filter for as many keys.
    pub fn new(keys: usize) -> Filter {
        Filter(vec![[0; LINE]; (keys * BITS).div_ceil(64 * LINE).max(1)])
    }

    pub fn insert(&mut self, key: u64) {
        let (line, bits) = place(key, self.0.len());
        for bit in bits {
            self.0[line][bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Whether the key may have been inserted: never false for one that was.
    pub fn may_hold(&self, key: u64) -> bool {
        let (line, mut bits) = place(key, self.0.len());
        self.0
            .get(line)
            .is_none_or(|line| bits.all(|bit| line[bit / 64] >> (bit % 64) & 1 == 1))
    }

    pub fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.0.as_flattened().iter().flat_map(|word| word.to_be_bytes()));
    }

    pub fn decode(bytes: &[u8]) -> Result<Filter, LogError> {
        let (lines, []) = bytes.as_chunks::<{ 8 * LINE }>() else {
            return Err(LogError::Damaged(format!("a filter of {} bytes", bytes.len())));
        };
        let word = |bytes: &[u8; 8 * LINE], n: usize| {
            let bytes = &bytes[8 * n..8 * n + 8];
            bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        Ok(Filter(
            lines
                .iter()
                .map(|line| std::array::from_fn(|n| word(line, n)))
                .collect(),
        ))
    }
}

/// The line of a key, and its bits there. Keys may be small numbers, so they are mixed first (the finisher of
/// SplitMix64).
fn place(key: u64, lines: usize) -> (usize, impl Iterator<Item = usize>) {
    let mut mixed = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let line = (u128::from(mixed) * lines as u128) >> 64;
    // The line is taken from the upper bits; the probes are nine bits each of a second mixture.
    let probes = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
    let probes = probes ^ probes >> 32;
    (
        line as usize,
        (0..PROBES).map(move |probe| (probes >> (9 * probe) & 511) as usize),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_passes_and_little_else_does() {
        let mut filter = Filter::new(10_000);
        (0..10_000).for_each(|key| filter.insert(key * 3));
        let mut bytes = Vec::new();
        filter.encode(&mut bytes);
        let filter = Filter::decode(&bytes).unwrap();
        assert!((0..10_000).all(|key| filter.may_hold(key * 3)));
        let passed = (0..10_000).filter(|key| filter.may_hold(key * 3 + 1)).count();
        assert!(passed < 300, "{passed} of 10,000 others pass");
    }
}
