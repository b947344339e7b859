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

/// The `cycle` of LHEO 2.3, else what the session's `extras` call places, else the places that the action's financers
/// pay for if the session is `alone` in the action.
pub(super) fn of(session: &Element, action: &Element, alone: bool) -> Option<u32> {
    let cycle = |name| session.at(&["cycle", name]).and_then(places);
    let stated = cycle("capacite-simultanee")
        .or_else(|| cycle("capacite-cumulee"))
        .or_else(|| in_extras(session));
    stated.or_else(|| {
        let paid = action
            .children("organisme-financeur")
            .filter_map(|payer| payer.child("nb-places-financees"));
        let sum = paid.filter_map(places).fold(0, u32::saturating_add);
        (alone && sum > 0).then_some(sum)
    })
}

/// Zero is what exporters write for "unknown".
fn places(element: &Element) -> Option<u32> {
    let places = number::cleaned(element.value()?).parse();
    places.ok().filter(|&places| places > 0)
}

/// `extras` nest; the first number that is called places.
fn in_extras(element: &Element) -> Option<u32> {
    element.children("extras").find_map(|extras| {
        let named = |extra: &Element| {
            let name = extra
                .attribute("info")?
                .to_ascii_lowercase()
                .replace([' ', '_'], "-");
            IN_EXTRAS
                .contains(&name.as_str())
                .then(|| places(extra))
                .flatten()
        };
        extras
            .children("extra")
            .find_map(named)
            .or_else(|| in_extras(extras))
    })
}
