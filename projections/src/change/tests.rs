use std::sync::Arc;

use parcours_model::streams::parcours;
use parcours_model::{Event, EventKey, History, Record, StreamId, StreamKind};
use uuid::Uuid;

use super::*;
use crate::Kind;

static TOY: View = View {
    name: "toy",
    version: 1,
    tables: &[
        Table {
            name: "toy_row",
            keys: &[("id", Kind::Integer)],
            values: &[("word", Kind::Text)],
            sums: false,
            indexes: &[],
            words: None,
        },
        Table {
            name: "toy_sum",
            keys: &[("word", Kind::Text)],
            values: &[("count", Kind::Integer)],
            sums: true,
            indexes: &[],
            words: None,
        },
    ],
    streams: &[StreamKind::Parcours],
    fold: |_| Ok(Output::new()),
    replaces: false,
    running: &[],
};

fn output(rows: &[(i64, &str)]) -> Output {
    let mut output = Output::new();
    for (id, word) in rows {
        output.row(0, [Value::from(*id)], [Value::from(*word)]);
        output.tally(1, [Value::from(*word)], [1]);
    }
    output
}

fn key(value: impl Into<Value>) -> Key {
    vec![value.into()]
}

#[test]
fn a_difference_is_what_must_be_written_to_come_from_one_output_to_the_other() {
    let mut gathering = Gathering::new(&TOY);
    gathering.add(
        output(&[(1, "same"), (2, "old"), (4, "gone")]),
        output(&[(1, "same"), (2, "new"), (3, "more")]),
    );
    let changes = gathering.finish();
    let word = |word: &str| vec![Value::from(word)];
    assert_eq!(
        changes.tables[0].puts,
        [(key(2), word("new")), (key(3), word("more"))]
    );
    assert_eq!(changes.tables[0].removals, [key(4)]);
    let sums = [("gone", -1), ("more", 1), ("new", 1), ("old", -1)].map(|(word, sum)| (key(word), vec![sum]));
    assert_eq!(changes.tables[1].sums, sums);
}

#[test]
fn sums_that_cancel_out_over_streams_are_not_written() {
    let mut gathering = Gathering::new(&TOY);
    gathering.add(output(&[]), output(&[(1, "word")]));
    gathering.add(output(&[(2, "word")]), output(&[]));
    let changes = gathering.finish();
    assert!(changes.tables[1].sums.is_empty(), "{changes:?}");
    assert_eq!(changes.tables[0].puts.len(), 1);
    assert_eq!(changes.tables[0].removals, [key(2)]);
}

fn history() -> History {
    let stream = StreamId::new(StreamKind::Parcours, Uuid::from_u128(1));
    let event = Event {
        key: EventKey::new("urn:region:28", "e1"),
        stream,
        time: chrono::DateTime::UNIX_EPOCH,
        fact: parcours::Fact::Started(parcours::Started {}).into(),
    };
    let record = Record {
        position: 41,
        revision: 1,
        recorded: event.time,
        actor: Arc::from("test"),
        event,
    };
    History::replay(stream, [record]).unwrap()
}

#[test]
fn what_the_tables_cannot_take_is_the_fault_of_the_event() {
    let row = |values: Vec<Value>| {
        let mut output = Output::new();
        output.row(0, [Value::from(1)], values);
        TOY.check(&output)
    };
    assert_eq!(row(vec![Value::Null]), Ok(()));
    assert!(row(vec![Value::from(7)]).is_err(), "a number in a text column");
    assert!(row(vec![Value::from("\0")]).is_err(), "a NUL character");
    assert!(row(vec![]).is_err(), "too few columns");
    assert!(
        TOY.check(&output(&[(1, "a"), (1, "b")]))
            .unwrap_err()
            .contains("two rows")
    );
    let panics = View {
        fold: |_| panic!("no idea"),
        ..View {
            name: "panics",
            ..toy()
        }
    };
    let fault = panics.folded(&history()).unwrap_err();
    assert_eq!(fault.position, 41);
    assert!(fault.detail.contains("no idea"), "{fault}");
}

fn toy() -> View {
    View {
        name: TOY.name,
        version: TOY.version,
        tables: TOY.tables,
        streams: TOY.streams,
        fold: TOY.fold,
        replaces: TOY.replaces,
        running: TOY.running,
    }
}

#[test]
fn an_empty_history_contributes_nothing() {
    let panics = View {
        fold: |_| panic!("asked about nothing"),
        ..toy()
    };
    assert_eq!(
        panics.folded(&History::new(history().stream())),
        Ok(Output::new())
    );
}
