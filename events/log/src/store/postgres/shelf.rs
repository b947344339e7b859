//! The runs of the index: what is read of them, from the pool.

use std::ops::Range;

use bytes::Bytes;
use tokio_postgres::Row;

use super::reader::PostgresReader;
use crate::LogError;
use crate::store::index::run::{RunRow, Standing};
use crate::store::index::shelf::{Hold, Loose, Shelf, State};
use crate::store::{number, stored};

const STATE: &str = "SELECT version, indexed, runs, keeper, beat FROM parcours_log.index_state";

const RUNS: &str = "
    SELECT run, level, first, until, names, streams, summary, standing
    FROM parcours_log.index_runs ORDER BY first, run";

/// One row at least, which tells the version.
const BLOCKS: &str = "
    SELECT s.version, b.number, b.bytes
    FROM parcours_log.index_state s
    LEFT JOIN LATERAL (
        SELECT b.number, b.bytes
        FROM unnest($1::bigint[], $2::bigint[]) AS r (first, last)
        JOIN LATERAL (
            SELECT number, bytes FROM parcours_log.index_blocks
            WHERE number >= r.first AND number < r.last ORDER BY number OFFSET 0
        ) b ON true
    ) b ON true";

const LOOSE: &str = "
    SELECT position, stream, entry FROM parcours_log.entries WHERE position >= $1 ORDER BY position LIMIT $2";

impl Shelf for PostgresReader {
    async fn state(&self) -> Result<State, LogError> {
        let rows = self.query(STATE, &[]).await?;
        let row = rows.first().ok_or_else(missing)?;
        Ok(State {
            version: row.get(0),
            indexed: number(row.get(1))?,
            runs: number(row.get(2))?,
            hold: Hold {
                keeper: row.get(3),
                beat: row.get(4),
            },
        })
    }

    async fn runs(&self) -> Result<Vec<(RunRow, Standing)>, LogError> {
        self.query(RUNS, &[]).await?.iter().map(run).collect()
    }

    async fn blocks(&self, numbers: &[Range<u64>]) -> Result<(i64, Vec<(u64, Bytes)>), LogError> {
        let first: Vec<_> = numbers.iter().map(|range| stored(range.start)).collect();
        let last: Vec<_> = numbers.iter().map(|range| stored(range.end)).collect();
        let rows = self.query(BLOCKS, &[&first, &last]).await?;
        let version = rows.first().ok_or_else(missing)?.get(0);
        let mut blocks = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(stored) = row.get::<_, Option<i64>>(1) {
                blocks.push((number(stored)?, Bytes::copy_from_slice(row.get(2))));
            }
        }
        blocks.sort_unstable_by_key(|(number, _)| *number);
        Ok((version, blocks))
    }

    async fn loose(&self, from: u64, limit: usize) -> Result<Vec<Loose>, LogError> {
        let rows = self.query(LOOSE, &[&stored(from), &stored(limit as u64)]).await?;
        let loose = |row: &Row| {
            Ok(Loose {
                position: number(row.get(0))?,
                stream: number(row.get(1))?,
                entry: Bytes::copy_from_slice(row.get(2)),
            })
        };
        rows.iter().map(loose).collect()
    }
}

fn run(row: &Row) -> Result<(RunRow, Standing), LogError> {
    let column = |column: usize| number(row.get(column));
    let run = RunRow {
        run: column(0)?,
        level: column(1)?,
        from: column(2)?,
        until: column(3)?,
        blocks: [column(4)?, column(5)?, column(6)?],
    };
    Ok((run, Standing::of(row.get(7))?))
}

fn missing() -> LogError {
    LogError::Damaged("the state of the index is missing".into())
}
