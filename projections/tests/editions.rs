//! A log outlives its geography: written under one edition, it is read, added to and told under an older and a newer.
//!
//! Alone in its program, since the edition is exchanged for the whole process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "engine/house.rs"]
#[allow(dead_code, reason = "shared with the other tests of the engine")]
mod house;
#[path = "engine/told.rs"]
#[allow(dead_code, reason = "shared with the other tests of the engine")]
mod told;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use house::{House, block};
use parcours_model::geography::{self, Edition, TerritoryLevel, exchange};
use parcours_model::{History, StreamId, StreamKind, Submission};
use parcours_projections::outcomes::Filter;
use parcours_projections::territory::{AsOf, By, Query, Report};
use parcours_projections::{VIEWS, catalogue, outcomes, timeline};
use parcours_tests::on_both_databases;
use serde_json::json;
use told::{OPERATOR, SENDER, event, parcours};
use uuid::Uuid;

const TABLE: &str = include_str!("../../events/model/geography/geography.tsv");

const ROUEN: &str = "76540";
const LE_HAVRE: &str = "76351";
const CAEN: &str = "14118";
const AURSEULLES: &str = "14581";

/// One edition at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Today's table without some communes, and with other lines.
fn edition(without: &[&str], with: &str) -> &'static Edition {
    let kept = TABLE.lines().filter(|line| {
        let mut fields = line.split('\t');
        let (kind, code) = (fields.next().unwrap(), fields.next().unwrap());
        kind != "C" || !without.contains(&code)
    });
    let mut text: String = kept.flat_map(|line| [line, "\n"]).collect();
    text.push_str(with);
    Box::leak(Box::new(Edition::read(text.leak())))
}

/// Somebody who lives there, consents to partners, and starts on 1 February 2025.
fn person(number: u128, commune: &str) -> Vec<Submission> {
    let subject = parcours(number);
    let tell = |day: &str, name: &str, data: serde_json::Value| {
        event(&subject, &format!("p{number}-{name}"), day, name, &data)
    };
    let oriented = json!({"trainee": Uuid::from_u128(0x7e00 + number), "channel": "counsellor", "commune": commune,
        "situation": "without_job", "needs": ["skills"], "level": 3});
    vec![
        tell("2025-01-05", "oriented", oriented),
        tell(
            "2025-01-06",
            "eligibility.checked",
            json!({"eligible": true, "reasons": []}),
        ),
        tell("2025-01-10", "admitted", json!({"operator": OPERATOR})),
        tell(
            "2025-01-20",
            "commitment.signed",
            json!({"contract_version": "1"}),
        ),
        tell(
            "2025-01-21",
            "referent.named",
            json!({"referent": Uuid::from_u128(2), "organisation": OPERATOR}),
        ),
        tell("2025-01-22", "consent.given", json!({"purpose": "partners"})),
        tell("2025-02-01", "started", json!({})),
    ]
}

fn left(number: u128) -> Submission {
    event(
        &parcours(number),
        &format!("p{number}-exited"),
        "2025-06-30",
        "exited",
        &json!({"reason": "abandoned"}),
    )
}

fn session(commune: &str) -> Vec<Submission> {
    let (operator, offer) = (
        format!("operator/{}", Uuid::from_u128(4)),
        format!("offer/{}", Uuid::from_u128(5)),
    );
    let registered = json!({"siret": OPERATOR, "name": "GRETA", "commune": commune});
    let contracted = json!({"contract": Uuid::from_u128(7), "territory": "epci/200023414", "from": "2025-01-01",
        "to": "2025-12-31", "places": 10});
    let published = json!({"operator": OPERATOR, "title": "t", "objective": "o", "rome": ["D1402"], "formacode": [],
        "certifying": false, "minutes": 600, "mode": "mixed"});
    let opened = json!({"offer": Uuid::from_u128(5), "commune": commune, "from": "2025-02-01", "to": "2025-06-30",
        "entry": "permanent", "capacity": 3});
    vec![
        event(&operator, "registered", "2025-01-02", "registered", &registered),
        event(&operator, "contracted", "2025-01-02", "contracted", &contracted),
        event(&offer, "published", "2025-01-02", "published", &published),
        event(
            &format!("session/{}", Uuid::from_u128(6)),
            "opened",
            "2025-01-03",
            "opened",
            &opened,
        ),
    ]
}

async fn report(house: &House, level: TerritoryLevel, code: &str, size: Option<u64>) -> Report {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let query = Query {
        territory: geography::territory(level, code).unwrap(),
        from: day("2025-01-01"),
        to: day("2025-12-31"),
        as_of: AsOf {
            size,
            instant: Utc::now(),
        },
        by: vec![By::Month],
        compare: false,
        protected: false,
    };
    house.views.territory(&query).await.unwrap()
}

/// Entries in a territory, and of those whose commune is not known: now, and as of the whole log.
async fn entries(house: &House, level: TerritoryLevel, code: &str) -> (i64, i64) {
    let size = house.log.head().await.unwrap().size;
    let mut told = BTreeSet::new();
    for size in [None, Some(size)] {
        let report = report(house, level, code, size).await;
        told.insert((
            report.figures.entries.unwrap(),
            report.unknown.map_or(0, |figures| figures.entries.unwrap()),
        ));
    }
    assert_eq!(told.len(), 1, "now and as of now differ: {told:?}");
    told.pop_first().unwrap()
}

/// The communes of people and of sessions that messages tell of, notices aside.
async fn told_of(house: &House, filter: &Filter) -> Vec<String> {
    let told = house
        .views
        .outcomes(filter, None, DateTime::<Utc>::MAX_UTC, 1_000)
        .await
        .unwrap();
    assert!(told.iter().all(|message| filter.admits(message)));
    let communes: BTreeSet<String> = told
        .iter()
        .filter(|message| message.kind != outcomes::OutcomeKind::Forget)
        .map(|message| message.commune.unwrap().to_string())
        .collect();
    communes.into_iter().collect()
}

/// Every entry can be read and every stream replayed, whatever the edition says.
async fn all_is_readable(house: &House) {
    let log = house.log_again().await;
    let size = log.head().await.unwrap().size;
    let entries = log.read(0, usize::try_from(size).unwrap()).await.unwrap();
    assert_eq!(entries.len() as u64, size);
    let streams: BTreeSet<StreamId> = entries
        .iter()
        .map(|entry| entry.record().unwrap().event.stream)
        .collect();
    for stream in streams {
        let entries = log.stream(stream, None).await.unwrap();
        let records = entries.iter().map(|entry| entry.record().unwrap());
        let history = History::replay(stream, records).unwrap();
        if stream.kind == StreamKind::Parcours {
            let told = serde_json::to_value(timeline::tell(&history, Utc::now())).unwrap();
            assert!(told["commune"].is_string());
        }
    }
}

fn sent(commune: &str) -> Result<Submission, String> {
    let event = json!({
        "specversion": "1.0", "id": "new", "source": SENDER, "type": "operator.registered.v1",
        "subject": format!("operator/{}", Uuid::from_u128(9)), "time": "2025-01-01T00:00:00Z",
        "data": {"siret": OPERATOR, "name": "n", "commune": commune}
    });
    Submission::parse(event.to_string().as_bytes()).map_err(|malformed| malformed.to_string())
}

on_both_databases! {
    fn a_log_is_read_added_to_and_told_under_an_older_and_a_newer_edition(database: Database) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        exchange(edition(&[], ""));
        block(async {
            use TerritoryLevel::{Commune, Departement, Region};
            let house = House::new(database, VIEWS).await;
            let homes = [ROUEN, LE_HAVRE, CAEN, AURSEULLES];
            for (number, commune) in homes.iter().enumerate() {
                house.record(person(number as u128, commune)).await;
            }
            house.record(session(CAEN)).await;
            house.rebuild(&[]).await.unwrap();
            all_is_readable(&house).await;
            assert_eq!(entries(&house, Region, "28").await, (4, 0));
            assert_eq!(entries(&house, Departement, "14").await, (2, 0));
            assert_eq!(told_of(&house, &Filter::all()).await, [CAEN, AURSEULLES, LE_HAVRE, ROUEN]);

            // Le Havre has merged into Rouen, Caen is gone without a trace.
            exchange(edition(&[LE_HAVRE, CAEN], "F\t76351\t76540\t2030-01-01\n"));
            all_is_readable(&house).await;
            assert!(house.record(vec![left(1)]).await > 0);
            assert!(house.record(vec![left(2)]).await > 0);
            house.rebuild(&[]).await.unwrap();
            assert_eq!(entries(&house, Commune, ROUEN).await, (2, 1));
            assert_eq!(entries(&house, Departement, "14").await, (1, 1));
            assert_eq!(entries(&house, Region, "28").await, (3, 1));
            assert_eq!(told_of(&house, &Filter::all()).await, [AURSEULLES, ROUEN]);
            let page = house.views.catalogue(&catalogue::Query::all("2025-02-01T12:00:00Z".parse().unwrap())).await.unwrap();
            let place = &page.sessions[0].commune;
            assert_eq!((place.code.as_str(), place.name, place.departement.as_deref()), (CAEN, "", None));
            let refused = sent(LE_HAVRE).unwrap_err();
            assert!(refused.contains("since 2030-01-01 76540 Rouen"), "{refused}");
            assert!(sent(CAEN).is_err() && sent(ROUEN).is_ok());

            // Whoever lived in Caen withdraws the consent: nobody knows any more who heard, so that all are told to forget.
            let withdrawn = event(&parcours(2), "p2-withdrawn", "2025-03-01", "consent.withdrawn", &json!({"purpose": "partners"}));
            house.record(vec![withdrawn]).await;
            house.rebuild(&[]).await.unwrap();
            let far_away = Filter { territories: vec![vec!["region/11".parse().unwrap()]], ..Filter::all() };
            let notices = house.views.outcomes(&far_away, None, DateTime::<Utc>::MAX_UTC, 1_000).await.unwrap();
            assert!(notices.iter().all(|message| far_away.admits(message)));
            assert!(notices.iter().any(|message| message.trainee == Some(Uuid::from_u128(0x7e02))));

            // An older edition: Aurseulles has its code of before, and Le Havre and Caen are there again.
            exchange(edition(&[AURSEULLES], "E\t\t\nC\t14011\t1896\t\t\tAurseulles\n"));
            all_is_readable(&house).await;
            house.rebuild(&[]).await.unwrap();
            assert_eq!(entries(&house, Region, "28").await, (3, 1));
            assert_eq!(entries(&house, Departement, "76").await, (2, 1));
            assert_eq!(entries(&house, Commune, CAEN).await, (1, 1));
            assert!(sent(AURSEULLES).is_err() && sent("14011").is_ok());
        });
    }
}
