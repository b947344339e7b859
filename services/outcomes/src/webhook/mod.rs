//! Webhooks: messages sent to partners that can only receive calls, as Standard Webhooks (1.0.0) has it.
//!
//! - [`Endpoint`]: where a partner receives calls and what signs them, as declared.
//! - [`Webhooks`]: the endpoints of all partners, ready to be delivered to; [`Deliveries`]: under way.
//! - [`Desk`]: what is asked and ordered from the command line.
//!
//! What always holds:
//! 1. Every message reaches a partner at least once, under one `webhook-id` for ever, or is on the list of its dead
//!    letters, whoever is killed when.
//! 2. A message about somebody is sent when every earlier one about them was accepted or given up; others go on meanwhile.
//! 3. One process at a time calls a partner. A partner that is slow or down holds up nobody else.
//! 4. What is kept of it is bounded: an entry for each trainee or session that waits, none for a message.

mod connector;
mod delivery;
mod desk;
mod endpoint;
mod lanes;
mod ledger;
mod network;
mod observe;
mod post;
mod schedule;
mod sender;
mod signature;
mod status;
mod store;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use parcours_log::Location;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub use desk::{Desk, EndpointStanding, Held};
pub use endpoint::{Begin, Endpoint, EndpointUrl, SecretPlace};
pub use network::Network;
pub use schedule::Schedule;
pub use signature::{SigningSecret, new_signing_secret};
pub use status::Status;

use crate::{Audience, OutcomeReader, OutcomesError, Partners};
use delivery::Delivery;
use ledger::Ledger;
use post::Post;
use sender::{Receiver, Sender};
use store::Store;

/// Between two looks whether the process that delivers to a partner is still there.
const STANDBY: Duration = Duration::from_secs(1);
/// Before the first new attempt after a failure of the database; doubles with each, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How calls are made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Networks that may be called though they are not public, and without encryption.
    pub allowed: Vec<IpNet>,
    /// When a call that failed is made again.
    pub schedule: Schedule,
    /// How long a receiver may take to answer. The specification recommends 15 to 30 seconds.
    pub timeout: Duration,
    /// Calls to one partner at the same time.
    pub at_once: usize,
    /// Trainees and sessions of whom a message to one partner may wait. When so many do, no new message is taken from the
    /// list until fewer do: what is kept of a receiver that is down for days is bounded, and so is what dies of it.
    pub waiting: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            schedule: Schedule::default(),
            timeout: Duration::from_secs(15),
            at_once: 8,
            // About 2 MB.
            waiting: 10_000,
        }
    }
}

/// The endpoints of all partners.
pub struct Webhooks {
    receivers: Vec<(Audience, Receiver, Begin)>,
    sender: Sender,
    options: Arc<Options>,
    store: Option<Arc<dyn Store>>,
}

/// Deliveries under way.
pub struct Deliveries {
    tasks: JoinSet<()>,
    statuses: Vec<(String, watch::Receiver<Status>)>,
}

impl Webhooks {
    /// Reads the secrets of all endpoints, from the folder of the partners' file on, and refuses what cannot be called.
    pub fn of(partners: &Partners, folder: &Path, options: Options) -> Result<Self, OutcomesError> {
        let mut receivers = Vec::new();
        for partner in partners.all() {
            let Some(endpoint) = &partner.declaration.webhook else {
                continue;
            };
            let wrong = |detail: String| OutcomesError::WebhookWrong {
                partner: partner.name().to_owned(),
                detail,
            };
            if !endpoint.url.is_https() && options.allowed.is_empty() {
                return Err(wrong(format!(
                    "{} is not encrypted: give an https URL, or allow the network it is in with --webhooks-allow",
                    endpoint.url
                )));
            }
            let read = |place: &SecretPlace| {
                place
                    .read(folder)
                    .map_err(|cause| wrong(format!("its secret {place} cannot be used: {cause}")))
            };
            let secrets = endpoint.secrets.iter().map(read).collect::<Result<_, _>>()?;
            let receiver = Receiver {
                url: endpoint.url.clone(),
                secrets,
            };
            receivers.push((Audience::Partner(partner.clone()), receiver, endpoint.begin));
        }
        let encrypted = receivers.iter().any(|(_, receiver, _)| receiver.url.is_https());
        Ok(Self {
            sender: Sender::new(&options, encrypted)?,
            receivers,
            options: Arc::new(options),
            store: None,
        })
    }

    /// Opens what is remembered of deliveries, beside the views at `views`; nothing if there is no endpoint. It stops with
    /// the log.
    pub async fn open(mut self, views: &Location, stop: &CancellationToken) -> Result<Self, OutcomesError> {
        if !self.receivers.is_empty() {
            self.store = Some(store::open(views, stop).await?);
        }
        Ok(self)
    }

    /// Delivers what `reader` reads until `stop` is cancelled: see [`Deliveries::ended`].
    pub fn start(self, reader: &OutcomeReader, stop: &CancellationToken) -> Deliveries {
        let (mut tasks, mut statuses) = (JoinSet::new(), Vec::new());
        if let Some(store) = self.store {
            observe::describe();
            for (audience, receiver, begin) in self.receivers {
                let (status, told) = watch::channel(Status::new());
                statuses.push((audience.name().to_owned(), told));
                let post = Post {
                    audience,
                    receiver,
                    begin,
                    status,
                    sender: self.sender.clone(),
                    reader: reader.clone(),
                    options: self.options.clone(),
                };
                let work = deliver(post, store.clone(), stop.clone());
                tasks.spawn(reader.supervisor().task("webhook", work));
            }
        }
        Deliveries { tasks, statuses }
    }
}

impl Deliveries {
    /// How the calls to each partner go, by its name.
    pub fn statuses(&self) -> Vec<(String, watch::Receiver<Status>)> {
        self.statuses.clone()
    }

    /// Waits until all calls under way have ended, once told to stop: within the time of one.
    pub async fn ended(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "the deliveries to a webhook had failed");
            }
        }
    }
}

/// The task of one partner: delivers while no other process does.
async fn deliver(post: Post, store: Arc<dyn Store>, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        let name = post.audience.name();
        let taken = match stop.run_until_cancelled(Ledger::take(&*store, name)).await {
            None => return,
            Some(taken) => taken,
        };
        let failed = match taken {
            Ok(None) => {
                post.status.send_replace(Status::elsewhere());
                if stop.run_until_cancelled(sleep(STANDBY)).await.is_none() {
                    return;
                }
                continue;
            }
            Ok(Some(mut ledger)) => {
                let delivered = async {
                    ledger.begin(post.start().await?.map(|start| start.key)).await?;
                    post.look_back(&mut ledger).await?;
                    pause = FIRST_PAUSE;
                    Delivery::resume(post.clone(), ledger).await?.run(&stop).await
                };
                match delivered.await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        let told = post.status.send_replace(Status::interrupted(failed.to_string()));
        match failed {
            // Until somebody does something about it, it remains so.
            _ if failed.lasts() && told == *post.status.borrow() => {}
            _ if failed.lasts() => tracing::error!(partner = name, "{failed}"),
            _ => {
                tracing::warn!(partner = name, error = %failed, "the deliveries to a webhook are interrupted; tried again in {pause:?}");
            }
        }
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return;
        }
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}
