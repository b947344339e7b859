//! What a partner was not told while others were.
//!
//! A partner may be new, or have been left out for a while: taken from the file and put back, or unknown to another
//! publisher that was started from another file. Before anything new is published, each partner is told all that
//! comes after the last message it was told, up to where the stream is: in order for that partner, although later in
//! the stream than what others were told of the same. So whoever is declared hears everything once and in order. One that
//! is declared otherwise than when it was told last is told all of it anew.

use std::sync::Arc;
use std::time::Duration;

use parcours_projections::outcomes::{Cursor, OutcomeRow};

use super::api::Api;
use super::contents::{self, REACHED};
use super::listener::{Declared, Listener};
use super::tail::{Last, Tail, last_told};
use super::{batch, session::Desk};
use crate::{Audience, OutcomesError};

/// Rows read at once.
const PAGE: usize = 512;
/// How long the list may take to come as far as the stream: another process may be ahead, or this one have begun just now.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells `audience` what it missed before the end of the stream, and moves that end; gives it as it is told from there on.
pub(super) async fn tell(
    desk: &Desk,
    api: &Api,
    audience: &Audience,
    tail: &mut Tail,
) -> Result<Listener, OutcomesError> {
    let reader = &desk.reader;
    let last = last_told(api, audience.name(), &desk.partners, reader).await?;
    let (listener, mut cursor) = begin(audience, last, *tail);
    let Some(until) = tail.reached else {
        return Ok(listener);
    };
    if cursor < Some(until) {
        // What is not there yet must not pass for what this partner may not hear.
        reader.covers(until, PATIENCE).await?;
    }
    let mut told = 0;
    while cursor < Some(until) {
        let mut rows = reader.after(cursor, audience.filter(), PAGE).await?;
        rows.messages.retain(|row| row.cursor() <= until);
        let mut contents = contents::fit(&rows, desk.room.now(), |row| {
            late(&listener, row, until).into_iter().collect()
        });
        if !contents.messages.is_empty() {
            let number = contents.messages.len();
            contents::sign(&mut contents.messages, reader).await?;
            tail.sequence = batch::store(api, &desk.room, contents.messages, *tail).await?;
            told += number;
            desk.report.stored(number);
        }
        if !contents.more {
            break;
        }
        cursor = contents.reached;
    }
    listener.drop_others(api, *tail).await?;
    if told > 0 {
        let partner = audience.name();
        tracing::info!(
            partner,
            messages = told,
            "told the partner what it had not been told"
        );
    }
    Ok(listener)
}

/// Who is told, and after which place in the list: from the beginning on, if what was told last was so under another
/// declaration.
fn begin(audience: &Audience, last: Option<Last>, tail: Tail) -> (Listener, Option<Cursor>) {
    let Some(Last { cursor, declared }) = last else {
        return (Listener::since(audience, 0), None);
    };
    match declared {
        Some(Declared { name, .. }) if Some(&name) != audience.declared().as_ref() => {
            let partner = audience.name();
            tracing::info!(
                partner,
                "the partner is declared otherwise than before: told everything anew"
            );
            (Listener::since(audience, tail.sequence), None)
        }
        declared => {
            let since = declared.map_or(0, |declared| declared.since);
            (Listener::since(audience, since), Some(cursor))
        }
    }
}

/// A message that comes later than others of its row, and says where the stream is.
fn late(listener: &Listener, row: &Arc<OutcomeRow>, until: Cursor) -> Option<contents::Message> {
    let mut message = contents::message(listener, row)?;
    let reached = listener.audience.id(until.key);
    message.headers.insert(REACHED, reached.as_str());
    Some(message)
}
