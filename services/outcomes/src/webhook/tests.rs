//! What is remembered of deliveries, on both databases.

use parcours_log::{Anchor, Log};
use parcours_model::{StreamId, StreamKind};
use parcours_projections::{CancellationToken, Views, ViewsOptions};
use parcours_tests::receiver::Answer;
use parcours_tests::story::Person;
use parcours_tests::{Database, Receiver, Service, Story, declare, on_both_databases};
use std::collections::BTreeSet;
use uuid::Uuid;

use super::desk::Desk;
use super::lanes::Waiting;
use super::ledger::{Letter, News, Standing};
use super::*;
use parcours_projections::outcomes::Key;

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

fn location(database: &Database) -> Location {
    match database.url() {
        Some(url) => Location::Postgres(url.to_owned()),
        None => Location::Sqlite(database.data().join("views.sqlite")),
    }
}

async fn store(database: &Database) -> Arc<dyn Store> {
    store::open(&location(database), &CancellationToken::new())
        .await
        .unwrap()
}

async fn take(store: &Arc<dyn Store>, partner: &str) -> Option<Ledger> {
    let mut ledger = Ledger::take(&**store, partner).await.unwrap()?;
    ledger.begin(None).await.unwrap();
    Some(ledger)
}

/// The ledger of a partner once whoever had it is gone: PostgreSQL lets a lock go a moment after the connection.
async fn take_over(store: &Arc<dyn Store>, partner: &str) -> Ledger {
    for _ in 0..1_000 {
        if let Some(ledger) = take(store, partner).await {
            return ledger;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("the lock of {partner} is not let go");
}

fn lane(number: u128) -> StreamId {
    StreamId::new(StreamKind::Trainee, Uuid::from_u128(number))
}

fn key(position: u64) -> Key {
    Key {
        position,
        ordinal: u32::MAX,
    }
}

fn told(size: u64) -> Anchor {
    Anchor {
        size,
        leaf: parcours_log::tree::Hash::of_leaf(b"entry"),
    }
}

fn waiting(position: u64, attempts: u32) -> Waiting {
    Waiting {
        key: key(position),
        attempts,
        due: 1_800_000_000_000,
        why: (attempts > 0).then(|| "answered 500".to_owned()),
        unreachable: attempts > 1,
    }
}

fn letter(position: u64) -> Letter {
    Letter {
        key: key(position),
        lane: lane(1),
        attempts: 10,
        died: 1_800_000_000_001,
        why: "no answer".to_owned(),
    }
}

/// Records somebody who agreed to be told of, for each of so many: two messages each.
fn record(database: &Database, people: usize) {
    // Whoever delivers is this test.
    let service = Service::start_with(database, ["--only", "api,views"]);
    let api = service.api();
    for _ in 0..people {
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        events.push(story.consents("2024-02-06"));
        events.push(story.exited("2024-03-01", "abandoned"));
        api.record(&events);
    }
    api.wait_for_views();
    assert!(service.stop().success());
}

on_both_databases! {
    fn so_many_wait_and_no_more(database: Database) {
        let receiver = Receiver::start();
        receiver.answers(|_| Answer::Status(500));
        declare(&database, "a", &["--territory", "region/28", "--webhook", &receiver.url()]);
        record(&database, 12);
        block(async {
            let place = match location(&database) {
                Location::Sqlite(views) => Location::Sqlite(views.with_file_name("log.sqlite")),
                server => server,
            };
            let log = Log::open(&place, parcours_log::Options::default()).await.unwrap();
            let views = Views::open(&location(&database), ViewsOptions::default()).await.unwrap();
            let reader = OutcomeReader::start(views, log.clone());
            let folder = database.data();
            let partners = Partners::read(&folder.join("partners.toml"), &folder.join("pseudonyms.key")).unwrap();
            let options = Options {
                allowed: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
                schedule: "1h,1h,1h".parse().unwrap(),
                waiting: 5,
                ..Options::default()
            };
            let webhooks = Webhooks::of(&partners, folder, options).unwrap();
            let stop = CancellationToken::new();
            let deliveries = webhooks.open(&location(&database), &stop).await.unwrap().start(&reader, &stop);
            let mut desk = Desk::open(&location(&database)).await.unwrap().unwrap();
            let mut limit = 1_000;
            while desk.waiting("a", 100).await.unwrap().len() < 5 {
                limit -= 1;
                assert!(limit > 0, "five never wait");
                sleep(Duration::from_millis(5)).await;
            }
            // Two looks at what is ordered: it has gone round often enough to take more.
            desk.enable("a").await.unwrap();
            tokio::task::block_in_place(|| receiver.wait_for_calls(10));
            assert_eq!(desk.waiting("a", 100).await.unwrap().len(), 5);
            let subjects: BTreeSet<_> = receiver.calls().iter().map(|call| call.message()["subject"].to_string()).collect();
            assert_eq!(subjects.len(), 5);

            receiver.answers(|_| Answer::Status(200));
            desk.enable("a").await.unwrap();
            tokio::task::block_in_place(|| receiver.wait_for_accepted(24));
            stop.cancel();
            deliveries.ended().await;
            reader.stop().await;
            assert_eq!(desk.waiting("a", 100).await.unwrap(), []);
        });
    }

    fn what_is_kept_is_there_for_whoever_takes_over(database: Database) {
        block(async {
            let store = store(&database).await;
            let mut ledger = take(&store, "a").await.unwrap();
            let nothing = Standing { cursor: None, told: None, waiting: vec![] };
            assert_eq!(ledger.standing().await.unwrap(), nothing);
            ledger.keep(Some(key(7)), told(8), News { accepted_at: Some(5), ..News::default() }).await.unwrap();
            ledger.wait(lane(1), &waiting(3, 2)).await.unwrap();
            ledger.wait(lane(2), &waiting(4, 1)).await.unwrap();
            ledger.wait(lane(1), &waiting(5, 0)).await.unwrap();
            ledger.wait(lane(3), &waiting(6, 0)).await.unwrap();
            ledger.clear(lane(2)).await.unwrap();
            ledger.bury(&letter(6), None).await.unwrap();
            drop(ledger);

            let mut ledger = take_over(&store, "a").await;
            let mut standing = ledger.standing().await.unwrap();
            standing.waiting.sort_by_key(|(lane, _)| *lane);
            assert_eq!(standing.waiting, [(lane(3), waiting(6, 0))], "the dead letter was of the first lane");
            assert_eq!(standing.cursor, Some(key(7)));
            assert_eq!(ledger.orders().await.unwrap().dead, 1);
            let mut other = take(&store, "b").await.unwrap();
            assert_eq!(other.standing().await.unwrap(), nothing, "each partner has its own");
        });
    }

    fn one_at_a_time_has_the_ledger_of_a_partner(database: Database) {
        block(async {
            let (one, other) = (store(&database).await, store(&database).await);
            let held = take(&one, "a").await.unwrap();
            assert!(take(&other, "a").await.is_none());
            assert!(take(&one, "a").await.is_none());
            assert!(take(&other, "b").await.is_some(), "the others are free");
            drop(held);
            take_over(&other, "a").await;
        });
    }

    fn a_message_that_is_given_up_frees_its_lane_in_the_same_step(database: Database) {
        block(async {
            let store = store(&database).await;
            let mut ledger = take(&store, "a").await.unwrap();
            ledger.wait(lane(1), &waiting(6, 9)).await.unwrap();
            ledger.bury(&letter(6), Some(&waiting(8, 0))).await.unwrap();
            assert_eq!(ledger.standing().await.unwrap().waiting, [(lane(1), waiting(8, 0))]);
            ledger.bury(&letter(8), None).await.unwrap();
            assert_eq!(ledger.standing().await.unwrap().waiting, []);

            let mut desk = Desk::open(&location(&database)).await.unwrap().unwrap();
            let dead: Vec<Key> = desk.letters("a", 10).await.unwrap().iter().map(|held| held.key).collect();
            assert_eq!(dead, [key(6), key(8)]);
            assert_eq!(desk.letters("a", 1).await.unwrap().len(), 1);
            assert_eq!(desk.letters("b", 10).await.unwrap(), []);
        });
    }

    fn orders_reach_whoever_delivers(database: Database) {
        block(async {
            let store = store(&database).await;
            let mut desk = Desk::open(&location(&database)).await.unwrap().unwrap();
            assert!(!desk.enable("a").await.unwrap(), "never called");
            let mut ledger = take(&store, "a").await.unwrap();
            for position in [6, 8] {
                ledger.bury(&letter(position), None).await.unwrap();
            }
            let orders = ledger.orders().await.unwrap();
            assert_eq!((orders.disabled, orders.replays.len(), orders.dead), (false, 0, 2));

            assert_eq!(desk.replay("a", Some(&[key(8), key(9)])).await.unwrap(), 1);
            assert_eq!(ledger.orders().await.unwrap().replays, [letter(8)]);
            assert_eq!(desk.replay("a", None).await.unwrap(), 2);
            assert_eq!(desk.replay("b", None).await.unwrap(), 0);
            assert_eq!(ledger.orders().await.unwrap().replays, [letter(6), letter(8)]);
            let again = Letter { attempts: 11, why: "answered 500".to_owned(), ..letter(6) };
            ledger.still_dead(&again).await.unwrap();
            assert_eq!(ledger.orders().await.unwrap().replays, [], "nor what came after it");
            assert_eq!(desk.letters("a", 10).await.unwrap()[0].attempts, 11);
            ledger.unbury(key(6)).await.unwrap();
            assert_eq!(ledger.orders().await.unwrap().dead, 1);

            ledger.disable(9, "answered 410 Gone", Some((lane(4), &waiting(9, 0)))).await.unwrap();
            assert!(ledger.orders().await.unwrap().disabled);
            let standing = &desk.endpoints().await.unwrap()[0];
            assert_eq!(standing.disabled, Some((9, "answered 410 Gone".to_owned())));
            assert_eq!((standing.waiting, standing.dead), (1, 1));
            assert!(desk.enable("a").await.unwrap());
            let after = ledger.orders().await.unwrap();
            assert_eq!((after.disabled, after.hastened), (false, orders.hastened + 1));
        });
    }
}
