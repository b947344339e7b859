//! The `source` of an event: who sends it.

use super::MAX_KEY;
use crate::codes::Siret;
use crate::geography::{self, TerritoryLevel};
use crate::texts::{self, Written};
use crate::words::{self, Words};

/// Checks that `source` names an establishment (`urn:siret:<14 digits>`) or a région (`urn:region:<INSEE code>`).
pub(super) fn check(source: &str) -> Result<(), Words> {
    texts::judge(source, MAX_KEY, Written::Name)?;
    if let Some(siret) = source.strip_prefix("urn:siret:") {
        return siret
            .parse::<Siret>()
            .map(|_| ())
            .map_err(|wrong| Words::of(&wrong));
    }
    if let Some(region) = source.strip_prefix("urn:region:") {
        return match geography::territory(TerritoryLevel::Region, region) {
            Some(_) => Ok(()),
            None => Err(geography::not_current(TerritoryLevel::Region, region)),
        };
    }
    let source = words::quoted(source);
    Err(Words::new(
        format!(
            "{source} does not say who sends: expected urn:siret:<14 digits>, such as urn:siret:20005340300016, or urn:region:<INSEE code>"
        ),
        format!(
            "{source:#} ne dit pas qui envoie : il faut urn:siret:<14 chiffres>, par exemple urn:siret:20005340300016, ou urn:region:<code INSEE>"
        ),
    ))
}
