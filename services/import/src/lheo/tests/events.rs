//! What catalogues add to a log, and what they don't.

use parcours_model::streams::{Fact, StreamKind, offer, operator, session};
use parcours_model::{StreamId, Submission};

use super::log::{Log, options};
use super::*;
use crate::lheo::{Additions, Options, Tally, additions};

fn stream(kind: StreamKind, formation: &Formation) -> StreamId {
    formation.streams().find(|stream| stream.kind == kind).unwrap()
}

/// The capacity and the dates of the session, as they stand.
fn standing(log: &Log, formation: &Formation) -> (u32, String) {
    let mut standing = (0, String::new());
    for fact in log
        .facts
        .stream(stream(StreamKind::Session, formation))
        .unwrap()
        .effective()
    {
        match fact.fact {
            Fact::Session(session::Fact::Opened(opened)) => {
                standing = (opened.capacity, opened.from.to_string());
            }
            Fact::Session(session::Fact::Rescheduled(dates)) => standing.1 = dates.from.to_string(),
            Fact::Session(session::Fact::CapacityChanged(changed)) => standing.0 = changed.capacity,
            _ => {}
        }
    }
    standing
}

#[test]
fn a_formation_becomes_its_operator_its_offers_and_their_sessions() {
    let mut log = Log::default();
    let added = log.import(&one(include_str!("complete.xml")));
    assert_eq!(
        added,
        [
            "operator.registered.v1",
            "offer.published.v1",
            "session.opened.v1",
            "session.opened.v1",
            "offer.published.v1",
            "session.opened.v1"
        ]
    );
}

#[test]
fn every_event_is_one_that_the_log_would_take_from_a_stranger() {
    for submission in additions(&one(include_str!("complete.xml")), &|_| None, &options()).submissions {
        let read = Submission::parse(&submission.to_json()).unwrap();
        assert_eq!(read.event, submission.event);
        assert_eq!(&*read.event.key.source, "urn:siret:73000123400014");
    }
}

#[test]
fn importing_twice_changes_nothing_whenever_it_is_done() {
    let mut log = Log::default();
    let formation = one(include_str!("complete.xml"));
    log.import(&formation);
    for later in [
        "2026-11-24T10:00:00Z",
        "2027-06-01T00:00:00Z",
        "2031-01-01T00:00:00Z",
    ] {
        let options = Options {
            capacity: 30,
            ..Options::on(later.parse().unwrap())
        };
        assert_eq!(log.import_on(&formation, &options), Vec::<&str>::new(), "{later}");
    }
}

#[test]
fn two_imports_at_once_make_the_same_events() {
    let bytes = |formation: &Formation| -> Vec<Vec<u8>> {
        let Additions { submissions, .. } = additions(formation, &|_| None, &options());
        submissions.iter().map(Submission::to_json).collect()
    };
    let formation = include_str!("complete.xml");
    assert_eq!(bytes(&one(formation)), bytes(&one(formation)));
}

#[test]
fn ids_never_change() {
    let additions = additions(&changed(&[]), &|_| None, &options());
    let ids: Vec<_> = additions
        .submissions
        .iter()
        .map(|submission| submission.event.key.id.to_string())
        .collect();
    assert_eq!(
        ids,
        [
            "lheo:28214fe6-db28-5a25-b6c8-8e43f8f1f13e",
            "lheo:f7a86c90-2333-5d12-aaf4-907ce579ae04",
            "lheo:6a6b4721-d5e5-5ad3-a192-88d4ab9fb75e"
        ]
    );
}

#[test]
fn nothing_happens_after_the_import_and_a_session_opens_long_before_it_begins() {
    let times = |change: &[(&str, &str)]| -> Vec<String> {
        let additions = additions(&changed(change), &|_| None, &options());
        let day = |submission: &Submission| parcours_model::calendar::day(submission.event.time).to_string();
        additions.submissions.iter().map(day).collect()
    };
    let period = "<periode><debut>20270104</debut><fin>20270625</fin></periode>";
    let long_ago = "<periode><debut>20150901</debut><fin>20170831</fin></periode>";
    let far_ahead = "<periode><debut>20280901</debut><fin>20290630</fin></periode>";
    assert_eq!(times(&[]), ["2026-01-04"; 3]);
    assert_eq!(times(&[(period, long_ago)]), ["2014-09-01"; 3]);
    assert_eq!(times(&[(period, far_ahead)]), ["2026-11-24"; 3]);
    let created = (
        "<session numero='S1'>",
        "<session numero='S1' datecrea='20250601'>",
    );
    assert_eq!(times(&[created]), ["2025-06-01"; 3]);
    let ahead_of_the_clock = (
        "<session numero='S1'>",
        "<session numero='S1' datecrea='20300601'>",
    );
    assert_eq!(
        times(&[(period, far_ahead), ahead_of_the_clock]),
        ["2026-11-24"; 3]
    );
}

#[test]
fn what_changes_is_a_revision_and_what_changes_back_another() {
    let mut log = Log::default();
    let before = changed(&[]);
    let after = changed(&[
        ("Commis de cuisine", "Cuisine"),
        ("420", "450"),
        ("<formation ", "<formation datemaj='20261101' "),
    ]);
    log.import(&before);
    for (formation, title) in [
        (&after, "Cuisine"),
        (&before, "Commis de cuisine"),
        (&after, "Cuisine"),
        (&before, "Commis de cuisine"),
    ] {
        assert_eq!(log.import(formation), ["offer.revised.v1"]);
        assert_eq!(log.import(formation), Vec::<&str>::new());
        let Fact::Offer(offer::Fact::Revised(offer)) = log.last(stream(StreamKind::Offer, formation)) else {
            panic!()
        };
        assert_eq!(offer.title, title);
    }
    let history = log.facts.stream(stream(StreamKind::Offer, &before)).unwrap();
    assert_eq!(
        history.records()[1].event.time.to_rfc3339(),
        "2026-10-31T23:00:00+00:00",
        "the day it says it changed"
    );
    assert_eq!(history.records()[2].event.time, options().as_of);
}

#[test]
fn new_dates_and_new_places_are_changes_of_the_session() {
    let mut log = Log::default();
    log.import(&changed(&[]));
    assert_eq!(standing(&log, &changed(&[])), (12, "2027-01-04".to_owned()));
    let places = "</periode><extras><extra info='nb-places'>9</extra></extras>";
    let moved = changed(&[("20270104", "20270201"), ("</periode>", places)]);
    assert_eq!(
        log.import(&moved),
        ["session.rescheduled.v1", "session.capacity.changed.v1"]
    );
    assert_eq!(standing(&log, &moved), (9, "2027-02-01".to_owned()));
    let silent = changed(&[("20270104", "20270201")]);
    assert_eq!(
        log.import(&silent),
        Vec::<&str>::new(),
        "a catalogue that falls silent takes nothing back"
    );
    assert_eq!(log.import(&changed(&[])), ["session.rescheduled.v1"]);
    assert_eq!(standing(&log, &silent), (9, "2027-01-04".to_owned()));
}

#[test]
fn a_session_whose_recruitment_is_closed_is_not_enrolled_in_until_it_is_open_again() {
    let mut log = Log::default();
    let state = |code: u8| {
        changed(&[(
            "</periode>",
            &format!("</periode><etat-recrutement>{code}</etat-recrutement>"),
        )])
    };
    let until = |log: &Log| {
        let session = log.facts.stream(stream(StreamKind::Session, &state(1))).unwrap();
        let stated = session.effective().filter_map(|fact| match fact.fact {
            Fact::Session(session::Fact::Opened(opened)) => Some(opened.enrol_until),
            Fact::Session(session::Fact::Rescheduled(dates)) => Some(dates.enrol_until),
            _ => None,
        });
        stated.last().unwrap().map(|day| day.to_string())
    };
    log.import(&state(2));
    assert_eq!(
        until(&log).as_deref(),
        Some("2026-11-23"),
        "the day before the import"
    );
    let later = Options::on("2026-12-10T09:00:00Z".parse().unwrap());
    assert_eq!(log.import_on(&state(2), &later), Vec::<&str>::new());
    assert_eq!(log.import(&state(1)), ["session.rescheduled.v1"]);
    assert_eq!(until(&log), None);
    assert_eq!(log.import(&state(3)), ["session.rescheduled.v1"]);
    assert_eq!(until(&log).as_deref(), Some("2026-11-23"));
    assert_eq!(log.import(&state(3)), Vec::<&str>::new());
}

#[test]
fn both_numbers_of_a_certification_are_in_the_offer() {
    let mut log = Log::default();
    let formation = one(include_str!("complete.xml"));
    log.import(&formation);
    let Fact::Offer(offer::Fact::Published(offer)) = log.last(stream(StreamKind::Offer, &formation)) else {
        panic!()
    };
    let codes = (offer.rncp.unwrap().to_string(), offer.rs.unwrap().to_string());
    assert_eq!(codes, ("RNCP37859".to_owned(), "RS5550".to_owned()));
}

#[test]
fn a_session_whose_places_are_not_stated_gets_those_that_the_import_is_told() {
    let mut log = Log::default();
    log.import_on(
        &changed(&[]),
        &Options {
            capacity: 20,
            ..options()
        },
    );
    assert_eq!(standing(&log, &changed(&[])).0, 20);
}

#[test]
fn what_others_changed_stands_until_the_catalogue_says_something_new() {
    let mut log = Log::default();
    let formation = changed(&[]);
    log.import(&formation);
    let session = stream(StreamKind::Session, &formation);
    let day = |text: &str| text.parse().unwrap();
    let moved = session::Rescheduled {
        from: day("2027-03-01"),
        to: day("2027-08-20"),
        enrol_until: None,
    };
    log.state(session, "2026-11-20T09:00:00Z", session::Fact::Rescheduled(moved));
    assert_eq!(log.import(&formation), Vec::<&str>::new());
    assert_eq!(standing(&log, &formation).1, "2027-03-01");
    let caught_up = changed(&[("20270104", "20270301"), ("20270625", "20270820")]);
    assert_eq!(log.import(&caught_up), Vec::<&str>::new());
    assert_eq!(
        log.import(&changed(&[("20270104", "20270405")])),
        ["session.rescheduled.v1"]
    );
    assert_eq!(standing(&log, &formation).1, "2027-04-05");
}

#[test]
fn a_catalogue_does_not_take_an_operator_s_quality_certificate_away() {
    let mut log = Log::default();
    let formation = changed(&[]);
    log.import(&formation);
    let stream = stream(StreamKind::Operator, &formation);
    let Fact::Operator(operator::Fact::Registered(registered)) = log.last(stream).clone() else {
        panic!()
    };
    let until = Some("2028-01-31".parse().unwrap());
    let certified = operator::Registered {
        qualiopi_until: until,
        ..registered
    };
    log.state(
        stream,
        "2026-11-20T09:00:00Z",
        operator::Fact::Registered(certified),
    );
    assert_eq!(log.import(&formation), Vec::<&str>::new());
    assert_eq!(
        log.import(&changed(&[("École des fourneaux", "Les Fourneaux")])),
        ["operator.registered.v1"]
    );
    let Fact::Operator(operator::Fact::Registered(registered)) = log.last(stream) else {
        panic!()
    };
    assert_eq!(
        (registered.name.as_str(), registered.qualiopi_until),
        ("Les Fourneaux", until)
    );
}

#[test]
fn what_was_withdrawn_or_cancelled_or_moved_elsewhere_is_left_with_a_reason() {
    let formation = changed(&[]);
    let left = |log: &Log, formation: &Formation| {
        let additions = additions(formation, &|stream| log.facts.stream(stream), &options());
        assert!(additions.submissions.is_empty());
        reasons(&additions.left)
    };
    let mut log = Log::default();
    log.import(&formation);
    let elsewhere = changed(&[("14118", "76540"), ("14000", "76000"), ("Caen", "Rouen")]);
    assert_eq!(
        left(&log, &elsewhere),
        [
            "line 10, formation F1, session S1: the session was opened with another place: with this one it needs another number"
        ]
    );
    let cancelled = session::Fact::Cancelled(session::Cancelled { reason: None });
    log.state(
        stream(StreamKind::Session, &formation),
        "2026-11-20T09:00:00Z",
        cancelled,
    );
    assert_eq!(
        left(&log, &formation),
        [
            "line 10, formation F1, session S1: the session was cancelled: one that is held after all needs another number"
        ]
    );
    let withdrawn = offer::Fact::Withdrawn(offer::Withdrawn { reason: None });
    log.state(
        stream(StreamKind::Offer, &formation),
        "2026-11-20T09:00:00Z",
        withdrawn,
    );
    assert_eq!(
        left(&log, &formation),
        ["line 1, formation F1: the offer was withdrawn: one that comes back needs another number"]
    );
}

#[test]
fn days_that_nobody_said_do_not_move_with_the_day_of_the_import() {
    let xml = |dates: &str| {
        let permanent = changed_xml(&[
            ("<modalites-entrees-sorties>0", "<modalites-entrees-sorties>1"),
            (
                "<periode><debut>20270104</debut><fin>20270625</fin></periode>",
                dates,
            ),
        ]);
        format!("<lheo>{permanent}</lheo>")
    };
    let on = |dates: &str, day: &str| {
        let as_of = day.parse().unwrap();
        let formation = Catalogue::open(xml(dates).as_bytes(), as_of)
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        (formation, Options::on(as_of))
    };
    let mut log = Log::default();
    let (first, options) = on("", "2026-11-20T10:00:00Z");
    assert_eq!(log.import_on(&first, &options).last(), Some(&"session.opened.v1"));
    for day in ["2026-11-24T10:00:00Z", "2028-11-24T10:00:00Z"] {
        let (again, options) = on("", day);
        assert_eq!(log.import_on(&again, &options), Vec::<&str>::new(), "{day}");
    }
    let (stated, _) = on(
        "<periode><debut>20270301</debut><fin>99999999</fin></periode>",
        "2026-11-24T00:00:00Z",
    );
    assert_eq!(log.import(&stated), ["session.rescheduled.v1"]);
    assert_eq!(standing(&log, &stated).1, "2027-03-01");
}

#[test]
fn the_report_says_what_the_catalogue_left_out() {
    let hours = "<nombre-heures-total>420</nombre-heures-total>";
    let formation = changed(&[
        (hours, ""),
        ("<code-ROME>G1602</code-ROME>", "<code-ROME>?</code-ROME>"),
    ]);
    let mut tally = Tally::default();
    tally.add(&formation, &additions(&formation, &|_| None, &options()));
    assert_eq!(
        tally.to_string(),
        "1 formation: 1 operator, 1 offer (1 without hours: counted as 0), \
         1 session (1 without places: the default is taken); 0 refused, 1 remark, 3 events"
    );
}
