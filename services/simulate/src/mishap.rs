//! What is told wrong, twice or of the wrong person, and how it is put right.

use super::agenda::Step;
use super::dice::Dice;
use super::journey::{Draft, Telling};
use super::settings::Settings;
use super::workdays;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use parcours_model::codes::Minutes;
use parcours_model::streams::parcours::{Annulled, Contract, Corrected, EventRef, Fact as Parcours};
use parcours_model::{EventKey, Fact, StreamId, calendar};
use std::sync::Arc;

/// Makes a fact be told of the wrong day or with wrong data at first, where either could happen to it.
pub(super) fn befall(dice: &mut Dice, draft: &mut Draft, known: DateTime<Utc>) {
    let day = draft
        .window
        .and_then(|window| wrong_day(dice, calendar::day(draft.time), window, known));
    let data = wrong_data(dice, &draft.fact);
    draft.first_told = match (day, data) {
        (Some(day), None) => Some(Box::new((calendar::midnight(day), draft.fact.clone()))),
        (Some(day), Some(_)) if dice.chance(0.5) => {
            Some(Box::new((calendar::midnight(day), draft.fact.clone())))
        }
        (_, Some(fact)) => Some(Box::new((draft.time, fact))),
        (None, None) => None,
    };
}

/// Another day of the same stretch of training, at most ten days off and not ahead of the telling.
fn wrong_day(
    dice: &mut Dice,
    right: NaiveDate,
    (low, high): (NaiveDate, NaiveDate),
    known: DateTime<Utc>,
) -> Option<NaiveDate> {
    let low = low.max(right - Days::new(10));
    let high = high.min(right + Days::new(10)).min(calendar::day(known));
    let wrong = workdays::between(dice, low, high);
    (wrong != right && wrong >= low).then_some(wrong)
}

fn wrong_data(dice: &mut Dice, fact: &Fact) -> Option<Fact> {
    let Fact::Parcours(fact) = fact else { return None };
    let mut wrong = fact.clone();
    match &mut wrong {
        Parcours::ModuleCompleted(module) => module.minutes = hours_for_minutes(module.minutes)?,
        Parcours::AttendanceRecorded(month) => {
            if month.attended_minutes == Minutes::MIN {
                return None;
            }
            month.attended_minutes = Minutes::MIN;
        }
        Parcours::SkillAcquired(skill) => skill.level = Some(skill.level.unwrap_or(0) + 1),
        Parcours::EmploymentStarted(job) => {
            job.contract.kind = if job.contract.kind == Contract::Permanent {
                Contract::FixedTerm
            } else {
                Contract::Permanent
            };
        }
        Parcours::TradeDiscovered(discovery) if discovery.host.is_some() => discovery.host = None,
        _ => return None,
    }
    dice.chance(0.9).then_some(wrong.into())
}

/// The number of hours, given where minutes are asked for.
fn hours_for_minutes(minutes: Minutes) -> Option<Minutes> {
    Minutes::try_from(u64::from(minutes.get()) / 60).ok()
}

/// The steps by which a draft becomes known: the fact, and whatever has to be put right about it.
pub(super) fn tell(
    dice: &mut Dice,
    draft: Draft,
    known: DateTime<Utc>,
    settings: &Settings,
    steps: &mut Vec<Step>,
) {
    let Draft {
        stream,
        time,
        sender,
        fact,
        first_told,
        imagined,
        telling,
        ..
    } = draft;
    let twice = telling == Telling::Whenever && !imagined && dice.chance(settings.correction_rate / 2.0);
    let again = if twice {
        same_again(dice, &fact, known)
    } else {
        None
    };
    let correction = first_told.as_ref().map(|first| {
        let (wrong_time, wrong_fact) = &**first;
        (
            Some(time).filter(|time| time != wrong_time),
            Some(fact.data()).filter(|_| *wrong_fact != fact),
        )
    });
    let (first_time, first_fact) = first_told.map_or((time, fact), |first| *first);
    let told = Step::new(dice, known, first_time, stream, &sender, first_fact);
    let event = told.event.key.clone();
    steps.push(told);
    if let Some((time, data)) = correction {
        let reason = if time.is_some() {
            "Erreur de date"
        } else {
            "Erreur de saisie"
        };
        let fact = Parcours::Corrected(Box::new(Corrected {
            event: reference(&event),
            time,
            data,
            reason: Some(reason.into()),
        }));
        amend(dice, known, stream, &sender, fact, steps);
    }
    if imagined {
        annul(
            dice,
            known,
            stream,
            &event,
            &sender,
            "Homonyme : cet événement ne concerne pas ce parcours",
            steps,
        );
    }
    if let Some(fact) = again {
        let known = later(dice, known, 0, 6);
        let double = Step::new(dice, known, time, stream, &sender, fact);
        let event = double.event.key.clone();
        steps.push(double);
        annul(dice, known, stream, &event, &sender, "Saisi deux fois", steps);
    }
}

/// The same fact under another id, where the rules leave room for a second one.
fn same_again(dice: &mut Dice, fact: &Fact, known: DateTime<Utc>) -> Option<Fact> {
    let Fact::Parcours(fact) = fact else { return None };
    let mut again = fact.clone();
    match &mut again {
        Parcours::ModuleCompleted(_)
        | Parcours::SkillAcquired(_)
        | Parcours::TradeDiscovered(_)
        | Parcours::PartnerReported(_)
        | Parcours::FollowupAnswered(_) => {}
        Parcours::EmploymentStarted(job) => job.employment = dice.uuid(known),
        _ => return None,
    }
    Some(again.into())
}

fn annul(
    dice: &mut Dice,
    known: DateTime<Utc>,
    stream: StreamId,
    event: &EventKey,
    sender: &Arc<str>,
    reason: &str,
    steps: &mut Vec<Step>,
) {
    let fact = Parcours::Annulled(Box::new(Annulled {
        event: reference(event),
        reason: reason.to_owned(),
    }));
    amend(dice, known, stream, sender, fact, steps);
}

/// An amendment happens when it is told, some weeks after what it amends became known.
fn amend(
    dice: &mut Dice,
    known: DateTime<Utc>,
    stream: StreamId,
    sender: &Arc<str>,
    fact: Parcours,
    steps: &mut Vec<Step>,
) {
    let known = later(dice, known, 2, 40);
    steps.push(Step::new(dice, known, known, stream, sender, fact));
}

/// Some days later, while offices are open and in any case later.
fn later(dice: &mut Dice, known: DateTime<Utc>, low: i64, high: i64) -> DateTime<Utc> {
    let day = workdays::from_on(workdays::after(calendar::day(known), dice.between(low, high)));
    workdays::office_hours(dice, day).max(known + TimeDelta::minutes(7))
}

fn reference(event: &EventKey) -> EventRef {
    EventRef {
        id: event.id.to_string(),
        source: event.source.to_string(),
    }
}
