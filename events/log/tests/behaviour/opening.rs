//! Opening, reopening, and what is not opened.

use parcours_log::{Location, Log, LogError};

use crate::events::{one, registered, sound};
use crate::place::{Place, on_both_databases, options};

on_both_databases! {
    async fn reopening_continues(place: Place) {
        let log = place.open().await;
        let event = registered(1, "A");
        one(&log, event.clone()).await.unwrap();
        one(&log, registered(2, "B")).await.unwrap();
        log.close().await;
        drop(log);
        let log = place.open().await;
        assert_eq!(log.size(), 2);
        let next = one(&log, registered(1, "C")).await.unwrap();
        assert_eq!((next.position, next.revision), (2, 2));
        assert!(one(&log, event).await.unwrap().duplicate);
        sound(&log).await;
    }

    async fn a_database_of_a_newer_program_is_refused(place: Place) {
        drop(place.open().await);
        place.execute("INSERT INTO migrations (number, name) VALUES (99, 'from the future')");
        let Err(refused) = place.try_open(options()).await else { panic!("it was opened") };
        assert!(matches!(refused, LogError::Newer { found: 99, .. }), "{refused}");
        assert!(refused.to_string().contains("newer version"), "{refused}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("log.sqlite");
    std::fs::write(&file, "a letter to somebody".repeat(100)).unwrap();
    let Err(refused) = Log::open(&Location::Sqlite(file), options()).await else {
        panic!("it was opened")
    };
    assert!(matches!(refused, LogError::Misplaced(_)), "{refused}");
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_refused_without_showing_its_password() {
    let location = Location::Postgres("postgres://me:secret@host:port/x".into());
    let Err(refused) = Log::open(&location, options()).await else {
        panic!("it was opened")
    };
    assert!(!refused.to_string().contains("secret"), "{refused}");
}
