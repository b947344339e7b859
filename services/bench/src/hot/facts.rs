//! What happens to a session with entry all year: lines as an operator's software writes them.
//!
//! Everything is dated in the year that ends today: people are checked before it, those who are admitted in the order of
//! time come in its first part, and single events at its end.

use crate::door::{self, Sent};
use crate::scratch::Scratch;
use crate::service::Service;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, TimeDelta, Utc};
use parcours_model::calendar;
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

/// Nobody's: INSEE gives no number that begins with 000.
const OPERATOR: &str = "00010000800010";
const SOURCE: &str = "urn:siret:00010000800010";
/// Days of the year in which people are admitted in bulk.
const BUSY: i64 = 200;
/// Days after its beginning on which single events happen.
const SINGLE: i64 = 250;
/// And on which people are admitted who come after them.
const AFTER: i64 = 270;
/// Places of a session: more than anybody takes here.
const CAPACITY: u32 = 200_000;

/// The sessions, and the offer that they are of.
pub struct Catalogue {
    pub long: Uuid,
    pub shuffled: Uuid,
    pub many: Vec<Uuid>,
    pub shorts: Vec<Uuid>,
    offer: Uuid,
}

impl Catalogue {
    /// So many sessions to spread people over, and so many short ones.
    pub fn new(many: usize, shorts: usize) -> Self {
        let several = |count: usize| (0..count.max(1)).map(|_| Uuid::now_v7()).collect();
        Self {
            long: Uuid::now_v7(),
            shuffled: Uuid::now_v7(),
            many: several(many),
            shorts: several(shorts),
            offer: Uuid::now_v7(),
        }
    }

    /// Has a service take it.
    pub async fn send(&self, service: &Service, scratch: &Scratch) -> anyhow::Result<Sent> {
        let mut lines = Lines::default();
        let offer = json!({
            "operator": OPERATOR, "title": "Préparation à la qualification", "objective": "Entrer toute l'année",
            "rome": [], "formacode": [], "certifying": false, "minutes": 25_500, "mode": "on_site",
        });
        lines.add("offer.published.v1", "offer", self.offer, opening(), &offer);
        let sessions = [self.long, self.shuffled];
        for session in sessions.iter().chain(&self.many).chain(&self.shorts) {
            let data = json!({
                "offer": self.offer, "commune": "76540", "from": first_day(), "to": first_day() + Days::new(700),
                "entry": "permanent", "capacity": CAPACITY,
            });
            lines.add("session.opened.v1", "session", *session, opening(), &data);
        }
        lines.send(service, scratch).await
    }
}

/// Somebody, and the one parcours of theirs.
#[derive(Clone, Copy)]
pub struct Person {
    parcours: Uuid,
    trainee: Uuid,
}

impl Person {
    /// Somebody new.
    pub fn new() -> Self {
        Self {
            parcours: Uuid::now_v7(),
            trainee: Uuid::now_v7(),
        }
    }

    /// A share of one, the same whenever it is asked for: the last bits of their name are chance.
    pub fn chance(&self) -> f64 {
        (self.trainee.as_u128() as u32) as f64 / f64::from(u32::MAX)
    }

    /// All that comes before an admission.
    pub fn prepare(&self, lines: &mut Lines) {
        let oriented = json!({
            "trainee": self.trainee, "channel": "direct", "commune": "76540", "situation": "without_job",
            "needs": ["skills"], "level": 3,
        });
        let checked = json!({ "eligible": true, "reasons": [] });
        let day = |days: i64| opening() + TimeDelta::days(days);
        lines.add(
            "trainee.registered.v1",
            "trainee",
            self.trainee,
            day(10),
            &json!({}),
        );
        lines.add(
            "parcours.oriented.v1",
            "parcours",
            self.parcours,
            day(10),
            &oriented,
        );
        lines.add(
            "parcours.eligibility.checked.v1",
            "parcours",
            self.parcours,
            day(20),
            &checked,
        );
    }

    /// A place in a session.
    pub fn admit(&self, session: Uuid, time: DateTime<Utc>, lines: &mut Lines) {
        let data = json!({ "operator": OPERATOR, "session": session });
        lines.add("parcours.admitted.v1", "parcours", self.parcours, time, &data);
    }

    /// The place given back.
    pub fn withdraw(&self, session: Uuid, time: DateTime<Utc>, lines: &mut Lines) {
        let data = json!({ "session": session, "reason": "Ne donne pas suite" });
        lines.add("parcours.withdrawn.v1", "parcours", self.parcours, time, &data);
    }
}

/// Before everything.
fn opening() -> DateTime<Utc> {
    first_instant() - TimeDelta::days(40)
}

fn first_instant() -> DateTime<Utc> {
    calendar::midnight(first_day())
}

fn first_day() -> NaiveDate {
    calendar::day(Utc::now()) - Days::new(300)
}

/// A time among those of people admitted in bulk: a share of the busy part of the year.
pub fn busy(share: f64) -> DateTime<Utc> {
    first_instant() + TimeDelta::milliseconds((share * BUSY as f64 * 86_400_000.0) as i64)
}

/// The time of a single event, after all before it.
pub fn single(number: usize) -> DateTime<Utc> {
    first_instant() + TimeDelta::days(SINGLE) + TimeDelta::seconds(number as i64)
}

/// A time after all single events: a share of the rest of the year.
pub fn after(share: f64) -> DateTime<Utc> {
    let days = 300 - AFTER - 1;
    first_instant()
        + TimeDelta::days(AFTER)
        + TimeDelta::milliseconds((share * days as f64 * 86_400_000.0) as i64)
}

/// Lines of NDJSON.
#[derive(Default)]
pub struct Lines(Vec<u8>);

impl Lines {
    fn add(&mut self, type_name: &str, kind: &str, uuid: Uuid, time: DateTime<Utc>, data: &Value) {
        let line = json!({
            "specversion": "1.0", "id": Uuid::now_v7(), "source": SOURCE, "type": type_name,
            "subject": format!("{kind}/{uuid}"), "time": time.to_rfc3339_opts(SecondsFormat::Millis, true), "data": data,
        });
        self.0.extend_from_slice(line.to_string().as_bytes());
        self.0.push(b'\n');
    }

    /// The only line, as an event of its own.
    pub fn into_event(mut self) -> Vec<u8> {
        self.0.pop();
        self.0
    }

    /// Writes them to a file.
    pub fn write(&self, file: &Path) -> std::io::Result<()> {
        std::fs::write(file, &self.0)
    }

    /// Has a service take them.
    pub async fn send(&self, service: &Service, scratch: &Scratch) -> anyhow::Result<Sent> {
        let file = scratch.file("hot.ndjson");
        self.write(&file)?;
        door::send(service.address, &file, |_| ()).await
    }
}
