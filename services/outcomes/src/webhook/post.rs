//! What a partner's messages are, and how they are sent.

use std::sync::Arc;
use std::time::Duration;

use parcours_model::StreamId;
use parcours_projections::outcomes::{Key, VIEW};
use tokio::sync::watch;

use super::sender::{Receiver, Sender};
use super::{Begin, Options, Status};
use crate::contract::CloudEvent;
use crate::{Audience, OutcomeReader, OutcomesError};

/// Messages read at once.
pub(super) const PAGE: usize = 64;
/// The longest wait for the view to have what it had before.
const VIEW_PATIENCE: Duration = Duration::from_secs(2);

/// Everything that a partner's deliveries need.
#[derive(Clone)]
pub(super) struct Post {
    pub audience: Audience,
    pub receiver: Receiver,
    pub sender: Sender,
    pub begin: Begin,
    pub status: watch::Sender<Status>,
    pub reader: OutcomeReader,
    pub options: Arc<Options>,
}

impl Post {
    /// Where the deliveries begin to a partner that was never called.
    pub async fn start(&self) -> Result<Option<Key>, OutcomesError> {
        match self.begin {
            Begin::Beginning => Ok(None),
            Begin::Now => {
                // Fails while the view is being built for the first time: its end is not that of the list yet.
                self.reader.after(None, self.audience.filter(), 1).await?;
                Ok(self.reader.end())
            }
        }
    }

    /// The first message of a lane after `after` that this partner may have, among those up to `taken`, once
    /// the view has them: after a crash of the machine it may have lost its last moments, and what it does not have yet
    /// must not pass for taken back.
    pub async fn next_of(
        &self,
        lane: StreamId,
        after: Option<Key>,
        taken: Option<Key>,
    ) -> Result<Option<(Key, CloudEvent)>, OutcomesError> {
        if let Some(taken) = taken {
            self.reader
                .views()
                .wait_for(VIEW.name, taken.position, VIEW_PATIENCE)
                .await?;
        }
        let mut after = after;
        loop {
            let rows = self.reader.views().outcomes_about(lane, after, PAGE).await?;
            for row in &rows {
                if Some(row.key) > taken {
                    return Ok(None);
                }
                if let Some(message) = self.audience.message(row) {
                    return Ok(Some((row.key, message)));
                }
            }
            match rows.last() {
                Some(last) if rows.len() == PAGE => after = Some(last.key),
                _ => return Ok(None),
            }
        }
    }
}
