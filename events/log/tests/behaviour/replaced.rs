//! Logs that are no longer the ones that were opened: put back to an earlier state, exchanged for others, removed.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use parcours_log::{Anchor, Location, Log, LogError, Rejection};

use crate::events::{one, registered, sound};
use crate::following::{fill, followed};
use crate::place::{Place, on_both_databases, options};

/// Takes away what came after the first entry, behind the log's back; `head` is as it was then.
fn put_back_to_one(place: &Place, head: &str) {
    place.execute(&format!(
        "DELETE FROM entries WHERE position > 0; DELETE FROM streams WHERE number > 0; {head}"
    ));
}

/// A log of three entries, and the head that it had when it had one.
async fn of_three(place: &Place) -> (Log, String) {
    let log = place.open().await;
    one(&log, registered(1, "A")).await.unwrap();
    let head = place.remembered_head();
    one(&log, registered(1, "B")).await.unwrap();
    one(&log, registered(2, "C")).await.unwrap();
    (log, head)
}

/// Waits until the log says that it was replaced, though nobody appends.
async fn noticed(log: &Log) {
    let told = async {
        while log.damage().is_none_or(|what| !what.contains("replaced")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("a log that was replaced says so");
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Rejection>) {
    let said = answer.unwrap_err();
    assert!(
        matches!(&said, Rejection::Unavailable(LogError::Replaced(_))),
        "{said}"
    );
    assert!(said.to_string().contains("started again"), "{said}");
}

/// Nothing of the log is told or appended any more.
async fn is_closed_to_all(log: &Log) {
    refused(one(log, registered(3, "D")).await);
    let stream = registered(1, "A").event.stream;
    for told in [
        log.read(0, 10).await.map(drop),
        log.recorded(0).await.map(drop),
        log.stream(stream, None).await.map(drop),
        log.streams(vec![stream], 10).await.map(drop),
        log.scan_streams(None, 10).next(10).await.map(drop),
        log.follow(0).next(10).await.map(drop),
        log.reach(chrono::Utc::now()).await.map(drop),
    ] {
        assert!(matches!(told, Err(LogError::Replaced(_))), "{told:?}");
    }
}

on_both_databases! {
    async fn a_log_put_back_to_an_earlier_state_takes_nothing_until_it_is_opened_again(place: Place) {
        let (log, head) = of_three(&place).await;
        let mut follower = log.follow(3);
        put_back_to_one(&place, &head);
        refused(one(&log, registered(2, "D")).await);
        is_closed_to_all(&log).await;
        let woken = follower.next(10).await;
        assert!(matches!(woken, Err(LogError::Replaced(_))), "{woken:?}");
        assert!(log.damage().is_some_and(|what| what.contains("replaced")), "{:?}", log.damage());
        assert_eq!(log.head().await.unwrap().size, 1, "what is there is told, to be compared");
        let log = place.open().await;
        assert_eq!(log.damage(), None);
        let next = one(&log, registered(2, "D")).await.unwrap();
        assert_eq!((next.position, next.revision), (1, 1));
        assert_eq!(one(&log, registered(1, "E")).await.unwrap().revision, 2);
        sound(&log).await;
    }

    async fn a_log_put_back_is_noticed_though_nobody_appends_and_wakes_who_follows(place: Place) {
        let (log, head) = of_three(&place).await;
        let waiting = tokio::spawn({
            let mut follower = log.follow(3);
            async move { follower.next(10).await }
        });
        put_back_to_one(&place, &head);
        noticed(&log).await;
        assert!(matches!(waiting.await.unwrap(), Err(LogError::Replaced(_))));
        is_closed_to_all(&log).await;
    }

    async fn a_log_put_back_and_appended_to_beyond_where_it_was_is_known_for_another(place: Place) {
        let (log, head) = of_three(&place).await;
        let mut follower = log.follow(0);
        followed(&mut follower, 3, 10).await;
        put_back_to_one(&place, &head);
        let other = place.open().await;
        fill(&other, 5).await;
        refused(one(&log, registered(2, "D")).await);
        assert!(follower.next(10).await.is_err());
        is_closed_to_all(&log).await;
        assert_eq!(sound(&other).await.len(), 6, "whoever opened it since goes on");
    }

    async fn a_place_is_had_by_its_own_log_and_by_no_other(place: Place) {
        let (log, head) = of_three(&place).await;
        let anchors = [0, 1, 2, 3].map(|size| log.anchor(size));
        let [start, first, second, third] = futures_util::future::join_all(anchors)
            .await.try_into().map(|all: [_; 4]| all.map(|anchor| anchor.unwrap().unwrap())).unwrap();
        assert_eq!(start, Anchor::start());
        assert_eq!(log.anchor(4).await.unwrap(), None);
        for anchor in [start, first, second, third] {
            assert!(log.has(anchor).await.unwrap());
        }
        assert_eq!(log.follow_after(second).next(10).await.unwrap()[0].position, 2);
        drop(log);
        put_back_to_one(&place, &head);
        let log = place.open().await;
        one(&log, registered(1, "B")).await.unwrap();
        for (anchor, had) in [(start, true), (first, true), (second, false), (third, false)] {
            assert_eq!(log.has(anchor).await.unwrap(), had, "{anchor:?}");
        }
    }

    async fn who_follows_from_a_place_that_the_log_has_no_longer_is_told(place: Place) {
        let (log, _) = of_three(&place).await;
        let third = log.anchor(3).await.unwrap().unwrap();
        let elsewhere = Anchor { leaf: log.anchor(2).await.unwrap().unwrap().leaf, ..third };
        one(&log, registered(1, "D")).await.unwrap();
        assert_eq!(log.follow_after(third).next(10).await.unwrap().len(), 1);
        let told = log.follow_after(elsewhere).next(10).await;
        assert!(matches!(told, Err(LogError::Replaced(_))), "{told:?}");
        is_closed_to_all(&log).await;
    }
}

fn file_of(place: &Place) -> PathBuf {
    let Location::Sqlite(file) = place.location() else {
        unreachable!()
    };
    file
}

fn beside(file: &std::path::Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_into_a_file_that_was_removed() {
    for removed in ["", "-wal"] {
        let place = Place::sqlite();
        let (log, _) = of_three(&place).await;
        let file = file_of(&place);
        fs::remove_file(beside(&file, removed)).unwrap();
        refused(one(&log, registered(1, "D")).await);
        is_closed_to_all(&log).await;
        assert!(
            !beside(&file, removed).exists(),
            "nor is an empty one made in its place"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_into_a_file_that_was_exchanged_and_the_new_one_is_left_alone() {
    let place = Place::sqlite();
    let (log, _) = of_three(&place).await;
    log.close().await;
    drop(log);
    let file = file_of(&place);
    let backup = beside(&file, ".backup");
    fs::copy(&file, &backup).unwrap();
    let log = place.open().await;
    one(&log, registered(1, "D")).await.unwrap();
    fs::rename(&backup, &file).unwrap();
    refused(one(&log, registered(1, "E")).await);
    noticed(&log).await;
    log.close().await;
    drop(log);
    fs::remove_file(beside(&file, "-wal")).unwrap_or_default();
    let log = place.open().await;
    assert_eq!(sound(&log).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_removed_is_noticed_though_nobody_appends() {
    let place = Place::sqlite();
    let (log, _) = of_three(&place).await;
    fs::remove_file(file_of(&place)).unwrap();
    noticed(&log).await;
}

/// Has another PostgreSQL database take the place of the log's, as a standby does that is promoted.
async fn promoted(place: &Place, prepare: impl AsyncFnOnce(&Log)) -> Log {
    let Place::Postgres(database) = place else {
        unreachable!()
    };
    let standby = std::thread::scope(|scope| scope.spawn(|| database.copy()).join().unwrap());
    let log = place.open().await;
    one(&log, registered(1, "of the primary alone")).await.unwrap();
    let other = Log::open(&Location::Postgres(standby.url().to_owned()), options())
        .await
        .unwrap();
    prepare(&other).await;
    other.close().await;
    drop(other);
    std::thread::scope(|scope| {
        scope.spawn(|| database.replace_by(standby)).join().unwrap();
    });
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_promoted_that_has_less_is_noticed_though_nobody_appends() {
    let place = Place::postgres();
    drop(of_three(&place).await);
    let log = promoted(&place, async |_| ()).await;
    noticed(&log).await;
    is_closed_to_all(&log).await;
    assert_eq!(sound(&place.open().await).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_promoted_that_has_gone_its_own_way_is_noticed_though_it_has_more() {
    let place = Place::postgres();
    drop(of_three(&place).await);
    let log = promoted(&place, async |other| fill(other, 20).await).await;
    noticed(&log).await;
    is_closed_to_all(&log).await;
    assert_eq!(sound(&place.open().await).await.len(), 23);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_promoted_that_lacks_nothing_is_gone_on_with() {
    let place = Place::postgres();
    let (log, _) = of_three(&place).await;
    let Place::Postgres(database) = &place else {
        unreachable!()
    };
    std::thread::scope(|scope| {
        let promote = || database.replace_by(database.copy());
        scope.spawn(promote).join().unwrap();
    });
    let goes_on = async {
        while one(&log, registered(1, "D")).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), goes_on)
        .await
        .expect("the log is the same");
    assert_eq!(sound(&log).await.len(), 4);
    assert_eq!(log.damage(), None);
}
