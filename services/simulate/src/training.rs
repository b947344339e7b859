//! The training itself: plan, bilan, modules, skills (R5, R9 to R12).

use super::journey::Journey;
use super::stay::Stay;
use super::trades::Trade;
use super::workdays;
use chrono::{Days, NaiveDate};
use parcours_model::codes::{Appraisal, Minutes};
use parcours_model::streams::parcours::{
    BilanCompleted, Domain, ExitReason, Fact, Mode, ModuleCompleted, Obstacle, ObstacleLifted, PlanAgreed,
    Situation, SkillAcquired, SkillFramework,
};

const GOALS: [&str; 5] = [
    "Choisir un métier",
    "Obtenir une certification",
    "Reprendre confiance",
    "Trouver un emploi durable",
    "Améliorer le français écrit",
];

const MODULES: [&str; 7] = [
    "Français",
    "Mathématiques appliquées",
    "Numérique",
    "Savoir-être au travail",
    "Mobilité",
    "Méthode de projet",
    "Gestes professionnels",
];

fn texts(chosen: Vec<&str>) -> Vec<String> {
    chosen.into_iter().map(str::to_owned).collect()
}

pub(super) fn minutes(minutes: i64) -> Minutes {
    Minutes::try_from(minutes).expect("durations of a parcours are positive and short")
}

/// The individualised plan, in the first days.
pub(super) fn plan(journey: &mut Journey, stay: &Stay<'_>) {
    let dice = &mut journey.dice;
    let first_days = stay.day_between(dice, stay.start, workdays::after(stay.start, 12));
    let Some((day, _)) = first_days.filter(|_| stay.weeks() > 0) else {
        return;
    };
    let plan = PlanAgreed {
        goals: texts(dice.several(&GOALS, 1, 3)),
        modules: texts(dice.several(&MODULES, 2, 5)),
        mode: dice.weighted(&[(7, Mode::OnSite), (2, Mode::Mixed), (1, Mode::Remote)]),
        weekly_minutes: minutes(stay.weekly_minutes),
        alongside_job: stay.person.situation == Situation::PartTime,
    };
    journey.say(&stay.operator.source, day, Fact::PlanAgreed(plan));
}

const HELD: [&str; 5] = [
    "Accueil du public",
    "Travail en équipe",
    "Conduite de véhicules légers",
    "Cuisine familiale",
    "Bricolage",
];
const TO_DEVELOP: [&str; 5] = [
    "Expression écrite",
    "Calcul",
    "Outils bureautiques",
    "Confiance en soi",
    "Organisation",
];
const LEVERS: [&str; 4] = [
    "Entourage",
    "Permis de conduire",
    "Expérience associative",
    "Logement stable",
];
const AREAS: [&str; 4] = ["comprendre", "memoriser", "raisonner", "communiquer"];

/// The bilan, and the obstacles it shows being lifted later. Gives its day; those who leave within days have none.
pub(super) fn bilan(journey: &mut Journey, stay: &Stay<'_>) -> Option<NaiveDate> {
    let dice = &mut journey.dice;
    if stay.weeks() < 3 && stay.fate.reason != ExitReason::Completed && dice.chance(0.6) {
        return None;
    }
    let (day, _) = stay.day_between(dice, stay.start + Days::new(2), workdays::after(stay.start, 25))?;
    let obstacles = dice.several(Obstacle::ALL, 0, 3);
    let bilan = BilanCompleted {
        held: texts(dice.several(&HELD, 1, 3)),
        to_develop: texts(dice.several(&TO_DEVELOP, 1, 3)),
        sectors: dice
            .several(&stay.training.trades(), 1, 3)
            .into_iter()
            .map(Trade::code)
            .collect(),
        obstacles: obstacles.clone(),
        levers: texts(dice.several(&LEVERS, 1, 2)),
        learning: AREAS
            .into_iter()
            .map(|area| (area.to_owned(), appraisal(dice.between(0, 4))))
            .collect(),
        notes: None,
    };
    journey.say(&stay.operator.source, day, Fact::BilanCompleted(Box::new(bilan)));
    for obstacle in obstacles {
        let dice = &mut journey.dice;
        if dice.chance(0.5) {
            let lifted = workdays::between(dice, day, stay.exit);
            let by = dice.chance(0.6).then(|| dice.pick(stay.partners).siret);
            journey.mention(
                &stay.operator.source,
                lifted,
                Fact::ObstacleLifted(ObstacleLifted { obstacle, by }),
            );
        }
    }
    Some(day)
}

pub(super) fn appraisal(mark: i64) -> Appraisal {
    Appraisal::try_from(mark).expect("appraisals are drawn from 0 to 4")
}

/// Hours of a module.
const SHORTEST_MODULE: i64 = 4;
const LONGEST_MODULE: i64 = 40;

/// Percent of the training's hours at the operator's that modules may have taken by any day: the least anybody attends.
const IN_MODULES: i64 = 70;

/// Modules done one after another at the operator's. None is done before its hours and those of the modules before it
/// were held, nor is it ever told to have been.
fn modules(journey: &mut Journey, stay: &Stay<'_>) {
    let days = stay.days_at_the_operators();
    if days.is_empty() {
        return;
    }
    let mut dones: Vec<usize> = (0..(stay.weeks() / 2).min(9))
        .map(|_| journey.dice.below(days.len() as u64) as usize)
        .collect();
    dones.sort_unstable();
    let mut hours_so_far = 0;
    for done in dones {
        let held = (done as i64 + 1) * stay.daily_minutes() * IN_MODULES / 100 / 60;
        let longest = (held - hours_so_far).min(LONGEST_MODULE);
        if longest < SHORTEST_MODULE {
            continue;
        }
        let dice = &mut journey.dice;
        let hours = dice.between(SHORTEST_MODULE, longest);
        hours_so_far += hours;
        let module = ModuleCompleted {
            domain: *dice.pick(Domain::ALL),
            minutes: minutes(hours * 60),
            mode: dice.weighted(&[(7, Mode::OnSite), (2, Mode::Mixed), (1, Mode::Remote)]),
        };
        let day = days[done];
        journey
            .mention(&stay.operator.source, day, Fact::ModuleCompleted(module))
            .window = Some((day, stay.at_the_operators_until(day)));
    }
}

/// Modules done and skills acquired along the way.
pub(super) fn learn(journey: &mut Journey, stay: &Stay<'_>) {
    let sender = &stay.operator.source;
    modules(journey, stay);
    let skills = journey.dice.between(0, stay.weeks() / 4).min(5);
    for _ in 0..skills {
        let dice = &mut journey.dice;
        let Some((day, stretch)) = stay.day(dice) else {
            continue;
        };
        let skill = skill(journey, stay);
        journey.mention(sender, day, Fact::SkillAcquired(skill)).window = Some(stretch);
    }
}

fn skill(journey: &mut Journey, stay: &Stay<'_>) -> SkillAcquired {
    let dice = &mut journey.dice;
    let framework = *dice.pick(SkillFramework::ALL);
    let (code, level) = match framework {
        SkillFramework::Clea => (format!("{}.{}", dice.between(1, 7), dice.between(1, 4)), None),
        SkillFramework::Pix => (
            format!("{}.{}", dice.between(1, 5), dice.between(1, 3)),
            Some(dice.between(1, 5) as u8),
        ),
        SkillFramework::Rome => (stay.trade.rome.to_owned(), None),
        SkillFramework::Europass => (format!("S{}.{}", dice.between(1, 8), dice.between(1, 9)), None),
        SkillFramework::Local => (
            format!("COMP-{:02}", dice.between(1, 40)),
            Some(dice.between(1, 4) as u8),
        ),
    };
    SkillAcquired {
        framework,
        code,
        level,
    }
}
