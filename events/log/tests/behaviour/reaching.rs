//! Taking the log to an instant at which nobody appends anything.

use chrono::{DateTime, TimeDelta, Utc};
use parcours_log::Log;
use tokio::task::JoinSet;

use crate::events::{one, registered, sound};
use crate::place::{Place, on_both_databases};

/// When the log came to what it has come to.
async fn recorded(log: &Log) -> DateTime<Utc> {
    log.head().await.unwrap().recorded.unwrap()
}

/// The present, as the log can tell it.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap()
}

on_both_databases! {
    async fn what_is_appended_later_is_recorded_no_earlier_by_whomever(place: Place) {
        let logs = [place.open().await, place.open().await];
        for log in &logs {
            one(log, registered(1, "A")).await.unwrap();
        }
        let reached = logs[0].reach(Utc::now()).await.unwrap();
        assert_eq!(reached.size, 2);
        assert_eq!(logs[1].head().await.unwrap(), reached);
        // As if their clocks were behind: the head is what they go by.
        let later = now() + TimeDelta::hours(1);
        place.execute(&format!("UPDATE head SET recorded = {}", later.timestamp_micros()));
        for (number, log) in logs.iter().enumerate() {
            let receipt = one(log, registered(1, "A")).await.unwrap();
            assert_eq!((receipt.position, receipt.revision), (number as u64 + 2, number as u64 + 3));
            let after = TimeDelta::microseconds(number as i64 + 1);
            assert_eq!(log.recorded(receipt.position).await.unwrap(), Some(later + after));
        }
        assert_eq!(logs[0].recorded(4).await.unwrap(), None);
        sound(&logs[0]).await;
    }

    async fn it_never_goes_back_nor_ahead_of_the_clock(place: Place) {
        let log = place.open().await;
        assert_eq!(log.reach(Utc::now()).await.unwrap().size, 0);
        one(&log, registered(1, "A")).await.unwrap();
        let last = log.recorded(0).await.unwrap().unwrap();
        let before = place.count("SELECT recorded FROM head");
        assert_eq!(log.reach(last - TimeDelta::hours(1)).await.unwrap().recorded, Some(last));
        assert_eq!(log.reach(last).await.unwrap().recorded, Some(last));
        assert_eq!(place.count("SELECT recorded FROM head"), before);
        let (asked, from) = (Utc::now() + TimeDelta::hours(1), now());
        let reached = log.reach(asked).await.unwrap().recorded.unwrap();
        assert!(reached >= from && reached <= Utc::now(), "{reached}");
        assert_eq!(recorded(&log).await, reached);
        log.close().await;
        assert!(log.reach(Utc::now()).await.is_err());
        let again = place.open().await;
        assert_eq!(recorded(&again).await, reached, "it is on disk");
        assert!(again.size_at(reached).await.unwrap() == 1);
    }

    async fn appends_and_reaches_at_once_lose_nothing_and_keep_their_order(place: Place) {
        let logs = [place.open().await, place.open().await];
        one(&logs[0], registered(1, "A")).await.unwrap();
        let writing: JoinSet<_> = (0..8).map(|caller| {
            let log = logs[caller % 2].clone();
            async move {
                for n in 0..30 {
                    one(&log, registered(n % 5, "A")).await.unwrap();
                    // Whatever is recorded after this answer is recorded no earlier.
                    let reached = log.reach(Utc::now()).await.unwrap();
                    let next = one(&log, registered(n % 3, "B")).await.unwrap();
                    assert!(next.position >= reached.size);
                    assert!(log.recorded(next.position).await.unwrap() >= reached.recorded);
                }
            }
        }).collect();
        writing.join_all().await;
        let records = sound(&logs[0]).await;
        assert_eq!(records.len(), 481);
        assert!(records.is_sorted_by_key(|record| record.recorded));
    }
}
