//! How a person comes to the programme, and whether it is for them (R1, R2, R24).

use crate::codes::{BirthYear, Commune, Level, Siret};
use crate::calendar;
use crate::streams::{Data, Misfit, Remark};
use schemars::Schema;
use serde_json::json;
use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

data! {
    /// How the person came.
    pub enum Channel {
        /// Through a career-guidance counsellor.
        Counsellor,
        /// Through a partner network, with or without a convention.
        Partner,
        /// Straight to a training operator.
        Direct,
    }

    /// Where the person stands towards employment.
    pub enum Situation {
        /// Looking for work, registered with the employment service.
        RegisteredJobSeeker,
        /// Looking for work, not registered.
        UnregisteredJobSeeker,
        /// Without work.
        WithoutJob,
        /// In part-time work.
        PartTime,
    }

    /// What the person needs of the programme.
    pub enum Need {
        /// A wider choice of trades.
        WidenChoices,
        /// Stronger skills.
        Skills,
        /// Support back to work.
        ReturnToWork,
    }

    /// Gender, where the person states it.
    pub enum Gender {
        /// A woman.
        Female,
        /// A man.
        Male,
        /// Another answer.
        Other,
    }

    /// Data of `parcours.oriented.v1`.
    pub struct Oriented {
        /// The trainee, as the vault knows them.
        trainee: Uuid,
        /// How the person came.
        channel: Channel,
        /// Who oriented the person.
        prescriber: Option<Siret>,
        /// The convention under which the prescriber orients.
        convention: Option<Uuid>,
        /// Commune of residence.
        commune: Commune,
        /// Situation towards employment.
        situation: Situation,
        /// What the person needs.
        needs: Vec<Need>,
        /// Level of the highest diploma.
        level: Level,
        /// Year of birth.
        birth_year: Option<BirthYear> where BIRTH_YEAR,
        /// Gender.
        gender: Option<Gender>,
    }

    /// Data of `parcours.eligibility.checked.v1`.
    pub struct EligibilityChecked {
        /// Whether the person may enter.
        eligible: bool,
        /// Why, in the words of who checked.
        reasons: Vec<String>,
    }
}

impl Data for Oriented {
    fn constrain(schema: &mut Schema) {
        schema.insert("if".into(), json!({"properties": {"channel": {"const": "direct"}}}));
        schema.insert("then".into(), json!({"properties": {"prescriber": {"type": "null"}}}));
    }

    fn check(&self) -> Result<(), Misfit> {
        match (self.channel, &self.prescriber) {
            (Channel::Direct, Some(_)) => {
                Err(Misfit::new(
                    "prescriber",
                    "a person who comes directly has no prescriber; use the channel counsellor or partner",
                    "une personne venue directement n'a pas de prescripteur ; utilisez le canal counsellor ou partner",
                ))
            }
            _ => Ok(()),
        }
    }

    fn unlikely(&self, time: DateTime<Utc>, found: &mut Vec<Remark>) {
        let Some(born) = self.birth_year else { return };
        match calendar::day(time).year() - i32::from(born.get()) {
            15..=75 => {}
            _ => found.push(Remark {
                field: "birth_year",
                english: "By the year of birth, the person is under 15 or over 75.",
                french: "D'après son année de naissance, la personne a moins de 15 ans ou plus de 75 ans.",
            }),
        }
    }
}
impl Data for EligibilityChecked {}
