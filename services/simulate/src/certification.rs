//! Certifications: registered for, obtained in full or by blocks, failed (R23).

use super::journey::Journey;
use super::stay::Stay;
use super::workdays;
use chrono::NaiveDate;
use parcours_model::calendar;
use parcours_model::codes::Certification as Code;
use parcours_model::streams::parcours::{Certification, ExitReason, Fact, Scope};

/// What the person is registered for, and what comes of it by six months after the exit.
pub(super) fn certify(journey: &mut Journey, stay: &Stay<'_>) {
    let sender = &stay.operator.source;
    let Some(code) = stay.training.certification().filter(|_| stay.is_prepared()) else {
        return;
    };
    let dice = &mut journey.dice;
    if !stay.fate.certified {
        let tries = stay.fate.reason == ExitReason::Completed && dice.chance(0.35);
        if tries {
            fall_short(journey, stay, code);
        }
        return;
    }
    let length = (stay.exit - stay.start).num_days();
    let registered = workdays::between(dice, workdays::after(stay.start, length / 4), stay.exit);
    let mut examined = workdays::from_on(workdays::after(
        stay.exit.max(workdays::after(registered, 5)),
        dice.between(-3, 40),
    ));
    if examined <= registered {
        examined = workdays::after(registered, 1);
    }
    journey.say(sender, registered, Fact::CertificationRegistered(whole(code)));
    if journey.dice.chance(0.07) {
        // A second attempt, some weeks later and still in time.
        let again = workdays::from_on(workdays::after(examined, journey.dice.between(5, 20)));
        journey.say(sender, examined, Fact::CertificationFailed(whole(code)));
        journey.say(sender, again, Fact::CertificationRegistered(whole(code)));
        examined = workdays::from_on(workdays::after(again, journey.dice.between(20, 60)));
    }
    let in_time = examined.min(calendar::months_later(stay.exit, 6));
    journey.mention(sender, in_time, Fact::CertificationObtained(whole(code)));
}

/// Registered, and only some blocks or nothing obtained: no success in the sense of R23.
fn fall_short(journey: &mut Journey, stay: &Stay<'_>, code: Code) {
    let sender = &stay.operator.source;
    let registered = workdays::between(&mut journey.dice, stay.start, stay.exit);
    let examined: NaiveDate = workdays::from_on(workdays::after(
        stay.exit.max(registered),
        journey.dice.between(1, 40),
    ));
    let partly = journey.dice.chance(0.6);
    if partly && journey.dice.chance(0.4) {
        let blocks = blocks(journey, code);
        journey.say(sender, registered, Fact::CertificationRegistered(blocks.clone()));
        journey.mention(sender, examined, Fact::CertificationObtained(blocks));
        return;
    }
    journey.say(sender, registered, Fact::CertificationRegistered(whole(code)));
    if partly {
        let blocks = blocks(journey, code);
        journey.mention(sender, examined, Fact::CertificationObtained(blocks));
    }
    journey.mention(sender, examined, Fact::CertificationFailed(whole(code)));
}

fn whole(code: Code) -> Certification {
    let (rncp, rs) = registers(code);
    Certification {
        rncp,
        rs,
        scope: Scope::Full,
        blocks: None,
    }
}

/// Some of the first three blocks, named as France compétences does: `RNCP37099BC01`.
fn blocks(journey: &mut Journey, code: Code) -> Certification {
    let (rncp, rs) = registers(code);
    let chosen = journey.dice.several(&[1, 2, 3], 1, 2);
    let blocks = chosen
        .into_iter()
        .map(|block| format!("{code}BC{block:02}"))
        .collect();
    Certification {
        rncp,
        rs,
        scope: Scope::Blocks,
        blocks: Some(blocks),
    }
}

fn registers(
    code: Code,
) -> (
    Option<parcours_model::codes::Rncp>,
    Option<parcours_model::codes::Rs>,
) {
    match code {
        Code::Rncp(rncp) => (Some(rncp), None),
        Code::Rs(rs) => (None, Some(rs)),
    }
}
