//! A PostgreSQL that does not answer, and does not go away either.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use parcours_log::{Location, Log, LogError, Rejection};
use parcours_tests::PrivatePostgres;
use tokio::time::timeout;

use crate::events::{one, registered, sound};
use crate::failing::{is_away, until_available};
use crate::place::{Place, aside, options};

/// Nobody who asks waits longer than that, whatever the database does.
const PATIENCE: Duration = Duration::from_secs(25);
/// A log closes within this time, whatever the database does: two seconds, and what a busy machine takes.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

async fn open(postgres: &PrivatePostgres) -> Log {
    Log::open(&Location::Postgres(postgres.url()), options())
        .await
        .unwrap()
}

async fn must_close_in_time(log: &Log) {
    let began = Instant::now();
    timeout(PATIENCE, log.close()).await.expect("the log closes");
    let took = began.elapsed();
    assert!(took < CLOSED_WITHIN, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_makes_nobody_wait_for_ever_and_is_found_again() {
    let postgres = aside(PrivatePostgres::start);
    let log = open(&postgres).await;
    one(&log, registered(1, "A")).await.unwrap();
    let stream = registered(1, "A").event.stream;
    postgres.freeze();
    let sent = registered(1, "B");
    let (appended, read, counted) = timeout(PATIENCE, async {
        tokio::join!(one(&log, sent.clone()), log.stream(stream, None), log.head())
    })
    .await
    .expect("no wait is without a limit");
    let unknown = appended.unwrap_err();
    assert!(
        matches!(unknown, Rejection::Unavailable(LogError::OutcomeUnknown(_))),
        "{unknown}"
    );
    assert!(read.is_err() && counted.is_err(), "{read:?} {counted:?}");
    postgres.thaw();
    until_available(&log, 2).await;
    // What was sent was carried out meanwhile or not: sent again, it is there once.
    let told = one(&log, sent.clone()).await.unwrap();
    assert_eq!(told.position, one(&log, sent).await.unwrap().position);
    assert!(
        log.head().await.is_ok(),
        "no connection is lent again on which an answer is owed"
    );
    // Others are heard of again.
    let other = open(&postgres).await;
    let mut follower = log.follow(log.size());
    let theirs = one(&other, registered(9, "by another process")).await.unwrap();
    let heard = timeout(PATIENCE, follower.next(10))
        .await
        .expect("it is heard of")
        .unwrap();
    assert_eq!(heard.first().map(|entry| entry.position), Some(theirs.position));
    sound(&log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_closes_in_time_though_its_server_is_frozen() {
    let postgres = aside(PrivatePostgres::start);
    let log = open(&postgres).await;
    one(&log, registered(1, "A")).await.unwrap();
    postgres.freeze();
    // It is in the queue before that is closed.
    let (told, ()) = tokio::join!(biased; one(&log, registered(1, "B")), must_close_in_time(&log));
    assert!(is_away(told.as_ref().unwrap_err()), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_closes_in_time_though_its_server_is_down() {
    let mut postgres = aside(PrivatePostgres::start);
    let log = open(&postgres).await;
    one(&log, registered(1, "A")).await.unwrap();
    postgres.kill();
    assert!(is_away(&one(&log, registered(1, "B")).await.unwrap_err()));
    must_close_in_time(&log).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_a_head_that_another_session_holds_knows_that_nothing_was_recorded() {
    let place = Place::postgres();
    let log = place.open().await;
    one(&log, registered(1, "A")).await.unwrap();
    let held = place.hold_head();
    let told = timeout(PATIENCE, one(&log, registered(1, "B")))
        .await
        .expect("no wait is without a limit");
    let told = told.unwrap_err();
    assert!(
        matches!(told, Rejection::Unavailable(LogError::Unavailable(_))),
        "{told}"
    );
    held.let_go();
    until_available(&log, 2).await;
    assert_eq!(sound(&log).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_closes_in_time_though_another_session_holds_its_head() {
    let place = Place::postgres();
    let log = place.open().await;
    one(&log, registered(1, "A")).await.unwrap();
    let mut held = place.hold_head();
    let closed = async {
        held.until_somebody_waits();
        must_close_in_time(&log).await;
    };
    let (told, ()) = tokio::join!(biased; one(&log, registered(1, "B")), closed);
    assert!(
        matches!(told, Err(Rejection::Unavailable(LogError::OutcomeUnknown(_)))),
        "{told:?}"
    );
    held.let_go();
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_given_up() {
    // The kernel accepts; nobody greets.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://nobody@127.0.0.1:{port}/none?connect_timeout=1");
    let began = Instant::now();
    let opened = timeout(PATIENCE, Log::open(&Location::Postgres(url), options())).await;
    let Err(refused) = opened.expect("no wait is without a limit") else {
        panic!("it was opened")
    };
    assert!(refused.to_string().contains("within 1 s"), "{refused}");
    assert!(began.elapsed() < Duration::from_secs(4), "the URL says how long");
}
