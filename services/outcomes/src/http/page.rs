//! A page of messages.

use parcours_http::Described;
use parcours_http::problem::Problem;
use parcours_projections::outcomes::{Cursor, Filter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::contract::{CloudEvent, Published};
use crate::{Audience, OutcomeReader};

/// A message, by a name without parameters: the macro looks into those.
type OutcomeMessage = Described<Published>;

/// A page of messages, in the order in which they are told.
#[derive(Serialize, ToSchema)]
pub(super) struct OutcomePage {
    /// The messages: CloudEvents, whose types are described at `/schemas`.
    #[schema(inline, value_type = Vec<OutcomeMessage>)]
    outcomes: Vec<CloudEvent>,
    /// What to give as `cursor` for the next page; null after the last.
    next: Option<String>,
    /// What to give as `cursor` later, for what will be new then; null while there is nothing at all.
    cursor: Option<String>,
}

/// Reads a page.
pub(super) async fn read(
    reader: &OutcomeReader,
    audience: &Audience,
    filter: &Filter,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<OutcomePage, Problem> {
    let batch = reader.after(cursor, filter, limit).await?;
    let cursor = batch.reached.map(|reached| audience.id(reached.key));
    Ok(OutcomePage {
        outcomes: batch
            .messages
            .iter()
            .filter_map(|message| audience.message(message))
            .collect(),
        next: cursor.clone().filter(|_| batch.more),
        cursor,
    })
}
