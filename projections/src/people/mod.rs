//! The parcours of an operator, a référent or a trainee, what is to be done about them (R4, R14, R20), and the profiles of
//! those who agreed to be found (R19).

mod profile;
mod query;
mod tasks;

pub use profile::{Profile, ProfilePage, ProfileQuery};
pub use query::{Listed, Page, Query, Task};
pub use tasks::Code;

pub(crate) use profile::page as profiles;
pub(crate) use query::page;

use crate::moments::{self, Moment};
use crate::timeline::Status;
use crate::{Indigestible, Kind, Output, Table, Value, View, success};
use chrono::NaiveDate;
use parcours_model::rules::places;
use parcours_model::streams::{parcours, trainee};
use parcours_model::{Effective, Fact, History, StreamKind, calendar, geography};

/// The view.
pub static VIEW: View = View {
    name: "people",
    version: 2 + geography::EDITION,
    tables: &[PEOPLE, PROFILES, ERASED],
    streams: &[StreamKind::Parcours, StreamKind::Trainee],
    fold,
    replaces: false,
    running: &[],
};

const PEOPLE: Table = Table {
    name: "people",
    // As it stands from `since` to before `until`, in microseconds since 1970: one row a parcours, save where a fact was
    // recorded ahead of its time.
    keys: &[("parcours", Kind::Text), ("since", Kind::Integer)],
    values: &[
        ("until", Kind::Integer),
        ("trainee", Kind::Text),
        ("operator", Kind::Text),
        ("referent", Kind::Text),
        ("session", Kind::Text),
        ("commune", Kind::Text),
        ("status", Kind::Text),
        ("started_day", Kind::Integer),
        ("exited_day", Kind::Integer),
        ("revision", Kind::Integer),
        // What is to be done, as JSON; the first day on which something is, and the one from which nothing is any more.
        ("tasks", Kind::Text),
        ("due_day", Kind::Integer),
        ("over_day", Kind::Integer),
    ],
    sums: false,
    indexes: &[
        "trainee, parcours",
        "operator, parcours",
        "referent, parcours",
        "operator, over_day",
        "referent, over_day",
    ],
    words: None,
};

const PROFILES: Table = Table {
    name: "people_profile",
    // As those of `people`; none of somebody who does not agree, or is not available.
    keys: &[("parcours", Kind::Text), ("since", Kind::Integer)],
    values: &[
        ("until", Kind::Integer),
        ("profile", Kind::Text),
        ("trainee", Kind::Text),
        ("published_day", Kind::Integer),
        ("available_day", Kind::Integer),
        ("headline", Kind::Text),
        ("skills", Kind::Text),
        // Codes between spaces.
        ("rome", Kind::Text),
        ("radius_km", Kind::Integer),
        // Of residence; its place in millionths of a degree, null where it is not known.
        ("commune", Kind::Text),
        ("latitude", Kind::Integer),
        ("longitude", Kind::Integer),
    ],
    sums: false,
    indexes: &["published_day, profile", "latitude"],
    words: None,
};

const ERASED: Table = Table {
    name: "people_erased",
    // From then on, in microseconds since 1970.
    keys: &[("trainee", Kind::Text)],
    values: &[("since", Kind::Integer)],
    sums: false,
    indexes: &[],
    words: None,
};

/// Their places among the tables.
const OF_PEOPLE: usize = 0;
const OF_PROFILES: usize = 1;
const OF_ERASED: usize = 2;

/// A day on which something that never lapses is still to be done.
const NEVER: i64 = i32::MAX as i64;

fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    let stream = history.stream();
    if stream.kind == StreamKind::Trainee {
        let erasures = history
            .effective()
            .filter(|fact| matches!(fact.fact, Fact::Trainee(trainee::Fact::Erased(_))));
        if let Some(first) = erasures.map(|fact| fact.time).min() {
            let since = Value::Integer(first.timestamp_micros());
            output.row(OF_ERASED, vec![Value::from(stream.uuid.to_string())], vec![since]);
        }
        return Ok(output);
    }
    for Moment { since, until, facts } in moments::of(history) {
        let key = vec![Value::from(stream.uuid.to_string()), Value::Integer(since)];
        if let Some(published) = profile::of(&facts) {
            let oriented = oriented(&facts);
            let trainee = oriented.map(|(_, oriented)| oriented.trainee);
            let home = oriented.map(|(day, oriented)| (oriented.commune, day));
            let row = profile::row(published, stream.uuid, trainee, home, until);
            output.row(OF_PROFILES, key.clone(), row);
        }
        output.row(OF_PEOPLE, key, row(&facts, until, history.revision()));
    }
    Ok(output)
}

fn oriented<'a>(facts: &[Effective<'a>]) -> Option<(NaiveDate, &'a parcours::Oriented)> {
    facts.iter().find_map(|fact| match fact.fact {
        Fact::Parcours(parcours::Fact::Oriented(oriented)) => Some((calendar::day(fact.time), &**oriented)),
        _ => None,
    })
}

/// Where a parcours stands after these facts.
fn row(facts: &[Effective<'_>], until: i64, revision: u64) -> Vec<Value> {
    let journey = || {
        facts.iter().filter_map(|fact| match fact.fact {
            Fact::Parcours(told) => Some((fact.time, told)),
            _ => None,
        })
    };
    let oriented = oriented(facts).map(|(_, oriented)| oriented);
    let referent = journey().fold(None, |referent, (_, fact)| match fact {
        parcours::Fact::ReferentNamed(named) => Some(named.referent),
        _ => referent,
    });
    let exited = journey()
        .find_map(|(time, fact)| matches!(fact, parcours::Fact::Exited(_)).then(|| calendar::day(time)));
    let day = |day: Option<NaiveDate>| Value::from(day.map(crate::territory::days));
    let text = |text: Option<String>| Value::from(text);
    let tasks = tasks::of(facts);
    let over = tasks
        .iter()
        .map(|task| task.until.map_or(NEVER, crate::territory::days))
        .max();
    let written = serde_json::to_string(&tasks).expect("tasks are words, days and numbers");
    vec![
        Value::Integer(until),
        text(oriented.map(|oriented| oriented.trainee.to_string())),
        text(success::operator(facts).map(|siret| siret.to_string())),
        text(referent.map(|referent| referent.to_string())),
        text(places::held_after(facts.iter().map(|fact| fact.fact)).map(|session| session.to_string())),
        text(oriented.map(|oriented| oriented.commune.as_str().to_owned())),
        Value::from(Status::of(journey().map(|(_, fact)| fact)).word()),
        day(success::start(facts)),
        day(exited),
        Value::Integer(i64::try_from(revision).expect("a revision is below 2^63")),
        Value::from(written),
        day(tasks.iter().map(|task| task.due).min()),
        Value::from(over),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;
    use chrono::TimeDelta;
    use serde_json::json;

    /// The tasks of a story that are told on a day, each with the day by which it was due.
    fn told(story: &Story, day: &str) -> Vec<String> {
        let day: NaiveDate = day.parse().unwrap();
        let facts: Vec<Effective<'_>> = story.0.effective().collect();
        let due = tasks::of(&facts).into_iter().filter(|task| task.is_due(day));
        due.map(|task| {
            let months = task.months.map(|months| format!(" {months}")).unwrap_or_default();
            let code = serde_json::to_value(task.code).unwrap();
            format!("{}{months} {}", code.as_str().unwrap(), task.due)
        })
        .collect()
    }

    #[test]
    fn what_is_to_be_done_is_told_from_the_day_on_by_which_it_is_due() {
        let bilan = json!({"held": [], "to_develop": [], "sectors": [], "obstacles": [], "levers": [], "learning": {}});
        let story = Story::started();
        assert_eq!(told(&story, "2026-01-20"), [""; 0]);
        assert_eq!(told(&story, "2026-01-21"), ["commitment-unsigned 2026-01-21"]);
        let story = story.tell(
            "2026-01-15",
            "commitment.signed",
            json!({"contract_version": "1"}),
        );
        assert_eq!(told(&story, "2026-03-02"), [""; 0]);
        assert_eq!(told(&story, "2026-03-03"), ["bilan-missing 2026-03-03"]);
        let story = story.tell("2026-03-04", "bilan.completed", bilan);
        assert_eq!(told(&story, "2026-05-02"), [""; 0]);
        assert_eq!(
            told(&story, "2026-05-03"),
            ["immersion-agreement-missing 2026-05-03"]
        );
        let story = story.tell("2026-05-04", "suspended", json!({"reason": "santé"}));
        assert_eq!(told(&story, "2026-08-03"), [""; 0]);
        assert_eq!(told(&story, "2026-08-04"), ["suspended-for-long 2026-08-04"]);
    }

    #[test]
    fn leavers_are_asked_at_each_term_until_the_next_or_until_they_answer() {
        let story = || Story::started().exit("2026-06-30", "completed");
        for (day, task) in [
            ("2026-09-29", None),
            ("2026-09-30", Some("followup-due 3 2026-09-30")),
            ("2026-12-29", Some("followup-due 3 2026-09-30")),
            ("2026-12-30", Some("followup-due 6 2026-12-30")),
            ("2027-06-30", Some("followup-due 12 2027-06-30")),
            ("2028-06-29", Some("followup-due 18 2027-12-30")),
            ("2028-06-30", None),
        ] {
            assert_eq!(told(&story(), day), Vec::from_iter(task), "{day}");
        }
        let answered = story().tell(
            "2026-12-30",
            "followup.answered",
            json!({"months": 6, "situation": "employed"}),
        );
        assert_eq!(
            told(&answered, "2027-06-29"),
            [""; 0],
            "what came before is not asked any more"
        );
        assert_eq!(told(&answered, "2027-06-30"), ["followup-due 12 2027-06-30"]);
        let moved = Story::started().exit("2026-06-30", "moved_away");
        assert_eq!(told(&moved, "2027-01-01"), [""; 0]);
    }

    #[test]
    fn what_is_recorded_ahead_of_its_time_stands_in_a_row_of_its_own_from_then_on() {
        let recorded = calendar::midnight("2026-12-31".parse().unwrap());
        let exit = recorded + TimeDelta::hours(5);
        let story = Story::started().tell_at(recorded, exit, "exited", json!({"reason": "completed"}));
        let rows = fold(&story.0).unwrap().rows;
        let told: Vec<_> = rows
            .iter()
            .map(|(_, key, row)| (key[1].clone(), row[0].clone(), row[6].clone()))
            .collect();
        let turn = Value::Integer(exit.timestamp_micros());
        let status = |status: &str| Value::from(status);
        assert_eq!(
            told,
            [
                (Value::Integer(0), turn.clone(), status("in_training")),
                (turn, Value::Integer(i64::MAX), status("exited")),
            ]
        );
        assert_eq!(fold(&Story::started().0).unwrap().rows.len(), 1);
    }
}
