//! The cells of a line into what it says, by the plan of its type.

mod data;
mod envelope;
#[cfg(test)]
mod tests;

use crate::csv::columns::Columns;
use crate::csv::header::Header;
use crate::csv::line::Line;
use crate::csv::plan::Plan;
use crate::csv::records::Cells;
use crate::csv::values::{self, Reading, Restored, said};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What the file calls the column.
    pub column: Option<String>,
    pub detail: String,
}

impl Fault {
    fn of(column: &str, detail: impl Into<String>) -> Fault {
        Fault {
            column: Some(column.to_owned()),
            detail: detail.into(),
        }
    }
}

/// Reads the lines of one file.
pub(crate) struct Converter {
    header: Header,
    types: Vec<usize>,
    plans: HashMap<usize, Arc<Plan>>,
    /// Types by how lines write them, once they are known.
    known: HashMap<String, usize>,
    sources: HashMap<String, Arc<str>>,
    reading: Reading,
    /// Of each column what was brought back: how often, and where first.
    restored: BTreeMap<(usize, Restored), (u64, u64)>,
    data: String,
    /// What is to be told of the file, and is not told yet.
    pub remarks: Vec<String>,
}

impl Converter {
    pub(crate) fn new(header: Header) -> Self {
        Converter {
            types: header.places("type"),
            header,
            plans: HashMap::new(),
            known: HashMap::new(),
            sources: HashMap::new(),
            reading: Reading::default(),
            restored: BTreeMap::new(),
            data: String::new(),
            remarks: Vec::new(),
        }
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// What was brought back, a sentence for each column.
    pub(crate) fn restored(&self) -> impl Iterator<Item = String> {
        self.restored.iter().map(|((place, restored), (times, first))| {
            let word = self.header.word(*place);
            let cells = parcours_console::numbers::counted(times, "cell");
            format!(
                "column {word:?}: {cells} {}, first on line {first}",
                restored.told()
            )
        })
    }

    /// How lines of the type at this place are read, made at the first of them.
    pub(crate) fn plan(&mut self, place: usize) -> Arc<Plan> {
        if let Some(plan) = self.plans.get(&place) {
            return plan.clone();
        }
        let plan = Arc::new(Plan::of(&Columns::all()[place], &self.header));
        if !plan.missing.is_empty() {
            let (missing, name) = (plan.missing.join(", "), plan.columns.type_name);
            self.remarks.push(format!(
                "lines of {name} need columns that the file does not have: {missing}"
            ));
        }
        self.plans.insert(place, plan.clone());
        plan
    }

    /// What one place says of a line.
    fn text<'a>(&'a self, cells: &'a Cells, place: usize) -> Option<&'a str> {
        match place.checked_sub(self.header.words.len()) {
            None => said(cells.get(place + self.header.skipped)),
            Some(constant) => said(&self.header.constants[constant]),
        }
    }

    /// What the first of these places says that says something.
    fn first<'a>(&'a self, cells: &'a Cells, places: &[usize]) -> Option<(usize, &'a str)> {
        places
            .iter()
            .find_map(|place| Some((*place, self.text(cells, *place)?)))
    }

    fn word(&self, places: &[usize], otherwise: &str) -> String {
        places
            .first()
            .map_or(otherwise, |place| self.header.word(*place))
            .to_owned()
    }

    /// Whether a record says nothing at all.
    pub(crate) fn is_empty(&self, cells: &Cells) -> bool {
        cells
            .iter()
            .skip(self.header.skipped)
            .all(|cell| said(cell).is_none())
    }

    /// Reads the line `number`, which stands there as `text`.
    pub(crate) fn line(&mut self, number: u64, cells: &Cells, text: &str) -> Result<Line, Fault> {
        let width = self.header.words.len() + self.header.skipped;
        if let Some(cell) = cells.iter().skip(width).find(|cell| said(cell).is_some()) {
            let told = format!(
                "the line has {} cells, the header {width}: {cell:?} stands behind the last column; expected a text that \
                 holds what separates cells between quotes",
                cells.len()
            );
            return Err(Fault {
                column: None,
                detail: told,
            });
        }
        let place = self.place(cells)?;
        let plan = self.plan(place);
        if let Some(missing) = plan.missing.first() {
            let column = plan.columns.find(missing).expect("it is one of the type's");
            let told = format!(
                "the file has no such column: expected {}",
                values::expected(&column.kind)
            );
            return Err(Fault::of(missing, told));
        }
        if let Some((place, text)) = self.first(cells, &plan.foreign) {
            let told = format!(
                "{text:?} is given here, of which {} says nothing: expected an empty cell",
                plan.columns.type_name
            );
            return Err(Fault::of(self.header.word(place), told));
        }
        let source = self.source(cells, &plan)?;
        let stream = self.stream(cells, &plan)?;
        let time = self.time(cells, &plan)?;
        let (data, parts) = self.data(number, cells, &plan, time)?;
        let id = self.id(cells, &plan, stream, &source, &parts)?;
        let told = "an instant between 1677 and 2262 can be counted";
        Ok(Line {
            number,
            place,
            source,
            id,
            stream,
            time: time
                .timestamp_nanos_opt()
                .ok_or_else(|| Fault::of("time", told))?,
            data,
            text: text.to_owned(),
        })
    }

    /// Counts what was brought back in a cell.
    fn note(&mut self, place: usize, line: u64) {
        for restored in self.reading.restored.drain(..) {
            let (times, _) = self.restored.entry((place, restored)).or_insert((0, line));
            *times += 1;
        }
    }
}
