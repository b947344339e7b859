//! What is to be written to the tables of one view: differences of outputs, added up.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use parcours_model::History;

use crate::view::{Indigestible, Key, Kind, Output, Table, Value, View};

/// The changes of each table of a view, in the order of its tables.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub tables: Vec<TableChanges>,
}

/// The changes of one table.
#[derive(Debug, Default)]
pub(crate) struct TableChanges {
    /// Rows that are there afterwards, new or not.
    pub puts: Vec<(Key, Vec<Value>)>,
    /// Rows that are gone afterwards.
    pub removals: Vec<Key>,
    /// Amounts to add. A key stands here once; never all zeros.
    pub sums: Vec<(Key, Vec<i64>)>,
}

/// Changes being gathered over streams. Tallies are added up at once, so that it holds a key once.
#[derive(Debug)]
pub(crate) struct Gathering {
    tables: Vec<TableChanges>,
    sums: Vec<HashMap<Key, Vec<i64>>>,
    /// About how many bytes it holds.
    weight: usize,
}

impl Gathering {
    /// Nothing yet.
    pub fn new(view: &View) -> Self {
        let empty = || view.tables.iter().map(|_| ());
        Self {
            tables: empty().map(|()| TableChanges::default()).collect(),
            sums: empty().map(|()| HashMap::new()).collect(),
            weight: 0,
        }
    }

    /// A stream contributes `after` instead of `before`. Both were digested by the view, so their rows are sorted.
    pub fn add(&mut self, before: Output, after: Output) {
        let mut old = before.rows.into_iter().peekable();
        for (table, key, values) in after.rows {
            while let Some((table, key, _)) = old.next_if(|row| (row.0, &row.1) < (table, &key)) {
                self.tables[table].removals.push(key);
            }
            match old.next_if(|row| (row.0, &row.1) == (table, &key)) {
                Some((.., same)) if same == values => {}
                _ => self.put(table, key, values),
            }
        }
        for (table, key, _) in old {
            self.tables[table].removals.push(key);
        }
        for (table, key, mut amounts) in before.tallies {
            amounts.iter_mut().for_each(|amount| *amount = -*amount);
            self.sum(table, key, amounts);
        }
        for (table, key, amounts) in after.tallies {
            self.sum(table, key, amounts);
        }
    }

    /// About how many bytes it holds in memory.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Everything gathered. Tables that have an index already take rows best in the order of their keys.
    pub fn finish(self) -> Changes {
        let mut changes = self.finish_unordered();
        for table in &mut changes.tables {
            table.puts.sort_unstable_by(|one, other| one.0.cmp(&other.0));
            table.removals.sort_unstable();
        }
        changes
    }

    /// Everything gathered; sums in the order of their keys, rows as they came.
    pub fn finish_unordered(self) -> Changes {
        let mut tables = self.tables;
        for (table, sums) in tables.iter_mut().zip(self.sums) {
            table.sums = sums
                .into_iter()
                .filter(|(_, amounts)| amounts.iter().any(|amount| *amount != 0))
                .collect();
            table.sums.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        }
        Changes { tables }
    }

    fn put(&mut self, table: usize, key: Key, values: Vec<Value>) {
        self.weight += weight(&key) + weight(&values);
        self.tables[table].puts.push((key, values));
    }

    fn sum(&mut self, table: usize, key: Key, amounts: Vec<i64>) {
        match self.sums[table].entry(key) {
            Entry::Vacant(vacant) => {
                self.weight += weight(vacant.key()) + 8 * amounts.len() + size_of::<(Key, Vec<i64>)>();
                vacant.insert(amounts);
            }
            Entry::Occupied(mut occupied) => {
                occupied
                    .get_mut()
                    .iter_mut()
                    .zip(amounts)
                    .for_each(|(sum, amount)| *sum += amount);
            }
        }
    }
}

fn weight(values: &[Value]) -> usize {
    let text = |value: &Value| {
        if let Value::Text(text) = value {
            text.len()
        } else {
            0
        }
    };
    size_of::<Vec<Value>>()
        + values
            .iter()
            .map(|value| size_of::<Value>() + text(value))
            .sum::<usize>()
}

impl View {
    /// Folds a history. The output's rows come sorted by table and key, and are what the tables can take; a fold that
    /// gives anything else, or panics, is at fault over the last event, and stops its own view only.
    pub(crate) fn folded(&self, history: &History) -> Result<Output, Indigestible> {
        let Some(last) = history.records().last() else {
            return Ok(Output::new());
        };
        let fault = |detail| Indigestible::new(last, detail);
        let output = catch_unwind(AssertUnwindSafe(|| (self.fold)(history)))
            .map_err(|panic| fault(words_of(&*panic)))??;
        self.checked(output).map_err(fault)
    }

    /// The output with its rows sorted, if the tables can take it.
    pub(crate) fn checked(&self, mut output: Output) -> Result<Output, String> {
        output
            .rows
            .sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        self.check(&output)?;
        Ok(output)
    }

    fn check(&self, output: &Output) -> Result<(), String> {
        for (index, key, values) in &output.rows {
            let table = self
                .tables
                .get(*index)
                .filter(|table| !table.sums)
                .ok_or("a row of no such table")?;
            check_columns(table, table.keys, key, false)?;
            check_columns(table, table.values, values, true)?;
        }
        for (index, key, amounts) in &output.tallies {
            let table = self
                .tables
                .get(*index)
                .filter(|table| table.sums)
                .ok_or("a tally of no such table")?;
            check_columns(table, table.keys, key, false)?;
            if amounts.len() != table.values.len() {
                return Err(format!("{} amounts for {}", amounts.len(), table.name));
            }
        }
        let twice = output
            .rows
            .windows(2)
            .find(|rows| (rows[0].0, &rows[0].1) == (rows[1].0, &rows[1].1));
        twice.map_or(Ok(()), |rows| {
            Err(format!(
                "two rows of {} have the key {:?}",
                self.tables[rows[0].0].name, rows[0].1
            ))
        })
    }
}

/// What a fold that panicked said.
pub(crate) fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    format!("the fold panicked: {words}")
}

fn check_columns(
    table: &Table,
    columns: &[(&str, Kind)],
    values: &[Value],
    nullable: bool,
) -> Result<(), String> {
    if columns.len() != values.len() {
        return Err(format!(
            "{} columns are given for {} of {}",
            values.len(),
            columns.len(),
            table.name
        ));
    }
    for ((name, kind), value) in columns.iter().zip(values) {
        let fits = value.is(*kind) && (nullable || *value != Value::Null);
        // PostgreSQL stores no NUL character in a text.
        if !fits || matches!(value, Value::Text(text) if text.contains('\0')) {
            return Err(format!("{}.{name} cannot hold {value:?}", table.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
