//! What decides on envelopes and communities says what the rules say of their whole histories.

use super::journey::*;
use super::world::{OPERATOR, World, event, parcours};
use chrono::{DateTime, Utc};
use parcours_model::streams::{community, envelope};
use parcours_model::{
    Event, EventKey, Fact, Gathered, History, Record, Refusal, StreamId, StreamKind, rules,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn data<T: serde::de::DeserializeOwned>(data: Value) -> T {
    serde_json::from_value(data).unwrap()
}

fn day(day: u8) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + i64::from(day) * 86_400, 0).unwrap()
}

fn voted(year: u16, cents: u64) -> Fact {
    envelope::Fact::Voted(data(json!({"year": year, "cents": cents}))).into()
}

fn moved(aid: u8, cents: u64, reserved: bool) -> Fact {
    let aid =
        data(json!({"parcours": Uuid::from_u128(1), "aid": Uuid::from_u128(aid.into()), "cents": cents}));
    match reserved {
        true => envelope::Fact::Reserved(aid).into(),
        false => envelope::Fact::Released(aid).into(),
    }
}

/// Any fact of an envelope.
fn of_envelope() -> impl Strategy<Value = Fact> {
    prop_oneof![
        8 => (0u8..5, 1u64..40).prop_map(|(aid, cents)| moved(aid, cents, true)),
        5 => (0u8..5, 1u64..40).prop_map(|(aid, cents)| moved(aid, cents, false)),
        3 => (0u64..120).prop_map(|cents| voted(2026, cents)),
    ]
}

/// Any fact of a community.
fn of_community() -> impl Strategy<Value = Fact> {
    let member = |parcours: u128| data(json!({"parcours": Uuid::from_u128(parcours)}));
    let created = || community::Fact::Created(data(json!({"name": "Anciens", "purpose": "s'entraider"})));
    let called = || community::Fact::Called(data(json!({"question": "quoi de mieux ?"})));
    prop_oneof![
        6 => (1u128..4).prop_map(move |who| community::Fact::Joined(member(who)).into()),
        3 => (1u128..4).prop_map(move |who| community::Fact::Left(data(json!({"parcours": Uuid::from_u128(who)}))).into()),
        6 => (1u128..4).prop_map(|who| community::Fact::Answered(data(json!({"parcours": Uuid::from_u128(who)}))).into()),
        3 => Just(called().into()),
        1 => Just(created().into()),
    ]
}

/// Facts that come together; whether they are recorded even if they should not be, as by a program of fewer rules.
type Told = (Vec<(u8, Fact)>, bool);

fn told(facts: impl Strategy<Value = Fact>) -> impl Strategy<Value = Vec<Told>> {
    let together = proptest::collection::vec((0u8..12, facts), 1..4);
    proptest::collection::vec((together, proptest::bool::weighted(0.15)), 1..40)
}

fn record(history: &History, event: Event) -> Record {
    let revision = history.revision() + 1;
    Record {
        position: revision,
        revision,
        recorded: day(20),
        actor: "test".into(),
        event,
    }
}

/// How much is granted beyond what is voted, at the end of each of these instants.
fn excess(history: &History, instants: &BTreeSet<DateTime<Utc>>) -> BTreeMap<DateTime<Utc>, i64> {
    let at = |instant: &DateTime<Utc>| {
        let (mut voted, mut granted) = (None, 0);
        for fact in history.effective().filter(|fact| fact.time <= *instant) {
            match fact.fact {
                Fact::Envelope(envelope::Fact::Voted(vote)) => voted = Some(vote.cents.get() as i64),
                Fact::Envelope(envelope::Fact::Reserved(aid)) => granted += aid.cents.get() as i64,
                Fact::Envelope(envelope::Fact::Released(aid)) => granted -= aid.cents.get() as i64,
                _ => {}
            }
        }
        (*instant, voted.map_or(0, |voted| (granted - voted).max(0)))
    };
    instants.iter().map(at).collect()
}

/// The facts that break a rule of a whole history.
fn broken(history: &History) -> BTreeSet<(&'static str, EventKey)> {
    let named = |(rule, breach): (&'static rules::Rule, rules::Breach)| {
        let fact = history.effective().nth(breach.fact).unwrap();
        (rule.code, fact.key().clone())
    };
    rules::check(history).into_iter().map(named).collect()
}

/// Tells all of it to both, and compares what each decision refuses with `expected` of the history before and after.
fn compare(
    stream: StreamId,
    told: Vec<Told>,
    expected: impl Fn(&History, &History) -> BTreeSet<&'static str>,
) -> Result<(), TestCaseError> {
    let (mut history, mut gathered, mut named) = (History::new(stream), Gathered::new(stream), 0);
    for (facts, forced) in told {
        let events: Vec<Event> = facts
            .into_iter()
            .map(|(at, fact)| {
                named += 1;
                // Ids in no order of arrival.
                let key = EventKey::new(OPERATOR, format!("{}", (named * 37) % 211));
                Event {
                    key,
                    stream,
                    time: day(at),
                    fact,
                }
            })
            .collect();
        let mut after = history.clone();
        for event in &events {
            after.push(record(&after, event.clone())).unwrap();
        }
        let refusals = gathered.refusals(&events.iter().collect::<Vec<_>>());
        let codes: BTreeSet<_> = refusals.iter().map(|(_, refusal)| refusal.code).collect();
        prop_assert_eq!(&codes, &expected(&history, &after), "{:?}", events);
        prop_assert!(refusals.iter().all(|(index, _)| *index < events.len()));
        prop_assert_eq!(
            gathered.refusals(&events.iter().collect::<Vec<_>>()).len(),
            refusals.len(),
            "asking leaves no trace"
        );
        if forced || refusals.is_empty() {
            for event in events {
                let record = record(&history, event);
                gathered.push(&record);
                history.push(record).unwrap();
            }
        }
    }
    // Taken back to the last, it knows nothing of what was there.
    for record in history.records().iter().rev() {
        gathered.pop(record);
    }
    prop_assert_eq!(gathered.revision(), 0);
    let mut fresh = Gathered::new(stream);
    for record in history.records() {
        let event = [&record.event];
        prop_assert_eq!(gathered.refusals(&event), fresh.refusals(&event));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_envelope_is_decided_on_as_the_rule_says_of_its_whole_history(told in told(of_envelope())) {
        compare(StreamId::envelope(2026), told, |before, after| {
            let instants: BTreeSet<_> = after.effective().map(|fact| fact.time).collect();
            let (was, is) = (excess(before, &instants), excess(after, &instants));
            let worse = is.iter().any(|(at, excess)| *excess > was[at]);
            assert_eq!(broken(after).is_empty(), is.values().all(|excess| *excess == 0));
            worse.then_some("aid-within-envelope").into_iter().collect()
        })?;
    }

    #[test]
    fn a_community_is_decided_on_as_the_rules_say_of_its_whole_history(told in told(of_community())) {
        compare(StreamId::new(StreamKind::Community, Uuid::from_u128(1)), told, |before, after| {
            let was = broken(before);
            broken(after).into_iter().filter(|breach| !was.contains(breach)).map(|(code, _)| code).collect()
        })?;
    }
}

fn vote(world: &mut World, id: &str, at: &str, year: i32, cents: u64) -> Result<(), Refusal> {
    let stated = voted(u16::try_from(year).unwrap(), cents);
    world.submit(event(StreamId::envelope(year), id, at, stated))
}

/// A journey in training, in a world that has voted so many cents for aids of 2026.
fn with_budget(cents: u64) -> Journey {
    let mut journey = Journey::started();
    vote(&mut journey.world, "v1", "2025-12-10", 2026, cents).unwrap();
    journey
}

fn another(journey: &Journey) -> Journey {
    let mut other = journey.clone();
    other.stream = parcours(2);
    other.with("2026-01-05", orientation())
}

#[test]
fn what_is_granted_in_a_year_never_exceeds_what_was_voted_for_it() {
    let mut journey = with_budget(10_000);
    journey.accepts("2026-02-02", aid_granted(1, 6_000));
    let mut other = another(&journey);
    let refusal = other.refuses("2026-03-02", aid_granted(2, 4_001), "aid-within-envelope");
    assert!(
        refusal
            .english
            .contains("envelope/2026 would be exceeded by €0.01."),
        "{refusal}"
    );
    assert!(
        refusal.french.contains("serait dépassée de 0,01 €."),
        "{refusal:?}"
    );
    assert_eq!(refusal.conflicts_with.unwrap().id, "v1");
    // A late grant takes its place in time, and what it would take from later ones is refused all the same.
    other.refuses("2026-01-20", aid_granted(2, 4_001), "aid-within-envelope");
    other.accepts("2026-01-20", aid_granted(2, 4_000));
    // Nobody has voted anything for that year yet.
    other.accepts("2027-01-04", aid_granted(3, 50_000));
    let refusal = vote(&mut other.world, "v2", "2027-01-05", 2027, 49_999).unwrap_err();
    assert_eq!(
        refusal.code, "aid-within-envelope",
        "what was granted before the first vote counts"
    );
}

#[test]
fn a_grant_that_is_corrected_or_annulled_takes_and_gives_back_what_it_should() {
    let mut journey = with_budget(10_000);
    let grant = journey.accepts("2026-02-02", aid_granted(1, 6_000));
    journey.refuses(
        "2026-02-03",
        correction(&grant, None, Some(&aid_granted(1, 10_001))),
        "aid-within-envelope",
    );
    journey.accepts(
        "2026-02-03",
        correction(&grant, None, Some(&aid_granted(1, 10_000))),
    );
    let mut other = another(&journey);
    other.refuses("2026-03-02", aid_granted(2, 1), "aid-within-envelope");
    other.stream = parcours(1);
    let later = other.accepts(
        "2026-02-04",
        correction(&grant, None, Some(&aid_granted(1, 9_000))),
    );
    other.stream = parcours(2);
    other.accepts("2026-03-02", aid_granted(2, 1_000));
    other.stream = parcours(1);
    other.refuses("2026-02-05", annulment(&later), "aid-within-envelope");
    other.accepts("2026-02-05", annulment(&grant));
    // Into another year it takes that year's money.
    vote(&mut other.world, "v2", "2025-12-10", 2027, 500).unwrap();
    let grant = other.accepts("2026-02-02", aid_granted(4, 9_000));
    other.refuses(
        "2026-02-06",
        correction(&grant, Some("2027-01-02"), None),
        "aid-within-envelope",
    );
}

#[test]
fn a_budget_is_never_cut_below_what_is_granted_and_is_of_its_own_year() {
    let mut journey = with_budget(10_000);
    journey.accepts("2026-02-02", aid_granted(1, 6_000));
    let refusal = vote(&mut journey.world, "v2", "2026-03-01", 2026, 5_999).unwrap_err();
    assert_eq!(refusal.code, "aid-within-envelope", "{refusal}");
    vote(&mut journey.world, "v3", "2026-03-01", 2026, 6_000).unwrap();
    let elsewhere = event(StreamId::envelope(2027), "v4", "2026-03-01", voted(2026, 1));
    let refusal = journey.world.submit(elsewhere).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.field.as_deref()),
        ("voted-for-its-year", Some("data.year"))
    );
    let forged = event(StreamId::envelope(2026), "v5", "2026-03-01", moved(1, 1, false));
    assert_eq!(
        journey.world.submit(forged).unwrap_err().code,
        "reserved-by-grant"
    );
}

#[test]
fn a_community_is_joined_by_those_who_agreed_and_by_nobody_erased() {
    let stream = StreamId::new(StreamKind::Community, Uuid::from_u128(9));
    let mut journey = Journey::started();
    let created = community::Fact::Created(data(json!({"name": "Anciens", "purpose": "s'entraider"})));
    journey
        .world
        .submit(event(stream, "c1", "2026-01-01", created))
        .unwrap();
    let tell = |journey: &mut Journey, id: &str, day: &str, joins: bool| {
        let member = data(json!({"parcours": journey.stream.uuid}));
        let fact = match joins {
            true => community::Fact::Joined(member),
            false => community::Fact::Left(member),
        };
        journey
            .world
            .submit(event(stream, id, day, fact))
            .map_err(|refusal| refusal.code)
    };
    assert_eq!(
        tell(&mut journey, "j1", "2026-02-03", true),
        Err("consent-before-community")
    );
    let purpose = parcours_model::streams::parcours::Purpose::Community;
    journey.accepts(
        "2026-02-04",
        parcours_model::streams::parcours::Fact::ConsentGiven(consent(purpose)),
    );
    assert_eq!(
        tell(&mut journey, "j2", "2026-02-03", true),
        Err("consent-before-community")
    );
    assert_eq!(tell(&mut journey, "j3", "2026-02-05", true), Ok(()));
    assert_eq!(
        tell(&mut journey, "j4", "2026-02-06", true),
        Err("members-in-order")
    );
    assert_eq!(tell(&mut journey, "j5", "2026-02-07", false), Ok(()));
    assert_eq!(
        tell(&mut journey, "j6", "2026-02-08", false),
        Err("members-in-order")
    );
    journey.accepts(
        "2026-03-01",
        parcours_model::streams::parcours::Fact::ConsentWithdrawn(consent(purpose)),
    );
    assert_eq!(
        tell(&mut journey, "j7", "2026-03-02", true),
        Err("consent-before-community")
    );
    let erased = parcours_model::streams::trainee::Fact::Erased(data(json!({})));
    let trainee = StreamId::new(StreamKind::Trainee, TRAINEE);
    journey
        .world
        .submit(event(trainee, "erasure", "2026-02-20", erased))
        .unwrap();
    assert_eq!(tell(&mut journey, "j8", "2026-02-20", true), Err("erased"));
    assert_eq!(tell(&mut journey, "j9", "2026-02-19", true), Ok(()));
}
