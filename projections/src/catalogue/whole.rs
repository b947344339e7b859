//! All that a question finds, training by training: what a catalogue that is taken away is written from.

use super::filter::filter;
use super::page::Listed;
use super::query::{is_within, listed, rows, uuid};
use super::question::Query;
use crate::{Reader, Row, Value, ViewError};
use uuid::Uuid;

/// The sessions of one training side by side, of these those of one place, and of these those that are entered alike.
const ORDER: &str = " ORDER BY s.offer, s.commune, s.entry, s.session";

/// Sessions that are read at once. Each has its training's objective, of 48 kB at most.
const PART: usize = 200;

/// A session, and the stream of its operator, if that is known. Its results and reviews are not read.
#[derive(Clone, Debug)]
pub struct Held {
    /// The session. Its training is known.
    pub listed: Listed,
    /// The stream that `listed.operator` is told from.
    pub operator: Option<Uuid>,
}

/// A place between two sessions.
#[derive(Clone, Debug)]
pub struct Place([String; 4]);

/// Sessions one after the other.
#[derive(Clone, Debug)]
pub struct Part {
    /// The sessions.
    pub sessions: Vec<Held>,
    /// Where the next part begins; none after the last.
    pub next: Option<Place>,
}

/// The next sessions after a place. A session whose training nobody has published is passed over.
pub(crate) async fn part(reader: &Reader, query: &Query, after: Option<&Place>) -> Result<Part, ViewError> {
    let mut filter = filter(query);
    filter.and("o.title IS NOT NULL", []);
    if let Some(Place(place)) = after {
        let values = place.iter().map(|part| Value::from(part.as_str()));
        filter.and("(s.offer, s.commune, s.entry, s.session) > (?, ?, ?, ?)", values);
    }
    let rows = rows(reader, query, &filter, ("p.uuid", ORDER), PART).await?;
    let next = rows.last().filter(|_| rows.len() == PART).map(place);
    let held = rows.iter().map(|row| Held {
        listed: listed(row, query),
        operator: row.optional_text(30).map(uuid),
    });
    let sessions = held.filter(|held| is_within(&held.listed.commune.code, query.near));
    Ok(Part {
        sessions: sessions.collect(),
        next,
    })
}

fn place(row: &Row) -> Place {
    // The offer, the commune, the way of entry, the session.
    Place([1, 2, 8, 0].map(|column| row.text(column).to_owned()))
}
