//! Who the operators are.

use std::collections::BTreeMap;

use crate::{Reader, ViewError};

/// Of several that are registered under one SIRET, the one that the listing of sessions names.
const NAMES: &str = "
    SELECT p.siret, p.name FROM {catalogue_operator} p
    WHERE p.uuid = (SELECT MIN(q.uuid) FROM {catalogue_operator} q WHERE q.siret = p.siret)";

/// Their names, by SIRET: a Région has hundreds of them.
pub(crate) async fn operators(reader: &Reader) -> Result<BTreeMap<String, String>, ViewError> {
    let rows = reader.query(NAMES, &[]).await?;
    let named = rows
        .iter()
        .map(|row| (row.text(0).to_owned(), row.text(1).to_owned()));
    Ok(named.collect())
}
