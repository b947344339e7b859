//! How many places a session has, which most catalogues don't say.

use super::element::Element;
use super::number;

/// The names under which `extras` give the places of a session: LHEO had no element for them before 2.3.
const IN_EXTRAS: [&str; 8] = [
    "nb-places",
    "nombre-places",
    "nombre-de-places",
    "places",
    "capacite",
    "capacite-accueil",
    "effectif-max",
    "effectif-maximum",
];

/// The places of a session, and how many cycles they are the sum of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) places: Option<u32>,
    pub(super) added_up: usize,
}

/// The cycles of LHEO 2.3, else what the session's `extras` call places, else the places that the action's financers
/// pay for if the session is `alone` in the action.
pub(super) fn of(session: &Element, action: &Element, alone: bool) -> Capacity {
    let cycles = by_cycles(session);
    if cycles.places.is_some() {
        return cycles;
    }
    let financed = || {
        let paid = action
            .children("organisme-financeur")
            .filter_map(|payer| payer.child("nb-places-financees"));
        let sum = paid.filter_map(places).fold(0, u32::saturating_add);
        (alone && sum > 0).then_some(sum)
    };
    Capacity {
        places: in_extras(session).or_else(financed),
        added_up: 0,
    }
}

/// A cycle is a way through the session for one kind of trainees (initial training, apprentices…) in some of its years:
/// kinds sit side by side, so that their places add up; of one kind, the year with the most places counts.
fn by_cycles(session: &Element) -> Capacity {
    let mut kinds: Vec<(Option<&str>, u32)> = Vec::new();
    for cycle in session.children("cycle") {
        let stated = |name| cycle.child(name).and_then(places);
        let Some(places) = stated("capacite-simultanee").or_else(|| stated("capacite-cumulee")) else {
            continue;
        };
        let kind = cycle.value_of("type-cycle");
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, most)) => *most = places.max(*most),
            None => kinds.push((kind, places)),
        }
    }
    let sum = kinds
        .iter()
        .fold(0, |sum: u32, (_, places)| sum.saturating_add(*places));
    Capacity {
        places: (sum > 0).then_some(sum),
        added_up: kinds.len(),
    }
}

/// Zero is what exporters write for "unknown".
fn places(element: &Element) -> Option<u32> {
    let places = number::cleaned(element.value()?).parse();
    places.ok().filter(|&places| places > 0)
}

/// `extras` nest; the first number that is called places.
fn in_extras(element: &Element) -> Option<u32> {
    element.children("extras").find_map(|extras| {
        extras
            .children("extra")
            .find_map(|extra| called_places(extra).then(|| places(extra)).flatten())
            .or_else(|| in_extras(extras))
    })
}

fn called_places(extra: &Element) -> bool {
    extra.attribute("info").is_some_and(|name| {
        let name = name.to_ascii_lowercase().replace([' ', '_'], "-");
        IN_EXTRAS.contains(&name.as_str())
    })
}

/// Whether that `extra` is read here: in a session, whose cycles say nothing.
pub(super) fn is_places_of_session(extra: &Element, around: &[&Element]) -> bool {
    let session = around
        .iter()
        .rev()
        .find(|element| element.name != "extras" && element.name != "extra");
    called_places(extra)
        && session.is_some_and(|session| session.name == "session" && by_cycles(session).places.is_none())
}
