//! What becomes of a line whose event the log has already, in other words or under a correction: it is the same by now, or it
//! becomes a correction of what stands.

use super::identity;
use super::plan::Plan;
use chrono::{DateTime, SecondsFormat, Utc};
use parcours_log::{Log, LogError};
use parcours_model::streams::parcours::{self, Corrected, EventRef};
use parcours_model::{Event, EventKey, Fact, History, Record, StreamKind, Submission};
use std::collections::HashSet;

/// What is to be done with such a line.
#[derive(Debug)]
pub(super) enum Outcome {
    /// What it says stands.
    Same,
    /// This correction says it.
    Correction(Box<Submission>),
    /// Nothing can be done, for this reason.
    Refused(&'static str, String),
}

/// Decides by the history of the stream.
pub(super) fn outcome(told: &Event, plan: &Plan, history: &History) -> Outcome {
    let Some(record) = history.find(&told.key) else {
        return Outcome::Refused(
            "conflict",
            "its source and id belong to an event of another stream".to_owned(),
        );
    };
    let (position, original) = (record.position, &record.event.fact);
    if original.type_name() != told.fact.type_name() {
        let other = original.type_name();
        return Outcome::Refused(
            "conflict",
            format!("its source and id belong to an event at position {position}, which is {other}"),
        );
    }
    let Some(standing) = history.standing(&told.key) else {
        return Outcome::Refused(
            "annulled",
            format!(
                "the event was recorded at position {position} and annulled since; to state the fact again, number it in a column `fact`"
            ),
        );
    };
    let said = Said::of(told, history, record);
    // What an older version says in other words is not mixed with it.
    let fact = match standing.fact.type_name() == told.fact.type_name() {
        true => completed(&told.fact, standing.fact, plan),
        false => told.fact.clone(),
    };
    let says_fact = completed(&told.fact, said.fact, plan) != *said.fact && newest(&fact) != *standing.fact;
    let says_time = told.time != said.time && told.time != standing.time;
    if !says_time && !says_fact {
        return Outcome::Same;
    }
    if told.stream.kind != StreamKind::Parcours {
        let what = if says_fact { "data" } else { "the time" };
        return Outcome::Refused(
            "conflict",
            format!(
                "the event at position {position} says otherwise ({what}), and only facts of a parcours can be corrected"
            ),
        );
    }
    let data = fact.data();
    let time = told.time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let before = standing
        .correction
        .map_or(&told.key.id, |correction| &correction.event.key.id);
    let id = identity::correction(told.stream, &told.key.id, before, &time, &data.to_string());
    let corrected = Corrected {
        event: EventRef {
            id: told.key.id.to_string(),
            source: told.key.source.to_string(),
        },
        time: says_time.then_some(told.time),
        data: says_fact.then_some(data),
        reason: None,
    };
    Outcome::Correction(Box::new(Submission::new(Event {
        key: EventKey::new(told.key.source.clone(), format!("{FROM_A_TABLE}{id}")),
        stream: told.stream,
        time: told.time,
        fact: Fact::Parcours(parcours::Fact::Corrected(Box::new(corrected))),
    })))
}

/// What the ids of corrections begin with that are made of tables.
const FROM_A_TABLE: &str = "table:";

/// What tables have said of an event last: what they say again is nothing new, even where somebody else has corrected it
/// since, and does not undo that.
struct Said<'a> {
    time: DateTime<Utc>,
    fact: &'a Fact,
}

impl<'a> Said<'a> {
    fn of(told: &Event, history: &'a History, original: &'a Record) -> Self {
        let mut said = Said {
            time: original.event.time,
            fact: &original.event.fact,
        };
        for record in history.records() {
            let key = &record.event.key;
            if let Fact::Parcours(parcours::Fact::Corrected(corrected)) = &record.event.fact
                && record.event.fact.amends().as_ref() == Some(&told.key)
                && key.source == told.key.source
                && key.id.read(|id| id.starts_with(FROM_A_TABLE))
            {
                said.time = corrected.time.unwrap_or(said.time);
                said.fact = history.corrected(key).unwrap_or(said.fact);
            }
        }
        said
    }
}

fn newest(fact: &Fact) -> Fact {
    fact.upcast().unwrap_or_else(|| fact.clone())
}

/// The fact with what the file says nothing of as it stands.
fn completed(told: &Fact, standing: &Fact, plan: &Plan) -> Fact {
    let (mut data, kept) = (told.data(), standing.data());
    let (Some(members), Some(kept)) = (data.as_object_mut(), kept.as_object()) else {
        return told.clone();
    };
    let mut changed = false;
    for (name, value) in kept {
        if !plan.stated.contains(&name.as_str()) && members.get(name) != Some(value) {
            members.insert(name.clone(), value.clone());
            changed = true;
        }
    }
    let read = || Fact::read(told.kind(), told.type_name(), &data.to_string())?.ok();
    if changed {
        read().unwrap_or_else(|| told.clone())
    } else {
        told.clone()
    }
}

/// Which events of the log were corrected or annulled: of a duplicate of any other what the log has is what stands.
#[derive(Debug, Default)]
pub(super) struct Amended {
    next: u64,
    keys: HashSet<EventKey>,
}

/// Entries looked at in one go.
const PAGE: usize = 1_000;
/// What the type of an amendment begins with, in an entry.
const MARK: &[u8] = b"\"type\":\"parcours.event.";
/// To read a stream costs about as much as to look at so many entries.
const STREAM: u64 = 32;

impl Amended {
    /// Whether to look through what is new in the log costs less than to read the streams of so many duplicates.
    pub(super) fn pays(&self, log: &Log, duplicates: u64) -> bool {
        log.size().saturating_sub(self.next) < duplicates.saturating_mul(STREAM)
    }

    /// Looks through what is new in the log, most of it by a glance at its bytes.
    pub(super) async fn catch_up(&mut self, log: &Log) -> Result<(), LogError> {
        let size = log.size();
        let mark = memchr::memmem::Finder::new(MARK);
        while self.next < size {
            let page = log.read(self.next, PAGE).await?;
            let Some(last) = page.last() else { break };
            self.next = last.position + 1;
            for entry in page.iter().filter(|entry| mark.find(&entry.bytes).is_some()) {
                self.keys.extend(entry.record()?.event.fact.amends());
            }
        }
        Ok(())
    }

    pub(super) fn contains(&self, key: &EventKey) -> bool {
        self.keys.contains(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::columns::Columns;
    use crate::csv::header::Header;
    use crate::csv::mapping::Mapping;
    use parcours_model::StreamId;
    use uuid::Uuid;

    const STREAM: StreamId = StreamId {
        kind: StreamKind::Parcours,
        uuid: Uuid::from_u128(7),
    };

    fn event(id: &str, time: i64, data: &str) -> Event {
        let fact = Fact::read(StreamKind::Parcours, "parcours.resumed.v1", data);
        Event {
            key: EventKey::new("urn:region:28", id),
            stream: STREAM,
            time: DateTime::from_timestamp(time, 0).unwrap(),
            fact: fact.unwrap().unwrap(),
        }
    }

    fn plan(header: &[&str]) -> Plan {
        let cells: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
        let (header, _) = Header::read(&cells, &Mapping::default(), &[]).unwrap();
        Plan::of(Columns::of("parcours.resumed.v1").unwrap(), &header)
    }

    fn history(events: impl IntoIterator<Item = Event>) -> History {
        let records = events.into_iter().enumerate().map(|(index, event)| Record {
            position: index as u64,
            revision: index as u64 + 1,
            recorded: Utc::now(),
            actor: "a".into(),
            event,
        });
        History::replay(STREAM, records).unwrap()
    }

    fn correction(told: &Event, plan: &Plan, history: &History) -> Event {
        match outcome(told, plan, history) {
            Outcome::Correction(submission) => submission.event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_that_goes_from_a_to_b_and_back_is_corrected_twice_and_then_the_same() {
        let plan = plan(&["type", "parcours", "date", "reason"]);
        let (a, b) = (
            event("1", 5, r#"{"reason": "a"}"#),
            event("1", 5, r#"{"reason": "b"}"#),
        );
        let mut events = vec![a.clone()];
        assert!(matches!(
            outcome(&a, &plan, &history(events.clone())),
            Outcome::Same
        ));
        let first = correction(&b, &plan, &history(events.clone()));
        events.push(first.clone());
        assert!(matches!(
            outcome(&b, &plan, &history(events.clone())),
            Outcome::Same
        ));
        let back = correction(&a, &plan, &history(events.clone()));
        events.push(back.clone());
        assert!(matches!(
            outcome(&a, &plan, &history(events.clone())),
            Outcome::Same
        ));
        let again = correction(&b, &plan, &history(events.clone()));
        assert_ne!(first.key, back.key);
        assert_ne!(
            first.key, again.key,
            "the same words after others are another correction"
        );
    }

    #[test]
    fn a_correction_says_only_what_changed() {
        let plan = plan(&["type", "parcours", "date", "reason"]);
        let stands = history([event("1", 5, r#"{"reason": "a"}"#)]);
        let Fact::Parcours(parcours::Fact::Corrected(moved)) =
            correction(&event("1", 6, r#"{"reason": "a"}"#), &plan, &stands).fact
        else {
            panic!("it is a correction")
        };
        assert_eq!(
            (moved.time.map(|time| time.timestamp()), moved.data),
            (Some(6), None)
        );
    }

    #[test]
    fn a_column_that_the_file_does_not_have_leaves_what_stands() {
        let stands = history([event("1", 5, r#"{"reason": "a"}"#)]);
        let without = plan(&["type", "parcours", "date"]);
        assert!(matches!(
            outcome(&event("1", 5, "{}"), &without, &stands),
            Outcome::Same
        ));
        let with = plan(&["type", "parcours", "date", "reason"]);
        assert!(matches!(
            outcome(&event("1", 5, "{}"), &with, &stands),
            Outcome::Correction(_)
        ));
    }

    #[test]
    fn what_somebody_else_corrected_is_left_as_long_as_tables_say_what_they_said() {
        let plan = plan(&["type", "parcours", "date", "reason"]);
        let (a, b) = (
            event("1", 5, r#"{"reason": "a"}"#),
            event("1", 5, r#"{"reason": "b"}"#),
        );
        let by_hand = Fact::read(
            StreamKind::Parcours,
            "parcours.event.corrected.v1",
            r#"{"event": {"id": "1", "source": "urn:region:28"}, "data": {"reason": "c"}}"#,
        );
        let by_hand = Event {
            fact: by_hand.unwrap().unwrap(),
            ..event("2", 5, "{}")
        };
        let mut events = vec![a.clone(), by_hand];
        assert!(matches!(
            outcome(&a, &plan, &history(events.clone())),
            Outcome::Same
        ));
        let said = correction(&b, &plan, &history(events.clone()));
        events.push(said);
        assert!(matches!(outcome(&b, &plan, &history(events)), Outcome::Same));
    }

    #[test]
    fn what_was_annulled_is_refused() {
        let annulled = Fact::read(
            StreamKind::Parcours,
            "parcours.event.annulled.v1",
            r#"{"event": {"id": "1", "source": "urn:region:28"}, "reason": "no"}"#,
        );
        let annulment = Event {
            fact: annulled.unwrap().unwrap(),
            ..event("2", 5, "{}")
        };
        let stands = history([event("1", 5, "{}"), annulment]);
        let plan = plan(&["type", "parcours", "date"]);
        assert!(matches!(
            outcome(&event("1", 5, "{}"), &plan, &stands),
            Outcome::Refused("annulled", _)
        ));
    }
}
