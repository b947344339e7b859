//! A place in a session near home, or waiting for one; then the commitment and the référent (R3, R4, R18).

use super::agenda::Agenda;
use super::journey::Journey;
use super::orientation::Person;
use super::workdays;
use super::world::World;
use chrono::{Days, NaiveDate};
use parcours_model::streams::parcours::{
    Admitted, CommitmentSigned, Fact, PlaceOffered, Placement, ReferentNamed,
};
use parcours_model::streams::session::Entry;
use std::sync::Arc;
use uuid::Uuid;

/// A place found: it is free from the admission until well after the end.
pub(super) struct Seat {
    pub session: usize,
    pub operator: usize,
    pub admitted: NaiveDate,
    pub start: NaiveDate,
    /// The last day, if nothing cuts the training short.
    pub end: NaiveDate,
}

/// Days after the end within which the release of a place is known, a corrected exit and the New Year's closure included.
const SLACK: u64 = 90;

/// Days within which a place that has become free is offered to those who wait.
const CALLED: i64 = 2;

/// Days to take a place that is offered.
const ANSWER: i64 = 7;

/// How many operators around a person looks at.
pub(super) const AROUND: usize = 8;

/// Finds a place, after waiting if need be. `None`: the parcours ends here, and the journey says why.
pub(super) fn find(
    journey: &mut Journey,
    world: &mut World,
    agenda: &mut Agenda,
    person: &Person,
    today: NaiveDate,
    checked: NaiveDate,
) -> Option<Seat> {
    let dice = &mut journey.dice;
    if dice.chance(0.05) {
        let day = workdays::from_on(workdays::after(checked, dice.between(2, 30)));
        leave(journey, day, None, "Ne donne pas suite");
        return None;
    }
    let mut around: Vec<u16> = world.near(person.home).to_vec();
    // The trade matters as well as the distance.
    let first = dice.weighted(&[(65, 0), (25, 1), (10, 2)]);
    let first = around.remove(usize::min(first, around.len() - 1));
    around.insert(0, first);
    let ready = workdays::from_on(workdays::after(checked, dice.between(1, 10)));
    let (seat, full) = look(journey, world, &around, ready);
    let Some(full) = full else { return seat };
    let source = Arc::clone(&world.operators[world.sessions.all[full].operator].source);
    if journey.dice.chance(0.4) {
        world.sessions.raise(full, today, &source, agenda);
    }
    if seat.is_some() && journey.dice.chance(0.4) {
        return seat;
    }
    let wanted = world.sessions.all[full].uuid;
    let placement = Placement {
        session: Some(wanted),
        reason: Some("Session complète".to_owned()),
    };
    journey.say(&source, ready, Fact::Waitlisted(placement));
    let waited = workdays::from_on(workdays::after(ready, journey.dice.between(7, 35)));
    let patient = journey.dice.chance(0.8);
    let seat = wait(journey, world, &around, ready, waited).filter(|_| patient);
    if let Some(seat) = seat.as_ref().filter(|seat| seat.session == full) {
        let offered = PlaceOffered {
            session: wanted,
            until: workdays::after(seat.admitted, ANSWER),
        };
        let region = Arc::clone(&journey.region);
        journey.say(&region, seat.admitted, Fact::PlaceOffered(offered));
    }
    if seat.is_none() {
        leave(
            journey,
            waited,
            Some(wanted),
            "Aucune place à proximité dans un délai acceptable",
        );
    }
    seat
}

/// A place that is found while waiting: whoever waits is called as soon as one is free.
fn wait(
    journey: &mut Journey,
    world: &World,
    around: &[u16],
    from: NaiveDate,
    until: NaiveDate,
) -> Option<Seat> {
    let mut day = workdays::from_on(workdays::after(from, CALLED));
    while day < until {
        let (seat, _) = look(journey, world, around, day);
        if seat.is_some() {
            return seat;
        }
        day = workdays::from_on(workdays::after(day, CALLED));
    }
    look(journey, world, around, until).0
}

/// The first place to be had, and the first session found full on the way to it.
fn look(
    journey: &mut Journey,
    world: &World,
    around: &[u16],
    ready: NaiveDate,
) -> (Option<Seat>, Option<usize>) {
    let mut full = None;
    for operator in around.iter().copied().map(usize::from) {
        let operates = &world.operators[operator];
        for index in operates.enterable.iter().copied() {
            let session = &world.sessions.all[index];
            let (start, end, least) = match session.entry {
                Entry::Fixed => (session.from, session.to, 0),
                Entry::Permanent => {
                    let earliest = workdays::after(ready, journey.dice.between(7, 28)).max(session.from);
                    let start = workdays::beginning_from(earliest);
                    let weeks = operates.offers[session.offer].weeks + journey.dice.between(0, 3);
                    let end = workdays::up_to(workdays::after(start, weeks * 7 - 3));
                    // Whoever enters has time for most of the training.
                    (start, end.min(session.to), weeks * 7 * 4 / 5)
                }
            };
            // The commitment is signed on a day between the two.
            let too_late = ready > session.enrol_until
                || workdays::after(ready, 4) > start
                || workdays::from_on(workdays::after(ready, 1)) >= start;
            if too_late || start > workdays::after(ready, 150) || end < workdays::after(start, least.max(38))
            {
                continue;
            }
            if session.has_room(ready, end + Days::new(SLACK)) {
                return (
                    Some(Seat {
                        session: index,
                        operator,
                        admitted: ready,
                        start,
                        end,
                    }),
                    full,
                );
            }
            full = full.or(Some(index));
        }
    }
    (None, full)
}

fn leave(journey: &mut Journey, day: NaiveDate, session: Option<Uuid>, reason: &str) {
    let region = Arc::clone(&journey.region);
    journey.say(
        &region,
        day,
        Fact::Withdrawn(Placement {
            session,
            reason: Some(reason.to_owned()),
        }),
    );
}

/// The admission, and what has to be settled before the start. Gives the day on which it is, or `None` for somebody
/// who gives up before the start.
pub(super) fn admit(journey: &mut Journey, world: &World, seat: &Seat) -> Option<NaiveDate> {
    let operator = &world.operators[seat.operator];
    let session = Some(world.sessions.all[seat.session].uuid);
    let sender = &operator.source;
    journey.say(
        sender,
        seat.admitted,
        Fact::Admitted(Admitted {
            operator: operator.siret,
            session,
        }),
    );
    let dice = &mut journey.dice;
    let ahead = seat.start.pred_opt().unwrap_or(seat.start);
    let signed = workdays::between(
        dice,
        (seat.admitted + Days::new(1)).max(workdays::up_to(workdays::after(ahead, -14))),
        ahead,
    );
    let named = workdays::between(dice, signed, ahead);
    let gives_up = dice.chance(0.05);
    if !gives_up || dice.chance(0.5) {
        let fact = CommitmentSigned {
            contract_version: "3".to_owned(),
        };
        journey.say(sender, signed, Fact::CommitmentSigned(fact));
    }
    if gives_up {
        let reason = *journey.dice.pick(&[
            "A trouvé un emploi",
            "Difficultés de transport",
            "Raisons familiales",
        ]);
        let placement = Placement {
            session,
            reason: Some(reason.to_owned()),
        };
        journey.say(sender, named, Fact::Withdrawn(placement));
        return None;
    }
    let referent = *journey.dice.pick(&operator.referents);
    journey.say(
        sender,
        named,
        Fact::ReferentNamed(ReferentNamed {
            referent,
            organisation: operator.siret,
        }),
    );
    Some(named)
}
