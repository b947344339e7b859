//! An operator's names and contracts, each under the SIRET that it had.

use crate::Value;
use crate::territory::days;
use chrono::NaiveDate;
use parcours_model::codes::Siret;
use parcours_model::streams::operator::{Contracted, Fact, Registered};
use parcours_model::{Effective, Fact as AnyFact, History, calendar};
use std::collections::BTreeMap;

/// What the effective history of an operator says.
pub(super) struct Operator<'a> {
    /// From which day on it was registered so; the first one holds for what was before, too.
    registered: Vec<(NaiveDate, &'a Registered)>,
    contracts: Vec<&'a Contracted>,
    /// The day on which a contract ended, before its last one.
    ended: Vec<(NaiveDate, uuid::Uuid)>,
}

/// A contract while the operator had one SIRET.
pub(super) struct Stretch<'a> {
    siret: Siret,
    contract: &'a Contracted,
    /// The first day and the last one.
    from: NaiveDate,
    to: NaiveDate,
}

impl<'a> Operator<'a> {
    /// As it stands now.
    pub fn of(history: &'a History) -> Self {
        let facts: Vec<Effective<'a>> = history.effective().collect();
        let mut operator = Operator {
            registered: Vec::new(),
            contracts: Vec::new(),
            ended: Vec::new(),
        };
        for fact in facts {
            let AnyFact::Operator(told) = fact.fact else {
                continue;
            };
            let day = calendar::day(fact.time);
            match told {
                Fact::Registered(registered) => {
                    // Of two on one day the last one holds.
                    operator.registered.retain(|(from, _)| *from < day);
                    operator.registered.push((day, registered));
                }
                Fact::Contracted(contract) => operator.contracts.push(contract),
                Fact::ContractEnded(ended) => operator.ended.push((day, ended.contract)),
            }
        }
        operator
    }

    /// The name under each SIRET: the last one.
    pub fn names(&self) -> BTreeMap<Siret, &'a str> {
        let names = self.registered.iter();
        names
            .map(|(_, registered)| (registered.siret, registered.name.as_str()))
            .collect()
    }

    /// Every contract. One that goes on while the operator moves to another SIRET is cut there.
    pub fn contracts(&self) -> Vec<Stretch<'a>> {
        let contracts = self.contracts.iter();
        contracts.flat_map(|contract| self.stretches(contract)).collect()
    }

    fn stretches(&self, contract: &'a Contracted) -> impl Iterator<Item = Stretch<'a>> {
        let ended = self.ended.iter().find(|(_, ended)| *ended == contract.contract);
        let last = ended.map_or(contract.to, |(ended, _)| contract.to.min(*ended));
        let next = self.registered.iter().skip(1);
        let ends = next.map(|(next, _)| next.pred_opt().unwrap_or(NaiveDate::MIN));
        let ends = ends.chain([NaiveDate::MAX]);
        let begins = self.registered.iter().enumerate();
        let begins = begins.map(|(place, (from, registered))| {
            let from = if place == 0 { NaiveDate::MIN } else { *from };
            (from, registered.siret)
        });
        let under = begins.zip(ends).map(move |((begins, siret), ends)| Stretch {
            siret,
            contract,
            from: contract.from.max(begins),
            to: last.min(ends),
        });
        under.filter(|stretch| stretch.from <= stretch.to)
    }
}

impl Stretch<'_> {
    /// The key of a row of `work_contract`.
    pub fn key(&self, operator: &str) -> Vec<Value> {
        vec![
            Value::from(operator),
            Value::from(self.contract.contract.to_string()),
            Value::Integer(days(self.from)),
        ]
    }

    /// Its other columns.
    pub fn columns(&self) -> Vec<Value> {
        vec![
            Value::from(self.siret.to_string()),
            Value::Integer(days(self.to)),
            Value::Integer(self.contract.places.into()),
        ]
    }
}
