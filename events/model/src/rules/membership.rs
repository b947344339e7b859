//! What decisions on a community need to know of it: of each member what the member did, and when questions were asked.

use super::community::{self, CREATED_FIRST, Deed, MEMBERS_IN_ORDER, Standing};
use super::gathered::{Gather, Order, order_of};
use super::{Clause, Refusal};
use crate::event::{Event, EventKey};
use crate::streams::community as stream;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The members of one community over time.
#[derive(Clone, Debug, Default)]
pub(super) struct Membership {
    created: BTreeSet<Order>,
    /// When it was called upon.
    called: BTreeSet<Order>,
    /// What each member did, in effective order: a person does few things.
    members: HashMap<Uuid, Vec<(Order, Deed)>>,
}

impl Gather for Membership {
    fn take_in(&mut self, event: &Event) {
        let order = order_of(event);
        if community::is_creation(&event.fact) {
            self.created.insert(order);
        } else if community::is_call(&event.fact) {
            self.called.insert(order);
        } else if let Some((member, deed)) = community::deed(&event.fact) {
            let deeds = self.members.entry(member).or_default();
            let place = deeds.partition_point(|(other, _)| *other < order);
            deeds.insert(place, (order, deed));
        }
    }

    fn take_back(&mut self, event: &Event) {
        let order = order_of(event);
        if community::is_creation(&event.fact) {
            self.created.remove(&order);
        } else if community::is_call(&event.fact) {
            self.called.remove(&order);
        } else if let Some((member, _)) = community::deed(&event.fact)
            && let Some(deeds) = self.members.get_mut(&member)
        {
            deeds.retain(|(other, _)| *other != order);
            if deeds.is_empty() {
                self.members.remove(&member);
            }
        }
    }

    fn refusals(&mut self, events: &[&Event]) -> Vec<(usize, Refusal)> {
        let new: Vec<usize> = (0..events.len())
            .filter(|index| !self.has(events[*index]))
            .collect();
        let touched: BTreeSet<Uuid> = new
            .iter()
            .filter_map(|index| Some(community::deed(&events[*index].fact)?.0))
            .collect();
        let before: BTreeSet<Order> = touched
            .iter()
            .flat_map(|member| self.broken(*member))
            .map(|(order, _)| order)
            .collect();
        new.iter().for_each(|index| self.take_in(events[*index]));
        let mut refusals: Vec<_> = new
            .iter()
            .filter_map(|index| Some((*index, self.uncreated(events[*index])?)))
            .collect();
        for member in touched {
            for (order, clause) in self.broken(member) {
                if before.contains(&order) {
                    continue;
                }
                let own = |index: &&usize| order_of(events[**index]) == order;
                let of_member = |index: &&usize| {
                    community::deed(&events[**index].fact).is_some_and(|(whose, _)| whose == member)
                };
                let refusal = Refusal::by_clause(&MEMBERS_IN_ORDER, clause);
                refusals.extend(match new.iter().find(own) {
                    Some(index) => Some((*index, refusal)),
                    // It is what was there that is impossible now.
                    None => new
                        .iter()
                        .find(of_member)
                        .map(|index| (*index, self.clash(refusal, member, &order))),
                });
            }
        }
        new.iter().rev().for_each(|index| self.take_back(events[*index]));
        refusals
    }

    fn weight(&self) -> usize {
        let deeds: usize = self.members.len() * 160;
        deeds + (self.called.len() + self.created.len()) * 120
    }
}

impl Membership {
    /// Whether it is there already: it brings nothing then.
    fn has(&self, event: &Event) -> bool {
        let order = order_of(event);
        let did = community::deed(&event.fact).and_then(|(member, _)| self.members.get(&member));
        self.created.contains(&order)
            || self.called.contains(&order)
            || did.is_some_and(|deeds| deeds.iter().any(|(other, _)| *other == order))
    }

    /// What of a member's deeds is out of order.
    fn broken(&self, member: Uuid) -> Vec<(Order, &'static Clause)> {
        let mut standing = Standing::default();
        let deeds = self.members.get(&member).into_iter().flatten();
        let broken = deeds.filter_map(|(order, deed)| {
            let asked = self.called.range(..order).next_back();
            standing.go_on(*deed, asked).map(|clause| (order.clone(), clause))
        });
        broken.collect()
    }

    /// Why an event cannot stand where it stands, before the creation or as a second one.
    fn uncreated(&self, event: &Event) -> Option<Refusal> {
        let order = order_of(event);
        let first = self.created.first();
        let clause = match (community::is_creation(&event.fact), first) {
            (true, _) => (self.created.len() > 1).then_some(&community::ONCE),
            (false, Some(first)) if *first < order => None,
            (false, _) => Some(&community::BEFORE),
        };
        let refusal = Refusal::by_clause(&CREATED_FIRST, clause?);
        let other = self.created.iter().find(|other| **other != order);
        Some(match other {
            Some(other) => named(refusal, 0, other),
            None => refusal,
        })
    }

    /// Names what a member did.
    fn clash(&self, refusal: Refusal, member: Uuid, order: &Order) -> Refusal {
        let deeds = self.members.get(&member).into_iter().flatten();
        let found = deeds.clone().any(|(other, _)| other == order);
        if found {
            named(refusal, order.1, order)
        } else {
            refusal
        }
    }
}

/// Names the fact that stands against it.
fn named(refusal: Refusal, place: u8, (time, _, id, source): &Order) -> Refusal {
    let type_name = stream::TYPES[usize::from(place)].name;
    refusal.clash(type_name, *time, &EventKey::new(source.clone(), id.clone()))
}
