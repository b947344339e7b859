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
pub(crate) use standing::days;

use crate::{Indigestible, Kind, Output, Table, View};
use parcours_model::{Fact, History, StreamKind, streams::parcours};
use standing::Standing;

/// The view.
pub static VIEW: View = View {
    name: "territory",
    version: 1,
    tables: &[
        Table {
            name: "territory_parcours",
            keys: &[("parcours", Kind::Text), ("since", Kind::Integer)],
            values: &[
                // Known in every log of more than `since` and at most `until` entries.
                ("until", Kind::Integer),
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
                | EmploymentStarted(_)
                | BusinessCreated(_)
                | Corrected(_)
                | Annulled(_)
        )
    )
}
