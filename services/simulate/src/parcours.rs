//! One parcours from the first contact to the last follow-up.

use super::admission::{self, Seat};
use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::journey::{Journey, Told};
use super::orientation::{self, Person};
use super::stay::{self, Stay};
use super::trades::{FULL_TIME, Trade};
use super::world::World;
use super::{certification, exploration, immersion, outcome, support, training, voice, workdays};
use chrono::NaiveDate;
use parcours_model::streams::parcours::ExitReason;
use parcours_model::streams::trainee;
use parcours_model::{StreamId, StreamKind, calendar};
use std::sync::Arc;

/// Share of the people who have two uuids for a while.
const DUPLICATES: f64 = 0.006;

/// A parcours planned from end to end.
pub(super) struct Planned {
    pub steps: Vec<Step>,
    /// The day on which the person comes back for another parcours.
    pub returns: Option<NaiveDate>,
}

/// Plans the parcours of a person who comes on a day, and takes the place it needs.
pub(super) fn plan(
    world: &mut World,
    agenda: &mut Agenda,
    mut dice: Dice,
    person: &Person,
    new: bool,
    today: NaiveDate,
) -> Planned {
    let stream = StreamId::new(StreamKind::Parcours, dice.uuid(calendar::midnight(today)));
    let mut later = dice.fork();
    let mut journey = Journey::new(dice, stream, Arc::clone(&world.authority));
    let needs = orientation::orient(&mut journey, world, person, new, today);
    let checked = orientation::check(&mut journey, person, &needs, today);
    let seat = checked.and_then(|day| admission::find(&mut journey, world, agenda, person, today, day));
    let Some(seat) = seat else {
        return Planned {
            steps: tell(journey, world, None),
            returns: None,
        };
    };
    let settled = admission::admit(&mut journey, world, &seat);
    let left = settled.map(|settled| train(&mut journey, world, person, &seat, settled));
    let mut steps = tell(journey, world, Some(&seat));
    let may_return = match left {
        None => Some(seat.start),
        Some((_, ExitReason::Deceased, _) | (_, _, true)) => None,
        Some((exit, ..)) => Some(exit),
    };
    let returns = may_return
        .filter(|_| later.chance(world.settings.reentry_rate))
        .map(|day| workdays::from_on(workdays::after(day, later.between(45, 240))));
    // Not of who came back: what is still to come of the earlier parcours is on the agenda already.
    if let Some((exit, reason, _)) = left
        && reason != ExitReason::Deceased
        && new
        && returns.is_none()
        && later.chance(0.02)
    {
        erase(later, world, person, exit, &mut steps);
    } else if new && later.chance(DUPLICATES) {
        merge(later, world, person, today, &mut steps);
    }
    Planned { steps, returns }
}

/// The training and all that follows; gives the exit, its reason, and whether it succeeded.
fn train(
    journey: &mut Journey,
    world: &mut World,
    person: &Person,
    seat: &Seat,
    settled: NaiveDate,
) -> (NaiveDate, ExitReason, bool) {
    let manner = world.fates.manner(&mut journey.dice);
    let exit = stay::exit_day(&mut journey.dice, manner, seat.start, seat.end);
    let fate = world.fates.deal(&mut journey.dice, manner, exit);
    let correction_rate = world.settings.correction_rate;
    let operator = &world.operators[seat.operator];
    let session = &world.sessions.all[seat.session];
    let offer = &operator.offers[session.offer];
    let training = offer.training;
    let trades = training.trades();
    let certifying = training.certification().is_some();
    let mut stay = Stay {
        operator,
        training,
        trade: journey.dice.pick::<&Trade>(&trades),
        home: world.region.commune(person.home).into(),
        companies: &world.companies,
        partners: &world.partners,
        communities: &world.communities,
        pause: stay::pause(&mut journey.dice, fate.reason, seat.start, exit),
        fate,
        person,
        offered_minutes: offer.weeks * FULL_TIME,
        weekly_minutes: stay::weekly_hours(&mut journey.dice, person.situation, certifying) * 60,
        session: (session.from, session.to),
        settled,
        start: seat.start,
        exit,
        away: Vec::new(),
    };
    if !stay.is_prepared() {
        stay.fate = fate.without_certification();
    }
    stay::frame(journey, &stay, correction_rate);
    training::plan(journey, &stay);
    if let Some(bilan) = training::bilan(journey, &stay) {
        stay.away = immersion::immerse(journey, &stay, bilan);
    }
    training::learn(journey, &stay);
    exploration::discover(journey, &stay);
    exploration::project(journey, &stay);
    support::attend(journey, &stay);
    support::pay(journey, &stay);
    support::aid(journey, &stay);
    support::report(journey, &stay);
    certification::certify(journey, &stay);
    let work = outcome::work(journey, &stay, correction_rate);
    outcome::follow_up(journey, &stay, work);
    voice::speak(journey, &stay);
    (exit, fate.reason, fate.succeeds())
}

/// Tells the journey, and takes its place for as long as the release is not known.
fn tell(journey: Journey, world: &mut World, seat: Option<&Seat>) -> Vec<Step> {
    let Told { steps, released } = journey.tell(&world.settings);
    if let Some(seat) = seat {
        let released = released.map_or(NaiveDate::MAX, calendar::day);
        world.sessions.all[seat.session].hold(seat.admitted, released);
    }
    steps
}

/// Somebody had registered the person before, under another uuid: the two are merged, and now and then by mistake.
fn merge(mut dice: Dice, world: &World, person: &Person, today: NaiveDate, steps: &mut Vec<Step>) {
    let (found, doubted) = (workdays::after(today, 20), workdays::after(today, 34));
    let double = StreamId::new(StreamKind::Trainee, dice.uuid(calendar::midnight(today)));
    let registered = trainee::Fact::Registered(trainee::Registered {});
    let merged = trainee::Fact::Merged(trainee::Merged { into: person.trainee });
    let mut told = vec![(workdays::from_on(today), registered), (found, merged)];
    if dice.chance(0.3) {
        let separated = trainee::Separated { from: person.trainee };
        told.push((doubted, trainee::Fact::Separated(separated)));
    }
    let region = &world.authority;
    steps.extend(
        told.into_iter()
            .map(|(day, fact)| Step::on(&mut dice, day, double, region, fact)),
    );
    steps.sort_by_key(|step| step.known);
}

/// The person asks to be forgotten, once the outcome is known; whatever would have become known later is not sent.
fn erase(mut dice: Dice, world: &World, person: &Person, exit: NaiveDate, steps: &mut Vec<Step>) {
    let day = workdays::after(exit, dice.between(200, 330));
    let at = workdays::waking_hours(&mut dice, day);
    steps.truncate(steps.partition_point(|step| step.known < at));
    let stream = StreamId::new(StreamKind::Trainee, person.trainee);
    let reason = Some("À la demande de la personne".to_owned());
    let erased = trainee::Fact::Erased(trainee::Erased { reason });
    steps.push(Step::new(&mut dice, at, at, stream, &world.authority, erased));
}
