//! Each rule: what it refuses, and what it lets pass.

use super::journey::*;
use super::world::{event, instant, parcours};
use parcours_model::streams::parcours::*;
use parcours_model::streams::{offer, operator};
use parcours_model::{StreamId, StreamKind, rules};
use serde_json::json;
use uuid::Uuid;

#[test]
fn a_parcours_begins_with_its_orientation_once() {
    Journey::new().refuses("2026-01-05", eligible(true), "orientation-first");
    let mut journey = Journey::oriented();
    journey.refuses("2026-01-06", orientation(), "orientation-first");
    let refusal = journey.refuses("2026-01-04", eligible(true), "orientation-first");
    assert_eq!(
        refusal.conflicts_with.unwrap().id,
        "e001",
        "the orientation it comes before is named"
    );
}

#[test]
fn an_admission_needs_a_favourable_check_before_it() {
    let mut journey = Journey::oriented();
    journey.refuses("2026-01-07", admitted(None), "eligibility-before-admission");
    journey.accepts("2026-01-06", eligible(false));
    journey.refuses("2026-01-07", admitted(None), "eligibility-before-admission");
    journey.accepts("2026-01-07", eligible(true));
    journey.refuses("2026-01-06", admitted(None), "eligibility-before-admission");
    journey.accepts("2026-01-08", admitted(None));
}

#[test]
fn nothing_that_follows_from_the_commitment_comes_before_it() {
    let mut journey = Journey::admitted().with("2026-01-08", referent(1));
    journey.refuses("2026-02-01", Fact::Started(Started {}), "commitment-before-start");
    let pay = || {
        Fact::PayGranted(
            serde_json::from_value(json!({"monthly_cents": 72500, "from": "2026-02-01"})).unwrap(),
        )
    };
    journey.refuses("2026-02-01", pay(), "commitment-before-pay");
    journey.accepts("2026-01-20", commitment());
    journey.refuses("2026-01-19", pay(), "commitment-before-pay");
    journey.accepts("2026-02-01", Fact::Started(Started {}));
    journey.accepts("2026-02-01", pay());
}

#[test]
fn a_start_needs_a_referent_and_there_is_one_at_a_time() {
    let mut journey = Journey::admitted().with("2026-01-08", commitment());
    journey.refuses("2026-02-01", Fact::Started(Started {}), "referent-before-start");
    journey.accepts("2026-01-09", referent(1));
    journey.refuses("2026-01-09", referent(2), "one-referent");
    journey.accepts("2026-01-10", referent(2));
    journey.accepts("2026-02-01", Fact::Started(Started {}));
}

#[test]
fn a_parcours_starts_once() {
    Journey::started().refuses("2026-03-01", Fact::Started(Started {}), "start-once");
}

#[test]
fn training_happens_between_start_and_exit() {
    Journey::committed().refuses("2026-02-10", bilan(), "in-training");
    let mut journey = Journey::started();
    journey.refuses("2026-01-31", module(), "in-training");
    journey.accepts("2026-02-02", module());
    journey.accepts("2026-03-01", exit(ExitReason::Abandoned));
    journey.refuses("2026-03-02", module(), "in-training");
    journey.accepts("2026-02-20", module());
}

#[test]
fn a_plan_may_be_agreed_on_the_day_of_the_start_but_not_before() {
    let plan = || {
        let plan = json!({"goals": [], "modules": [], "mode": "mixed", "weekly_minutes": 1800, "alongside_job": false});
        Fact::PlanAgreed(serde_json::from_value(plan).unwrap())
    };
    let mut journey = Journey::started();
    journey.refuses("2026-01-31", plan(), "in-training");
    journey.accepts("2026-02-01", plan());
    Journey::committed().refuses("2026-02-01", plan(), "in-training");
}

#[test]
fn nothing_of_the_training_happens_while_it_is_suspended() {
    let mut journey = Journey::started();
    let suspended = || {
        Fact::Suspended(Interruption {
            reason: "health".into(),
        })
    };
    let resumed = || Fact::Resumed(Resumption { reason: None });
    journey.refuses("2026-03-01", resumed(), "in-training");
    journey.accepts("2026-03-01", suspended());
    journey.refuses("2026-03-02", module(), "in-training");
    journey.refuses("2026-03-02", suspended(), "in-training");
    let report = json!({"partner": COMPANY, "topic": "health"});
    journey.accepts(
        "2026-03-02",
        Fact::PartnerReported(serde_json::from_value(report).unwrap()),
    );
    journey.accepts("2026-03-10", resumed());
    journey.accepts("2026-03-11", module());
}

#[test]
fn an_immersion_starts_after_the_bilan() {
    let mut journey = Journey::started().with("2026-02-02", immersion(1, "placement", COMPANY));
    journey.refuses("2026-03-01", immersion_started(1), "bilan-before-immersion");
    journey.accepts("2026-02-10", bilan());
    journey.accepts("2026-03-01", immersion_started(1));
}

#[test]
fn a_completed_parcours_has_a_bilan() {
    let mut journey = Journey::started();
    journey.refuses(
        "2026-06-30",
        exit(ExitReason::Completed),
        "bilan-before-completion",
    );
    journey.accepts("2026-06-30", exit(ExitReason::Abandoned));
}

#[test]
fn immersions_go_in_order_and_one_at_a_time() {
    let mut journey = Journey::with_bilan();
    journey.refuses("2026-03-01", immersion_started(1), "immersion-in-order");
    journey.accepts("2026-02-20", immersion(1, "placement", COMPANY));
    journey.accepts("2026-02-20", immersion(2, "temping", COMPANY));
    journey.refuses(
        "2026-02-21",
        immersion(2, "temping", COMPANY),
        "immersion-in-order",
    );
    journey.refuses("2026-03-01", immersion_completed(1), "immersion-in-order");
    journey.accepts("2026-03-01", immersion_started(1));
    journey.refuses("2026-03-03", immersion_started(2), "immersion-in-order");
    journey.accepts("2026-03-05", immersion_completed(1));
    journey.refuses("2026-03-06", immersion_completed(1), "immersion-in-order");
    journey.refuses("2026-03-05", immersion_started(2), "immersion-in-order");
    journey.accepts("2026-03-06", immersion_started(2));
}

#[test]
fn a_host_is_not_the_trainees_own_operator_except_for_a_platform() {
    let mut journey = Journey::with_bilan();
    journey.refuses("2026-02-20", immersion(1, "placement", OWN), "immersion-in-order");
    journey.accepts("2026-02-20", immersion(1, "platform", OWN));
}

#[test]
fn a_certification_is_registered_for_before_it_is_obtained_or_failed() {
    let mut journey = Journey::with_bilan();
    let full = || certification("full", &[]);
    journey.refuses(
        "2026-05-01",
        Fact::CertificationObtained(full()),
        "certification-in-order",
    );
    journey.accepts("2026-04-01", Fact::CertificationRegistered(full()));
    journey.refuses(
        "2026-04-02",
        Fact::CertificationRegistered(full()),
        "certification-in-order",
    );
    journey.accepts("2026-05-01", Fact::CertificationFailed(full()));
    journey.accepts(
        "2026-05-01",
        Fact::CertificationObtained(certification("blocks", &["BC01"])),
    );
    journey.refuses(
        "2026-05-02",
        Fact::CertificationObtained(full()),
        "certification-in-order",
    );
    journey.accepts("2026-05-10", Fact::CertificationRegistered(full()));
    journey.accepts("2026-06-01", Fact::CertificationObtained(full()));
    journey.refuses(
        "2026-06-02",
        Fact::CertificationRegistered(full()),
        "certification-in-order",
    );
}

#[test]
fn a_parcours_is_exited_once_and_only_if_it_started() {
    Journey::committed().refuses("2026-06-30", exit(ExitReason::Abandoned), "exit-once");
    Journey::exited().refuses("2026-07-01", exit(ExitReason::Employment), "exit-once");
}

#[test]
fn an_outcome_may_come_before_the_exit_but_not_before_the_start() {
    let mut journey = Journey::exited();
    journey.refuses("2026-01-31", employment(1), "outcome-after-start");
    journey.refuses("2026-08-01", employment_ended(1), "outcome-after-start");
    journey.accepts("2026-05-01", employment(1));
    journey.refuses("2026-05-02", employment(1), "outcome-after-start");
    journey.accepts("2026-08-01", employment_ended(1));
    journey.refuses("2026-08-02", employment_ended(1), "outcome-after-start");
    let business = Fact::BusinessCreated(BusinessCreated {
        business: None,
        how: BusinessOrigin::Takeover,
    });
    journey.refuses("2026-01-31", business.clone(), "outcome-after-start");
    journey.accepts("2026-09-01", business);
}

#[test]
fn a_review_comes_after_the_exit() {
    let mut journey = Journey::with_bilan();
    journey.refuses("2026-06-30", review(), "review-after-exit");
    journey.accepts("2026-06-30", exit(ExitReason::Completed));
    journey.accepts("2026-07-01", review());
}

#[test]
fn a_profile_needs_a_consent_that_stands() {
    let mut journey = Journey::exited();
    journey.accepts("2026-07-01", Fact::ConsentGiven(consent(Purpose::Partners)));
    journey.refuses("2026-07-02", profile(), "consent-before-profile");
    journey.accepts("2026-07-01", Fact::ConsentGiven(consent(Purpose::Profile)));
    journey.accepts("2026-07-02", profile());
    journey.accepts("2026-07-03", Fact::ConsentWithdrawn(consent(Purpose::Profile)));
    journey.refuses("2026-07-04", profile(), "consent-before-profile");
}

#[test]
fn an_aid_is_paid_within_its_grant() {
    let mut journey = Journey::started();
    journey.refuses("2026-02-03", aid_paid(1, 1), "aid-within-envelope");
    journey.accepts("2026-02-02", aid_granted(1, 10_000));
    journey.refuses("2026-02-02", aid_granted(1, 10_000), "aid-within-envelope");
    journey.accepts("2026-02-03", aid_paid(1, 6_000));
    journey.refuses("2026-02-04", aid_paid(1, 4_001), "aid-within-envelope");
    journey.accepts("2026-02-04", aid_paid(1, 4_000));
}

#[test]
fn an_event_is_at_most_one_day_ahead_of_the_clock() {
    let mut journey = Journey::oriented();
    let late = |day: &str| event(parcours(1), day, day, eligible(true));
    let refusal = journey
        .world
        .submit_at(late("2026-02-03"), instant("2026-02-01"))
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.field.as_deref()),
        ("not-in-the-future", Some("time"))
    );
    journey
        .world
        .submit_at(late("2026-02-02"), instant("2026-02-01"))
        .unwrap();
}

#[test]
fn what_cannot_have_been_is_refused() {
    let mut journey = Journey::exited();
    let followup = |months: u8| {
        let data = serde_json::json!({"months": months, "situation": "employed"});
        Fact::FollowupAnswered(serde_json::from_value(data).unwrap())
    };
    let refusal = journey.refuses("2026-07-20", followup(6), "plausible");
    assert_eq!(refusal.conflicts_with.unwrap().id, "e008", "the exit");
    journey.accepts("2026-12-05", followup(6));
    journey.accepts("2026-09-30", followup(3));
    let mut journey = Journey::new();
    assert_eq!(
        journey
            .refuses("1999-12-31", orientation(), "plausible")
            .field
            .as_deref(),
        Some("time")
    );
    journey.accepts("2000-01-01", orientation());
    let early = correction("e002", Some("0001-01-01"), None);
    assert_eq!(
        journey.refuses("2026-01-01", early, "plausible").field.as_deref(),
        Some("data.time")
    );
}

#[test]
fn the_data_of_a_correction_are_judged_as_those_of_what_they_correct() {
    let mut journey = Journey::with_bilan().with("2026-02-20", module());
    let module = |minutes: u32| {
        let data = serde_json::json!({"domain": "french", "minutes": minutes, "mode": "on_site"});
        Fact::ModuleCompleted(serde_json::from_value(data).unwrap())
    };
    let wrong = correction("e008", None, Some(&module(4_000_000_000)));
    let refusal = journey.refuses("2026-02-21", wrong, "amends-a-fact");
    assert_eq!(refusal.field.as_deref(), Some("data.data.minutes"));
    journey.accepts("2026-02-21", correction("e008", None, Some(&module(300))));
}

#[test]
fn a_late_fact_takes_its_place_in_time() {
    let mut journey = Journey::exited();
    let refusal = journey.refuses("2026-07-01", bilan(), "in-training");
    assert_eq!(refusal.conflicts_with.unwrap().id, "e008", "the exit is named");
    journey.accepts("2026-03-01", bilan());
}

#[test]
fn a_correction_that_makes_a_later_fact_impossible_is_refused_and_both_are_named() {
    let mut journey = Journey::with_bilan();
    journey.accepts("2026-02-12", immersion(1, "placement", COMPANY));
    journey.accepts("2026-03-01", immersion_started(1));
    let refusal = journey.refuses(
        "2026-04-01",
        correction("e007", Some("2026-03-02"), None),
        "bilan-before-immersion",
    );
    assert!(
        refusal.english.contains("parcours.immersion.started.v1"),
        "{refusal}"
    );
    assert_eq!(refusal.conflicts_with.unwrap().id, "e009");
    journey.accepts("2026-04-01", correction("e007", Some("2026-02-20"), None));
    journey.refuses("2026-04-01", annulment("e007"), "bilan-before-immersion");
}

#[test]
fn an_amendment_names_a_fact_that_stands() {
    let mut journey = Journey::with_bilan();
    journey.refuses("2026-03-01", annulment("nothing"), "amends-a-fact");
    journey.refuses(
        "2026-03-01",
        correction("e002", None, Some(&commitment())),
        "amends-a-fact",
    );
    let corrected = journey.accepts("2026-03-01", correction("e007", Some("2026-02-11"), None));
    journey.refuses(
        "2026-03-01",
        correction(&corrected, Some("2026-02-12"), None),
        "amends-a-fact",
    );
    let annulled = journey.accepts("2026-03-01", annulment("e007"));
    journey.refuses("2026-03-01", annulment("e007"), "amends-a-fact");
    journey.refuses("2026-03-01", annulment(&annulled), "amends-a-fact");
}

#[test]
fn operators_and_offers_go_in_order() {
    let mut world = Journey::new().world;
    let body = StreamId::new(StreamKind::Operator, Uuid::from_u128(5));
    let contracted = json!({"contract": Uuid::from_u128(9), "territory": "departement/76", "from": "2026-01-01", "to": "2026-12-31", "places": 100});
    let contracted = operator::Fact::Contracted(serde_json::from_value(contracted).unwrap());
    let refusal = world
        .submit(event(body, "o1", "2026-01-01", contracted.clone()))
        .unwrap_err();
    assert_eq!(refusal.code, "registered-first");
    let registered = json!({"siret": OWN, "name": "GRETA", "commune": "76540"});
    world
        .submit(event(
            body,
            "o2",
            "2026-01-01",
            operator::Fact::Registered(serde_json::from_value(registered).unwrap()),
        ))
        .unwrap();
    world
        .submit(event(body, "o3", "2026-01-02", contracted.clone()))
        .unwrap();
    assert_eq!(
        world
            .submit(event(body, "o4", "2026-01-02", contracted))
            .unwrap_err()
            .code,
        "contract-in-order"
    );

    let stream = StreamId::new(StreamKind::Offer, Uuid::from_u128(6));
    let training = json!({"operator": OWN, "title": "Sales", "objective": "", "rome": ["D1402"], "formacode": [], "certifying": true, "minutes": 600, "mode": "on_site"});
    let training: Box<offer::Offer> = serde_json::from_value(training).unwrap();
    assert_eq!(
        world
            .submit(event(
                stream,
                "f1",
                "2026-01-01",
                offer::Fact::Revised(training.clone())
            ))
            .unwrap_err()
            .code,
        "published-first"
    );
    world
        .submit(event(
            stream,
            "f2",
            "2026-01-01",
            offer::Fact::Published(training.clone()),
        ))
        .unwrap();
    world
        .submit(event(
            stream,
            "f3",
            "2026-02-01",
            offer::Fact::Withdrawn(offer::Withdrawn { reason: None }),
        ))
        .unwrap();
    assert_eq!(
        world
            .submit(event(stream, "f4", "2026-02-02", offer::Fact::Revised(training)))
            .unwrap_err()
            .code,
        "offer-withdrawn"
    );
}

#[test]
fn every_rule_has_a_code_and_its_sentences_in_both_languages() {
    for rule in StreamKind::ALL.iter().flat_map(|kind| rules::of(*kind)) {
        assert!(
            rule.code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            rule.code
        );
        assert!(
            !rule.english.is_empty() && !rule.french.is_empty() && rule.english != rule.french,
            "{}",
            rule.code
        );
    }
}

#[test]
fn of_a_rule_that_says_several_things_the_one_that_is_broken_is_told() {
    let attended = |month: &str, minutes: u32| {
        let data = json!({ "month": month, "planned_minutes": 600, "attended_minutes": minutes, "excused_minutes": 0 });
        Fact::AttendanceRecorded(serde_json::from_value(data).unwrap())
    };
    let told = |journey: &Journey, day: &str, fact: Fact, code: &str, english: &str, french: &str| {
        let refusal = journey.clone().refuses(day, fact, code);
        let begins = [
            refusal.english.starts_with(&format!("{english}.")),
            refusal.french.starts_with(&format!("{french}.")),
        ];
        assert_eq!(begins, [true; 2], "{refusal:?}");
    };
    let mut journey = Journey::with_bilan();
    told(
        &journey,
        "2026-03-31",
        attended("2026-03", 601),
        "plausible",
        "No more minutes are attended than were planned",
        "On ne suit pas plus de minutes qu'il n'en est prévu",
    );
    journey.accepts("2026-03-31", attended("2026-03", 600));
    told(
        &journey,
        "2026-04-01",
        attended("2026-03", 10),
        "plausible",
        "Of a month there is one attendance; what was wrong about it is corrected",
        "Il y a une assiduité par mois ; ce qui en était faux se rectifie",
    );
    told(
        &journey,
        "2026-04-01",
        immersion_started(7),
        "immersion-in-order",
        "An immersion is agreed, then started, then ended once",
        "Une immersion est convenue, puis démarrée, puis terminée une seule fois",
    );
    told(
        &Journey::committed(),
        "2026-04-01",
        module(),
        "in-training",
        "Bilan, plan, modules, discoveries, immersions, attendance and suspension happen between the start and the exit",
        "Bilan, plan, modules, découvertes, immersions, assiduité et suspension ont lieu entre le démarrage et la sortie",
    );
    told(
        &Journey::exited(),
        "2026-07-02",
        exit(ExitReason::MovedAway),
        "exit-once",
        "A parcours is exited once",
        "Un parcours se termine une seule fois",
    );
    told(
        &Journey::new(),
        "1999-12-31",
        orientation(),
        "plausible",
        "Nothing is dated before 1 January 2000",
        "Rien n'est daté d'avant le 1er janvier 2000",
    );
}

#[test]
fn a_refusal_tells_what_is_broken_of_its_rule_and_nothing_else() {
    let full = || certification("full", &[]);
    let mut journey = Journey::exited();
    journey.accepts("2026-02-02", aid_granted(1, 10_000));
    journey.accepts("2026-04-01", Fact::CertificationRegistered(full()));
    journey.accepts("2026-05-01", employment(1));
    let refused = |day: &str, fact: Fact, code: &str| journey.clone().refuses(day, fact, code);
    for (refusal, says, dit) in [
        (
            refused("2026-02-03", aid_granted(1, 1), "aid-within-envelope"),
            "An aid is granted once. It clashes",
            "Une aide est accordée une seule fois. Incompatible",
        ),
        (
            refused("2026-02-03", aid_paid(2, 1), "aid-within-envelope"),
            "An aid is paid after it was granted.",
            "Une aide est versée après avoir été accordée.",
        ),
        (
            refused("2026-02-03", aid_paid(1, 10_001), "aid-within-envelope"),
            "What is paid of an aid never exceeds what was granted. It clashes",
            "Ce qui est versé d'une aide ne dépasse jamais ce qui a été accordé. Incompatible",
        ),
        (
            refused(
                "2026-04-02",
                Fact::CertificationRegistered(full()),
                "certification-in-order",
            ),
            "What is registered for, or obtained, is not registered for again. It clashes",
            "Ce à quoi on est inscrit, ou qui est obtenu,",
        ),
        (
            refused(
                "2026-03-02",
                Fact::CertificationObtained(full()),
                "certification-in-order",
            ),
            "A certification is obtained or failed after a registration for it.",
            "Une certification est obtenue ou échouée après une inscription.",
        ),
        (
            refused("2026-01-31", employment(2), "outcome-after-start"),
            "An employment or a business is dated after the start of the parcours. It clashes",
            "Un emploi ou une entreprise est daté après le démarrage du parcours. Incompatible",
        ),
        (
            refused("2026-05-02", employment(1), "outcome-after-start"),
            "An employment starts once. It clashes",
            "Un emploi débute une fois. Incompatible",
        ),
        (
            refused("2026-05-02", employment_ended(2), "outcome-after-start"),
            "An employment ends after it started.",
            "Un emploi se termine après son début.",
        ),
    ] {
        assert!(refusal.english.starts_with(says), "{}", refusal.english);
        assert!(refusal.french.starts_with(dit), "{}", refusal.french);
    }
}

#[test]
fn a_place_is_offered_to_whoever_waits_until_a_day_that_is_not_over() {
    const RULE: &str = "offered-to-who-waits";
    let session = Uuid::from_u128(0xa);
    let placement = |session| Placement {
        session: Some(session),
        reason: None,
    };
    let offer = |session, until: &str| {
        Fact::PlaceOffered(PlaceOffered {
            session,
            until: until.parse().unwrap(),
        })
    };
    let mut journey = Journey::oriented().with("2026-01-07", Fact::Waitlisted(placement(session)));
    let other = journey.refuses("2026-01-08", offer(Uuid::from_u128(0xb), "2026-01-15"), RULE);
    assert!(
        other
            .english
            .contains("somebody who had asked to wait for one in that session"),
        "{other:?}"
    );
    let over = journey.refuses("2026-01-08", offer(session, "2026-01-07"), RULE);
    assert!(over.english.contains("until a day that is not over"), "{over:?}");
    journey.accepts("2026-01-08", offer(session, "2026-01-08"));
    // What is told late of whoever was offered a place is taken: it does not undo the offer.
    journey.accepts("2026-01-07", Fact::Declined(placement(session)));
}
