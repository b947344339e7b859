//! Logs that were written under the first migration alone, opened by this program.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::TimeDelta;
use parcours_log::Entry;
use parcours_log::tree::{Frontier, Hash};

use crate::events::{one, registered, sound};
use crate::following::fill;
use crate::place::{Place, all, on_both_databases};

/// Entries that were committed together; each bore the time at which the last of them was recorded.
const GROUP: usize = 16;

/// Puts these entries, all of operators, into a database as a program did that knew the first migration only.
fn write(place: &Place, entries: &[Entry]) {
    let (schema, applied) = match place {
        Place::Sqlite(_) => (
            include_str!("../../migrations/sqlite/0001_log.sql"),
            "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,
                 applied TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ'))) STRICT",
        ),
        Place::Postgres(_) => (
            include_str!("../../migrations/postgres/0001_log.sql"),
            "CREATE TABLE migrations (number bigint PRIMARY KEY, name text NOT NULL,
                 applied timestamptz NOT NULL DEFAULT now())",
        ),
    };
    if matches!(place, Place::Postgres(_)) {
        place.execute("CREATE SCHEMA parcours_log");
    }
    place.execute(&format!(
        "{schema}; {applied}; INSERT INTO migrations (number, name) VALUES (1, 'log');"
    ));
    place.execute(&rows(place, entries));
}

fn rows(place: &Place, entries: &[Entry]) -> String {
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    };
    let blob = |bytes: &[u8]| match place {
        Place::Sqlite(_) => format!("x'{}'", hex(bytes)),
        Place::Postgres(_) => format!("'\\x{}'", hex(bytes)),
    };
    let uuid = |uuid: uuid::Uuid| match place {
        Place::Sqlite(_) => blob(uuid.as_bytes()),
        Place::Postgres(_) => format!("'{uuid}'"),
    };
    let mut streams: Vec<_> = Vec::new();
    let mut frontier = Frontier::decode(&[0; 8]).unwrap();
    let (mut sql, mut recorded) = (String::new(), 0);
    for group in entries.chunks(GROUP) {
        recorded = group
            .last()
            .unwrap()
            .record()
            .unwrap()
            .recorded
            .timestamp_micros();
        for Entry {
            position,
            stream,
            revision,
            bytes,
            ..
        } in group
        {
            let number = streams
                .iter()
                .position(|known| known == stream)
                .unwrap_or_else(|| {
                    streams.push(*stream);
                    let number = streams.len() - 1;
                    let id = uuid(stream.uuid);
                    writeln!(
                        sql,
                        "INSERT INTO streams VALUES ({number}, '{}', {id});",
                        stream.kind.name()
                    )
                    .unwrap();
                    number
                });
            let leaf = Hash::of_leaf(bytes);
            frontier.push(leaf);
            let (leaf, entry) = (blob(&leaf.0), blob(bytes));
            let id = entries[usize::try_from(*position).unwrap()]
                .record()
                .unwrap()
                .event
                .key
                .id
                .clone();
            writeln!(
                sql,
                "INSERT INTO entries VALUES ({position}, {number}, {revision}, {recorded}, {leaf}, {entry});
                 INSERT INTO event_ids VALUES ('{id}', 0, {position});"
            )
            .unwrap();
        }
    }
    let source = crate::events::SOURCE;
    let (size, count, frontier) = (entries.len(), streams.len(), blob(&frontier.encode()));
    sql + &format!(
        "INSERT INTO sources VALUES (0, '{source}');
         UPDATE head SET size = {size}, recorded = {recorded}, streams = {count}, sources = 1, frontier = {frontier};"
    )
}

/// Entries, in many commits.
async fn entries(count: u128) -> Vec<Entry> {
    let place = Place::sqlite();
    let log = place.open().await;
    for _ in 0..count / 20 {
        fill(&log, 20).await;
    }
    all(&log).await
}

on_both_databases! {
    async fn a_log_in_the_first_form_is_read_and_continued(place: Place) {
        let entries = entries(200).await;
        write(&place, &entries);
        let log = place.open().await;
        assert_eq!(all(&log).await, entries);
        let records = sound(&log).await;
        let known = &records[150];
        let again = crate::events::registered_as(&known.event.key.id.to_string(), 0, "A");
        let receipt = one(&log, again).await.unwrap();
        assert_eq!((receipt.duplicate, receipt.position), (true, 150));
        let next = one(&log, registered(3, "B")).await.unwrap();
        assert_eq!((next.position, next.revision), (200, 21));
        assert_eq!(log.stream(crate::events::operator(3), None).await.unwrap().len(), 21);
        sound(&log).await;
    }

    async fn an_instant_in_a_log_in_the_first_form_has_the_entries_recorded_by_then(place: Place) {
        let entries = entries(200).await;
        write(&place, &entries);
        let log = place.open().await;
        let recorded: Vec<_> = entries.iter().map(|entry| entry.record().unwrap().recorded).collect();
        let instants: BTreeSet<_> = recorded.iter().flat_map(|at| [*at - TimeDelta::microseconds(1), *at]).collect();
        for instant in instants {
            let expected = recorded.iter().filter(|at| **at <= instant).count();
            assert_eq!(log.size_at(instant).await.unwrap(), expected as u64);
        }
    }
}
