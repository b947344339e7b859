//! The streams beside the journey: requests, needs, conventions, branches, calls, committees (R15 to R19, R25).

use super::journey::*;
use super::world::{World, event, parcours};
use parcours_model::streams::parcours::Fact as Step;
use parcours_model::{Fact, Refusal, StreamId, StreamKind};
use serde_json::{Value, json};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(0x11);
const PARTNER: &str = "73282932000074";
const OFFER: Uuid = Uuid::from_u128(0x0ff);
const SESSION: Uuid = Uuid::from_u128(0x5e);

/// A fact of a type, as its sender writes it.
fn fact(type_name: &str, data: Value) -> Fact {
    let kind = type_name.split('.').next().unwrap().parse().unwrap();
    let fact = Fact::read(kind, type_name, &data.to_string());
    fact.unwrap_or_else(|| panic!("there is no type {type_name}"))
        .unwrap()
}

/// A world in which facts of one stream of each kind are told.
#[derive(Default, Clone)]
struct Told {
    world: World,
    told: usize,
}

impl Told {
    fn send(&mut self, uuid: Uuid, day: &str, type_name: &str, data: Value) -> Result<(), Refusal> {
        self.told += 1;
        let fact = fact(type_name, data);
        let stream = StreamId::new(fact.kind(), uuid);
        self.world
            .submit(event(stream, &format!("t{:03}", self.told), day, fact))
    }

    fn accepts(&mut self, day: &str, type_name: &str, data: Value) {
        self.send(ONE, day, type_name, data)
            .unwrap_or_else(|refusal| panic!("{type_name} on {day} was refused: {refusal}"));
    }

    fn refuses(&mut self, day: &str, type_name: &str, data: Value, code: &str, says: &str) -> Refusal {
        let size = self.world.size();
        let refusal = self
            .send(ONE, day, type_name, data)
            .expect_err(&format!("{type_name} on {day} was taken"));
        assert_eq!(refusal.code, code, "{refusal}");
        assert!(refusal.english.contains(says), "{refusal}");
        assert_eq!(self.world.size(), size);
        refusal
    }

    fn offer(mut self) -> Self {
        let offer = json!({"operator": OWN, "title": "Soudeur", "objective": "Souder", "rome": ["H2913"],
            "formacode": [], "certifying": false, "minutes": 6000, "mode": "on_site"});
        self.send(OFFER, "2026-01-02", "offer.published.v1", offer)
            .unwrap();
        let session = json!({"offer": OFFER, "commune": "76540", "from": "2026-02-01", "to": "2026-06-30",
            "entry": "fixed", "capacity": 3});
        self.send(SESSION, "2026-01-03", "session.opened.v1", session)
            .unwrap();
        self
    }

    /// The types of what has happened to a stream.
    fn types(&self, kind: StreamKind, uuid: Uuid) -> Vec<&'static str> {
        let history = self.world.stream(StreamId::new(kind, uuid));
        history
            .records()
            .iter()
            .map(|record| record.event.fact.type_name())
            .collect()
    }
}

fn submitted() -> Value {
    json!({"rome": "H2913", "why": "aucune formation de soudeur sous-marin", "commune": "76540"})
}

fn signed(roles: &[&str]) -> Value {
    json!({"partner": PARTNER, "name": "Mission locale", "roles": roles, "territory": "departement/76",
        "from": "2026-01-01", "to": "2026-12-31"})
}

#[test]
fn a_request_is_submitted_examined_and_comes_to_one_end() {
    let mut told = Told::default();
    told.refuses(
        "2026-01-05",
        "request.examined.v1",
        json!({}),
        "request-in-order",
        "submitted before anything else",
    );
    told.accepts("2026-01-05", "request.submitted.v1", submitted());
    told.refuses(
        "2026-01-06",
        "request.submitted.v1",
        submitted(),
        "request-in-order",
        "submitted once",
    );
    told.accepts(
        "2026-01-07",
        "request.examined.v1",
        json!({"comment": "à l'étude"}),
    );
    told.accepts(
        "2026-01-20",
        "request.refused.v1",
        json!({"reason": "une session ouvre en mars"}),
    );
    told.refuses(
        "2026-01-21",
        "request.withdrawn.v1",
        json!({}),
        "request-in-order",
        "once",
    );
    told.refuses(
        "2026-01-21",
        "request.examined.v1",
        json!({}),
        "request-in-order",
        "Nothing follows",
    );
}

#[test]
fn a_request_that_is_funded_and_its_offer_name_each_other() {
    let mut told = Told::default().offer();
    told.accepts("2026-01-05", "request.submitted.v1", submitted());
    let mut without = told.clone();
    let nowhere = json!({"offer": Uuid::from_u128(404), "cents": 200_000});
    without.refuses(
        "2026-01-20",
        "request.funded.v1",
        nowhere,
        "published-first",
        "published before",
    );
    without.accepts("2026-01-20", "request.funded.v1", json!({"cents": 200_000}));
    told.accepts(
        "2026-01-20",
        "request.funded.v1",
        json!({"offer": OFFER, "cents": 200_000}),
    );
    assert_eq!(
        told.types(StreamKind::Offer, OFFER),
        ["offer.published.v1", "offer.requested.v1"]
    );
    let forged = told.send(OFFER, "2026-01-21", "offer.requested.v1", json!({"request": ONE}));
    assert_eq!(forged.unwrap_err().code, "linked-by-cause");
}

#[test]
fn a_need_is_of_a_company_or_of_a_territory_and_its_session_names_it() {
    let stated = |company: bool| {
        let mut need = json!({"rome": "H2913", "people": 12, "commune": "76540", "by_date": "2026-06-01"});
        let (name, value) = if company {
            ("company", COMPANY)
        } else {
            ("territory", "departement/76")
        };
        need[name] = json!(value);
        need
    };
    let mut both = stated(true);
    both["territory"] = json!("departement/76");
    let mut neither = stated(true);
    neither["company"].take();
    for need in [both, neither] {
        let misfit = fact("need.stated.v1", need).judge().unwrap_err();
        assert_eq!(misfit.detail, "give exactly one of `company` and `territory`");
    }
    let mut told = Told::default().offer();
    told.accepts("2026-01-05", "need.stated.v1", stated(false));
    told.accepts("2026-01-06", "need.accompanied.v1", json!({"by": PARTNER}));
    let nowhere = json!({"session": Uuid::from_u128(404)});
    told.refuses(
        "2026-02-01",
        "need.met.v1",
        nowhere,
        "opened-first",
        "There is no session/",
    );
    told.accepts("2026-02-01", "need.met.v1", json!({"session": SESSION}));
    assert_eq!(
        told.types(StreamKind::Session, SESSION),
        ["session.opened.v1", "session.need.met.v1"]
    );
    told.refuses(
        "2026-02-02",
        "need.dropped.v1",
        json!({}),
        "need-in-order",
        "once",
    );
}

#[test]
fn nobody_is_oriented_under_a_convention_that_is_not_in_force() {
    let oriented = |day: &str, told: &mut Told, prescriber: &str| {
        let mut data = serde_json::to_value(orientation()).unwrap();
        data["convention"] = json!(ONE);
        data["prescriber"] = json!(prescriber);
        told.told += 1;
        let fact = fact("parcours.oriented.v1", data);
        told.world.submit(event(
            parcours(told.told as u128),
            &format!("o{}", told.told),
            day,
            fact,
        ))
    };
    let mut told = Told::default();
    let unknown = oriented("2026-02-01", &mut told, PARTNER).unwrap_err();
    assert_eq!(
        (unknown.code, unknown.field.as_deref()),
        ("under-convention", Some("data.convention"))
    );
    assert!(unknown.english.contains("There is no convention/"), "{unknown}");
    told.accepts(
        "2025-12-20",
        "convention.signed.v1",
        signed(&["inform", "orient"]),
    );
    oriented("2026-02-01", &mut told, PARTNER).unwrap();
    let before = oriented("2025-12-31", &mut told, PARTNER).unwrap_err();
    assert!(before.english.contains("runs from 2026-01-01"), "{before}");
    let another = oriented("2026-02-01", &mut told, OWN).unwrap_err();
    assert!(another.english.contains("It is with"), "{another}");
    told.accepts("2026-03-01", "convention.ended.v1", json!({}));
    let ended = oriented("2026-03-01", &mut told, PARTNER).unwrap_err();
    assert!(
        ended.conflicts_with.is_some() && ended.english.contains("convention.ended.v1"),
        "{ended}"
    );
    oriented("2026-02-28", &mut told, PARTNER).expect("a late fact takes its place in time");
    told.refuses(
        "2026-04-01",
        "convention.ended.v1",
        json!({}),
        "convention-in-order",
        "Nothing follows",
    );
}

#[test]
fn a_partner_reports_under_a_convention_that_has_the_role() {
    let reported = || {
        let data = json!({"partner": PARTNER, "convention": ONE, "topic": "housing"});
        Step::PartnerReported(serde_json::from_value(data).unwrap())
    };
    for (roles, taken) in [(&["orient"][..], false), (&["orient", "accompany"], true)] {
        let mut journey = Journey::with_bilan();
        let convention = StreamId::new(StreamKind::Convention, ONE);
        let signed = fact("convention.signed.v1", signed(roles));
        journey
            .world
            .submit(event(convention, "c1", "2025-12-20", signed))
            .unwrap();
        if taken {
            let id = journey.accepts("2026-03-01", reported());
            // What was in order stays in order, whatever else of it is put right.
            journey.refuses(
                "2026-03-02",
                correction(&id, Some("2027-01-01"), None),
                "under-convention",
            );
            journey.accepts("2026-03-02", correction(&id, Some("2026-03-05"), None));
        } else {
            let refusal = journey.refuses("2026-03-01", reported(), "under-convention");
            assert!(refusal.english.contains("accompany"), "{refusal}");
        }
    }
}

#[test]
fn a_branch_has_one_agreement_at_a_time() {
    let agreement = |from: &str, to: &str| json!({"name": "Métallurgie", "naf": ["25.62B"], "rome": ["H2913"], "from": from, "to": to});
    let mut told = Told::default();
    told.refuses(
        "2026-01-01",
        "branch.agreement.ended.v1",
        json!({}),
        "agreement-in-order",
        "after it was signed",
    );
    told.accepts(
        "2026-01-02",
        "branch.agreement.signed.v1",
        agreement("2026-01-01", "2026-12-31"),
    );
    told.refuses(
        "2026-02-01",
        "branch.agreement.signed.v1",
        agreement("2026-12-31", "2027-12-31"),
        "agreement-in-order",
        "after the last one",
    );
    let mut later = told.clone();
    later.accepts(
        "2026-11-01",
        "branch.agreement.signed.v1",
        agreement("2027-01-01", "2027-12-31"),
    );
    told.accepts(
        "2026-06-01",
        "branch.agreement.ended.v1",
        json!({"reason": "renégocié"}),
    );
    told.accepts(
        "2026-06-02",
        "branch.agreement.signed.v1",
        agreement("2026-06-15", "2027-12-31"),
    );
}

#[test]
fn a_call_is_answered_in_time_and_stays_within_its_money() {
    let opened = json!({"title": "Mobilité rurale", "territory": "departement/27", "until": "2026-03-31", "envelope_cents": 10_000_000});
    let proposal = |cents: u64, name: Option<u128>| {
        let mut proposal = json!({"operator": OWN, "title": "Minibus", "cents": cents});
        if let Some(name) = name {
            proposal["proposal"] = json!(Uuid::from_u128(name));
        }
        proposal
    };
    let select = |name: u128| json!({"proposal": Uuid::from_u128(name)});
    let (submitted, selected) = ("call.proposal.submitted.v1", "call.proposal.selected.v1");
    let mut told = Told::default();
    told.accepts("2026-01-02", "call.opened.v1", opened.clone());
    told.refuses(
        "2026-01-03",
        "call.opened.v1",
        opened,
        "call-in-order",
        "opened once",
    );
    told.accepts("2026-02-01", submitted, proposal(6_000_000, None));
    let mut alone = told.clone();
    alone.accepts("2026-04-02", selected, json!({"operator": OWN}));
    alone.refuses(
        "2026-04-03",
        selected,
        json!({"operator": OWN}),
        "call-in-order",
        "selected once",
    );
    told.accepts("2026-03-31", submitted, proposal(5_000_000, Some(1)));
    told.refuses(
        "2026-04-01",
        submitted,
        proposal(1, Some(2)),
        "call-in-order",
        "by the last day",
    );
    told.refuses(
        "2026-03-02",
        submitted,
        proposal(1, Some(1)),
        "call-in-order",
        "two names",
    );
    told.refuses(
        "2026-04-02",
        selected,
        json!({"operator": OWN}),
        "call-in-order",
        "one proposal",
    );
    told.refuses(
        "2026-03-30",
        selected,
        select(1),
        "call-in-order",
        "submitted before",
    );
    told.accepts("2026-04-02", selected, select(1));
    let mut exceeded = told.clone();
    exceeded.accepts("2026-02-02", submitted, proposal(5_000_001, Some(3)));
    exceeded.refuses(
        "2026-04-03",
        selected,
        select(3),
        "call-within-envelope",
        "never costs more",
    );
    told.accepts("2026-04-10", "call.closed.v1", json!({}));
    told.refuses(
        "2026-04-11",
        "call.closed.v1",
        json!({}),
        "call-in-order",
        "closing",
    );
}

#[test]
fn what_a_committee_decides_is_followed_up() {
    let met = json!({"territory": "epci/200023414", "on": "2026-03-10", "partners": [PARTNER],
        "decisions": ["ouvrir une session à Elbeuf", "relancer les entreprises"]});
    let due = |number: u32| json!({"on": "2026-03-10", "number": number, "by_date": "2026-05-01"});
    let done = |number: u32| json!({"on": "2026-03-10", "number": number});
    let mut told = Told::default();
    told.refuses(
        "2026-03-10",
        "committee.decision.due.v1",
        due(1),
        "committee-in-order",
        "a meeting before",
    );
    told.accepts("2026-03-10", "committee.met.v1", met.clone());
    told.refuses(
        "2026-03-11",
        "committee.met.v1",
        met,
        "committee-in-order",
        "once a day",
    );
    told.accepts("2026-03-11", "committee.decision.due.v1", due(2));
    told.refuses(
        "2026-03-11",
        "committee.decision.due.v1",
        due(3),
        "committee-in-order",
        "a number",
    );
    told.accepts("2026-04-11", "committee.decision.done.v1", done(2));
    told.refuses(
        "2026-04-12",
        "committee.decision.done.v1",
        done(2),
        "committee-in-order",
        "done once",
    );
}
