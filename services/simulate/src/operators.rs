//! Training bodies: who they are, where they stand, what they offer (R15).

use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::establishment::{self, Sort};
use super::region::Region;
use super::settings::Settings;
use super::trades::{FULL_TIME, TRAININGS, Training};
use super::workdays;
use chrono::{Days, NaiveDate};
use parcours_model::codes::{Commune, Minutes, Siret};
use parcours_model::geography::TerritoryLevel;
use parcours_model::streams::offer::Aim;
use parcours_model::streams::parcours::Mode;
use parcours_model::streams::{offer, operator};
use parcours_model::{StreamId, StreamKind, TerritoryCode, calendar};
use std::sync::Arc;
use uuid::Uuid;

/// A training body.
pub(super) struct Operator {
    pub siret: Siret,
    pub source: Arc<str>,
    /// Index of its commune in the région.
    pub town: usize,
    pub commune: Commune,
    pub offers: Vec<Offer>,
    /// Its pedagogical contacts.
    pub referents: Vec<Uuid>,
    /// Places it owes to the people around, and those they ask for each day.
    pub owed: f64,
    pub demand: f64,
    /// Indexes of its sessions that may still be entered, oldest first.
    pub enterable: Vec<usize>,
}

/// A training that an operator offers.
pub(super) struct Offer {
    pub uuid: Uuid,
    pub training: &'static Training,
    /// How long it lasts, full time.
    pub weeks: i64,
    pub withdrawn: Option<NaiveDate>,
}

/// One operator for so many people, up to so many operators.
const PEOPLE_PER_OPERATOR: u32 = 60;
const USUAL_OPERATORS: u32 = 150;

/// Beyond that, one for so many people who come in a year: each has some hundred, whatever the région.
const PEOPLE_IN_A_YEAR: u64 = 100;

/// As many as there are numbers for.
const OPERATORS_AT_MOST: u64 = 9_999;

const NAMES: [[&str; 12]; 2] = [
    [
        "La Fabrique",
        "Le Quai",
        "L'Atelier",
        "La Passerelle",
        "Le Relais",
        "La Boussole",
        "L'Escale",
        "Le Tremplin",
        "La Halle",
        "Le Chantier",
        "Le Phare",
        "La Grange",
    ],
    [
        "des Savoirs",
        "du Bocage",
        "des Pommiers",
        "des Falaises",
        "de l'Estuaire",
        "des Marées",
        "du Pressoir",
        "des Colombages",
        "des Embruns",
        "du Colombier",
        "des Prairies",
        "des Galets",
    ],
];

/// Founds the operators, and plans what becomes known of them and of their offers.
pub(super) fn found(
    settings: &Settings,
    region: &Region,
    dice: &mut Dice,
    agenda: &mut Agenda,
) -> Vec<Operator> {
    let days = (settings.until - settings.from).num_days().max(1) as u64;
    let in_a_year = u64::from(settings.trainees) * 365 / days;
    let many = (in_a_year / PEOPLE_IN_A_YEAR).min(OPERATORS_AT_MOST) as u32;
    let count = (settings.trainees / PEOPLE_PER_OPERATOR)
        .clamp(6, USUAL_OPERATORS)
        .max(many);
    let seats = region.seats(dice, count);
    let mut operators: Vec<Operator> = seats
        .into_iter()
        .zip(0..)
        .map(|(town, number)| {
            let siret = establishment::siret(Sort::Operator, number);
            let offers = dice.several(&TRAININGS.iter().collect::<Vec<_>>(), 2, 4);
            let at = calendar::midnight(settings.from);
            let mut operator = Operator {
                siret,
                source: format!("urn:siret:{siret}").into(),
                town,
                commune: region.commune(town).into(),
                offers: offers
                    .into_iter()
                    .map(|training| Offer {
                        uuid: dice.uuid(at),
                        training,
                        weeks: training.weeks(dice),
                        withdrawn: None,
                    })
                    .collect(),
                referents: (0..dice.between(2, 5)).map(|_| dice.uuid(at)).collect(),
                owed: 0.0,
                demand: 0.0,
                enterable: Vec::new(),
            };
            agenda.add(introduce(settings, region, dice, number, &mut operator));
            operator
        })
        .collect();
    spread_demand(settings, region, &mut operators);
    operators
}

/// People go to what is near: the shares in which they prefer the first, second and third operator around.
const PREFERENCE: [f64; 3] = [0.65, 0.25, 0.1];

fn spread_demand(settings: &Settings, region: &Region, operators: &mut [Operator]) {
    let towns: Vec<usize> = operators.iter().map(|operator| operator.town).collect();
    let days = (settings.until - settings.from).num_days() as f64;
    // Some come back; about one in ten never reaches an admission.
    let admissions = f64::from(settings.trainees) * 0.95 / days;
    for (home, share) in region.shares() {
        for (operator, preference) in region.nearest(home, &towns, 3).into_iter().zip(PREFERENCE) {
            operators[usize::from(operator)].demand += admissions * share * preference;
        }
    }
}

/// The steps by which an operator and its offers become known and change.
fn introduce(
    settings: &Settings,
    region: &Region,
    dice: &mut Dice,
    number: u32,
    operator: &mut Operator,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let uuid = dice.uuid(calendar::midnight(settings.from));
    let stream = StreamId::new(StreamKind::Operator, uuid);
    let authority: Arc<str> = format!("urn:region:{}", region.code).into();
    let record = region.commune(operator.town);
    let registered = workdays::from_on(settings.from);
    let known = operator::Registered {
        siret: operator.siret,
        name: name(number, record.name),
        commune: operator.commune,
        qualiopi_until: Some(workdays::after(settings.from, dice.between(700, 1_100))),
    };
    steps.push(Step::on(
        dice,
        registered,
        stream,
        &authority,
        operator::Fact::Registered(known),
    ));
    let territory: TerritoryCode = format!("{}/{}", TerritoryLevel::Departement, record.departement)
        .parse()
        .expect("a commune's département is a territory");
    let contract = |dice: &mut Dice, from: NaiveDate| {
        let uuid = dice.uuid(calendar::midnight(from));
        let places = dice.between(4, 20) as u32 * 10;
        (
            uuid,
            operator::Contracted {
                contract: uuid,
                territory,
                from,
                to: from + Days::new(1_460),
                places,
            },
        )
    };
    let (first, terms) = contract(dice, registered);
    steps.push(Step::on(
        dice,
        registered,
        stream,
        &authority,
        operator::Fact::Contracted(terms),
    ));
    if dice.chance(0.12) {
        let day = later(settings, dice);
        let reason = Some("Renégocié à la demande de l'organisme".to_owned());
        let ended = operator::ContractEnded {
            contract: first,
            reason,
        };
        steps.push(Step::on(
            dice,
            day,
            stream,
            &authority,
            operator::Fact::ContractEnded(ended),
        ));
        let (_, terms) = contract(dice, day);
        steps.push(Step::on(
            dice,
            day,
            stream,
            &authority,
            operator::Fact::Contracted(terms),
        ));
    }
    steps.extend(publish(settings, dice, operator));
    steps.sort_by_key(|step| step.known);
    steps
}

/// The steps of the operator's offers.
fn publish(settings: &Settings, dice: &mut Dice, operator: &mut Operator) -> Vec<Step> {
    let mut steps = Vec::new();
    let published = workdays::from_on(settings.from + Days::new(1));
    let several = operator.offers.len() > 2;
    for (index, offered) in operator.offers.iter_mut().enumerate() {
        let stream = StreamId::new(StreamKind::Offer, offered.uuid);
        let mut offer = describe(dice, operator.siret, offered);
        steps.push(Step::on(
            dice,
            published,
            stream,
            &operator.source,
            offer::Fact::Published(Box::new(offer.clone())),
        ));
        if dice.chance(0.15) {
            let day = later(settings, dice);
            offer.mode = *dice.pick(Mode::ALL);
            steps.push(Step::on(
                dice,
                day,
                stream,
                &operator.source,
                offer::Fact::Revised(Box::new(offer)),
            ));
        } else if several && index == 0 && dice.chance(0.12) {
            let day = later(settings, dice);
            offered.withdrawn = Some(day);
            let reason = Some("Trop peu de demandes".to_owned());
            steps.push(Step::on(
                dice,
                day,
                stream,
                &operator.source,
                offer::Fact::Withdrawn(offer::Withdrawn { reason }),
            ));
        }
    }
    steps
}

fn describe(dice: &mut Dice, operator: Siret, offered: &Offer) -> offer::Offer {
    let training = offered.training;
    offer::Offer {
        operator,
        title: training.title.to_owned(),
        objective: training.objective.to_owned(),
        rome: training
            .rome
            .iter()
            .filter_map(|rome| rome.parse().ok())
            .collect(),
        rncp: training.rncp(),
        rs: training.rs(),
        formacode: training.formacodes(),
        certifying: training.certification().is_some(),
        aim: Some(match training.certification() {
            Some(_) => Aim::Certification,
            None => Aim::Professionalisation,
        }),
        level: None,
        entry_level: None,
        minutes: Minutes::try_from(offered.weeks * FULL_TIME)
            .expect("a training lasts less than eight thousand years"),
        mode: dice.weighted(&[(6, Mode::OnSite), (3, Mode::Mixed), (1, Mode::Remote)]),
    }
}

fn name(number: u32, town: &str) -> String {
    let (number, again) = (number as usize % 144, number / 144);
    // Through both lists at once: neighbours share no word, and each of the 144 pairs is met once.
    let (first, second) = (NAMES[0][number % 12], NAMES[1][(number + number / 12) % 12]);
    match again {
        0 => format!("{first} {second}"),
        1 => format!("{first} {second} – {town}"),
        site => format!("{first} {second} – {town}, site {site}"),
    }
}

/// A worked day well inside the simulated time.
fn later(settings: &Settings, dice: &mut Dice) -> NaiveDate {
    let days = (settings.until - settings.from).num_days();
    workdays::from_on(workdays::after(settings.from, dice.between(days / 4, days - 20)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn operators_of_a_large_programme_are_many_and_no_two_are_alike() {
        let settings = Settings {
            trainees: 900_000,
            seed: 1,
            from: NaiveDate::from_ymd_opt(2023, 1, 1).unwrap(),
            until: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            region: "28".to_owned(),
            success_rate: 0.7,
            dropout_rate: 0.1,
            late_rate: 0.1,
            correction_rate: 0.1,
            reentry_rate: 0.1,
        };
        let region = Region::of(&settings.region).unwrap();
        let founded = found(&settings, &region, &mut Dice::new(1, 0), &mut Agenda::default());
        assert!((2_900..3_100).contains(&founded.len()), "{}", founded.len());
        let sirets: BTreeSet<Siret> = founded.iter().map(|operator| operator.siret).collect();
        assert_eq!(sirets.len(), founded.len());
        let names: BTreeSet<String> = (0..9_999).map(|number| name(number, "Rouen")).collect();
        assert_eq!(names.len(), 9_999);
    }
}
