//! Blocks: sorted records of sixteen bytes, as many as fit in one page of a database.

use crate::LogError;

/// What the index knows of one entry: a key (the hash of a name, or the number of a stream) and a position.
pub(crate) type Record = (u64, u64);

/// Records in a full block. 4,000 bytes and what a row has besides fit in a page of SQLite, and twice in one of
/// PostgreSQL.
pub(crate) const RECORDS: usize = 250;
/// Bytes of a full block.
pub(crate) const BYTES: usize = RECORDS * RECORD;
const RECORD: usize = 16;

/// The bytes of a block.
pub(crate) fn encode(records: &[Record]) -> Vec<u8> {
    let words = records.iter().flat_map(|(key, position)| [key, position]);
    words.flat_map(|word| word.to_be_bytes()).collect()
}

/// The records of a block.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Record>, LogError> {
    let (records, []) = bytes.as_chunks::<RECORD>() else {
        return Err(LogError::Damaged(format!("a block of {} bytes", bytes.len())));
    };
    let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    Ok(records
        .iter()
        .map(|record| (word(&record[..8]), word(&record[8..])))
        .collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let records = [(0, 0), (3, u64::MAX), (u64::MAX, 7)];
        assert_eq!(decode(&encode(&records)).unwrap(), records);
        assert!(decode(&[0; 17]).is_err());
    }
}
