//! The writer's SQL, prepared once a connection.

use tokio_postgres::{Client, Error, Row, Statement};
use uuid::Uuid;

use crate::store::postgres::link::Prepared;
use crate::store::postgres::reader::HEAD;
use crate::store::{Batch, stored};

/// Everything hangs on `moved`, which is empty if the head is another by now: then nothing is written, and
/// nothing returned. Followers are told within the transaction, so they hear of it when it is committed.
const APPEND: &str = "
    WITH moved AS (
        UPDATE parcours_log.head
        SET size = $3, recorded = $4, streams = $5, sources = $6, frontier = $7
        WHERE size = $1 AND frontier = $2 AND recorded = $18
        RETURNING size
    ), new_streams AS (
        INSERT INTO parcours_log.streams (number, kind, uuid)
        SELECT n.* FROM moved, unnest($8::bigint[], $9::text[], $10::uuid[]) AS n
    ), new_sources AS (
        INSERT INTO parcours_log.sources (number, source)
        SELECT n.* FROM moved, unnest($11::bigint[], $12::text[]) AS n
    ), new_entries AS (
        INSERT INTO parcours_log.entries (position, stream, revision, leaf, entry)
        SELECT n.* FROM moved, unnest($13::bigint[], $14::bigint[], $15::bigint[], $16::bytea[], $17::bytea[]) AS n
    )
    SELECT pg_notify('parcours_log', size::text) FROM moved";

const LOCK: &str = "SELECT size, recorded, streams, sources, frontier FROM parcours_log.head FOR UPDATE";

const REACH: &str = "UPDATE parcours_log.head SET recorded = $1 WHERE recorded < $1";

const LEAF: &str = "SELECT leaf FROM parcours_log.entries WHERE position = $1";

/// The statements, prepared.
pub(super) struct Statements {
    pub append: Statement,
    pub head: Statement,
    pub lock: Statement,
    pub reach: Statement,
    pub leaf: Statement,
}

impl Prepared for Statements {
    async fn prepare(client: &Client) -> Result<Statements, Error> {
        // Other settings are for the operator to choose; this one would answer before anything is on disk.
        client
            .batch_execute(
                "SELECT set_config('synchronous_commit', 'on', false)
                 WHERE current_setting('synchronous_commit') = 'off'",
            )
            .await?;
        Ok(Statements {
            append: client.prepare(APPEND).await?,
            head: client.prepare(HEAD).await?,
            lock: client.prepare(LOCK).await?,
            reach: client.prepare(REACH).await?,
            leaf: client.prepare(LEAF).await?,
        })
    }
}

/// A batch turned on its side, as arrays.
#[derive(Default)]
pub(super) struct Columns<'a> {
    head: [i64; 5],
    frontiers: [Vec<u8>; 2],
    recorded_before: i64,
    new_streams: (Vec<i64>, Vec<&'a str>, Vec<Uuid>),
    new_sources: (Vec<i64>, Vec<&'a str>),
    position: Vec<i64>,
    stream: Vec<i64>,
    revision: Vec<i64>,
    leaf: Vec<&'a [u8]>,
    entry: Vec<&'a [u8]>,
}

impl<'a> Columns<'a> {
    pub fn of(batch: &'a Batch) -> Columns<'a> {
        let Batch {
            before,
            after,
            streams,
            sources,
            rows,
        } = batch;
        Columns {
            head: [
                stored(before.size()),
                stored(after.size()),
                after.recorded,
                stored(after.streams),
                stored(after.sources),
            ],
            frontiers: [before.frontier.encode(), after.frontier.encode()],
            recorded_before: before.recorded,
            new_streams: (
                streams.iter().map(|(number, _)| stored(*number)).collect(),
                streams.iter().map(|(_, id)| id.kind.name()).collect(),
                streams.iter().map(|(_, id)| id.uuid).collect(),
            ),
            new_sources: (
                sources.iter().map(|(number, _)| stored(*number)).collect(),
                sources.iter().map(|(_, source)| &**source).collect(),
            ),
            position: rows.iter().map(|row| stored(row.entry.position)).collect(),
            stream: rows.iter().map(|row| stored(row.stream)).collect(),
            revision: rows.iter().map(|row| stored(row.entry.revision)).collect(),
            leaf: rows.iter().map(|row| row.entry.leaf.0.as_slice()).collect(),
            entry: rows.iter().map(|row| &*row.entry.bytes).collect(),
        }
    }

    /// Executes [`APPEND`] with these columns.
    pub async fn send(&self, client: &Client, append: &Statement) -> Result<Vec<Row>, Error> {
        let [before, size, recorded, streams, sources] = &self.head;
        let [frontier_before, frontier] = &self.frontiers;
        let (stream_numbers, kinds, uuids) = &self.new_streams;
        let (source_numbers, names) = &self.new_sources;
        client
            .query(
                append,
                &[
                    before,
                    frontier_before,
                    size,
                    recorded,
                    streams,
                    sources,
                    frontier,
                    stream_numbers,
                    kinds,
                    uuids,
                    source_numbers,
                    names,
                    &self.position,
                    &self.stream,
                    &self.revision,
                    &self.leaf,
                    &self.entry,
                    &self.recorded_before,
                ],
            )
            .await
    }
}
