//! Many callers at once, in one process.

use std::collections::BTreeSet;

use parcours_log::{Options, Rejection};
use tokio::task::JoinSet;

use crate::events::{admitted, append, eligible, impossible, one, registered, session_opened, sound};
use crate::place::{Place, on_both_databases, options};

on_both_databases! {
    async fn sixty_four_callers_keep_their_order_and_leave_no_gap(place: Place) {
        let log = place.open().await;
        let mut callers = JoinSet::new();
        for caller in 0..64 {
            let log = log.clone();
            callers.spawn(async move {
                let mut receipts = Vec::new();
                for n in 0..20 {
                    // Half of the callers share a stream with another.
                    receipts.push(one(&log, registered(caller / 2 + n % 2, "A")).await.unwrap());
                }
                assert!(receipts.is_sorted_by_key(|receipt| receipt.position), "a caller's events stand in its order");
                receipts
            });
        }
        let receipts = callers.join_all().await.concat();
        let positions: BTreeSet<_> = receipts.iter().map(|receipt| receipt.position).collect();
        assert!(positions.into_iter().eq(0..64 * 20));
        assert_eq!(sound(&log).await.len(), 64 * 20);
    }

    async fn a_refusal_touches_no_other_append_of_its_group(place: Place) {
        let log = place.open().await;
        let mut callers = JoinSet::new();
        for caller in 0..40 {
            let log = log.clone();
            callers.spawn(async move {
                let submission = if caller % 2 == 0 { registered(1, "A") } else { impossible(1) };
                one(&log, submission).await.is_ok() == (caller % 2 == 0)
            });
        }
        assert!(callers.join_all().await.into_iter().all(|as_expected| as_expected));
        assert_eq!(sound(&log).await.len(), 20);
    }

    async fn the_last_places_go_to_as_many_as_there_are(place: Place) {
        let log = place.open().await;
        one(&log, session_opened(900, 5)).await.unwrap();
        log.append_each((0..12).map(|n| append(eligible(n))).collect()).await;
        let mut callers = JoinSet::new();
        for n in 0..12 {
            let log = log.clone();
            callers.spawn(async move { one(&log, admitted(n, 900)).await });
        }
        let answers = callers.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
        for refused in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(&refused, Rejection::Refused { refusals, .. } if refusals[0].code == "place-available"), "{refused}");
        }
        sound(&log).await;
    }

    async fn callers_that_go_away_do_no_harm(place: Place) {
        let log = place.open().await;
        for n in 0..200 {
            let mut append = std::pin::pin!(one(&log, registered(n % 7, "A")));
            tokio::select! { biased;
                _ = &mut append => {}
                () = tokio::task::yield_now() => {}
            }
        }
        let last = one(&log, registered(1, "last")).await.unwrap();
        assert_eq!(sound(&log).await.last().unwrap().position, last.position);
    }

    async fn a_full_queue_makes_callers_wait_and_loses_none(place: Place) {
        let log = place.open_with(Options { queue: 4, group: 2, history_bytes: 0, ..options() }).await;
        let mut callers = JoinSet::new();
        for caller in 0..8 {
            let log = log.clone();
            callers.spawn(async move {
                let appends = (0..20).map(|n| append([registered(caller, "A"), registered(n, "B")])).collect();
                log.append_each(appends).await.into_iter().filter(Result::is_ok).count()
            });
        }
        assert_eq!(callers.join_all().await.into_iter().sum::<usize>(), 160);
        assert_eq!(sound(&log).await.len(), 320);
    }

    async fn closing_finishes_what_is_queued_and_takes_no_more(place: Place) {
        let log = place.open().await;
        let mut callers = JoinSet::new();
        for caller in 0..16 {
            let log = log.clone();
            callers.spawn(async move {
                let mut done = 0;
                loop {
                    match one(&log, registered(caller, "A")).await {
                        Ok(_) => done += 1,
                        Err(Rejection::Closed) => return done,
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
        let mut follower = log.follow(0);
        while follower.position() < 100 {
            follower.next(1000).await.unwrap();
        }
        log.close().await;
        let acknowledged: usize = callers.join_all().await.into_iter().sum();
        assert_eq!(sound(&log).await.len(), acknowledged, "what was acknowledged, and nothing else, is there");
        assert!(matches!(one(&log, registered(1, "A")).await, Err(Rejection::Closed)));
        log.close().await;
    }
}
