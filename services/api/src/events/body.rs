//! Reading the body of one event or of a list: whole, bounded in bytes, in pace, and in what all bodies take together.

use super::gzip;
use super::pace::Patience;
use super::room::{NoRoom, Share};
use crate::limits::Limits;
use crate::state::ApiState;
use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::StreamExt;
use parcours_http::problem::{self, Problem, kinds};
use parcours_http::{Client, cut_off};
use parcours_model::Words;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Room is taken for so many bytes at least at a time, unless fewer are announced.
const PORTION: usize = 4 << 10;

/// A body that is not whole so long after the service was told to stop is told to be sent again.
const STOPPING: Duration = Duration::from_secs(1);

/// What some programs write before text in UTF-8. It is no JSON, and says nothing (RFC 8259, 8.1).
pub(super) const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A body in memory, with its share of what bodies may take.
pub(super) struct Whole {
    /// The bytes.
    pub bytes: Bytes,
    _share: Share,
}

/// Reads the whole body.
pub(super) async fn whole(
    state: &ApiState,
    client: Client,
    headers: &HeaderMap,
    body: Body,
) -> Result<Whole, Problem> {
    let limits = &*state.limits;
    let announced = usize::try_from(body.size_hint().upper().unwrap_or(limits.body as u64));
    let announced = announced.unwrap_or(usize::MAX);
    let mut coming = Coming::of(body, limits);
    if announced > limits.body {
        if !asks_first(headers) {
            coming.drain(limits).await;
        }
        return Err(too_large(limits));
    }
    let mut share = state.room.share(client);
    let mut bytes = Vec::new();
    let stops = async {
        state.site.stopping.cancelled().await;
        sleep(STOPPING).await;
    };
    tokio::pin!(stops);
    loop {
        let chunk = tokio::select! {
            biased;
            () = &mut stops => return Err(problem::stopping()),
            () = share.called_off() => return Err(NoRoom.into()),
            chunk = coming.next() => chunk?,
        };
        let Some(chunk) = chunk else {
            break;
        };
        let length = bytes.len() + chunk.len();
        if length > limits.body {
            drop((bytes, share));
            coming.drain(limits).await;
            return Err(too_large(limits));
        }
        let mut room = bytes.capacity();
        if length > room {
            room = (length + PORTION.max(length / 4)).min(announced).max(length);
        }
        share.grow(chunk.len(), room).await?;
        bytes.reserve_exact(room - bytes.len());
        bytes.extend_from_slice(&chunk);
    }
    share.is_whole();
    let bytes = Bytes::from(bytes);
    Ok(Whole {
        bytes: match bytes.starts_with(&BYTE_ORDER_MARK) {
            true => bytes.slice(BYTE_ORDER_MARK.len()..),
            false => bytes,
        },
        _share: share,
    })
}

/// Takes in a body that is refused as it is announced, so that its sender sees why.
pub(super) async fn refused(state: &ApiState, headers: &HeaderMap, body: Body) {
    if !asks_first(headers) {
        Coming::of(body, &state.limits).drain(&state.limits).await;
    }
}

/// Whether a client has sent nothing of its body yet.
fn asks_first(headers: &HeaderMap) -> bool {
    headers.contains_key(header::EXPECT)
}

/// A body that is waited for as long as it keeps its pace.
struct Coming {
    body: BodyDataStream,
    patience: Patience,
    until: Instant,
    too_slow: Words,
}

impl Coming {
    fn of(body: Body, limits: &Limits) -> Self {
        Coming {
            body: body.into_data_stream(),
            patience: Patience::new(limits.pace),
            until: Instant::now() + limits.body_time,
            too_slow: {
                let (seconds, pace) = (limits.body_time.as_secs(), limits.pace.told());
                Words::new(
                    format!(
                        "A body comes whole within {seconds} s, at {pace} or more: this one did not. Send it again."
                    ),
                    format!(
                        "Un corps arrive entier en {seconds} s, à {pace:#} ou plus : pas celui-ci. Renvoyez-le."
                    ),
                )
            },
        }
    }

    /// The next bytes; none after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let began = Instant::now();
        let left = self.until.saturating_duration_since(began);
        let came = timeout(self.patience.left().min(left), self.body.next()).await;
        let chunk = came.map_err(|_| {
            cut_off("body");
            Problem::new(&kinds::BODY_TOO_SLOW, self.too_slow.clone())
        })?;
        let chunk = chunk.transpose();
        let chunk = chunk.map_err(|wrong| gzip::broken(&wrong))?;
        let bytes = chunk.as_ref().map_or(0, Bytes::len);
        self.patience.came(bytes, began.elapsed());
        Ok(chunk)
    }

    /// Lets a sender finish which reads no answer before: it would only see a broken connection. Within reason.
    async fn drain(mut self, limits: &Limits) {
        let mut left = limits.body.saturating_mul(8);
        while let Ok(Some(chunk)) = self.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                return;
            }
        }
    }
}

impl From<NoRoom> for Problem {
    fn from(NoRoom: NoRoom) -> Self {
        let detail = Words::fixed(
            "There is no room for this body: others need it, and come quicker. Nothing of it was recorded: send it \
             again in a moment.",
            "Il n'y a pas de place pour ce corps : d'autres en ont besoin, et viennent plus vite. Rien n'en a été enregistré : \
             renvoyez-le dans un instant.",
        );
        Problem::new(&kinds::BUSY, detail)
    }
}

fn too_large(limits: &Limits) -> Problem {
    let most = limits.body;
    let detail = Words::new(
        format!(
            "An event or a list is at most {most} bytes long. A stream (application/x-ndjson) may have any length."
        ),
        format!(
            "Un événement ou une liste compte au plus {most} octets. Un flux (application/x-ndjson) est de longueur libre."
        ),
    );
    Problem::new(&kinds::BODY_TOO_LARGE, detail).limit(limits.body)
}
