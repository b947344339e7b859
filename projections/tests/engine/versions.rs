//! A new version of a view.

use parcours_projections::{Projector, ProjectorOptions, ViewState};
use parcours_tests::on_both_databases;

use super::house::{House, LIMIT, block, until};
use super::told::{declined, oriented};
use super::toy::{TOY, TOY_2};

on_both_databases! {
    fn the_old_version_answers_and_follows_until_the_new_one_takes_over(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            house.record((1..=3000).map(oriented).collect()).await;
            house.digested("toy").await;
            let old = house.digest("toy").await;

            let newer = house.neighbour(&[&TOY_2]).await;
            assert!(newer.status()[0].answers, "what the old version built answers at once");
            assert_eq!(newer.digest("toy").await.unwrap(), old);
            let next = Projector::start(house.log.clone(), newer.clone(), ProjectorOptions::default()).await;
            let mut last = 0;
            for round in 0.. {
                let state = newer.status()[0].state.clone();
                let position = house.record(vec![declined(1, &format!("r{round}"), "2025-02-01", "no")]).await;
                // Whichever version answers just then, the view comes.
                newer.wait_for("toy", position, LIMIT).await.unwrap();
                last = position;
                if state == ViewState::Live {
                    break;
                }
            }
            until("the old program notices", || matches!(house.views.status()[0].state, ViewState::Newer { version: 2 })).await;
            newer.wait_for("toy", last, LIMIT).await.unwrap();
            assert_eq!(newer.digest("toy").await.unwrap(), house.expected("toy", &[&TOY_2]).await);
            assert_ne!(newer.digest("toy").await.unwrap(), house.expected("toy", &[&TOY]).await);
            projector.stop().await;
            next.stop().await;
        });
    }

    fn an_older_program_leaves_a_newer_view_alone_until_it_is_told_to_rebuild(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY_2]).await;
            house.record((1..=10).map(oriented).collect()).await;
            house.rebuild(&[]).await.unwrap();
            let older = house.neighbour(&[&TOY]).await;
            let projector = Projector::start(house.log.clone(), older.clone(), ProjectorOptions::default()).await;
            until("it notices", || matches!(older.status()[0].state, ViewState::Newer { version: 2 })).await;
            assert_eq!(older.digest("toy").await.unwrap(), house.expected("toy", &[&TOY_2]).await);
            parcours_projections::rebuild(&house.log, &older, &["toy"], |_| (), Default::default()).await.unwrap();
            until("it follows", || older.status()[0].state == ViewState::Live).await;
            assert_eq!(older.digest("toy").await.unwrap(), house.expected("toy", &[&TOY]).await);
            projector.stop().await;
        });
    }
}
