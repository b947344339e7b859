//! What the programme changes in a territory (R22 to R24): the figures of PROGRAMME.md, by their exact definitions.
//!
//! Two tables. `territory_parcours` keeps what every parcours weighed and from when to when that was known, so that a
//! question asked as of an earlier instant gives the earlier answer. `territory_day` keeps the sums of what is known
//! now, by territory and day, so that a question about now costs the days it spans, however many parcours there were.

mod figures;
mod query;
mod standing;

pub use figures::{Figures, SUCCESS_TARGET};
pub use query::{AsOf, By, Group, Query, Report};

pub(crate) use figures::{last_matured, rate};
pub(crate) use query::report;
pub(crate) use standing::{day, days};

use crate::{Indigestible, Kind, Output, Table, View};
use parcours_model::{Fact, History, StreamKind, geography, streams::parcours};
use standing::Standing;

/// The view.
pub static VIEW: View = View {
    name: "territory",
    version: 3 + geography::EDITION,
    tables: &[
        Table {
            name: "territory_parcours",
            keys: &[("parcours", Kind::Text), ("since", Kind::Integer)],
            values: &[
                // Known in every log of more than `since` and at most `until` entries.
                ("until", Kind::Integer),
                // What the commune lies in is null where today's geography does not know it.
                ("commune", Kind::Text),
                ("epci", Kind::Text),
                ("departement", Kind::Text),
                ("region", Kind::Text),
                ("operator", Kind::Text),
                ("channel", Kind::Text),
                ("level", Kind::Integer),
                ("start_day", Kind::Integer),
                ("exit_day", Kind::Integer),
                ("neutral", Kind::Boolean),
                ("certified", Kind::Boolean),
                ("employed", Kind::Boolean),
                ("created", Kind::Boolean),
            ],
            sums: false,
            indexes: &["commune", "epci", "departement"],
        },
        Table {
            name: "territory_day",
            keys: &[
                ("territory", Kind::Text),
                ("dimension", Kind::Text),
                ("value", Kind::Text),
                ("day", Kind::Integer),
            ],
            values: &[
                ("entries", Kind::Integer),
                ("low_qualification", Kind::Integer),
                ("leavers", Kind::Integer),
                ("neutral", Kind::Integer),
                ("certified", Kind::Integer),
                ("employed", Kind::Integer),
                ("created", Kind::Integer),
                ("successes", Kind::Integer),
            ],
            sums: true,
            indexes: &[],
        },
    ],
    streams: &[StreamKind::Parcours],
    fold,
    replaces: false,
    running: &[],
};

const PARCOURS: usize = 0;
const DAY: usize = 1;

/// Replays the parcours record by record, and keeps each standing for as long as it was the last known.
fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    let parcours = history.stream().uuid.to_string();
    let mut known = History::new(history.stream());
    let mut current: Option<(u64, Standing)> = None;
    for record in history.records() {
        known
            .push(record.clone())
            .map_err(|wrong| Indigestible::new(record, format!("{wrong:?}")))?;
        if !matters(&record.event.fact) {
            continue;
        }
        let standing = Standing::of(&known);
        if current.as_ref().map(|(_, standing)| standing) != standing.as_ref() {
            if let Some((since, earlier)) = current.take() {
                output.row(
                    PARCOURS,
                    Standing::key(&parcours, since),
                    earlier.columns(Some(record.position)),
                );
            }
            current = standing.map(|standing| (record.position, standing));
        }
    }
    if let Some((since, standing)) = current {
        output.row(PARCOURS, Standing::key(&parcours, since), standing.columns(None));
        standing.tally(|key, sums| output.tally(DAY, key, sums));
    }
    Ok(output)
}

/// Whether a record can change what a parcours weighs.
fn matters(fact: &Fact) -> bool {
    use parcours::Fact::*;
    matches!(
        fact,
        Fact::Parcours(
            Oriented(_)
                | Admitted(_)
                | Started(_)
                | Exited(_)
                | CertificationObtained(_)
                | EmploymentStartedV1(_)
                | EmploymentStarted(_)
                | BusinessCreated(_)
                | Corrected(_)
                | Annulled(_)
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;
    use crate::{Key, Value};
    use std::collections::BTreeMap;

    /// The sums of the region by day: entries, low qualification, leavers, neutral, certified, employed, created, successes.
    fn region(story: &Story) -> BTreeMap<i64, Vec<i64>> {
        let output = fold(&story.0).unwrap();
        let wanted = |key: &Key| key[0] == Value::from("region/28") && key[1] == Value::from("");
        let mut days = BTreeMap::new();
        for (table, key, sums) in output.tallies.iter().filter(|(_, key, _)| wanted(key)) {
            assert_eq!(*table, DAY);
            let Value::Integer(day) = key[3] else {
                panic!("a day is a number")
            };
            days.insert(day, sums.clone());
        }
        days
    }

    fn day(text: &str) -> i64 {
        days(text.parse().unwrap())
    }

    #[test]
    fn a_parcours_weighs_nothing_until_it_starts() {
        let oriented = Story::of(StreamKind::Parcours);
        assert!(fold(&oriented.0).unwrap().is_empty());
        assert!(
            fold(&Story::started().annulled("e4").0)
                .unwrap()
                .tallies
                .is_empty()
        );
    }

    #[test]
    fn an_entry_counts_on_its_day_and_an_exit_on_its_own() {
        let story = Story::started()
            .certified("2026-05-01")
            .exit("2026-06-30", "completed")
            .employed("2026-08-01");
        let sums = region(&story);
        assert_eq!(sums[&day("2026-02-01")], [1, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(sums[&day("2026-06-30")], [0, 0, 1, 0, 1, 1, 0, 1]);
    }

    #[test]
    fn a_neutral_exit_is_in_no_rate_whatever_it_obtained() {
        let sums = region(
            &Story::started()
                .certified("2026-05-01")
                .exit("2026-06-30", "health"),
        );
        assert_eq!(sums[&day("2026-06-30")], [0, 0, 1, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn every_territory_of_the_commune_is_told_by_every_dimension() {
        let output = fold(&Story::started().0).unwrap();
        let told: Vec<(String, String, String)> = output
            .tallies
            .iter()
            .map(|(_, key, _)| (key[0].to_string(), key[1].to_string(), key[2].to_string()))
            .collect();
        assert_eq!(told.len(), 4 * 4);
        for territory in ["commune/76540", "epci/200023414", "departement/76", "region/28"] {
            for (dimension, value) in [
                ("", ""),
                ("operator", "19290076900014"),
                ("channel", "partner"),
                ("level", "4"),
            ] {
                assert!(
                    told.contains(&(territory.into(), dimension.into(), value.into())),
                    "{territory} {dimension}"
                );
            }
        }
    }

    #[test]
    fn what_was_known_earlier_is_kept_with_the_moment_it_was_replaced() {
        let story = Story::started().exit("2026-06-30", "completed").annulled("e5");
        let output = fold(&story.0).unwrap();
        let known: Vec<(&Value, &Value)> = output
            .rows
            .iter()
            .map(|(_, key, values)| (&key[1], &values[0]))
            .collect();
        let (start, exit, annulment) = (Value::Integer(40), Value::Integer(50), Value::Integer(60));
        assert_eq!(
            known,
            [
                (&start, &exit),
                (&exit, &annulment),
                (&annulment, &Value::Integer(i64::MAX))
            ]
        );
    }

    #[test]
    fn what_changes_no_figure_makes_no_row() {
        let story = Story::started().tell(
            "2026-02-02",
            "obstacle.lifted",
            serde_json::json!({"obstacle": "mobility"}),
        );
        assert_eq!(fold(&story.0).unwrap(), fold(&Story::started().0).unwrap());
    }
}
