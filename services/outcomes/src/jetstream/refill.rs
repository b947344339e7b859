//! Filling the stream from the log, once, to the end.

use std::time::Duration;

use parcours_log::Log;
use parcours_projections::outcomes::VIEW;
use tokio::time::sleep;

use super::batch::Room;
use super::connection::NatsOptions;
use super::contents::audiences;
use super::session::{Desk, Session};
use super::status::Report;
use super::stream;
use crate::{OutcomeReader, OutcomesError, Partners};

/// After another publisher was found at work.
const STEP_BACK: Duration = Duration::from_millis(50);

/// What to do with messages that are in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Refuse: there must be none.
    Empty,
    /// Go on after the last one.
    Resume,
    /// Remove the stream and the positions of its consumers, and begin again.
    Replace,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries of the log whose outcomes are in the stream.
    pub done: u64,
    /// Entries of the log, as far as the view of outcomes has digested them.
    pub total: u64,
    /// Messages stored by this refill.
    pub stored: u64,
}

/// Fills the stream up to where the view of outcomes is. May be dropped at any moment, and resumed; others may publish
/// meanwhile.
pub async fn refill(
    options: NatsOptions,
    log: Log,
    reader: OutcomeReader,
    partners: Partners,
    start: Start,
    told: impl Fn(Progress) + Sync,
) -> Result<Progress, OutcomesError> {
    let (report, status) = Report::new();
    let desk = Desk {
        audiences: audiences(&partners)?,
        options,
        log,
        reader,
        partners,
        report,
        room: Room::new(),
    };
    let api = desk.options.connect().await?;
    match start {
        Start::Empty => {
            let held = stream::look(&api).await?.map_or(0, |info| info.state.messages);
            if held > 0 {
                return Err(OutcomesError::StreamNotEmpty { messages: held });
            }
        }
        Start::Resume => {}
        Start::Replace => stream::remove(&api).await?,
    }
    desk.reader.come_to_now().await?;
    let progress = || {
        let status = status.borrow();
        let total = desk.reader.views().checkpoint(VIEW.name);
        Progress {
            done: status.position.map_or(0, |position| position + 1).min(total),
            total,
            stored: status.stored,
        }
    };
    loop {
        let filled = async {
            let mut session = Session::open(&desk, api.clone()).await?;
            session.catch_up(&|| told(progress())).await
        };
        match filled.await {
            // The service publishes too: each goes on where the other is.
            Err(OutcomesError::StreamChanged(_) | OutcomesError::NatsGaveUp(_)) => sleep(STEP_BACK).await,
            Err(error) => return Err(error),
            Ok(()) => return Ok(progress()),
        }
    }
}
