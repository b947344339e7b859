//! What readers have of a list that grows, where some messages wait for their time.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta};
use parcours_log::{Append, Location, Options};
use parcours_model::Submission;
use parcours_projections::{Projector, ProjectorOptions, ViewsOptions};
use parcours_tests::story::{Person, at};
use parcours_tests::{Database, Story, on_both_databases};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;

/// More than all of it takes.
const LIMIT: Duration = Duration::from_secs(60);

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// The log and the views, as a process of its own opens them.
async fn open(database: &Database) -> (Log, Views) {
    let location = |name: &str| match database.url() {
        Some(url) => Location::Postgres(url.to_owned()),
        None => Location::Sqlite(database.data().join(name)),
    };
    let log = Log::open(&location("log.sqlite"), Options::default())
        .await
        .unwrap();
    let views = Views::open(&location("views.sqlite"), ViewsOptions::default())
        .await
        .unwrap();
    (log, views)
}

/// Somebody who agrees, leaves some time from now, and may have no longer agreed to it by then.
fn events(number: i64) -> Vec<serde_json::Value> {
    let mut story = Story::parcours();
    let mut events = story.enters("2024-02-05", &Person::default());
    let ahead = |event, milliseconds| {
        let time = Utc::now() + TimeDelta::milliseconds(milliseconds);
        at(event, &time.to_rfc3339())
    };
    let consent = story.consents("2024-02-06");
    events.push(if number % 4 == 0 {
        ahead(consent, number * 37 % 2_000)
    } else {
        consent
    });
    events.push(ahead(
        story.exited("2024-03-01", "abandoned"),
        number * 97 % 3_000,
    ));
    events.push(story.employed("2024-04-02"));
    events
}

/// Reads page by page until `over`, each page through the next of the readers, with nothing in hand but the name of a place.
async fn read(readers: Vec<OutcomeReader>, page: usize, over: CancellationToken) -> Vec<Arc<OutcomeRow>> {
    let (mut heard, mut cursor) = (Vec::new(), None);
    for reader in readers.iter().cycle() {
        let last = over.is_cancelled();
        let batch = match reader.after(cursor, &Filter::all(), page).await {
            Err(ViewError::NotBuilt(_)) => Batch::default(),
            batch => batch.unwrap(),
        };
        let now = Utc::now();
        for message in &batch.messages {
            assert!(message.told <= now, "{message:?} is told before its time");
        }
        if let Some(reached) = batch.reached {
            let named = reader.cursor(reached.key).await.unwrap();
            assert_eq!(named, reached, "a name leads to its place");
            cursor = Some(named);
        }
        let (is_empty, more) = (batch.messages.is_empty(), batch.more);
        heard.extend(batch.messages);
        if last && is_empty {
            break;
        }
        if !more {
            let _ = timeout(STEP, reader.wait_after(cursor)).await;
        }
    }
    heard
}

/// Follows as a stream does, until `over`.
async fn follow_until(
    reader: OutcomeReader,
    count: Arc<AtomicUsize>,
    over: CancellationToken,
) -> Vec<Arc<OutcomeRow>> {
    let (mut heard, mut cursor) = (Vec::new(), None);
    loop {
        let batch = match reader.follow(cursor, &Filter::all(), 5).await {
            Err(ViewError::NotBuilt(_)) => Batch::default(),
            batch => batch.unwrap(),
        };
        heard.extend(batch.messages);
        count.store(heard.len(), Ordering::Relaxed);
        cursor = batch.reached;
        if !batch.more {
            tokio::select! {
                () = over.cancelled() => return heard,
                () = reader.wait_after(cursor) => {}
            }
        }
    }
}

on_both_databases! {
    fn whoever_reads_has_each_message_once_in_order_and_none_before_its_time(database: Database) {
        block(async {
            let (log, views) = open(&database).await;
            let (other_log, other_views) = open(&database).await;
            let projector = Projector::start(log.clone(), views.clone(), ProjectorOptions::default()).await;
            let one = OutcomeReader::start(views.clone(), log.clone());
            let other = OutcomeReader::start(other_views, other_log.clone());
            let over = CancellationToken::new();
            let mut reading = JoinSet::new();
            for page in [1, 2, 7, 100] {
                reading.spawn(read(vec![one.clone()], page, over.clone()));
                reading.spawn(read(vec![other.clone(), one.clone()], page, over.clone()));
            }
            let count = Arc::new(AtomicUsize::new(0));
            reading.spawn(follow_until(other.clone(), count.clone(), over.clone()));
            for number in 0..40 {
                for event in events(number) {
                    let submission = Submission::parse(event.to_string().as_bytes()).unwrap();
                    let writer = if number % 3 == 0 { &other_log } else { &log };
                    writer.append(Append::one(submission, "test".into())).await.unwrap();
                }
            }
            // As the database has it: one log may not have heard yet of what the other was given.
            let size = log.head().await.unwrap().size;
            views.wait_for(VIEW.name, size - 1, LIMIT).await.unwrap();
            let ever = DateTime::<Utc>::MAX_UTC;
            let all = views.outcomes(&Filter::all(), None, ever, 10_000).await.unwrap();
            // Nothing more is appended: what waits is told all the same, to whoever is woken, too.
            let told = async {
                while count.load(Ordering::Relaxed) < all.len() {
                    sleep(STEP).await;
                }
            };
            timeout(LIMIT, told).await.unwrap();
            let last = all.last().unwrap().cursor();
            for reader in [&one, &other] {
                reader.covers(last, LIMIT).await.unwrap();
            }
            assert!(all.iter().any(|message| message.key.is_of_moment()));
            over.cancel();
            while let Some(heard) = reading.join_next().await {
                let heard: Vec<OutcomeRow> = heard.unwrap().iter().map(|message| (**message).clone()).collect();
                let names = |messages: &[OutcomeRow]| messages.iter().map(OutcomeRow::cursor).collect::<Vec<_>>();
                assert_eq!(names(&heard), names(&all));
                assert!(heard == all);
            }
            one.stop().await;
            other.stop().await;
            projector.stop().await;
            log.close().await;
            other_log.close().await;
        });
    }
}
