//! The catalogue as one LHEO document, piece by piece.

use crate::state::ApiState;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use parcours_export::lheo::{Document, MEDIA_TYPE};
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;
use parcours_projections::catalogue::Query;

/// All that `query` finds. Who follows an address (`by_address`) is a browser, which keeps the document as a file.
pub(super) async fn answer(state: &ApiState, query: Query, by_address: bool) -> Result<Response, Problem> {
    let Some(document) = Document::begin(state.views.clone(), query).await? else {
        let words = Words::fixed(
            "Nothing is found: LHEO has no document without a formation.",
            "Rien n'est trouvé : il n'y a pas de document LHEO sans formation.",
        );
        return Err(Problem::new(&kinds::NOTHING_FOUND, words));
    };
    let pieces = stream::unfold(Some(document), async |document| {
        let mut document = document?;
        match document.piece().await {
            Ok(piece) => piece.map(|piece| (Ok(piece), Some(document))),
            Err(error) => {
                tracing::warn!(%error, "a catalogue in LHEO is broken off");
                Some((Err(error), None))
            }
        }
    });
    let mut answer = Body::from_stream(pieces).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if by_address {
        let name = HeaderValue::from_static("attachment; filename=\"catalogue.xml\"");
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}
