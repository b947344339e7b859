//! Messages that wait for their time.

use chrono::{TimeDelta, Utc};
use parcours_tests::story::at;
use parcours_tests::{NatsStream, declare, on_both_databases, wait_until};

use super::{Audiences, PUBLISHED_WITHIN, one, publishing, record, story, wait_until_published};

on_both_databases! {
    fn what_waits_is_published_at_its_time_once_and_what_follows_goes_on_from_there(database: Database) {
        let partners = Audiences::declare(&database);
        let servers = one(&database);
        let service = publishing(&database, &servers.url());
        let api = service.api();
        record(&api, 0..4);
        wait_until_published(&api);
        let stream = NatsStream::open(&servers.url());
        let before = stream.size();
        let time = Utc::now() + TimeDelta::seconds(5);
        let exit = story(0).0.exited("2024-06-28", "abandoned");
        api.record(&[at(exit, &time.to_rfc3339())]);
        wait_until_published(&api);
        // Others go on meanwhile.
        record(&api, 4..6);
        wait_until_published(&api);
        let others = stream.size();
        assert!(others > before);
        assert!(Utc::now() >= time || stream.stored().iter().all(|stored| stored.outcome["type"] != "outcome.exit.v1"));
        service.kill();
        let service = publishing(&database, &servers.url());
        wait_until("the exit is published", PUBLISHED_WITHIN, || stream.size() > others);
        assert!(Utc::now() >= time, "published before its time");
        let stored = stream.stored();
        assert_eq!(stored.last().unwrap().outcome["type"], "outcome.exit.v1");
        assert_eq!(stream.size(), others + 1);
        partners.must_have_heard_everything(&service.api(), &stream);

        // The end of the stream is a message that waited: whoever comes, a partner too, goes on from there.
        assert!(service.stop().success());
        let late = declare(&database, "aa-late", &["--territory", "departement/76", "--nats-key"]);
        servers.reload(&database);
        let service = publishing(&database, &servers.url());
        record(&service.api(), 6..8);
        wait_until_published(&service.api());
        let stored = stream.stored();
        let heard = |audience: &str| {
            let of = stored.iter().filter(|message| message.audience() == audience);
            of.map(|message| message.outcome.clone()).collect::<Vec<_>>()
        };
        assert_eq!(heard("normandie"), partners.normandie.all_outcomes(&service.api()));
        assert_eq!(heard("aa-late"), late.all_outcomes(&service.api()));
    }
}
