//! What the programme changes in a territory (R22 to R24): the figures of PROGRAMME.md, by their exact definitions.
//!
//! `territory_parcours` keeps what every parcours weighed and from when to when that was known, so that a question asked as
//! of an earlier instant gives the earlier answer. Questions are not asked of the table: each is a sum over people by any
//! of their traits, and sums of all traits by all would outweigh the log. Whoever is asked holds the table in
//! [memory](crate::memory), 56 bytes a row, and brings that up to date by what the view has digested since.

mod breakdown;
mod compare;
mod figures;
mod held;
mod query;
mod standing;
mod stretch;
mod tally;

pub use crate::memory::AsOf;
pub use crate::protection::RecordKeys;
pub use breakdown::By;
pub use compare::{Comparison, Earlier, Elsewhere};
pub use figures::{Figures, SUCCESS_TARGET};
pub use query::{Group, Query, Report, Subgroup};

pub(crate) use figures::{last_matured, rate};
pub(crate) use query::report;
pub(crate) use standing::{day, days};

use crate::{Indigestible, Kind, Output, Table, View, known};
use parcours_model::{Fact, History, StreamKind, streams::parcours};
use standing::Standing;

/// The table of the view, in memory.
pub(crate) type Memory = crate::memory::Memory<held::Parcours>;

/// The view.
pub static VIEW: View = View {
    name: "territory",
    // Up to 5, it was the sum of a number and the edition of the geography, which rows held then.
    version: 6,
    tables: &[Table {
        name: "territory_parcours",
        // In the order in which the log brought them: a row is new, or its end is.
        keys: &[("since", Kind::Integer), ("parcours", Kind::Text)],
        values: &[
            // Known in every log of more than `since` and at most `until` entries.
            ("until", Kind::Integer),
            ("commune", Kind::Text),
            ("resident_day", Kind::Integer),
            ("operator", Kind::Text),
            ("channel", Kind::Text),
            ("level", Kind::Integer),
            ("situation", Kind::Text),
            ("gender", Kind::Text),
            ("age", Kind::Text),
            ("start_day", Kind::Integer),
            ("exit_day", Kind::Integer),
            ("neutral", Kind::Boolean),
            ("certified", Kind::Boolean),
            ("employed", Kind::Boolean),
            ("created", Kind::Boolean),
        ],
        sums: false,
        indexes: &["until"],
        words: None,
    }],
    streams: &[StreamKind::Parcours],
    fold,
    replaces: false,
    running: &[],
};

const PARCOURS: usize = 0;

/// A row for each standing, for as long as it was the last known.
fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    let parcours = history.stream().uuid.to_string();
    known::replay(history, matters, Standing::of, |since, until, standing| {
        output.row(PARCOURS, known::key(&parcours, since), standing.columns(until));
    })?;
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
    use super::held::Parcours;
    use super::*;
    use crate::Value;
    use crate::memory::Held;
    use crate::memory::tests::held;
    use crate::story::Story;
    use chrono::NaiveDate;
    use parcours_model::geography::{self, TerritoryLevel};

    const ALL: u64 = 1_000;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The year 2026 of the region, when the log had so many entries, at the end of 2027.
    fn tally(held: &Held<Parcours>, size: u64, by: &[By]) -> Figures {
        let scope = tally::Scope {
            territory: geography::territory(TerritoryLevel::Region, "28").unwrap(),
            from: date("2026-01-01"),
            to: date("2026-12-31"),
            as_of: date("2027-12-31"),
            size,
            protected: false,
        };
        tally::Tally::new(held, scope, by).whole()
    }

    fn region(story: &Story) -> Figures {
        tally(&held([fold(&story.0).unwrap()], ALL), ALL, &[])
    }

    #[test]
    fn a_parcours_weighs_nothing_until_it_starts() {
        let oriented = Story::of(StreamKind::Parcours);
        assert!(fold(&oriented.0).unwrap().is_empty());
        assert_eq!(region(&Story::started()).entries, Some(1));
        assert_eq!(region(&Story::started().annulled("e4")).entries, Some(0));
    }

    #[test]
    fn an_entry_and_an_exit_count_with_what_was_obtained() {
        let story = Story::started()
            .certified("2026-05-01")
            .exit("2026-06-30", "completed")
            .employed("2026-08-01");
        let told = region(&story);
        assert_eq!(
            [told.entries, told.leavers, told.in_progress, told.neutral],
            [1, 1, 0, 0].map(Some)
        );
        assert_eq!(
            [told.matured, told.successes, told.certified, told.employed],
            [1, 1, 1, 1].map(Some)
        );
        assert_eq!(told.low_qualification_share, Some(1.0));
    }

    #[test]
    fn a_neutral_exit_is_in_no_rate_whatever_it_obtained() {
        let told = region(
            &Story::started()
                .certified("2026-05-01")
                .exit("2026-06-30", "health"),
        );
        assert_eq!(
            [told.leavers, told.neutral, told.matured, told.certified],
            [1, 1, 0, 0].map(Some)
        );
    }

    #[test]
    fn somebody_is_in_one_part_of_every_breakdown() {
        let held = held([fold(&Story::started().0).unwrap()], ALL);
        let keys: Vec<&str> = held
            .as_of(ALL)
            .flat_map(|row| {
                By::ALL
                    .iter()
                    .filter(|by| !by.is_of_time())
                    .map(|by| held.key(*by, held.part(*by, row)))
            })
            .collect();
        let told = [
            "76540",
            "200023414",
            "76",
            "19290076900014",
            "partner",
            "4",
            "",
            "",
            "without_job",
        ];
        assert_eq!(keys, told);
    }

    #[test]
    fn what_was_known_of_somebody_earlier_is_told_as_of_then() {
        let story = Story::started().exit("2026-06-30", "completed").annulled("e5");
        let held = held([fold(&story.0).unwrap()], ALL);
        let as_of = |size| {
            let told = tally(&held, size, &[]);
            (told.entries.unwrap(), told.leavers.unwrap())
        };
        assert_eq!((as_of(40), as_of(41), as_of(50)), ((0, 0), (1, 0), (1, 0)));
        assert_eq!((as_of(51), as_of(60), as_of(61)), ((1, 1), (1, 1), (1, 0)));
    }

    #[test]
    fn what_was_known_earlier_is_kept_with_the_moment_it_was_replaced() {
        let story = Story::started().exit("2026-06-30", "completed").annulled("e5");
        let output = fold(&story.0).unwrap();
        let known: Vec<(&Value, &Value)> = output
            .rows
            .iter()
            .map(|(_, key, values)| (&key[0], &values[0]))
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
