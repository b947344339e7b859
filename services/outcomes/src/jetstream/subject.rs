//! The subject of a message.

use parcours_model::codes::Commune;
use parcours_projections::outcomes::OutcomeRow;

/// Where there is no département or no operator: an erasure is of no département, a session of no operator.
const NONE: &str = "-";

/// `outcomes.<audience>.<kind>.<departement>.<operator>`: five tokens in every case. A département is its code (`76`,
/// `2A`), an operator its SIRET.
pub(super) fn subject(audience: &str, row: &OutcomeRow) -> String {
    let place = row.commune.and_then(Commune::record);
    let departement = place.map_or(NONE, |place| place.departement);
    let kind = row.kind.as_str();
    match row.operator {
        Some(operator) => format!("outcomes.{audience}.{kind}.{departement}.{operator}"),
        None => format!("outcomes.{audience}.{kind}.{departement}.{NONE}"),
    }
}

/// All messages of an audience.
pub(super) fn all_of(audience: &str) -> String {
    format!("outcomes.{audience}.>")
}

/// Whether it is one of the stream's.
pub(super) fn is_of_stream(subject: &str) -> bool {
    subject.starts_with("outcomes.")
}

/// The audience of a message on this subject.
pub(super) fn audience(subject: &str) -> Option<&str> {
    subject.split('.').nth(1)
}
