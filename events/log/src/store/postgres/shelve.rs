//! The runs of the index: what is written, one step a transaction.

use tokio_postgres::{Client, Error};

use crate::store::index::run::{BLOCKS, Standing};
use crate::store::index::shelf::{DROPPED, Step, Stepped, Work};
use crate::store::stored;

/// A step is not synced: the next commit does that, or the index is behind by a few steps after the server has stopped.
/// They are in the WAL in order, so it is never in disorder.
const BEGIN: &str = "BEGIN; SET LOCAL synchronous_commit = off";

const HOLD: &str = "
    UPDATE parcours_log.index_state SET keeper = $1, beat = beat + 1 WHERE keeper = $2 AND beat = $3";

const INSERT: &str = "
    INSERT INTO parcours_log.index_blocks (number, bytes) SELECT n.* FROM unnest($1::bigint[], $2::bytea[]) AS n";

const DROP: &str = "
    DELETE FROM parcours_log.index_blocks WHERE number IN (
        SELECT number FROM parcours_log.index_blocks WHERE number >= $1 AND number < $2 ORDER BY number LIMIT $3
    )";

/// Writes a step, outside of any transaction. After an error the connection is to be given up.
pub(super) async fn shelve(client: &Client, step: &Step) -> Result<Stepped, Error> {
    let Step { seen, keeper, work } = step;
    let begin = client.batch_execute(BEGIN);
    let hold: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [keeper, &seen.keeper, &seen.beat];
    let hold = client.execute(HOLD, &hold);
    let (_, held) = futures_util::future::try_join(begin, hold).await?;
    if held == 0 {
        client.batch_execute("ROLLBACK").await?;
        return Ok(Stepped::Lost);
    }
    let stepped = write(client, work).await?;
    client.batch_execute("COMMIT").await?;
    Ok(stepped)
}

async fn write(client: &Client, work: &Work) -> Result<Stepped, Error> {
    let [begun, live, replaced_now] = [Standing::Begun, Standing::Live, Standing::Replaced].map(|s| s as i64);
    match work {
        Work::Pass => {}
        Work::Begin(row) => {
            let [run, level, from, until] = [row.run, row.level, row.from, row.until].map(stored);
            let insert = "INSERT INTO parcours_log.index_runs VALUES ($1, $2, $3, $4, 0, 0, 0, $5)";
            client
                .execute(insert, &[&run, &level, &from, &until, &begun])
                .await?;
            let next = "UPDATE parcours_log.index_state SET runs = $1";
            client.execute(next, &[&(run + 1)]).await?;
        }
        Work::Blocks(first, blocks) => {
            let numbers: Vec<_> = (*first..).zip(blocks).map(|(number, _)| stored(number)).collect();
            client.execute(INSERT, &[&numbers, blocks]).await?;
        }
        Work::Publish {
            row,
            replaced,
            version,
            indexed,
        } => {
            let [names, streams, summary] = row.blocks.map(stored);
            let update = "UPDATE parcours_log.index_runs
                 SET names = $2, streams = $3, summary = $4, standing = $5 WHERE run = $1";
            client
                .execute(update, &[&stored(row.run), &names, &streams, &summary, &live])
                .await?;
            let replace = "UPDATE parcours_log.index_runs SET standing = $2 WHERE run = ANY ($1)";
            let replaced: Vec<_> = replaced.iter().map(|run| stored(*run)).collect();
            client.execute(replace, &[&replaced, &replaced_now]).await?;
            let state = "UPDATE parcours_log.index_state SET version = $1, indexed = $2";
            client.execute(state, &[version, &stored(*indexed)]).await?;
        }
        Work::Drop(run) => {
            let (first, after) = (stored(run * BLOCKS), stored((run + 1) * BLOCKS));
            let dropped = client
                .execute(DROP, &[&first, &after, &stored(DROPPED as u64)])
                .await?;
            if dropped < DROPPED as u64 {
                let delete = "DELETE FROM parcours_log.index_runs WHERE run = $1 AND standing <> $2";
                client.execute(delete, &[&stored(*run), &live]).await?;
                return Ok(Stepped::Gone);
            }
        }
    }
    Ok(Stepped::Done)
}
