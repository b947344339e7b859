//! A whole simulation as lines of NDJSON, in memory that does not grow with the number of people.

use super::Simulation;
use super::overflow::{Kept, Overflow, line};
use std::io::{self, Write};

/// Steps to come that are held in memory, some 50 MB of them; beyond that all go to disk.
const HELD_AT_MOST: usize = 100_000;

impl Simulation {
    /// Writes every event, one a line: the same bytes as those of the events of the iterator.
    pub fn write(self, output: &mut impl Write) -> io::Result<()> {
        self.write_holding(HELD_AT_MOST, output)
    }

    fn write_holding(mut self, most: usize, output: &mut impl Write) -> io::Result<()> {
        let mut overflow = Overflow::default();
        loop {
            let kept = overflow.take_before(self.today)?;
            self.tell(kept, output)?;
            if !self.live() {
                return Ok(());
            }
            if self.agenda.held() > most {
                for (day, steps) in self.agenda.take_all() {
                    overflow.keep(day, steps)?;
                }
            }
        }
    }

    /// Writes what is known before the day that comes: what was kept on disk was added before what is in memory.
    fn tell(&mut self, mut kept: Vec<Kept>, output: &mut impl Write) -> io::Result<()> {
        kept.sort_by_key(|kept| kept.known);
        let mut kept = kept.into_iter().peekable();
        for step in self.agenda.take_before(self.today) {
            while let Some(earlier) = kept.next_if(|kept| kept.known <= step.known) {
                output.write_all(&earlier.line)?;
            }
            output.write_all(&line(step.event))?;
        }
        kept.try_for_each(|kept| output.write_all(&kept.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::SimulateArgs;
    use crate::simulate;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        simulate: SimulateArgs,
    }

    fn simulation() -> Simulation {
        let until = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let line = Line::parse_from(["simulate", "--trainees", "300", "--late-rate", "0.3"]);
        simulate(&line.simulate.settings(until).unwrap())
    }

    #[test]
    fn what_waits_on_disk_is_written_where_it_would_have_been() {
        let told: Vec<u8> = simulation().flat_map(|told| line(told.event)).collect();
        for most in [0, 700, HELD_AT_MOST] {
            let mut written = Vec::new();
            simulation().write_holding(most, &mut written).unwrap();
            assert!(told == written, "holding {most} in memory");
        }
    }
}
