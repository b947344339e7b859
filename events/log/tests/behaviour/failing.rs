//! Databases that fail, and come back.

use std::time::Duration;

use parcours_log::tree::Hash;
use parcours_log::{Location, Log, LogError, Options, Rejection};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::events::{append, one, registered, sound};
use crate::following::{fill, followed};
use crate::place::{Place, on_both_databases, options};
use crate::proxy::Proxy;

/// Makes the writing of the entry at `position` fail as a full disk does: in the middle of a transaction.
fn full_disk_at(place: &Place, position: u64) {
    place.execute(&match place {
        Place::Sqlite(_) => format!(
            "CREATE TRIGGER full_disk BEFORE INSERT ON entries WHEN NEW.position = {position}
             BEGIN SELECT RAISE(ABORT, 'no space left'); END"
        ),
        Place::Postgres(_) => format!(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF NEW.position = {position} THEN RAISE 'no space left' USING ERRCODE = 'disk_full'; END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER full_disk BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION full_disk()"
        ),
    });
}

fn make_room(place: &Place) {
    place.execute(match place {
        Place::Sqlite(_) => "DROP TRIGGER full_disk",
        Place::Postgres(_) => "DROP TRIGGER full_disk ON entries",
    });
}

/// Whether the database was not to be had, whatever became of the append.
pub fn is_away(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::Unavailable(LogError::Unavailable(_) | LogError::OutcomeUnknown(_))
    )
}

/// Appends until the database is back.
pub async fn until_available(log: &Log, n: u128) {
    let back = async {
        while let Err(rejection) = one(log, registered(n, "again")).await {
            assert!(is_away(&rejection), "{rejection}");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), back)
        .await
        .expect("the log goes on once the database is back");
}

on_both_databases! {
    async fn a_commit_that_fails_leaves_nothing_and_the_log_goes_on(place: Place) {
        let log = place.open().await;
        fill(&log, 10).await;
        full_disk_at(&place, 12);
        let several = append([registered(1, "A"), registered(70, "new"), registered(2, "B"), registered(3, "C")]);
        let failed = log.append(several.clone()).await.unwrap_err();
        assert!(matches!(failed, Rejection::Unavailable(LogError::Unavailable(_))), "{failed}");
        assert!(failed.to_string().contains("no space left"), "{failed}");
        assert_eq!((log.head().await.unwrap().size, log.size()), (10, 10));
        let why = log.writing().failure.map(|(_, why)| why).unwrap_or_default();
        assert!(why.contains("no space left"), "{why}");
        // What fits still goes in.
        one(&log, registered(1, "D")).await.unwrap();
        let writing = log.writing();
        assert!(writing.failure.is_none() && writing.committed.is_some(), "{writing:?}");
        make_room(&place);
        let receipts = log.append(several).await.unwrap();
        assert_eq!((receipts[0].position, receipts[0].duplicate), (11, false));
        assert_eq!(sound(&log).await.len(), 15);
    }

    async fn what_was_decided_on_top_of_a_commit_that_fails_is_decided_again(place: Place) {
        let log = place.open().await;
        full_disk_at(&place, 150);
        let (failed, first_failure) = watch::channel(false);
        let mut callers = JoinSet::new();
        for caller in 0..32_u128 {
            let (log, failed) = (log.clone(), failed.clone());
            callers.spawn(async move {
                for n in 0..20 {
                    // Every stream has two callers, so that one builds on what the other has under way.
                    let submission = registered(caller / 2 + n % 2, "A");
                    let receipt = loop {
                        match one(&log, submission.clone()).await {
                            Ok(receipt) => break receipt,
                            Err(Rejection::Unavailable(_)) => { failed.send_replace(true); }
                            Err(other) => panic!("{other}"),
                        }
                    };
                    assert!(!receipt.duplicate, "what failed left nothing");
                }
            });
        }
        first_failure.clone().wait_for(|failed| *failed).await.unwrap();
        make_room(&place);
        callers.join_all().await;
        assert_eq!(sound(&log).await.len(), 32 * 20);
    }

    async fn a_stream_that_cannot_be_read_stops_nobody_else(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        let leaf: String = Hash::of_leaf(b"{}").0.iter().map(|byte| format!("{byte:02x}")).collect();
        let (entry, leaf) = match place {
            Place::Sqlite(_) => ("x'7b7d'", format!("x'{leaf}'")),
            Place::Postgres(_) => (r"'\x7b7d'", format!(r"'\x{leaf}'")),
        };
        place.execute(&format!("UPDATE entries SET entry = {entry}, leaf = {leaf} WHERE position = 0"));
        let log = place.open().await;
        let answers = log.append_each(vec![append([registered(1, "B")]), append([registered(2, "C")])]).await;
        assert!(matches!(answers[0], Err(Rejection::Unavailable(LogError::Unreadable(_)))), "{:?}", answers[0]);
        assert_eq!(answers[1].as_ref().unwrap()[0].position, 1);
    }

    async fn an_entry_that_is_missing_keeps_nobody_waiting(place: Place) {
        let log = place.open().await;
        fill(&log, 6).await;
        log.close().await;
        drop(log);
        place.execute("DELETE FROM entries WHERE position = 2");
        let refused = place.try_open(options()).await.err().map(|error| error.to_string());
        assert!(refused.is_some_and(|why| why.contains("there is no entry at position 2")));
    }

    async fn a_byte_that_changed_is_told_wherever_it_is_read_and_nothing_is_decided_on_it(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        one(&log, registered(3, "C")).await.unwrap();
        one(&log, registered(2, "A")).await.unwrap();
        assert_eq!(log.damage(), None);
        log.close().await;
        let changed = match place {
            Place::Sqlite(_) => r#"CAST(replace(CAST(entry AS TEXT), '"A"', '"B"') AS BLOB)"#,
            Place::Postgres(_) => r#"convert_to(replace(convert_from(entry, 'UTF8'), '"A"', '"B"'), 'UTF8')"#,
        };
        place.execute(&format!("UPDATE entries SET entry = {changed} WHERE position = 0"));
        let log = place.open().await;
        let stream = registered(1, "A").event.stream;
        let whole = log.last_stream().await.unwrap().unwrap();
        for told in [
            log.read(0, 10).await.map(drop),
            log.stream(stream, None).await.map(drop),
            log.stream_page(stream, 0, 10, 10).await.map(drop),
            log.streams(vec![stream], 10).await.map(drop),
            log.follow(0).next(10).await.map(drop),
            log.scan_streams(None, 10).next(10).await.map(drop),
            log.scan_streams_until(None, whole, 10).next(1).await.map(drop),
        ] {
            let told = told.unwrap_err();
            assert!(matches!(&told, LogError::Damaged(what) if what.contains("position 0")), "{told}");
        }
        let log = place.open().await;
        let answers = log.append_each(vec![append([registered(1, "C")]), append([registered(2, "C")])]).await;
        assert!(matches!(answers[0], Err(Rejection::Unavailable(LogError::Damaged(_)))), "{:?}", answers[0]);
        assert_eq!(answers[1].as_ref().unwrap()[0].position, 3, "nobody else is stopped");
        assert!(log.damage().is_some_and(|what| what.contains("position 0")), "{:?}", log.damage());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_locked_for_long_is_unavailable_until_it_is_released() {
    let place = Place::sqlite();
    let log = place
        .open_with(Options {
            patience: Duration::from_millis(50),
            ..options()
        })
        .await;
    one(&log, registered(1, "A")).await.unwrap();
    let Location::Sqlite(file) = place.location() else {
        unreachable!()
    };
    let other = rusqlite::Connection::open(file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = one(&log, registered(1, "B")).await.unwrap_err();
    assert!(locked.to_string().contains("locked"), "{locked}");
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(one(&log, registered(1, "C")).await.unwrap().position, 1);
    sound(&log).await;
}

async fn through(proxy: &Proxy, place: &Place) -> Log {
    let Location::Postgres(url) = place.location() else {
        unreachable!()
    };
    Log::open(&Location::Postgres(proxy.instead_of(&url)), options())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_away_is_found_again() {
    let place = Place::postgres();
    let proxy = Proxy::start(&place).await;
    let log = through(&proxy, &place).await;
    let mut follower = log.follow(0);
    for round in 0..3 {
        one(&log, registered(1, "A")).await.unwrap();
        proxy.cut();
        let gone = one(&log, registered(1, "B")).await.unwrap_err();
        assert!(is_away(&gone), "{gone}");
        assert!(log.head().await.is_err());
        proxy.mend().await;
        until_available(&log, round).await;
        let direct = place.open().await;
        one(&direct, registered(9, "by another process")).await.unwrap();
        let size = direct.head().await.unwrap().size;
        let seen = followed(&mut follower, size, 100).await;
        assert_eq!(
            seen.last().unwrap().position + 1,
            size,
            "the follower hears of others again"
        );
    }
    sound(&log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_found_done_and_acknowledged() {
    let place = Place::postgres();
    let proxy = Proxy::start(&place).await;
    let log = through(&proxy, &place).await;
    for n in 0..5 {
        one(&log, registered(1, "A")).await.unwrap();
        proxy.lose_answers();
        let receipt = one(&log, registered(1, "B")).await.unwrap();
        assert_eq!((receipt.position, receipt.duplicate), (2 * n + 1, false));
    }
    assert_eq!(sound(&log).await.len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ends_are_opened_again_unnoticed_by_callers() {
    let place = Place::postgres();
    let log = place.open().await;
    let writing = tokio::spawn({
        let log = log.clone();
        async move {
            let mut acknowledged = 0;
            for n in 0..400 {
                acknowledged += u64::from(one(&log, registered(n % 5, "A")).await.is_ok());
            }
            acknowledged
        }
    });
    let mut follower = log.follow(0);
    for size in [50, 100, 150] {
        followed(&mut follower, size, 10).await;
        place.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }
    let acknowledged = writing.await.unwrap();
    let size = sound(&log).await.len() as u64;
    assert!(
        size >= acknowledged && acknowledged >= 390,
        "{acknowledged} acknowledged, {size} there"
    );
}
