//! What becomes of the person: employment, business, follow-up (R14, R20, R22, R23).

use super::establishment::{self, Sort};
use super::journey::Journey;
use super::stay::Stay;
use super::training::minutes;
use super::workdays;
use chrono::{Datelike, Days, NaiveDate};
use parcours_model::calendar;
use parcours_model::streams::parcours::{
    BusinessCreated, BusinessOrigin, Contract, EmploymentEnded, EmploymentStarted, ExitReason, Fact,
    FollowupAnswered, FollowupMonths, FollowupSituation, Reporter, Terms, WorkingTime,
};
use std::sync::Arc;

/// Since when the person works, and until when if the job ends.
#[derive(Clone, Copy, Default)]
pub(super) struct Work {
    employed: Option<(NaiveDate, Option<NaiveDate>)>,
    created: Option<NaiveDate>,
}

/// Work found in the time that counts (six months after the exit, both ends included), or only after it.
pub(super) fn work(journey: &mut Journey, stay: &Stay<'_>, correction_rate: f64) -> Work {
    let mut work = Work::default();
    let last = calendar::months_later(stay.exit, 6);
    let dice = &mut journey.dice;
    if stay.fate.employed {
        let from = match stay.fate.reason {
            ExitReason::Employment => workdays::between(
                dice,
                (stay.exit - Days::new(4)).max(stay.start),
                stay.exit + Days::new(5),
            ),
            // The sooner of two draws: most who find work find it within two months.
            _ => {
                let days = dice.between(3, 165).min(dice.between(3, 165));
                workdays::from_on(workdays::after(stay.exit, days)).min(last)
            }
        };
        work.employed = Some(employ(journey, stay, from, false));
    } else if !stay.fate.succeeds() && stay.fate.reason != ExitReason::Deceased {
        if dice.chance(0.25) {
            let from = workdays::from_on(workdays::after(last, dice.between(2, 150)));
            work.employed = Some(employ(journey, stay, from, false));
        } else if dice.chance(correction_rate) {
            let from = workdays::from_on(workdays::after(stay.exit, dice.between(5, 90)));
            employ(journey, stay, from, true);
        }
    }
    if stay.fate.created {
        let region = Arc::clone(&journey.region);
        let dice = &mut journey.dice;
        let day =
            workdays::from_on(workdays::after(stay.exit, dice.between(-10, 150))).clamp(stay.start, last);
        let how = dice.weighted(&[(85, BusinessOrigin::Creation), (15, BusinessOrigin::Takeover)]);
        let business = dice
            .chance(0.7)
            .then(|| establishment::siret(Sort::Company, 5_000 + dice.below(5_000) as u32));
        journey.mention(
            &region,
            day,
            Fact::BusinessCreated(BusinessCreated { business, how }),
        );
        work.created = Some(day);
    }
    work
}

/// The last ages at which an apprenticeship (code du travail, L6222-1) and a civil service (code du service national,
/// L120-1) may be begun, handicaps aside.
const APPRENTICE: i32 = 29;
const VOLUNTEER: i32 = 25;

/// A job, and its end where it ends. An imagined one is somebody else's, annulled when that is found out.
fn employ(
    journey: &mut Journey,
    stay: &Stay<'_>,
    from: NaiveDate,
    imagined: bool,
) -> (NaiveDate, Option<NaiveDate>) {
    let dice = &mut journey.dice;
    let age = from.year() - i32::from(stay.person.birth_year);
    let open_until = |last: i32, weight: u32| if age <= last { weight } else { 0 };
    let contract = dice.weighted(&[
        (34, Contract::Permanent),
        (38, Contract::FixedTerm),
        (14, Contract::Temping),
        (open_until(APPRENTICE, 14), Contract::Apprenticeship),
        (4, Contract::Professionalisation),
        (open_until(VOLUNTEER, 5), Contract::CivilService),
        (1, Contract::Other),
    ]);
    let months = match contract {
        Contract::Permanent => None,
        Contract::Temping => Some(dice.between(1, 3)),
        Contract::Apprenticeship | Contract::Professionalisation => Some(dice.between(12, 24)),
        Contract::CivilService => Some(dice.between(6, 12)),
        _ => Some(dice.between(2, 12)),
    };
    let reported_by = dice.weighted(&[
        (45, Reporter::Trainee),
        (35, Reporter::Operator),
        (12, Reporter::Partner),
        (8, Reporter::Region),
    ]);
    let employment = dice.uuid(calendar::midnight(from));
    let fact = Fact::EmploymentStarted(Box::new(EmploymentStarted {
        employment,
        contract: Terms {
            kind: contract,
            months: months.map(|months| months as u16),
        },
        employer: dice.chance(0.8).then(|| *dice.pick(stay.companies)),
        rome: dice.chance(0.8).then(|| stay.trade.code()),
        commune: dice.chance(0.7).then_some(if dice.chance(0.5) {
            stay.home
        } else {
            stay.operator.commune
        }),
        working_time: dice.chance(0.7).then(|| {
            let weekly = dice.weighted(&[(7, 2_100), (2, 1_440), (1, 1_050)]);
            WorkingTime {
                weekly_minutes: minutes(weekly),
                full_time: Some(weekly == 2_100),
            }
        }),
        reported_by,
    }));
    let sender = match reported_by {
        Reporter::Operator => Arc::clone(&stay.operator.source),
        Reporter::Partner => Arc::clone(&dice.pick(stay.partners).source),
        Reporter::Trainee | Reporter::Region => Arc::clone(&journey.region),
    };
    let dice = &mut journey.dice;
    let early = dice
        .chance(0.08)
        .then(|| workdays::after(from, dice.between(10, 80)));
    let end = early.or(months
        .filter(|_| dice.chance(0.7))
        .map(|months| calendar::months_later(from, months as u32)));
    let Some(end) = end.filter(|_| !imagined) else {
        journey.mention(&sender, from, fact).imagined = imagined;
        return (from, None);
    };
    let reason = Some(
        if early.is_some() {
            "Rupture pendant la période d'essai"
        } else {
            "Fin de contrat"
        }
        .to_owned(),
    );
    journey.say(&sender, from, fact);
    let ended = EmploymentEnded {
        employment,
        reason,
        reported_by,
    };
    journey.mention(&sender, end, Fact::EmploymentEnded(ended));
    (from, Some(end))
}

/// What the person answers 3, 6, 12 and 18 months after the exit.
pub(super) fn follow_up(journey: &mut Journey, stay: &Stay<'_>, work: Work) {
    if stay.fate.reason == ExitReason::Deceased {
        return;
    }
    let region = Arc::clone(&journey.region);
    for (months, share) in [(3_u8, 0.8), (6, 0.85), (12, 0.6), (18, 0.5)] {
        if !journey.dice.chance(share) {
            continue;
        }
        let dice = &mut journey.dice;
        let due = calendar::months_later(stay.exit, months.into());
        let day = workdays::from_on(workdays::after(due, dice.between(0, 20)));
        let working = work
            .employed
            .is_some_and(|(from, to)| from <= day && to.is_none_or(|to| to > day));
        let situation = match () {
            () if dice.chance(0.18) => FollowupSituation::Unreachable,
            () if work.created.is_some_and(|since| since <= day) => FollowupSituation::SelfEmployed,
            () if working => FollowupSituation::Employed,
            () if stay.fate.reason == ExitReason::QualifyingTraining && dice.chance(0.8) => {
                FollowupSituation::Training
            }
            () => dice.weighted(&[
                (80, FollowupSituation::JobSeeking),
                (12, FollowupSituation::Training),
                (8, FollowupSituation::Other),
            ]),
        };
        let months =
            FollowupMonths::try_from(months).expect("these are the months at which people are asked");
        journey.mention(
            &region,
            day,
            Fact::FollowupAnswered(FollowupAnswered { months, situation }),
        );
    }
}
