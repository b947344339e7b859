//! Facts recorded ahead of their time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value as Json;

use super::*;
use crate::outcomes::Cursor;

/// A message as a reader gets it.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    cursor: Cursor,
    until: Option<DateTime<Utc>>,
    kind: String,
    route: (Value, Value),
    document: Document,
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Integer(micros) => DateTime::from_timestamp_micros(*micros),
        _ => None,
    }
}

/// The whole list, in its order, with what still waits.
fn list(history: &History) -> Vec<Message> {
    let output = VIEW.folded(history).unwrap();
    let place = |name: &str| {
        VIEW.tables[0]
            .values
            .iter()
            .position(|(column, _)| *column == name)
            .unwrap()
    };
    let messages = output.rows.iter().map(|(_, key, values)| {
        let [told, Value::Integer(position), Value::Integer(ordinal)] = &key[..] else {
            panic!("{key:?} is no key")
        };
        let (Value::Text(document), Value::Text(kind)) = (values.last().unwrap(), &values[0]) else {
            panic!("no document")
        };
        Message {
            cursor: Cursor {
                told: instant(told).unwrap(),
                key: Key {
                    position: position.cast_unsigned(),
                    ordinal: u32::try_from(*ordinal).unwrap(),
                },
            },
            until: instant(&values[place("until")]),
            kind: kind.clone(),
            route: (
                values[place("commune")].clone(),
                values[place("operator")].clone(),
            ),
            document: serde_json::from_str(document).unwrap(),
        }
    });
    messages.collect()
}

/// What is read of it once the log has come to `reached`.
fn read(history: &History, reached: DateTime<Utc>) -> Vec<Message> {
    let mut messages = list(history);
    messages.retain(|message| {
        message.cursor.told <= reached && message.until.is_none_or(|until| until > reached)
    });
    messages
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const EXIT: &str = "exited";

fn reason() -> Json {
    json!({"reason": "abandoned"})
}

fn partners() -> Json {
    json!({"purpose": "partners"})
}

/// Consented, known at noon on 1 March 2027; the last record is at position 50.
fn listening() -> Story {
    let noon = at("2027-03-01T12:00:00Z");
    Story::started().tell_at(noon, at("2027-02-28T12:00:00Z"), "consent.given", partners())
}

fn kinds(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.kind.as_str()).collect()
}

#[test]
fn what_is_ahead_is_told_at_the_first_whole_second_after_its_time() {
    let story = listening().tell_at(
        at("2027-03-01T13:00:00.5Z"),
        at("2027-03-02T08:00:00.25Z"),
        EXIT,
        reason(),
    );
    assert_eq!(
        kinds(&read(&story.0, at("2027-03-02T08:00:00.999999Z"))),
        ["entry"]
    );
    let told = read(&story.0, at("2027-03-02T08:00:01Z"));
    assert_eq!(kinds(&told), ["entry", "exit"]);
    assert_eq!(told[1].cursor.told, at("2027-03-02T08:00:01Z"));
    assert_eq!(told[1].cursor.key.position, 60);
    assert_eq!(
        told[1].cursor.key.cursor(at("2027-03-01T13:00:00.5Z")),
        told[1].cursor
    );
}

#[test]
fn what_is_taken_back_before_its_time_is_never_told() {
    let story = listening().tell_at(
        at("2027-03-01T13:00:00Z"),
        at("2027-03-02T08:00:00Z"),
        EXIT,
        reason(),
    );
    let annulled = json!({"event": {"id": "e6", "source": "urn:siret:19290076900014"}, "reason": "double"});
    let story = story.tell_at(
        at("2027-03-01T14:00:00Z"),
        at("2027-03-01T14:00:00Z"),
        "event.annulled",
        annulled,
    );
    assert_eq!(kinds(&list(&story.0)), ["entry"]);
}

#[test]
fn what_is_moved_ahead_is_taken_back_and_told_again_at_its_time() {
    let story = listening().tell_at(
        at("2027-03-01T13:00:00Z"),
        at("2027-03-01T13:00:00Z"),
        EXIT,
        reason(),
    );
    let later =
        json!({"event": {"id": "e6", "source": "urn:siret:19290076900014"}, "time": "2027-03-02T08:00:00Z"});
    let story = story.tell_at(
        at("2027-03-01T14:00:00Z"),
        at("2027-03-01T14:00:00Z"),
        "event.corrected",
        later,
    );
    let told = list(&story.0);
    assert_eq!(kinds(&told), ["entry", "exit", "exit", "exit"]);
    assert!(
        matches!(told[2].document, Document::Retraction { replaces, .. } if replaces == told[1].cursor.key)
    );
    assert!(matches!(
        &told[3].document,
        Document::Outcome(Outcome { replaces: None, .. })
    ));
    assert_eq!(told[3].cursor.told, at("2027-03-02T08:00:00Z"));
}

#[test]
fn a_consent_ahead_has_what_stands_told_at_its_time() {
    let story = Story::started().tell_at(
        at("2027-03-01T12:00:00Z"),
        at("2027-03-01T18:00:00Z"),
        "consent.given",
        partners(),
    );
    let story = story.tell_at(
        at("2027-03-01T13:00:00Z"),
        at("2027-03-01T13:00:00Z"),
        EXIT,
        reason(),
    );
    let told = list(&story.0);
    assert_eq!(kinds(&told), ["entry", "exit"]);
    assert!(
        told.iter()
            .all(|message| message.cursor.told == at("2027-03-01T18:00:00Z"))
    );
    assert_eq!(told[1].cursor.key.ordinal, told[0].cursor.key.ordinal + 1);
    // Somebody who speaks after that is told on top.
    let after = at("2027-03-01T18:00:00Z");
    let grown = story.employed_at(after);
    assert_eq!(list(&grown.0)[..2], told);
    assert_eq!(kinds(&list(&grown.0)), ["entry", "exit", "employment"]);
}

#[test]
fn a_consent_withdrawn_ahead_lets_what_was_told_be_read_until_then() {
    let (known, then) = (at("2027-03-01T13:00:00Z"), at("2027-03-02T08:00:00Z"));
    let story = listening().tell_at(known, then, "consent.withdrawn", partners());
    let earlier = then - TimeDelta::microseconds(1);
    assert_eq!(kinds(&read(&story.0, earlier)), ["entry"]);
    assert_eq!(kinds(&read(&story.0, then)), ["forget"]);
    let grown = story.employed_at(then);
    assert_eq!(
        kinds(&list(&grown.0)),
        ["forget"],
        "and is gone once the log has come so far"
    );
}

#[test]
fn an_erasure_ahead_hides_and_is_told_from_its_time_on() {
    let (known, then) = (at("2027-03-01T13:00:00Z"), at("2027-03-02T08:00:00Z"));
    let erased = |story: Story, recorded, time| story.tell_at(recorded, time, "erased", json!({}));
    let told = |story: &Story| {
        (VIEW.fold)(&story.0)
            .unwrap()
            .rows
            .into_iter()
            .map(|(table, key, values)| {
                if table == 0 {
                    key[0].clone()
                } else {
                    values[0].clone()
                }
            })
            .collect::<Vec<_>>()
    };
    let micros = |instant: DateTime<Utc>| Value::Integer(instant.timestamp_micros());
    let ahead = erased(Story::of(parcours_model::StreamKind::Trainee), known, then);
    assert_eq!(told(&ahead), [micros(then), micros(then)]);
    let sooner = at("2027-03-01T15:00:00Z");
    let twice = erased(ahead, sooner, at("2027-03-01T14:00:00Z"));
    assert_eq!(
        told(&twice),
        [micros(sooner), micros(sooner)],
        "told of twice, it acts when the first does"
    );
    let late = erased(
        erased(Story::of(parcours_model::StreamKind::Trainee), known, then),
        then,
        then,
    );
    assert_eq!(told(&late), [micros(then), micros(then)]);
    assert!(late.0.revision() == 2);
}

impl Story {
    fn employed_at(self, time: DateTime<Utc>) -> Story {
        let employment =
            json!({"employment": Uuid::from_u128(9), "contract": "permanent", "reported_by": "trainee"});
        self.tell_at(time, time, "employment.started", employment)
    }
}

/// Something that is recorded so many seconds after what was recorded before it, and dated so long after that.
#[derive(Clone, Debug)]
struct Act {
    what: u8,
    pause: i64,
    ahead: TimeDelta,
    of: Index,
}

fn acts(ahead: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = Vec<Act>> {
    let act = (0..10u8, 0..30_000i64, ahead, 0..4i64, any::<Index>());
    let act = act.prop_map(|(what, pause, seconds, quarters, of)| Act {
        what,
        // Many at one instant.
        pause: if pause < 8_000 { 0 } else { pause },
        ahead: TimeDelta::seconds(seconds) - TimeDelta::milliseconds(250 * quarters),
        of,
    });
    proptest::collection::vec(act, 0..14)
}

/// The history of somebody who started, after which anything happens. What amends nothing is left out.
fn history(acts: Vec<Act>) -> History {
    let mut story = Story::started();
    let mut recorded = at("2027-03-01T12:00:00.5Z");
    for Act {
        what,
        pause,
        ahead,
        of,
    } in acts
    {
        recorded += TimeDelta::seconds(pause);
        let time = recorded + ahead;
        let named = || json!({"id": format!("e{}", of.index(story.0.records().len()) + 1), "source": "urn:siret:19290076900014"});
        let (name, data) = match what {
            0..3 => ("consent.given", partners()),
            3 => ("consent.withdrawn", partners()),
            4 => (EXIT, reason()),
            5 => (
                "certification.obtained",
                json!({"rncp": "RNCP34126", "scope": "full"}),
            ),
            6 => ("admitted", json!({"operator": "73282932000074"})),
            7 => ("event.corrected", json!({"event": named(), "time": time})),
            8 => ("event.annulled", json!({"event": named(), "reason": "double"})),
            _ => ("business.created", json!({"how": "creation"})),
        };
        // An amendment acts as soon as it is known, whenever it is dated.
        let event = story.event(if matches!(what, 7 | 8) { recorded } else { time }, name, data);
        let mut tried = Story(story.0.clone());
        let record = Record {
            position: 10 * (tried.0.revision() + 1),
            revision: tried.0.revision() + 1,
            recorded,
            actor: "test".into(),
            event: event.clone(),
        };
        if tried.0.push(record).is_ok() {
            story = story.record(recorded, event);
        }
    }
    story.0
}

/// The instants at which something may change: of records, and of the whole seconds after the times of facts.
fn instants(history: &History) -> BTreeSet<DateTime<Utc>> {
    let mut instants: BTreeSet<_> = history.records().iter().map(|record| record.recorded).collect();
    let mut known = History::new(history.stream());
    for record in history.records() {
        known.push(record.clone()).unwrap();
        instants.extend(known.effective().map(|fact| moment(fact.time)));
    }
    let first = history.records()[0].recorded;
    instants.into_iter().filter(|instant| *instant >= first).collect()
}

/// What was known at an instant.
fn known(history: &History, instant: DateTime<Utc>) -> History {
    let records = history
        .records()
        .iter()
        .take_while(|record| record.recorded <= instant);
    History::replay(history.stream(), records.cloned()).unwrap()
}

/// What somebody has on file who obeyed all these messages.
fn filed(messages: &[Message]) -> BTreeMap<Key, (Route, Outcome)> {
    let mut file = BTreeMap::new();
    for message in messages {
        let (Value::Text(commune), operator) = &message.route else {
            panic!("no commune")
        };
        let route = Route {
            trainee: Uuid::from_u128(2),
            commune: commune.parse().unwrap(),
            operator: match operator {
                Value::Text(operator) => Some(operator.parse().unwrap()),
                _ => None,
            },
        };
        match &message.document {
            Document::Outcome(outcome) => {
                if let Some(replaced) = outcome.replaces {
                    assert!(file.remove(&replaced).is_some(), "{replaced} was not told");
                }
                let outcome = Outcome {
                    replaces: None,
                    ..outcome.clone()
                };
                file.insert(message.cursor.key, (route, outcome));
            }
            Document::Retraction { replaces, .. } => {
                assert!(file.remove(replaces).is_some(), "{replaces} was not told");
            }
            Document::Forget { .. } => file.retain(|_, (told, _)| *told != route),
            Document::Place(_) => panic!("a person is no session"),
        }
    }
    file
}

proptest! {
    #[test]
    fn whoever_obeys_the_messages_has_on_file_what_stands_at_each_instant(acts in acts(-90_000..86_400i64)) {
        let history = history(acts);
        for instant in instants(&history) {
            let known = known(&history, instant);
            let expected = match (consents(&known, instant), standing(&known, instant)) {
                (true, (Some(route), outcomes)) => outcomes.into_iter().map(|(_, outcome)| (route, outcome)).collect(),
                _ => Vec::new(),
            };
            let mut filed: Vec<_> = filed(&read(&known, instant)).into_values().collect();
            for expected in &expected {
                let place = filed.iter().position(|filed| filed == expected);
                prop_assert!(place.is_some(), "{instant}: {expected:?} is not told, but {filed:?}");
                filed.swap_remove(place.unwrap());
            }
            prop_assert_eq!(filed, [], "at {}", instant);
        }
    }

    #[test]
    fn the_list_only_grows_at_its_end_whatever_becomes_known_later(acts in acts(-90_000..86_400i64)) {
        let history = history(acts);
        let all = list(&history);
        for revision in 1..history.records().len() {
            let mut earlier = history.clone();
            earlier.truncate(revision as u64);
            let last = &history.records()[revision - 1];
            let next = history.records()[revision].recorded;
            for reached in instants(&earlier).into_iter().filter(|instant| (last.recorded..=next).contains(instant)) {
                let end = Cursor::end_of(last.position, last.recorded, reached);
                let before = read(&earlier, reached);
                prop_assert!(before.iter().all(|message| message.cursor <= end));
                // What may not be told any more may still be kept: nobody reads it.
                for message in all.iter().filter(|message| message.until.is_none_or(|until| until > reached)) {
                    let was_there = before.iter().find(|before| before.cursor == message.cursor);
                    match was_there {
                        Some(before) => prop_assert_eq!(&before.document, &message.document),
                        None => prop_assert!(message.cursor > end, "{:?} came before {end:?}", message.cursor),
                    }
                }
                for gone in before.iter().filter(|before| !all.iter().any(|message| message.cursor == before.cursor)) {
                    let is_notice = |message: &&Message| message.cursor > gone.cursor && matches!(message.document, Document::Forget { .. });
                    prop_assert!(all.iter().any(|message| is_notice(&message)), "{gone:?} went without a notice");
                }
            }
        }
    }

    #[test]
    fn names_are_unique_in_the_order_of_the_list_and_lead_to_their_places(acts in acts(-90_000..86_400i64)) {
        let history = history(acts);
        let all = list(&history);
        prop_assert!(all.windows(2).all(|pair| pair[0].cursor < pair[1].cursor && pair[0].cursor.key < pair[1].cursor.key));
        for message in &all {
            let cause = history.records().iter().find(|record| record.position == message.cursor.key.position).unwrap();
            prop_assert_eq!(message.cursor.key.cursor(cause.recorded), message.cursor);
        }
    }

    #[test]
    fn where_nothing_is_ahead_everything_is_told_by_its_record(acts in acts(-90_000..1i64)) {
        let history = history(acts);
        for message in list(&history) {
            let cause = history.records().iter().find(|record| record.position == message.cursor.key.position).unwrap();
            prop_assert_eq!(message.cursor.told, cause.recorded);
            prop_assert!(message.cursor.key.ordinal < 1 << 31 && message.until.is_none());
        }
    }
}
