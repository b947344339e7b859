//! Reading the body of one event or of a list: whole, bounded in bytes, in time, and in what all bodies take together.

use crate::limits::Limits;
use crate::state::ApiState;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use parcours_http::problem::{Problem, kinds};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

/// A body in memory, with its share of what bodies may take.
pub(super) struct Whole {
    /// The bytes.
    pub bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

/// Reads the whole body.
pub(super) async fn whole(state: &ApiState, headers: &HeaderMap, body: Body) -> Result<Whole, Problem> {
    let limits = &*state.limits;
    match timeout(limits.body_time, read(state, headers, body)).await {
        Ok(read) => read,
        Err(_) => {
            let detail = format!(
                "The body did not come whole within {} s.",
                limits.body_time.as_secs()
            );
            Err(Problem::new(&kinds::BODY_TOO_SLOW, detail))
        }
    }
}

async fn read(state: &ApiState, headers: &HeaderMap, body: Body) -> Result<Whole, Problem> {
    let limits = &*state.limits;
    let announced =
        usize::try_from(body.size_hint().upper().unwrap_or(limits.body as u64)).unwrap_or(usize::MAX);
    if announced > limits.body {
        // A client that asks first has sent nothing yet.
        if !headers.contains_key(header::EXPECT) {
            drain(body, limits).await;
        }
        return Err(too_large(limits));
    }
    let share = share(state, announced).await?;
    let mut stream = body.into_data_stream();
    let mut bytes = BytesMut::with_capacity(announced.min(64 << 10));
    while let Some(chunk) = stream.next().await {
        let chunk = chunk
            .map_err(|wrong| Problem::new(&kinds::MALFORMED_BODY, format!("The body broke off: {wrong}.")))?;
        if bytes.len() + chunk.len() > limits.body {
            drop(bytes);
            drain(Body::from_stream(stream), limits).await;
            return Err(too_large(limits));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Whole {
        bytes: bytes.freeze(),
        _share: share,
    })
}

/// Waits for room for a body of `bytes`.
async fn share(state: &ApiState, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
    let permits = bytes.div_ceil(1024).min(state.limits.bodies.div_ceil(1024));
    let permits = u32::try_from(permits).unwrap_or(u32::MAX);
    let acquired = state.bodies.clone().acquire_many_owned(permits).await;
    acquired.map_err(|_| Problem::new(&kinds::STOPPING, "The service is stopping."))
}

/// Lets a sender finish which reads no answer before: it would only see a broken connection. Within reason.
async fn drain(body: Body, limits: &Limits) {
    let mut left = limits.body.saturating_mul(8);
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

fn too_large(limits: &Limits) -> Problem {
    let detail = format!(
        "An event or a list is at most {} bytes long. A stream (application/x-ndjson) may have any length.",
        limits.body
    );
    Problem::new(&kinds::BODY_TOO_LARGE, detail).limit(limits.body)
}
