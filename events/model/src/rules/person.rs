//! A person, whatever uuids the person has, is in training in one parcours at a time (R4).

use super::effects::cause_of;
use super::{Breach, Clause, Refusal, Rule, beyond_one_history};
use crate::calendar;
use crate::event::EventKey;
use crate::history::{Effective, History};
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, trainee};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) const ONE_PARCOURS: Rule = Rule {
    code: "one-parcours",
    english: "A trainee is in training in one parcours at a time: the next starts the day after the exit of the last, or later",
    french: "Un stagiaire est en formation dans un seul parcours à la fois : le suivant démarre au plus tôt le lendemain de la sortie du précédent",
    check: beyond_one_history,
};

pub(super) const TRAINING_BY_PARCOURS: Rule = Rule {
    code: "training-by-parcours",
    english: "What a trainee's other uuids are, and when trainings begin and end, is written by the log itself with the event that causes it",
    french: "Les autres uuid d'un stagiaire, le début et la fin de ses formations sont écrits par le journal lui-même avec l'événement qui en est la cause",
    check: beyond_one_history,
};

pub(super) const MERGED_ONCE: Rule = Rule {
    code: "merged-once",
    english: "A trainee is merged into one other, and separated from that one only",
    french: "Un stagiaire est fusionné avec un seul autre, et n'est séparé que de celui-ci",
    check: merges,
};

const INTO_ANOTHER: Clause = [
    "A trainee is merged into another uuid than its own",
    "Un stagiaire est fusionné avec un autre uuid que le sien",
];
const INTO_ONE: Clause = [
    "A trainee is merged into one other at a time; before a new merge it is separated",
    "Un stagiaire est fusionné avec un seul autre à la fois ; il en est séparé avant une nouvelle fusion",
];
const FROM_THAT: Clause = [
    "A trainee is separated from the one that it was merged into",
    "Un stagiaire est séparé de celui avec lequel il a été fusionné",
];

fn merges(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut into) = (Vec::new(), None::<(Uuid, usize)>);
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Trainee(trainee::Fact::Merged(merged)) => {
                if merged.into == fact.record.event.stream.uuid {
                    breaches.push(Breach::at(index).of(&INTO_ANOTHER));
                } else if let Some((_, earlier)) = into {
                    breaches.push(Breach::between(index, earlier).of(&INTO_ONE));
                } else {
                    into = Some((merged.into, index));
                }
            }
            Fact::Trainee(trainee::Fact::Separated(separated)) => match into {
                Some((one, _)) if one == separated.from => into = None,
                _ => breaches.push(Breach::with(index, into.map(|(_, merge)| merge)).of(&FROM_THAT)),
            },
            _ => {}
        }
    }
    breaches
}

/// Whether a fact may bring a person into two trainings at once, or join two persons.
pub(super) fn concerns(fact: &Fact) -> bool {
    let Fact::Trainee(fact) = fact else { return false };
    matches!(
        fact,
        trainee::Fact::Merged(_)
            | trainee::Fact::Absorbed(_)
            | trainee::Fact::TrainingBegun(_)
            | trainee::Fact::TrainingEnded(_)
    )
}

/// Whether a fact joins two persons.
pub(super) fn is_merge(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Trainee(trainee::Fact::Merged(_) | trainee::Fact::Absorbed(_))
    )
}

/// Whether a fact is the beginning or the end of the training in a parcours.
pub(super) fn is_training_in(fact: &Fact, parcours: Uuid) -> bool {
    match fact {
        Fact::Trainee(trainee::Fact::TrainingBegun(training) | trainee::Fact::TrainingEnded(training)) => {
            training.parcours == parcours
        }
        _ => false,
    }
}

/// The other uuids of the same person that a trainee's history names.
pub(super) fn others(trainee: &History) -> BTreeSet<StreamId> {
    let mut others = BTreeSet::new();
    for fact in trainee.effective() {
        let Fact::Trainee(fact) = fact.fact else { continue };
        let (other, linked) = match fact {
            trainee::Fact::Merged(merged) => (merged.into, true),
            trainee::Fact::Absorbed(absorbed) => (absorbed.trainee, true),
            trainee::Fact::Separated(separated) => (separated.from, false),
            trainee::Fact::Released(released) => (released.trainee, false),
            _ => continue,
        };
        let other = StreamId::new(StreamKind::Trainee, other);
        if linked {
            others.insert(other);
        } else {
            others.remove(&other);
        }
    }
    others
}

/// A training: in which parcours, from which day to which, both included, and the event that began it.
#[derive(Clone, Debug)]
pub(super) struct Training {
    parcours: Uuid,
    from: NaiveDate,
    to: Option<NaiveDate>,
    begun: EventKey,
}

/// The trainings that a trainee's history tells. What the log wrote against itself, when a start or an exit proved wrong,
/// counts for nothing.
pub(super) fn trainings(trainee: &History) -> Vec<Training> {
    let mut net: BTreeMap<(Uuid, DateTime<Utc>), (i64, EventKey)> = BTreeMap::new();
    for fact in trainee.effective() {
        let (parcours, change) = match fact.fact {
            Fact::Trainee(trainee::Fact::TrainingBegun(training)) => (training.parcours, 1),
            Fact::Trainee(trainee::Fact::TrainingEnded(training)) => (training.parcours, -1),
            _ => continue,
        };
        let entry = net.entry((parcours, fact.time));
        let (amount, key) = entry.or_insert_with(|| (0, fact.key().clone()));
        *amount += change;
        if change > 0 {
            *key = fact.key().clone();
        }
    }
    let mut trainings: Vec<Training> = Vec::new();
    for ((parcours, time), (amount, key)) in net {
        let day = calendar::day(time);
        let open = trainings
            .last_mut()
            .filter(|last| last.parcours == parcours && last.to.is_none());
        match (amount.signum(), open) {
            (1, None) => trainings.push(Training {
                parcours,
                from: day,
                to: None,
                begun: cause_of(&key),
            }),
            (-1, Some(open)) => open.to = Some(day),
            _ => {}
        }
    }
    trainings
}

/// Two parcours in training on the same day, by their order, with how many days; the second is told with it.
type Overlaps<'a> = BTreeMap<(Uuid, Uuid), (i64, &'a Training)>;

fn overlaps(trainings: &[Training]) -> Overlaps<'_> {
    let mut found = Overlaps::new();
    for one in trainings {
        for other in trainings.iter().filter(|other| other.parcours != one.parcours) {
            let end = |training: &Training| training.to.unwrap_or(NaiveDate::MAX);
            let days = (end(one).min(end(other)) - one.from.max(other.from)).num_days() + 1;
            if days > 0 {
                found
                    .entry((one.parcours, other.parcours))
                    .or_insert((0, other))
                    .0 += days;
            }
        }
    }
    found
}

/// The parcours that come to be in training on a day on which they were not, each with why it cannot. `before` are the
/// trainings of each person, as it was known whose they are.
pub(super) fn two_at_once(before: &[Vec<Training>], after: &[Training]) -> Vec<(Uuid, Refusal)> {
    let was: Overlaps<'_> = before.iter().flat_map(|person| overlaps(person)).collect();
    let worse = |pair: &(Uuid, Uuid), days: i64| was.get(pair).is_none_or(|(was, _)| days > *was);
    let found = overlaps(after).into_iter();
    let found = found.filter(|(pair, (days, _))| worse(pair, *days));
    found
        .map(|((parcours, _), (_, other))| (parcours, refusal(other)))
        .collect()
}

/// Names the other parcours.
fn refusal(other: &Training) -> Refusal {
    let (parcours, from) = (StreamId::new(StreamKind::Parcours, other.parcours), other.from);
    let (until, jusque) = match other.to {
        Some(to) => (format!("to {to}"), format!("au {}", to.format("%d/%m/%Y"))),
        None => ("on".to_owned(), "sans sortie".to_owned()),
    };
    Refusal::by(&ONE_PARCOURS)
        .because(
            &format!("The person is in training in {parcours} from {from} {until}."),
            &format!(
                "La personne est en formation dans {parcours} du {} {jusque}.",
                from.format("%d/%m/%Y")
            ),
        )
        .against(&other.begun)
}
