//! The runs of the index: what is written, one step a transaction.

use rusqlite::Connection;

use crate::LogError;
use crate::store::index::run::{BLOCKS, Standing};
use crate::store::index::shelf::{DROPPED, Step, Stepped, Work};
use crate::store::stored;

/// Writes a step, outside of any transaction. It is not synced: the next commit does that, or the index is behind by a
/// few steps after the machine has stopped. They are in the WAL in order, so it is never in disorder.
pub(super) fn shelve(connection: &Connection, step: &Step) -> Result<Stepped, LogError> {
    connection.pragma_update(None, "synchronous", "normal")?;
    let stepped = write(connection, step);
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    connection.pragma_update(None, "synchronous", "full")?;
    stepped
}

fn write(connection: &Connection, Step { seen, keeper, work }: &Step) -> Result<Stepped, LogError> {
    let cached = |sql| connection.prepare_cached(sql);
    cached("BEGIN IMMEDIATE")?.execute([])?;
    let held = cached("UPDATE index_state SET keeper = ?1, beat = beat + 1 WHERE keeper = ?2 AND beat = ?3")?
        .execute((keeper, seen.keeper, seen.beat))?;
    if held == 0 {
        return Ok(Stepped::Lost);
    }
    let mut stepped = Stepped::Done;
    match work {
        Work::Pass => {}
        Work::Begin(row) => {
            cached("INSERT INTO index_runs VALUES (?1, ?2, ?3, ?4, 0, 0, 0, ?5)")?.execute((
                stored(row.run),
                stored(row.level),
                stored(row.from),
                stored(row.until),
                Standing::Begun as i64,
            ))?;
            cached("UPDATE index_state SET runs = ?1")?.execute([stored(row.run + 1)])?;
        }
        Work::Blocks(first, blocks) => {
            let mut insert = cached("INSERT INTO index_blocks VALUES (?1, ?2)")?;
            for (number, block) in (*first..).zip(blocks) {
                insert.execute((stored(number), block))?;
            }
        }
        Work::Publish {
            row,
            replaced,
            version,
            indexed,
        } => {
            let [names, streams, summary] = row.blocks.map(stored);
            cached(
                "UPDATE index_runs SET names = ?2, streams = ?3, summary = ?4, standing = ?5 WHERE run = ?1",
            )?
            .execute((stored(row.run), names, streams, summary, Standing::Live as i64))?;
            let mut replace = cached("UPDATE index_runs SET standing = ?2 WHERE run = ?1")?;
            for run in replaced {
                replace.execute((stored(*run), Standing::Replaced as i64))?;
            }
            cached("UPDATE index_state SET version = ?1, indexed = ?2")?
                .execute((version, stored(*indexed)))?;
        }
        Work::Drop(run) => {
            let first = run * BLOCKS;
            let dropped = cached(
                "DELETE FROM index_blocks WHERE number IN (
                     SELECT number FROM index_blocks WHERE number >= ?1 AND number < ?2 ORDER BY number LIMIT ?3
                 )",
            )?
            .execute((stored(first), stored(first + BLOCKS), stored(DROPPED as u64)))?;
            if dropped < DROPPED {
                cached("DELETE FROM index_runs WHERE run = ?1 AND standing <> ?2")?
                    .execute((stored(*run), Standing::Live as i64))?;
                stepped = Stepped::Gone;
            }
        }
    }
    cached("COMMIT")?.execute([])?;
    Ok(stepped)
}
