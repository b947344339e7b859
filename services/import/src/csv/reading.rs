//! The whole of a file, read and sorted by a thread of its own, then handed over in groups of events.
//!
//! Lines are held until the last one is read, since they may stand in any order: up to [`super::spool`]'s room in memory, the
//! rest in temporary files. Beside them a name of each fact is kept, by which a line that says a fact again is known.

use super::convert::{Converter, Fault};
use super::dialect;
use super::header::{self, Header, Unreadable};
use super::line::{self, Line};
use super::plan::Plan;
use super::records::{self, Found, Records};
use super::repeats::{Again, Repeats};
use super::spool::Spool;
use super::type_name::type_named;
use super::{Options, Stopped};
use crate::lheo::input::Input;
use parcours_model::{Malformed, Submission};
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::Sender;

/// Lines decided together.
const GROUP: usize = 1_000;
/// Lines read between two words of how far it has come.
const STRETCH: u64 = 10_000;

/// An event, and the line that says it.
pub(super) struct Ready {
    pub number: u64,
    pub event: Result<Submission, Malformed>,
    pub text: String,
    pub plan: Arc<Plan>,
}

/// A line that is no event.
pub(super) struct Refused {
    pub number: u64,
    pub code: &'static str,
    pub fault: Fault,
    pub text: String,
    /// Whether its cells could not be told apart.
    pub broken: bool,
}

/// What the thread tells, in this order: how the file is written, what is wrong with lines and how far it has come, how
/// many lines are sorted, the groups.
pub(super) enum Told {
    Written {
        delimiter: u8,
        header: String,
        words: Vec<String>,
    },
    Remark(String),
    Refused(Box<Refused>),
    /// A line that says again what another line says.
    Repeated,
    Bytes(u64),
    Sorted(u64),
    Group(Vec<Ready>),
}

/// Whoever listened is gone.
struct Unheard;

impl From<Unheard> for io::Error {
    fn from(_: Unheard) -> Self {
        io::Error::other("nobody waits for it any more")
    }
}

/// Counts the bytes of a source as they are read.
struct Counted<R> {
    source: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Reads a file to its end, and hands over what it says.
pub(super) fn read(source: impl Read, options: &Options, to: &Sender<Told>) -> Result<(), Stopped> {
    let tell = |told: Told| to.blocking_send(told).map_err(|_| io::Error::from(Unheard));
    let bytes = Arc::new(AtomicU64::new(0));
    let mut input = Input::new(Counted {
        source,
        bytes: bytes.clone(),
    })?;
    let (mut first, mut number) = (String::new(), 0);
    let mut announced = None;
    while first.trim().is_empty() {
        first.clear();
        number += 1;
        if input.by_ref().take(LONGEST_HEADER).read_line(&mut first)? == 0 {
            return Err(
                Unreadable("the file is empty: expected a header and lines under it".to_owned()).into(),
            );
        }
        if let Some(sign) = dialect::announced(first.trim_end_matches(['\r', '\n'])) {
            announced = Some(sign);
            first.clear();
        }
    }
    let first = first.trim_end_matches(['\r', '\n']);
    if first.contains('\r') {
        let told = "lines end as on computers of the last century (CR alone): save the file anew, as CSV with the ends of \
                    lines of Windows or Unix";
        return Err(Unreadable(told.to_owned()).into());
    }
    let known = |word: &str| options.mapping.column(word).is_some() || !header::meanings(word).is_empty();
    let delimiter = announced.unwrap_or_else(|| dialect::delimiter(first, known));
    let cells = dialect::cells(first, delimiter);
    let (header, remarks) = Header::read(&cells, &options.mapping, &options.constants())?;
    let (skipped, width) = (header.skipped, cells.len());
    tell(Told::Written {
        delimiter,
        header: if skipped > 0 {
            records::after(first, delimiter, skipped)
        } else {
            first
        }
        .to_owned(),
        words: header.words.clone(),
    })?;
    remarks
        .into_iter()
        .try_for_each(|remark| tell(Told::Remark(remark)))?;
    let mut converter = Converter::new(header);
    whole(&mut converter, options)?;
    let mut records = Records::new(input, delimiter, number + 1);
    records.expect(width);
    let (mut spool, mut said) = (Spool::<{ line::KEY }>::new(), Repeats::default());
    let (mut encoded, mut sorted) = (Vec::new(), 0);
    loop {
        let found = records.read()?;
        if found == Found::End {
            break;
        }
        if let Found::Record = found
            && converter.is_empty(&records.found)
        {
            continue;
        }
        let number = records.line;
        if number % STRETCH == 0 {
            tell(Told::Bytes(bytes.load(Ordering::Relaxed)))?;
        }
        let text = records.text();
        let text = if skipped > 0 {
            records::after(text, delimiter, skipped)
        } else {
            text
        };
        let refused = |code, fault, broken| {
            Told::Refused(Box::new(Refused {
                number,
                code,
                fault,
                text: if broken { records.text() } else { text }.to_owned(),
                broken,
            }))
        };
        if let Found::Broken(why) = found {
            let fault = Fault {
                column: None,
                detail: why.to_owned(),
            };
            tell(refused("malformed-line", fault, true))?;
            continue;
        }
        let line = converter.line(number, &records.found, text);
        converter
            .remarks
            .drain(..)
            .try_for_each(|remark| tell(Told::Remark(remark)))?;
        match line {
            Err(fault) => tell(refused("invalid-data", fault, false))?,
            Ok(line) => match said.again(&line) {
                Again::No => {
                    line.encode(&mut encoded);
                    spool.push(line.key(), &encoded)?;
                    sorted += 1;
                }
                Again::Same => tell(Told::Repeated)?,
                Again::Otherwise(fault) => tell(refused("contradiction", fault, false))?,
            },
        }
    }
    if let Some(surprise) = records.source().surprise() {
        tell(Told::Remark(surprise))?;
    }
    converter
        .restored()
        .try_for_each(|remark| tell(Told::Remark(remark)))?;
    drop(said);
    tell(Told::Bytes(bytes.load(Ordering::Relaxed)))?;
    tell(Told::Sorted(sorted))?;
    let mut lines = spool.sorted()?;
    loop {
        let mut group = Vec::with_capacity(GROUP);
        while group.len() < GROUP
            && let Some(bytes) = lines.next()?
        {
            let line = Line::decode(&bytes).ok_or_else(|| io::Error::other("a temporary file is damaged"))?;
            group.push(Ready {
                number: line.number,
                event: line.submission(),
                plan: converter.plan(line.place),
                text: line.text,
            });
        }
        if group.is_empty() {
            return Ok(());
        }
        tell(Told::Group(group))?;
    }
}

/// The most bytes of a header.
const LONGEST_HEADER: u64 = 256 << 10;

/// Refuses a file of one type that lacks what all of its lines need: it is told once, and not of each line.
fn whole(converter: &mut Converter, options: &Options) -> Result<(), Stopped> {
    if !converter.header().places("type").is_empty() && !converter.header().is_constant("type") {
        return Ok(());
    }
    let Some(named) = options.type_name() else {
        return Err(Unreadable("no column says the type of the lines: expected a column `type`, or --type for a file of one type, such as --type attendance.recorded".to_owned()).into());
    };
    let place = type_named(named).map_err(|_| {
        Unreadable(format!(
            "{named:?} is no type of event that a file may hold: expected such as attendance.recorded"
        ))
    })?;
    let plan = converter.plan(place);
    // Of the file as a whole it is told here.
    converter.remarks.clear();
    let mut missing: Vec<&str> = plan.missing.clone();
    if plan.time.is_empty() {
        missing.push("date");
    }
    if plan.source.is_empty() {
        missing.push("source (or --source)");
    }
    if plan.subject.is_empty() && plan.stream.is_empty() && plan.trainee.is_empty() {
        missing.push(plan.columns.kind.name());
    }
    if missing.is_empty() {
        return Ok(());
    }
    let has: Vec<String> = converter
        .header()
        .words
        .iter()
        .map(|word| format!("{word:?}"))
        .collect();
    Err(Unreadable(format!(
        "the file has no column {}, which every line of {} needs; it has {}. `parcours import --columns {}` lists them, and \
         --map FILE says what yours are",
        missing.join(", "),
        plan.columns.type_name,
        has.join(", "),
        plan.columns.type_name,
    ))
    .into())
}
