use super::tallies::{AMOUNTS, place};
use super::*;
use crate::story::Story;
use parcours_model::StreamKind;
use serde_json::json;
use uuid::Uuid;

const OPERATOR: &str = "19290076900014";
const MOVED: &str = "73282932000074";

/// The amounts of each month that a parcours adds to its operator.
fn told(story: &Story) -> Vec<(String, [i64; AMOUNTS])> {
    let output = fold(&story.0).unwrap();
    let tallies = output.tallies.into_iter();
    let told = tallies.map(|(table, key, amounts)| {
        assert_eq!((table, &key[0]), (OF_MONTHS, &Value::from(OPERATOR)));
        (key[1].to_string(), amounts.try_into().unwrap())
    });
    told.collect()
}

/// One column of each month in which it is not 0.
fn column(story: &Story, column: usize) -> Vec<(String, i64)> {
    let months = told(story).into_iter();
    let told = months.map(|(month, amounts)| (month, amounts[column]));
    told.filter(|(_, amount)| *amount != 0).collect()
}

fn of(month: &str, amount: i64) -> (String, i64) {
    (month.to_owned(), amount)
}

fn attended(story: Story, month: &str, minutes: [u32; 3]) -> Story {
    let [planned, attended, excused] = minutes;
    let data = json!({"month": month, "planned_minutes": planned, "attended_minutes": attended, "excused_minutes": excused});
    story.tell("2026-04-01", "attendance.recorded", data)
}

#[test]
fn attendance_is_of_the_month_that_it_tells_and_a_correction_takes_its_place() {
    let story = attended(Story::started(), "2026-03", [6_000, 5_400, 300]);
    let of_march = |story: &Story| {
        let told = told(story).into_iter().find(|(month, _)| month == "2026-03");
        told.unwrap().1[..3].to_vec()
    };
    assert_eq!(of_march(&story), [6_000, 5_400, 300]);
    let right = json!({"month": "2026-03", "planned_minutes": 6_000, "attended_minutes": 4_000, "excused_minutes": 0});
    let correction = json!({"event": {"id": "e5", "source": "urn:siret:19290076900014"}, "data": right});
    let story = story.tell("2026-04-10", "event.corrected", correction);
    assert_eq!(of_march(&story), [6_000, 4_000, 0]);
}

#[test]
fn a_place_is_held_from_the_admission_to_the_exit_or_to_a_withdrawal_from_it() {
    assert_eq!(column(&Story::started(), place::HELD), [of("2026-01", 1)]);
    let left = Story::started().exit("2026-06-30", "completed");
    assert_eq!(column(&left, place::HELD), [of("2026-01", 1), of("2026-06", -1)]);
    assert_eq!(column(&left, place::STARTED), [of("2026-02", 1)]);
    assert_eq!(column(&left, place::EXITED), [of("2026-06", 1)]);
    let admitted = || Story::started().annulled("e4");
    let withdrawn = |session: Option<u128>| {
        let data = json!({"session": session.map(Uuid::from_u128), "reason": "autre projet"});
        column(&admitted().tell("2026-02-03", "withdrawn", data), place::HELD)
    };
    assert_eq!(withdrawn(None), [of("2026-01", 1), of("2026-02", -1)]);
    assert_eq!(withdrawn(Some(3)), [of("2026-01", 1), of("2026-02", -1)]);
    assert_eq!(
        withdrawn(Some(4)),
        [of("2026-01", 1)],
        "that of another session is kept"
    );
}

#[test]
fn aids_count_on_the_day_of_the_grant_and_of_the_payment_by_kind() {
    let aid = |cents: u64| json!({"aid": Uuid::from_u128(7), "kind": "housing", "cents": cents});
    let story = Story::started()
        .tell("2026-03-01", "aid.granted", aid(20_000))
        .tell("2026-04-15", "aid.paid", aid(12_000))
        .tell("2026-04-20", "aid.paid", aid(3_000));
    assert_eq!(column(&story, place::GRANTED + 1), [of("2026-03", 20_000)]);
    assert_eq!(column(&story, place::PAID + 1), [of("2026-04", 15_000)]);
    assert_eq!(column(&story, place::GRANTED), []);
}

#[test]
fn pay_is_in_force_from_its_first_day_until_another_one_its_end_or_the_exit() {
    let pay = |from: &str, cents: u64| json!({"from": from, "monthly_cents": cents});
    let paid = || {
        Story::started()
            .tell("2026-02-02", "pay.granted", pay("2026-02-01", 70_000))
            .tell("2026-03-20", "pay.granted", pay("2026-04-01", 75_000))
    };
    let people = |story: &Story| column(story, place::PAID_PEOPLE);
    let cents = |story: &Story| column(story, place::PAID_CENTS);
    assert_eq!(people(&paid()), [of("2026-02", 1)]);
    assert_eq!(cents(&paid()), [of("2026-02", 70_000), of("2026-04", 5_000)]);
    assert_eq!(
        column(&paid(), place::PAY_GRANTED),
        [of("2026-02", 1), of("2026-04", 1)]
    );
    // What was to come from then on does not come.
    let ended = paid().tell("2026-03-25", "pay.ended", json!({"reason": "emploi"}));
    assert_eq!(cents(&ended), [of("2026-02", 70_000), of("2026-03", -70_000)]);
    let left = paid().exit("2026-06-30", "completed");
    assert_eq!(people(&left), [of("2026-02", 1), of("2026-06", -1)]);
}

#[test]
fn a_parcours_counts_for_the_operator_of_its_last_admission_and_without_one_for_nobody() {
    let story = Story::started().annulled("e3");
    assert!(fold(&story.0).unwrap().is_empty());
}

/// The contracts of an operator: SIRET, first day, last day, places.
fn contracts(story: &Story) -> Vec<(String, String, String, i64)> {
    let rows = fold(&story.0).unwrap().rows.into_iter();
    let rows = rows.filter(|(table, ..)| *table == OF_CONTRACTS);
    let day = |value: &Value| match value {
        Value::Integer(days) => crate::territory::day(*days).to_string(),
        other => panic!("{other:?} is no day"),
    };
    rows.map(|(_, key, values)| {
        let places = match &values[2] {
            Value::Integer(places) => *places,
            other => panic!("{other:?} is no number"),
        };
        (values[0].to_string(), day(&key[2]), day(&values[1]), places)
    })
    .collect()
}

#[test]
fn a_contract_is_in_force_until_its_last_day_or_its_end_under_the_siret_that_the_operator_has() {
    let registered = |siret: &str| json!({"siret": siret, "name": "Lycée Kerneuzec", "commune": "76540"});
    let contract = Uuid::from_u128(5);
    let contracted = json!({
        "contract": contract, "territory": "departement/76", "from": "2026-01-01", "to": "2026-12-31", "places": 40
    });
    let story = || {
        Story::of(StreamKind::Operator)
            .tell("2026-01-05", "registered", registered(OPERATOR))
            .tell("2026-01-06", "contracted", contracted.clone())
    };
    let row = |siret: &str, from: &str, to: &str| (siret.to_owned(), from.to_owned(), to.to_owned(), 40);
    assert_eq!(contracts(&story()), [row(OPERATOR, "2026-01-01", "2026-12-31")]);
    let ended = story().tell("2026-06-30", "contract.ended", json!({"contract": contract}));
    assert_eq!(contracts(&ended), [row(OPERATOR, "2026-01-01", "2026-06-30")]);
    let moved = story().tell("2026-09-01", "registered", registered(MOVED));
    assert_eq!(
        contracts(&moved),
        [
            row(OPERATOR, "2026-01-01", "2026-08-31"),
            row(MOVED, "2026-09-01", "2026-12-31")
        ]
    );
}
