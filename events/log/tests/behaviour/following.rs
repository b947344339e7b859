//! Followers.

use std::time::Duration;

use parcours_log::{Entry, Follower, Log, Options};
use tokio::time::timeout;

use crate::events::{append, one, registered};
use crate::place::{Place, all, on_both_databases, options};

const LIMIT: Duration = Duration::from_secs(20);

pub async fn followed(follower: &mut Follower, until: u64, max: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    while follower.position() < until {
        let next = timeout(LIMIT, follower.next(max))
            .await
            .expect("a follower is woken")
            .unwrap();
        assert!(!next.is_empty() && next.len() <= max);
        entries.extend(next);
    }
    entries
}

pub async fn fill(log: &Log, count: u128) {
    for answer in log
        .append_each((0..count).map(|n| append([registered(n % 10, "A")])).collect())
        .await
    {
        answer.unwrap();
    }
}

on_both_databases! {
    async fn a_follower_gets_what_was_there_and_then_what_comes_in_order_and_once(place: Place) {
        let log = place.open().await;
        fill(&log, 300).await;
        let mut follower = log.follow(0);
        let writing = tokio::spawn({
            let log = log.clone();
            async move { fill(&log, 700).await }
        });
        let entries = followed(&mut follower, 1000, 64).await;
        writing.await.unwrap();
        assert_eq!(entries, all(&log).await);
    }

    async fn a_follower_that_waits_is_woken(place: Place) {
        let log = place.open().await;
        let mut follower = log.follow(0);
        let waiting = tokio::spawn(async move { followed(&mut follower, 1, 10).await });
        one(&log, registered(1, "A")).await.unwrap();
        assert_eq!(timeout(LIMIT, waiting).await.unwrap().unwrap().len(), 1);
    }

    async fn a_follower_resumes_from_any_position(place: Place) {
        let log = place.open().await;
        fill(&log, 100).await;
        let mut first = log.follow(0);
        first.next(37).await.unwrap();
        let (position, log) = (first.position(), place.open().await);
        let rest = followed(&mut log.follow(position), 100, 30).await;
        assert_eq!(rest, all(&log).await[37..]);
    }

    async fn a_follower_may_begin_beyond_the_end(place: Place) {
        let log = place.open().await;
        let mut follower = log.follow(5);
        fill(&log, 7).await;
        assert_eq!(followed(&mut follower, 7, 10).await, all(&log).await[5..]);
    }

    async fn a_slow_follower_reads_pages_and_misses_nothing(place: Place) {
        // Room in memory for a few entries only: the follower falls behind at once.
        let log = place.open_with(Options { recent_bytes: 2000, ..options() }).await;
        let mut follower = log.follow(0);
        fill(&log, 10).await;
        let mut entries = follower.next(3).await.unwrap();
        fill(&log, 500).await;
        entries.extend(followed(&mut follower, 510, 3).await);
        assert_eq!(entries, all(&log).await);
    }

    async fn a_wait_given_up_loses_nothing(place: Place) {
        let log = place.open().await;
        let mut follower = log.follow(0);
        let mut seen = Vec::new();
        for n in 0..50 {
            one(&log, registered(n % 3, "A")).await.unwrap();
            let mut next = std::pin::pin!(follower.next(10));
            tokio::select! { biased;
                entries = &mut next => seen.extend(entries.unwrap()),
                () = tokio::task::yield_now() => {}
            }
        }
        seen.extend(followed(&mut follower, 50, 10).await);
        assert_eq!(seen, all(&log).await);
    }
}
