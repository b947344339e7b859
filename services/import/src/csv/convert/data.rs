//! What a line says of its event: the data, in JSON.

use super::{Converter, Fault};
use crate::csv::columns::Column;
use crate::csv::facts::DAY;
use crate::csv::plan::Plan;
use crate::csv::records::Cells;
use crate::csv::values::{self, Wrong};
use chrono::{DateTime, Utc};
use parcours_model::calendar;

impl Converter {
    /// The data in JSON, and what of them identifies the fact.
    pub(crate) fn data(
        &mut self,
        number: u64,
        cells: &Cells,
        plan: &Plan,
        time: DateTime<Utc>,
    ) -> Result<(String, Vec<String>), Fault> {
        let mut out = std::mem::take(&mut self.data);
        out.clear();
        out.push('{');
        let mut parts = vec![String::new(); plan.columns.identity.len()];
        // The object that is open, and the last field that was said, by its path.
        let (mut open, mut last): (Option<&str>, Option<&[String]>) = (None, None);
        for field in &plan.fields {
            let path = &field.column.path;
            let Some(text) = self.text(cells, field.place) else {
                continue;
            };
            if last == Some(path) {
                let told = format!(
                    "{text:?} is given here, and the same in another unit beside it: expected one of the two"
                );
                return Err(Fault::of(self.header.word(field.place), told));
            }
            last = Some(path);
            let outer = (path.len() > 1).then(|| path[0].as_str());
            if open != outer {
                if open.is_some() {
                    out.push('}');
                }
                comma(&mut out);
                if let Some(outer) = outer {
                    out.push_str(&format!("\"{outer}\":{{"));
                }
                open = outer;
            } else {
                comma(&mut out);
            }
            out.push('"');
            out.push_str(&path[path.len() - 1]);
            out.push_str("\":");
            let begun = out.len();
            // Borrowed apart from the header, which the text may stand in.
            let mut reading = std::mem::take(&mut self.reading);
            let written = match self.text(cells, field.place) {
                Some(text) => reading.write(&field.column.name, &field.column.kind, text, &mut out),
                None => Ok(()),
            };
            self.reading = reading;
            written.map_err(|Wrong(told)| Fault::of(self.header.word(field.place), told))?;
            if !self.reading.restored.is_empty() {
                self.note(field.place, number);
            }
            if let Some(part) = field.identifies {
                parts[part].push_str(&out[begun..]);
            }
        }
        if open.is_some() {
            out.push('}');
        }
        for (column, place) in &plan.lists {
            if place.is_none_or(|place| self.text(cells, place).is_none()) {
                comma(&mut out);
                let otherwise = column.otherwise.expect("it is one of the lists");
                out.push_str(&format!("\"{}\":{otherwise}", column.path[0]));
            }
        }
        out.push('}');
        for (column, places) in &plan.required {
            self.require(cells, column, places)?;
        }
        for (part, name) in parts.iter_mut().zip(plan.columns.identity) {
            if *name == DAY {
                *part = calendar::day(time).to_string();
            }
        }
        let data = out.clone();
        self.data = out;
        Ok((data, parts))
    }

    pub(crate) fn require(&self, cells: &Cells, column: &Column, places: &[usize]) -> Result<(), Fault> {
        if self.first(cells, places).is_some() {
            return Ok(());
        }
        let told = format!("the cell is empty: expected {}", values::expected(&column.kind));
        Err(Fault::of(&self.word(places, &column.name), told))
    }
}

fn comma(out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
}
