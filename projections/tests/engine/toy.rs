//! Views made for the tests: every kind of column, rows that come and go, sums that grow and fall to nothing.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use parcours_model::streams::parcours;
use parcours_model::{Fact, History, StreamKind};
use parcours_projections::{Indigestible, Key, Kind, Output, Table, Value, View};
use uuid::Uuid;

macro_rules! tables {
    ($facts:literal, $days:literal, $streams:literal) => {
        &[
            Table {
                name: $facts,
                keys: &[("stream", Kind::Text), ("place", Kind::Integer)],
                values: &[
                    ("type", Kind::Text),
                    ("position", Kind::Integer),
                    ("corrected", Kind::Boolean),
                    ("correction", Kind::Integer),
                ],
                sums: false,
                indexes: &["type, position"],
                words: None,
            },
            Table {
                name: $days,
                keys: &[("day", Kind::Integer), ("first", Kind::Boolean)],
                values: &[("facts", Kind::Integer), ("places", Kind::Integer)],
                sums: true,
                indexes: &["facts"],
                words: None,
            },
            Table {
                name: $streams,
                keys: &[("stream", Kind::Text)],
                values: &[("revision", Kind::Integer)],
                sums: false,
                indexes: &[],
                words: None,
            },
        ]
    };
}

/// Tells every fact of the effective history, and counts them by day.
pub static TOY: View = View {
    name: "toy",
    version: 1,
    tables: tables!("toy_fact", "toy_day", "toy_stream"),
    streams: StreamKind::ALL,
    fold,
    replaces: false,
    running: &[],
};

/// The next version: it counts otherwise.
pub static TOY_2: View = View {
    name: "toy",
    version: 2,
    tables: tables!("toy_fact", "toy_day", "toy_stream"),
    streams: StreamKind::ALL,
    fold: |history| {
        let mut output = fold(history)?;
        output.tally(1, [Value::from(0), Value::from(false)], [1, 0]);
        Ok(output)
    },
    replaces: false,
    running: &[],
};

/// Does not know what to make of some words, until [`teach`].
pub static PICKY: View = View {
    name: "picky",
    version: 1,
    tables: tables!("picky_fact", "picky_day", "picky_stream"),
    streams: &[StreamKind::Parcours],
    fold: |history| {
        for fact in history.effective() {
            if let Fact::Parcours(parcours::Fact::Declined(declined)) = fact.fact
                && declined.reason.as_deref() == Some("indigestible")
                && !learnt().contains(&history.stream().uuid)
            {
                return Err(Indigestible::new(fact.record, "what does it mean?"));
            }
        }
        fold(history)
    },
    replaces: false,
    running: &[],
};

/// Listens to operators only.
pub static OPERATORS: View = View {
    name: "operators",
    version: 1,
    tables: tables!("operators_fact", "operators_day", "operators_stream"),
    streams: &[StreamKind::Operator],
    fold,
    replaces: false,
    running: &[],
};

static LEARNT: Mutex<Option<HashSet<Uuid>>> = Mutex::new(None);

fn learnt() -> HashSet<Uuid> {
    LEARNT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
        .unwrap_or_default()
}

/// From now on [`PICKY`] knows the words in this stream. A test has a stream of its own, and so lessons of its own.
pub fn teach(stream: Uuid) {
    LEARNT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .insert(stream);
}

fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::new();
    let stream = history.stream().to_string();
    for (place, fact) in history.effective().enumerate() {
        let place = i64::try_from(place).unwrap();
        let key: Key = vec![stream.clone().into(), place.into()];
        let values = vec![
            fact.fact.type_name().into(),
            i64::try_from(fact.record.position).unwrap().into(),
            fact.correction.is_some().into(),
            fact.correction
                .map(|record| i64::try_from(record.position).unwrap())
                .into(),
        ];
        output.row(0, key, values);
        let day = fact.time.timestamp().div_euclid(86_400);
        output.tally(1, [Value::from(day), Value::from(place == 0)], [1, place]);
    }
    output.row(
        2,
        [Value::from(stream)],
        [Value::from(i64::try_from(history.revision()).unwrap())],
    );
    Ok(output)
}
