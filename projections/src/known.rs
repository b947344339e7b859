//! What was known of a stream, and from when to when: its history replayed record by record.

use crate::{Indigestible, Key, Value};
use parcours_model::{Fact, History};

/// Gives each standing of a stream for as long as it was the last known: from the record at the first position on, until the
/// one at the second. Only the records that `matters` can change it.
pub(crate) fn replay<S: PartialEq>(
    history: &History,
    matters: fn(&Fact) -> bool,
    mut of: impl FnMut(&History) -> Option<S>,
    mut give: impl FnMut(u64, Option<u64>, S),
) -> Result<(), Indigestible> {
    let mut known = History::new(history.stream());
    let mut current: Option<(u64, S)> = None;
    for record in history.records() {
        known
            .push(record.clone())
            .map_err(|wrong| Indigestible::new(record, format!("{wrong:?}")))?;
        if !matters(&record.event.fact) {
            continue;
        }
        let standing = of(&known);
        if current.as_ref().map(|(_, standing)| standing) != standing.as_ref() {
            if let Some((since, earlier)) = current.take() {
                give(since, Some(record.position), earlier);
            }
            current = standing.map(|standing| (record.position, standing));
        }
    }
    if let Some((since, standing)) = current {
        give(since, None, standing);
    }
    Ok(())
}

/// The key of a row of such a table, in the order in which the log brought them: a row is new, or its end is.
pub(crate) fn key(parcours: &str, since: u64) -> Key {
    vec![Value::Integer(since.cast_signed()), Value::from(parcours)]
}
