//! A partner that is declared to hear more than before.

use parcours_tests::story::{CAEN, Person};
use parcours_tests::{Service, declare, declare_otherwise, on_both_databases};
use serde_json::Value;

use super::{agreed, record};

on_both_databases! {
    fn what_came_before_in_a_new_territory_is_read_by_asking_for_that_territory(database: Database) {
        let partner = declare(&database, "ouest", &["--territory", "departement/14"]);
        let service = Service::start(&database);
        for commune in [CAEN, Person::default().commune, CAEN, Person::default().commune] {
            let person = Person { commune, ..Person::default() };
            record(&service.api(), &agreed(&person).1);
        }
        let page = partner.get(&service.api(), "/v1/outcomes").must_be(200).json();
        let (known, cursor) = (page["outcomes"].as_array().unwrap().clone(), page["cursor"].as_str().unwrap().to_owned());
        assert_eq!(known.len(), 2);
        assert!(service.stop().success());

        declare_otherwise(&database, "ouest", &["departement/14", "departement/76"]);
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &agreed(&Person::default()).1);
        // A cursor is a place in the list, whoever comes with it: what follows it, and nothing before it.
        let followed = partner.outcomes(&api, &format!("cursor={cursor}"));
        assert_eq!(followed.len(), 1);
        let before: Vec<Value> = partner.outcomes(&api, "territory=departement/76");
        assert_eq!(before.len(), 3);
        let mut all = partner.outcomes(&api, "");
        assert_eq!(all.len(), 5);
        all.retain(|message| !known.contains(message) && !before.contains(message));
        assert_eq!(all, [] as [Value; 0], "nothing is missed");

        // The same as a stream.
        let mut stream = partner.follow(service.address(), "territory=departement/76", None).unwrap();
        let streamed: Vec<_> = stream.take(3).into_iter().map(|message| message.outcome).collect();
        assert_eq!(streamed, before);
    }
}
