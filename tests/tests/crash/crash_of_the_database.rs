//! PostgreSQL itself is killed under a service, which goes on as soon as it is there again.

use std::thread;
use std::time::Duration;

use parcours_tests::{Database, PrivatePostgres, Service, wait_until};

use crate::chance::{Chance, rounds};
use crate::crash_under_load::clients;
use crate::ledger::Ledger;

const ROUNDS: u32 = 5;
const LONGEST: Duration = Duration::from_millis(300);
/// Acknowledged in each round before the kill.
const ENOUGH: usize = 100;

#[test]
fn a_service_outlives_the_kills_of_its_database_and_loses_nothing() {
    let mut chance = Chance::logged();
    let mut postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let mut service = Service::start_with(&database, ["--database", &postgres.url()]);
    let address = service.address().to_owned();
    let api = service.api();
    let ledger = Ledger::default();
    let (mut clients, _) = clients(&api);
    for _ in 0..rounds(ROUNDS) {
        let moment = chance.before(LONGEST);
        let before = ledger.len();
        thread::scope(|scope| {
            for client in &mut clients {
                let (address, ledger) = (&address, &ledger);
                scope.spawn(move || client.speak(address, ledger));
            }
            wait_until("the load is on its way", Duration::from_secs(60), || {
                ledger.len() >= before + ENOUGH
            });
            // No condition is waited for: the moment of the kill is what is tried.
            thread::sleep(moment);
            postgres.kill();
        });
        // Every client was told that the service cannot, or lost its connection: none of them waits for ever.
        assert_eq!(service.ended(), None, "the service must outlive its database");
        let health = api.get("/health/ready").must_be(503).json();
        assert_eq!(health["ready"], false);
        println!("killed after {moment:?}, {} acknowledged by then", ledger.len());

        postgres.restart();
        wait_until("the service is ready again", Duration::from_secs(60), || {
            api.get("/health/ready").status == 200
        });
        for client in &mut clients {
            for parcours in std::mem::take(&mut client.touched) {
                ledger.check(&api, parcours, false);
            }
        }
    }
    for client in &mut clients {
        client.settle(&address, &ledger);
    }
    assert!(
        (0..3).chain(ledger.positions()).eq(0..api.wait_for_views()),
        "positions are gapless"
    );
    assert!(service.stop().success());
}
