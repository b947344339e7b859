//! Notices to forget.

use parcours_tests::story::Person;
use parcours_tests::{Service, Story, declare, on_both_databases};
use serde_json::{Value, json};

use super::{agreed, kinds, record, text};

const NORMANDIE: &[&str] = &["--territory", "region/28"];

on_both_databases! {
    fn whoever_withdraws_is_forgotten_by_those_who_were_told_and_unknown_to_the_others(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let elsewhere = declare(&database, "calvados", &["--territory", "departement/14"]);
        let jobs = declare(&database, "jobs", &["--territory", "region/28", "--kind", "employment"]);
        let service = Service::start(&database);
        let api = service.api();
        let mut stream = partner.follow(service.address(), "", None).unwrap();
        let (mut story, mut events) = agreed(&Person::default());
        events.push(story.employed("2024-05-06"));
        record(&api, &events);
        let mut heard = stream.take(2);
        record(&api, &[story.withdraws("2024-05-20")]);
        record(&api, &[story.exited("2024-06-28", "abandoned")]);

        heard.extend(stream.take(1));
        let heard: Vec<Value> = heard.into_iter().map(|message| message.outcome).collect();
        assert_eq!(kinds(&heard), ["entry", "employment.started", "forget"]);
        assert_eq!(heard[2]["data"]["parcours"], heard[0]["data"]["parcours"]);
        assert_eq!(heard[2]["subject"], heard[0]["subject"]);
        assert_eq!(partner.outcomes(&api, ""), heard[2..], "whoever reads only now learns of nothing else");
        assert_eq!(kinds(&jobs.outcomes(&api, "kind=employment")), ["forget"]);
        assert_eq!(elsewhere.outcomes(&api, ""), [] as [Value; 0]);

        record(&api, &[story.consents("2024-07-01")]);
        let again = partner.outcomes(&api, "");
        assert_eq!(kinds(&again), ["forget", "entry", "employment.started", "exit"]);
        assert_eq!(again[1]["subject"], heard[0]["subject"], "under the name of before");
    }

    fn whoever_is_erased_is_forgotten_by_all(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let (story, mut events) = agreed(&Person::default());
        let mut trainee = Story::of("trainee", story.trainee());
        events.insert(0, trainee.tell("2024-01-02", "registered", json!({})));
        record(&api, &events);
        let (_, others) = agreed(&Person::default());
        record(&api, &others);
        let before = partner.outcomes(&api, "");
        assert_eq!(kinds(&before), ["entry", "entry"]);
        let mut stream = partner.follow(service.address(), "cursor=now", None).unwrap();
        record(&api, &[trainee.tell("2024-03-01", "erased", json!({}))]);
        let after = partner.outcomes(&api, "");
        assert_eq!(kinds(&after), ["entry", "forget"]);
        assert_eq!(after[0], before[1]);
        assert_eq!(text(&after[1], "/data/trainee"), text(&before[0], "/data/trainee"));
        assert_eq!(after[1]["data"].get("parcours"), None);
        assert_eq!(stream.take(1)[0].outcome, after[1]);
        // What becomes known of the time before is told to nobody.
        assert_eq!(kinds(&partner.outcomes(&api, "kind=entry")), ["entry", "forget"]);
    }
}
