//! A session's row in the catalogue, record by record.

use chrono::{DateTime, Utc};
use parcours_model::streams::session::Fact;
use parcours_model::{Record, StreamId};

use super::filter::word;
use super::order::millionths;
use super::{AHEAD, SESSION};
use crate::running::Running;
use crate::session::{Frame, Standing, told};
use crate::territory::days;
use crate::{Indigestible, Output, Value};

/// What is kept of one session: its frame, and how many places are taken by all that is recorded.
#[derive(Clone)]
struct Listing {
    session: String,
    frame: Frame,
    taken: i64,
}

pub(super) fn begin(stream: StreamId) -> Box<dyn Running> {
    Box::new(Listing {
        session: stream.uuid.to_string(),
        frame: Frame::default(),
        taken: 0,
    })
}

impl Running for Listing {
    fn take(&mut self, record: &Record, added: &mut Output) -> Result<(), Indigestible> {
        let Some(fact) = told(record) else { return Ok(()) };
        let step = match fact {
            Fact::PlaceTaken(_) => 1,
            Fact::PlaceReleased(_) => -1,
            Fact::NeedMet(_) => return Ok(()),
            fact => {
                self.frame.take(record, fact);
                return Ok(());
            }
        };
        self.taken += step;
        if record.event.time > record.recorded {
            added.tally(AHEAD, ahead(&self.session, record.event.time), [step, 0]);
        }
        Ok(())
    }

    fn standing(&self, output: &mut Output) {
        for version in self.frame.versions() {
            let key = vec![
                Value::from(self.session.as_str()),
                Value::Integer(version.since.map_or(i64::MIN, |since| since.timestamp_micros())),
            ];
            let until = version.until.map_or(i64::MAX, |until| until.timestamp_micros());
            output.row(SESSION, key, row(&version.standing, until, self.taken));
        }
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.session.len() + self.frame.weight()
    }
}

/// The key of a step recorded ahead of its time.
pub(super) fn ahead(session: &str, time: DateTime<Utc>) -> Vec<Value> {
    vec![Value::from(session), Value::Integer(time.timestamp_micros())]
}

fn row(standing: &Standing, until: i64, taken: i64) -> Vec<Value> {
    let session = &standing.opened;
    // Of a commune that today's geography does not know, only the code can be told.
    let commune = session.commune.record_on(session.from);
    let centre = commune.and_then(|commune| commune.centre);
    vec![
        Value::Integer(until),
        Value::from(session.offer.to_string()),
        Value::from(session.commune.current_on(session.from).as_str()),
        Value::from(commune.and_then(|commune| commune.epci)),
        Value::from(commune.map(|commune| commune.departement)),
        Value::from(commune.map(|commune| commune.region)),
        Value::from(centre.map(|centre| millionths(centre.lat))),
        Value::from(centre.map(|centre| millionths(centre.lon))),
        Value::Integer(days(session.from)),
        Value::Integer(days(session.to)),
        Value::from(word(session.entry)),
        Value::Integer(days(standing.enrol_until())),
        Value::Boolean(session.enrol_until.is_some()),
        Value::from(session.capacity),
        Value::Integer(taken),
        Value::Boolean(standing.cancelled),
    ]
}

#[cfg(test)]
mod tests;
