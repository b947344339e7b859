//! The deliveries to one partner, while this process has its ledger.
//!
//! One task decides and writes; only the calls themselves are made at once. So that a lane has one message under way at
//! a time, and nothing is told twice as long as nobody dies: see the invariants of [`Lanes`] and of the ledger.

mod landing;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use parcours_log::Anchor;
use parcours_model::StreamId;
use parcours_projections::ViewError;
use parcours_projections::outcomes::{Cursor, Key, OutcomeRow};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::lanes::{Lanes, Origin, Waiting};
use super::ledger::{Ledger, Letter, News};
use super::observe;
use super::post::{PAGE, Post};
use super::sender::Verdict;
use super::status::Status;
use crate::OutcomesError;
use crate::contract::CloudEvent;

/// Between two looks at what the command line asks.
const LOOK: Duration = Duration::from_millis(500);
/// The cursor is kept this often at most while it moves. After a kill, what was accepted since comes again.
const KEEP: Duration = Duration::from_millis(100);
/// Before another attempt when the view does not answer.
const VIEW_PAUSE: Duration = Duration::from_millis(200);

/// A message under way.
struct Flight {
    lane: StreamId,
    message: Cursor,
    attempts: u32,
    origin: Origin,
}

pub(super) struct Delivery {
    post: Post,
    ledger: Ledger,
    lanes: Lanes,
    under_way: FuturesUnordered<BoxFuture<'static, (Flight, Verdict)>>,
    /// Messages read and not taken yet, and up to where the list is read.
    page: VecDeque<Arc<OutcomeRow>>,
    read: Option<Cursor>,
    /// Up to where messages are taken.
    taken: Option<Cursor>,
    /// The log as it was when messages were last taken from it: none is sent that came after this place.
    told: Anchor,
    /// The cursor as the ledger has it, and what else is to be kept with it.
    kept: Option<Key>,
    kept_at: Instant,
    news: News,
    has_news: bool,
    /// What the ledger said last.
    disabled: bool,
    hastened: i64,
    replays: VecDeque<Letter>,
    looked_at: Option<Instant>,
    /// No calls until then, in milliseconds since 1970.
    paused_until: i64,
    /// Why the last attempt failed, if it did; and whether for want of somebody who answers.
    failing: Option<String>,
    unreachable: bool,
}

fn now() -> i64 {
    Utc::now().timestamp_millis()
}

impl Delivery {
    /// Goes on from where the ledger stands.
    pub async fn resume(post: Post, mut ledger: Ledger) -> Result<Self, OutcomesError> {
        let standing = ledger.standing().await?;
        let told = post.told(&standing).await?;
        let mut lanes = Lanes::default();
        for (lane, waiting) in standing.waiting {
            lanes.wait(lane, waiting);
        }
        let cursor = match standing.cursor {
            Some(key) => Some(post.reader.cursor(key).await?),
            None => None,
        };
        Ok(Self {
            post,
            ledger,
            lanes,
            under_way: FuturesUnordered::new(),
            page: VecDeque::new(),
            read: cursor,
            taken: cursor,
            told,
            kept: standing.cursor,
            kept_at: Instant::now(),
            news: News::default(),
            has_news: false,
            disabled: false,
            hastened: 0,
            replays: VecDeque::new(),
            looked_at: None,
            paused_until: 0,
            failing: None,
            unreachable: false,
        })
    }

    /// Delivers until it is told to stop; then what is under way ends, within the time of one attempt.
    pub async fn run(mut self, stop: &CancellationToken) -> Result<(), OutcomesError> {
        while !stop.is_cancelled() {
            self.look().await?;
            let hungry = match self.launch().await {
                Ok(hungry) => hungry,
                // It is being built, or its database restarts: what is under way goes on meanwhile.
                Err(OutcomesError::View(error)) => {
                    // Not worth a line while it is being built.
                    if !matches!(error, ViewError::NotBuilt(_) | ViewError::Behind { .. }) {
                        let partner = self.post.audience.name();
                        tracing::warn!(partner, %error, "outcomes cannot be read for a webhook; tried again");
                    }
                    sleep(VIEW_PAUSE).await;
                    false
                }
                Err(error) => return Err(error),
            };
            self.keep(false).await?;
            self.tell();
            let wake = self.next_moment();
            let more = self.post.reader.clone();
            let read = self.read;
            tokio::select! {
                () = stop.cancelled() => {}
                Some((flight, verdict)) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.land(flight, verdict).await?;
                }
                () = more.wait_after(read), if hungry => {}
                () = sleep_until(wake) => {}
            }
        }
        // An attempt ends by itself; this bounds the answers' bodies and the database too.
        let bound = self.post.options.timeout + Duration::from_secs(3);
        let all_landed = async {
            while let Some((flight, verdict)) = self.under_way.next().await {
                self.land(flight, verdict).await?;
            }
            Ok::<_, OutcomesError>(())
        };
        if let Ok(landed) = timeout(bound, all_landed).await {
            landed?;
        }
        self.keep(true).await
    }

    /// Looks now and then at what the command line asks.
    async fn look(&mut self) -> Result<(), OutcomesError> {
        if self.looked_at.is_some_and(|looked| looked.elapsed() < LOOK) {
            return Ok(());
        }
        self.post.reader.log().still_the_same()?;
        let orders = self.ledger.orders().await?;
        if self.looked_at.is_some() && orders.hastened != self.hastened {
            self.paused_until = 0;
            self.lanes.hasten(now(), true);
        }
        self.looked_at = Some(Instant::now());
        self.disabled = orders.disabled;
        self.hastened = orders.hastened;
        self.replays = self.post.in_order(orders.replays).await?.into();
        observe::standing(
            self.post.audience.name(),
            self.lanes.len(),
            orders.dead,
            orders.disabled,
        );
        Ok(())
    }

    /// Sends what may be sent now. Answers whether there is room for more from the list when there is more.
    async fn launch(&mut self) -> Result<bool, OutcomesError> {
        while !self.disabled && self.paused_until <= now() && self.under_way.len() < self.post.options.at_once
        {
            if let Some((lane, waiting)) = self.lanes.due(now()) {
                self.launch_lane(lane, waiting).await?;
            } else if let Some(letter) = self.next_letter() {
                self.launch_letter(letter).await?;
            } else if self.lanes.len() + self.under_way.len() >= self.post.options.waiting {
                return Ok(false);
            } else if let Some(row) = self.next_row().await? {
                self.take(row).await?;
            } else {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next message of a lane that is due.
    async fn launch_lane(&mut self, lane: StreamId, waiting: Waiting) -> Result<(), OutcomesError> {
        let first = self.post.reader.cursor(waiting.key).await?;
        match self.post.next_of(lane, first.before(), self.taken).await? {
            None => {
                self.ledger.clear(lane).await?;
                self.lanes.clear(lane);
            }
            Some((place, message)) => {
                // The message that failed may have been taken back since.
                let attempts = if place == first { waiting.attempts } else { 0 };
                self.send(lane, place, message, attempts, Origin::Lane);
            }
        }
        Ok(())
    }

    fn next_letter(&mut self) -> Option<Letter> {
        let free = |letter: &Letter| !self.lanes.is_under_way(letter.lane);
        let index = self.replays.iter().position(free)?;
        self.replays.remove(index)
    }

    async fn launch_letter(&mut self, letter: Letter) -> Result<(), OutcomesError> {
        let dead = self.post.reader.cursor(letter.key).await?;
        match self.post.next_of(letter.lane, dead.before(), self.taken).await? {
            Some((place, message)) if place == dead => {
                self.send(letter.lane, place, message, letter.attempts, Origin::Letters);
                Ok(())
            }
            // The person withdrew the consent or was erased: there is nothing to tell any more.
            _ => self.ledger.unbury(letter.key).await,
        }
    }

    /// Takes a message from the list: it is sent, or waits behind others of its lane.
    async fn take(&mut self, row: Arc<OutcomeRow>) -> Result<(), OutcomesError> {
        let place = row.cursor();
        let message = self.post.audience.message(&row);
        if let (Some(lane), Some(message)) = (row.about(), message)
            && !self.lanes.waits(lane)
        {
            if self.lanes.is_under_way(lane) {
                let waiting = Waiting::for_its_turn(place.key, now());
                self.ledger.wait(lane, &waiting).await?;
                self.lanes.wait(lane, waiting);
            } else {
                self.send(lane, place, message, 0, Origin::List);
            }
        }
        self.page.pop_front();
        self.taken = Some(place);
        Ok(())
    }

    /// The next message of the list. It stays there until it is taken.
    async fn next_row(&mut self) -> Result<Option<Arc<OutcomeRow>>, OutcomesError> {
        while self.page.is_empty() {
            let filter = self.post.audience.filter().clone();
            let batch = self.post.reader.follow(self.read, &filter, PAGE).await?;
            // Before any of it is sent: whoever is killed now knows next time of which history it was.
            if !batch.messages.is_empty() && self.cover(batch.reached).await? {
                self.ledger.told(self.told).await?;
            }
            self.read = batch.reached;
            self.page = batch.messages.into();
            if self.page.is_empty() {
                // Everything up to here was of no concern to this partner.
                self.taken = self.read;
                if !batch.more {
                    return Ok(None);
                }
            }
        }
        Ok(self.page.front().cloned())
    }

    fn send(&mut self, lane: StreamId, place: Cursor, message: CloudEvent, attempts: u32, origin: Origin) {
        let (sender, receiver) = (self.post.sender.clone(), self.post.receiver.clone());
        let flight = Flight {
            lane,
            message: place,
            attempts,
            origin,
        };
        self.lanes.leave(lane, place, origin);
        self.under_way.push(Box::pin(async move {
            let verdict = sender.attempt(&receiver, &message).await;
            (flight, verdict)
        }));
    }

    /// The cursor that is safe to begin from again, by its key: what it leads to is that place, or one before it.
    fn settled(&self) -> Option<Key> {
        self.lanes.settled(self.taken).map(|settled| settled.key)
    }

    /// Makes sure that `told` is not before this place of the list. Answers whether it has moved.
    async fn cover(&mut self, place: Option<Cursor>) -> Result<bool, OutcomesError> {
        match place.map(|place| place.key.position) {
            Some(position) if position >= self.told.size => {
                self.told = self.post.told_before(position).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Keeps the cursor, now and then.
    async fn keep(&mut self, at_once: bool) -> Result<(), OutcomesError> {
        let settled = self.settled();
        let due = at_once || self.kept_at.elapsed() >= KEEP;
        if due && (settled != self.kept || self.has_news) {
            self.cover(self.taken).await?;
            let news = std::mem::take(&mut self.news);
            self.ledger.keep(settled, self.told, news).await?;
            self.kept = settled;
            self.has_news = false;
            self.kept_at = Instant::now();
        }
        Ok(())
    }

    /// Tells how it goes, if that is news.
    fn tell(&self) {
        let gone = || "it answered 410 Gone: called again after `parcours webhooks enable`".to_owned();
        let detail = self.disabled.then(gone).or_else(|| self.failing.clone());
        let status = Status {
            healthy: detail.is_none(),
            position: self.kept.map(|key| key.position),
            detail,
        };
        self.post.status.send_if_modified(|known| {
            let news = *known != status;
            *known = status;
            news
        });
    }

    /// When there is something to do though nothing happens.
    fn next_moment(&self) -> Instant {
        let look = self.looked_at.unwrap_or_else(Instant::now) + LOOK;
        let unkept = self.has_news || self.settled() != self.kept;
        let keep = unkept.then(|| self.kept_at + KEEP);
        let due = self.lanes.next_due().map(|due| due.max(self.paused_until));
        let idle = self.under_way.len() < self.post.options.at_once && !self.disabled;
        let due = due.filter(|_| idle).map(|due| {
            let left = u64::try_from(due - now()).unwrap_or_default();
            Instant::now() + Duration::from_millis(left)
        });
        [Some(look), keep, due]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(look)
    }
}
