//! Rebuilds on demand.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parcours_projections::{CancellationToken, Value, ViewError, rebuild};
use parcours_tests::on_both_databases;

use super::house::{House, LIMIT, block};
use super::told::{declined, oriented};
use super::toy::{OPERATORS, TOY};

/// More than two pieces of a pass.
const STREAMS: u128 = 9000;

async fn fill(house: &House) {
    house.record((1..=STREAMS).map(oriented).collect()).await;
}

async fn count(house: &House) -> i64 {
    let rows = house
        .views
        .reader()
        .query("SELECT count(*) FROM {toy_fact}", &[])
        .await
        .unwrap();
    rows[0].integer(0)
}

on_both_databases! {
    fn a_rebuild_takes_over_without_a_projector_and_with_one(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            house.record((1..=50).map(oriented).collect()).await;
            house.rebuild(&[]).await.unwrap();
            assert_eq!(house.views.checkpoint("toy"), 50);
            let (before, projector) = (house.digest("toy").await, house.projector().await);
            house.rebuild(&["toy"]).await.unwrap();
            assert_eq!(house.digest("toy").await, before);
            let position = house.record(vec![declined(1, "a", "2025-02-01", "no")]).await;
            house.views.wait_for("toy", position, LIMIT).await.unwrap();
            assert_eq!(count(&house).await, 51, "the projector goes on with the generation that took over");
            projector.stop().await;
        });
    }

    fn reads_go_on_during_rebuilds_and_never_fail(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            house.record((1..=50).map(oriented).collect()).await;
            house.digested("toy").await;
            let done = AtomicBool::new(false);
            // Another handle learns of each takeover only by what it reads.
            let neighbour = house.neighbour(&[&TOY]).await;
            let reading = async {
                let mut answers = 0;
                while !done.load(Ordering::Acquire) {
                    for reader in [house.views.reader(), neighbour.reader()] {
                        let rows = reader.query("SELECT count(*) FROM {toy_fact}", &[]).await.unwrap();
                        assert_eq!(rows[0].integer(0), 50);
                        answers += 1;
                    }
                }
                answers
            };
            let rebuilding = async {
                for _ in 0..5 {
                    house.rebuild(&["toy"]).await.unwrap();
                }
                done.store(true, Ordering::Release);
            };
            let (answers, ()) = tokio::join!(reading, rebuilding);
            assert!(answers > 10, "{answers} answers only");
            projector.stop().await;
        });
    }

    fn a_cancelled_rebuild_goes_on_from_there(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            fill(&house).await;
            let (cancel, reached) = (CancellationToken::new(), AtomicU64::new(0));
            let stop = |progress: parcours_projections::Progress| {
                assert_eq!(progress.total, STREAMS as u64);
                reached.store(progress.done, Ordering::Release);
                cancel.cancel();
            };
            let ended = rebuild(&house.log, &house.views, &["toy"], stop, cancel.clone()).await;
            assert!(matches!(ended, Err(ViewError::Cancelled)), "{ended:?}");
            assert!(reached.load(Ordering::Acquire) < STREAMS as u64);
            assert!(!house.views.status()[0].answers);
            let first = AtomicU64::new(u64::MAX);
            let note = |progress: parcours_projections::Progress| { first.fetch_min(progress.done, Ordering::AcqRel); };
            rebuild(&house.log, &house.views, &["toy"], note, CancellationToken::new()).await.unwrap();
            assert!(first.load(Ordering::Acquire) > reached.load(Ordering::Acquire), "it began anew");
            assert_eq!(count(&house).await, STREAMS as i64);
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
        });
    }

    fn a_rebuild_dropped_at_any_moment_does_no_harm(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY, &OPERATORS]).await;
            let projector = house.projector().await;
            fill(&house).await;
            house.digested("toy").await;
            let expected = house.digest("toy").await;
            for pieces in 0..4 {
                let seen = AtomicU64::new(0);
                let (reached, wait) = (tokio::sync::Notify::new(), pieces);
                let count_pieces = |_| if seen.fetch_add(1, Ordering::AcqRel) == wait { reached.notify_one() };
                let rebuilding = rebuild(&house.log, &house.views, &[], count_pieces, CancellationToken::new());
                tokio::select! {
                    // Few pieces are left; or a lock is still held by the thread that the last one waited for.
                    ended = rebuilding => assert!(pieces > 0 && !matches!(ended, Err(ViewError::Cancelled)), "{ended:?}"),
                    () = reached.notified() => {}
                }
                assert_eq!(house.digest("toy").await, expected);
            }
            // What was dropped holds its locks until the thread it waited for has ended.
            let start = std::time::Instant::now();
            while let Err(busy) = house.rebuild(&[]).await {
                assert!(matches!(busy, ViewError::Rebuilding(_)) && start.elapsed() < LIMIT, "{busy}");
                tokio::task::yield_now().await;
            }
            assert_eq!(house.digest("toy").await, expected);
            projector.stop().await;
        });
    }

    fn what_is_appended_during_a_rebuild_is_in_it(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            fill(&house).await;
            house.digested("toy").await;
            let appending = async {
                for round in 0..30 {
                    let events = (1..=20).map(|number| declined(number, &format!("r{round}"), "2025-02-01", "no"));
                    house.record(events.collect()).await;
                }
            };
            let (rebuilt, ()) = tokio::join!(house.rebuild(&["toy"]), appending);
            rebuilt.unwrap();
            house.digested("toy").await;
            let rows = house.views.reader().query("SELECT revision FROM {toy_stream} WHERE revision > ?1", &[Value::from(1)]).await;
            assert!(rows.unwrap().iter().all(|row| row.integer(0) == 31));
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
            projector.stop().await;
        });
    }
}
