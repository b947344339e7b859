//! A parcours for people: in lines that fit a screen.

use super::amendments::{Amendment, Kind, Stated};
use chrono::{DateTime, SecondsFormat, Utc};
use parcours_console::numbers::counted;
use parcours_log::AsOf;
use parcours_model::{Effective, EventKey, History, calendar};
use serde_json::{Map, Value};
use std::io::IsTerminal;

/// Where there is no screen, or none that says how wide it is.
const USUAL_WIDTH: usize = 80;
/// Narrower ones would show little of a word; on wider ones lines are too long to be read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=140;

/// The letters that fit a line of the screen.
pub fn width() -> usize {
    let told = std::io::stdout()
        .is_terminal()
        .then(|| usize::from(console::Term::stdout().size().1));
    told.map_or(USUAL_WIDTH, |told| told.clamp(*WIDTHS.start(), *WIDTHS.end()))
}

/// The lines, none of more letters than `width`.
pub fn lines(
    history: &History,
    amendments: &[Amendment],
    place: &str,
    as_of: Option<AsOf>,
    width: usize,
) -> Vec<String> {
    let mut page = Page {
        width,
        lines: Vec::new(),
    };
    let when = as_of.map_or_else(|| "now".to_owned(), |as_of| format!("as of {as_of}"));
    let facts = history.effective().len();
    page.say(0, history.stream().to_string());
    page.say(
        0,
        format!(
            "{}, {} that {} {when}, by the log in {place}",
            counted(history.revision(), "event"),
            counted(facts, "fact"),
            if facts == 1 { "stands" } else { "stand" },
        ),
    );
    page.say(0, "happened    known       position  type".to_owned());
    for fact in history.effective() {
        page.fact(&fact, amendments);
    }
    let annulled: Vec<_> = amendments
        .iter()
        .filter(|amendment| amendment.after.is_none())
        .collect();
    if !annulled.is_empty() {
        page.say(0, String::new());
        page.say(0, "annulled".to_owned());
        for annulment in annulled {
            page.annulled(history, annulment, amendments);
        }
    }
    page.lines
}

struct Page {
    width: usize,
    lines: Vec<String>,
}

impl Page {
    fn fact(&mut self, fact: &Effective<'_>, amendments: &[Amendment]) {
        self.head(
            fact.time,
            fact.record.recorded,
            fact.record.position,
            fact.fact.type_name(),
        );
        self.data(&fact.fact.data());
        self.told_by(&fact.record.event.key, &fact.record.actor);
        self.amended(fact.key(), amendments);
    }

    /// A fact that stands no more: what it said last.
    fn annulled(&mut self, history: &History, annulment: &Amendment, amendments: &[Amendment]) {
        let named = &annulment.fact.named;
        let key = EventKey::new(named.source.as_str(), named.id.as_str());
        let (Some(record), Some(said)) = (history.find(&key), &annulment.before) else {
            return;
        };
        self.head(
            said.time,
            record.recorded,
            record.position,
            annulment.fact.type_name,
        );
        self.data(&said.data);
        self.told_by(&record.event.key, &record.actor);
        self.amended(&key, amendments);
    }

    fn head(&mut self, time: DateTime<Utc>, known: DateTime<Utc>, position: u64, type_name: &str) {
        let (happened, known) = (calendar::day(time), calendar::day(known));
        self.say(0, format!("{happened}  {known}  {position:>8}  {type_name}"));
    }

    fn data(&mut self, data: &Value) {
        let items: Vec<String> = members(data)
            .into_iter()
            .map(|(name, value)| format!("{name} {}", shown(value)))
            .collect();
        if !items.is_empty() {
            self.say(4, items.join(" · "));
        }
    }

    fn told_by(&mut self, key: &EventKey, actor: &str) {
        self.say(
            4,
            format!("told by {} as {}, brought by {actor}", key.source, key.id),
        );
    }

    /// What was corrected of a fact, or annulled: in order of arrival.
    fn amended(&mut self, key: &EventKey, amendments: &[Amendment]) {
        let of_it = |amendment: &&Amendment| {
            let named = &amendment.fact.named;
            *named.source == *key.source && key.id == *named.id
        };
        for amendment in amendments.iter().filter(of_it) {
            let what = match (&amendment.lifts, amendment.kind) {
                (Some(lifted), _) => format!("the correction at position {} annulled", lifted.position),
                (None, Kind::Annulment) => "annulled".to_owned(),
                (None, Kind::Correction) => "corrected".to_owned(),
            };
            let Amendment {
                recorded,
                position,
                source,
                id,
                actor,
                ..
            } = amendment;
            let day = calendar::day(*recorded);
            let why = match &amendment.reason {
                Some(reason) => format!(": {}", one_line(reason)),
                None => ", no reason given".to_owned(),
            };
            self.say(
                4,
                format!(
                    "{what} on {day} at position {position} by {source} as {id}, brought by {actor}{why}"
                ),
            );
            if let (Some(before), Some(after)) = (&amendment.before, &amendment.after) {
                for change in changes(before, after) {
                    self.say(8, change);
                }
            }
        }
    }

    /// A line, or as many as it needs, all of them this far in, the later ones two letters further.
    fn say(&mut self, indent: usize, words: String) {
        let mut line = " ".repeat(indent);
        let mut begun = false;
        for word in words.split(' ') {
            let mut word: Vec<char> = word.chars().collect();
            let mut room = self
                .width
                .saturating_sub(line.chars().count() + usize::from(begun));
            if begun && word.len() > room {
                self.lines
                    .push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
                begun = false;
                room = self.width - indent - 2;
            }
            // A word that is longer than any line is cut.
            while word.len() > room {
                let rest = word.split_off(room);
                line.extend(word);
                self.lines
                    .push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
                word = rest;
                room = self.width - indent - 2;
            }
            if begun {
                line.push(' ');
            }
            line.extend(word);
            begun = true;
        }
        self.lines.push(line);
    }
}

/// What differs, a line each: `name: old → new`.
fn changes(before: &Stated, after: &Stated) -> Vec<String> {
    let mut changes = Vec::new();
    if before.time != after.time {
        let (old, new) = (calendar::day(before.time), calendar::day(after.time));
        changes.push(match old == new {
            false => format!("time: {old} → {new}"),
            true => format!("time: {} → {}", instant(before.time), instant(after.time)),
        });
    }
    let (old, new) = (members(&before.data), members(&after.data));
    for (name, value) in &old {
        match new.iter().find(|(other, _)| other == name) {
            Some((_, other)) if other == value => {}
            Some((_, other)) => changes.push(format!("{name}: {} → {}", shown(value), shown(other))),
            None => changes.push(format!("{name}: {} → nothing", shown(value))),
        }
    }
    for (name, value) in &new {
        if !old.iter().any(|(other, _)| other == name) {
            changes.push(format!("{name}: nothing → {}", shown(value)));
        }
    }
    if changes.is_empty() {
        changes.push("nothing differs".to_owned());
    }
    changes
}

fn members(data: &Value) -> Vec<(&String, &Value)> {
    data.as_object().into_iter().flat_map(Map::iter).collect()
}

fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A value as a person reads it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{name} {}", shown(value)));
            format!("({})", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A text on one line; a screen does nothing that it says.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}
