//! Two of a kind.

use std::time::Duration;

use parcours_projections::{Projector, ProjectorOptions, ViewState, Views};
use parcours_tests::on_both_databases;

use super::house::{House, LIMIT, block, until};
use super::told::{declined, oriented};
use super::toy::{OPERATORS, TOY};

fn all(views: &Views, state: &ViewState) -> bool {
    views.status().iter().all(|status| status.state == *state)
}

on_both_databases! {
    fn one_projector_works_and_the_other_takes_over_when_it_dies(database: Database) {
        // The first lives in a runtime of its own, which dies as a process does: at once, with nothing said.
        let first = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (mut house, projector) = first.block_on(async {
            let house = House::new(database, &[&TOY, &OPERATORS]).await;
            let projector = house.projector().await;
            house.record((1..=10).map(oriented).collect()).await;
            house.digested("toy").await;
            until("the first is live", || all(&house.views, &ViewState::Live)).await;
            (house, projector)
        });
        block(async {
            let (log, views) = (house.log_again().await, house.neighbour(&[&TOY, &OPERATORS]).await);
            let second = Projector::start(log.clone(), views.clone(), ProjectorOptions::default()).await;
            house.log = log;
            until("the second stands by", || all(&views, &ViewState::Standby)).await;
            let position = house.record(vec![declined(1, "a", "2025-02-01", "no")]).await;
            views.wait_for("toy", position, LIMIT).await.unwrap();
            assert!(all(&views, &ViewState::Standby), "the first digested it");

            std::mem::forget(projector);
            first.shutdown_background();
            let died = std::time::Instant::now();
            until("the second works", || all(&views, &ViewState::Live)).await;
            assert!(died.elapsed() < Duration::from_secs(5), "it took {:?}", died.elapsed());
            let position = house.record(vec![declined(1, "b", "2025-02-01", "no")]).await;
            views.wait_for("toy", position, LIMIT).await.unwrap();
            assert_eq!(views.digest("toy").await.unwrap(), house.expected("toy", &[&TOY]).await);
            second.stop().await;
        });
    }

    fn projectors_that_come_and_go_digest_every_event_once(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let other = house.neighbour(&[&TOY]).await;
            for round in 0..6_u128 {
                let one = house.projector().await;
                let two = Projector::start(house.log.clone(), other.clone(), ProjectorOptions::default()).await;
                let numbers = (round * 100 + 1)..=(round * 100 + 100);
                house.record(numbers.clone().map(oriented).collect()).await;
                one.stop().await;
                house.record(numbers.map(|number| declined(number, "a", "2025-02-01", "no")).collect()).await;
                house.digested("toy").await;
                two.stop().await;
            }
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
        });
    }
}
