//! Building the views that must be built, those asked for at about the same time in one pass over the log.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use crate::ViewError;
use crate::rebuild;
use crate::shared::Shared;
use crate::view::View;

/// How long the first to ask waits for others to join.
const GATHER: Duration = Duration::from_millis(50);
/// How long a build waits for the end of a log that is being filled.
const FILLING: Duration = Duration::from_secs(60);

/// A view to be built, and who waits for it.
pub(super) struct Request {
    view: &'static View,
    answer: oneshot::Sender<Result<(), ViewError>>,
}

/// The way to ask. Bounded: each view's task asks for one thing at a time.
#[derive(Clone)]
pub(super) struct Builder(mpsc::Sender<Request>);

pub(super) fn channel() -> (Builder, mpsc::Receiver<Request>) {
    let (sender, receiver) = mpsc::channel(16);
    (Builder(sender), receiver)
}

impl Builder {
    /// Builds the view, and makes it the one that answers.
    pub async fn build(&self, view: &'static View) -> Result<(), ViewError> {
        let (answer, answered) = oneshot::channel();
        self.0
            .send(Request { view, answer })
            .await
            .map_err(|_| ViewError::Cancelled)?;
        answered.await.map_err(|_| ViewError::Cancelled)?
    }
}

/// Builds what is asked for until it is told to stop, or nobody is left to ask.
pub(super) async fn run(
    feed: Arc<Feed>,
    shared: Arc<Shared>,
    mut requests: mpsc::Receiver<Request>,
    stop: CancellationToken,
) {
    while let Some(Some(first)) = stop.run_until_cancelled(requests.recv()).await {
        tokio::time::sleep(GATHER).await;
        feed.forget();
        if stop.run_until_cancelled(feed.calm(FILLING)).await.is_none() {
            return;
        }
        let mut gathered = vec![first];
        while let Ok(request) = requests.try_recv() {
            gathered.push(request);
        }
        let views: Vec<_> = gathered.iter().map(|request| request.view).collect();
        let mut results = rebuild::run(&feed, &shared, &views, &|_| (), &stop).await;
        for request in gathered {
            let place = results
                .iter()
                .position(|(view, _)| view.name == request.view.name);
            let result = place.map_or(Err(ViewError::Cancelled), |place| results.swap_remove(place).1);
            // Whoever asked may have been stopped meanwhile.
            let _ = request.answer.send(result);
        }
    }
}
