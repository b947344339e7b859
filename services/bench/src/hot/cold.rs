//! The first event of a service that has just been started, and knows no stream yet: an admission to the long session, and
//! to a short one.

use super::facts::{Lines, Person};
use super::singles::first;
use crate::figure::median;
use crate::readings::Readings;
use crate::scratch::Scratch;
use crate::sides::Sides;
use anyhow::ensure;
use uuid::Uuid;

/// Starts for each of the two.
const STARTS: usize = 5;

/// Restarts each side in turn, and times the first admission. The sessions are the long one and a short one.
pub async fn measure(
    sides: &mut Sides,
    scratch: &Scratch,
    sessions: &[Uuid; 2],
    readings: &mut [Readings],
) -> anyhow::Result<()> {
    let newcomers: [[Person; 2]; STARTS] = std::array::from_fn(|_| std::array::from_fn(|_| Person::new()));
    let mut before = Lines::default();
    newcomers
        .iter()
        .flatten()
        .for_each(|person| person.prepare(&mut before));
    for number in 0..sides.count() {
        let sent = before.send(sides.turn(number)?, scratch).await?;
        ensure!(sent.refused == 0, "nobody came");
    }
    let mut took = vec![[const { Vec::new() }; 2]; sides.count()];
    for pair in &newcomers {
        for (which, (session, person)) in sessions.iter().zip(pair).enumerate() {
            sides.stop().await?;
            sides.start().await?;
            for (number, took) in took.iter_mut().enumerate() {
                let service = sides.turn(number)?;
                service.ready().await?;
                service.caught_up().await?;
                let time = first(service, *session, *person).await?;
                took[which].push(time.as_secs_f64() * 1e3);
            }
        }
    }
    for (shown, [long, short]) in readings.iter_mut().zip(took) {
        shown.take_beside("hot-cold-start", median(long), "ms", Some(median(short)));
    }
    Ok(())
}
