//! What the sequencer asks a database, asked of both.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use parcours_model::{StreamId, Submission};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Loader;
use super::index::{Index, Settings};
use super::postgres::{self, loader::PostgresLoader};
use super::sqlite::loader::SqliteLoader;
use crate::{Append, Location, Log, Options};

const OPERATOR: &str = "operator/00000000-0000-0000-0000-000000000007";

fn registered(name: &str) -> Submission {
    let event = json!({
        "specversion": "1.0", "id": Uuid::now_v7(), "source": "urn:region:28", "type": "operator.registered.v1",
        "subject": OPERATOR, "time": "2026-01-05T08:00:00Z",
        "data": { "siret": "35600000000048", "name": name, "commune": "76540" },
    });
    Submission::parse(event.to_string().as_bytes()).unwrap()
}

/// Writes a stream with entries of these sizes, give or take what an entry has besides.
async fn written(location: &Location, names: impl IntoIterator<Item = usize>) -> StreamId {
    let log = Log::open(location, options()).await.unwrap();
    let appends = names
        .into_iter()
        .map(|length| Append::one(registered(&"x".repeat(length)), "agent-7".into()));
    for answer in log.append_each(appends.collect()).await {
        answer.unwrap();
    }
    log.close().await;
    OPERATOR.parse().unwrap()
}

/// With runs so small that a stream stands in several.
fn options() -> Options {
    Options {
        run: 7,
        ..Options::default()
    }
}

fn index() -> Arc<Index> {
    Arc::new(Index::new(Settings {
        run: 7,
        name_bits: 64,
    }))
}

async fn is_loaded_in_pages(location: &Location, mut loader: impl Loader) {
    let stream = written(location, [1; 25]).await;
    loader.catch_up(25).await.unwrap();
    let mut revisions = Vec::new();
    loop {
        let page = loader
            .stream_page(stream, revisions.len() as u64, 22, 10)
            .await
            .unwrap();
        assert_eq!(page.number, Some(0));
        assert!(page.entries.iter().all(|entry| entry.stream == stream));
        if page.entries.is_empty() {
            break;
        }
        assert!(page.entries.len() <= 10);
        revisions.extend(page.entries.iter().map(|entry| entry.revision));
    }
    assert!(
        revisions.into_iter().eq(1..=22),
        "whole, in order, and nothing from position 22 on"
    );
    let unknown = "operator/00000000-0000-0000-0000-000000000008".parse().unwrap();
    let page = loader.stream_page(unknown, 0, 22, 10).await.unwrap();
    assert_eq!((page.number, page.entries), (None, vec![]));
}

#[tokio::test]
async fn a_stream_is_loaded_in_pages_from_sqlite() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("log.sqlite");
    let location = Location::Sqlite(file.clone());
    written(&location, []).await;
    is_loaded_in_pages(&location, SqliteLoader::open(&file, index()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_loaded_in_pages_from_postgresql() {
    let database = parcours_tests::fresh_postgres();
    let location = Location::Postgres(database.url().to_owned());
    written(&location, []).await;
    let door = postgres::door(database.url(), &CancellationToken::new()).unwrap();
    is_loaded_in_pages(&location, PostgresLoader::new(door, index())).await;
}
