//! A partner that follows while the service is killed, again and again.

use std::io;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use parcours_tests::story::Person;
use parcours_tests::{Message, Partner, Service, declare, on_both_databases, wait_until};
use serde_json::{Value, json};

use super::agreed;

const KILLS: usize = 8;
/// Messages each round brings.
const PEOPLE: usize = 25;

/// A partner's program, and the address at which it finds the service.
struct Follower<'a> {
    partner: &'a Partner,
    address: Mutex<String>,
    /// The test has failed elsewhere: nothing more will come.
    given_up: AtomicBool,
}

impl Follower<'_> {
    /// Follows until `enough` messages are heard, coming back with the last id after each end.
    fn follow(&self, enough: usize) -> Vec<Message> {
        let mut heard: Vec<Message> = Vec::new();
        while heard.len() < enough && !self.given_up.load(Ordering::Relaxed) {
            wait_until("somebody answers", Duration::from_secs(60), || {
                let address = self.address.lock().unwrap().clone();
                let host = address.strip_prefix("http://").unwrap();
                self.given_up.load(Ordering::Relaxed) || TcpStream::connect(host).is_ok()
            });
            // Refused, broken or ended: the service is gone, and comes back.
            let _: io::Result<()> = self.listen(&mut heard, enough);
        }
        heard
    }

    fn listen(&self, heard: &mut Vec<Message>, enough: usize) -> io::Result<()> {
        let address = self.address.lock().unwrap().clone();
        let last = heard.last().map(|message| message.id.clone());
        let mut stream = self.partner.follow(&address, "kind=entry", last.as_deref())?;
        while heard.len() < enough
            && let Some(message) = stream.next_message()?
        {
            heard.push(message);
        }
        Ok(())
    }
}

/// Lets the follower end when the test fails beside it.
struct GivesUp<'a>(&'a AtomicBool);

impl Drop for GivesUp<'_> {
    fn drop(&mut self) {
        self.0.store(thread::panicking(), Ordering::Relaxed);
    }
}

on_both_databases! {
    fn whoever_follows_through_kills_misses_nothing_and_hears_nothing_twice(database: Database) {
        let partner = declare(&database, "france-travail", &["--territory", "region/28"]);
        let mut service = Service::start(&database);
        let follower = Follower {
            partner: &partner,
            address: Mutex::new(service.address().to_owned()),
            given_up: AtomicBool::new(false),
        };
        let enough = (KILLS + 1) * PEOPLE;
        let (heard, service) = thread::scope(|scope| {
            let following = scope.spawn(|| follower.follow(enough));
            let _gives_up = GivesUp(&follower.given_up);
            for round in 0..=KILLS {
                for _ in 0..PEOPLE {
                    let (_, events) = agreed(&Person::default());
                    let answer = service.api().post_batch(&events).must_be(200).json();
                    let recorded = |result: &Value| result["status"] == "recorded";
                    assert!(answer.as_array().unwrap().iter().all(recorded), "{answer}");
                }
                if round < KILLS {
                    // At whatever moment: acknowledged, and maybe not yet told.
                    service.kill();
                    service = Service::start(&database);
                    service.address().clone_into(&mut follower.address.lock().unwrap());
                }
            }
            (following.join().unwrap(), service)
        });
        let api = service.api();
        api.wait_for_views();
        let listed = partner.outcomes(&api, "");
        let heard: Vec<Value> = heard.into_iter().map(|message| message.outcome).collect();
        assert_eq!(heard.len(), enough);
        assert!(heard == listed, "{}", json!({"heard": heard, "listed": listed}));
    }
}
