//! The money for aids of each year, voted before the year begins (R13).

use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::settings::Settings;
use chrono::{Datelike, NaiveDate};
use parcours_model::StreamId;
use parcours_model::codes::Cents;
use parcours_model::streams::envelope::{Fact, Voted};
use std::sync::Arc;

/// For each person of a year, twice what is granted on average: a budget that runs out shows nothing but refusals.
const CENTS_A_PERSON: u64 = 40_000;
/// For few people, who may need much.
const CENTS_AT_LEAST: u64 = 5_000_000;
/// Budgets are voted in December for the year that comes.
const VOTED: (u32, u32) = (12, 12);

/// Plans the votes of all years of the simulated time.
pub(super) fn vote(settings: &Settings, authority: &Arc<str>, dice: &mut Dice, agenda: &mut Agenda) {
    let days = (settings.until - settings.from).num_days().unsigned_abs().max(1);
    let people = u64::from(settings.trainees) * 366 / days;
    // In round sums of 10,000 €.
    let cents = (people * CENTS_A_PERSON + CENTS_AT_LEAST).next_multiple_of(1_000_000);
    for year in settings.from.year()..=settings.until.year() {
        let usual = NaiveDate::from_ymd_opt(year - 1, VOTED.0, VOTED.1).unwrap_or(settings.from);
        let day = usual.max(settings.from);
        let voted = Voted {
            year: u16::try_from(year).expect("a simulated year has four digits"),
            cents: Cents::try_from(cents).expect("a budget can be written in cents"),
        };
        if day < settings.until {
            agenda.add([Step::on(
                dice,
                day,
                StreamId::envelope(year),
                authority,
                Fact::Voted(voted),
            )]);
        }
    }
}
