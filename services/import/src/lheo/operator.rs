//! Who is responsible for a formation.

use parcours_model::StreamKind;
use parcours_model::codes::{Invalid, Siret};

use super::element::Element;
use super::formation::Operator;
use super::identity;
use super::interpret::Reading;
use super::note::Spot;
use super::number;
use super::own::{self, Exact};
use super::place::Found;

/// The SIRET of the responsible body; else, with a remark, of the only body that trains.
///
/// # Errors
/// A sentence that names the element.
pub(super) fn siret(reading: &mut Reading<'_>, formation: &Element) -> Result<Siret, String> {
    let own = match body(formation).and_then(|body| body.child("SIRET-organisme-formation")) {
        Some(parent) => siret_in(parent),
        None => Err("organisme-formation-responsable has no SIRET-organisme-formation".to_owned()),
    };
    own.or_else(|reason| {
        let mut sirets: Vec<_> = trainers(formation).filter_map(siret_of_trainer).collect();
        sirets.sort_unstable();
        sirets.dedup();
        let [siret] = sirets[..] else { return Err(reason) };
        reading.remark(
            spot(formation),
            format!("{reason}: taken from SIRET-formateur, {siret}"),
        );
        Ok(siret)
    })
}

/// The operator as the catalogue describes it, the first time it does so with an address.
pub(super) fn read(reading: &mut Reading<'_>, formation: &Element, siret: Siret) -> Option<Operator> {
    let own = body(formation).and_then(|body| own::stream(StreamKind::Operator, body));
    // Whom ours does not number nobody has registered.
    if own.is_none() && own::wrote(formation) {
        return None;
    }
    let before = reading.operators.get(&siret).copied();
    if before == Some(true) {
        return None;
    }
    let seat = seat(reading, formation);
    let found = seat
        .clone()
        .or_else(|| elsewhere(formation).find_map(|address| reading.places.commune(address).ok()));
    reading.operators.insert(siret, found.is_some());
    let spot = spot(formation);
    let Some(Found { commune, remark }) = found else {
        if before.is_none() {
            let reason = "no address of organisme-formation-responsable, nor any other, names a commune";
            reading.refuse(spot, format!("operator {siret}: {reason}"));
        }
        return None;
    };
    if seat.is_none() {
        let reason = "organisme-formation-responsable has no address that names a commune";
        reading.remark(spot, format!("{reason}: placed where it trains, in {commune}"));
    }
    if let Some(remark) = remark {
        reading.remark(spot, format!("operator {siret}: {remark}"));
    }
    let exact = body(formation).filter(|_| own.is_some()).map(Exact::of);
    let exact = exact.transpose().unwrap_or_else(|reason| {
        reading.remark(spot, reason);
        None
    });
    let exact = exact.and_then(|exact| exact.name);
    let name = exact.or_else(|| name(formation, siret)).unwrap_or_else(|| {
        reading.remark(
            spot,
            "organisme-formation-responsable has no nom-organisme: named by its SIRET",
        );
        format!("SIRET {siret}")
    });
    Some(Operator {
        key: own.unwrap_or_else(|| identity::operator(siret)),
        siret,
        name,
        commune,
    })
}

/// Where the responsible body stands, by its own addresses.
pub(super) fn seat(reading: &Reading<'_>, formation: &Element) -> Option<Found> {
    let body = body(formation)?;
    ["coordonnees-organisme", "contact-organisme"]
        .into_iter()
        .flat_map(|path| body.all(&[path, "coordonnees", "adresse"]))
        .find_map(|address| reading.places.commune(address).ok())
}

/// Where else a body may be found that gives no address of its own.
fn elsewhere(formation: &Element) -> impl Iterator<Item = &Element> {
    let paths: [&[&str]; 3] = [
        &[
            "action",
            "organisme-formateur",
            "contact-formateur",
            "coordonnees",
            "adresse",
        ],
        &["action", "lieu-de-formation", "coordonnees", "adresse"],
        &["action", "session", "adresse-inscription", "adresse"],
    ];
    paths.into_iter().flat_map(|path| formation.all(path))
}

fn name(formation: &Element, siret: Siret) -> Option<String> {
    let own = |name| body(formation)?.title_of(name);
    own("nom-organisme")
        .or_else(|| own("raison-sociale"))
        .or_else(|| {
            let itself = trainers(formation).filter(|trainer| siret_of_trainer(trainer) == Some(siret));
            itself
                .filter_map(|trainer| trainer.title_of("raison-sociale-formateur"))
                .next()
        })
}

fn body(formation: &Element) -> Option<&Element> {
    formation.child("organisme-formation-responsable")
}

fn spot(formation: &Element) -> Spot<'static> {
    Spot::of(body(formation).unwrap_or(formation))
}

fn trainers(formation: &Element) -> impl Iterator<Item = &Element> {
    formation
        .children("action")
        .flat_map(|action| action.children("organisme-formateur"))
}

fn siret_of_trainer(trainer: &Element) -> Option<Siret> {
    siret_in(trainer.child("SIRET-formateur")?).ok()
}

/// In a `SIRET` inside, or bare; people write it in groups.
fn siret_in(parent: &Element) -> Result<Siret, String> {
    let name = &parent.name;
    let value = parent
        .value_of("SIRET")
        .or_else(|| parent.value())
        .ok_or_else(|| format!("{name} is empty"))?;
    number::siret(value).map_err(|invalid: Invalid| format!("{name}: {invalid}"))
}
