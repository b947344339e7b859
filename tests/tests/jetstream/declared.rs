//! A partner that is declared otherwise than before.

use std::time::Duration;

use parcours_tests::{Database, NatsServers, NatsStream, declare_otherwise, on_both_databases, wait_until};
use serde_json::Value;

use super::permissions::reads;
use super::{Audiences, PUBLISHED_WITHIN, one, publishing, record, story, wait_until_published};

/// What a partner takes from its consumer, as it does; it must be this, and nothing comes after it.
fn takes(servers: &NatsServers, partners: &Audiences, listed: &[Value]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(reads(servers, &partners.calvados, "calvados", listed.to_vec()));
}

on_both_databases! {
    fn whoever_may_hear_more_is_told_everything_in_order_under_the_ids_it_knows(database: Database) {
        let partners = Audiences::declare(&database);
        let servers = one(&database);
        let service = publishing(&database, &servers.url());
        record(&service.api(), 0..20);
        let mut leaving = story(4).0;
        wait_until_published(&service.api());
        let stream = NatsStream::open(&servers.url());
        let told = stream.size();
        service.api().post_event(&leaving.withdraws("2024-06-01")).must_be(201);
        // Three messages of that person, and the notice instead.
        wait_until("what was told before is gone", PUBLISHED_WITHIN, || stream.size() == told - 3 + 1);
        let first = partners.calvados.all_outcomes(&service.api());
        takes(&servers, &partners, &first);
        assert!(service.stop().success());

        declare_otherwise(&database, "calvados", &["departement/14", "departement/76"]);
        let service = publishing(&database, &servers.url());
        let api = service.api();
        wait_until_published(&api);
        let all = partners.calvados.all_outcomes(&api);
        assert!(all.len() > first.len());
        assert!(first.iter().all(|message| all.contains(message)), "the same messages, by the same ids");
        // Of somebody who had withdrawn nothing is told anew.
        partners.must_have_heard_everything(&api, &stream);
        takes(&servers, &partners, &all);

        // From there on it goes on as for everybody, after a restart as well.
        assert!(service.stop().success());
        let service = publishing(&database, &servers.url());
        let api = service.api();
        record(&api, 20..26);
        wait_until_published(&api);
        partners.must_have_heard_everything(&api, &stream);
        takes(&servers, &partners, &partners.calvados.all_outcomes(&api)[all.len()..]);

        // What it may hear no longer is not in the stream any more.
        assert!(service.stop().success());
        declare_otherwise(&database, "calvados", &["departement/14"]);
        let service = publishing(&database, &servers.url());
        wait_until_published(&service.api());
        partners.must_have_heard_everything(&service.api(), &stream);
    }
}

#[test]
fn whoever_is_told_anew_is_so_once_though_the_service_is_killed_again_and_again_crash() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    record(&service.api(), 0..150);
    wait_until_published(&service.api());
    assert!(service.stop().success());
    let stream = NatsStream::open(&servers.url());
    let before = stream.info().unwrap().state.last_sequence;
    declare_otherwise(&database, "calvados", &["departement/14", "departement/76"]);
    let mut moment = Duration::from_millis(20);
    for _ in 0..8 {
        let service = publishing(&database, &servers.url());
        // No condition is waited for: the moment of the kill is what is tried.
        std::thread::sleep(moment);
        service.kill();
        moment = moment * 3 / 2;
    }
    let service = publishing(&database, &servers.url());
    wait_until_published(&service.api());
    partners.must_have_heard_everything(&service.api(), &stream);
    let again = stream.info().unwrap().state.last_sequence - before;
    let told = partners.calvados.all_outcomes(&service.api()).len() as u64;
    assert_eq!(again, told, "each message is told anew once");
}

#[test]
fn whoever_is_declared_for_a_place_where_nothing_happened_leaves_nothing_behind() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    record(&service.api(), 0..10);
    wait_until_published(&service.api());
    assert!(service.stop().success());
    declare_otherwise(&database, "calvados", &["departement/61"]);
    let stream = NatsStream::open(&servers.url());
    // The last message of the stream may be its own: it goes as soon as it is not the last one any more.
    for people in [10..12, 12..14] {
        let service = publishing(&database, &servers.url());
        record(&service.api(), people);
        wait_until_published(&service.api());
        assert!(service.stop().success());
    }
    let service = publishing(&database, &servers.url());
    wait_until_published(&service.api());
    wait_until("nothing of it is left", PUBLISHED_WITHIN, || {
        stream
            .stored()
            .iter()
            .all(|message| message.audience() != "calvados")
    });
    partners.must_have_heard_everything(&service.api(), &stream);
}
