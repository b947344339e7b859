//! The figures of territories, by the exact definitions of PROGRAMME.md.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{Days, NaiveDate, Utc};
use parcours_tests::story::{CAEN, LE_HAVRE, OPERATOR, OTHER_OPERATOR, Person, ROUEN};
use parcours_tests::{Api, Service, Story, on_both_databases};
use serde_json::{Value, json};

const ROUEN_EPCI: &str = "200023414";
const YEAR: &str = "from=2024-01-01&to=2024-12-31";

/// Sends events in a list; gives the position of the last.
#[track_caller]
fn record(api: &Api, events: &[Value]) -> u64 {
    let results = api.record(events);
    results[events.len() - 1]["position"].as_u64().unwrap()
}

#[track_caller]
fn report(api: &Api, territory: &str, question: &str) -> Value {
    api.get(&format!("/v1/territories/{territory}?{question}"))
        .must_be(200)
        .json()
}

/// Chosen figures of a territory, in the order of `names`.
#[track_caller]
fn figures(api: &Api, territory: &str, question: &str, names: &[&str]) -> Value {
    let report = report(api, territory, question);
    names.iter().map(|name| report["figures"][name].clone()).collect()
}

/// Six people of one year; says what becomes of each.
fn programme() -> Vec<Value> {
    let mut events = Vec::new();
    // A success twice over: certified, and employed two months after.
    let mut one = Story::parcours();
    events.extend(one.enters("2024-02-05", &Person::default()));
    events.push(one.bilan("2024-02-12"));
    events.extend(one.certified("2024-06-20"));
    events.push(one.exited("2024-06-28", "completed"));
    events.push(one.employed("2024-09-02"));
    // Gave up; nothing came of it.
    let mut two = Story::parcours();
    events.extend(two.enters(
        "2024-02-05",
        &Person {
            channel: "partner",
            level: 5,
            ..Person::default()
        },
    ));
    events.push(two.exited("2024-05-10", "abandoned"));
    // A business on the last day that counts.
    let mut three = Story::parcours();
    let person = Person {
        commune: LE_HAVRE,
        channel: "direct",
        level: 0,
        operator: OTHER_OPERATOR,
        ..Person::default()
    };
    events.extend(three.enters("2024-03-04", &person));
    events.push(three.exited("2024-07-31", "employment"));
    events.push(three.business("2025-01-31"));
    // A neutral exit, which is in no rate whatever came after.
    let mut four = Story::parcours();
    let person = Person {
        commune: CAEN,
        channel: "partner",
        level: 4,
        operator: OTHER_OPERATOR,
        ..Person::default()
    };
    events.extend(four.enters("2024-03-04", &person));
    events.push(four.exited("2024-08-30", "health"));
    events.push(four.employed("2024-09-16"));
    // Employed the day after the last that counts.
    let mut five = Story::parcours();
    events.extend(five.enters(
        "2024-04-02",
        &Person {
            commune: CAEN,
            level: 4,
            ..Person::default()
        },
    ));
    events.push(five.bilan("2024-04-10"));
    events.push(five.exited("2024-08-30", "completed"));
    events.push(five.employed("2025-03-01"));
    // Still in training at the end of the year.
    let mut six = Story::parcours();
    events.extend(six.enters(
        "2024-12-02",
        &Person {
            level: 6,
            ..Person::default()
        },
    ));
    // Oriented, never started: in no figure.
    let mut seven = Story::parcours();
    events.push(seven.oriented("2024-05-06", &Person::default()));
    events
}

const COUNTS: [&str; 9] = [
    "entries",
    "in_progress",
    "leavers",
    "neutral",
    "matured",
    "successes",
    "certified",
    "employed",
    "created",
];

on_both_databases! {
    fn every_figure_of_every_level_is_the_one_that_the_programme_defines(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme());
        api.wait_for_views();
        for (territory, counts) in [
            ("region/28", [6, 1, 5, 1, 4, 2, 1, 1, 1]),
            ("departement/76", [4, 1, 3, 0, 3, 2, 1, 1, 1]),
            ("departement/14", [2, 0, 2, 1, 1, 0, 0, 0, 0]),
            ("departement/50", [0; 9]),
            (&format!("epci/{ROUEN_EPCI}"), [3, 1, 2, 0, 2, 1, 1, 1, 0]),
            (&format!("commune/{ROUEN}"), [3, 1, 2, 0, 2, 1, 1, 1, 0]),
            (&format!("commune/{LE_HAVRE}"), [1, 0, 1, 0, 1, 1, 0, 0, 1]),
            (&format!("commune/{CAEN}"), [2, 0, 2, 1, 1, 0, 0, 0, 0]),
        ] {
            assert_eq!(
                figures(&api, territory, YEAR, &COUNTS),
                json!(counts),
                "{territory}"
            );
        }
        let rates = ["success_rate", "too_early", "low_qualification_share"];
        assert_eq!(
            figures(&api, "region/28", YEAR, &rates),
            json!([0.5, false, 4.0 / 6.0])
        );
        assert_eq!(
            figures(&api, "departement/50", YEAR, &rates),
            json!([null, true, null]),
            "nobody, no rate"
        );
    }

    fn a_period_counts_who_enters_and_leaves_in_it_and_who_is_in_training_at_its_end(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme());
        api.wait_for_views();
        let counts = ["entries", "leavers", "in_progress", "matured", "successes"];
        for (question, expected) in [
            ("from=2024-02-05&to=2024-02-05", [2, 0, 2, 0, 0]),
            ("from=2024-02-06&to=2024-06-27", [3, 1, 4, 1, 0]),
            ("from=2024-06-28&to=2024-06-28", [0, 1, 3, 1, 1]),
            ("from=2024-06-29&to=2024-12-31", [1, 3, 1, 2, 1]),
            ("from=2023-01-01&to=2023-12-31", [0, 0, 0, 0, 0]),
            ("from=2025-01-01&to=2025-12-31", [0, 0, 1, 0, 0]),
        ] {
            assert_eq!(
                figures(&api, "region/28", question, &counts),
                json!(expected),
                "{question}"
            );
        }
    }

    fn figures_are_broken_down_by_month_operator_channel_and_level(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme());
        api.wait_for_views();
        let groups = |by: &str| -> Value {
            let report = report(&api, "region/28", &format!("{YEAR}&by={by}"));
            assert_eq!(report["by"], by);
            let groups = report["groups"].as_array().unwrap().iter();
            groups
                .map(|group| {
                    let figures = &group["figures"];
                    json!([
                        group["key"],
                        figures["entries"],
                        figures["leavers"],
                        figures["in_progress"],
                        figures["successes"]
                    ])
                })
                .collect()
        };
        assert_eq!(
            groups("month"),
            json!([
                ["2024-01", 0, 0, 0, 0],
                ["2024-02", 2, 0, 2, 0],
                ["2024-03", 2, 0, 4, 0],
                ["2024-04", 1, 0, 5, 0],
                ["2024-05", 0, 1, 4, 0],
                ["2024-06", 0, 1, 3, 1],
                ["2024-07", 0, 1, 2, 1],
                ["2024-08", 0, 2, 0, 0],
                ["2024-09", 0, 0, 0, 0],
                ["2024-10", 0, 0, 0, 0],
                ["2024-11", 0, 0, 0, 0],
                ["2024-12", 1, 0, 1, 0],
            ])
        );
        assert_eq!(
            groups("operator"),
            json!([[OPERATOR, 4, 3, 1, 1], [OTHER_OPERATOR, 2, 2, 0, 1]])
        );
        assert_eq!(
            groups("channel"),
            json!([
                ["counsellor", 3, 2, 1, 1],
                ["direct", 1, 1, 0, 1],
                ["partner", 2, 2, 0, 0]
            ])
        );
        assert_eq!(
            groups("level"),
            json!([
                ["0", 1, 1, 0, 1],
                ["3", 1, 1, 0, 1],
                ["4", 2, 2, 0, 0],
                ["5", 1, 1, 0, 0],
                ["6", 1, 0, 1, 0]
            ])
        );
    }

    fn figures_are_given_as_a_table_to_who_asks_for_one(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme());
        api.wait_for_views();
        let path = format!("/v1/territories/departement/76?{YEAR}&by=operator");
        let answer = api.get_with(&path, &[("accept", "text/csv")]).must_be(200);
        let by_address = api.get(&format!("{path}&format=csv")).must_be(200);
        assert_eq!(by_address.text(), answer.text());
        assert!(
            answer.header("content-type").unwrap().starts_with("text/csv"),
            "{answer:?}"
        );
        let table = answer.text();
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 4, "a head, the whole, two operators:\n{table}");
        let column = |name: &str| {
            let index = rows[0]
                .iter()
                .position(|column| *column == name)
                .unwrap_or_else(|| panic!("no {name} in {table}"));
            rows[1..].iter().map(|row| row[index]).collect::<Vec<_>>()
        };
        assert_eq!(column("line"), ["total", "part", "part"]);
        let urn = |siret: &str| format!("urn:siret:{siret}");
        assert_eq!(column("key"), ["", &urn(OPERATOR), &urn(OTHER_OPERATOR)]);
        assert_eq!(column("territory"), ["departement/76"; 3]);
        assert_eq!(column("entries"), ["4", "3", "1"]);
        assert_eq!(column("matured"), ["3", "2", "1"]);
        assert_eq!(column("success_rate")[1..], ["0.5", "1.0"]);
        assert_eq!(column("too_early"), ["false"; 3]);
    }

    fn until_six_months_after_an_exit_it_is_too_early_for_a_rate(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let today = Utc::now().date_naive();
        let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap().to_string();
        let mut story = Story::parcours();
        let mut events = story.enters(&ago(200), &Person::default());
        events.push(story.exited(&ago(30), "employment"));
        events.push(story.employed(&ago(20)));
        record(&api, &events);
        api.wait_for_views();
        let period = format!("from={}&to={today}", ago(300));
        let names = [
            "entries",
            "leavers",
            "matured",
            "successes",
            "employed",
            "success_rate",
            "too_early",
        ];
        assert_eq!(
            figures(&api, "region/28", &period, &names),
            json!([1, 1, 0, 0, 0, null, true])
        );
    }

    fn a_corrected_exit_moves_from_one_month_to_another(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        let exit = story.exited("2024-06-28", "abandoned");
        events.push(exit.clone());
        // Six months after June the employment is too late, after July it is not.
        events.push(story.employed("2025-01-04"));
        record(&api, &events);
        api.wait_for_views();
        let names = ["leavers", "in_progress", "matured", "successes", "employed"];
        let (june, july) = ("from=2024-06-01&to=2024-06-30", "from=2024-07-01&to=2024-07-31");
        assert_eq!(figures(&api, "region/28", june, &names), json!([1, 0, 1, 0, 0]));
        assert_eq!(figures(&api, "region/28", july, &names), json!([0, 0, 0, 0, 0]));

        record(&api, &[story.moved("2025-02-03", &exit, "2024-07-05")]);
        api.wait_for_views();
        assert_eq!(figures(&api, "region/28", june, &names), json!([0, 1, 0, 0, 0]));
        assert_eq!(figures(&api, "region/28", july, &names), json!([1, 0, 1, 1, 1]));
    }

    fn a_late_certification_counts_for_the_leaver_it_belongs_to(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        events.push(story.exited("2024-06-28", "employment"));
        record(&api, &events);
        api.wait_for_views();
        let names = ["matured", "successes", "certified", "success_rate"];
        assert_eq!(figures(&api, "region/28", YEAR, &names), json!([1, 0, 0, 0.0]));
        let late = story.certified("2024-06-21");
        record(&api, &late);
        api.wait_for_views();
        assert_eq!(figures(&api, "region/28", YEAR, &names), json!([1, 1, 1, 1.0]));
        record(&api, &[story.annulled("2025-01-06", &late[1])]);
        api.wait_for_views();
        assert_eq!(figures(&api, "region/28", YEAR, &names), json!([1, 0, 0, 0.0]));
    }

    fn a_corrected_commune_moves_a_parcours_to_where_the_person_lives(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let events = story.enters("2024-02-05", &Person::default());
        record(&api, &events);
        let mut right = events[0]["data"].clone();
        right["commune"] = json!(CAEN);
        right["level"] = json!(7);
        record(&api, &[story.restated("2024-03-01", &events[0], right)]);
        api.wait_for_views();
        let names = ["entries", "in_progress", "low_qualification_share"];
        assert_eq!(figures(&api, "departement/76", YEAR, &names), json!([0, 0, null]));
        assert_eq!(figures(&api, "departement/14", YEAR, &names), json!([1, 1, 0.0]));
        assert_eq!(figures(&api, "region/28", YEAR, &names), json!([1, 1, 0.0]));
    }

    fn an_annulled_exit_puts_the_person_back_in_training(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        let exit = story.exited("2024-03-29", "abandoned");
        events.push(exit.clone());
        record(&api, &events);
        record(&api, &[story.annulled("2024-04-02", &exit)]);
        api.wait_for_views();
        assert_eq!(
            figures(&api, "region/28", YEAR, &["entries", "leavers", "in_progress"]),
            json!([1, 0, 1])
        );
    }

    fn the_same_question_as_of_the_moment_an_answer_tells_has_the_same_answer(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let question = format!("{YEAR}&by=operator");
        let ask = |as_of: &str| report(&api, "region/28", &format!("{question}{as_of}"));
        api.wait_for_views();
        // Asked while events come in, however far the view is.
        let nobody = ask("");
        let told: Vec<Value> = (0..20)
            .map(|_| {
                let mut story = Story::parcours();
                let mut events = story.enters("2024-02-05", &Person::default());
                events.push(story.exited("2024-06-28", "abandoned"));
                record(&api, &events);
                ask("")
            })
            .collect();
        assert_eq!(nobody["figures"]["entries"], 0);
        for told in std::iter::once(&nobody).chain(&told) {
            let as_of = told["as_of"].as_str().unwrap();
            assert_eq!(ask(&format!("&as_of={as_of}")), *told);
        }
        let last = api.wait_for_views();
        assert_eq!(figures(&api, "region/28", &question, &["entries", "leavers"]), json!([20, 20]), "{last}");
    }

    fn the_same_question_as_of_an_earlier_moment_has_the_earlier_answer(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        let exit = story.exited("2024-06-28", "abandoned");
        events.push(exit.clone());
        let certified = story.certified("2024-06-20");
        events.extend(certified.clone());
        let position = record(&api, &events);
        api.wait_for_views();
        let timeline = api
            .get(&format!("/v1/parcours/{}", story.uuid()))
            .must_be(200)
            .json();
        let steps = timeline["steps"].as_array().unwrap();
        let instant = steps
            .iter()
            .map(|step| step["recorded"].as_str().unwrap())
            .max()
            .unwrap();

        let questions: Vec<String> = ["region/28", "departement/76", "commune/76540", "commune/14118"]
            .iter()
            .flat_map(|territory| {
                ["", "&by=month", "&by=quarter", "&by=year", "&by=operator", "&by=channel", "&by=level"]
                    .map(|by| format!("{territory}?{YEAR}{by}"))
            })
            .flat_map(|question| {
                [
                    format!("{question}&as_of={position}"),
                    format!("{question}&as_of={instant}"),
                ]
            })
            .collect();
        let ask = || -> Vec<String> {
            questions
                .iter()
                .map(|question| {
                    api.get(&format!("/v1/territories/{question}"))
                        .must_be(200)
                        .text()
                })
                .collect()
        };
        let before = ask();
        assert_eq!(
            figures(
                &api,
                "region/28",
                &format!("{YEAR}&as_of={position}"),
                &["leavers", "successes"]
            ),
            json!([1, 1])
        );

        let mut right = events[0]["data"].clone();
        right["commune"] = json!(CAEN);
        let mut other = Story::parcours();
        let mut later = vec![
            story.restated("2024-09-02", &events[0], right),
            story.moved("2024-09-02", &exit, "2024-07-05"),
            story.annulled("2024-09-03", &certified[1]),
        ];
        later.extend(other.enters("2024-02-06", &Person::default()));
        record(&api, &later);
        api.wait_for_views();
        let names = ["entries", "leavers", "successes", "certified"];
        assert_eq!(figures(&api, "region/28", YEAR, &names), json!([2, 1, 0, 0]));
        for (question, (before, after)) in questions.iter().zip(before.iter().zip(ask())) {
            assert_eq!(before, &after, "{question}");
        }
    }

    fn what_was_known_at_the_last_position_is_what_is_known_now(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme());
        let last = api.wait_for_views() - 1;
        for territory in ["region/28", "departement/76", "epci/200023414", "commune/14118"] {
            for by in ["month", "quarter", "year", "operator", "channel", "level", "commune", "epci", "departement"] {
                let question = format!("{YEAR}&by={by}");
                let (now, then) = (
                    report(&api, territory, &question),
                    report(&api, territory, &format!("{question}&as_of={last}")),
                );
                assert_eq!(
                    (&now["figures"], &now["groups"]),
                    (&then["figures"], &then["groups"]),
                    "{territory} by {by}"
                );
                let groups = now["groups"].as_array().unwrap();
                let entries: u64 = groups.iter().map(|group| group["figures"]["entries"].as_u64().unwrap()).sum();
                assert_eq!(now["figures"]["entries"], entries, "{territory} by {by}: the parts are the whole");
            }
        }
    }

    fn parts_are_broken_down_again_and_add_up_to_them(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme());
        let last = api.wait_for_views() - 1;
        let entries = |figures: &Value| figures["entries"].as_u64().unwrap();
        for (by, then_by) in [
            ("level", "gender"), ("gender", "level"), ("month", "level"), ("operator", "quarter"), ("commune", "channel"),
            ("situation", "age"), ("departement", "epci"),
        ] {
            let question = format!("{YEAR}&by={by}&then_by={then_by}");
            let told = report(&api, "region/28", &question);
            assert_eq!((&told["by"], &told["then_by"]), (&json!(by), &json!(then_by)));
            assert_eq!(told["groups"], report(&api, "region/28", &format!("{YEAR}&by={by},{then_by}"))["groups"]);
            assert_eq!(told["groups"], report(&api, "region/28", &format!("{question}&as_of={last}"))["groups"]);
            let alone = report(&api, "region/28", &format!("{YEAR}&by={by}"));
            let groups = told["groups"].as_array().unwrap();
            for (group, alone) in groups.iter().zip(alone["groups"].as_array().unwrap()) {
                assert_eq!((&group["key"], &group["figures"]), (&alone["key"], &alone["figures"]), "{by}, {then_by}");
                let parts = group["groups"].as_array().unwrap().iter();
                let sum: u64 = parts.map(|part| entries(&part["figures"])).sum();
                assert_eq!(entries(&group["figures"]), sum, "{by}, {then_by}");
            }
            assert_eq!(groups.iter().map(|group| entries(&group["figures"])).sum::<u64>(), entries(&told["figures"]));
        }
    }

    fn figures_are_broken_down_by_what_people_said_of_themselves(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut events = Vec::new();
        for (gender, birth_year, situation) in [
            (json!("female"), json!(1999), "part_time"), (json!("female"), json!(2000), "without_job"),
            (json!("male"), json!(1974), "without_job"), (json!(null), json!(1975), "without_job"), (json!(null), json!(null), "without_job"),
        ] {
            let mut told = Story::parcours().enters("2024-02-05", &Person::default());
            let data = &mut told[0]["data"];
            (data["gender"], data["birth_year"], data["situation"]) = (gender, birth_year, json!(situation));
            events.extend(told);
        }
        record(&api, &events);
        api.wait_for_views();
        let groups = |by: &str| -> Value {
            let told = report(&api, "region/28", &format!("{YEAR}&by={by}"));
            let groups = told["groups"].as_array().unwrap().iter();
            groups.map(|group| json!([group["key"], group["figures"]["entries"]])).collect()
        };
        assert_eq!(groups("gender"), json!([["", 2], ["female", 2], ["male", 1]]));
        // 25 and 50 in the year of the start are the first ages of their groups.
        assert_eq!(groups("age"), json!([["", 1], ["from_25_to_49", 2], ["from_50", 1], ["under_25", 1]]));
        assert_eq!(groups("situation"), json!([["part_time", 1], ["without_job", 4]]));
    }

    fn figures_stand_beside_those_around_and_of_a_year_before(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut events = programme();
        events.extend(Story::parcours().enters("2023-05-05", &Person::default()));
        record(&api, &events);
        api.wait_for_views();
        let told = report(&api, "commune/76540", &format!("{YEAR}&compare=true"));
        let (parent, before) = (&told["comparison"]["parent"], &told["comparison"]["year_before"]);
        assert_eq!(parent["territory"]["code"], "200023414");
        assert_eq!(parent["figures"], report(&api, "epci/200023414", YEAR)["figures"]);
        assert_eq!((&before["from"], &before["to"]), (&json!("2023-01-01"), &json!("2023-12-31")));
        assert_eq!(before["figures"]["entries"], 1);
        assert!(report(&api, "region/28", &format!("{YEAR}&compare=true"))["comparison"]["parent"].is_null());
    }

    fn each_answer_has_what_is_recorded_by_then_and_a_service_that_starts_has_the_same(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let question = format!("{YEAR}&by=month&then_by=operator");
        let mut answers = Vec::new();
        for events in programme().chunks(3) {
            let position = record(&api, events);
            api.wait_for_views();
            answers.push((position, report(&api, "region/28", &question)["groups"].clone()));
        }
        assert!(service.stop().success());
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        for (position, groups) in &answers {
            let told = report(&api, "region/28", &format!("{question}&as_of={position}"));
            assert_eq!(told["groups"], *groups, "as of {position}");
        }
        assert_eq!(report(&api, "region/28", &question)["groups"], answers.last().unwrap().1);
    }

    fn protected_figures_are_near_the_exact_ones_always_the_same_and_never_from_one_to_four(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut events = programme();
        for month in 1..=12 {
            for _ in 0..month {
                let mut story = Story::parcours();
                events.extend(story.enters(&format!("2023-{month:02}-05"), &Person::default()));
                events.push(story.exited(&format!("2023-{month:02}-25"), "employment"));
            }
        }
        record(&api, &events);
        api.wait_for_views();
        let question = "from=2023-01-01&to=2024-12-31&by=month&then_by=level&compare=true";
        let exact = report(&api, "region/28", question);
        assert!(service.stop().success());

        let protected = || {
            let service = Service::start_with(&database, ["--figures", "protected"]);
            let api = service.api();
            api.wait_for_views();
            let told = report(&api, "region/28", question);
            let last = api.log_size() - 1;
            let as_of = report(&api, "region/28", &format!("{question}&as_of={last}"));
            assert_eq!((&told["figures"], &told["groups"]), (&as_of["figures"], &as_of["groups"]));
            // The same people by another question: a month that is asked for alone.
            let alone = report(&api, "region/28", "from=2023-11-01&to=2023-11-30");
            let months = told["groups"].as_array().unwrap();
            let november = months.iter().find(|month| month["key"] == "2023-11").unwrap();
            assert_eq!(november["figures"], alone["figures"]);
            let table = api.get("/v1/territories/region/28?from=2023-01-01&by=month&format=csv").must_be(200).text();
            assert!(!table.contains("withheld"), "an empty cell says it: {table}");
            assert!(service.stop().success());
            told
        };
        let told = protected();
        assert_eq!(told["protected"], true);
        assert!(exact["protected"].is_null());
        assert_eq!(told["groups"], protected()["groups"], "another process tells the same");
        assert_ne!(told["groups"], exact["groups"]);
        let mut withheld = 0;
        for (name, exact) in exact["figures"].as_object().unwrap().iter().filter(|(_, count)| count.is_i64()) {
            let (exact, told) = (exact.as_i64().unwrap(), told["figures"][name].as_i64());
            assert!(told.is_none_or(|told| (told - exact).abs() <= 5), "{name}: {told:?} for {exact}");
        }
        for month in told["groups"].as_array().unwrap() {
            let figures = month["figures"].as_object().unwrap();
            let counts = figures.iter().filter(|(name, _)| !name.ends_with("rate") && !name.ends_with("share"));
            assert!(counts.clone().all(|(_, count)| count.as_i64().is_none_or(|count| !(1..=4).contains(&count))), "{month}");
            let of_few = counts.filter(|(_, count)| count.is_null()).count();
            // A share is withheld, too, where what it is a share of is told and the part is of few.
            let of_shares = figures["low_qualification_share"].is_null() && figures["entries"] != 0;
            assert!(of_few == 0 || figures.get("withheld").is_some(), "{month}");
            assert!(figures.get("withheld").is_none() || of_few > 0 || of_shares, "{month}");
            withheld += of_few;
        }
        assert!(withheld > 5);
    }

    fn whoever_is_not_matured_yet_as_of_a_moment_is_not_counted_then(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        // Six months after the exit is today: matured as of now, and that is all this clock can show.
        let today = parcours_day();
        let exit = today.checked_sub_months(chrono::Months::new(6)).unwrap();
        let mut story = Story::parcours();
        let start = exit.checked_sub_months(chrono::Months::new(4)).unwrap();
        let mut events = story.enters(&start.to_string(), &Person::default());
        events.push(story.exited(&exit.to_string(), "employment"));
        let mut later = Story::parcours();
        events.extend(later.enters(&start.to_string(), &Person::default()));
        let next = exit.checked_add_days(Days::new(5)).unwrap();
        events.push(later.exited(&next.to_string(), "employment"));
        record(&api, &events);
        api.wait_for_views();
        let question = format!("from={start}&to={today}");
        assert_eq!(
            figures(&api, "region/28", &question, &["leavers", "matured", "too_early"]),
            json!([2, 1, false])
        );
    }
}

/// Today in Paris, near enough: a test that begins a minute before midnight may look a day too far.
fn parcours_day() -> NaiveDate {
    (Utc::now() + chrono::TimeDelta::hours(1)).date_naive()
}
