//! What one partner is to forget: read in its messages, and removed from the stream.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::Stream;
use futures_util::TryStreamExt;
use serde::Deserialize;
use tokio::time::timeout;
use uuid::Uuid;

use super::api::refused;
use super::subject::all_of;
use crate::OutcomesError;

/// A message that is there comes in milliseconds.
const NEXT_WITHIN: Duration = Duration::from_secs(20);

/// What is read of a message, and of a notice.
#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    type_name: String,
    data: Names,
}

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    parcours: Option<Uuid>,
    #[serde(default)]
    trainee: Option<Uuid>,
}

/// The pseudonyms that one partner is to forget, each with the number of the last notice that says so.
#[derive(Default)]
pub(super) struct Forgotten {
    parcours: BTreeMap<Uuid, u64>,
    trainees: BTreeMap<Uuid, u64>,
}

impl Forgotten {
    /// What these notices to one partner speak of, in their order.
    pub fn read(notices: &[Message]) -> Result<Self, OutcomesError> {
        let mut forgotten = Self::default();
        for notice in notices {
            let told: Told = serde_json::from_slice(&notice.payload)
                .map_err(|error| refused("read a notice to forget", &error.to_string()))?;
            let number = sequence(notice)?;
            let (known, uuid) = match (told.data.parcours, told.data.trainee) {
                (Some(parcours), _) => (&mut forgotten.parcours, parcours),
                (None, Some(trainee)) => (&mut forgotten.trainees, trainee),
                (None, None) => continue,
            };
            // One that was handed back comes again after later ones.
            let last = known.entry(uuid).or_insert(number);
            *last = number.max(*last);
        }
        Ok(forgotten)
    }

    /// The number of the last notice.
    fn last(&self) -> u64 {
        self.parcours
            .values()
            .chain(self.trainees.values())
            .copied()
            .max()
            .unwrap_or_default()
    }

    /// Whether the message of this number is spoken of by a notice after it. Notices stay.
    fn speaks_of(&self, told: &Told, number: u64) -> bool {
        let later = |notice: Option<&u64>| notice.is_some_and(|notice| *notice > number);
        let Names { parcours, trainee } = &told.data;
        told.type_name != "outcome.forget.v1"
            && (later(parcours.and_then(|uuid| self.parcours.get(&uuid)))
                || later(trainee.and_then(|uuid| self.trainees.get(&uuid))))
    }

    /// Reads the partner's messages up to the last notice, and removes those spoken of; tells how many.
    pub async fn remove(&self, stream: &Stream, partner: &str) -> Result<usize, OutcomesError> {
        let failed = |error: &dyn std::error::Error| refused("read a partner's messages", &error.to_string());
        let last = self.last();
        let config = pull::OrderedConfig {
            filter_subject: all_of(partner),
            ..pull::OrderedConfig::default()
        };
        let consumer = stream
            .create_consumer(config)
            .await
            .map_err(|error| failed(&error))?;
        if consumer.cached_info().num_pending == 0 {
            return Ok(0);
        }
        let mut messages = consumer.messages().await.map_err(|error| failed(&error))?;
        let mut spoken_of = HashSet::new();
        loop {
            let next = timeout(NEXT_WITHIN, messages.try_next());
            let next = next.await.map_err(|elapsed| failed(&elapsed))?;
            let Some(message) = next.map_err(|error| failed(&error))? else {
                break;
            };
            let number = sequence(&message)?;
            let left = message.info().map_or(0, |info| info.pending);
            let told = serde_json::from_slice::<Told>(&message.payload);
            if told.is_ok_and(|told| self.speaks_of(&told, number)) {
                spoken_of.insert(number);
            }
            // A notice stays, so the end comes; unless the partner was told everything anew meanwhile.
            if number >= last || left == 0 {
                break;
            }
        }
        for number in &spoken_of {
            // Overwritten, too. Another process may have been quicker.
            if let Err(error) = stream.delete_message(*number).await
                && stream.get_raw_message(*number).await.is_ok()
            {
                return Err(refused("remove a message", &error.to_string()));
            }
        }
        Ok(spoken_of.len())
    }
}

fn sequence(message: &Message) -> Result<u64, OutcomesError> {
    let info = message
        .info()
        .map_err(|error| refused("number a message", &error.to_string()))?;
    Ok(info.stream_sequence)
}
