//! Reading whole streams, one after another.

use std::collections::HashMap;

use parcours_model::StreamId;
use tokio_postgres::Row;

use super::reader::{entry, query};
use crate::postgres::Lent;
use crate::store::{PAGE_BYTES, number, stored, stream_id};
use crate::store::{StreamCursor, Streams};
use crate::{Entry, LogError};

/// Entries asked for at a time: any of them may be large.
pub(super) const PART: usize = 512;

const ROWS: &str = "
    SELECT position, revision, entry, leaf FROM parcours_log.entries WHERE position = ANY ($1)";

const NAMES: &str = "SELECT number, kind, uuid FROM parcours_log.streams WHERE number = ANY ($1)";

/// The entries at these positions, which stand in order: position, revision, bytes, leaf hash.
pub(super) async fn rows(client: &Lent, positions: &[u64]) -> Result<Vec<Row>, LogError> {
    let positions: Vec<_> = positions.iter().map(|position| stored(*position)).collect();
    let mut rows = query(client, ROWS, &[&positions]).await?;
    if rows.len() != positions.len() {
        let (found, wanted) = (rows.len(), positions.len());
        return Err(LogError::Damaged(format!(
            "{found} entries of {wanted} that are in the index"
        )));
    }
    rows.sort_unstable_by_key(|row| row.get::<_, i64>(0));
    Ok(rows)
}

/// Entries of one stream at these positions, until they are large.
pub(super) async fn page(client: &Lent, id: StreamId, positions: &[u64]) -> Result<Vec<Entry>, LogError> {
    let (mut entries, mut bytes) = (Vec::new(), 0);
    for part in positions.chunks(PART) {
        for row in rows(client, part).await? {
            let entry = entry(&row, id)?;
            bytes += entry.bytes.len();
            entries.push(entry);
            if bytes >= PAGE_BYTES {
                return Ok(entries);
            }
        }
    }
    Ok(entries)
}

/// Reads these streams, in order, until their entries are large; at least the first, and of one that is alone at least
/// its beginning.
pub(super) async fn read(client: &Lent, streams: Vec<(u64, Vec<u64>)>) -> Result<Streams, LogError> {
    let numbers: Vec<_> = streams.iter().map(|(number, _)| *number).collect();
    let names = names(client, &numbers).await?;
    let no_name = |stream: u64| LogError::Damaged(format!("the stream numbered {stream} has no name"));
    if let [(stream, positions)] = &streams[..] {
        let id = *names.get(stream).ok_or_else(|| no_name(*stream))?;
        return Ok(vec![(
            StreamCursor(*stream),
            id,
            page(client, id, positions).await?,
        )]);
    }
    let mut read = Streams::new();
    let mut bytes = 0;
    let mut left = streams.into_iter().peekable();
    while bytes < PAGE_BYTES && left.peek().is_some() {
        // Whole streams, until there are enough positions for one question.
        let mut asked: Vec<(u64, Vec<u64>)> = Vec::new();
        let mut count = 0;
        while count < PART
            && let Some(stream) = left.next()
        {
            count += stream.1.len();
            asked.push(stream);
        }
        let mut wanted: Vec<_> = asked
            .iter()
            .flat_map(|(_, positions)| positions.iter().copied())
            .collect();
        wanted.sort_unstable();
        let mut found = HashMap::with_capacity(wanted.len());
        for part in wanted.chunks(PART) {
            for row in rows(client, part).await? {
                found.insert(number(row.get(0))?, row);
            }
        }
        for (stream, positions) in asked {
            let id = *names.get(&stream).ok_or_else(|| no_name(stream))?;
            let entries = positions.iter().map(|position| entry(&found[position], id));
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            bytes += entries.iter().map(|entry| entry.bytes.len()).sum::<usize>();
            read.push((StreamCursor(stream), id, entries));
        }
    }
    Ok(read)
}

async fn names(client: &Lent, numbers: &[u64]) -> Result<HashMap<u64, StreamId>, LogError> {
    let numbers: Vec<_> = numbers.iter().map(|number| stored(*number)).collect();
    let rows = query(client, NAMES, &[&numbers]).await?;
    let name = |row: &Row| Ok((number(row.get(0))?, stream_id(row.get(1), row.get(2))?));
    rows.iter().map(name).collect()
}
