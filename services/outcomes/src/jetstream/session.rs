//! Publishing from one look at the end of the stream to the next.
//!
//! A session holds what was seen of the stream, and ends with the first thing that contradicts it: a refusal, a missing
//! answer, another publisher. The next session looks again.

use std::time::Duration;

use parcours_log::Log;
use parcours_projections::outcomes::Cursor;
use tokio::time::timeout;

use super::api::Api;
use super::batch::Room;
use super::contents::{self, Contents};
use super::listener::Listener;
use super::status::Report;
use super::tail::Tail;
use super::{batch, connection::NatsOptions, consumers, history, release, stream};
use crate::{Audience, OutcomeReader, OutcomesError, Partners};

/// How long nothing new has to happen before the stream is looked at: that it is there, and ends where it did.
const LOOK: Duration = Duration::from_secs(3);

/// What publishing needs.
pub(super) struct Desk {
    pub options: NatsOptions,
    pub log: Log,
    pub reader: OutcomeReader,
    pub partners: Partners,
    pub audiences: Vec<Audience>,
    pub report: Report,
    pub room: Room,
}

/// One session.
pub(super) struct Session<'a> {
    desk: &'a Desk,
    api: Api,
    listeners: Vec<Listener>,
    tail: Tail,
    /// Whether there is any message in it.
    holds: bool,
}

impl<'a> Session<'a> {
    /// Makes or checks the stream, looks where it ends, tells partners what they missed, makes or checks their consumers.
    pub async fn open(desk: &'a Desk, api: Api) -> Result<Self, OutcomesError> {
        release::must_do(api.client())?;
        let replicas = desk.options.replicas;
        let info = match stream::find(&api, replicas).await? {
            Some(info) => info,
            None => {
                stream::make(&api, replicas).await?;
                let made = stream::find(&api, replicas).await?;
                made.ok_or(OutcomesError::StreamChanged("it is gone"))?
            }
        };
        let held = info.state.last_sequence;
        let mut tail = Tail::read(&api, &info, &desk.partners, &desk.reader).await?;
        tail.must_follow(&desk.log).await?;
        let mut listeners = Vec::new();
        for audience in &desk.audiences {
            let Audience::Partner(partner) = audience else {
                listeners.push(Listener::since(audience, 0));
                continue;
            };
            listeners.push(history::tell(desk, &api, audience, &mut tail).await?);
            if !consumers::find(&api, partner.name()).await? {
                consumers::make(&api, partner.name()).await?;
            }
        }
        let holds = info.state.messages > 0 || tail.sequence > held;
        Ok(Self {
            desk,
            api,
            listeners,
            tail,
            holds,
        })
    }

    /// Publishes all there is now; `told` hears how far it is.
    pub async fn catch_up(&mut self, told: &(dyn Fn() + Sync)) -> Result<(), OutcomesError> {
        let mut next = self.read(self.tail.reached).await?;
        loop {
            let (reached, more) = (next.reached.max(self.tail.reached), next.more);
            let number = next.messages.len();
            contents::sign(&mut next.messages, &self.desk.reader).await?;
            let stored = batch::store(
                &self.api,
                &self.desk.room,
                std::mem::take(&mut next.messages),
                self.tail,
            );
            // While one batch is stored, the next is made; where there is no more yet, what comes meanwhile is read after.
            let (stored, following) = match more {
                true => {
                    let (stored, following) = tokio::join!(stored, self.read(reached));
                    (stored, Some(following))
                }
                false => (stored.await, None),
            };
            self.tail = Tail {
                sequence: stored?,
                reached,
                ..self.tail
            };
            self.holds |= number > 0;
            self.desk.report.stored(number);
            self.desk.report.reached(reached, &self.desk.reader);
            told();
            next = match following {
                Some(following) => following?,
                None if number == 0 => return Ok(()),
                None => self.read(reached).await?,
            };
        }
    }

    /// Waits until there is something to publish. When nothing is for a while, looks whether the stream is as it was.
    pub async fn wait(&self) -> Result<(), OutcomesError> {
        let wait = self.desk.reader.wait_after(self.tail.reached);
        if timeout(LOOK, wait).await.is_ok() {
            return Ok(());
        }
        // The client may have connected again, to another server.
        release::must_do(self.api.client())?;
        match stream::find(&self.api, self.desk.options.replicas).await? {
            None => Err(OutcomesError::StreamChanged("it is gone")),
            Some(info) if info.state.last_sequence != self.tail.sequence => {
                Err(OutcomesError::StreamChanged("another publisher has added to it"))
            }
            Some(info) if info.state.messages == 0 && self.holds => {
                Err(OutcomesError::StreamChanged("it was emptied"))
            }
            Some(_) => {
                self.desk.report.reached(self.tail.reached, &self.desk.reader);
                Ok(())
            }
        }
    }

    async fn read(&self, cursor: Option<Cursor>) -> Result<Contents, OutcomesError> {
        contents::after(&self.desk.reader, &self.listeners, cursor, self.desk.room.now()).await
    }
}
