//! Questions about the work of an operator.

use super::tallies::{AIDS, AMOUNTS, place};
use crate::territory::{days, rate};
use crate::{Reader, Row, Value, ViewError};
use parcours_model::codes::{Month, Siret};
use parcours_model::streams::parcours::AidKind;
use schemars::JsonSchema;
use serde::Serialize;
use std::slice;

/// Every month of the operator ?1 up to ?2.
const MONTHS: &str = "
    SELECT month, planned_minutes, attended_minutes, excused_minutes,
        mobility_granted, housing_granted, childcare_granted, other_granted,
        mobility_paid, housing_paid, childcare_paid, other_paid,
        started, exited, held, pay_granted, paid_people, paid_cents
    FROM {work_month} WHERE operator = ?1 AND month <= ?2 ORDER BY month";

/// Every contract of the SIRET ?1.
const CONTRACTS: &str = "
    SELECT from_day, to_day, places FROM {work_contract} WHERE siret = ?1 ORDER BY operator, contract, from_day";

/// The name of the SIRET ?1: of several operators with it, that which the catalogue names.
const NAME: &str = "SELECT name FROM {work_operator} WHERE siret = ?1 ORDER BY operator LIMIT 1";

/// Whether anything was ever done under the SIRET ?1: an operator need not be registered.
const EVER: &str = "SELECT COUNT(*) FROM {work_month} WHERE operator = ?1";

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose work.
    pub operator: Siret,
    /// The first month.
    pub from: Month,
    /// The last one.
    pub to: Month,
    /// Whether each month is told, too.
    pub by_month: bool,
}

/// What an operator did in some months. A parcours counts for the operator of its last admission.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OperatorWork")]
pub struct Work {
    /// Whose.
    pub operator: Siret,
    /// Its name, where it is registered.
    pub name: Option<String>,
    /// The first month.
    pub from: Month,
    /// The last one.
    pub to: Month,
    /// The sums of these months.
    pub sums: Sums,
    /// Those of each month. Left out unless they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<Vec<WorkMonth>>,
}

/// The sums of a month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OperatorMonth")]
pub struct WorkMonth {
    /// Which.
    pub month: Month,
    /// Its sums.
    pub sums: Sums,
}

/// Sums of some months.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "OperatorSums")]
pub struct Sums {
    /// The attendance of these months.
    pub attendance: Attendance,
    /// Who came, who left, and who is there.
    pub people: People,
    /// Places against contract.
    pub places: Places,
    /// Aids, of each kind.
    pub aids: Vec<Aid>,
    /// Pay.
    pub pay: Pay,
}

/// Attendance, in minutes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "OperatorAttendance")]
pub struct Attendance {
    /// Planned.
    pub planned_minutes: i64,
    /// Attended.
    pub attended_minutes: i64,
    /// Absent with an excuse.
    pub excused_minutes: i64,
    /// `attended_minutes` / `planned_minutes`; none where nothing is planned.
    pub rate: Option<f64>,
}

/// People.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "OperatorPeople")]
pub struct People {
    /// Started in these months.
    pub entries: i64,
    /// Exited in these months.
    pub leavers: i64,
    /// In training at the end of the last month, as far as is known.
    pub in_training: i64,
}

/// Places at the end of the last month, as far as is known.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "OperatorPlaces")]
pub struct Places {
    /// Places a year of the contracts that are in force on the last day.
    pub contracted: i64,
    /// Held, in a session or not: from an admission until a withdrawal, a refusal or the exit.
    pub held: i64,
}

/// Aids of a kind, in cents.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "OperatorAid")]
pub struct Aid {
    /// What for.
    pub kind: AidKind,
    /// Granted in these months.
    pub granted_cents: i64,
    /// Paid in these months, of whichever grant.
    pub paid_cents: i64,
}

/// Pay.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "OperatorPay")]
pub struct Pay {
    /// Grants whose first day lies in these months.
    pub granted: i64,
    /// People whose pay is in force at the end of the last month: granted, and neither ended nor the person gone.
    pub people: i64,
    /// Their pay, in cents a month.
    pub monthly_cents: i64,
}

/// Answers a question; `None` if nothing was ever known under this SIRET. Complexity: the months of the operator.
pub(crate) async fn work(reader: &Reader, query: &Query) -> Result<Option<Work>, ViewError> {
    let operator = Value::from(query.operator.to_string());
    let rows = reader
        .query(MONTHS, &[operator.clone(), Value::from(query.to.to_string())])
        .await?;
    let contracts = reader.query(CONTRACTS, slice::from_ref(&operator)).await?;
    let name = reader.query(NAME, slice::from_ref(&operator)).await?;
    let name = name.first().map(|row| row.text(0).to_owned());
    if rows.is_empty() && name.is_none() {
        let ever = reader.query(EVER, &[operator]).await?;
        if ever.first().is_none_or(|row| row.integer(0) == 0) {
            return Ok(None);
        }
    }
    let months: Vec<(&str, [i64; AMOUNTS])> = rows.iter().map(amounts).collect();
    let sums = |from, to| sums(&months, &contracts, from, to);
    let each = std::iter::successors(Some(query.from), |month| month.next());
    let each = each.take_while(|month| *month <= query.to);
    Ok(Some(Work {
        operator: query.operator,
        name,
        from: query.from,
        to: query.to,
        sums: sums(query.from, query.to),
        months: query.by_month.then(|| {
            each.map(|month| WorkMonth {
                month,
                sums: sums(month, month),
            })
            .collect()
        }),
    }))
}

fn amounts(row: &Row) -> (&str, [i64; AMOUNTS]) {
    let mut amounts = [0; AMOUNTS];
    for (column, amount) in (1..).zip(&mut amounts) {
        *amount = row.integer(column);
    }
    (row.text(0), amounts)
}

fn sums(months: &[(&str, [i64; AMOUNTS])], contracts: &[Row], from: Month, to: Month) -> Sums {
    let (first, last) = (from.to_string(), to.to_string());
    let until = months.iter().take_while(|(month, _)| *month <= last.as_str());
    // What happened in these months, and what changed until the end of them.
    let (mut within, mut changed) = ([0; AMOUNTS], [0; AMOUNTS]);
    for (month, amounts) in until {
        for (column, amount) in amounts.iter().enumerate() {
            changed[column] += amount;
            if *month >= first.as_str() {
                within[column] += amount;
            }
        }
    }
    let [planned, attended, excused] = [0, 1, 2].map(|minutes| within[place::ATTENDANCE + minutes]);
    let end = days(to.last_day());
    let in_force = contracts
        .iter()
        .filter(|contract| (contract.integer(0)..=contract.integer(1)).contains(&end));
    let aids = AIDS.iter().enumerate().map(|(number, kind)| Aid {
        kind: *kind,
        granted_cents: within[place::GRANTED + number],
        paid_cents: within[place::PAID + number],
    });
    Sums {
        attendance: Attendance {
            planned_minutes: planned,
            attended_minutes: attended,
            excused_minutes: excused,
            rate: rate(attended, planned),
        },
        people: People {
            entries: within[place::STARTED],
            leavers: within[place::EXITED],
            in_training: changed[place::STARTED] - changed[place::EXITED],
        },
        places: Places {
            contracted: in_force.map(|contract| contract.integer(2)).sum(),
            held: changed[place::HELD],
        },
        aids: aids.collect(),
        pay: Pay {
            granted: within[place::PAY_GRANTED],
            people: changed[place::PAID_PEOPLE],
            monthly_cents: changed[place::PAID_CENTS],
        },
    }
}
