//! Everything is killed: the servers of NATS, one by one and all at once, and the publisher. Afterwards each outcome is in
//! the stream once and in order, and the log has refused nothing.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parcours_tests::{Api, Database, NatsServers, NatsStream, Service, on_both_databases, wait_until};

use serde_json::Value;

use super::{Audiences, PUBLISHED_WITHIN, one, person, publishing, record, three, wait_until_published};

/// Leaders that are killed.
const LEADERS: u32 = 3;
/// Messages that must come through between two faults.
const GROWTH: u64 = 30;
const KILLS: u32 = 30;
/// A service is killed within this time after it began to serve.
const LONGEST: Duration = Duration::from_millis(900);

/// People are recorded for as long as this is there, and each answer is looked at.
struct Load {
    stop: AtomicBool,
    people: AtomicU32,
    /// The longest that an append took.
    slowest: AtomicU32,
}

impl Load {
    fn new() -> Load {
        Load {
            stop: AtomicBool::new(false),
            people: AtomicU32::new(0),
            slowest: AtomicU32::new(0),
        }
    }

    /// Records one person after another; fails the test at the first refusal.
    fn run(&self, api: &Api) {
        while !self.stop.load(Ordering::Relaxed) {
            let before = Instant::now();
            record(api, [self.people.fetch_add(1, Ordering::Relaxed)]);
            let took = u32::try_from(before.elapsed().as_millis()).unwrap();
            self.slowest.fetch_max(took, Ordering::Relaxed);
            // A load, not a flood: the cores are the servers' too.
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Ends the load, however the test ends.
struct Ends<'a>(&'a Load);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

fn grows(stream: &NatsStream, what: &str) {
    let before = stream.size();
    wait_until(what, PUBLISHED_WITHIN, || stream.size() >= before + GROWTH);
}

/// Faults of the servers, one after another; after each, the stream goes on.
fn faults(servers: &mut NatsServers, stream: &NatsStream) {
    grows(stream, "the stream is filled");
    for round in 0..LEADERS {
        let leader = stream.leader();
        println!("kill {round}: the leader, n{leader}");
        servers.kill(leader);
        grows(stream, "the stream goes on under another leader");
        servers.restart(leader);
        wait_until("the third server has caught up", PUBLISHED_WITHIN, || {
            stream.is_whole()
        });
    }
    let leader = stream.leader();
    println!("cut off: the leader, n{leader}");
    servers.cut_off(leader);
    grows(stream, "the stream goes on without the server that is cut off");
    servers.reconnect(leader);
    wait_until("it has caught up", PUBLISHED_WITHIN, || stream.is_whole());

    println!("kill: all three");
    (0..3).for_each(|server| servers.kill(server));
    (0..3).for_each(|server| servers.restart(server));
    grows(stream, "the stream goes on after all servers were gone");

    println!("remove: the stream");
    let before = stream.size();
    stream.remove();
    wait_until("the stream is filled again", PUBLISHED_WITHIN, || {
        stream.size() > before
    });
}

#[test]
fn three_servers_are_killed_in_turn_cut_off_and_killed_at_once_and_lose_nothing() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let mut servers = three(&database);
    let options = ["--nats", &servers.url(), "--nats-replicas", "3"];
    let service = Service::start_with(&database, options);
    let api = service.api();
    let stream = NatsStream::open(&servers.url());
    let load = Load::new();
    thread::scope(|scope| {
        let recording = scope.spawn(|| load.run(&api));
        {
            let _ends = Ends(&load);
            faults(&mut servers, &stream);
        }
        recording.join().unwrap();
    });
    wait_until_published(&api);
    println!(
        "{} people, {} messages; the slowest append took {} ms",
        load.people.load(Ordering::Relaxed),
        stream.size(),
        load.slowest.load(Ordering::Relaxed)
    );
    partners.must_have_heard_everything(&api, &stream);
    assert!(
        load.slowest.load(Ordering::Relaxed) < 3_000,
        "no append waited for NATS, which was gone for longer"
    );
}

/// People who are recorded together: so many that the publisher has to follow.
const TOGETHER: u32 = 4;

/// Records some people after others until the service is gone. Whoever was left in doubt comes again next time.
fn record_until_gone(api: &Api, people: &AtomicU32) {
    let headers = [("content-type", "application/cloudevents-batch+json")];
    loop {
        let first = people.load(Ordering::Relaxed);
        let events: Vec<Value> = (first..first + TOGETHER).flat_map(person).collect();
        let events = Value::from(events).to_string();
        match api.send("POST", "/v1/events", &headers, events.as_bytes()) {
            Ok(answer) if answer.status == 200 => {
                let results = answer.json();
                let known =
                    |result: &Value| result["status"] == "recorded" || result["status"] == "duplicate";
                assert!(results.as_array().unwrap().iter().all(known), "{results}");
                people.fetch_add(TOGETHER, Ordering::Relaxed);
            }
            _ => return,
        }
    }
}

on_both_databases! {
    fn a_publisher_that_is_killed_thirty_times_doubles_nothing_and_misses_nothing(database: Database) {
        let partners = Audiences::declare(&database);
        let servers = one(&database);
        let stream = NatsStream::open(&servers.url());
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        let people = AtomicU32::new(0);
        let mut on_their_way = 0;
        for round in 0..KILLS {
            let service = publishing(&database, &servers.url());
            // A thirtieth of the time each, in an order without a pattern, and a little more by chance.
            let slice = LONGEST / KILLS;
            let moment = slice * (round * 7 % KILLS) + slice * (seed.rotate_left(round) % 100) / 100;
            let api = service.api();
            thread::scope(|scope| {
                let recording = scope.spawn(|| record_until_gone(&api, &people));
                // No condition is waited for: the moment of the kill is what is tried.
                thread::sleep(moment);
                service.kill();
                recording.join().unwrap();
            });
            // Three messages a person for the région, and three for the département of every other one.
            let recorded = u64::from(people.load(Ordering::Relaxed)) / 2 * 9;
            on_their_way += u32::from(stream.size() < recorded);
        }
        println!(
            "{on_their_way} of {KILLS} kills came while messages were on their way; {} messages",
            stream.size()
        );
        assert!(on_their_way > KILLS / 4, "too few kills hit the publisher: {on_their_way}");
        let service = publishing(&database, &servers.url());
        wait_until_published(&service.api());
        partners.must_have_heard_everything(&service.api(), &stream);
    }
}
