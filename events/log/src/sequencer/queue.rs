//! The way to the sequencer and back: bounded going in, one wake-up a group coming out.

use std::slice;
use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::store::HeadRow;
use crate::supervision::Supervisor;
use crate::writing::{Notes, Wait, Writing};
use crate::{Append, LogError, Receipt, Rejection};

/// What becomes of one append.
pub(crate) type Answer = Result<Vec<Receipt>, Rejection>;

/// Appends of `append_each` that travel together.
const BULK: usize = 256;

/// Wishes of [`Queue::reach`] that may wait; whoever comes with more waits to be let in.
const REACHES: usize = 16;

/// The callers' end. Room is counted in events: whoever finds none waits, in turn.
#[derive(Clone)]
pub(crate) struct Queue {
    room: Arc<Semaphore>,
    limit: usize,
    calls: UnboundedSender<Message>,
    reaches: Sender<Reach>,
    notes: Notes,
}

/// The sequencer's end.
pub(crate) struct Incoming {
    pub calls: UnboundedReceiver<Message>,
    pub reaches: Receiver<Reach>,
    /// Of what is written, and who waits.
    pub notes: Notes,
}

/// An instant, in microseconds since 1970, before which nothing more is to be recorded; and whom to tell the head.
pub(crate) struct Reach {
    pub instant: i64,
    pub answer: oneshot::Sender<Result<HeadRow, LogError>>,
    _wait: Wait,
}

pub(crate) enum Message {
    Call(Call),
    /// Nothing after this is taken any more.
    Close,
}

/// One or several appends with whom to answer. It keeps its room in the queue until it is answered.
pub(crate) struct Call {
    work: Work,
    _room: OwnedSemaphorePermit,
    _wait: Wait,
}

enum Work {
    One(Append, oneshot::Sender<Answer>),
    Each(Vec<Append>, oneshot::Sender<Vec<Answer>>),
}

impl Queue {
    /// A queue with room for `limit` events, and its other end.
    pub fn new(limit: usize) -> (Queue, Incoming) {
        let (calls, taken) = unbounded_channel();
        let (reaches, asked) = channel(REACHES);
        let notes = Notes::default();
        (
            Queue {
                room: Arc::new(Semaphore::new(limit)),
                limit,
                calls,
                reaches,
                notes: notes.clone(),
            },
            Incoming {
                calls: taken,
                reaches: asked,
                notes,
            },
        )
    }

    /// Has one append done.
    pub async fn append(&self, append: Append) -> Answer {
        let room = self.room(append.submissions.len()).await?;
        let (answer, answered) = oneshot::channel();
        self.send(Work::One(append, answer), room)?;
        answered.await.map_err(|_| self.gone())?
    }

    /// Has several appends done, in order, each for itself.
    pub async fn append_each(&self, appends: Vec<Append>) -> Vec<Answer> {
        let mut appends = appends.into_iter();
        let mut waiting = Vec::new();
        while !appends.as_slice().is_empty() {
            let bulk: Vec<_> = appends.by_ref().take(BULK).collect();
            let count = bulk.len();
            let (answer, answered) = oneshot::channel();
            let sent = match self
                .room(bulk.iter().map(|append| append.submissions.len()).sum())
                .await
            {
                Ok(room) => self.send(Work::Each(bulk, answer), room),
                Err(closed) => Err(closed),
            };
            waiting.push((count, sent.is_ok().then_some(answered)));
        }
        let mut answers = Vec::new();
        for (count, answered) in waiting {
            match answered {
                Some(answered) => match answered.await {
                    Ok(answer) => answers.extend(answer),
                    Err(_) => answers.extend((0..count).map(|_| Err(self.gone()))),
                },
                None => answers.extend((0..count).map(|_| Err(self.gone()))),
            }
        }
        answers
    }

    /// Has the log taken to this instant, in microseconds since 1970; answers its head.
    pub async fn reach(&self, instant: i64) -> Result<HeadRow, LogError> {
        let closed = || LogError::Unavailable("the log is closed".into());
        let (answer, answered) = oneshot::channel();
        let sent = self
            .reaches
            .send(Reach {
                instant,
                answer,
                _wait: self.notes.wait(),
            })
            .await;
        sent.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// How the writing goes.
    pub fn writing(&self) -> Writing {
        self.notes.told()
    }

    /// Lets nobody in any more. What is in the queue will still be done.
    pub fn close(&self) {
        self.room.close();
        let _ = self.calls.send(Message::Close);
    }

    async fn room(&self, events: usize) -> Result<OwnedSemaphorePermit, Rejection> {
        let events = u32::try_from(events.clamp(1, self.limit)).unwrap_or(u32::MAX);
        self.room
            .clone()
            .acquire_many_owned(events)
            .await
            .map_err(|_| self.gone())
    }

    /// Why nobody answers: the log is closed, or else the sequencer has ended by a fault.
    fn gone(&self) -> Rejection {
        if self.room.is_closed() {
            return Rejection::Closed;
        }
        Rejection::Unavailable(LogError::OutcomeUnknown(
            "what decides and writes has ended by a fault of the program".into(),
        ))
    }

    fn send(&self, work: Work, room: OwnedSemaphorePermit) -> Result<(), Rejection> {
        let call = Call {
            work,
            _room: room,
            _wait: self.notes.wait(),
        };
        self.calls.send(Message::Call(call)).map_err(|_| self.gone())
    }
}

impl Call {
    pub fn appends(&self) -> &[Append] {
        match &self.work {
            Work::One(append, _) => slice::from_ref(append),
            Work::Each(appends, _) => appends,
        }
    }

    /// How many events it brings.
    pub fn events(&self) -> usize {
        self.appends().iter().map(|append| append.submissions.len()).sum()
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_abandoned(&self) -> bool {
        match &self.work {
            Work::One(_, answer) => answer.is_closed(),
            Work::Each(_, answer) => answer.is_closed(),
        }
    }
}

/// Where the answers of a group are left: a task in the callers' runtime hands them out, so that whoever leaves them
/// wakes one task of another thread and not every caller.
#[derive(Clone)]
pub(crate) struct Answers(UnboundedSender<(Vec<Call>, Vec<Answer>)>);

impl Answers {
    /// Starts the task in the current runtime. It ends with the sequencer.
    pub fn start(supervisor: &Supervisor) -> Answers {
        let (answers, mut given) = unbounded_channel::<(Vec<Call>, Vec<Answer>)>();
        tokio::spawn(supervisor.task("log-answers", async move {
            while let Some((calls, answers)) = given.recv().await {
                let mut answers = answers.into_iter();
                for call in calls {
                    match call.work {
                        Work::One(_, caller) => {
                            let answer = answers.next().expect("one answer an append");
                            let _ = caller.send(answer);
                        }
                        Work::Each(appends, caller) => {
                            let _ = caller.send(answers.by_ref().take(appends.len()).collect());
                        }
                    }
                }
            }
        }));
        Answers(answers)
    }

    /// Answers every append of these calls, in order.
    pub fn give(&self, calls: Vec<Call>, answers: Vec<Answer>) {
        // If the callers' runtime is gone, so are the callers.
        let _ = self.0.send((calls, answers));
    }
}
