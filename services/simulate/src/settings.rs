//! What one chooses of a simulation.

use super::region::Region;
use chrono::{Days, Months, NaiveDate};
use parcours_console::numbers::whole;
use parcours_model::calendar;

/// The choices of `parcours simulate` and `parcours demo`; [`SimulateArgs::settings`] completes and checks them.
#[derive(Clone, Debug, clap::Args)]
pub struct SimulateArgs {
    /// People who come to the programme
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = whole::<u32>(1, u32::MAX.into(), 2_000))]
    pub trainees: u32,

    /// The same seed writes the same bytes
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = whole::<u64>(0, u64::MAX, 1))]
    pub seed: u64,

    /// First day of the simulated time [default: 18 months before the last]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<NaiveDate>,

    /// The day before which everything happens, tomorrow at the latest [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub until: Option<NaiveDate>,

    /// INSEE code of the région
    #[arg(long, value_name = "CODE", default_value = "28")]
    pub region: String,

    /// Share of leavers with a certification, a job or a business of their own within six months
    #[arg(long, value_name = "SHARE", default_value_t = 0.72, value_parser = share)]
    pub success_rate: f64,

    /// Share of those who start and then give up or are excluded
    #[arg(long, value_name = "SHARE", default_value_t = 0.14, value_parser = share)]
    pub dropout_rate: f64,

    /// Share of facts that become known weeks after they happened, among those that nothing waits for
    #[arg(long, value_name = "SHARE", default_value_t = 0.06, value_parser = share)]
    pub late_rate: f64,

    /// Share of facts told wrong or twice, then corrected or annulled, among those that may be
    #[arg(long, value_name = "SHARE", default_value_t = 0.03, value_parser = share)]
    pub correction_rate: f64,

    /// Share of those who left without success and come back for a new parcours
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub reentry_rate: f64,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    parcours_model::day(text).map_err(|wrong| wrong.english.into_owned())
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a share from 0 to 1, such as 0.72".to_owned()),
    }
}

/// A simulation that can be run: what it writes is a pure function of these.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// People who come to the programme.
    pub trainees: u32,
    /// What chance starts from.
    pub seed: u64,
    /// First day of the simulated time.
    pub from: NaiveDate,
    /// Everything happens, and becomes known, before midnight at the start of this day.
    pub until: NaiveDate,
    /// INSEE code of the région.
    pub region: String,
    /// Wanted share of successes among matured leavers (PROGRAMME, "territorial impact").
    pub success_rate: f64,
    /// Share of non-neutral leavers who gave up or were excluded.
    pub dropout_rate: f64,
    /// Share of the facts nothing waits for which become known weeks late.
    pub late_rate: f64,
    /// Share of the facts that may be told wrong which are.
    pub correction_rate: f64,
    /// Share of leavers without success who come back.
    pub reentry_rate: f64,
}

/// Choices that no programme can be made of.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// A service refuses what has not happened yet (`not-in-the-future`).
    #[error(
        "until {until} is in the future, and facts of the future are refused: give {latest} or a day before it"
    )]
    Ahead {
        /// The day after the last.
        until: NaiveDate,
        /// The latest that could be given.
        latest: NaiveDate,
    },
    /// The days are the wrong way round.
    #[error("from {from} is not before until {until}")]
    Backwards {
        /// First day.
        from: NaiveDate,
        /// The day after the last.
        until: NaiveDate,
    },
    /// No commune to live in.
    #[error("{0:?} is not the INSEE code of a région with inhabitants on the map, such as 28 for Normandie")]
    UnknownRegion(String),
    /// Too little time for anything to happen.
    #[error(
        "from {from} until {until} is too short: at least {LEAST_MONTHS} months are simulated, between 1970 and 2100"
    )]
    TooShort {
        /// First day.
        from: NaiveDate,
        /// The day after the last.
        until: NaiveDate,
    },
}

/// A session is announced, somebody is oriented to it and starts: less time than this shows nothing.
const LEAST_MONTHS: u32 = 3;

/// A year of parcours, and the six months in which their outcomes mature.
const USUAL_MONTHS: u32 = 18;

impl SimulateArgs {
    /// The settings these choices make on the day `today`, which stands in for a missing `until`: tomorrow at the
    /// latest, so that today is simulated whole. Nothing is read or written, and whatever is unfit is refused here.
    pub fn settings(&self, today: NaiveDate) -> Result<Settings, Unfit> {
        let until = self.until.unwrap_or(today);
        let from = self
            .from
            .or_else(|| until.checked_sub_months(Months::new(USUAL_MONTHS)))
            .unwrap_or(until);
        let (earliest, latest) = (
            NaiveDate::from_ymd_opt(1970, 1, 2),
            NaiveDate::from_ymd_opt(2100, 1, 1),
        );
        let tomorrow = today + Days::new(1);
        if until > tomorrow {
            return Err(Unfit::Ahead {
                until,
                latest: tomorrow,
            });
        }
        if from >= until {
            return Err(Unfit::Backwards { from, until });
        }
        let in_range = Some(from) >= earliest && Some(until) <= latest;
        if !in_range || calendar::months_later(from, LEAST_MONTHS) > until {
            return Err(Unfit::TooShort { from, until });
        }
        if Region::of(&self.region).is_none() {
            return Err(Unfit::UnknownRegion(self.region.clone()));
        }
        Ok(Settings {
            trainees: self.trainees,
            seed: self.seed,
            from,
            until,
            region: self.region.clone(),
            success_rate: self.success_rate,
            dropout_rate: self.dropout_rate,
            late_rate: self.late_rate,
            correction_rate: self.correction_rate,
            reentry_rate: self.reentry_rate,
        })
    }
}
