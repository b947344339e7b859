//! Where the stream ends, and which message of the log that is.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{Info, RawMessage};
use parcours_log::{Anchor, Log};
use parcours_projections::outcomes::{Cursor, Key};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, refusal, refused};
use super::contents::{DECLARED, ID, LOG, REACHED, signed};
use super::listener::Declared;
use super::stream::{STREAM, SUBJECTS};
use super::subject;
use crate::{OutcomeReader, OutcomesError, Partners};

/// The end of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// The number of the last message; of an empty stream, the one before its first.
    pub sequence: u64,
    /// What was before its first message was removed: 0, unless it was emptied.
    pub emptied: u64,
    /// Everything up to here is in the stream, for every audience that it knows.
    pub reached: Option<Cursor>,
    /// What its last message says of the log that it is of.
    pub log: Option<Anchor>,
}

impl Tail {
    /// Reads the end of the stream that `info` tells of.
    pub async fn read(
        api: &Api,
        info: &Info,
        partners: &Partners,
        reader: &OutcomeReader,
    ) -> Result<Self, OutcomesError> {
        let sequence = info.state.last_sequence;
        let emptied = info.state.first_sequence.saturating_sub(1);
        if info.state.messages == 0 {
            // New, or emptied by somebody: filled from the beginning.
            return Ok(Self {
                sequence,
                emptied,
                reached: None,
                log: None,
            });
        }
        let last = message(api, json!({"seq": sequence})).await?;
        let Some(last) = last else {
            return Err(foreign(sequence, "", "it was removed"));
        };
        let audience = subject::audience(&last.subject).unwrap_or_default();
        let log = last.headers.get(LOG).and_then(|told| signed(told.as_str()));
        Ok(Self {
            sequence,
            emptied,
            log,
            reached: Some(reader.cursor(named(&last, audience, REACHED, partners)?).await?),
        })
    }

    /// Refuses a stream that tells of entries which this log does not have, or has not: as many would be left out.
    pub async fn must_follow(&self, log: &Log) -> Result<(), OutcomesError> {
        let Some(reached) = self.reached else {
            return Ok(());
        };
        // Looked at after the stream: others may append and publish meanwhile.
        let size = log.head().await?.size;
        let position = reached.key.position;
        let cause = match self.log {
            _ if position >= size => format!("it tells of the entry at {position}, and the log has {size}"),
            Some(anchor) if !log.has(anchor).await? => {
                "it is of another history: the log was restored to an earlier state, or is another one"
                    .to_owned()
            }
            _ => return Ok(()),
        };
        Err(OutcomesError::StreamForeign {
            sequence: self.sequence,
            subject: SUBJECTS.to_owned(),
            cause,
        })
    }
}

/// What an audience was told last.
pub(super) struct Last {
    /// Its place in the list.
    pub cursor: Cursor,
    /// Under which declaration; earlier versions of the program did not say.
    pub declared: Option<Declared>,
}

/// What `audience` was told last, if it was told anything.
pub(super) async fn last_told(
    api: &Api,
    audience: &str,
    partners: &Partners,
    reader: &OutcomeReader,
) -> Result<Option<Last>, OutcomesError> {
    let request = json!({"last_by_subj": subject::all_of(audience)});
    let last = message(api, request).await?;
    let Some(last) = last else {
        return Ok(None);
    };
    let declared = last.headers.get(DECLARED);
    Ok(Some(Last {
        cursor: reader.cursor(named(&last, audience, ID, partners)?).await?,
        declared: declared.and_then(|declared| declared.as_str().parse().ok()),
    }))
}

/// What the header `name` leads to; what the id does, where there is no such header.
fn named(
    last: &StreamMessage,
    audience: &str,
    name: &str,
    partners: &Partners,
) -> Result<Key, OutcomesError> {
    let foreign = |cause: &str| foreign(last.sequence, &last.subject, cause);
    let value = last.headers.get(name).or_else(|| last.headers.get(ID));
    let value = value.ok_or_else(|| foreign("it has no id"))?;
    partners
        .key_named(audience, super::contents::id_of(value.as_str()))
        .ok_or_else(|| foreign("its id is none that the key of the pseudonyms gives"))
}

fn foreign(sequence: u64, subject: &str, cause: &str) -> OutcomesError {
    OutcomesError::StreamForeign {
        sequence,
        subject: subject.to_owned(),
        cause: cause.to_owned(),
    }
}

/// The message that `request` leads to, if there is one.
pub(super) async fn message(api: &Api, request: Value) -> Result<Option<StreamMessage>, OutcomesError> {
    #[derive(Deserialize)]
    struct Found {
        message: RawMessage,
    }
    let what = "give a message";
    match api
        .ask::<Found>(what, &format!("STREAM.MSG.GET.{STREAM}"), Some(request))
        .await?
    {
        Ok(found) => {
            let message = StreamMessage::try_from(found.message);
            message
                .map(Some)
                .map_err(|error| refused(what, &error.to_string()))
        }
        Err(error) if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(None),
        Err(error) => Err(refusal(what, &error)),
    }
}
