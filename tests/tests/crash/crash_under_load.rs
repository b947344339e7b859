//! `kill -9` at any moment, thirty times, under load.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use parcours_tests::answers::must_be_the_same;
use parcours_tests::story::training_of;
use parcours_tests::{Api, Database, Service, command_line, on_both_databases, wait_until};
use uuid::Uuid;

use crate::chance::{Chance, rounds};
use crate::clients::{Client, Mode};
use crate::ledger::Ledger;
use crate::script::{Planned, Script};

const ROUNDS: u32 = 30;
/// The load of a round is killed before this, or before this machine records `ENOUGH`, whichever is later.
const LONGEST: Duration = Duration::from_millis(400);
/// Never later than this, however slow the machine is.
const LATEST: Duration = Duration::from_secs(3);
const ENOUGH: usize = 400;
/// Places of the session that every client wants: soon none is left.
const CONTESTED_PLACES: u32 = 20;
/// Parcours whose timelines are compared before and after a rebuild; figures and catalogue are compared whole.
const COMPARED: usize = 200;

const MODES: [Mode; 5] = [
    Mode::Single,
    Mode::Single,
    Mode::List(25),
    Mode::List(200),
    Mode::Stream {
        length: 120,
        window: 12,
    },
];

/// The five clients, and the session that all of them want.
pub fn clients(api: &Api) -> (Vec<Client>, Uuid) {
    let contested = training_of(Uuid::from_u128(0xc0 << 120), CONTESTED_PLACES);
    for event in &contested.events {
        api.post_event(event).must_be(201);
    }
    let client = |(number, mode): (usize, &Mode)| {
        let number = u32::try_from(number).expect("there are few clients");
        Client::new(*mode, Script::new(number + 1, contested.session))
    };
    (MODES.iter().enumerate().map(client).collect(), contested.session)
}

/// Starts every client on the service, and calls `end` once all of them are about to speak; returns when the service
/// is gone for all of them.
pub fn under_load(service: Service, clients: &mut [Client], ledger: &Ledger, end: impl FnOnce(Service)) {
    let address = service.address().to_owned();
    let begin = Barrier::new(clients.len() + 1);
    thread::scope(|scope| {
        for client in clients {
            let (begin, address) = (&begin, &address);
            scope.spawn(move || {
                begin.wait();
                client.speak(address, ledger);
            });
        }
        begin.wait();
        end(service);
    });
}

/// Every parcours that was spoken of, each checked to be whole; nothing is there that nobody was told of.
fn check_all(api: &Api, ledger: &Ledger, clients: &[Client]) -> Vec<Uuid> {
    let told = clients.iter().flat_map(|client| &client.told);
    let parcours: BTreeSet<Uuid> = told.filter_map(Planned::parcours).collect();
    for parcours in &parcours {
        ledger.check(api, *parcours, true);
    }
    parcours.into_iter().collect()
}

/// Sends everything again: each event must get the answer it got.
fn send_all_again(api: &Api, ledger: &Ledger, clients: &[Client]) {
    for client in clients {
        for events in client.told.chunks(1_000) {
            let events: Vec<Planned> = events
                .iter()
                .map(|planned| Planned {
                    sendings: planned.sendings + 1,
                    ..planned.clone()
                })
                .collect();
            let list: Vec<_> = events.iter().map(|planned| planned.event.clone()).collect();
            let answers = api.post_batch(&list).must_be(200).json();
            for (planned, answer) in events.iter().zip(answers.as_array().unwrap()) {
                ledger.note(planned, answer);
            }
        }
    }
}

fn rebuild(database: &Database) {
    let mut arguments = vec!["rebuild".into()];
    arguments.extend(database.options());
    command_line::run(arguments).succeeded();
}

on_both_databases! {
    fn what_was_acknowledged_outlives_thirty_kills_once_and_in_order(database: Database) {
        let mut chance = Chance::logged();
        let ledger = Ledger::default();
        let service = Service::start(&database);
        let (mut clients, contested) = clients(&service.api());
        let begun = Instant::now();
        under_load(service, &mut clients, &ledger, |service| {
            wait_until("the load is on its way", Duration::from_secs(60), || {
                ledger.len() >= ENOUGH
            });
            service.kill();
        });
        let longest = begun.elapsed().clamp(LONGEST, LATEST);
        let (mut in_doubt, mut acknowledged) = (0, Vec::new());
        let rounds = rounds(ROUNDS);
        for round in 0..rounds {
            // A thirtieth of the time each, in an order without a pattern: together the kills cover all of it.
            let slice = longest / ROUNDS;
            let moment = slice * (round % ROUNDS * 7 % ROUNDS) + chance.before(slice);
            let service = Service::start(&database);
            under_load(service, &mut clients, &ledger, |service| {
                // No condition is waited for: the moment of the kill is what is tried.
                thread::sleep(moment);
                service.kill();
            });
            in_doubt += clients.iter().filter(|client| client.is_left_in_doubt()).count();
            acknowledged.push((moment, ledger.len()));

            let service = Service::start(&database);
            for client in &mut clients {
                for parcours in std::mem::take(&mut client.touched) {
                    ledger.check(&service.api(), parcours, false);
                }
            }
            service.kill();
        }
        println!("killed after, acknowledged by then: {acknowledged:?}; left in doubt {in_doubt} times");
        assert!(
            ledger.len() > 2 * ENOUGH,
            "too little load: {} events",
            ledger.len()
        );
        assert!(
            in_doubt > rounds as usize / 2,
            "too few kills hit a request: {in_doubt}"
        );

        let service = Service::start(&database);
        let api = service.api();
        for client in &mut clients {
            client.settle(service.address(), &ledger);
        }
        let parcours = check_all(&api, &ledger, &clients);
        send_all_again(&api, &ledger, &clients);

        // The three events of the contested session are everybody's, and no client's.
        let size = api.wait_for_views();
        assert!(
            (0..3).chain(ledger.positions()).eq(0..size),
            "positions are gapless, and each is accounted for"
        );

        let sessions = api.sessions();
        let taken = |session: &str| {
            let found = sessions.iter().find(|found| found["session"] == session).unwrap();
            found["places"]["taken"].as_u64().unwrap()
        };
        let told = clients.iter().flat_map(|client| &client.told);
        let admitted = ledger.admissions(told, contested) as u64;
        assert_eq!(taken(&contested.to_string()), admitted);
        assert!(admitted <= u64::from(CONTESTED_PLACES));
        for session in &sessions {
            assert!(
                session["places"]["taken"].as_u64() <= session["places"]["capacity"].as_u64(),
                "{session}"
            );
        }

        let compared = &parcours[..COMPARED.min(parcours.len())];
        let compared: Vec<Uuid> = compared
            .iter()
            .copied()
            .filter(|uuid| api.get(&format!("/v1/parcours/{uuid}")).status == 200)
            .collect();
        let live = api.everything(&compared);
        assert!(service.stop().success());
        rebuild(&database);
        must_be_the_same(&live, &Service::start(&database).api().everything(&compared));
    }
}
