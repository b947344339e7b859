//! Who comes on which day: new people through the year's seasons, and those who come back.

use super::agenda::Agenda;
use super::dice::Dice;
use super::orientation::Person;
use super::settings::Settings;
use super::world::{FIRST_PARCOURS, World};
use super::{parcours, workdays};
use chrono::{Datelike, Days, NaiveDate};
use parcours_model::calendar;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many come in each month of the year, January first: September and January are high, August is low.
const SEASONS: [u64; 12] = [11, 9, 9, 8, 7, 8, 5, 3, 12, 11, 9, 6];

/// The flow of people.
pub(super) struct Intake {
    /// Days of coming, each with the weight of all days up to it.
    days: Vec<(NaiveDate, u64)>,
    next_day: usize,
    came: u64,
    /// Parcours planned so far: each has its own thread of chance.
    parcours: u64,
    returning: BinaryHeap<Reverse<(NaiveDate, u64, Person)>>,
}

impl Intake {
    pub fn new(settings: &Settings) -> Self {
        // Nobody is oriented before operators and sessions are known.
        let first = settings.from + Days::new(10);
        let days = first
            .iter_days()
            .take_while(|day| *day < settings.until)
            .filter(|day| workdays::is_workday(*day))
            .scan(0, |weight, day| {
                *weight += SEASONS[day.month0() as usize];
                Some((day, *weight))
            })
            .collect();
        Self {
            days,
            next_day: 0,
            came: 0,
            parcours: 0,
            returning: BinaryHeap::new(),
        }
    }

    /// Plans the parcours of all who come on a day.
    pub fn live(&mut self, today: NaiveDate, world: &mut World, agenda: &mut Agenda) {
        let total = self.days.last().map_or(1, |(_, weight)| *weight);
        while let Some((_, weight)) = self
            .days
            .get(self.next_day)
            .copied()
            .filter(|(day, _)| *day <= today)
        {
            let due = u64::from(world.settings.trainees) * weight / total;
            while self.came < due {
                self.came += 1;
                self.welcome(None, today, world, agenda);
            }
            self.next_day += 1;
        }
        while let Some(Reverse((day, ..))) = self.returning.peek()
            && *day <= today
            && let Some(Reverse((_, _, person))) = self.returning.pop()
        {
            self.welcome(Some(person), today, world, agenda);
        }
    }

    fn welcome(&mut self, back: Option<Person>, today: NaiveDate, world: &mut World, agenda: &mut Agenda) {
        let mut dice = Dice::new(world.settings.seed, FIRST_PARCOURS + self.parcours);
        self.parcours += 1;
        let person = back.unwrap_or_else(|| Person::draw(world, &mut dice, today));
        let planned = parcours::plan(world, agenda, dice, &person, back.is_none(), today);
        let end = calendar::midnight(world.settings.until);
        let mut steps = planned.steps;
        steps.truncate(steps.partition_point(|step| step.known < end));
        steps.shrink_to_fit();
        agenda.add(steps);
        if let Some(day) = planned.returns.filter(|day| *day < world.settings.until) {
            self.returning.push(Reverse((day, self.parcours, person)));
        }
    }
}
