//! What operators do: attendance, places against contract, aids and pay.
//!
//! `work_month` has sums by operator and month, to which each parcours adds for the operator of its last admission; what stands
//! at the end of a month is the sum of what changed until then. `work_contract` has the contracts, `work_operator` the names.

mod operator;
mod query;
mod tallies;

pub use query::{Aid, Attendance, Pay, People, Places, Query, Sums, Work, WorkMonth};

pub(crate) use query::work;

use crate::{Indigestible, Kind, Output, Table, Value, View, success};
use operator::Operator;
use parcours_model::{Effective, History, StreamKind};
use tallies::Tallies;

/// The view.
pub static VIEW: View = View {
    name: "work",
    version: 1,
    tables: &[MONTH, CONTRACT, OPERATOR],
    streams: &[StreamKind::Parcours, StreamKind::Operator],
    fold,
    replaces: false,
    running: &[],
};

const MONTH: Table = Table {
    name: "work_month",
    // A SIRET, and a month as 2026-03.
    keys: &[("operator", Kind::Text), ("month", Kind::Text)],
    values: &[
        ("planned_minutes", Kind::Integer),
        ("attended_minutes", Kind::Integer),
        ("excused_minutes", Kind::Integer),
        // In cents, by the day of the grant and of the payment.
        ("mobility_granted", Kind::Integer),
        ("housing_granted", Kind::Integer),
        ("childcare_granted", Kind::Integer),
        ("other_granted", Kind::Integer),
        ("mobility_paid", Kind::Integer),
        ("housing_paid", Kind::Integer),
        ("childcare_paid", Kind::Integer),
        ("other_paid", Kind::Integer),
        ("started", Kind::Integer),
        ("exited", Kind::Integer),
        // How many more at the end of the month than at its beginning.
        ("held", Kind::Integer),
        ("pay_granted", Kind::Integer),
        ("paid_people", Kind::Integer),
        ("paid_cents", Kind::Integer),
    ],
    sums: true,
    indexes: &[],
    words: None,
};

const CONTRACT: Table = Table {
    name: "work_contract",
    // The operator's stream.
    keys: &[
        ("operator", Kind::Text),
        ("contract", Kind::Text),
        ("from_day", Kind::Integer),
    ],
    values: &[
        ("siret", Kind::Text),
        ("to_day", Kind::Integer),
        ("places", Kind::Integer),
    ],
    sums: false,
    indexes: &["siret"],
    words: None,
};

const OPERATOR: Table = Table {
    name: "work_operator",
    // Every SIRET that an operator has or had, and the operator's stream.
    keys: &[("siret", Kind::Text), ("operator", Kind::Text)],
    values: &[("name", Kind::Text)],
    sums: false,
    indexes: &[],
    words: None,
};

/// Their places among the tables.
const OF_MONTHS: usize = 0;
const OF_CONTRACTS: usize = 1;
const OF_OPERATORS: usize = 2;

fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    if history.stream().kind == StreamKind::Operator {
        let operator = history.stream().uuid.to_string();
        let known = Operator::of(history);
        for (siret, name) in known.names() {
            let key = vec![Value::from(siret.to_string()), Value::from(operator.as_str())];
            output.row(OF_OPERATORS, key, vec![Value::from(name)]);
        }
        for stretch in known.contracts() {
            output.row(OF_CONTRACTS, stretch.key(&operator), stretch.columns());
        }
        return Ok(output);
    }
    let facts: Vec<Effective<'_>> = history.effective().collect();
    let Some(operator) = success::operator(&facts) else {
        return Ok(output);
    };
    for (month, amounts) in Tallies::of(&facts).months() {
        let key = vec![Value::from(operator.to_string()), Value::from(month.to_string())];
        output.tally(OF_MONTHS, key, amounts);
    }
    Ok(output)
}

#[cfg(test)]
mod tests;
