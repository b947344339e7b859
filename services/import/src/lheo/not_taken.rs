//! What a formation says that no event does, counted by element.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::capacity;
use super::element::Element;

/// How often each element said something that is in no event.
pub type NotTaken = BTreeMap<String, u64>;

/// What becomes of an element.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Holds,
    Taken,
    InsteadOf(Vec<&'static str>),
    NotTaken,
}

static FATES: LazyLock<HashMap<&'static str, Fate>> =
    LazyLock::new(|| rows(include_str!("ELEMENTS.md")).collect());

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, Fate)> {
    table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let element = cells.next()?.trim_end_matches('`');
        let fate = match cells.next()? {
            "holds" => Fate::Holds,
            "taken" => Fate::Taken,
            "not taken" => Fate::NotTaken,
            others => Fate::InsteadOf(others.split('`').skip(1).step_by(2).collect()),
        };
        Some((element, fate))
    })
}

/// Counts what `formation` says that is not taken.
pub(super) fn of(formation: &Element) -> NotTaken {
    let mut counted = NotTaken::new();
    count(formation, &mut vec![formation], &mut counted);
    counted
}

fn count<'a>(element: &'a Element, around: &mut Vec<&'a Element>, counted: &mut NotTaken) {
    for child in element.children.iter().filter(|child| says_something(child)) {
        let taken = match FATES.get(child.name.as_str()) {
            Some(Fate::Holds | Fate::Taken) => true,
            Some(Fate::InsteadOf(others)) => !others.iter().any(|other| is_said(other, around)),
            Some(Fate::NotTaken) => child.name == "extra" && capacity::is_places_of_session(child, around),
            None => false,
        };
        if taken {
            around.push(child);
            count(child, around, counted);
            around.pop();
        } else {
            *counted.entry(child.name.clone()).or_default() += 1;
        }
    }
}

fn says_something(element: &Element) -> bool {
    element.value().is_some() || element.children.iter().any(says_something)
}

/// Whether one of the elements around, or the responsible body, has that child and it says something.
fn is_said(name: &str, around: &[&Element]) -> bool {
    let said = |element: &Element| element.children(name).any(says_something);
    let mut bodies = around[0].children("organisme-formation-responsable");
    around.iter().any(|element| said(element)) || bodies.any(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_element_of_lheo_once() {
        let all: Vec<_> = rows(include_str!("ELEMENTS.md")).collect();
        // 162 of the schema, and `extra`, which it leaves to whoever writes one.
        assert_eq!((all.len(), FATES.len()), (163, 163));
        assert_eq!(FATES["code-CERTIFINFO"], Fate::NotTaken);
        assert_eq!(
            FATES["contenu-formation"],
            Fate::InsteadOf(vec!["objectif-formation", "resultats-attendus"])
        );
        let known = |other: &&str| FATES.contains_key(other);
        assert!(all.iter().all(|(_, fate)| match fate {
            Fate::InsteadOf(others) => !others.is_empty() && others.iter().all(known),
            _ => true,
        }));
    }
}
