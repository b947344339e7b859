//! Events that a view cannot digest.

use parcours_log::Location;
use parcours_log::tree::Hash;
use parcours_projections::{CancellationToken, Projector, ProjectorOptions, ViewError, ViewState, rebuild};
use parcours_tests::{Database, on_both_databases};
use serde_json::json;
use uuid::Uuid;

use super::house::{House, LIMIT, block, log_location, until};
use super::told::{OPERATOR, annulled, declined, event, oriented};
use super::toy::{OPERATORS, PICKY, TOY, teach};

fn registered() -> parcours_model::Submission {
    let data = json!({"siret": OPERATOR, "name": "GRETA", "commune": "76540"});
    event(
        &format!("operator/{}", Uuid::from_u128(5)),
        "o1",
        "2025-01-01",
        "registered",
        &data,
    )
}

fn stopped_at(house: &House, view: &str) -> Option<u64> {
    let status = house
        .views
        .status()
        .into_iter()
        .find(|status| status.name == view)
        .unwrap();
    match status.state {
        ViewState::Stopped { position, .. } => Some(position),
        _ => None,
    }
}

/// Puts other bytes in the place of an entry, as a program would have written them that knows more, and answers those
/// that were there.
fn tamper(database: &Database, position: i64, bytes: &[u8]) -> Vec<u8> {
    let leaf = Hash::of_leaf(bytes).0;
    match log_location(database) {
        Location::Sqlite(file) => {
            let log = rusqlite::Connection::open(file).unwrap();
            log.busy_timeout(LIMIT).unwrap();
            let old = log.query_row(
                "SELECT entry FROM entries WHERE position = ?1",
                [position],
                |row| row.get(0),
            );
            log.execute(
                "UPDATE entries SET entry = ?2, leaf = ?3 WHERE position = ?1",
                (position, bytes, leaf),
            )
            .unwrap();
            old.unwrap()
        }
        Location::Postgres(url) => std::thread::scope(|scope| {
            let tampering = scope.spawn(|| {
                let mut log = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
                let old = log.query_one(
                    "SELECT entry FROM parcours_log.entries WHERE position = $1",
                    &[&position],
                );
                let update = "UPDATE parcours_log.entries SET entry = $2, leaf = $3 WHERE position = $1";
                log.execute(update, &[&position, &bytes, &leaf.as_slice()])
                    .unwrap();
                old.unwrap().get(0)
            });
            tampering.join().unwrap()
        }),
    }
}

on_both_databases! {
    fn an_event_that_a_view_cannot_digest_stops_that_view_only_and_it_recovers_once_it_can(database: Database) {
        block(async {
            let house = House::new(database, &[&PICKY, &TOY]).await;
            let projector = house.projector().await;
            let number = Uuid::new_v4().as_u128();
            let mut events = vec![oriented(1), oriented(number), declined(1, "a", "2025-02-01", "no")];
            events.extend([declined(number, "b", "2025-02-01", "indigestible"), declined(1, "c", "2025-02-02", "no")]);
            house.record(events).await;
            until("picky is stopped", || stopped_at(&house, "picky") == Some(3)).await;
            house.digested("toy").await;
            assert_eq!(house.views.checkpoint("picky"), 3, "what stands before the event is digested");
            let behind = house.views.wait_for("picky", 3, std::time::Duration::ZERO).await.unwrap_err();
            assert!(matches!(behind, ViewError::Behind { checkpoint: 3 }), "{behind}");
            teach(Uuid::from_u128(number));
            house.digested("picky").await;
            until("picky says that it goes on", || stopped_at(&house, "picky").is_none()).await;
            assert_eq!(house.digest("picky").await, house.expected("picky", &[&PICKY]).await);
            projector.stop().await;
        });
    }

    fn a_view_is_built_up_to_the_event_that_stops_it(database: Database) {
        block(async {
            let house = House::new(database, &[&PICKY, &TOY]).await;
            let number = Uuid::new_v4().as_u128();
            let first = Uuid::new_v4().as_u128();
            house.record(vec![oriented(first), oriented(number), declined(number, "a", "2025-02-01", "indigestible")]).await;
            house.record(vec![declined(first, "b", "2025-02-01", "indigestible")]).await;
            let projector = house.projector().await;
            until("picky answers and is stopped", || stopped_at(&house, "picky") == Some(2)).await;
            assert_eq!(house.views.checkpoint("picky"), 2);
            house.digested("toy").await;
            let refused = house.rebuild(&["picky"]).await;
            assert!(refused.is_ok(), "it comes as far as the one that answers: {refused:?}");
            teach(Uuid::from_u128(number));
            teach(Uuid::from_u128(first));
            house.digested("picky").await;
            projector.stop().await;
        });
    }

    fn a_view_passes_over_what_it_cannot_digest_on_the_word_of_an_operator(database: Database) {
        block(async {
            let house = House::new(database, &[&PICKY, &TOY]).await;
            let projector = house.projector().await;
            let number = Uuid::new_v4().as_u128();
            house.record(vec![oriented(1), oriented(number), declined(number, "a", "2025-02-01", "indigestible")]).await;
            house.record(vec![annulled(number, "b", "a"), declined(1, "c", "2025-02-02", "no")]).await;
            house.record(vec![declined(number, "d", "2025-02-03", "indigestible"), oriented(2)]).await;
            until("picky is stopped", || stopped_at(&house, "picky") == Some(5)).await;
            let refused = house.rebuild(&["picky"]).await;
            assert!(refused.is_ok(), "up to the event that brings the fault, as the one that answers: {refused:?}");
            assert_eq!(house.views.checkpoint("picky"), 5);
            for (position, reason) in [(4, "has digested it"), (99, "the log has 7 entries")] {
                let refused = house.views.pass_over(&house.log, &["toy", "picky"], position).await.unwrap_err();
                assert!(refused.to_string().contains(reason), "{refused}");
            }
            let passing = house.views.pass_over(&house.log, &["toy", "picky"], 5).await.unwrap();
            assert_eq!(passing, ["picky"], "the other has digested it, and keeps it");
            house.digested("picky").await;
            until("picky goes on", || stopped_at(&house, "picky").is_none()).await;
            let told = house.views.status().into_iter().find(|status| status.name == "picky").unwrap();
            assert_eq!(told.passed_over, [5]);
            let live = house.digest("picky").await;
            house.rebuild(&[]).await.unwrap();
            assert_eq!(house.views.checkpoint("picky"), 7);
            assert_eq!(house.digest("picky").await, live, "rebuilt is live");
            house.record(vec![annulled(number, "e", "d"), oriented(3)]).await;
            house.digested("picky").await;
            let live = house.digest("picky").await;
            house.rebuild(&[]).await.unwrap();
            assert_eq!(house.digest("picky").await, live, "what amends it goes with it, both ways");
            projector.stop().await;
        });
    }

    fn an_entry_that_cannot_be_read_is_passed_over_too(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY, &OPERATORS]).await;
            house.record(vec![oriented(1), registered(), oriented(2)]).await;
            let without = house.expected("toy", &[&TOY]).await;
            house.record(vec![declined(1, "a", "2025-02-01", "no")]).await;
            tamper(house.database(), 3, b"{}");
            let log = house.log_again().await;
            let projector = Projector::start(log.clone(), house.views.clone(), ProjectorOptions::default()).await;
            until("toy is stopped", || stopped_at(&house, "toy") == Some(3)).await;
            assert_eq!(house.views.pass_over(&log, &["toy", "operators"], 3).await.unwrap(), ["toy"]);
            house.digested("toy").await;
            assert_eq!(house.digest("toy").await, without);
            projector.stop().await;
            rebuild(&log, &house.views, &["toy"], |_| (), CancellationToken::new()).await.unwrap();
            assert_eq!((house.views.checkpoint("toy"), house.digest("toy").await), (4, without));
        });
    }

    fn a_rebuild_that_would_fall_behind_leaves_what_answers_alone(database: Database) {
        block(async {
            let house = House::new(database, &[&PICKY]).await;
            let number = Uuid::new_v4().as_u128();
            house.record(vec![oriented(number), declined(number, "a", "2025-02-01", "indigestible")]).await;
            house.record(vec![annulled(number, "b", "a"), oriented(1)]).await;
            house.rebuild(&[]).await.unwrap();
            assert_eq!(house.views.checkpoint("picky"), 4, "an annulled event is no trouble");
            let before = house.digest("picky").await;
            house.record(vec![declined(1, "c", "2025-02-01", "no"), declined(number, "d", "2025-02-01", "indigestible")]).await;
            house.record(vec![declined(1, "e", "2025-02-01", "no")]).await;
            house.rebuild(&[]).await.unwrap();
            assert_eq!(house.views.checkpoint("picky"), 5, "up to the event that stops it");
            assert_ne!(house.digest("picky").await, before);
        });
    }

    fn an_entry_that_cannot_be_read_stops_those_who_listen_to_its_kind_of_stream(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY, &OPERATORS]).await;
            house.record(vec![oriented(1), registered(), oriented(2)]).await;
            let readable = tamper(house.database(), 0, b"{}");
            let log = house.log_again().await;
            let projector = Projector::start(log, house.views.clone(), ProjectorOptions::default()).await;
            house.digested("operators").await;
            until("toy is stopped", || stopped_at(&house, "toy") == Some(0)).await;
            tamper(house.database(), 0, &readable);
            house.digested("toy").await;
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
            projector.stop().await;
        });
    }
}
