//! Two logs opened on one database, as two processes do.

use std::time::Duration;

use parcours_log::{Log, Rejection};
use tokio::task::JoinSet;

use crate::events::{admitted, append, eligible, one, registered, registered_as, session_opened, sound};
use crate::following::followed;
use crate::place::{Place, all, on_both_databases};

async fn two(place: &Place) -> [Log; 2] {
    [place.open().await, place.open().await]
}

on_both_databases! {
    async fn each_builds_on_what_the_other_wrote(place: Place) {
        let logs = two(&place).await;
        for n in 0..20 {
            let receipt = one(&logs[n % 2], registered(1, "A")).await.unwrap();
            assert_eq!((receipt.position, receipt.revision), (n as u64, n as u64 + 1));
        }
        sound(&logs[0]).await;
    }

    async fn both_append_at_once_and_their_followers_see_everything_once_in_order(place: Place) {
        let logs = two(&place).await;
        let following: JoinSet<_> = logs.iter().map(|log| {
            let mut follower = log.follow(0);
            async move { followed(&mut follower, 800, 50).await }
        }).collect();
        let writing: JoinSet<_> = (0..16).map(|caller| {
            let log = logs[caller % 2].clone();
            async move {
                for n in 0..50 {
                    one(&log, registered(n % 5, "A")).await.unwrap();
                }
            }
        }).collect();
        writing.join_all().await;
        let entries = all(&logs[0]).await;
        assert_eq!(entries.len(), 800);
        for seen in following.join_all().await {
            assert_eq!(seen, entries);
        }
        sound(&logs[1]).await;
    }

    async fn a_name_used_through_one_is_taken_for_the_other(place: Place) {
        let logs = two(&place).await;
        one(&logs[1], registered(3, "warm")).await.unwrap();
        one(&logs[0], registered_as("a", 1, "A")).await.unwrap();
        let again = one(&logs[1], registered_as("a", 1, "A")).await.unwrap();
        assert!(again.duplicate && again.position == 1);
        let conflict = one(&logs[1], registered_as("a", 2, "A")).await.unwrap_err();
        assert!(matches!(conflict, Rejection::Conflict { position: 1, .. }), "{conflict}");
    }

    async fn the_last_place_is_given_once(place: Place) {
        let logs = two(&place).await;
        for round in 0..10_u128 {
            let session = 1000 + round;
            one(&logs[0], session_opened(session, 1)).await.unwrap();
            let [first, second] = [2 * round, 2 * round + 1];
            logs[1].append(append(eligible(first).into_iter().chain(eligible(second)))).await.unwrap();
            let (a, b) = tokio::join!(one(&logs[0], admitted(first, session)), one(&logs[1], admitted(second, session)));
            assert!(a.is_ok() != b.is_ok(), "round {round}: {a:?} and {b:?}");
        }
        sound(&logs[0]).await;
    }

    async fn a_refusal_is_decided_on_what_the_other_wrote(place: Place) {
        let logs = two(&place).await;
        // The first log believes the parcours to be unknown.
        assert!(one(&logs[0], admitted(1, 5)).await.is_err());
        one(&logs[1], session_opened(5, 1)).await.unwrap();
        logs[1].append(append(eligible(1))).await.unwrap();
        one(&logs[0], admitted(1, 5)).await.unwrap();
    }

    async fn the_size_becomes_known_without_asking(place: Place) {
        let logs = two(&place).await;
        one(&logs[0], registered(1, "A")).await.unwrap();
        let mut follower = logs[1].follow(0);
        tokio::time::timeout(Duration::from_secs(20), follower.next(1)).await.unwrap().unwrap();
        assert_eq!(logs[1].size(), 1);
    }

    async fn many_opened_at_once_make_one_schema(place: Place) {
        let place = std::sync::Arc::new(place);
        let opening: JoinSet<_> = (0..6_u128).map(|n| {
            let place = place.clone();
            async move {
                let log = place.open().await;
                one(&log, registered(n, "A")).await.unwrap();
                log.close().await;
            }
        }).collect();
        opening.join_all().await;
        assert_eq!(sound(&place.open().await).await.len(), 6);
    }
}
