//! What cannot have been, whatever the rest of the parcours says.
//!
//! Bounds of single values stand in their schemas; here is what takes several to see. Times before
//! [`EARLIEST`](super::clock) are refused beside those in the future.

use super::{Breach, Clause, Rule, journey};
use crate::calendar;
use crate::codes::Month;
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const PLAUSIBLE: Rule = Rule {
    code: "plausible",
    english: "Nothing is dated before 1 January 2000; of a month there is one attendance, with no more minutes attended than planned; a follow-up is answered about its number of months after the exit",
    french: "Rien n'est daté d'avant le 1er janvier 2000 ; il y a une assiduité par mois, sans plus de minutes suivies que prévues ; un suivi est renseigné après environ autant de mois qu'il l'indique depuis la sortie",
    check,
};

pub(super) const DATED: Clause = [
    "Nothing is dated before 1 January 2000",
    "Rien n'est daté d'avant le 1er janvier 2000",
];
const ATTENDED: Clause = [
    "No more minutes are attended than were planned",
    "On ne suit pas plus de minutes qu'il n'en est prévu",
];
const ONE_A_MONTH: Clause = [
    "Of a month there is one attendance; what was wrong about it is corrected",
    "Il y a une assiduité par mois ; ce qui en était faux se rectifie",
];
const FOLLOW_UP: Clause = [
    "A follow-up is answered about its number of months after the exit",
    "Un suivi est renseigné après environ autant de mois qu'il l'indique depuis la sortie",
];

/// A follow-up may be answered this many months before its time: people are asked when they can be reached.
const EARLY_MONTHS: u32 = 1;

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut months) = (Vec::new(), Vec::<(Month, usize)>::new());
    let exit = || journey(facts).find(|(_, fact)| matches!(fact, Fact::Exited(_)));
    for (index, fact) in journey(facts) {
        match fact {
            Fact::AttendanceRecorded(attendance) => {
                if attendance.attended_minutes > attendance.planned_minutes {
                    breaches.push(Breach::at(index).of(&ATTENDED));
                }
                match months.iter().find(|(month, _)| *month == attendance.month) {
                    Some((_, earlier)) => breaches.push(Breach::between(index, *earlier).of(&ONE_A_MONTH)),
                    None => months.push((attendance.month, index)),
                }
            }
            Fact::FollowupAnswered(answered) => {
                if let Some((exit, _)) = exit() {
                    let after = u32::from(u8::from(answered.months)) - EARLY_MONTHS;
                    let earliest = calendar::months_later(calendar::day(facts[exit].time), after);
                    if calendar::day(facts[index].time) < earliest {
                        breaches.push(Breach::between(index, exit).of(&FOLLOW_UP));
                    }
                }
            }
            _ => {}
        }
    }
    breaches
}
