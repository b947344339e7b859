//! What is to be forgotten is removed from the stream.
//!
//! A notice to forget says to a partner that what came before is to be deleted; here, what came before is deleted for whoever
//! reads the stream from its beginning later. The notices are a queue of work of their own: a durable consumer hears
//! them, and one is acknowledged when all that it speaks of is gone. So none is left out after a crash, and several
//! processes share the work. It goes on beside publishing, which never waits for it.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, Message};
use futures_util::TryStreamExt;
use serde::Deserialize;
use tokio::time::sleep;
use uuid::Uuid;

use super::api::refused;
use super::connection::NatsOptions;
use super::stream::STREAM;
use super::subject::{all_of, audience};
use crate::OutcomesError;

/// The consumer that hears the notices. Capitals: no partner can bear the name.
pub(super) const CONSUMER: &str = "FORGET";
const NOTICES: &str = "outcomes.*.forget.>";
/// Notices worked off together: their partners' messages are read once for all of them.
const TOGETHER: usize = 500;
/// Reading a partner's messages takes a second for some tens of thousands. A notice that is not worked off by then is
/// taken up again, perhaps by another process: no harm is done.
const WORKED_OFF_WITHIN: Duration = Duration::from_secs(600);
/// How long to wait for a notice before asking again.
const WAIT: Duration = Duration::from_secs(20);
/// After a failure: there may be no server, or no stream yet.
const PAUSE: Duration = Duration::from_secs(3);

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
struct Forgotten {
    parcours: BTreeMap<Uuid, u64>,
    trainees: BTreeMap<Uuid, u64>,
}

/// Works notices off for ever.
pub(super) async fn forget(options: &NatsOptions) {
    let mut before = String::new();
    loop {
        let Err(error) = work(options).await;
        let cause = error.to_string();
        // A stream that is not there yet, or no server: the publisher tells of them.
        if cause != before
            && !matches!(
                error,
                OutcomesError::NatsUnreachable(_) | OutcomesError::StreamChanged(_)
            )
        {
            tracing::warn!(
                cause,
                "what is to be forgotten cannot be removed from the stream now; tried again"
            );
        }
        before = cause;
        sleep(PAUSE).await;
    }
}

async fn work(options: &NatsOptions) -> Result<std::convert::Infallible, OutcomesError> {
    let client = options.connect().await?;
    let stream = jetstream::new(client).get_stream(STREAM).await;
    let stream = stream.map_err(|_| OutcomesError::StreamChanged("it is gone"))?;
    let notices = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        description: Some("Notices to forget whose messages are still to be removed.".to_owned()),
        filter_subject: NOTICES.to_owned(),
        ack_policy: AckPolicy::Explicit,
        ack_wait: WORKED_OFF_WITHIN,
        max_ack_pending: 2 * TOGETHER as i64,
        ..pull::Config::default()
    };
    let what = "hear the notices to forget";
    let failed = |error: String| refused(what, &error);
    let consumer = stream
        .create_consumer(notices)
        .await
        .map_err(|error| failed(error.to_string()))?;
    loop {
        // One is waited for; others that are there come with it.
        let first = consumer.batch().max_messages(1).expires(WAIT).messages().await;
        let mut together: Vec<Message> = first
            .map_err(|error| failed(error.to_string()))?
            .try_collect()
            .await
            .map_err(|error| failed(error.to_string()))?;
        if together.is_empty() {
            continue;
        }
        let others = consumer.fetch().max_messages(TOGETHER).messages().await;
        let others: Vec<Message> = others
            .map_err(|error| failed(error.to_string()))?
            .try_collect()
            .await
            .map_err(|error| failed(error.to_string()))?;
        together.extend(others);
        work_off(&stream, &together).await?;
        for notice in &together {
            notice.ack().await.map_err(|error| failed(error.to_string()))?;
        }
    }
}

/// Removes what the notices speak of.
async fn work_off(stream: &Stream, notices: &[Message]) -> Result<(), OutcomesError> {
    let mut partners: BTreeMap<&str, Forgotten> = BTreeMap::new();
    for notice in notices {
        let told: Told = serde_json::from_slice(&notice.payload)
            .map_err(|error| refused("read a notice", &error.to_string()))?;
        let number = sequence(notice)?;
        let forgotten = partners
            .entry(audience(&notice.subject).unwrap_or_default())
            .or_default();
        match (told.data.parcours, told.data.trainee) {
            (Some(parcours), _) => forgotten.parcours.insert(parcours, number),
            (None, Some(trainee)) => forgotten.trainees.insert(trainee, number),
            (None, None) => None,
        };
    }
    for (partner, forgotten) in partners {
        let removed = forgotten.remove(stream, partner).await?;
        if removed > 0 {
            tracing::info!(
                partner,
                messages = removed,
                "removed from the stream what is to be forgotten"
            );
        }
    }
    Ok(())
}

impl Forgotten {
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
    async fn remove(&self, stream: &Stream, partner: &str) -> Result<usize, OutcomesError> {
        let what = "read a partner's messages";
        let failed = |error: String| refused(what, &error);
        let config = pull::OrderedConfig {
            filter_subject: all_of(partner),
            ..pull::OrderedConfig::default()
        };
        let consumer = stream
            .create_consumer(config)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let mut messages = consumer
            .messages()
            .await
            .map_err(|error| failed(error.to_string()))?;
        let last = self.last();
        let mut spoken_of = HashSet::new();
        // The notice itself is among the messages, so the end comes.
        while let Some(message) = messages
            .try_next()
            .await
            .map_err(|error| failed(error.to_string()))?
        {
            let number = sequence(&message)?;
            let told = serde_json::from_slice::<Told>(&message.payload);
            if told.is_ok_and(|told| self.speaks_of(&told, number)) {
                spoken_of.insert(number);
            }
            if number >= last {
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
