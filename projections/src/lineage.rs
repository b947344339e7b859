//! Whether what a generation has digested, or is to pass over, is of the history of this log.
//!
//! A checkpoint is a number, and every log has that many entries sooner or later. So a generation keeps with it which
//! entry was the last one, and whoever begins to follow with it asks the log for that entry. Within a process every batch
//! follows from the one before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parcours_log::tree::Hash;
use parcours_log::{Anchor, Log, LogError};

use crate::reading::PassedOver;
use crate::store::{Generation, Mark, State};

/// How far a generation has come with this log; `None` if it has come there with another one, or with one that had more.
pub(crate) async fn mark_of(log: &Log, generation: &Generation) -> Result<Option<Mark>, LogError> {
    let (checkpoint, target) = (generation.checkpoint, generation.target);
    let Some(at) = place(log, checkpoint, generation.leaf).await? else {
        return Ok(None);
    };
    if target <= checkpoint {
        return Ok(Some(Mark::at(at)));
    }
    // Some streams are ahead of the checkpoint, or loaded.
    let to = place(log, target, generation.target_leaf).await?;
    Ok(to.map(|to| match generation.state {
        State::Loading => Mark::at(at),
        _ => generation.crossing(at, to),
    }))
}

/// Of what is to be passed over, what stands in this log: not another entry at the same position.
pub(crate) async fn of_this(log: &Log, noted: &BTreeMap<u64, Option<Hash>>) -> Result<PassedOver, LogError> {
    let mut passed = BTreeSet::new();
    for (position, leaf) in noted {
        if place(log, position + 1, *leaf).await?.is_some() {
            passed.insert(*position);
        }
    }
    Ok(Arc::new(passed))
}

/// How many entries of this log a generation has digested: none, if it is of another history.
pub(crate) async fn reached(log: &Log, generation: Option<&Generation>) -> Result<u64, LogError> {
    let mark = match generation {
        Some(generation) => mark_of(log, generation).await?,
        None => None,
    };
    Ok(mark.map_or(0, |mark| mark.checkpoint()))
}

/// The place after `size` entries, if the log has it. One of which nothing more is known than its number is believed.
async fn place(log: &Log, size: u64, leaf: Option<Hash>) -> Result<Option<Anchor>, LogError> {
    match leaf {
        None => log.anchor(size).await,
        Some(leaf) => {
            let anchor = Anchor { size, leaf };
            Ok(log.has(anchor).await?.then_some(anchor))
        }
    }
}
