//! What readers ask of a large catalogue and of territories, at a steady pace, each kind of question by itself.
//!
//! 100,000 sessions are opened beside those of the programme that fills the log. Questions are sent when it is their time,
//! whether or not those before are answered, so that whoever waits for another counts, too.

use super::connection::Connection;
use super::door;
use super::figure::{Figure, Goal};
use super::latency::Latencies;
use super::scale::Scale;
use super::service::Service;
use anyhow::ensure;
use chrono::{Days, NaiveDate, Utc};
use hyper::StatusCode;
use parcours_model::geography::{self, TerritoryLevel};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

/// Questions a second (issue: "under 500 questions a second").
const PACE: u32 = 500;
/// How long each kind is asked.
const TIME: Duration = Duration::from_secs(5);
/// Connections that ask in turn.
const CONNECTIONS: u32 = 32;
/// Milliseconds at the 99th percentile.
const CATALOGUE: f64 = 10.0;
const TERRITORY: f64 = 20.0;

/// Sessions of one offer.
const SESSIONS_AN_OFFER: usize = 20;

/// What is asked: a name, what it is to take at most, and the paths, which are asked in turn.
fn questions() -> Vec<(&'static str, f64, Vec<String>)> {
    let near = ["76540", "14118", "76351", "61001", "50502", "27229"];
    let words = [
        "vente",
        "comptabilité",
        "aides+soignants",
        "métiers+bois",
        "cuisine",
    ];
    let trades = ["D1402", "J1501", "M1203", "G1602"];
    let catalogue = |parameters: Vec<String>| {
        let paths = parameters
            .into_iter()
            .map(|asked| format!("/v1/catalogue?{asked}"));
        paths.collect::<Vec<_>>()
    };
    let territory = |question: &str| {
        let places = ["region/28", "departement/76", "epci/200023414", "commune/76540"];
        let paths = places.map(|place| format!("/v1/territories/{place}?from=2024-01-01&{question}"));
        paths.to_vec()
    };
    vec![
        (
            "catalogue-first-page",
            CATALOGUE,
            catalogue(vec!["open=true".into()]),
        ),
        (
            "catalogue-near",
            CATALOGUE,
            catalogue(
                near.map(|commune| format!("near={commune}&km=20&open=true"))
                    .to_vec(),
            ),
        ),
        (
            "catalogue-words",
            CATALOGUE,
            catalogue(words.map(|words| format!("text={words}")).to_vec()),
        ),
        (
            "catalogue-trade",
            CATALOGUE,
            catalogue(
                trades
                    .map(|rome| format!("rome={rome}&territory=departement/76"))
                    .to_vec(),
            ),
        ),
        (
            "catalogue-facets",
            CATALOGUE,
            catalogue(
                words
                    .map(|words| format!("text={words}&facets=true&limit=20"))
                    .to_vec(),
            ),
        ),
        (
            "territory-two-breakdowns",
            TERRITORY,
            territory("by=level&then_by=gender"),
        ),
        (
            "territory-month-operator",
            TERRITORY,
            territory("by=month&then_by=operator"),
        ),
        ("territory-as-of", TERRITORY, territory("by=channel&as_of=1000")),
    ]
}

/// Opens the sessions, waits for the views, and asks.
pub async fn ask(service: &Service, file: &Path, scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    write_catalogue(file, scale.sessions)?;
    let sent = door::send(service.address, file, |_| ()).await?;
    ensure!(
        sent.refused == 0,
        "{} lines of the catalogue were refused",
        sent.refused
    );
    service.caught_up().await?;
    let mut figures = Vec::new();
    for (name, goal, paths) in questions() {
        let latencies = ask_at_pace(service, &paths).await?;
        for (share, quantile) in [("p50", 0.5), ("p99", 0.99)] {
            let figure = Figure::new(format!("{name}-{share}"), latencies.milliseconds(quantile), "ms")
                .at(scale.events);
            figures.push(match share {
                "p99" => figure.goal(Goal::Below(goal)),
                _ => figure,
            });
        }
    }
    Ok(figures)
}

async fn ask_at_pace(service: &Service, paths: &[String]) -> anyhow::Result<Latencies> {
    let mut asking = JoinSet::new();
    let begin = Instant::now() + Duration::from_millis(100);
    for number in 0..CONNECTIONS {
        let mut connection = Connection::open(service.address).await?;
        let paths = paths.to_vec();
        asking.spawn(async move {
            let mut latencies = Latencies::default();
            let grain = Duration::from_secs(1) / PACE;
            let mut turn = number;
            loop {
                let due = begin + grain * turn;
                if due > begin + TIME {
                    return anyhow::Ok(latencies);
                }
                sleep_until(due).await;
                let answer = connection.get(&paths[turn as usize % paths.len()]).await?;
                ensure!(
                    answer.status == StatusCode::OK,
                    "a question was answered {}",
                    answer.status
                );
                latencies.record(due.elapsed());
                turn += CONNECTIONS;
            }
        });
    }
    let mut all = Latencies::default();
    for latencies in asking.join_all().await {
        all.add(&latencies?);
    }
    Ok(all)
}

/// Operators, offers and so many sessions, all over Normandie, from last year to the next.
fn write_catalogue(file: &Path, sessions: usize) -> anyhow::Result<()> {
    const SENDER: &str = "urn:region:28";
    const TITLES: [&str; 8] = [
        "Vente en magasin",
        "Comptabilité et paie",
        "Aide-soignante",
        "Les métiers du bois",
        "Cuisine collective",
        "Secrétariat médical",
        "Conduite de chariots",
        "Remise à niveau",
    ];
    const TRADES: [&str; 8] = [
        "D1506", "M1203", "J1501", "H2206", "G1602", "M1609", "N1101", "K2111",
    ];
    let mut lines = BufWriter::new(File::create(file)?);
    let mut tell = |kind: &str, name: &str, stream: Uuid, data: serde_json::Value| {
        let event = json!({
            "specversion": "1.0", "id": format!("bench-{kind}-{name}-{stream}"), "source": SENDER, "type": format!("{kind}.{name}.v1"),
            "subject": format!("{kind}/{stream}"), "time": "2023-01-02T00:00:00+01:00", "data": data
        });
        writeln!(lines, "{event}")
    };
    let communes: Vec<&str> = geography::communes_of(TerritoryLevel::Region, "28")
        .map(|commune| commune.code)
        .collect();
    let first: NaiveDate = Utc::now().date_naive() - Days::new(365);
    let siret = "19290076900014";
    for number in 0..sessions {
        let offer_number = number / SESSIONS_AN_OFFER;
        let offer = Uuid::from_u128(0xbe0c_0000_0000 + offer_number as u128);
        if number.is_multiple_of(SESSIONS_AN_OFFER) {
            let kind = offer_number % TITLES.len();
            tell(
                "offer",
                "published",
                offer,
                json!({
                    "operator": siret, "title": format!("{} {offer_number}", TITLES[kind]), "objective": "Obtenir un emploi durable près de chez soi",
                    "rome": [TRADES[kind]], "formacode": [], "certifying": kind.is_multiple_of(2), "minutes": 36_000, "mode": "on_site"
                }),
            )?;
        }
        let from = first + Days::new((number * 7_919 % 730) as u64);
        let entry = if number.is_multiple_of(5) {
            "permanent"
        } else {
            "fixed"
        };
        tell(
            "session",
            "opened",
            Uuid::from_u128(0xbe0d_0000_0000 + number as u128),
            json!({
                "offer": offer, "commune": communes[number * 31 % communes.len()], "from": from, "to": from + Days::new(150), "entry": entry, "capacity": 12
            }),
        )?;
    }
    lines.flush()?;
    Ok(())
}
