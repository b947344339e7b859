//! What may come in: the schema says what the judge does, and what a log holds is read all the same.

use super::schemas::takes;
use parcours_model::{Malformed, Record, Submission, schema};
use proptest::prelude::*;
use serde_json::{Value, json};

const UUID: &str = "00000000-0000-0000-0000-00000000000a";
const SIRET: &str = "19290076900014";

/// Valid data of a type, and where a number may be put in them.
fn numbers() -> Vec<(&'static str, Value, &'static str)> {
    let attendance =
        json!({"month": "2026-03", "planned_minutes": 60, "attended_minutes": 60, "excused_minutes": 0});
    let employment = json!({"employment": UUID, "contract": "permanent", "months": 1, "weekly_minutes": 60, "reported_by": "trainee"});
    let newer = json!({"employment": UUID, "contract": {"kind": "permanent", "months": 1},
        "working_time": {"weekly_minutes": 60}, "reported_by": "trainee"});
    let oriented = json!({"trainee": UUID, "channel": "direct", "commune": "76540", "situation": "without_job",
        "needs": [], "level": 3, "birth_year": 1990});
    vec![
        ("parcours.oriented.v1", oriented.clone(), "/level"),
        ("parcours.oriented.v1", oriented, "/birth_year"),
        ("parcours.plan.agreed.v1", plan(), "/weekly_minutes"),
        (
            "parcours.module.completed.v1",
            json!({"domain": "french", "minutes": 60, "mode": "mixed"}),
            "/minutes",
        ),
        (
            "parcours.skill.acquired.v1",
            json!({"framework": "pix", "code": "1.1", "level": 1}),
            "/level",
        ),
        (
            "parcours.immersion.completed.v1",
            json!({"immersion": UUID, "days": 5, "appraisal": 3, "skills": []}),
            "/days",
        ),
        (
            "parcours.attendance.recorded.v1",
            attendance.clone(),
            "/planned_minutes",
        ),
        (
            "parcours.attendance.recorded.v1",
            attendance.clone(),
            "/attended_minutes",
        ),
        ("parcours.attendance.recorded.v1", attendance, "/excused_minutes"),
        (
            "parcours.pay.granted.v1",
            json!({"monthly_cents": 68_500, "from": "2026-02-01"}),
            "/monthly_cents",
        ),
        (
            "parcours.aid.granted.v1",
            json!({"aid": UUID, "kind": "mobility", "cents": 5_000}),
            "/cents",
        ),
        ("parcours.employment.started.v1", employment.clone(), "/months"),
        ("parcours.employment.started.v1", employment, "/weekly_minutes"),
        (
            "parcours.employment.started.v2",
            newer.clone(),
            "/contract/months",
        ),
        (
            "parcours.employment.started.v2",
            newer,
            "/working_time/weekly_minutes",
        ),
        ("parcours.profile.published.v1", profile(), "/radius_km"),
        ("session.opened.v1", session(), "/capacity"),
        ("offer.published.v1", offer(), "/minutes"),
        (
            "operator.contracted.v1",
            json!({"contract": UUID, "territory": "departement/76", "from": "2026-01-01", "to": "2027-12-31", "places": 30}),
            "/places",
        ),
    ]
}

/// The same for a text.
fn texts() -> Vec<(&'static str, Value, &'static str)> {
    let refers = |id: &str| json!({"event": {"id": id, "source": "urn:region:28"}, "reason": "r"});
    vec![
        (
            "parcours.eligibility.checked.v1",
            json!({"eligible": true, "reasons": ["r"]}),
            "/reasons/0",
        ),
        ("parcours.plan.agreed.v1", plan(), "/goals/0"),
        ("parcours.suspended.v1", json!({"reason": "r"}), "/reason"),
        ("parcours.resumed.v1", json!({"reason": "r"}), "/reason"),
        ("parcours.profile.published.v1", profile(), "/headline"),
        ("parcours.profile.published.v1", profile(), "/available_from"),
        ("parcours.event.annulled.v1", refers("e"), "/event/id"),
        ("offer.published.v1", offer(), "/title"),
        ("offer.published.v1", offer(), "/objective"),
        (
            "operator.registered.v1",
            json!({"siret": SIRET, "name": "n", "commune": "76540"}),
            "/name",
        ),
    ]
}

fn plan() -> Value {
    json!({"goals": ["g"], "modules": [], "mode": "mixed", "weekly_minutes": 60, "alongside_job": false})
}

fn profile() -> Value {
    json!({"headline": "h", "skills": [], "rome": [], "radius_km": 5, "available_from": "2026-09-01"})
}

fn session() -> Value {
    json!({"offer": UUID, "commune": "76540", "from": "2026-02-01", "to": "2026-06-30", "entry": "fixed", "capacity": 12})
}

fn offer() -> Value {
    json!({"operator": SIRET, "title": "t", "objective": "o", "rome": [], "formacode": [], "certifying": false,
        "minutes": 60, "mode": "mixed"})
}

fn event(name: &str, data: &Value) -> Value {
    let kind = name.split('.').next().unwrap();
    json!({"specversion": "1.0", "id": "e-1", "source": "urn:region:28", "type": name,
        "subject": format!("{kind}/{UUID}"), "time": "2026-02-01T00:00:00+01:00", "data": data})
}

fn sent(name: &str, data: &Value) -> Result<Submission, Malformed> {
    Submission::parse(event(name, data).to_string().as_bytes())
}

/// Sends the data with `value` in one place; taken exactly if the schema takes them, else refused by that field.
fn same_as_the_schema(name: &str, mut data: Value, place: &str, value: Value) -> Result<(), TestCaseError> {
    *data.pointer_mut(place).unwrap() = value.clone();
    let by_schema = takes(name, &event(name, &data));
    let judged = sent(name, &data);
    prop_assert_eq!(
        judged.is_ok(),
        by_schema,
        "{} {} = {}: {:?}",
        name,
        place,
        value,
        judged
    );
    if let Err(malformed) = judged {
        let path = place
            .trim_start_matches('/')
            .replace("/0", "[0]")
            .replace('/', ".");
        prop_assert_eq!(malformed.field.map(String::from), Some(format!("data.{path}")));
        prop_assert_eq!(malformed.code, "invalid-data");
    }
    Ok(())
}

fn any_number() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -2..400_000i64, -2..400i64]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
        (
            any::<char>(),
            prop_oneof![500..520usize, 1_990..2_010usize, 11_990..12_010usize]
        )
            .prop_map(|(character, times)| String::from(character).repeat(times)),
        (0..=0x10_ffffu32).prop_filter_map("surrogates are no characters", |point| Some(
            char::from_u32(point)?.into()
        )),
        prop_oneof![
            Just('\u{9}'),
            Just('\u{7f}'),
            Just('\u{9f}'),
            Just('\u{a0}'),
            Just('\u{fdef}'),
            Just('\u{ffff}'),
            Just('\u{3fffe}')
        ]
        .prop_map(String::from),
        (1950..2101i32, 1..13u32, 1..29u32)
            .prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}")),
    ]
}

proptest! {
    #[test]
    fn any_number_is_taken_exactly_if_its_schema_takes_it(case in 0..numbers().len(), number in any_number()) {
        let (name, data, place) = numbers().swap_remove(case);
        same_as_the_schema(name, data, place, json!(number))?;
    }

    #[test]
    fn any_text_is_taken_exactly_if_its_schema_takes_it(case in 0..texts().len(), text in any_text()) {
        let (name, data, place) = texts().swap_remove(case);
        same_as_the_schema(name, data, place, json!(text))?;
    }

    #[test]
    fn any_id_is_taken_exactly_if_its_schema_takes_it(id in any_text()) {
        let mut event = event("parcours.started.v1", &json!({}));
        event["id"] = json!(id);
        let judged = Submission::parse(event.to_string().as_bytes());
        prop_assert_eq!(judged.is_ok(), takes("parcours.started.v1", &event), "{:?}", judged);
    }
}

#[test]
fn both_bounds_of_every_number_are_within_and_what_is_beyond_is_refused_with_the_reason() {
    for (name, data, place) in numbers() {
        let schema = schema::of(name).unwrap();
        let field = &schema["properties"]["data"];
        let field = match field.get("$ref") {
            Some(pointer) => schema.pointer(&pointer.as_str().unwrap()[1..]).unwrap(),
            None => field,
        };
        let field = &field["properties"][&place[1..]];
        let Some((low, high)) = field["minimum"].as_u64().zip(field["maximum"].as_u64()) else {
            continue;
        };
        let with = |number: i64| {
            let mut data = data.clone();
            *data.pointer_mut(place).unwrap() = json!(number);
            sent(name, &data)
        };
        let (low, high) = (low.cast_signed(), high.cast_signed());
        assert!(with(low).is_ok() && with(high).is_ok(), "{name} {place}");
        assert!(with(low - 1).is_err(), "{name} {place}");
        let refused = with(high + 1).unwrap_err();
        let reason = refused.detail.rsplit("; ").next().unwrap().to_owned();
        let description = field["description"].as_str().unwrap();
        assert!(
            description.contains(&reason),
            "{description} does not say {reason}"
        );
    }
}

#[test]
fn a_list_has_an_end() {
    let reasons = |count| json!({"eligible": true, "reasons": vec!["r"; count]});
    assert!(sent("parcours.eligibility.checked.v1", &reasons(200)).is_ok());
    let refused = sent("parcours.eligibility.checked.v1", &reasons(201)).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("data.reasons"));
}

#[test]
fn a_period_has_an_end() {
    let until = |to: &str| {
        let mut data = session();
        data["to"] = json!(to);
        sent("session.opened.v1", &data)
    };
    assert!(until("2036-01-31").is_ok());
    assert_eq!(until("2036-06-01").unwrap_err().field.as_deref(), Some("data.to"));
    assert_eq!(until("2026-01-31").unwrap_err().field.as_deref(), Some("data.to"));
    assert_eq!(until("2126-01-31").unwrap_err().field.as_deref(), Some("data.to"));
}

#[test]
fn what_a_log_holds_is_read_whatever_may_come_in_today() {
    let entry = |name: &str, data: Value| {
        let mut event = event(name, &data);
        let log = json!({"actor": "a", "recordedtime": "2026-02-01T00:00:00.000000Z", "revision": 1});
        event
            .as_object_mut()
            .unwrap()
            .extend(log.as_object().unwrap().clone());
        event["id"] = json!("a\u{0}b");
        event.to_string().into_bytes()
    };
    let with = |mut data: Value, place: &str, value: Value| {
        *data.pointer_mut(place).unwrap() = value;
        data
    };
    for (name, data) in [
        ("session.opened.v1", with(session(), "/capacity", json!(0))),
        ("session.opened.v1", with(session(), "/commune", json!("76999"))),
        ("session.opened.v1", with(session(), "/from", json!("0001-01-01"))),
        ("session.opened.v1", with(session(), "/to", json!("2025-01-01"))),
        (
            "parcours.plan.agreed.v1",
            with(plan(), "/weekly_minutes", json!(100_000)),
        ),
        (
            "parcours.plan.agreed.v1",
            with(plan(), "/goals/0", json!("\u{0}")),
        ),
        (
            "parcours.profile.published.v1",
            with(profile(), "/radius_km", json!(65_535)),
        ),
        (
            "offer.published.v1",
            with(offer(), "/operator", json!("19290076900015")),
        ),
    ] {
        assert!(sent(name, &data).is_err(), "{name} {data}");
        let record = Record::decode(7, &entry(name, data.clone())).unwrap();
        assert_eq!(record.event.fact.data(), data);
        assert!(record.event.fact.judge().is_err());
    }
}

#[test]
fn what_is_unlikely_is_taken_with_a_remark_in_both_languages() {
    let remarked = |name: &str, data: &Value| -> Vec<&'static str> {
        let remarks = sent(name, data).unwrap().event.remarks();
        assert!(remarks.iter().all(|remark| remark.english != remark.french));
        remarks.iter().map(|remark| remark.field).collect()
    };
    for (name, data, place) in numbers() {
        assert_eq!(remarked(name, &data), Vec::<&str>::new(), "{name} {place}");
    }
    let cases = [
        (
            "parcours.pay.granted.v1",
            json!({"monthly_cents": 300_001, "from": "2026-02-01"}),
            "monthly_cents",
        ),
        (
            "parcours.module.completed.v1",
            json!({"domain": "french", "minutes": 12_001, "mode": "mixed"}),
            "minutes",
        ),
        (
            "parcours.immersion.agreed.v1",
            json!({"immersion": UUID, "kind": "placement", "host": SIRET, "commune": "76540", "rome": "D1402",
                "from": "2026-02-01", "to": "2026-04-30", "aims": []}),
            "to",
        ),
        (
            "parcours.oriented.v1",
            json!({"trainee": UUID, "channel": "direct", "commune": "76540", "situation": "without_job",
                "needs": [], "level": 3, "birth_year": 2012}),
            "birth_year",
        ),
    ];
    for (name, data, field) in cases {
        assert_eq!(remarked(name, &data), [field], "{name}");
    }
}
