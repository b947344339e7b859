//! One cell as the JSON of its field. Whatever could be meant in two ways is refused, with what was found and what is
//! expected; what a spreadsheet has damaged is brought back where only one thing can have stood there, and told.

mod expected;
mod own;
#[cfg(test)]
mod tests;

use crate::csv::amounts;
use crate::csv::columns::Kind;
use crate::csv::dates;
use crate::csv::fold::fold;
use crate::csv::french::VALUES;
use expected::unfitting;
pub(crate) use expected::{expected, unclear_instant};
use parcours_model::TerritoryCode;
use parcours_model::codes::{Formacode, Naf, Rncp, Rome, Rs};
use std::fmt::Write as _;
use uuid::Uuid;

/// Between the items of a list within a cell.
pub(crate) const BETWEEN: char = '|';
/// The longest part of a cell that a sentence repeats, in characters.
const SHOWN: usize = 60;

/// What a cell says, without what is around it; `None` of nothing, which `NULL`, `-` and an empty cell say alike.
pub(crate) fn said(cell: &str) -> Option<&str> {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    let mut text = cell.trim_matches(blank);
    // By this spreadsheets are told to leave digits alone.
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = inner.trim_matches(blank);
    }
    let nothing = matches!(text, "" | "-" | "–" | "—") || text.eq_ignore_ascii_case("null");
    (!nothing).then_some(text)
}

/// Why a cell is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(super) String);

/// What was brought back: told once a column, with how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Restored {
    /// Zeros at the head that a spreadsheet dropped.
    Zeros,
    /// A number that was shown with an exponent, and lost no digit.
    Exponent,
    /// A month that became its first day.
    FirstDay,
    /// `12.0` for 12.
    Point,
}

impl Restored {
    pub(crate) fn told(self) -> &'static str {
        match self {
            Restored::Zeros => "had lost zeros at the head, which their length or key proves",
            Restored::Exponent => "stood in scientific notation, with all of their digits",
            Restored::FirstDay => "were the first day of a month, and are read as that month",
            Restored::Point => "were written as decimal numbers, and are read without .0",
        }
    }
}

/// How cells are read: who sends, since its numbers are its own, and what was brought back.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub source: String,
    pub restored: Vec<Restored>,
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{:?}", format!("{}…", &text[..cut])),
        None => format!("{text:?}"),
    }
}

pub(crate) fn wrong(found: &str, expected: &str) -> Wrong {
    Wrong(format!("{} is given here: expected {expected}", shown(found)))
}

fn string(out: &mut String, text: &str) {
    // Most are plain, and need no look at each letter by the writer of JSON.
    if text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
    {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).expect("a text is JSON"));
    }
}

impl Reading {
    /// Writes the JSON of what a cell says in a column that is called `name`.
    pub(crate) fn write(
        &mut self,
        name: &str,
        kind: &Kind,
        text: &str,
        out: &mut String,
    ) -> Result<(), Wrong> {
        if is_error(text) {
            let told =
                format!("{text:?} is what a spreadsheet shows of a formula or a column that went wrong");
            return Err(Wrong(format!("{told}: expected {}", expected(kind))));
        }
        match kind {
            Kind::Text => string(out, text),
            Kind::Whole { low, high, choices } => {
                let number = amounts::whole(text).map_err(|unfit| unfitting(text, unfit, kind))?;
                let fits = if choices.is_empty() {
                    (*low..=*high).contains(&number)
                } else {
                    choices.contains(&number)
                };
                if !fits {
                    return Err(wrong(text, &expected(kind)));
                }
                push(out, number);
            }
            Kind::Hours => push(
                out,
                amounts::minutes(text).map_err(|unfit| unfitting(text, unfit, kind))?,
            ),
            Kind::Euros => push(
                out,
                amounts::cents(text).map_err(|unfit| unfitting(text, unfit, kind))?,
            ),
            Kind::Truth => out.push_str(truth(text).ok_or_else(|| wrong(text, &expected(kind)))?),
            Kind::Choice(words) => {
                let word = choice(words, text).ok_or_else(|| wrong(text, &expected(kind)))?;
                string(out, word);
            }
            Kind::Uuid => {
                let uuid = self.thing(name, text)?;
                string(out, uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
            }
            Kind::Day => {
                let day = dates::day(text).ok_or_else(|| wrong(text, &expected(kind)))?;
                push(out, format_args!("\"{day}\""));
            }
            Kind::Instant => {
                let instant = dates::instant(text).map_err(|unclear| unclear_instant(text, unclear))?;
                push(out, format_args!("\"{}\"", instant.to_rfc3339()));
            }
            Kind::Month => {
                let (month, restored) = dates::month(text).ok_or_else(|| wrong(text, &expected(kind)))?;
                self.restored.extend(restored.then_some(Restored::FirstDay));
                push(out, format_args!("\"{month}\""));
            }
            Kind::Siret => push(out, format_args!("\"{}\"", self.siret(text)?)),
            Kind::Commune => push(out, format_args!("\"{}\"", self.commune(text)?)),
            Kind::Code(of) => string(out, &code(of, text)?),
            Kind::List(of) => {
                out.push('[');
                let mut first = true;
                for item in text.split(BETWEEN).filter_map(said) {
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    self.write(name, of, item, out)?;
                }
                out.push(']');
            }
            Kind::Named(of) => {
                out.push('{');
                let mut names: Vec<&str> = Vec::new();
                for item in text.split(BETWEEN).filter_map(said) {
                    let (key, value) = item
                        .split_once(['=', ':'])
                        .ok_or_else(|| wrong(item, &expected(kind)))?;
                    let key = key.trim();
                    if names.contains(&key) {
                        return Err(Wrong(format!("{key:?} is named twice: expected each name once")));
                    }
                    if !names.is_empty() {
                        out.push(',');
                    }
                    names.push(key);
                    string(out, key);
                    out.push(':');
                    self.write(name, of, value.trim(), out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}

/// What spreadsheets show where they have nothing to show, in English and in French.
fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 11] = [
        "#N/A", "#REF!", "#VALUE!", "#VALEUR!", "#NAME?", "#NOM?", "#DIV/0!", "#NULL!", "#NUL!", "#NUM!",
        "#NOMBRE!",
    ];
    text.starts_with('#') && (ERRORS.contains(&text) || text.bytes().all(|byte| byte == b'#'))
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("a text takes what is written to it");
}

fn truth(text: &str) -> Option<&'static str> {
    match fold(text).as_str() {
        "oui" | "o" | "vrai" | "yes" | "y" | "true" | "1" => Some("true"),
        "non" | "n" | "faux" | "no" | "false" | "0" => Some("false"),
        _ => None,
    }
}

fn choice<'a>(words: &'a [String], text: &str) -> Option<&'a str> {
    if let Some(word) = words.iter().find(|word| *word == text) {
        return Some(word);
    }
    let folded = fold(text);
    let stands_for = |word: &String| {
        let other = VALUES
            .iter()
            .filter(|(of, _)| of == word)
            .flat_map(|(_, french)| *french);
        fold(word) == folded || other.into_iter().any(|french| fold(french) == folded)
    };
    words.iter().find(|word| stands_for(word)).map(String::as_str)
}

fn code(of: &str, text: &str) -> Result<String, Wrong> {
    fn read<T: std::str::FromStr<Err: std::fmt::Display> + std::fmt::Display>(
        text: &str,
    ) -> Result<String, Wrong> {
        text.parse::<T>()
            .map(|code| code.to_string())
            .map_err(|invalid| Wrong(invalid.to_string()))
    }
    let capitals = || text.to_uppercase().replace(' ', "");
    // The column says the repertory, so that the number alone is enough.
    let in_repertory = |prefix: &str| {
        let capitals = capitals();
        match capitals.bytes().all(|byte| byte.is_ascii_digit()) {
            true => format!("{prefix}{capitals}"),
            false => capitals,
        }
    };
    match of {
        "Rome" => read::<Rome>(&capitals()),
        "Rncp" => read::<Rncp>(&in_repertory("RNCP")),
        "Rs" => read::<Rs>(&in_repertory("RS")),
        "Formacode" => read::<Formacode>(text),
        "Naf" => read::<Naf>(&capitals()),
        "TerritoryCode" => read::<TerritoryCode>(text),
        other => unreachable!("columns are made of no code {other}"),
    }
}
