//! What a partner's messages are, and how they are sent.

use std::sync::Arc;
use std::time::Duration;

use parcours_model::StreamId;
use parcours_projections::outcomes::{Key, VIEW};

use super::Options;
use super::sender::{Receiver, Sender};
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
    pub reader: OutcomeReader,
    pub options: Arc<Options>,
}

impl Post {
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
