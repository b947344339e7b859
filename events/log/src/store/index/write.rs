//! Writing a run: from memory, or from several runs.

use std::sync::Arc;
use std::vec;

use super::block::{self, Record};
use super::keeper::Keeper;
use super::merge::Merge;
use super::run::{Directory, Kind, Run, Writing};
use super::shelf::{Shelf, Work};
use crate::LogError;

/// Blocks written in one step: half a megabyte. A step goes with each commit, and in a bulk import half of them suffice.
const STEP: usize = 128;

/// Where the records of a run come from, in order.
enum Source {
    Memory(vec::IntoIter<Record>),
    Runs(Merge),
}

/// Blocks on their way into a run.
struct Shipment {
    /// The number of the first of them.
    first: u64,
    blocks: Vec<Vec<u8>>,
    /// Whether what comes into memory meanwhile is written in between.
    long: bool,
}

impl<S: Shelf> Keeper<S> {
    /// Writes what is in memory and enough for a run, as long as there is.
    pub(super) async fn write_loose(&mut self) -> Result<(), LogError> {
        while let Some((from, until, [names, streams])) = self.full() {
            let row = self.begin(0, from, until).await?;
            let keys = [names.len(), streams.len()];
            let sources = [names, streams].map(|records| Source::Memory(records.into_iter()));
            let run = self.write(Run::begin(row), sources, keys, false).await?;
            self.publish(run, Vec::new()).await?;
        }
        Ok(())
    }

    fn full(&self) -> Option<(u64, u64, [Vec<Record>; 2])> {
        self.index.read().fresh.full()
    }

    /// Merges runs that stand next to each other.
    pub(super) async fn merge(&mut self, runs: &[Arc<Run>]) -> Result<(), LogError> {
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return Ok(());
        };
        let row = self
            .begin(first.row.level + 1, first.row.from, last.row.until)
            .await?;
        let kinds = [Kind::Names, Kind::Streams];
        let sources = kinds.map(|kind| Source::Runs(Merge::of(kind, runs)));
        let keys = kinds.map(|kind| {
            let keys = runs.iter().map(|run| run.directory(kind).keys);
            usize::try_from(keys.sum::<u64>()).unwrap_or(usize::MAX)
        });
        let run = self.write(Run::begin(row), sources, keys, true).await?;
        self.publish(run, runs.iter().map(|run| run.row.run).collect())
            .await
    }

    /// Writes all blocks of a run, its summary last.
    async fn write(
        &mut self,
        mut run: Run,
        sources: [Source; 2],
        keys: [usize; 2],
        long: bool,
    ) -> Result<Run, LogError> {
        let mut shipment = Shipment {
            first: run.row.first_block(),
            blocks: Vec::new(),
            long,
        };
        let [names, streams] = sources;
        run.names = self.write_kind(names, keys[0], &mut shipment).await?;
        run.streams = self.write_kind(streams, keys[1], &mut shipment).await?;
        let summary = run.summary();
        let parts = summary.chunks(block::BYTES);
        run.row.blocks = [
            run.names.fences.len() as u64,
            run.streams.fences.len() as u64,
            parts.len() as u64,
        ];
        for part in parts {
            self.ship(&mut shipment, part.to_vec()).await?;
        }
        self.send(&mut shipment).await?;
        Ok(run)
    }

    async fn write_kind(
        &mut self,
        mut source: Source,
        keys: usize,
        shipment: &mut Shipment,
    ) -> Result<Directory, LogError> {
        let mut writing = Writing::begin(shipment.first + shipment.blocks.len() as u64, keys);
        loop {
            let next = match &mut source {
                Source::Memory(records) => records.next(),
                Source::Runs(merge) => merge.next(&self.index, &self.shelf).await?,
            };
            let Some(record) = next else { break };
            if let Some(block) = writing.push(record) {
                self.ship(shipment, block).await?;
            }
        }
        let (rest, directory) = writing.end();
        if let Some(block) = rest {
            self.ship(shipment, block).await?;
        }
        Ok(directory)
    }

    async fn ship(&mut self, shipment: &mut Shipment, block: Vec<u8>) -> Result<(), LogError> {
        shipment.blocks.push(block);
        if shipment.blocks.len() < STEP {
            return Ok(());
        }
        self.send(shipment).await
    }

    async fn send(&mut self, shipment: &mut Shipment) -> Result<(), LogError> {
        let blocks = std::mem::take(&mut shipment.blocks);
        if blocks.is_empty() {
            return Ok(());
        }
        let first = shipment.first;
        shipment.first += blocks.len() as u64;
        self.go_on(Work::Blocks(first, blocks)).await?;
        if shipment.long && self.index.read().fresh.is_full() {
            Box::pin(self.write_loose()).await?;
        }
        Ok(())
    }
}
