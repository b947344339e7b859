//! Messages from rows: what one entry of the log gives, for every audience at once.

use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;
use parcours_log::Anchor;
use parcours_projections::outcomes::{Cursor, OutcomeRow};

use super::batch::LARGEST;
use super::listener::Listener;
use super::subject::subject;
use crate::{Audience, Batch, OutcomeReader, OutcomesError, Partners};

/// The header with the audience and the id of the message; and where the stream began again, or the audience was told
/// anew.
pub(super) const ID: &str = "Nats-Msg-Id";
/// The header, of a message told to a partner later than to others, with the id of the place up to which everybody was told
/// before.
pub(super) const REACHED: &str = "Parcours-Reached";
/// The header, of the last of several messages that are stored together, with how many entries the log had then, and the leaf
/// hash of the last of them: what tells the log whose messages these are from every other.
pub(super) const LOG: &str = "Parcours-Log";
/// The header, of a partner's message, with the declaration it is told under: see [`Declared`](super::listener::Declared).
pub(super) const DECLARED: &str = "Parcours-Declared";
/// CloudEvents in structured mode, as its binding to NATS says.
const MEDIA: &str = "application/cloudevents+json";
/// Rows read at once.
const PAGE: usize = 512;

/// A message on its way.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub subject: String,
    pub headers: HeaderMap,
    pub payload: Bytes,
    /// Its audience is told anew since the message of this number; 0 if it is not.
    pub since: u64,
}

/// Messages that are stored together.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub messages: Vec<Message>,
    /// Once they are stored, everything up to here is.
    pub reached: Option<Cursor>,
    /// Whether there is more to be stored right now.
    pub more: bool,
}

/// Everybody who is told through the stream: the public, and the partners that have a key there, by name.
pub(super) fn audiences(partners: &Partners) -> Result<Vec<Audience>, OutcomesError> {
    let mut audiences = vec![partners.public()];
    let on_nats = partners
        .all()
        .iter()
        .filter(|partner| partner.declaration.nats.is_some());
    audiences.extend(on_nats.cloned().map(Audience::Partner));
    audiences[1..].sort_by(|one, other| one.name().cmp(other.name()));
    match audiences.len() > LARGEST {
        false => Ok(audiences),
        true => Err(OutcomesError::TooManyPartners {
            partners: audiences.len() - 1,
            most: LARGEST - 1,
        }),
    }
}

/// The message that this audience is sent of this row; `None` if it may not hear of it.
pub(super) fn message(listener: &Listener, row: &OutcomeRow) -> Option<Message> {
    let Listener { audience, declared } = listener;
    let event = audience.message(row)?;
    let mut headers = HeaderMap::new();
    headers.insert(ID, format!("{}:{}", audience.name(), event.id).as_str());
    headers.insert("Content-Type", MEDIA);
    if let Some(declared) = declared {
        headers.insert(DECLARED, declared.to_string().as_str());
    }
    Some(Message {
        since: declared.as_ref().map_or(0, |declared| declared.since),
        subject: subject(audience.name(), row),
        headers,
        payload: event.to_json().into(),
    })
}

/// Has the last message say of which log they are. All of them come from before the place that is told.
pub(super) async fn sign(messages: &mut [Message], reader: &OutcomeReader) -> Result<(), OutcomesError> {
    if let Some(last) = messages.last_mut()
        && let Some(anchor) = reader.told_before(0).await?
    {
        let Anchor { size, leaf } = anchor;
        last.headers.insert(LOG, format!("{size}:{leaf}").as_str());
    }
    Ok(())
}

/// What [`sign`] has said.
pub(super) fn signed(value: &str) -> Option<Anchor> {
    let (size, leaf) = value.split_once(':')?;
    Some(Anchor {
        size: size.parse().ok()?,
        leaf: leaf.parse().ok()?,
    })
}

/// The id in the value of a header.
pub(super) fn id_of(value: &str) -> &str {
    value.split(':').nth(1).unwrap_or(value)
}

/// What follows `cursor`: whole rows, as many as may be stored together.
pub(super) async fn after(
    reader: &OutcomeReader,
    listeners: &[Listener],
    cursor: Option<Cursor>,
    room: usize,
) -> Result<Contents, OutcomesError> {
    let batch = reader
        .after(cursor, &parcours_projections::outcomes::Filter::all(), PAGE)
        .await?;
    Ok(fit(&batch, room, |row: &Arc<OutcomeRow>| {
        listeners
            .iter()
            .filter_map(|listener| message(listener, row))
            .collect()
    }))
}

/// As many of the rows as have room in a batch of messages, and the first in any case.
pub(super) fn fit(
    batch: &Batch,
    room: usize,
    messages: impl Fn(&Arc<OutcomeRow>) -> Vec<Message>,
) -> Contents {
    let mut contents = Contents {
        reached: batch.reached,
        more: batch.more,
        messages: Vec::new(),
    };
    let mut last = None;
    for row in &batch.messages {
        let told = messages(row);
        if last.is_some() && contents.messages.len() + told.len() > room {
            contents.reached = last;
            contents.more = true;
            break;
        }
        contents.messages.extend(told);
        last = Some(row.cursor());
    }
    contents
}
