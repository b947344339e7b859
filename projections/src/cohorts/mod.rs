//! What becomes of those who come in a month: a funnel from orientation to work, the times between its steps, and why
//! people leave.
//!
//! `cohorts_parcours` keeps how far every parcours had come and from when to when that was known. Questions go through these
//! rows in [memory](crate::memory), 72 bytes each, as those about territories do: a cohort is chosen by month, step, territory
//! and operator, and quartiles are no sums.

mod cohort;
mod held;
mod quartiles;
mod query;
mod standing;
mod step;

pub use crate::memory::AsOf;
pub use cohort::{Cohort, Funnel, Reason, Time};
pub use query::{By, Group, Of, Query, Report};
pub use step::Step;

pub(crate) use query::report;

use crate::{Indigestible, Kind, Output, Table, View, known};
use parcours_model::{Fact, History, StreamKind, streams::parcours};
use standing::{Days, Standing};

/// The table of the view, in memory.
pub(crate) type Memory = crate::memory::Memory<held::Member>;

/// The view.
pub static VIEW: View = View {
    name: "cohorts",
    version: 1,
    tables: &[Table {
        name: "cohorts_parcours",
        // In the order in which the log brought them: a row is new, or its end is.
        keys: &[("since", Kind::Integer), ("parcours", Kind::Text)],
        values: &[
            // Known in every log of more than `since` and at most `until` entries.
            ("until", Kind::Integer),
            // Of residence, as stated: today's geography is asked when the question is.
            ("commune", Kind::Text),
            ("operator", Kind::Text),
            ("reason", Kind::Text),
            // Of each step; null where it was not reached.
            ("oriented_day", Kind::Integer),
            ("eligible_day", Kind::Integer),
            ("admitted_day", Kind::Integer),
            ("start_day", Kind::Integer),
            ("bilan_day", Kind::Integer),
            ("immersion_day", Kind::Integer),
            ("certified_day", Kind::Integer),
            ("exit_day", Kind::Integer),
            ("work_day", Kind::Integer),
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
    let mut days = Days::default();
    let of = |known: &History| Standing::of(known, &mut days);
    known::replay(history, matters, of, |since, until, standing| {
        output.row(PARCOURS, known::key(&parcours, since), standing.columns(until));
    })?;
    Ok(output)
}

/// Whether a record can change how far a parcours has come.
fn matters(fact: &Fact) -> bool {
    use parcours::Fact::*;
    matches!(
        fact,
        Fact::Parcours(
            Oriented(_)
                | EligibilityChecked(_)
                | Admitted(_)
                | Started(_)
                | BilanCompleted(_)
                | ImmersionStarted(_)
                | CertificationObtained(_)
                | Exited(_)
                | EmploymentStartedV1(_)
                | EmploymentStarted(_)
                | BusinessCreated(_)
                | Corrected(_)
                | Annulled(_)
        )
    )
}

#[cfg(test)]
mod tests;
