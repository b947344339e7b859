//! Bodies that are sent compressed (`Content-Encoding: gzip`), unpacked piece by piece as they come: what is in memory at a
//! time is one piece, and what they may hold is bounded as if they had come plain.

use async_compression::tokio::bufread::GzipDecoder;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use tokio_util::io::StreamReader;

/// Bytes unpacked at a time.
const PIECE: usize = 16 << 10;
/// Beyond the first bytes nothing that is said in events becomes so much smaller: ids alone differ more. What does is a
/// bomb, or bytes that a slow sender lets us make for it.
const FIRST: u64 = 1 << 20;
const RATIO: u64 = 100;
/// Bytes that a sender of what cannot be unpacked may still send before it is cut off.
const DRAINED: usize = 64 << 20;

/// What is unpacked is far more than what was sent.
#[derive(Debug, thiserror::Error)]
#[error("unpacked, it is more than {RATIO} times what was sent")]
struct Bomb;

/// The body as it was before it was compressed.
pub(super) fn unpacked(body: Body) -> Body {
    let taken = Arc::new(AtomicU64::new(0));
    let count = taken.clone();
    let sent = body.into_data_stream().map(move |chunk| {
        let chunk = chunk.map_err(io::Error::other)?;
        count.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        Ok::<Bytes, io::Error>(chunk)
    });
    let mut decoder = GzipDecoder::new(StreamReader::new(sent));
    decoder.multiple_members(true);
    let unpacking = Unpacking {
        decoder,
        taken,
        given: 0,
    };
    Body::from_stream(stream::unfold(Some(unpacking), |unpacking| async {
        let mut unpacking = unpacking?;
        match unpacking.next().await {
            Ok(None) => None,
            Ok(Some(piece)) => Some((Ok(piece), Some(unpacking))),
            Err(wrong) => {
                unpacking.drain().await;
                Some((Err(wrong), None))
            }
        }
    }))
}

struct Unpacking<R> {
    decoder: GzipDecoder<R>,
    /// Bytes that were sent.
    taken: Arc<AtomicU64>,
    /// Bytes that they were unpacked to.
    given: u64,
}

impl<R: AsyncBufRead + Unpin> Unpacking<R> {
    /// The next piece; none after the last.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut piece = BytesMut::with_capacity(PIECE);
        self.given += self.decoder.read_buf(&mut piece).await? as u64;
        if self.given > FIRST && self.given / RATIO > self.taken.load(Ordering::Relaxed) {
            return Err(io::Error::other(Bomb));
        }
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }

    /// Lets a sender finish which reads no answer before, as [`body`](super::body) does. Nothing is unpacked any more.
    async fn drain(&mut self) {
        let sender = self.decoder.get_mut();
        let mut left = DRAINED;
        while let Ok(bytes) = sender.fill_buf().await {
            let came = bytes.len();
            if came == 0 || came > left {
                return;
            }
            left -= came;
            sender.consume(came);
        }
    }
}

/// What is told of a body that cannot be read to its end.
pub(super) fn broken(wrong: &axum::Error) -> Problem {
    let whole: &(dyn Error + 'static) = wrong;
    let mut causes = std::iter::successors(Some(whole), |cause: &&(dyn Error + 'static)| (*cause).source());
    // What the decoder says is an error of its own, right behind ours; what the connection says is one within.
    let cause = causes.find(|cause| !cause.is::<axum::Error>());
    let said = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
    let within = said.and_then(io::Error::get_ref);
    if matches!(within, Some(within) if within.is::<Bomb>()) {
        let detail = Words::new(
            format!(
                "Unpacked, the body is more than {RATIO} times what was sent: expected one that is smaller, or sent without gzip."
            ),
            format!(
                "Décompressé, le corps fait plus de {RATIO} fois ce qui a été envoyé : il en faut un plus petit, ou sans gzip."
            ),
        );
        return Problem::new(&kinds::BODY_TOO_LARGE, detail).field("content-encoding");
    }
    if said.is_some() && !matches!(within, Some(within) if within.is::<axum::Error>()) {
        let detail = Words::fixed(
            "The body cannot be unpacked: expected gzip (RFC 1952), whole, as Content-Encoding says.",
            "Le corps ne peut être décompressé : il faut du gzip (RFC 1952), entier, comme le dit Content-Encoding.",
        );
        return Problem::new(&kinds::MALFORMED_BODY, detail).field("content-encoding");
    }
    let detail = Words::new(
        format!("The body broke off: {wrong}."),
        format!("Le corps s'est interrompu : {wrong}."),
    );
    Problem::new(&kinds::MALFORMED_BODY, detail)
}
