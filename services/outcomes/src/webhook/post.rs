//! What a partner's messages are, and how they are sent.

use std::sync::Arc;
use std::time::Duration;

use parcours_log::Anchor;
use parcours_model::StreamId;
use parcours_projections::outcomes::Cursor;
use tokio::sync::watch;

use super::ledger::{Ledger, Letter, Standing};
use super::sender::{Receiver, Sender};
use super::{Begin, Options, Status};
use crate::contract::CloudEvent;
use crate::{Audience, OutcomeReader, OutcomesError};

/// Messages read at once.
pub(super) const PAGE: usize = 64;
/// The longest wait for the list to have come to where it was before.
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
    pub async fn start(&self) -> Result<Option<Cursor>, OutcomesError> {
        match self.begin {
            Begin::Beginning => Ok(None),
            Begin::Now => {
                // Fails while the view is being built for the first time: its end is not that of the list yet.
                self.reader.after(None, self.audience.filter(), 1).await?;
                Ok(self.reader.end().await?)
            }
        }
    }

    /// The place of the log up to which this partner was told, as the ledger has it, if the log has it.
    pub async fn told(&self, standing: &Standing) -> Result<Anchor, OutcomesError> {
        match (standing.told, standing.cursor) {
            (Some(told), _) if self.reader.log().has(told).await? => Ok(told),
            (Some(_), _) => Err(self.diverged()),
            (None, None) => Ok(Anchor::start()),
            // Of a program that kept no more than a position.
            (None, Some(cursor)) => self.told_before(cursor.position).await,
        }
    }

    /// The place of the log that is after the entry at `position` and all that the list has told.
    pub async fn told_before(&self, position: u64) -> Result<Anchor, OutcomesError> {
        let place = self.reader.told_before(position).await?;
        place.ok_or_else(|| self.diverged())
    }

    fn diverged(&self) -> OutcomesError {
        OutcomesError::WebhookDiverged {
            partner: self.audience.name().to_owned(),
        }
    }

    /// Has a partner that is declared to hear more than when it was called last be told everything from the beginning, if
    /// it was told what there was at all.
    pub async fn look_back(&self, ledger: &mut Ledger) -> Result<(), OutcomesError> {
        let Audience::Partner(partner) = &self.audience else {
            return Ok(());
        };
        let hears = partner.declaration.hears();
        let before = ledger.declared().await?;
        if before.as_ref() == Some(&hears) {
            return Ok(());
        }
        let rewind =
            self.begin == Begin::Beginning && before.is_some_and(|before| hears.is_wider_than(&before));
        if rewind {
            let partner = partner.name();
            tracing::info!(
                partner,
                "the partner may hear more than before: called from the beginning again"
            );
        }
        ledger.declare(&hears, rewind).await
    }

    /// Dead letters in the order of the list. That of their keys is another one only where some waited for their time.
    pub async fn in_order(&self, mut letters: Vec<Letter>) -> Result<Vec<Letter>, OutcomesError> {
        if letters.iter().any(|letter| letter.key.is_of_moment()) {
            let mut placed = Vec::with_capacity(letters.len());
            for letter in letters {
                placed.push((self.reader.cursor(letter.key).await?, letter));
            }
            placed.sort_by_key(|(place, _)| *place);
            letters = placed.into_iter().map(|(_, letter)| letter).collect();
        }
        Ok(letters)
    }

    /// The first message of a lane after `after` that this partner may have, among those up to `taken`, once
    /// the list has come so far again: after a crash of the machine the view may have lost its last moments, and what it
    /// does not have yet must not pass for taken back.
    pub async fn next_of(
        &self,
        lane: StreamId,
        after: Option<Cursor>,
        taken: Option<Cursor>,
    ) -> Result<Option<(Cursor, CloudEvent)>, OutcomesError> {
        let Some(taken) = taken else { return Ok(None) };
        let until = self.reader.covers(taken, VIEW_PATIENCE).await?.told;
        let views = self.reader.views();
        let mut after = after;
        loop {
            let rows = views.outcomes_about(lane, after, until, PAGE).await?;
            for row in &rows {
                if row.cursor() > taken {
                    return Ok(None);
                }
                if let Some(message) = self.audience.message(row) {
                    return Ok(Some((row.cursor(), message)));
                }
            }
            match rows.last() {
                Some(last) if rows.len() == PAGE => after = Some(last.cursor()),
                _ => return Ok(None),
            }
        }
    }
}
