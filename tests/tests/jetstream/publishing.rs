//! What is published, and when not.

use std::time::Duration;

use async_nats::jetstream::stream::Config;
use parcours_tests::{Database, NatsStream, Service, command_line, declare, on_both_databases, wait_until};

use super::{Audiences, PUBLISHED_WITHIN, delivery, ids, one, publishing, record, wait_until_published};

on_both_databases! {
    fn the_stream_holds_for_each_audience_what_http_lists_for_it(database: Database) {
        let partners = Audiences::declare(&database);
        let servers = one(&database);
        let service = publishing(&database, &servers.url());
        let api = service.api();
        record(&api, 0..30);
        wait_until_published(&api);
        let stream = NatsStream::open(&servers.url());
        partners.must_have_heard_everything(&api, &stream);
        let stored = stream.stored();
        let subjects: Vec<_> = stored.iter().map(|message| message.subject.as_str()).collect();
        assert!(subjects.contains(&"outcomes.calvados.entry.14.19290076900014"), "{subjects:?}");
        assert!(subjects.contains(&"outcomes.public.place.76.-"), "{subjects:?}");

        // After a restart nothing is published again, and what comes next is.
        assert!(service.stop().success());
        let service = publishing(&database, &servers.url());
        record(&service.api(), 30..35);
        wait_until_published(&service.api());
        partners.must_have_heard_everything(&service.api(), &stream);
    }

    fn two_publishers_started_by_mistake_double_nothing(database: Database) {
        let partners = Audiences::declare(&database);
        let servers = one(&database);
        let one = publishing(&database, &servers.url());
        let other = publishing(&database, &servers.url());
        let (first, second) = (one.api(), other.api());
        std::thread::scope(|scope| {
            scope.spawn(|| record(&first, 0..60));
            scope.spawn(|| record(&second, 60..120));
        });
        wait_until_published(&first);
        wait_until_published(&second);
        partners.must_have_heard_everything(&first, &NatsStream::open(&servers.url()));
    }
}

#[test]
fn a_partner_that_comes_later_hears_everything_and_nobody_else_hears_it_again() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    record(&service.api(), 0..20);
    wait_until_published(&service.api());
    let stream = NatsStream::open(&servers.url());
    let before = stream.stored();
    assert!(service.stop().success());

    let late = declare(
        &database,
        "aa-late",
        &["--territory", "departement/76", "--nats-key"],
    );
    servers.reload(&database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    wait_until_published(&api);
    let listed = late.all_outcomes(&api);
    let heard = |stored: &[parcours_tests::Stored]| {
        let of = stored.iter().filter(|message| message.audience() == "aa-late");
        of.map(|message| message.outcome.clone()).collect::<Vec<_>>()
    };
    wait_until("the late partner has heard everything", PUBLISHED_WITHIN, || {
        stream.size() == (before.len() + listed.len()) as u64
    });
    let after = stream.stored();
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!(heard(&after), listed);

    // From here on it is one of them; and the end of the stream, a late message, still says how far the stream is.
    assert!(service.stop().success());
    let service = publishing(&database, &servers.url());
    record(&service.api(), 20..30);
    wait_until_published(&service.api());
    let stored = stream.stored();
    assert_eq!(heard(&stored), late.all_outcomes(&service.api()));
    assert_eq!(
        ids(&stored, "normandie").len(),
        partners.normandie.all_outcomes(&service.api()).len()
    );
}

#[test]
fn a_stream_that_is_emptied_is_filled_again() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    record(&service.api(), 0..10);
    wait_until_published(&service.api());
    let stream = NatsStream::open(&servers.url());
    let held = stream.size();
    stream.empty();
    wait_until("it is filled again", Duration::from_secs(12), || {
        stream.size() == held
    });
    record(&service.api(), 10..12);
    wait_until_published(&service.api());
    partners.must_have_heard_everything(&service.api(), &stream);

    // Before the service starts, too.
    assert!(service.stop().success());
    stream.empty();
    let service = publishing(&database, &servers.url());
    wait_until_published(&service.api());
    partners.must_have_heard_everything(&service.api(), &stream);
}

#[test]
fn whoever_was_left_out_for_a_while_hears_what_they_missed() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let file = database.data().join("partners.toml");
    let both = std::fs::read_to_string(&file).unwrap();
    let (first, _) = both.split_at(both.rfind("[[partner]]").unwrap());
    for (declared, people) in [(both.as_str(), 0..8), (first, 8..16), (both.as_str(), 16..24)] {
        std::fs::write(&file, declared).unwrap();
        let service = publishing(&database, &servers.url());
        record(&service.api(), people);
        wait_until_published(&service.api());
        assert!(service.stop().success());
    }
    let service = publishing(&database, &servers.url());
    partners.must_have_heard_everything(&service.api(), &NatsStream::open(&servers.url()));
}

#[test]
fn without_nats_everything_else_works_and_what_was_held_up_follows() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let mut servers = one(&database);
    servers.kill(0);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..10);
    api.wait_for_views();
    api.get("/health/ready").must_be(200);
    let held_up = delivery(&api);
    assert_eq!(held_up["healthy"], false, "{held_up}");
    assert!(
        held_up["detail"].as_str().unwrap().contains("does not answer"),
        "{held_up}"
    );
    let metrics = api.get("/metrics").must_be(200).text();
    assert!(metrics.contains("parcours_jetstream_up 0"), "{metrics}");

    servers.restart(0);
    wait_until_published(&api);
    let stream = NatsStream::open(&servers.url());
    partners.must_have_heard_everything(&api, &stream);

    // It hangs: nobody waits for it either.
    servers.cut_off(0);
    record(&api, 10..20);
    api.wait_for_views();
    servers.reconnect(0);
    wait_until_published(&api);
    partners.must_have_heard_everything(&api, &stream);
    let metrics = api.get("/metrics").must_be(200).text();
    assert!(metrics.contains("parcours_jetstream_lag 0"), "{metrics}");
}

#[test]
fn a_stream_that_is_removed_or_emptied_is_filled_again() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..20);
    wait_until_published(&api);
    let stream = NatsStream::open(&servers.url());
    let held = stream.size();
    let numbers = stream.info().unwrap().state;
    stream.remove();
    wait_until("the stream is filled again", PUBLISHED_WITHIN, || {
        stream.size() == held
    });
    partners.must_have_heard_everything(&api, &stream);
    let again = stream.info().unwrap().state;
    assert!(
        again.first_sequence > numbers.last_sequence,
        "no number is used again"
    );

    record(&api, 20..25);
    wait_until_published(&api);
    partners.must_have_heard_everything(&api, &stream);
}

#[test]
fn a_stream_that_is_not_as_it_must_be_is_refused_at_the_start_with_what_to_do() {
    let database = Database::sqlite();
    let servers = one(&database);
    let stream = NatsStream::open(&servers.url());
    stream.make(Config {
        name: "OUTCOMES".to_owned(),
        subjects: vec!["outcomes.>".to_owned()],
        max_age: Duration::from_secs(3_600),
        ..Config::default()
    });
    let mut arguments = vec!["serve".into(), "--listen".into(), "127.0.0.1:0".into()];
    arguments.extend(database.options());
    arguments.extend(["--nats".into(), servers.url().into()]);
    let told = command_line::run(arguments).failed_with(1);
    for words in [
        "OUTCOMES is not as it must be",
        "max_age is \"3600s\" instead of \"0ns\"",
        "--max-age=0",
        "allow_atomic is false instead of true",
        "discard is \"old\" instead of \"new\"",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn what_somebody_else_published_is_found_and_told_of() {
    let database = Database::sqlite();
    Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..4);
    wait_until_published(&api);
    let stream = NatsStream::open(&servers.url());
    stream.publish("outcomes.normandie.entry.76.-");
    wait_until("the strange message is told of", PUBLISHED_WITHIN, || {
        let detail = delivery(&api)["detail"].as_str().unwrap_or_default().to_owned();
        detail.contains("outcomes.normandie.entry.76.-") && detail.contains("refill --replace")
    });
    record(&api, 4..6);
    let mut arguments = ["outcomes", "refill", "--replace"].map(Into::into).to_vec();
    arguments.extend(database.options());
    arguments.extend(["--nats".into(), servers.url().into()]);
    command_line::run(arguments).succeeded();
    wait_until_published(&api);
}

#[test]
fn wrong_options_are_told_before_anything_is_served() {
    let database = Database::sqlite();
    for (url, words) in [
        ("nats://[", "nats://host:4222"),
        ("nats://127.0.0.1:x", "nats://host:4222"),
    ] {
        let mut arguments = vec!["serve".into(), "--nats".into(), url.into()];
        arguments.extend(database.options());
        let told = command_line::run(arguments).failed_with(1);
        assert!(told.contains(words), "{told}");
    }
    let nobody = Service::start_with(&database, ["--nats", "nats://127.0.0.1:1"]);
    nobody.api().get("/health/ready");
}
