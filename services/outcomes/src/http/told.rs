//! Messages put into words once for all who are told them under the same names: a thousand may listen for one partner.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use lru::LruCache;
use parcours_projections::outcomes::{Key, OutcomeRow};

use crate::Audience;

/// Messages kept for each audience, those told last: more than come while one after another is woken.
const KEPT: NonZeroUsize = NonZeroUsize::new(1_024).expect("more than none");

/// The words for each audience that has listened, by its name.
#[derive(Default)]
pub(super) struct Told(Mutex<HashMap<String, Arc<Words>>>);

/// The words for one audience.
pub(super) struct Words(Mutex<LruCache<Key, Bytes>>);

impl Told {
    /// Those for this audience.
    pub fn to(&self, audience: &Audience) -> Arc<Words> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Arc::new(Words(Mutex::new(LruCache::new(KEPT))));
        told.entry(audience.name().to_owned())
            .or_insert_with(none)
            .clone()
    }
}

impl Words {
    /// The messages as server-sent events, without those that the audience may not have. It must always be the same
    /// audience. What nobody was told yet is put into words with the lock held: whoever waits for it wants the same words.
    pub fn events(&self, audience: &Audience, messages: &[Arc<OutcomeRow>]) -> Bytes {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut words = |message: &Arc<OutcomeRow>| {
            if let Some(event) = known.get(&message.key) {
                return Some(event.clone());
            }
            let event = event(audience, message)?;
            known.put(message.key, event.clone());
            Some(event)
        };
        let events: Vec<Bytes> = messages.iter().filter_map(&mut words).collect();
        drop(known);
        events.concat().into()
    }
}

/// Neither an id nor JSON as it is written here has an end of a line in it.
fn event(audience: &Audience, message: &OutcomeRow) -> Option<Bytes> {
    let message = audience.message(message)?;
    let mut event = format!("id: {}\ndata: ", message.id).into_bytes();
    event.extend(message.to_json());
    event.extend(b"\n\n");
    Some(event.into())
}
