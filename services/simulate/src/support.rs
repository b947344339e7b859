//! What carries a parcours: attendance, pay, aids, partners (R13, R14, R16).

use super::journey::Journey;
use super::stay::Stay;
use super::training::minutes;
use super::workdays;
use chrono::{Datelike, Days, NaiveDate};
use parcours_model::calendar;
use parcours_model::codes::{Cents, Month};
use parcours_model::streams::parcours::{
    AidGranted, AidKind, AidPaid, Attendance, ExitReason, Fact, PartnerReported, PayEnded, PayGranted,
    ReportTopic, Situation,
};
use std::sync::Arc;

/// A month's attendance, told on the month's last day of training.
pub(super) fn attend(journey: &mut Journey, stay: &Stay<'_>) {
    let stretches = stay.stretches();
    let mut month = Month::of(stay.start);
    while let Some(current) = month.filter(|month| month.first_day() <= stay.exit) {
        let last = current.last_day();
        let day = stretches
            .iter()
            .rev()
            .find(|(low, _)| *low <= last)
            .map(|(low, high)| (last.min(*high), *low, *high));
        if let Some((day, low, high)) = day.filter(|(day, ..)| *day >= current.first_day()) {
            let dice = &mut journey.dice;
            let first = low.max(current.first_day());
            let days = first.iter_days().take_while(|one| *one <= day);
            let worked = days.filter(|one| workdays::is_workday(*one)).count().max(1);
            let planned = worked as i64 * stay.weekly_minutes / 5;
            // Most are there nearly always.
            let attended = planned * dice.between(70, 100).max(dice.between(70, 100)) / 100;
            let excused = (planned - attended) * dice.between(0, 10) / 10;
            let fact = Attendance {
                month: current,
                planned_minutes: minutes(planned),
                attended_minutes: minutes(attended),
                excused_minutes: minutes(excused),
            };
            let draft = journey.mention(&stay.operator.source, day, Fact::AttendanceRecorded(fact));
            draft.window = Some((low.max(current.first_day()), high.min(last)));
        }
        month = current.next();
    }
}

/// Cents a month: the national scales (decree 2021-522 of 29 April 2021) for those from 16, from 18 and from 26 years on.
const PAY: [(i32, i64); 3] = [(26, 68_500), (18, 50_000), (0, 20_000)];

/// Pay, for those who get no unemployment benefit.
pub(super) fn pay(journey: &mut Journey, stay: &Stay<'_>) {
    let region = Arc::clone(&journey.region);
    let dice = &mut journey.dice;
    // Most who are registered as job seekers have worked, and get their benefit instead; wages go on beside a training.
    let without_benefit = match stay.person.situation {
        Situation::RegisteredJobSeeker => 0.6,
        Situation::PartTime => 0.2,
        Situation::UnregisteredJobSeeker | Situation::WithoutJob => 0.95,
    };
    if !dice.chance(without_benefit) {
        return;
    }
    let age = stay.start.year() - i32::from(stay.person.birth_year);
    let scale = PAY.iter().find(|(from, _)| *from <= age);
    let granted = workdays::between(dice, stay.settled, workdays::after(stay.start, 12));
    if stay.is_over(granted) {
        return;
    }
    let monthly_cents = cents(scale.map_or(0, |(_, monthly)| *monthly));
    journey.say(
        &region,
        granted,
        Fact::PayGranted(PayGranted {
            monthly_cents,
            from: stay.start,
        }),
    );
    let reason = match stay.fate.reason {
        ExitReason::Completed => "Fin de la formation",
        ExitReason::Deceased => "Décès",
        _ => "Sortie du programme",
    };
    let ended = match stay.fate.reason {
        ExitReason::Deceased => stay.exit,
        _ => workdays::from_on(workdays::after(
            stay.exit.max(granted),
            journey.dice.between(0, 4),
        )),
    };
    journey.mention(
        &region,
        ended,
        Fact::PayEnded(PayEnded {
            reason: reason.to_owned(),
        }),
    );
}

fn cents(amount: i64) -> Cents {
    Cents::try_from(amount).expect("amounts of money drawn here are positive and small")
}

/// Aids, each paid in one to three parts that never exceed it.
pub(super) fn aid(journey: &mut Journey, stay: &Stay<'_>) {
    let region = Arc::clone(&journey.region);
    for _ in 0..journey.dice.weighted(&[(30, 0), (40, 1), (22, 2), (8, 3)]) {
        let dice = &mut journey.dice;
        let granted = workdays::between(dice, stay.start, stay.exit.min(workdays::after(stay.start, 60)));
        let aid = dice.uuid(calendar::midnight(granted));
        let kind = dice.weighted(&[
            (55, AidKind::Mobility),
            (12, AidKind::Housing),
            (23, AidKind::Childcare),
            (10, AidKind::Other),
        ]);
        let parts = dice.between(1, 3);
        let part = dice.between(20, 150) * 100;
        journey.say(
            &region,
            granted,
            Fact::AidGranted(AidGranted {
                aid,
                kind,
                cents: cents(part * parts),
            }),
        );
        let mut paid = granted;
        for _ in 0..parts {
            paid = workdays::from_on(workdays::after(paid, journey.dice.between(8, 32)));
            if paid > stay.exit + Days::new(30) || stay.is_over(paid) {
                break;
            }
            journey.mention(
                &region,
                paid,
                Fact::AidPaid(AidPaid {
                    aid,
                    kind,
                    cents: cents(part),
                }),
            );
        }
    }
}

/// Partners who follow the person report, mostly during an interruption.
pub(super) fn report(journey: &mut Journey, stay: &Stay<'_>) {
    let paused = stay.pause.map(|(from, to)| (from, to.unwrap_or(stay.exit)));
    for _ in 0..journey.dice.weighted(&[(70, 0), (22, 1), (8, 2)]) + u32::from(paused.is_some()) {
        let (low, high): (NaiveDate, NaiveDate) = paused.unwrap_or((stay.start, stay.exit));
        let dice = &mut journey.dice;
        let day = workdays::between(dice, low, high);
        let partner = dice.pick(stay.partners);
        let report = PartnerReported {
            partner: partner.siret,
            convention: partner.convention,
            topic: *dice.pick(ReportTopic::ALL),
            notes: None,
        };
        journey.mention(&partner.source, day, Fact::PartnerReported(report));
    }
}
