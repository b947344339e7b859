//! Names that stay the same from one import to the next: UUIDs (version 5) of what the catalogue calls things.

use std::collections::HashMap;

use parcours_model::StreamId;
use parcours_model::codes::Siret;
use parcours_model::streams::Fact;
use uuid::Uuid;

use super::element::Element;

/// The namespace of every name derived here. Never change it: all that was imported would come in a second time.
const NAMESPACE: Uuid = Uuid::from_u128(0x7d0b_9c52_31aa_4c0e_9d5c_5b1f_2a64_e806);

/// Between the parts of a name. No XML document holds it, so no two lists of parts join to the same name.
const SEPARATOR: char = '\0';

/// The stream of an operator, whatever catalogue speaks of it.
pub fn operator(siret: Siret) -> Uuid {
    name(&["operator", &siret.to_string()])
}

/// The stream of the offer made of one `action` of one `formation`.
pub(super) fn offer(siret: Siret, formation: &str, action: &str) -> Uuid {
    name(&["offer", &siret.to_string(), formation, action])
}

/// The stream of one `session` of that action.
pub(super) fn session(siret: Siret, formation: &str, action: &str, session: &str) -> Uuid {
    name(&["session", &siret.to_string(), formation, action, session])
}

/// The name of an event: of what it states, where, and after which event. What is stated again after something else was
/// stated is another event; the same statement at the same place is the same event.
pub(super) fn event(stream: StreamId, previous: &str, fact: &Fact) -> Uuid {
    let data = serde_json_canonicalizer::to_string(&fact.data()).expect("a JSON value has a canonical form");
    name(&["event", &stream.to_string(), previous, fact.type_name(), &data])
}

fn name(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join(&SEPARATOR.to_string()).as_bytes())
}

/// What the catalogue calls a thing: LHEO's `numero`, else its `id`.
pub(super) fn number(element: &Element) -> Option<&str> {
    element.attribute("numero").or_else(|| element.attribute("id"))
}

/// A name for each of several siblings. LHEO does not ask that a `numero` be unique: where siblings share one, or have
/// none, `otherwise` (what they say of themselves, or their rank) tells them apart.
pub(super) fn among_siblings<'a>(
    siblings: impl Iterator<Item = &'a Element> + Clone,
    otherwise: impl Fn(usize, &Element) -> String,
) -> Vec<String> {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for number in siblings.clone().filter_map(number) {
        *uses.entry(number).or_default() += 1;
    }
    siblings
        .enumerate()
        .map(|(rank, sibling)| match number(sibling) {
            Some(number) if uses[number] == 1 => number.to_owned(),
            Some(number) => format!("{number} {}", otherwise(rank, sibling)),
            None => otherwise(rank, sibling),
        })
        .collect()
}

/// For each of several siblings, the line of an earlier one that has its number.
pub(super) fn shared<'a>(siblings: impl Iterator<Item = &'a Element>) -> Vec<Option<u64>> {
    let mut lines: HashMap<&str, u64> = HashMap::new();
    let earlier = |sibling: &'a Element| {
        let number = number(sibling)?;
        match lines.get(number) {
            Some(line) => Some(*line),
            None => {
                lines.insert(number, sibling.line);
                None
            }
        }
    };
    siblings.map(earlier).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(numbers: &[&str]) -> Vec<Element> {
        let element = |number: &&str| Element {
            attributes: vec![("numero".to_owned(), (*number).to_owned())],
            ..Element::default()
        };
        numbers.iter().map(element).collect()
    }

    #[test]
    fn names_never_change() {
        let siret = "20005340300016".parse().unwrap();
        assert_eq!(
            operator(siret).to_string(),
            "53f2eda0-3469-5c92-985d-74152934ff04"
        );
        assert_eq!(
            offer(siret, "F1", "A1").to_string(),
            "ac3bdb32-f438-575e-b7f5-28767ed9b30a"
        );
        assert_eq!(
            session(siret, "F1", "A1", "S1").to_string(),
            "809d162a-e86b-50c5-a3a6-c71debe0ae48"
        );
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let siret = "20005340300016".parse().unwrap();
        assert_ne!(offer(siret, "1", "11"), offer(siret, "11", "1"));
    }

    #[test]
    fn siblings_that_share_a_number_or_have_none_are_still_told_apart() {
        let siblings = numbered(&["7", "8", "7", "-", ""]);
        let names = among_siblings(siblings.iter(), |rank, _| format!("#{}", rank + 1));
        assert_eq!(names, ["7 #1", "8", "7 #3", "#4", "#5"]);
    }
}
