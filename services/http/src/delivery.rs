//! What else a process does than answer, as far as its health tells: deliveries to others.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use utoipa::ToSchema;

/// How a delivery to others goes. It may be held up by them, which is no fault of the service: it stays ready.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Its name.
    pub name: &'static str,
    /// To whom, if it is to one partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Whether it goes well.
    pub healthy: bool,
    /// The position of the log up to which all is delivered, or waits for a receiver that fails; none before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Why it does not go well, or not from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What is still to be taken back from where it was delivered; left out where nothing can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forgetting: Option<Forgetting>,
}

/// Notices to forget whose messages are still there for whoever begins to read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Forgetting {
    /// How many notices.
    pub waiting: u64,
    /// For how many seconds the oldest of them has waited; none if none waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_seconds: Option<u64>,
}

/// The deliveries of a process. Clones are the same.
#[derive(Clone, Default)]
pub struct Deliveries(Arc<RwLock<Vec<Tell>>>);

type Tell = Box<dyn Fn() -> Delivery + Send + Sync>;

impl Deliveries {
    /// One more, which tells how it goes whenever it is asked, at once.
    pub fn add(&self, tell: impl Fn() -> Delivery + Send + Sync + 'static) {
        let mut deliveries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        deliveries.push(Box::new(tell));
    }

    /// How each goes.
    pub(crate) fn told(&self) -> Vec<Delivery> {
        let deliveries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        deliveries.iter().map(|tell| tell()).collect()
    }
}
