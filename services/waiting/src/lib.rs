//! Who waits for a place is offered it in turn (R18).
//!
//! A process that reads views and tells the log facts, as a sender does: whenever a session that can be entered has a place
//! which nobody holds and which is offered to nobody, whoever has waited longest is offered it, until a day
//! (`parcours.place.offered.v1`). It decides nothing by itself: who waits, what is free and what is offered stand in the catalogue,
//! and an offer that ran out is none from the next day on. The name of an offer follows from the wait that it answers, so that two
//! processes, or one that was killed, make it once. Rules judge it like any other event.

use chrono::{Days, Utc};
use parcours_log::supervision::Supervisor;
use parcours_log::trouble::Trouble;
use parcours_log::{Append, Log, Rejection};
use parcours_model::streams::parcours::{Fact, PlaceOffered};
use parcours_model::{Event, EventKey, StreamId, StreamKind, Submission, calendar};
use parcours_projections::catalogue::{self, Turn};
use parcours_projections::{ViewError, Views};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Days to take a place or to decline it, when nothing else is said.
pub const DAYS: u64 = 7;
/// Offers made at a time.
const PAGE: usize = 100;
/// The longest time without a look: a day that begins ends offers, too.
const LOOK: Duration = Duration::from_secs(30);
/// How long somebody's turn has lasted before a place is offered: facts that come in a row, as those of a file do, may say that
/// somebody waits and, a moment later, that they were taken in.
const GRACE: Duration = Duration::from_secs(2);
/// Between two looks, however much is recorded.
const PAUSE: Duration = Duration::from_millis(200);

/// The task that makes offers, until it is stopped.
pub struct Offering {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Offering {
    /// Begins: places are offered for so many days.
    pub fn start(log: Log, views: Views, days: u64, supervisor: &Supervisor) -> Offering {
        let stop = log.stopping().child_token();
        let work = offer_in_turn(log, views, days, stop.clone());
        Offering {
            task: tokio::spawn(supervisor.task("waiting-lists", work)),
            stop,
        }
    }

    /// Stops it, and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        // Whoever supervises hears of a fault.
        let _ = self.task.await;
    }
}

async fn offer_in_turn(log: Log, views: Views, days: u64, stop: CancellationToken) {
    let trouble = Trouble::new("waiting-lists", "places cannot be offered to those who wait");
    let work = async {
        let mut known = Known::default();
        let mut looked_at = None;
        loop {
            match look(&log, &views, days, &mut known).await {
                Ok(()) => trouble.over(),
                // It will be: health tells of it until then.
                Err(ViewError::NotBuilt(_)) => {}
                Err(error) => trouble.met(&error),
            }
            let digested = views.checkpoint(catalogue::VIEW.name);
            // Nothing came in between, and nobody's turn is too young: there is nothing to do before something comes, or the
            // day ends. Whoever could not be offered a place is looked at again then, too.
            let too_young = known.values().any(|seen| seen.elapsed() < GRACE);
            if looked_at == Some(digested) && !too_young {
                let _ = views.comes_to(catalogue::VIEW.name, digested, LOOK).await;
            }
            looked_at = Some(digested);
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Turns, with the moment from which each was seen.
type Known = HashMap<(Uuid, Uuid), Instant>;

/// Makes the offers that are to be made now, and waits until the catalogue has them.
async fn look(log: &Log, views: &Views, days: u64, known: &mut Known) -> Result<(), ViewError> {
    let mut turns = views.turns(Utc::now(), PAGE).await?;
    let name = |turn: &Turn| (turn.session, turn.parcours);
    known.retain(|seen, _| turns.iter().any(|turn| name(turn) == *seen));
    turns.retain(|turn| known.entry(name(turn)).or_insert_with(Instant::now).elapsed() >= GRACE);
    let appends = turns
        .iter()
        .map(|turn| Append::one(offer(turn, days), "waiting-lists".into()));
    let mut last = None;
    for (turn, made) in turns.iter().zip(log.append_each(appends.collect()).await) {
        match made {
            Ok(receipts) => {
                last = receipts.iter().map(|receipt| receipt.position).max().max(last);
                tracing::info!(session = %turn.session, parcours = %turn.parcours, "a place is offered");
            }
            // Another process has made it a moment ago; or it was made once, and is annulled: then it is not made again.
            Err(Rejection::Conflict { position, .. }) => {
                tracing::debug!(parcours = %turn.parcours, position, "a place was offered already");
            }
            Err(Rejection::Refused { refusals, .. }) => {
                let why = refusals.first().map(|refusal| refusal.english.clone());
                tracing::debug!(parcours = %turn.parcours, why, "no place is offered");
            }
            Err(rejection) => return Err(ViewError::Unavailable(rejection.to_string())),
        }
    }
    match last {
        Some(last) => views.wait_for(catalogue::VIEW.name, last, LOOK).await,
        None => Ok(()),
    }
}

/// The offer to whoever's turn it is, by the Région in which the session is held.
fn offer(turn: &Turn, days: u64) -> Submission {
    let now = Utc::now();
    let today = calendar::day(now);
    let until = today
        .checked_add_days(Days::new(days))
        .unwrap_or(today)
        .min(turn.last_day);
    let id = format!(
        "place-offered:{}:{}:{}",
        turn.session,
        turn.parcours,
        turn.since.timestamp_micros()
    );
    Submission::new(Event {
        key: EventKey::new(format!("urn:region:{}", turn.region), id.as_str()),
        stream: StreamId::new(StreamKind::Parcours, turn.parcours),
        time: now,
        fact: Fact::PlaceOffered(PlaceOffered {
            session: turn.session,
            until,
        })
        .into(),
    })
}
