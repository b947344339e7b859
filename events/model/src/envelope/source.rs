//! The `source` of an event: who sends it.

use super::MAX_KEY;
use crate::codes::Siret;

/// Checks that `source` names an establishment (`urn:siret:<14 digits>`) or a région (`urn:region:<INSEE code>`).
pub(super) fn check(source: &str) -> Result<(), String> {
    if source.len() > MAX_KEY {
        return Err(format!(
            "{} characters are too many: at most {MAX_KEY}",
            source.len()
        ));
    }
    if let Some(siret) = source.strip_prefix("urn:siret:") {
        return siret
            .parse::<Siret>()
            .map(|_| ())
            .map_err(|wrong| wrong.to_string());
    }
    if let Some(region) = source.strip_prefix("urn:region:") {
        return match crate::geography::territory(crate::geography::TerritoryLevel::Region, region) {
            Some(_) => Ok(()),
            None => Err(format!("{region:?} is not the INSEE code of a région")),
        };
    }
    Err(format!(
        "{source:?} does not say who sends: expected urn:siret:<14 digits> or urn:region:<INSEE code>"
    ))
}
