//! Views that have much to catch up with.

use std::time::Duration;

use parcours_log::Location;
use parcours_tests::on_both_databases;

use super::house::{House, block, until, views_location};
use super::told::{declined, oriented};
use super::toy::TOY;

/// The number of the generation that answers.
fn generation(house: &House) -> i64 {
    told(house, "generation")
}

/// How many streams of a gap are done, if the generation that answers is on its way across one.
fn crossing(house: &House) -> Option<i64> {
    let done = told(house, "CASE WHEN target > checkpoint THEN cursor ELSE -1 END");
    Some(done).filter(|done| *done >= 0)
}

/// What the database tells of the generation that answers.
fn told(house: &House, what: &str) -> i64 {
    let select = "view_generations WHERE view = 'toy' AND state = 'live'";
    match views_location(house.database()) {
        Location::Sqlite(file) => {
            let views = rusqlite::Connection::open(file).unwrap();
            let sql = format!("SELECT {what} FROM {select}");
            views.query_row(&sql, [], |row| row.get(0)).unwrap()
        }
        Location::Postgres(url) => std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut views = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
                let sql = format!("SELECT {what} FROM parcours_views.{select}");
                views.query_one(&sql, &[]).unwrap().get(0)
            });
            asking.join().unwrap()
        }),
    }
}

/// The generation that answers once a view of `known` entries has digested `more` that came while nobody followed.
async fn after(house: &House, known: u128, more: u128) -> i64 {
    house.record((1..=known).map(oriented).collect()).await;
    house.rebuild(&[]).await.unwrap();
    assert_eq!(generation(house), 1);
    house
        .record((known + 1..=known + more).map(oriented).collect())
        .await;
    let projector = house.projector().await;
    let size = u64::try_from(known + more).unwrap();
    until("all is digested", || house.views.checkpoint("toy") == size).await;
    projector.stop().await;
    assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
    generation(house)
}

on_both_databases! {
    fn a_view_that_is_far_behind_catches_up_in_strides_and_is_not_rebuilt(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            assert_eq!(after(&house, 10, 10_000).await, 1);
        });
    }

    fn a_view_that_is_stopped_on_its_way_across_a_gap_goes_on_from_there(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            house.rebuild(&[]).await.unwrap();
            house.record((1..=12_000).map(oriented).collect()).await;
            let mut reached = 0;
            for round in 0..3 {
                let projector = house.projector().await;
                until("it is further on its way", || crossing(&house) > Some(reached)).await;
                projector.stop().await;
                reached = crossing(&house).unwrap();
                // What comes meanwhile belongs to streams on either side of where it is.
                let more = (1..=12_000).step_by(100).map(|number| declined(number, &format!("{round}"), "2025-02-01", "no"));
                house.record(more.collect()).await;
                assert_eq!(house.views.checkpoint("toy"), 0);
            }
            let projector = house.projector().await;
            house.digested("toy").await;
            projector.stop().await;
            assert_eq!((generation(&house), crossing(&house)), (1, None));
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
        });
    }

    fn a_view_that_is_a_little_behind_catches_up(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            assert_eq!(after(&house, 10, 1100).await, 1);
        });
    }

    fn whoever_waits_for_a_view_hurries_it_while_the_log_is_filled(database: Database) {
        block(async {
            const PIECE: u128 = 1_000;
            let house = House::new(database, &[&TOY]).await;
            house.rebuild(&[]).await.unwrap();
            house.record((1..=10 * PIECE).map(oriented).collect()).await;
            let last = house.log.size() - 1;
            let filling = async {
                for piece in 10.. {
                    let people = piece * PIECE + 1..=(piece + 1) * PIECE;
                    house.record(people.map(oriented).collect()).await;
                }
            };
            let waiting = async {
                let projector = house.projector().await;
                house.views.wait_for("toy", last, Duration::from_secs(8)).await.unwrap();
                projector
            };
            let projector = tokio::select! {
                projector = waiting => projector,
                () = filling => unreachable!("it is filled for ever"),
            };
            // What was on its way when nobody waited for it any more is written before this.
            house.record(vec![oriented(0)]).await;
            house.digested("toy").await;
            projector.stop().await;
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
        });
    }
}
