//! A polite stop (SIGTERM) under load.

use parcours_tests::{Service, on_both_databases, wait_until};
use std::time::Duration;

use crate::chance::rounds;
use crate::crash_under_load::{clients, under_load};
use crate::ledger::Ledger;

on_both_databases! {
    fn a_service_that_is_stopped_ends_well_and_keeps_all_that_it_acknowledged(database: Database) {
        let ledger = Ledger::default();
        let service = Service::start(&database);
        let (mut clients, _) = clients(&service.api());
        assert!(service.stop().success());
        for _ in 0..5 {
            let before = ledger.len();
            let service = Service::start(&database);
            under_load(service, &mut clients, &ledger, |service| {
                wait_until("the load is on its way", Duration::from_secs(30), || {
                    ledger.len() >= before + 200
                });
                let status = service.stop();
                assert_eq!(status.code(), Some(0), "{status}");
            });
            let service = Service::start(&database);
            for client in &mut clients {
                for parcours in std::mem::take(&mut client.touched) {
                    ledger.check(&service.api(), parcours, false);
                }
            }
            assert!(service.stop().success());
        }
        let service = Service::start(&database);
        for client in &mut clients {
            client.settle(service.address(), &ledger);
        }
        assert!(
            (0..3)
                .chain(ledger.positions())
                .eq(0..service.api().wait_for_views()),
            "positions are gapless"
        );
    }

    fn a_service_that_has_just_said_where_it_listens_stops_well(database: Database) {
        for _ in 0..rounds(10) {
            let status = Service::start(&database).stop();
            assert_eq!(status.code(), Some(0), "{status}");
        }
    }
}
