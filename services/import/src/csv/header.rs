//! The header of a file: which columns its words stand for, whatever their accents and case, and which say nothing here.

use super::columns::Columns;
use super::fold::fold;
use super::french;
use super::mapping::Mapping;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What says of which event a line tells, beside the columns of its type and the name of its stream's kind.
pub(super) const OF_ALL: [&str; 8] = [
    "type", "source", "subject", "time", "id", "fact", "trainee", "session",
];

/// What a rejects file has before the columns of the file that it comes from.
pub(super) const REJECTED: [&str; 2] = ["line", "reason"];

/// From this likeness on, from 0 to 1, a header is taken for another that is misspelt.
const ALIKE: f64 = 0.7;

/// The columns that a word may stand for: of this name first.
pub(super) fn meanings(word: &str) -> Vec<&'static str> {
    known().get(&fold(word)).cloned().unwrap_or_default()
}

/// A known word that a header is most like, if it is much like one.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    let word = fold(word);
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&word, known);
    let known = known()
        .iter()
        .map(|(folded, columns)| (likeness(folded), columns[0]));
    // The name decides between two that are as like, so that the answer is always the same.
    let (likeness, meant) = known.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)))?;
    (likeness >= ALIKE).then_some(meant)
}

fn known() -> &'static HashMap<String, Vec<&'static str>> {
    static KNOWN: OnceLock<HashMap<String, Vec<&'static str>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known: HashMap<String, Vec<&'static str>> = HashMap::new();
        let mut add = |word: &str, column: &'static str| {
            let columns = known.entry(fold(word)).or_default();
            if !columns.contains(&column) {
                columns.push(column);
            }
        };
        for columns in Columns::all() {
            add(columns.kind.name(), columns.kind.name());
            for column in &columns.columns {
                add(&column.name, &column.name);
            }
        }
        OF_ALL.iter().for_each(|name| add(name, name));
        for (word, columns) in french::HEADERS {
            columns.iter().for_each(|column| add(word, column));
        }
        known
    })
}

/// A file's header.
#[derive(Debug)]
pub(super) struct Header {
    /// Its words as they stand there, without those of a rejects file.
    pub words: Vec<String>,
    /// Cells before the first of them.
    pub skipped: usize,
    /// The columns that each may stand for; none for what says nothing here. Behind those of the file, the constants'.
    pub columns: Vec<Vec<String>>,
    /// What columns say that the file does not have.
    pub constants: Vec<String>,
}

/// A header by which a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub(super) String);

impl Header {
    /// Reads the cells of a header. Gives what is to be told of it, too.
    pub(super) fn read(
        cells: &[String],
        mapping: &Mapping,
        constants: &[(&str, String)],
    ) -> Result<(Header, Vec<String>), Unreadable> {
        let rejected = cells.len() > 2 && cells.iter().zip(REJECTED).all(|(cell, name)| cell == name);
        let skipped = if rejected { REJECTED.len() } else { 0 };
        let words = cells[skipped..].to_vec();
        let (mut columns, mut told): (Vec<Vec<String>>, Vec<String>) = (Vec::new(), Vec::new());
        let mut unknown = Vec::new();
        for word in &words {
            let mapped = mapping.column(word);
            let meanings = meanings(mapped.unwrap_or(word));
            let ignored = mapping.ignores(word) || word.is_empty();
            if meanings.is_empty() && !ignored {
                unknown.push(match meant(word) {
                    Some(meant) => format!("{word:?} (is {meant:?} meant?)"),
                    None => format!("{word:?}"),
                });
            }
            let taken = if ignored { Vec::new() } else { meanings };
            columns.push(taken.into_iter().map(str::to_owned).collect());
        }
        if columns.iter().all(Vec::is_empty) {
            return Err(Unreadable(format!(
                "no word of the header is a known column: {}; expected such as type;parcours;date;month, as `parcours import \
                 --columns TYPE` lists them, or --map FILE to say what yours are",
                words
                    .iter()
                    .map(|word| format!("{word:?}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )));
        }
        for (later, meanings) in columns
            .iter()
            .enumerate()
            .filter(|(_, meanings)| !meanings.is_empty())
        {
            if let Some(earlier) = columns[..later].iter().position(|other| other == meanings) {
                return Err(Unreadable(format!(
                    "the columns {:?} and {:?} both are {}: rename one of them, or say which counts by --map FILE",
                    words[earlier], words[later], meanings[0]
                )));
            }
        }
        if !unknown.is_empty() {
            let (are, they) = if unknown.len() == 1 {
                ("column is", "it is")
            } else {
                ("columns are", "they are")
            };
            told.push(format!(
                "{} {are} not known, and passed over: {}; --map FILE says what {they}",
                unknown.len(),
                unknown.join(", ")
            ));
        }
        let mut said = Vec::new();
        // What an option says counts before what the mapping says.
        let options = constants.iter().map(|(name, value)| (*name, value));
        let mapped = mapping
            .constants
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        for (name, value) in options.chain(mapped) {
            columns.push(meanings(name).into_iter().map(str::to_owned).collect());
            said.push(value.clone());
        }
        let header = Header {
            words,
            skipped,
            columns,
            constants: said,
        };
        Ok((header, told))
    }

    /// Where each column of this name may be said: in the file first.
    pub(super) fn places(&self, name: &str) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, meanings)| meanings.iter().any(|meaning| meaning == name))
            .map(|(place, _)| place)
            .collect()
    }

    /// Whether only a constant says this.
    pub(super) fn is_constant(&self, name: &str) -> bool {
        self.places(name).iter().all(|place| *place >= self.words.len())
    }

    /// What the file calls the column at a place; of a constant its name.
    pub(super) fn word(&self, place: usize) -> &str {
        match self.words.get(place) {
            Some(word) => word,
            None => self.columns[place].first().map_or("", String::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str]) -> Result<(Header, Vec<String>), Unreadable> {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        Header::read(&cells, &Mapping::default(), &[])
    }

    #[test]
    fn words_are_known_in_either_language_whatever_their_accents() {
        assert_eq!(meanings("Planned minutes"), ["planned_minutes"]);
        assert_eq!(meanings("HEURES PREVUES"), ["planned_hours"]);
        assert_eq!(meanings("Date"), ["time"]);
        assert_eq!(meanings("motif")[..2], ["reason", "reasons"]);
        assert_eq!(meanings("couleur"), Vec::<&str>::new());
    }

    #[test]
    fn unknown_words_are_told_once_with_what_may_be_meant() {
        let (_, told) = read(&["type", "parcours", "mouth", "Couleur des yeux"]).unwrap();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains("\"mouth\" (is \"month\" meant?), \"Couleur des yeux\""),
            "{told:?}"
        );
    }

    #[test]
    fn two_words_for_one_column_are_refused() {
        let refused = read(&["type", "date", "jour"]).unwrap_err().to_string();
        assert!(
            refused.contains("\"date\" and \"jour\" both are time"),
            "{refused}"
        );
    }

    #[test]
    fn what_a_rejects_file_has_in_front_is_passed_over_and_a_reason_elsewhere_is_one() {
        let (header, told) = read(&["line", "reason", "type", "parcours", "reason"]).unwrap();
        assert_eq!(
            (header.skipped, header.places("reason"), told),
            (2, vec![2], vec![])
        );
        let (header, _) = read(&["type", "parcours", "reason"]).unwrap();
        assert_eq!((header.skipped, header.places("reason")), (0, vec![2]));
    }

    #[test]
    fn a_header_of_which_nothing_is_known_is_told_so() {
        let refused = read(&["12", "2026-01-01", "3"]).unwrap_err().to_string();
        assert!(refused.contains("no word of the header"), "{refused}");
    }
}
