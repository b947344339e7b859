//! What becomes of a message once a call has ended.

use std::time::Duration;

use super::{Delivery, Flight, now};
use crate::OutcomesError;
use crate::webhook::lanes::{Origin, Waiting};
use crate::webhook::ledger::Letter;
use crate::webhook::observe;
use crate::webhook::sender::Verdict;

/// The longest that a receiver may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

impl Delivery {
    /// An attempt has ended. The ledger is written before anything else is decided.
    pub(super) async fn land(&mut self, flight: Flight, verdict: Verdict) -> Result<(), OutcomesError> {
        observe::attempt(self.post.audience.name(), &verdict);
        let lane = flight.lane;
        match verdict {
            Verdict::Accepted => self.accepted(flight).await?,
            Verdict::Failed {
                why,
                wait,
                unreachable,
            } => self.failed(flight, why, wait, unreachable).await?,
            Verdict::Gone => self.gone(flight).await?,
        }
        self.lanes.land(lane);
        Ok(())
    }

    async fn accepted(&mut self, flight: Flight) -> Result<(), OutcomesError> {
        if self.failing.is_some() {
            tracing::info!(partner = self.post.audience.name(), "a webhook is accepted again");
        }
        if self.unreachable {
            self.lanes.hasten(now(), false);
        }
        (self.failing, self.unreachable) = (None, false);
        self.news.accepted_at = Some(now());
        self.has_news = true;
        match flight.origin {
            Origin::List => Ok(()),
            Origin::Letters => self.ledger.unbury(flight.message.key).await,
            Origin::Lane => {
                match self.following(&flight).await? {
                    Some(next) => {
                        self.ledger.wait(flight.lane, &next).await?;
                        self.lanes.wait(flight.lane, next);
                    }
                    None => {
                        self.ledger.clear(flight.lane).await?;
                        self.lanes.clear(flight.lane);
                    }
                }
                Ok(())
            }
        }
    }

    async fn failed(
        &mut self,
        flight: Flight,
        why: String,
        wait: Option<Duration>,
        unreachable: bool,
    ) -> Result<(), OutcomesError> {
        let name = self.post.audience.name();
        if self.failing.is_none() {
            tracing::warn!(
                partner = name,
                why,
                "a webhook fails: what it is to be told waits"
            );
        }
        (self.failing, self.unreachable) = (Some(why.clone()), unreachable);
        self.news.failed_at = Some(now());
        self.news.failure = Some(why.clone());
        self.has_news = true;
        let options = self.post.options.clone();
        let wait = wait
            .unwrap_or_default()
            .min(LONGEST_WAIT)
            .min(options.schedule.longest());
        self.paused_until = self.paused_until.max(now() + milliseconds(wait));
        let attempts = flight.attempts + 1;
        let letter = |why| Letter {
            key: flight.message.key,
            lane: flight.lane,
            attempts,
            died: now(),
            why,
        };
        if flight.origin == Origin::Letters {
            self.replays.retain(|letter| letter.lane != flight.lane);
            return self.ledger.still_dead(&letter(why)).await;
        }
        if let Some(pause) = options.schedule.after(attempts) {
            let waiting = Waiting {
                key: flight.message.key,
                attempts,
                due: now() + milliseconds(pause.max(wait)),
                why: Some(why),
                unreachable,
            };
            self.ledger.wait(flight.lane, &waiting).await?;
            self.lanes.wait(flight.lane, waiting);
            return Ok(());
        }
        let message = self.post.audience.id(flight.message.key);
        tracing::warn!(
            partner = name,
            message,
            attempts,
            why,
            "a message is given up: see `parcours webhooks show`"
        );
        let next = self.following(&flight).await?;
        self.ledger.bury(&letter(why), next.as_ref()).await?;
        match next {
            Some(next) => self.lanes.wait(flight.lane, next),
            None => self.lanes.clear(flight.lane),
        }
        Ok(())
    }

    async fn gone(&mut self, flight: Flight) -> Result<(), OutcomesError> {
        let why = "answered 410 Gone";
        tracing::warn!(
            partner = self.post.audience.name(),
            "a webhook wants no more messages ({why}): it is disabled until `parcours webhooks enable`"
        );
        self.disabled = true;
        let waiting = Waiting {
            key: flight.message.key,
            attempts: flight.attempts,
            due: now(),
            why: Some(why.to_owned()),
            unreachable: false,
        };
        // A dead letter stays one, and still is to be tried.
        let lane = (flight.origin != Origin::Letters).then_some((flight.lane, &waiting));
        self.ledger.disable(now(), why, lane).await?;
        if lane.is_some() {
            self.lanes.wait(flight.lane, waiting);
        }
        Ok(())
    }

    /// The state of a lane whose message is done with: waiting for its next one, if one has been taken.
    async fn following(&mut self, flight: &Flight) -> Result<Option<Waiting>, OutcomesError> {
        let next = self
            .post
            .next_of(flight.lane, Some(flight.message), self.taken)
            .await?;
        Ok(next.map(|(next, _)| Waiting::for_its_turn(next.key, now())))
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}
