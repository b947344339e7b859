//! The index behind the log: runs that are written, merged and left half done, and what is found meanwhile.

use std::time::Duration;

use parcours_log::{Log, Options, Rejection};
use parcours_model::Record;

use crate::events::{append, one, operator, registered, registered_as, sound};
use crate::following::fill;
use crate::place::{Place, all, on_both_databases, options};

/// Waits until a count in the database is as wanted.
async fn until(place: &Place, sql: &str, wanted: impl Fn(u64) -> bool) {
    let holds = async {
        while !wanted(place.count(sql)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), holds)
        .await
        .expect("the index goes on");
}

const INDEXED: &str = "SELECT indexed FROM index_state";
const LITTER: &str = "SELECT count(*) FROM index_runs WHERE standing <> 1";

/// Lets nothing be written to the index after so many steps, as if its writer were killed there.
fn kill_after(place: &Place, steps: u64) {
    place.execute(&match place {
        Place::Sqlite(_) => format!(
            "CREATE TRIGGER kill BEFORE UPDATE ON index_state WHEN NEW.beat > {steps}
             BEGIN SELECT RAISE(ABORT, 'killed'); END"
        ),
        Place::Postgres(_) => format!(
            "CREATE FUNCTION kill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF NEW.beat > {steps} THEN RAISE 'killed'; END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER kill BEFORE UPDATE ON index_state FOR EACH ROW EXECUTE FUNCTION kill()"
        ),
    });
}

fn let_live(place: &Place) {
    place.execute(match place {
        Place::Sqlite(_) => "DROP TRIGGER kill",
        Place::Postgres(_) => "DROP TRIGGER kill ON index_state; DROP FUNCTION kill",
    });
}

fn again(record: &Record, n: u128) -> parcours_model::Submission {
    registered_as(&record.event.key.id.to_string(), n, "A")
}

/// Every event is found where it is, by its name, in its stream and in a scan; and its name is taken in any other stream.
async fn all_is_found(log: &Log) {
    let records = sound(log).await;
    let doubles = records.iter().map(|record| {
        let n = record.event.stream.uuid.as_u128();
        append([again(record, n)])
    });
    for (answer, record) in log.append_each(doubles.collect()).await.iter().zip(&records) {
        let receipt = answer.as_ref().unwrap()[0].clone();
        assert_eq!((receipt.duplicate, receipt.position), (true, record.position));
    }
    let others = records.iter().map(|record| append([again(record, 77)]));
    for (answer, record) in log.append_each(others.collect()).await.iter().zip(&records) {
        let Err(Rejection::Conflict { position, .. }) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(*position, record.position);
    }
    let mut scanned = Vec::new();
    for (_, id, positions) in crate::reading::scanned(log.scan_streams(None, u64::MAX), 10).await {
        let stream = log.stream(id, None).await.unwrap();
        assert!(
            stream
                .iter()
                .map(|entry| entry.position)
                .eq(positions.iter().copied())
        );
        scanned.extend(positions);
    }
    scanned.sort_unstable();
    assert!(all(log).await.iter().map(|entry| entry.position).eq(scanned));
}

on_both_databases! {
    async fn runs_are_merged_and_what_they_replace_goes(place: Place) {
        let log = place.open().await;
        fill(&log, 7 * 64 + 3).await;
        until(&place, INDEXED, |indexed| indexed == 7 * 64).await;
        until(&place, "SELECT count(*) FROM index_runs", |runs| runs == 1).await;
        until(&place, "SELECT keeper FROM index_state", |keeper| keeper == 0).await;
        let blocks = "SELECT names + streams + summary FROM index_runs";
        assert_eq!(place.count("SELECT count(*) FROM index_blocks"), place.count(blocks));
        all_is_found(&log).await;
    }

    async fn a_stream_half_in_runs_and_half_in_memory_is_read_whole(place: Place) {
        let log = place.open_with(Options { run: 50, ..options() }).await;
        fill(&log, 175).await;
        until(&place, INDEXED, |indexed| indexed == 150).await;
        all_is_found(&log).await;
        let whole = log.stream(operator(3), None).await.unwrap();
        assert!(whole.iter().map(|entry| entry.position).eq((3..175).step_by(10)));
        for below in [0, 1, 44, 50, 51, 149, 150, 154, 174] {
            let expected = whole.iter().filter(|entry| entry.position < below);
            assert_eq!(log.stream(operator(3), Some(below)).await.unwrap().len(), expected.count());
        }
        // The same by somebody who reads from the database what the first has in memory.
        let other = place.open_with(Options { run: 50, ..options() }).await;
        assert_eq!(other.stream(operator(3), None).await.unwrap(), whole);
        all_is_found(&other).await;
    }

    async fn names_that_look_alike_are_told_apart(place: Place) {
        let log = place.open_with(Options { name_bits: 2, ..options() }).await;
        fill(&log, 120).await;
        until(&place, INDEXED, |indexed| indexed >= 100).await;
        all_is_found(&log).await;
        assert!(!one(&log, registered(1, "B")).await.unwrap().duplicate);
    }

    async fn two_processes_find_what_either_has_indexed(place: Place) {
        let logs = [place.open().await, place.open().await];
        for round in 0..4 {
            fill(&logs[round % 2], 50).await;
            all_is_found(&logs[1 - round % 2]).await;
        }
        let appends = || (0..100).map(|n| append([registered(n % 9, "A")])).collect();
        let (a, b) = tokio::join!(logs[0].append_each(appends()), logs[1].append_each(appends()));
        assert!(a.iter().chain(&b).all(Result::is_ok));
        for log in &logs {
            all_is_found(log).await;
        }
        logs[0].close().await;
        fill(&logs[1], 7 * 4).await;
        until(&place, INDEXED, |indexed| indexed >= 400).await;
        until(&place, LITTER, |litter| litter == 0).await;
        all_is_found(&logs[1]).await;
    }

    async fn whoever_dies_at_any_step_leaves_a_log_that_goes_on(place: Place) {
        // A run is written in five steps, and some more when runs are merged: every one of them is the last once.
        let mut log = place.open().await;
        for steps in 0..20 {
            kill_after(&place, place.count("SELECT beat FROM index_state") + steps);
            fill(&log, 20).await;
            log.close().await;
            drop(log);
            let_live(&place);
            if steps % 6 != 0 {
                // Else whoever comes next waits until it is clear that nobody is at work.
                place.execute("UPDATE index_state SET keeper = 0");
            }
            log = place.open().await;
            all_is_found(&log).await;
        }
        until(&place, LITTER, |litter| litter == 0).await;
        until(&place, INDEXED, |indexed| indexed == 399).await;
        until(&place, "SELECT count(*) FROM index_runs", |runs| runs <= 12).await;
        all_is_found(&log).await;
    }
}
