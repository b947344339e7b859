//! What becomes of those who come in a month, and what operators do, from outside.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use parcours_tests::story::{CAEN, OPERATOR, OTHER_OPERATOR, Person};
use parcours_tests::{Api, Service, Story, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

const HALF_YEAR: &str = "from=2024-01&to=2024-06";

/// Sends events in a list; gives the position of the last.
#[track_caller]
fn record(api: &Api, events: &[Value]) -> u64 {
    let results = api.record(events);
    results[events.len() - 1]["position"].as_u64().unwrap()
}

#[track_caller]
fn report(api: &Api, territory: &str, question: &str) -> Value {
    api.get(&format!("/v1/cohorts/{territory}?{question}"))
        .must_be(200)
        .json()
}

/// Oriented, eligible, admitted, started, bilan, immersion, certified, exited, matured, working.
fn funnel(cohort: &Value) -> Vec<i64> {
    let steps = [
        "oriented",
        "eligible",
        "admitted",
        "started",
        "bilan",
        "immersion",
        "certified",
        "exited",
        "matured",
        "working",
    ];
    let counts = steps.iter().map(|step| cohort["funnel"][step].as_i64());
    counts
        .collect::<Option<_>>()
        .unwrap_or_else(|| panic!("{cohort:#}"))
}

/// Each part with its funnel.
fn parts(report: &Value) -> Vec<(String, Vec<i64>)> {
    let groups = report["groups"].as_array().unwrap().iter();
    let told = groups.map(|group| {
        (
            group["key"].as_str().unwrap().to_owned(),
            funnel(&group["cohort"]),
        )
    });
    told.collect()
}

/// From the lower quartile to the upper one, of the days from a step to another, and of how many.
fn time(cohort: &Value, from: &str, to: &str) -> Value {
    let times = cohort["times"].as_array().unwrap();
    let found = times.iter().find(|time| time["from"] == from && time["to"] == to);
    let time = found.unwrap_or_else(|| panic!("no time from {from} to {to}"));
    json!([
        time["count"],
        time["lower_quartile"],
        time["median"],
        time["upper_quartile"]
    ])
}

/// The steps before the training, each on its day.
fn comes(story: &mut Story, days: [&str; 3], person: &Person) -> Vec<Value> {
    let [oriented, admitted, started] = days;
    vec![
        story.oriented(oriented, person),
        story.eligible(oriented),
        story.admitted(admitted, person),
        story.committed(admitted),
        story.accompanied(admitted),
        story.started(started),
    ]
}

/// An immersion with another operator's company, begun on a day after the bilan.
fn immersion(story: &mut Story, day: &str) -> [Value; 2] {
    let immersion = Uuid::from_u128(story.uuid().as_u128() ^ 5);
    let agreed = json!({
        "immersion": immersion, "kind": "placement", "host": "73282932000074", "commune": "76540", "rome": "D1402",
        "from": day, "to": "2024-06-14", "aims": ["vendre"],
    });
    [
        story.tell(day, "immersion.agreed", agreed),
        story.tell(day, "immersion.started", json!({ "immersion": immersion })),
    ]
}

/// Four people who are oriented in January and February 2024; gives the stories and their events.
fn programme() -> (Vec<Story>, Vec<Vec<Value>>) {
    let mut stories: Vec<Story> = (0..4).map(|_| Story::parcours()).collect();
    let other = Person {
        commune: CAEN,
        operator: OTHER_OPERATOR,
        ..Person::default()
    };
    let [one, two, three, four] = &mut stories[..] else {
        unreachable!()
    };
    // All the way to an employment twelve days after the exit.
    let mut first = comes(
        one,
        ["2024-01-08", "2024-01-18", "2024-02-05"],
        &Person::default(),
    );
    first.push(one.bilan("2024-02-15"));
    first.extend(immersion(one, "2024-03-06"));
    first.extend(one.certified("2024-06-20"));
    first.push(one.exited("2024-06-28", "completed"));
    first.push(one.employed("2024-07-10"));
    // Gave up.
    let mut second = comes(
        two,
        ["2024-01-15", "2024-02-04", "2024-03-04"],
        &Person::default(),
    );
    second.push(two.exited("2024-04-05", "abandoned"));
    // Left for health, and was employed all the same: neutral.
    let mut third = comes(three, ["2024-02-05", "2024-02-09", "2024-03-04"], &other);
    third.push(three.exited("2024-05-31", "health"));
    third.push(three.employed("2024-06-10"));
    // Never taken in.
    let fourth = vec![four.oriented("2024-02-12", &other)];
    (stories, vec![first, second, third, fourth])
}

/// A month's attendance.
fn attended(story: &mut Story, day: &str, month: &str, minutes: [u32; 3]) -> Value {
    story.tell(day, "attendance.recorded", attendance(month, minutes))
}

fn attendance(month: &str, [planned, attended, excused]: [u32; 3]) -> Value {
    json!({"month": month, "planned_minutes": planned, "attended_minutes": attended, "excused_minutes": excused})
}

#[track_caller]
fn work(api: &Api, question: &str) -> Value {
    api.get(&format!("/v1/operators/{OPERATOR}/work?{question}"))
        .must_be(200)
        .json()
}

on_both_databases! {
    fn a_cohort_is_told_as_a_funnel_with_the_times_between_its_steps_and_why_people_left(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &programme().1.concat());
        api.wait_for_views();
        let told = report(&api, "region/28", HALF_YEAR);
        assert_eq!(funnel(&told["cohort"]), [4, 3, 3, 3, 1, 1, 1, 3, 2, 1]);
        // 10, 20 and 4 days from the check to the admission.
        assert_eq!(time(&told["cohort"], "eligible", "admitted"), json!([3, 7.0, 10.0, 15.0]));
        assert_eq!(time(&told["cohort"], "exited", "working"), json!([1, 12.0, 12.0, 12.0]));
        assert_eq!(time(&told["cohort"], "certified", "exited"), json!([1, 8.0, 8.0, 8.0]));
        assert_eq!(
            told["cohort"]["reasons"],
            json!([
                {"reason": "completed", "count": 1},
                {"reason": "abandoned", "count": 1},
                {"reason": "health", "count": 1},
            ])
        );
        let months = parts(&report(&api, "region/28", &format!("{HALF_YEAR}&by=month")));
        assert_eq!(months.len(), 6);
        assert_eq!(months[0], ("2024-01".to_owned(), vec![2, 2, 2, 2, 1, 1, 1, 2, 2, 1]));
        assert_eq!(months[1], ("2024-02".to_owned(), vec![2, 1, 1, 1, 0, 0, 0, 1, 0, 0]));
        assert_eq!(months[2].1, vec![0; 10]);
        let starts = parts(&report(&api, "region/28", &format!("{HALF_YEAR}&by=month&of=start")));
        let started: Vec<i64> = starts.iter().map(|(_, funnel)| funnel[3]).collect();
        assert_eq!(started, [0, 1, 2, 0, 0, 0]);
        let operators = parts(&report(&api, "region/28", &format!("{HALF_YEAR}&by=operator")));
        let told: Vec<(&str, i64)> = operators.iter().map(|(key, funnel)| (&key[..], funnel[0])).collect();
        assert_eq!(told, [("", 1), (OPERATOR, 2), (OTHER_OPERATOR, 1)], "nobody took in the first");
        let of_operator = report(&api, "region/28", &format!("{HALF_YEAR}&operator={OTHER_OPERATOR}"));
        assert_eq!(funnel(&of_operator["cohort"])[0], 1);
        for (territory, oriented) in [("departement/76", 2), ("commune/14118", 2), ("departement/50", 0)] {
            let told = report(&api, territory, HALF_YEAR);
            assert_eq!(funnel(&told["cohort"])[0], oriented, "{territory}");
        }
    }

    fn late_and_corrected_facts_move_people_between_cohorts_and_the_earlier_answer_stays(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut stories, events) = programme();
        let position = record(&api, &events.concat());
        api.wait_for_views();
        let question = format!("{HALF_YEAR}&by=month&as_of={position}");
        let before = report(&api, "region/28", &question);
        // Oriented in December really; lives in Caen; a bilan that nobody told; an exit that never was.
        let mut in_caen = events[0][0]["data"].clone();
        in_caen["commune"] = json!(CAEN);
        record(&api, &[
            stories[1].moved("2024-09-02", &events[1][0], "2023-12-20"),
            stories[0].restated("2024-09-02", &events[0][0], in_caen),
            stories[2].bilan("2024-03-11"),
            stories[2].annulled("2024-09-03", &events[2][7]),
            stories[2].annulled("2024-09-03", &events[2][6]),
        ]);
        api.wait_for_views();
        let now = parts(&report(&api, "region/28", &format!("{HALF_YEAR}&by=month")));
        assert_eq!(now[0].1, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(now[1].1, [2, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
        let december = report(&api, "region/28", "from=2023-12&to=2023-12");
        assert_eq!(funnel(&december["cohort"]), [1, 1, 1, 1, 0, 0, 0, 1, 1, 0]);
        assert_eq!(funnel(&report(&api, "commune/14118", HALF_YEAR)["cohort"])[0], 3);
        assert_eq!(report(&api, "region/28", &question), before);
        // Another process knows the same, of now and of then.
        let told = report(&api, "region/28", &format!("{HALF_YEAR}&by=operator"));
        assert!(service.stop().success());
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        assert_eq!(report(&api, "region/28", &question), before);
        assert_eq!(report(&api, "region/28", &format!("{HALF_YEAR}&by=operator")), told);
        assert_eq!(report(&api, "region/28", &format!("{HALF_YEAR}&by=operator&as_of={}", told["as_of"].as_str().unwrap())), told);
    }

    fn protected_cohorts_tell_nothing_of_few_and_always_the_same(database: Database) {
        let service = Service::start_with(&database, ["--figures", "protected"]);
        let api = service.api();
        let mut events = Vec::new();
        for _ in 0..30 {
            events.extend(comes(&mut Story::parcours(), ["2024-01-08", "2024-01-18", "2024-02-05"], &Person::default()));
        }
        let mut alone = Story::parcours();
        events.extend(comes(&mut alone, ["2024-02-05", "2024-02-15", "2024-03-04"], &Person::default()));
        record(&api, &events);
        api.wait_for_views();
        let ask = || report(&api, "region/28", &format!("{HALF_YEAR}&by=month"));
        let told = ask();
        assert_eq!(told["protected"], true);
        let [january, february] = [0, 1].map(|month| &told["groups"][month]["cohort"]);
        assert!((25..=35).contains(&january["funnel"]["oriented"].as_i64().unwrap()), "{january:#}");
        assert_eq!(january["funnel"]["oriented"], january["funnel"]["started"], "the same people");
        assert_eq!(time(january, "admitted", "started")[2], 18.0);
        let count = february["funnel"]["oriented"].as_i64();
        assert!(count.is_none_or(|count| count == 0 || count > 4), "{february:#}");
        assert!(time(february, "admitted", "started")[2].is_null(), "{february:#}");
        assert_eq!(ask()["groups"], told["groups"]);
        let refused = api.get(&format!("/v1/operators/{OPERATOR}/work")).must_be(403).json();
        assert_eq!(refused["code"], "exact-figures");
    }

    fn an_operators_work_is_summed_by_month_and_follows_corrections(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (operator, contract) = (Uuid::now_v7(), Uuid::now_v7());
        let mut stream = Story::of("operator", operator);
        let (mut one, mut two) = (Story::parcours(), Story::parcours());
        let mut events = vec![
            stream.tell("2023-11-02", "registered", json!({"siret": OPERATOR, "name": "Lycée Kerneuzec", "commune": "76540"})),
            stream.tell("2023-11-03", "contracted", json!({
                "contract": contract, "territory": "departement/76", "from": "2024-01-01", "to": "2024-12-31", "places": 40,
            })),
        ];
        events.extend(comes(&mut one, ["2024-01-08", "2024-01-18", "2024-02-05"], &Person::default()));
        events.extend(comes(&mut two, ["2024-01-15", "2024-02-04", "2024-03-04"], &Person::default()));
        let wrong = attended(&mut one, "2024-03-29", "2024-03", [6_000, 5_000, 600]);
        let aid = Uuid::now_v7();
        let of_aid = |cents: u64| json!({"aid": aid, "kind": "mobility", "cents": cents});
        events.extend([
            attended(&mut one, "2024-02-29", "2024-02", [4_000, 4_000, 0]),
            wrong.clone(),
            attended(&mut two, "2024-03-29", "2024-03", [6_000, 3_000, 0]),
            one.tell("2024-02-06", "pay.granted", json!({"from": "2024-02-05", "monthly_cents": 70_000})),
            one.tell("2024-02-07", "aid.granted", of_aid(20_000)),
            one.tell("2024-03-07", "aid.paid", of_aid(12_000)),
            one.exited("2024-04-12", "abandoned"),
        ]);
        record(&api, &events);
        api.wait_for_views();
        let told = work(&api, "from=2024-01&to=2024-03&by=month");
        assert_eq!(told["name"], "Lycée Kerneuzec");
        assert_eq!(told["months"].as_array().unwrap().len(), 3);
        let sums = &told["sums"];
        assert_eq!(
            sums["attendance"],
            json!({"planned_minutes": 16_000, "attended_minutes": 12_000, "excused_minutes": 600, "rate": 0.75})
        );
        assert_eq!(sums["people"], json!({"entries": 2, "leavers": 0, "in_training": 2}));
        assert_eq!(sums["places"], json!({"contracted": 40, "held": 2}));
        assert_eq!(sums["aids"][0], json!({"kind": "mobility", "granted_cents": 20_000, "paid_cents": 12_000}));
        assert_eq!(sums["pay"], json!({"granted": 1, "people": 1, "monthly_cents": 70_000}));
        let january = &told["months"][0]["sums"];
        assert_eq!(january["places"], json!({"contracted": 40, "held": 1}));
        assert_eq!(january["people"]["in_training"], 0);
        let april = work(&api, "from=2024-04&to=2024-04");
        assert_eq!(april["sums"]["people"], json!({"entries": 0, "leavers": 1, "in_training": 1}));
        assert_eq!(april["sums"]["pay"], json!({"granted": 0, "people": 0, "monthly_cents": 0}));
        assert_eq!(april["sums"]["places"]["held"], 1);
        assert_eq!(april["sums"]["attendance"]["rate"], Value::Null);
        // The attendance was another, the contract ended, and the second went to another operator in the end.
        let there = Person { operator: OTHER_OPERATOR, ..Person::default() };
        let admission = json!({"operator": there.operator});
        record(&api, &[
            one.restated("2024-04-15", &wrong, attendance("2024-03", [6_000, 6_000, 0])),
            two.restated("2024-04-15", &events[10], admission),
            stream.tell("2024-02-29", "contract.ended", json!({"contract": contract})),
        ]);
        api.wait_for_views();
        let told = work(&api, "from=2024-01&to=2024-03");
        assert_eq!(
            told["sums"]["attendance"],
            json!({"planned_minutes": 10_000, "attended_minutes": 10_000, "excused_minutes": 0, "rate": 1.0})
        );
        assert_eq!(told["sums"]["places"], json!({"contracted": 0, "held": 1}));
        assert_eq!(work(&api, "from=2024-01&to=2024-02")["sums"]["places"]["contracted"], 40);
        let other = api.get(&format!("/v1/operators/{OTHER_OPERATOR}/work?from=2024-03&to=2024-03")).must_be(200).json();
        assert_eq!(other["sums"]["attendance"]["planned_minutes"], 6_000);
        assert_eq!(other["name"], Value::Null, "it is not registered");
        assert!(service.stop().success());
        let service = Service::start(&database);
        service.api().wait_for_views();
        assert_eq!(work(&service.api(), "from=2024-01&to=2024-03"), told);
    }

    fn what_cannot_be_asked_is_refused_in_both_languages(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        for (path, status, field, says, dit) in [
            ("/v1/cohorts/region/28?from=2024-05&to=2024-01", 400, "to", "ends, in 2024-01, before it begins", "finit, en 2024-01, avant"),
            ("/v1/cohorts/region/28?from=2024", 400, "from", "a month", "un mois"),
            ("/v1/cohorts/region/28?by=channel", 400, "by", "expected one of month, operator", "il faut l'un de month, operator"),
            ("/v1/cohorts/region/28?operator=19290076900015", 400, "operator", "SIRET", "SIRET"),
            ("/v1/cohorts/canton/28", 404, "level", "canton", "canton"),
            ("/v1/operators/19290076900015/work", 400, "siret", "SIRET", "SIRET"),
            ("/v1/operators/73282932000074/work", 404, "siret", "Nothing is known of an operator", "On ne sait rien d'un organisme"),
            ("/v1/operators/73282932000074/work?by=year", 400, "by", "month", "month"),
        ] {
            let english = api.get(path).must_be(status).json();
            assert_eq!(english["field"], field, "{path}: {english}");
            assert!(english["detail"].as_str().unwrap().contains(says), "{path}: {english}");
            let french = api.get_with(path, &[("accept-language", "fr")]).must_be(status).json();
            assert!(french["detail"].as_str().unwrap().contains(dit), "{path}: {french}");
        }
    }
}
