//! Waiting for answers, within a limit, and no longer than whoever waits is there to hear them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Fault, STOP_LIMIT};

/// When to wait no longer. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// Cancelled when whoever asks begins to stop.
    begins: CancellationToken,
    /// Cancelled when, after that, an answer has not come in time: no other is waited for.
    over: CancellationToken,
}

impl Stop {
    pub fn when(begins: &CancellationToken) -> Stop {
        Stop {
            begins: begins.clone(),
            over: CancellationToken::new(),
        }
    }

    /// The answer, if it comes within the limit.
    pub async fn within<T>(&self, limit: Duration, answer: impl Future<Output = T>) -> Result<T, Fault> {
        let late = async {
            sleep(limit).await;
            Fault::Late(limit)
        };
        self.until(late, answer).await
    }

    /// The answer, if it comes before `fault` does.
    pub async fn until<T>(
        &self,
        fault: impl Future<Output = Fault>,
        answer: impl Future<Output = T>,
    ) -> Result<T, Fault> {
        if self.over.is_cancelled() {
            return Err(Fault::Stopping);
        }
        tokio::select! {
            biased;
            answer = answer => Ok(answer),
            fault = fault => Err(fault),
            () = self.cut() => Err(Fault::Stopping),
        }
    }

    async fn cut(&self) {
        let after_the_stop = async {
            self.begins.cancelled().await;
            sleep(STOP_LIMIT).await;
        };
        tokio::select! {
            () = self.over.cancelled() => {}
            () = after_the_stop => self.over.cancel(),
        }
    }
}

/// Whether the answers to all that was asked on a connection have come.
#[derive(Debug, Default)]
pub(super) struct Answered {
    not: AtomicBool,
}

impl Answered {
    /// Whether something was asked and given up, in whatever way: then an answer may still come.
    pub fn is_owed(&self) -> bool {
        self.not.load(Ordering::Relaxed)
    }

    /// Has an answer be owed for ever.
    pub fn never(&self) {
        self.not.store(true, Ordering::Relaxed);
    }

    /// Waits for an answer: it is owed until it has come.
    pub async fn by<T>(&self, answer: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let mut owed = Owed {
            answered: self,
            came: false,
        };
        let answer = answer.await;
        owed.came = answer.is_ok();
        answer
    }
}

struct Owed<'a> {
    answered: &'a Answered,
    came: bool,
}

impl Drop for Owed<'_> {
    fn drop(&mut self) {
        if !self.came {
            self.answered.never();
        }
    }
}
