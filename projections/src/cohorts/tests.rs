use super::held::Member;
use super::*;
use crate::memory::Held;
use crate::memory::tests::held;
use crate::story::Story;
use chrono::NaiveDate;
use parcours_model::calendar;
use parcours_model::codes::Month;
use parcours_model::geography::{self, TerritoryLevel};
use serde_json::json;

const ALL: u64 = 1_000;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// Those of the region who came in 2026, as known when the log had so many entries, on a day.
fn asked(size: u64, day: &str) -> Query {
    let day: NaiveDate = day.parse().unwrap();
    Query {
        territory: geography::territory(TerritoryLevel::Region, "28").unwrap(),
        of: Of::Orientation,
        from: month("2026-01"),
        to: month("2026-12"),
        as_of: AsOf {
            size: Some(size),
            instant: calendar::midnight(day),
        },
        operator: None,
        by: None,
        protected: false,
    }
}

fn kept(story: &Story) -> Held<Member> {
    held([fold(&story.0).unwrap()], ALL)
}

/// Oriented, eligible, admitted, started, bilan, immersion, certified, exited, matured, working.
fn funnel(cohort: &Cohort) -> [i64; 10] {
    let funnel = &cohort.funnel;
    [
        funnel.oriented,
        funnel.eligible,
        funnel.admitted,
        funnel.started,
        funnel.bilan,
        funnel.immersion,
        funnel.certified,
        funnel.exited,
        funnel.matured,
        funnel.working,
    ]
    .map(Option::unwrap)
}

fn told(story: &Story) -> [i64; 10] {
    funnel(&query::tell(&kept(story), asked(ALL, "2027-12-31")).cohort)
}

fn with_bilan_and_immersion() -> Story {
    let bilan =
        json!({"held": [], "to_develop": [], "sectors": [], "obstacles": [], "levers": [], "learning": {}});
    Story::started()
        .tell("2026-02-11", "bilan.completed", bilan)
        .tell(
            "2026-03-13",
            "immersion.started",
            json!({"immersion": uuid::Uuid::from_u128(4)}),
        )
}

#[test]
fn somebody_counts_at_each_step_that_was_reached() {
    let oriented = Story::of(StreamKind::Parcours);
    assert!(fold(&oriented.0).unwrap().is_empty());
    assert_eq!(told(&Story::started()), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    let story = with_bilan_and_immersion()
        .certified("2026-06-01")
        .exit("2026-06-30", "completed")
        .employed("2026-07-10");
    assert_eq!(told(&story), [1; 10]);
}

#[test]
fn a_certification_without_an_exit_counts_and_work_needs_one_that_is_not_neutral() {
    let story = || Story::started().certified("2026-06-01").employed("2026-06-20");
    assert_eq!(told(&story())[6..], [1, 0, 0, 0]);
    assert_eq!(told(&story().exit("2026-06-30", "employment"))[6..], [1, 1, 1, 1]);
    assert_eq!(told(&story().exit("2026-06-30", "health"))[6..], [1, 1, 0, 0]);
    assert_eq!(
        told(
            &Story::started()
                .exit("2026-06-30", "completed")
                .employed("2026-12-31")
        )[6..],
        [0, 1, 1, 0],
        "the day after the last that counts"
    );
}

#[test]
fn times_are_days_from_step_to_step_and_negative_where_the_later_one_came_first() {
    let story = with_bilan_and_immersion()
        .employed("2026-06-20")
        .exit("2026-06-30", "employment");
    let report = query::tell(&kept(&story), asked(ALL, "2027-12-31"));
    let times: Vec<_> = report
        .cohort
        .times
        .iter()
        .map(|time| (time.count, time.median))
        .collect();
    let days = |days: f64| (Some(1), Some(days));
    assert_eq!(
        times,
        [
            days(1.0),
            days(1.0),
            days(25.0),
            days(10.0),
            days(30.0),
            (Some(0), None),
            (Some(0), None),
            days(-10.0),
            days(27.0),
            days(149.0)
        ]
    );
    assert_eq!(report.cohort.reasons.len(), 1);
}

#[test]
fn a_cohort_is_of_a_month_of_orientation_or_of_start_and_of_an_operator() {
    let held = kept(&Story::started());
    let ask = |of: Of, from: &str, operator: Option<&str>| {
        let query = Query {
            of,
            from: month(from),
            to: month(from),
            operator: operator.map(|operator| operator.parse().unwrap()),
            by: Some(By::Month),
            ..asked(ALL, "2027-12-31")
        };
        let report = query::tell(&held, query);
        let groups = report.groups.unwrap();
        assert_eq!((groups.len(), &groups[0].key[..]), (1, from));
        assert_eq!(groups[0].cohort, report.cohort);
        report.cohort.funnel.oriented.unwrap()
    };
    assert_eq!(ask(Of::Orientation, "2026-01", None), 1);
    assert_eq!(ask(Of::Orientation, "2026-02", None), 0);
    assert_eq!(ask(Of::Start, "2026-01", None), 0);
    assert_eq!(ask(Of::Start, "2026-02", None), 1);
    assert_eq!(ask(Of::Start, "2026-02", Some("19290076900014")), 1);
    assert_eq!(ask(Of::Start, "2026-02", Some("73282932000074")), 0, "of nobody");
}

#[test]
fn somebody_is_in_one_part_of_every_breakdown() {
    let held = kept(&Story::started());
    let keys = [By::Month, By::Operator, By::Commune, By::Epci, By::Departement].map(|by| {
        let query = Query {
            by: Some(by),
            to: month("2026-01"),
            ..asked(ALL, "2027-12-31")
        };
        let groups = query::tell(&held, query).groups.unwrap();
        assert_eq!(groups.len(), 1);
        groups[0].key.clone()
    });
    assert_eq!(keys, ["2026-01", "19290076900014", "76540", "200023414", "76"]);
}

#[test]
fn a_correction_moves_somebody_to_another_cohort_and_what_was_known_earlier_is_told_as_of_then() {
    let story = Story::started().corrected("e1", "2025-12-30");
    let held = kept(&story);
    let told = |size: u64| funnel(&query::tell(&held, asked(size, "2027-12-31")).cohort)[..4].to_vec();
    assert_eq!(told(10), [0, 0, 0, 0]);
    assert_eq!(told(11), [1, 0, 0, 0]);
    assert_eq!(told(40), [1, 1, 1, 0]);
    assert_eq!(told(50), [1, 1, 1, 1]);
    assert_eq!(told(51), [0, 0, 0, 0], "in the cohort of December before");
}

#[test]
fn what_is_dated_after_the_day_of_the_question_has_not_happened() {
    let story = Story::started().exit("2026-06-30", "completed");
    let told = |day: &str| funnel(&query::tell(&kept(&story), asked(ALL, day)).cohort)[7..9].to_vec();
    assert_eq!(told("2026-06-29"), [0, 0]);
    assert_eq!(told("2026-06-30"), [1, 0]);
    assert_eq!(told("2026-12-29"), [1, 0]);
    assert_eq!(told("2026-12-30"), [1, 1]);
}

#[test]
fn what_changes_no_step_makes_no_row() {
    let story = Story::started().tell("2026-02-02", "obstacle.lifted", json!({"obstacle": "mobility"}));
    assert_eq!(fold(&story.0).unwrap(), fold(&Story::started().0).unwrap());
}

#[test]
fn protected_counts_of_few_and_the_times_of_few_are_withheld() {
    let held = kept(&Story::started().exit("2026-06-30", "completed"));
    let query = Query {
        protected: true,
        ..asked(ALL, "2027-12-31")
    };
    let cohort = query::tell(&held, query).cohort;
    let counts = [cohort.funnel.oriented, cohort.funnel.exited];
    assert!(
        counts
            .iter()
            .all(|count| count.is_none_or(|count| count == 0 || count > 4)),
        "{cohort:?}"
    );
    assert_eq!(counts[0], counts[1], "the same people are told alike");
    assert!(
        cohort.times.iter().all(|time| time.median.is_none()),
        "{cohort:?}"
    );
}
