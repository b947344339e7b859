//! What a line says, on its way through the sort, and the event that it is, once its turn comes.

use super::columns::Columns;
use chrono::{DateTime, SecondsFormat};
use parcours_model::streams::DataError;
use parcours_model::streams::parcours::Step;
use parcours_model::{Event, EventKey, Fact, Malformed, StreamId, StreamKind, Submission};
use std::sync::Arc;
use uuid::Uuid;

/// See above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub number: u64,
    /// The place of its type among all [`Columns`].
    pub place: usize,
    pub source: Arc<str>,
    pub id: String,
    pub stream: StreamId,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// Its data in JSON.
    pub data: String,
    /// As it stands in the file.
    pub text: String,
}

/// Bytes of what lines are sorted by.
pub(super) const KEY: usize = 18;

impl Line {
    /// What it is sorted by: the time, what is named before what names it, the place in the journey, the line.
    ///
    /// All streams together stand in the order of time, since people share places, and a person's second training begins
    /// when the first has ended.
    pub(super) fn key(&self) -> [u8; KEY] {
        let mut key = [0; KEY];
        // So that times before 1970 come first, too.
        let time = (self.time as u64) ^ (1 << 63);
        key[..8].copy_from_slice(&time.to_be_bytes());
        let columns = &Columns::all()[self.place];
        (key[8], key[9]) = (rank(columns.kind), place(columns));
        key[10..].copy_from_slice(&self.number.to_be_bytes());
        key
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.time.to_le_bytes());
        out.extend_from_slice(self.stream.uuid.as_bytes());
        out.extend_from_slice(&(self.place as u16).to_le_bytes());
        for text in [&*self.source, &self.id, &self.data, &self.text] {
            let length = u32::try_from(text.len()).expect("a line is far shorter than 4 GiB");
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
    }

    /// What [`encode`](Line::encode) wrote; `None` of anything else.
    pub(super) fn decode(bytes: &[u8]) -> Option<Line> {
        let mut rest = bytes;
        let number = u64::from_le_bytes(*take(&mut rest)?);
        let time = i64::from_le_bytes(*take(&mut rest)?);
        let uuid = Uuid::from_bytes(*take(&mut rest)?);
        let place = usize::from(u16::from_le_bytes(*take(&mut rest)?));
        let mut text = || {
            let length = u32::from_le_bytes(*take(&mut rest)?) as usize;
            let (text, behind) = rest.split_at_checked(length)?;
            rest = behind;
            std::str::from_utf8(text).ok()
        };
        Some(Line {
            number,
            time,
            place,
            stream: StreamId::new(Columns::all().get(place)?.kind, uuid),
            source: text()?.into(),
            id: text()?.to_owned(),
            data: text()?.to_owned(),
            text: text()?.to_owned(),
        })
    }

    /// The event.
    pub(super) fn submission(&self) -> Result<Submission, Malformed> {
        let type_name = Columns::all()[self.place].type_name;
        match self.fact() {
            Some(fact) => Ok(Submission::new(Event {
                key: EventKey::new(self.source.clone(), self.id.as_str()),
                stream: self.stream,
                time: DateTime::from_timestamp_nanos(self.time),
                fact,
            })),
            // Whoever reads events in JSON tells best what is wrong with one.
            None => Submission::parse(self.json(type_name).as_bytes()),
        }
    }

    /// What it states, if that may come in.
    fn fact(&self) -> Option<Fact> {
        let type_name = Columns::all()[self.place].type_name;
        let read: Result<Fact, DataError> = Fact::read(self.stream.kind, type_name, &self.data)?;
        read.ok().filter(|fact| fact.judge().is_ok())
    }

    fn json(&self, type_name: &str) -> String {
        let time = DateTime::from_timestamp_nanos(self.time).to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let text = |text: &str| serde_json::to_string(text).expect("a text is JSON");
        format!(
            "{{\"specversion\":\"1.0\",\"id\":{},\"source\":{},\"type\":{},\"subject\":{},\"time\":{},\"data\":{}}}",
            text(&self.id),
            text(&self.source),
            text(type_name),
            text(&self.stream.to_string()),
            text(&time),
            self.data
        )
    }
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(taken)
}

/// What is named comes before what names it.
fn rank(kind: StreamKind) -> u8 {
    match kind {
        StreamKind::Operator | StreamKind::Convention | StreamKind::Branch | StreamKind::Envelope => 0,
        StreamKind::Trainee | StreamKind::Offer | StreamKind::Call | StreamKind::Committee => 1,
        StreamKind::Session => 2,
        StreamKind::Request | StreamKind::Need => 3,
        StreamKind::Parcours => 4,
        StreamKind::Community => 5,
    }
}

/// The place in the journey, save that a wait and the offer of a place come before an admission, and a resumption before the day's work: as the
/// log orders the facts of an instant.
fn place(columns: &Columns) -> u8 {
    let step = |step: Step| step as u8;
    match columns.type_name {
        "parcours.waitlisted.v1" => 3 * step(Step::Admitted) - 2,
        "parcours.place.offered.v1" => 3 * step(Step::Admitted) - 1,
        "parcours.resumed.v1" => 3 * step(Step::PlanAgreed) - 1,
        _ => 3 * columns.place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(type_name: &str, time: i64, number: u64) -> Line {
        let place = Columns::place_of(type_name).unwrap();
        Line {
            number,
            place,
            source: "urn:siret:19290076900014".into(),
            id: "an id".to_owned(),
            stream: StreamId::new(Columns::all()[place].kind, Uuid::from_u128(7)),
            time,
            data: "{\"reason\":\"dé\"}".to_owned(),
            text: "a;b".to_owned(),
        }
    }

    #[test]
    fn a_line_comes_back_as_it_was() {
        let line = line("parcours.suspended.v1", -5, 12);
        let mut bytes = Vec::new();
        line.encode(&mut bytes);
        assert_eq!(Line::decode(&bytes).as_ref(), Some(&line));
        assert_eq!(Line::decode(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn lines_are_sorted_by_time_then_by_the_place_in_the_journey_then_by_line() {
        let ordered = [
            line("parcours.started.v1", -5, 9),
            line("session.opened.v1", 3, 8),
            line("parcours.waitlisted.v1", 3, 7),
            line("parcours.admitted.v1", 3, 6),
            line("parcours.resumed.v1", 3, 5),
            line("parcours.module.completed.v1", 3, 3),
            line("parcours.module.completed.v1", 3, 4),
            line("parcours.suspended.v1", 3, 2),
            line("parcours.oriented.v1", 4, 1),
        ];
        assert!(ordered.windows(2).all(|pair| pair[0].key() < pair[1].key()));
    }

    #[test]
    fn what_may_not_come_in_is_told_with_its_field() {
        let mut wrong = line("parcours.exited.v1", 3, 1);
        wrong.data = "{\"reason\":\"bored\"}".to_owned();
        let told = wrong.submission().unwrap_err();
        assert_eq!(told.field.as_deref(), Some("data.reason"));
        wrong.data = "{\"reason\":\"health\"}".to_owned();
        assert!(wrong.submission().is_ok());
    }
}
