//! Who comes, how, and whether the programme is for them (R1, R2, R24).

use super::dice::Dice;
use super::journey::{Journey, Telling};
use super::workdays;
use super::world::World;
use chrono::{Datelike, NaiveDate};
use parcours_model::codes::{BirthYear, Commune, Level};
use parcours_model::streams::parcours::{
    Channel, EligibilityChecked, Fact, Gender, Need, Oriented, Placement, Situation,
};
use parcours_model::streams::trainee;
use parcours_model::{StreamId, StreamKind, calendar};
use std::sync::Arc;
use uuid::Uuid;

/// A person, as far as the programme knows them outside the vault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Person {
    pub trainee: Uuid,
    /// Index of the commune they live in.
    pub home: usize,
    pub birth_year: u16,
    pub situation: Situation,
    pub level: Level,
    gender: Option<Gender>,
}

/// Levels of the highest diploma: 61 % at most the *baccalauréat* (level 4), as among Normandy's job seekers (R24).
const LEVELS: [(u32, u64); 8] = [(8, 0), (2, 2), (27, 3), (24, 4), (18, 5), (13, 6), (7, 7), (1, 8)];

/// The age at which a diploma of that level is held at the earliest, counted in calendar years since birth.
fn least_age(level: u64) -> i64 {
    match level {
        ..=4 => 18,
        5 => 21,
        6 => 22,
        7 => 24,
        _ => 27,
    }
}

impl Person {
    pub fn draw(world: &World, dice: &mut Dice, day: NaiveDate) -> Self {
        let level = dice.weighted(&LEVELS);
        let least = least_age(level);
        // The younger of two draws: most who come are between 18 and 45.
        let age = dice.between(least, 62).min(dice.between(least, 62));
        Self {
            trainee: dice.uuid(calendar::midnight(day)),
            home: world.region.home(dice),
            level: Level::try_from(level).expect("the levels above are levels"),
            birth_year: (day.year() - age as i32) as u16,
            situation: dice.weighted(&[
                (70, Situation::RegisteredJobSeeker),
                (10, Situation::UnregisteredJobSeeker),
                (12, Situation::WithoutJob),
                (8, Situation::PartTime),
            ]),
            gender: dice.weighted(&[
                (50, Some(Gender::Female)),
                (43, Some(Gender::Male)),
                (1, Some(Gender::Other)),
                (6, None),
            ]),
        }
    }
}

/// The first contact: the person is registered, if new, and oriented. Gives what the person needs.
pub(super) fn orient(
    journey: &mut Journey,
    world: &World,
    person: &Person,
    new: bool,
    day: NaiveDate,
) -> Vec<Need> {
    let region = Arc::clone(&journey.region);
    if new {
        let stream = StreamId::new(StreamKind::Trainee, person.trainee);
        let fact = trainee::Fact::Registered(trainee::Registered {}).into();
        journey.draft(stream, calendar::midnight(day), Telling::InTurn, &region, fact);
    }
    let dice = &mut journey.dice;
    let channel = dice.weighted(&[
        (45, Channel::Counsellor),
        (35, Channel::Partner),
        (20, Channel::Direct),
    ]);
    let (prescriber, convention, sender) = match channel {
        Channel::Direct => (
            None,
            None,
            Arc::clone(&world.operators[usize::from(world.near(person.home)[0])].source),
        ),
        Channel::Counsellor | Channel::Partner => {
            let partner = dice.pick(&world.partners);
            (
                Some(partner.siret),
                partner.convention,
                if dice.chance(0.6) {
                    Arc::clone(&partner.source)
                } else {
                    region
                },
            )
        }
    };
    let needs = match person.situation {
        Situation::PartTime => dice.several(&[Need::WidenChoices, Need::Skills], 1, 2),
        _ => dice.several(Need::ALL, 1, 2),
    };
    let fact = Oriented {
        trainee: person.trainee,
        channel,
        prescriber,
        convention,
        commune: world.region.commune(person.home).into(),
        situation: person.situation,
        needs: needs.clone(),
        level: person.level,
        birth_year: BirthYear::try_from(u64::from(person.birth_year))
            .ok()
            .filter(|_| dice.chance(0.95)),
        gender: person.gender,
    };
    let elsewhere: Commune = world.region.commune(world.region.home(dice)).into();
    let misheard = dice.chance(world.settings.correction_rate) && elsewhere != fact.commune;
    let heard = Oriented {
        commune: elsewhere,
        ..fact.clone()
    };
    let draft = journey.say(&sender, day, Fact::Oriented(Box::new(fact)));
    if misheard {
        draft.first_told = Some(Box::new((
            calendar::midnight(day),
            Fact::Oriented(Box::new(heard)).into(),
        )));
    }
    needs
}

/// Levels above this one attest the base of skills.
const SECONDARY: u8 = 4;

/// What speaks for the programme: the situation and the needs (R2).
fn fits(person: &Person, needs: &[Need]) -> Vec<&'static str> {
    let situation = match person.situation {
        Situation::RegisteredJobSeeker => "Inscription à France Travail vérifiée",
        Situation::UnregisteredJobSeeker => "Recherche d'emploi sans inscription à France Travail",
        Situation::WithoutJob => "Sans emploi depuis plus de six mois",
        Situation::PartTime => "Emploi à temps partiel vérifié",
    };
    let need = |need: &Need| match need {
        Need::WidenChoices => "Besoin d'élargir ses choix professionnels",
        Need::Skills if person.level.get() <= SECONDARY => "Compétences de base à renforcer",
        Need::Skills => "Compétences professionnelles à actualiser",
        Need::ReturnToWork => "Besoin d'un appui au retour à l'emploi",
    };
    std::iter::once(situation).chain(needs.iter().map(need)).collect()
}

/// What speaks against it. All live in the région and are out of work, or in part-time work.
fn does_not_fit(situation: Situation) -> [&'static str; 3] {
    let own = match situation {
        Situation::PartTime => "Horaires de travail incompatibles avec la formation",
        _ => "Disponibilité insuffisante pour suivre une formation",
    };
    [
        "Suit déjà une formation financée",
        "Relève d'un autre dispositif d'accompagnement",
        own,
    ]
}

/// The check, some days after the orientation. Gives the day of it to those who may enter.
pub(super) fn check(
    journey: &mut Journey,
    person: &Person,
    needs: &[Need],
    day: NaiveDate,
) -> Option<NaiveDate> {
    let region = Arc::clone(&journey.region);
    let dice = &mut journey.dice;
    let checked = workdays::from_on(workdays::after(day, dice.between(2, 12)));
    let eligible = dice.chance(0.94);
    let reasons = if eligible {
        dice.several(&fits(person, needs), 1, 2)
    } else {
        dice.several(&does_not_fit(person.situation), 1, 1)
    };
    let declined = workdays::from_on(workdays::after(checked, dice.between(0, 4)));
    let placement = Placement {
        session: None,
        reason: reasons.first().map(|reason| (*reason).to_owned()),
    };
    let reasons = reasons.into_iter().map(str::to_owned).collect();
    journey.say(
        &region,
        checked,
        Fact::EligibilityChecked(EligibilityChecked { eligible, reasons }),
    );
    if eligible {
        return Some(checked);
    }
    journey.say(&region, declined, Fact::Declined(placement));
    None
}
