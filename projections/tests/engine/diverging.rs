//! Views of another history than the log's: it was restored to an earlier state, or is another one.

use std::sync::atomic::{AtomicU64, Ordering};

use parcours_log::{Location, Log, Options};
use parcours_projections::{CancellationToken, Projector, ProjectorOptions, ViewError, ViewState, rebuild};
use parcours_tests::{Database, on_both_databases};

use super::house::{House, LIMIT, block, log_location, until, views_location};
use super::told::{declined, oriented};
use super::toy::TOY;

/// The same house with another log, whose entries are all others.
struct Moved {
    house: House,
    _another: Database,
}

impl Moved {
    /// The views have digested `before` entries of a log, and are to follow another one of `now`.
    async fn new(database: Database, before: u128, now: u128) -> Moved {
        let house = House::new(database, &[&TOY]).await;
        house.record((1..=before).map(oriented).collect()).await;
        house.rebuild(&[]).await.unwrap();
        Moved::with(house, now).await
    }

    async fn with(house: House, now: u128) -> Moved {
        let another = match house.database().url() {
            Some(_) => Database::postgres(),
            None => Database::sqlite(),
        };
        let log = Log::open(&log_location(&another), Options::default())
            .await
            .unwrap();
        let house = house.with_log(log);
        house.record((1..=now).map(oriented).collect()).await;
        Moved {
            house,
            _another: another,
        }
    }
}

fn state(house: &House) -> ViewState {
    house.views.status().remove(0).state
}

async fn must_not_answer(house: &House) {
    let asked = house
        .views
        .reader()
        .query("SELECT stream FROM {toy_fact}", &[])
        .await;
    assert!(matches!(asked, Err(ViewError::Diverged { .. })), "{asked:?}");
    assert!(house.views.digest("toy").await.is_err());
    let status = house.views.status().remove(0);
    assert!(!status.answers, "{status:?}");
    assert!(
        matches!(&status.state, ViewState::Diverged { detail } if detail.contains("restored")),
        "{status:?}"
    );
    assert_eq!(house.views.checkpoint("toy"), 0, "whoever waits for it waits");
}

async fn is_right(house: &House) {
    house.digested("toy").await;
    assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
}

/// What the database has of the generation that answers.
fn kept(house: &House, sql: &str) -> i64 {
    match views_location(house.database()) {
        Location::Sqlite(file) => {
            let views = rusqlite::Connection::open(file).unwrap();
            views.busy_timeout(LIMIT).unwrap();
            views.query_row(sql, [], |row| row.get(0)).unwrap()
        }
        Location::Postgres(url) => std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut views = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
                views.batch_execute("SET search_path = parcours_views").unwrap();
                views.query_one(sql, &[]).unwrap().get(0)
            });
            asking.join().unwrap()
        }),
    }
}

on_both_databases! {
    fn a_view_of_another_history_does_not_answer_before_it_is_rebuilt_which_happens_by_itself(database: Database) {
        block(async {
            // As many entries, more, fewer: a position says nothing.
            let Moved { house, .. } = &Moved::new(database, 30, 50).await;
            house.views.must_follow(&house.log).await.unwrap();
            must_not_answer(house).await;
            let projector = house.projector().await;
            until("the view answers again", || house.views.status()[0].answers).await;
            until("it follows the log", || state(house) == ViewState::Live).await;
            is_right(house).await;
            house.record(vec![declined(1, "a", "2025-02-01", "no")]).await;
            is_right(house).await;
            house.views.must_follow(&house.log).await.unwrap();
            assert_eq!(state(house), ViewState::Live);
            projector.stop().await;
        });
    }

    fn an_entry_at_the_position_of_one_that_was_passed_over_is_not_passed_over(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            house.record((1..=4).map(oriented).collect()).await;
            let whole = house.expected("toy", &[&TOY]).await;
            assert_eq!(house.views.pass_over(&house.log, &["toy"], 1).await.unwrap(), ["toy"]);
            house.rebuild(&[]).await.unwrap();
            assert_ne!(house.digest("toy").await, whole, "the second one is left out");
            // The log was restored: to fewer entries, so that another one comes to that position while it is followed.
            let Moved { house, .. } = &Moved::with(house, 1).await;
            house.views.must_follow(&house.log).await.unwrap();
            let projector = house.projector().await;
            is_right(house).await;
            house.record((2..=6).map(oriented).collect()).await;
            is_right(house).await;
            projector.stop().await;
            house.rebuild(&[]).await.unwrap();
            is_right(house).await;
            let refused = house.views.pass_over(&house.log, &["toy"], 1).await.unwrap_err();
            assert!(refused.to_string().contains("has digested it"), "{refused}");
        });
    }

    fn a_view_that_is_ahead_of_the_log_is_of_another_history(database: Database) {
        block(async {
            let Moved { house, .. } = &Moved::new(database, 30, 5).await;
            house.views.must_follow(&house.log).await.unwrap();
            must_not_answer(house).await;
            let projector = house.projector().await;
            is_right(house).await;
            assert_eq!(house.views.checkpoint("toy"), 5);
            projector.stop().await;
        });
    }

    fn a_projector_finds_it_out_by_itself(database: Database) {
        block(async {
            let Moved { house, .. } = &Moved::new(database, 10, 10).await;
            let projector = house.projector().await;
            until("the view is rebuilt", || house.views.status()[0].answers && kept(house, "SELECT max(generation) FROM view_generations") == 2).await;
            is_right(house).await;
            projector.stop().await;
        });
    }

    fn a_rebuild_asked_for_takes_over_from_another_history(database: Database) {
        block(async {
            let Moved { house, .. } = &Moved::new(database, 30, 20).await;
            house.views.must_follow(&house.log).await.unwrap();
            house.rebuild(&["toy"]).await.unwrap();
            is_right(house).await;
        });
    }

    fn a_rebuild_begun_on_another_history_is_not_gone_on_with(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            house.record((1..=9000).map(oriented).collect()).await;
            let (cancel, reached) = (CancellationToken::new(), AtomicU64::new(0));
            let stop = |progress: parcours_projections::Progress| {
                reached.store(progress.done, Ordering::Release);
                cancel.cancel();
            };
            let ended = rebuild(&house.log, &house.views, &["toy"], stop, cancel.clone()).await;
            assert!(matches!(ended, Err(ViewError::Cancelled)), "{ended:?}");
            assert!(reached.load(Ordering::Acquire) > 0);
            let Moved { house, .. } = &Moved::with(house, 40).await;
            house.rebuild(&["toy"]).await.unwrap();
            is_right(house).await;
        });
    }

    fn views_of_a_log_that_is_replaced_while_it_is_followed_answer_no_more(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            house.record((1..=30).map(oriented).collect()).await;
            house.digested("toy").await;
            empty_log(&house);
            until("the view is found to be of another history", || matches!(state(&house), ViewState::Diverged { .. })).await;
            must_not_answer(&house).await;
            projector.stop().await;
            let log = house.log_again().await;
            let house = house.with_log(log);
            house.record((1..=3).map(oriented).collect()).await;
            let projector = house.projector().await;
            is_right(&house).await;
            projector.stop().await;
        });
    }

    fn a_view_of_a_program_that_kept_numbers_alone_is_believed_once(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            house.record((1..=30).map(oriented).collect()).await;
            house.rebuild(&[]).await.unwrap();
            forget_identity(&house);
            let unknown = "SELECT count(*) FROM view_generations WHERE leaf IS NULL";
            assert_eq!(kept(&house, unknown), 1);
            house.views.must_follow(&house.log).await.unwrap();
            assert!(house.views.status()[0].answers);
            let projector = Projector::start(house.log.clone(), house.views.clone(), ProjectorOptions::default()).await;
            until("it is kept though nothing is appended", || kept(&house, unknown) == 0).await;
            projector.stop().await;
            let Moved { house, .. } = &Moved::with(house, 30).await;
            house.views.must_follow(&house.log).await.unwrap();
            must_not_answer(house).await;
        });
    }
}

/// Takes every entry away, behind the log's back.
fn empty_log(house: &House) {
    let entries = "DELETE FROM entries; DELETE FROM streams; DELETE FROM sources;
                   UPDATE head SET size = 0, recorded = 0, streams = 0, sources = 0, frontier =";
    let index = "DELETE FROM index_runs; UPDATE index_state SET version = 0, indexed = 0, runs = 0";
    match log_location(house.database()) {
        Location::Sqlite(file) => {
            let log = rusqlite::Connection::open(file).unwrap();
            log.busy_timeout(LIMIT).unwrap();
            log.execute_batch(&format!("BEGIN; {entries} x'0000000000000000'; {index}; COMMIT"))
                .unwrap();
        }
        Location::Postgres(url) => on_postgres(
            &url,
            &format!("SET search_path = parcours_log; {entries} '\\x0000000000000000'; {index}"),
        ),
    }
}

fn forget_identity(house: &House) {
    let sql = "UPDATE view_generations SET leaf = NULL, target_leaf = NULL";
    match views_location(house.database()) {
        Location::Sqlite(file) => {
            let views = rusqlite::Connection::open(file).unwrap();
            views.busy_timeout(LIMIT).unwrap();
            views.execute_batch(sql).unwrap();
        }
        Location::Postgres(url) => on_postgres(&url, &format!("SET search_path = parcours_views; {sql}")),
    }
}

fn on_postgres(url: &str, sql: &str) {
    std::thread::scope(|scope| {
        let work = || {
            ::postgres::Client::connect(url, ::postgres::NoTls)
                .unwrap()
                .batch_execute(sql)
        };
        scope.spawn(work).join().unwrap().unwrap();
    });
}
