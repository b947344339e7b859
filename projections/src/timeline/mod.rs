//! One person's parcours, told in the order in which it happened (R14, R20).
//!
//! The view keeps the records of each parcours ([`kept`]), and tells them when it is asked, as a replay does: by
//! [`tell`].

mod alerts;
mod kept;
mod status;

pub use alerts::Alert;
pub use status::Status;

use crate::success::{self, Outcome};
use crate::{Indigestible, Kind, Output, Reader, Table, Value, View, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::rules::places;
use parcours_model::streams::parcours::{self, ExitReason};
use parcours_model::{Effective, EventId, EventKey, Fact, History, Record, StreamId, StreamKind, calendar};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// The view: the records of each parcours.
pub static VIEW: View = View {
    name: "timeline",
    version: 2,
    tables: &[Table {
        name: "timeline",
        keys: &[("parcours", Kind::Text)],
        values: &[("records", Kind::Text)],
        sums: false,
        indexes: &[],
        words: None,
    }],
    streams: &[StreamKind::Parcours],
    fold,
    replaces: true,
    running: &[],
};

/// What is kept of one parcours.
const READ: &str = "SELECT records FROM {timeline} WHERE parcours = ?1";

/// A timeline as it is sent.
#[derive(Clone, Debug)]
pub struct Told {
    /// The timeline as JSON.
    pub json: String,
    /// The revision of its stream.
    pub revision: u64,
    /// Whether a fact that was recorded ahead of its time has begun to act since the last record, or an alert has become
    /// due: what was told at the same revision may have been something else.
    pub has_turned: bool,
}

/// The timeline of a parcours as of `now`; `None` if the view knows of none.
pub(crate) async fn read(
    reader: &Reader,
    parcours: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Told>, ViewError> {
    let rows = reader.query(READ, &[Value::from(parcours.to_string())]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let told = kept::read(StreamId::new(StreamKind::Parcours, parcours), row.text(0))
        .and_then(|history| written(&history, now).map_err(|wrong| wrong.to_string()));
    told.map(Some).map_err(|detail| {
        ViewError::Unavailable(format!(
            "what is kept of the parcours {parcours} cannot be read: {detail}"
        ))
    })
}

/// What has become of one parcours.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Timeline")]
pub struct Timeline<'a> {
    /// The parcours.
    parcours: Uuid,
    /// Whose it is.
    trainee: Option<Uuid>,
    /// Where it stands.
    status: Status,
    /// The revision of its stream.
    revision: u64,
    /// The position of the last event told.
    position: Option<u64>,
    /// Commune of residence (INSEE).
    commune: Option<&'a str>,
    /// The training operator (SIRET).
    operator: Option<String>,
    /// The session in which it holds a place.
    session: Option<Uuid>,
    /// The référent.
    referent: Option<Uuid>,
    /// The day it started.
    started: Option<NaiveDate>,
    /// The day it ended.
    exited: Option<NaiveDate>,
    /// Why it ended.
    exit_reason: Option<ExitReason>,
    /// The facts, in the order in which they happened.
    steps: Vec<Step<'a>>,
    /// The facts that never were; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annulled: Vec<Annulled<'a>>,
    /// What was obtained after the start.
    outcomes: Vec<Outcome>,
    /// What somebody should look at.
    alerts: Vec<Alert>,
}

/// A fact, with both its times.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
struct Step<'a> {
    /// The CloudEvents `type`.
    #[serde(rename = "type")]
    #[schemars(example = &"parcours.started.v1")]
    type_name: &'static str,
    /// When it happened.
    time: DateTime<Utc>,
    /// When it became known.
    recorded: DateTime<Utc>,
    /// Its position in the log.
    position: u64,
    /// Its place in its stream.
    revision: u64,
    /// The event's `id`.
    #[schemars(with = "str")]
    id: &'a EventId,
    /// Who sent it.
    source: &'a str,
    /// What it states, after corrections: data of its type.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    data: &'a Fact,
    /// The correction that stands; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    correction: Option<Correction<'a>>,
}

/// What a fact said before it was corrected.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Correction")]
struct Correction<'a> {
    #[serde(flatten)]
    by: Reference<'a>,
    /// When it was said to have happened.
    original_time: DateTime<Utc>,
    /// What it stated.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    original_data: &'a Fact,
}

/// A fact that never was.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnnulledFact")]
struct Annulled<'a> {
    /// The CloudEvents `type`.
    #[serde(rename = "type")]
    #[schemars(example = &"parcours.started.v1")]
    type_name: &'static str,
    /// When it was said to have happened.
    time: DateTime<Utc>,
    /// When it became known.
    recorded: DateTime<Utc>,
    /// Its position in the log.
    position: u64,
    /// The event's `id`.
    #[schemars(with = "str")]
    id: &'a EventId,
    /// Who sent it.
    source: &'a str,
    /// Who brought it to the log.
    actor: &'a str,
    /// What it stated: data of its type.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    data: &'a Fact,
    /// The event that annuls it.
    annulment: Reference<'a>,
}

/// The event that amends another.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Amendment")]
struct Reference<'a> {
    /// Its `id`.
    #[schemars(with = "str")]
    id: &'a EventId,
    /// Who sent it.
    source: &'a str,
    /// Who brought it to the log.
    actor: &'a str,
    /// When it became known.
    recorded: DateTime<Utc>,
    /// Its position in the log.
    position: u64,
    /// Why; left out where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    if let Some(last) = history.records().last() {
        let records = kept::write(history).map_err(|wrong| Indigestible::new(last, wrong))?;
        output.row(
            0,
            vec![Value::from(history.stream().uuid.to_string())],
            vec![Value::from(records)],
        );
    }
    Ok(output)
}

/// Tells a parcours as [`tell`] does, to be sent.
pub fn written(history: &History, now: DateTime<Utc>) -> Result<Told, serde_json::Error> {
    let known = history.records().last().map(|record| record.recorded);
    let turns = |time: DateTime<Utc>| known.is_some_and(|known| known < time && time <= now);
    let timeline = tell(history, now);
    let mut due = timeline.alerts.iter().filter_map(|alert| alert.due);
    Ok(Told {
        json: serde_json::to_string(&timeline)?,
        revision: history.revision(),
        has_turned: history.effective().any(|fact| turns(fact.time))
            || due.any(|due| turns(calendar::midnight(due))),
    })
}

/// Tells a parcours as its history has it at the moment `now`: what the view answers, and what a replay as of any moment
/// does. A fact recorded ahead of its time is among the steps at once, and acts on all else from its time on.
/// Pure. An alert with a day by which it is due is told from that day on.
pub fn tell(history: &History, now: DateTime<Utc>) -> Timeline<'_> {
    let steps = history.effective().map(|fact| Step::of(&fact)).collect();
    let facts: Vec<Effective<'_>> = history.effective().take_while(|fact| fact.time <= now).collect();
    let journey = || {
        facts
            .iter()
            .filter_map(|fact| parcours_fact(fact.fact).map(|told| (fact.time, told)))
    };
    let oriented = journey().find_map(|(_, fact)| match fact {
        parcours::Fact::Oriented(oriented) => Some(oriented),
        _ => None,
    });
    let exit = journey().find_map(|(time, fact)| match fact {
        parcours::Fact::Exited(exited) => Some((calendar::day(time), exited.reason)),
        _ => None,
    });
    Timeline {
        parcours: history.stream().uuid,
        trainee: oriented.map(|oriented| oriented.trainee),
        status: Status::of(journey().map(|(_, fact)| fact)),
        revision: history.revision(),
        position: history.records().last().map(|record| record.position),
        commune: oriented.map(|oriented| oriented.commune.as_str()),
        operator: success::operator(&facts).map(|siret| siret.to_string()),
        session: places::held_after(facts.iter().map(|fact| fact.fact)),
        referent: journey().fold(None, |referent, (_, fact)| match fact {
            parcours::Fact::ReferentNamed(named) => Some(named.referent),
            _ => referent,
        }),
        started: success::start(&facts),
        exited: exit.map(|(day, _)| day),
        exit_reason: exit.map(|(_, reason)| reason),
        steps,
        annulled: annulled(history),
        outcomes: success::list(&facts),
        alerts: alerts::of(&facts, calendar::day(now)),
    }
}

fn parcours_fact(fact: &Fact) -> Option<&parcours::Fact> {
    match fact {
        Fact::Parcours(fact) => Some(fact),
        _ => None,
    }
}

impl<'a> Step<'a> {
    fn of(fact: &Effective<'a>) -> Self {
        let event = &fact.record.event;
        Self {
            type_name: fact.fact.type_name(),
            time: fact.time,
            recorded: fact.record.recorded,
            position: fact.record.position,
            revision: fact.record.revision,
            id: &event.key.id,
            source: &event.key.source,
            data: fact.fact,
            correction: fact.correction.map(|by| Correction {
                by: Reference::of(by),
                original_time: event.time,
                original_data: &event.fact,
            }),
        }
    }
}

impl<'a> Reference<'a> {
    fn of(record: &'a Record) -> Self {
        Self {
            id: &record.event.key.id,
            source: &record.event.key.source,
            actor: &record.actor,
            recorded: record.recorded,
            position: record.position,
            reason: match parcours_fact(&record.event.fact) {
                Some(parcours::Fact::Annulled(annulled)) => Some(&annulled.reason),
                Some(parcours::Fact::Corrected(corrected)) => corrected.reason.as_deref(),
                _ => None,
            },
        }
    }
}

/// The facts annulled, in order of arrival, each with its annulment.
fn annulled(history: &History) -> Vec<Annulled<'_>> {
    let annulments = history
        .records()
        .iter()
        .filter_map(|record| match parcours_fact(&record.event.fact) {
            Some(parcours::Fact::Annulled(annulled)) => Some((record, &annulled.event)),
            _ => None,
        });
    let facts = annulments.filter_map(|(by, named)| {
        let record = history.find(&EventKey::new(named.source.as_str(), named.id.as_str()))?;
        // The annulment of a correction takes no fact away.
        let is_fact = !matches!(
            parcours_fact(&record.event.fact),
            Some(parcours::Fact::Corrected(_))
        );
        is_fact.then(|| Annulled {
            type_name: record.event.fact.type_name(),
            time: record.event.time,
            recorded: record.recorded,
            position: record.position,
            id: &record.event.key.id,
            source: &record.event.key.source,
            actor: &record.actor,
            data: &record.event.fact,
            annulment: Reference::of(by),
        })
    });
    facts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;
    use serde_json::{Value as Json, json};

    fn at(story: &Story, now: &str) -> Json {
        serde_json::to_value(tell(&story.0, now.parse().unwrap())).unwrap()
    }

    fn told(story: &Story) -> Json {
        at(story, "2027-01-01T00:00:00Z")
    }

    fn types(steps: &Json) -> Vec<&str> {
        steps
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["type"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn steps_stand_in_the_order_in_which_they_happened() {
        let bilan = json!({"held": [], "to_develop": [], "sectors": [], "obstacles": ["mobility"], "levers": [], "learning": {}});
        let story =
            Story::started()
                .exit("2026-06-30", "completed")
                .tell("2026-02-10", "bilan.completed", bilan);
        let timeline = told(&story);
        let expected = [
            "parcours.started.v1",
            "parcours.bilan.completed.v1",
            "parcours.exited.v1",
        ];
        assert_eq!(types(&timeline["steps"])[3..], expected);
        assert_eq!(timeline["steps"][4]["revision"], 6, "recorded last");
        assert_eq!(
            (&timeline["status"], &timeline["exited"]),
            (&json!("exited"), &json!("2026-06-30"))
        );
        assert_eq!(timeline["session"], Json::Null, "the place is released");
    }

    #[test]
    fn a_fact_ahead_of_the_clock_is_listed_at_once_and_acts_from_its_time_on() {
        let story = Story::started().exit("2026-06-30", "completed");
        let (before, after) = (
            at(&story, "2026-06-29T21:59:59Z"),
            at(&story, "2026-06-29T22:00:00Z"),
        );
        assert_eq!(before["steps"], after["steps"]);
        assert_eq!(
            (&before["status"], &after["status"]),
            (&json!("in_training"), &json!("exited"))
        );
        assert_eq!(
            (&before["exited"], &before["session"], &after["session"]),
            (&Json::Null, &json!(Uuid::from_u128(3)), &Json::Null)
        );
        assert_eq!(before["alerts"][0]["code"], "bilan-missing");
    }

    #[test]
    fn a_timeline_turns_when_a_fact_ahead_of_the_clock_begins_to_act() {
        let turned = |day, now: &str| {
            let story = Story::started().exit(day, "completed");
            written(&story.0, now.parse().unwrap()).unwrap().has_turned
        };
        // The stories are recorded at the beginning of 31 December.
        assert!(!turned("2027-01-01", "2026-12-31T22:59:59Z"));
        assert!(turned("2027-01-01", "2026-12-31T23:00:00Z"));
        assert!(!turned("2026-12-30", "2027-06-01T00:00:00Z"));
        assert!(
            turned("2026-12-30", "2027-06-30T00:00:00Z"),
            "the follow-up became due"
        );
    }

    #[test]
    fn a_correction_is_shown_with_what_it_replaced() {
        let timeline = told(&Story::started().corrected("e4", "2026-02-03"));
        let started = &timeline["steps"][3];
        assert_eq!(timeline["started"], "2026-02-03");
        assert_eq!(
            (&started["time"], &started["correction"]["original_time"]),
            (&json!("2026-02-02T23:00:00Z"), &json!("2026-01-31T23:00:00Z"))
        );
        assert_eq!(started["correction"]["id"], "e5");
    }

    #[test]
    fn an_annulled_fact_is_told_apart() {
        let timeline = told(&Story::started().annulled("e4"));
        assert_eq!(timeline["status"], "admitted");
        assert_eq!(types(&timeline["annulled"]), ["parcours.started.v1"]);
        let annulled = &timeline["annulled"][0];
        assert_eq!(annulled["annulment"]["reason"], "double");
        assert!(
            annulled["data"].is_object() && annulled["actor"].is_string(),
            "{annulled}"
        );
        assert!(annulled["annulment"]["actor"].is_string(), "{annulled}");
    }

    #[test]
    fn alerts_say_what_to_look_at_and_by_when() {
        let timeline = told(&Story::started());
        assert_eq!(timeline["alerts"][0]["code"], "bilan-missing");
        assert_eq!(timeline["alerts"][0]["due"], "2026-03-03");
        for (now, alerts) in [("2026-03-02T22:59:59Z", 0), ("2026-03-02T23:00:00Z", 1)] {
            let told = at(&Story::started(), now);
            assert_eq!(
                told["alerts"].as_array().map(Vec::len),
                Some(alerts),
                "{now}: {told}"
            );
        }
        let suspended = Story::started().tell("2026-03-01", "suspended", json!({"reason": "health"}));
        assert_eq!(told(&suspended)["status"], "suspended");
        let left = told(&Story::started().exit("2026-03-01", "abandoned"));
        let codes: Vec<_> = left["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| alert["code"].clone())
            .collect();
        assert_eq!(codes, ["followup-missing"], "an exit settles the rest");
        assert_eq!(
            told(&Story::started().exit("2026-03-01", "deceased"))["alerts"],
            json!([])
        );
    }
}
