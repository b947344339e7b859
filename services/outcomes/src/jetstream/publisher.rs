//! The task that keeps the stream filled for as long as the service runs.

use std::time::Duration;

use async_nats::connection::State;
use parcours_log::Log;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::batch::Room;
use super::connection::NatsOptions;
use super::contents::audiences;
use super::forgetting::forget;
use super::session::{Desk, Session};
use super::status::{Report, Status};
use super::stream;
use crate::{OutcomeReader, OutcomesError, Partners};

/// After a failure; doubles with each, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// After the stream was found to have changed: long enough for another publisher that is at work to stay ahead.
const STEP_BACK: Duration = Duration::from_millis(50);

/// Publishes outcomes until it is stopped. NATS may be slow, absent, or come and go: nobody else waits for it.
pub struct Publisher {
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Publisher {
    /// Begins to publish. Fails if the server lets nobody in, the stream is not as it must be, or the options are wrong:
    /// what the service's administrator has to mend. A server that cannot be reached, is too old, or does not permit what
    /// is needed is waited for in the task.
    pub async fn start(
        options: NatsOptions,
        log: Log,
        reader: OutcomeReader,
        partners: Partners,
    ) -> Result<Self, OutcomesError> {
        super::describe();
        let supervisor = log.supervisor().clone();
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
        let api = match check(&desk).await {
            Ok(api) => Some(api),
            // Its administrator may mend it while the service runs.
            Err(
                error @ (OutcomesError::NatsUnreachable(_)
                | OutcomesError::NatsTooOld { .. }
                | OutcomesError::NatsForbidden { .. }),
            ) => {
                let cause = error.to_string();
                desk.report.failed(&cause);
                tracing::warn!(cause, "outcomes are published to NATS as soon as it will do");
                None
            }
            Err(error) => return Err(error),
        };
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(supervisor.task("jetstream", async move {
            let work = async {
                tokio::join!(
                    Box::pin(publish(&desk, api)),
                    Box::pin(forget(&desk.options, &desk.report))
                )
            };
            stopped.run_until_cancelled(work).await;
        }));
        Ok(Self { status, stop, task })
    }

    /// How it goes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Stops, and waits until it has. What was on its way is taken whole or not at all, and found by whoever is next.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the publisher of outcomes had failed");
        }
    }
}

/// Connects, and looks whether the stream, if there is one, is as it must be.
async fn check(desk: &Desk) -> Result<Api, OutcomesError> {
    let api = desk.options.connect().await?;
    stream::find(&api, desk.options.replicas).await?;
    Ok(api)
}

async fn publish(desk: &Desk, mut api: Option<Api>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let before = desk.report.stored_so_far();
        let Err(error) = session(desk, &mut api).await;
        if desk.report.stored_so_far() > before {
            pause = FIRST_PAUSE;
        }
        if matches!(error, OutcomesError::NatsForbidden { .. }) {
            // What it may not listen to, a connection is told once.
            api = None;
        }
        if let OutcomesError::StreamChanged(how) = error {
            tracing::info!(how, "the stream has changed: looked at again");
            desk.report.conflict();
            sleep(STEP_BACK).await;
            continue;
        }
        let cause = error.to_string();
        let news = desk.report.failed(&cause);
        match error {
            OutcomesError::View(_) if news => {
                tracing::info!(
                    cause,
                    "outcomes are published to NATS as soon as they can be read"
                );
            }
            _ if news => tracing::warn!(cause, "outcomes cannot be published to NATS now; tried again"),
            _ => {}
        }
        sleep(pause).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}

/// One session, to its end, which is an error in every case.
async fn session(desk: &Desk, kept: &mut Option<Api>) -> Result<std::convert::Infallible, OutcomesError> {
    // A connection that is lost connects again by itself, but cannot tell why it does not: a new one can.
    let alive = kept
        .take()
        .filter(|api| api.client().connection_state() == State::Connected);
    let api = match alive {
        Some(api) => api,
        None => desk.options.connect().await?,
    };
    *kept = Some(api.clone());
    let mut session = Session::open(desk, api).await?;
    tracing::info!(server = desk.options.shown(), "outcomes are published to NATS");
    loop {
        session.catch_up(&|| {}).await?;
        session.wait().await?;
    }
}
