//! Reading whole streams, one after another.

use deadpool_postgres::Object;
use parcours_model::StreamId;
use tokio_postgres::Row;

use super::in_time;
use super::reader::{each_row, entry};
use crate::scan::{ScanRange, StreamCursor, Streams};
use crate::store::{PAGE_BYTES, number, stored, stream_id};
use crate::{Entry, LogError};

const SCAN: &str = "
    SELECT stream, position, revision, entry FROM parcours_log.entries
    WHERE stream > $1 AND stream <= $2 AND position < $3
    ORDER BY stream, revision LIMIT $4";

const PAGE: &str = "
    SELECT position, revision, entry FROM parcours_log.entries
    WHERE stream = $1 AND revision > $2 AND position < $3
    ORDER BY revision LIMIT $4";

const NUMBER: &str = "SELECT number FROM parcours_log.streams WHERE uuid = $1 AND kind = $2";

const NAMES: &str = "
    SELECT number, kind, uuid FROM parcours_log.streams WHERE number >= $1 AND number <= $2";

/// One page. Whole streams are wanted and rows are limited: a stream that the limit may have cut is left for the
/// next page, unless it is alone; then what was read is its beginning.
pub(super) async fn scan(client: &Object, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
    let after = range.after.map_or(-1, |cursor| stored(cursor.0));
    let until = range.until.map_or(i64::MAX, |cursor| stored(cursor.0));
    let below = stored(range.below);
    let limit = limit.saturating_add(1);
    let mut found: Vec<(i64, Vec<Row>)> = Vec::new();
    let (mut count, mut bytes, mut cut) = (0, 0, false);
    each_row(
        client,
        SCAN,
        &[after, until, below, stored(limit as u64)],
        |row| {
            let stream = row.get(0);
            count += 1;
            bytes += row.get::<_, &[u8]>(3).len();
            cut = count == limit || bytes >= PAGE_BYTES;
            match found.last_mut() {
                Some((last, rows)) if *last == stream => rows.push(row),
                _ => found.push((stream, vec![row])),
            }
            Ok(!cut)
        },
    )
    .await?;
    if cut && found.len() > 1 {
        found.pop();
    }
    named(client, found).await
}

/// Part of a stream.
pub(super) async fn stream_page(
    client: &Object,
    id: StreamId,
    after: u64,
    below: u64,
    limit: usize,
) -> Result<Vec<Entry>, LogError> {
    let named = async {
        let statement = client.prepare_cached(NUMBER).await?;
        client.query_opt(&statement, &[&id.uuid, &id.kind.name()]).await
    };
    let Some(stream) = in_time(named).await? else {
        return Ok(Vec::new());
    };
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let page = [stream.get(0), stored(after), stored(below), stored(limit as u64)];
    each_row(client, PAGE, &page, |row| {
        let entry = entry(&row, 0, id)?;
        bytes += entry.bytes.len();
        entries.push(entry);
        Ok(bytes < PAGE_BYTES)
    })
    .await?;
    Ok(entries)
}

/// Puts the streams' names to their rows.
async fn named(client: &Object, found: Vec<(i64, Vec<Row>)>) -> Result<Streams, LogError> {
    let (Some((first, _)), Some((last, _))) = (found.first(), found.last()) else {
        return Ok(Streams::new());
    };
    let names = async {
        client
            .query(&client.prepare_cached(NAMES).await?, &[first, last])
            .await
    };
    let mut names: Vec<(i64, Row)> = in_time(names)
        .await?
        .into_iter()
        .map(|row| (row.get(0), row))
        .collect();
    names.sort_unstable_by_key(|(number, _)| *number);
    let mut streams = Streams::with_capacity(found.len());
    for (stream, rows) in found {
        let place = names.binary_search_by_key(&stream, |(number, _)| *number);
        let place =
            place.map_err(|_| LogError::Damaged(format!("the stream numbered {stream} has no name")))?;
        let name = &names[place].1;
        let id = stream_id(name.get(1), name.get(2))?;
        let entries = rows
            .iter()
            .map(|row| entry(row, 1, id))
            .collect::<Result<_, _>>()?;
        streams.push((StreamCursor(number(stream)?), id, entries));
    }
    Ok(streams)
}
