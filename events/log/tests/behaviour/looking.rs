//! A log that is only read.

use chrono::Utc;
use parcours_log::{AsOf, LogError, LogReader, Unknowable};
use parcours_model::calendar;

use crate::events::{one, registered};
use crate::place::{Place, on_both_databases, options};

async fn look(place: &Place) -> Result<LogReader, LogError> {
    LogReader::open(&place.location(), &options()).await
}

on_both_databases! {
    async fn who_only_looks_sees_what_is_committed_beside_and_after_who_writes(place: Place) {
        let log = place.open().await;
        let mut events = Vec::new();
        // More than the index keeps in memory.
        for number in 0..20 {
            let event = registered(number % 3, &format!("e{number}"));
            one(&log, event.clone()).await.unwrap();
            events.push(event);
        }
        let looking = look(&place).await.unwrap();
        assert_eq!(looking.head().await.unwrap(), log.head().await.unwrap());
        one(&log, registered(0, "later")).await.unwrap();
        let stream = events[0].event.stream;
        let all = log.stream(stream, None).await.unwrap();
        assert_eq!(looking.stream(stream, None).await.unwrap(), all);
        log.close().await;
        drop(log);
        let looking = look(&place).await.unwrap();
        assert_eq!(looking.stream(stream, None).await.unwrap(), all);
        assert_eq!(looking.read(20, 5).await.unwrap().len(), 1);
        assert_eq!(looking.size_at(Utc::now()).await.unwrap(), 21);
    }

    async fn what_is_not_there_is_not_made_and_what_is_of_another_version_is_not_read(place: Place) {
        assert!(matches!(look(&place).await.err(), Some(LogError::Absent)));
        assert!(matches!(look(&place).await.err(), Some(LogError::Absent)), "still");
        drop(place.open().await);
        assert!(look(&place).await.is_ok());
        place.execute("DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)");
        assert!(matches!(look(&place).await.err(), Some(LogError::Older)));
        place.execute("INSERT INTO migrations (number, name) VALUES (99, 'from the future')");
        assert!(matches!(look(&place).await.err(), Some(LogError::Newer { found: 99, .. })));
    }

    async fn a_moment_is_looked_up_if_the_clock_or_the_log_has_come_to_it(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        let (reader, now) = (log.reader(), Utc::now());
        let resolve = async |as_of: &str| as_of.parse::<AsOf>().unwrap().resolve(&reader, now).await;
        let today = calendar::day(now);
        let known = resolve(&today.to_string()).await.unwrap();
        assert_eq!((known.size, known.instant), (1, now), "of today, what is known now");
        assert_eq!(resolve("2020-02-29").await.unwrap().size, 0);
        assert_eq!(resolve("0").await.unwrap().size, 1);
        assert!(matches!(resolve("1").await, Err(Unknowable::NoEntry(1))));
        for ahead in ["2999-01-01", "2999-01-01T00:00:00Z", &calendar::days_later(today, 1).to_string()] {
            assert!(matches!(resolve(ahead).await, Err(Unknowable::Ahead(_))), "{ahead}");
        }
    }
}
