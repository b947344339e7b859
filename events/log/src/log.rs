//! The handle that everybody holds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use parcours_model::StreamId;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::sequencer::Sequencer;
use crate::sequencer::queue::{Answers, Queue};
use crate::store::ScanRange;
use crate::store::index::shelf::Shelf;
use crate::store::index::{Index, Settings};
use crate::store::postgres;
use crate::store::postgres::listen::Listen;
use crate::store::postgres::loader::PostgresLoader;
use crate::store::postgres::reader::PostgresReader;
use crate::store::postgres::writer::PostgresWriter;
use crate::store::sqlite::loader::SqliteLoader;
use crate::store::sqlite::reader::SqliteReader;
use crate::store::sqlite::shelf::SqliteShelf;
use crate::store::sqlite::watch::Watch;
use crate::store::sqlite::writer::SqliteWriter;
use crate::store::watched::{Damage, Watched};
use crate::store::{Loader, Reader, Writer};
use crate::supervision::Supervisor;
use crate::tail::Tail;
use crate::{
    Anchor, Append, Clock, Entry, Follower, Head, LogError, LogReader, Receipt, Rejection, StreamCursor,
    StreamScan, Writing,
};

/// Where a log is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In this file, with SQLite's own beside it. Made if it is missing.
    Sqlite(PathBuf),
    /// In the database of this URL, in the schema `parcours_log`. Made if it is missing.
    Postgres(String),
}

/// What may be set; the defaults suit a small machine.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes of histories the sequencer keeps in memory: about 200 for each event of a stream at rest.
    pub history_bytes: usize,
    /// Bytes of what it keeps of sessions: about 80 for each place taken.
    pub session_bytes: usize,
    /// Bytes of recent entries kept for followers.
    pub recent_bytes: usize,
    /// Events that may wait for the sequencer; whoever brings more waits.
    pub queue: usize,
    /// Events after which a group is full.
    pub group: usize,
    /// How long to wait for the lock of another process on a SQLite file.
    pub patience: Duration,
    /// Entries after which the index of the log writes a run; until then they are indexed in memory.
    pub run: usize,
    /// What the rules and the recorded times go by.
    pub clock: Clock,
    /// Hears of threads of the log that end by a fault.
    pub supervisor: Supervisor,
    /// Cancelled when whoever opens the log begins to stop: then no answer of PostgreSQL is waited for any longer than a
    /// moment.
    pub stop: CancellationToken,
    /// Bits of an event's name by which the index finds it, at most 64. All who open a log must agree on it.
    pub name_bits: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            history_bytes: 80 << 20,
            session_bytes: 32 << 20,
            recent_bytes: 8 << 20,
            queue: 4096,
            group: 1024,
            patience: Duration::from_secs(10),
            run: 1 << 16,
            clock: Clock::default(),
            supervisor: Supervisor::default(),
            stop: CancellationToken::new(),
            name_bits: 64,
        }
    }
}

/// A log, open. Clones are the same log; it closes by itself when the last one goes.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    queue: Queue,
    tail: Tail,
    reader: Arc<dyn Reader>,
    /// Becomes true when the sequencer has let go of the database.
    stopped: watch::Receiver<bool>,
    supervisor: Supervisor,
    damage: Damage,
    stopping: CancellationToken,
    /// Cancelled with it, or to have the sequencer alone wait for the database no longer.
    closing: CancellationToken,
    others: Others,
}

/// What notices the commits of other processes; stops when dropped.
enum Others {
    Sqlite { _watch: Watch, file: PathBuf },
    Postgres { _listen: Listen },
}

impl Log {
    /// Opens a log, makes it if there is none, and brings its schema up to date.
    pub async fn open(location: &Location, options: Options) -> Result<Log, LogError> {
        let index = Arc::new(Index::new(Settings {
            run: options.run,
            name_bits: options.name_bits,
        }));
        let supervisor = options.supervisor.clone();
        let damage = Damage::default();
        let stops = Stops::of(&options.stop);
        match location.clone() {
            Location::Sqlite(file) => {
                let [written, loaded, kept] = [(); 3].map(|()| file.clone());
                let (loading, patience) = (index.clone(), options.patience);
                let moving = supervisor.clone();
                let parts = start(
                    options,
                    index.clone(),
                    async move || SqliteWriter::open(&written, patience, &moving),
                    move || SqliteLoader::open(&loaded, loading),
                    move || SqliteShelf::open(&kept),
                )
                .await?;
                let watch = Watch::start(&file, parts.tail.clone(), damage.clone(), &supervisor)?;
                Ok(Log::assemble(
                    parts,
                    supervisor,
                    damage,
                    stops,
                    SqliteReader::new(&file, index)?,
                    Others::Sqlite { _watch: watch, file },
                ))
            }
            Location::Postgres(url) => {
                let door = postgres::door(&url, &options.stop)?;
                let reader = PostgresReader::new(door.clone(), index.clone());
                let [written, loaded, kept] = [(); 3].map(|()| door.stopped_by(&stops.closing));
                let (loading, keeping) = (index.clone(), index.clone());
                let parts = start(
                    options,
                    index,
                    async move || PostgresWriter::open(written).await,
                    move || Ok(PostgresLoader::new(loaded, loading)),
                    move || Ok(PostgresReader::new(kept, keeping)),
                )
                .await?;
                let listen = Listen::start(door, parts.tail.clone(), damage.clone(), &supervisor);
                Ok(Log::assemble(
                    parts,
                    supervisor,
                    damage,
                    stops,
                    reader,
                    Others::Postgres { _listen: listen },
                ))
            }
        }
    }

    fn assemble(
        Parts { queue, tail, stopped }: Parts,
        supervisor: Supervisor,
        damage: Damage,
        Stops { stopping, closing }: Stops,
        reader: impl Reader,
        others: Others,
    ) -> Log {
        let reader = Arc::new(Watched {
            reader,
            damage: damage.clone(),
        });
        Log(Arc::new(Inner {
            supervisor,
            damage,
            stopping,
            closing,
            queue,
            tail,
            reader,
            stopped,
            others,
        }))
    }

    /// Appends all of these events, or none. Answers when they are on disk, with one receipt an event given.
    /// A caller that stops waiting does no harm: its append is then done or not done, but never in part.
    pub async fn append(&self, append: Append) -> Result<Vec<Receipt>, Rejection> {
        self.still_the_same()?;
        let answer = self.0.queue.append(append).await;
        self.note(&answer);
        answer
    }

    /// Appends in bulk: each for itself as [`Log::append`] does, in this order, one answer each.
    pub async fn append_each(&self, appends: Vec<Append>) -> Vec<Result<Vec<Receipt>, Rejection>> {
        if let Err(replaced) = self.still_the_same() {
            return appends
                .iter()
                .map(|_| Err(Rejection::Unavailable(replaced.clone())))
                .collect();
        }
        let answers = self.0.queue.append_each(appends).await;
        answers.iter().for_each(|answer| self.note(answer));
        answers
    }

    fn note(&self, answer: &Result<Vec<Receipt>, Rejection>) {
        if let Err(Rejection::Unavailable(error)) = answer {
            self.0.damage.note(error);
        }
    }

    /// Fails once the log is known to be no longer the one that was opened: it is to be opened again.
    pub fn still_the_same(&self) -> Result<(), LogError> {
        self.0.damage.still_the_same()
    }

    /// What of the log was found to be damaged, if anything was, or how it was replaced while it was open: to be looked at by
    /// a person, with a backup at hand.
    pub fn damage(&self) -> Option<&str> {
        self.0.damage.found()
    }

    /// Bytes that are free where the log is kept, for whoever runs this program; `None` where that cannot be told: a
    /// database on a server.
    pub fn free_space(&self) -> Option<u64> {
        let Others::Sqlite { file, .. } = &self.0.others else {
            return None;
        };
        let told = rustix::fs::statvfs(file.parent()?).ok()?;
        Some(told.f_bavail.saturating_mul(told.f_frsize))
    }

    /// What this process last wrote, and who waits for it.
    pub fn writing(&self) -> Writing {
        self.0.queue.writing()
    }

    /// The number of entries known to be committed, without a question to the database. Commits of other
    /// processes become known within a moment.
    pub fn size(&self) -> u64 {
        self.0.tail.size()
    }

    /// The last place that the log is known to have: [`size`](Log::size) entries, and which is the last of them.
    pub fn end(&self) -> Anchor {
        self.0.tail.end()
    }

    /// The size, the time and the root of the log as the database has it now.
    pub async fn head(&self) -> Result<Head, LogError> {
        self.reader().head().await
    }

    /// Takes the log to this instant, or to the present if that is earlier: when it answers, every later entry, of
    /// whichever process, is recorded at or after it, as if the log had an entry of that instant. Answers the head.
    /// An earlier instant changes nothing, and writes nothing.
    pub async fn reach(&self, instant: DateTime<Utc>) -> Result<Head, LogError> {
        self.still_the_same()?;
        let instant = instant.min(Utc::now()).timestamp_micros();
        let reached = self.0.damage.noted(self.0.queue.reach(instant).await)?;
        Ok(Head::of(&reached))
    }

    /// The place after the first `size` entries, to be kept by whoever must find out later whether the log is still the
    /// same; `None` if it has fewer.
    pub async fn anchor(&self, size: u64) -> Result<Option<Anchor>, LogError> {
        let Some(last) = size.checked_sub(1) else {
            return Ok(Some(Anchor::start()));
        };
        let leaf = self.0.reader.leaf(last).await?;
        Ok(leaf.map(|leaf| Anchor { size, leaf }))
    }

    /// Whether the log, as the database has it now, has this place: if not, whoever kept it was told of a history that is
    /// not this log's.
    pub async fn has(&self, anchor: Anchor) -> Result<bool, LogError> {
        match anchor.last() {
            Some(last) => Ok(anchor.is_held(self.0.reader.leaf(last).await?)),
            None => Ok(true),
        }
    }

    /// When the entry at this position was recorded; `None` if there is none.
    pub async fn recorded(&self, position: u64) -> Result<Option<DateTime<Utc>>, LogError> {
        self.still_the_same()?;
        let entries = match self.0.tail.read(position, 1) {
            Some(entries) => entries,
            None => self.0.reader.read(position, 1).await?,
        };
        entries.first().map(Entry::recorded).transpose()
    }

    /// The same log, for who only reads it.
    pub fn reader(&self) -> LogReader {
        LogReader(self.0.reader.clone())
    }

    /// The entries from position `from` on: at most `limit`, fewer when they are large, none only at the end.
    pub async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.reader().read(from, limit).await
    }

    /// The entries of a stream in order of revision; only those at positions below `below`, if it is given.
    pub async fn stream(&self, id: StreamId, below: Option<u64>) -> Result<Vec<Entry>, LogError> {
        self.reader().stream(id, below).await
    }

    /// The entries of a stream from the one after revision `after` on, at positions below `below`: at most `limit`, fewer
    /// when they are large, none only at the end. A stream of any length is read so in bounded memory.
    pub async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.0.reader.stream_page(id, after, below, limit.max(1)).await
    }

    /// The entries of several streams at positions below `below`, in one question: one answer each, in the order asked.
    pub async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError> {
        self.0.reader.streams(ids, below).await
    }

    /// Begins to read all streams, one after another, as they were when the log had `below` entries.
    pub fn scan_streams(&self, after: Option<StreamCursor>, below: u64) -> StreamScan {
        StreamScan::new(
            self.0.reader.clone(),
            ScanRange {
                after,
                until: None,
                below,
            },
        )
    }

    /// As [`Log::scan_streams`], up to and with the stream at `until`: for several scans side by side.
    pub fn scan_streams_until(
        &self,
        after: Option<StreamCursor>,
        until: StreamCursor,
        below: u64,
    ) -> StreamScan {
        StreamScan::new(
            self.0.reader.clone(),
            ScanRange {
                after,
                until: Some(until),
                below,
            },
        )
    }

    /// The cursor after the last stream that has begun; `None` while there is none. Cursors are numbered from 0
    /// without gaps, which is how the streams can be shared out.
    pub async fn last_stream(&self) -> Result<Option<StreamCursor>, LogError> {
        Ok(self
            .0
            .reader
            .head()
            .await?
            .streams
            .checked_sub(1)
            .map(StreamCursor))
    }

    /// Follows the log from position `from` on.
    pub fn follow(&self, from: u64) -> Follower {
        let (reader, tail) = (self.0.reader.clone(), self.0.tail.clone());
        Follower::new(reader, tail, self.0.damage.clone(), from)
    }

    /// Follows the log from this place on, which it was seen to have ([`Log::has`]). If it has it no longer, it was replaced.
    pub fn follow_after(&self, anchor: Anchor) -> Follower {
        self.follow(anchor.size).after(anchor)
    }

    /// How many entries were recorded at or before `instant`.
    pub async fn size_at(&self, instant: DateTime<Utc>) -> Result<u64, LogError> {
        self.reader().size_at(instant).await
    }

    /// Hears of the log's threads that end by a fault, and of whatever else works for whoever has this log open.
    pub fn supervisor(&self) -> &Supervisor {
        &self.0.supervisor
    }

    /// Cancelled when whoever opened the log begins to stop ([`Options::stop`]): for what works beside it, to stop with it.
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// Takes no more appends, finishes those that are queued, and lets go of the writing connection. A database that does
    /// not answer is waited for no longer than a moment: what becomes of these appends is not known then.
    /// Reading and following go on.
    pub async fn close(&self) {
        self.0.queue.close();
        self.0.closing.cancel();
        // An error means that the sequencer's thread is gone, and so is what it held.
        let _ = self.0.stopped.clone().wait_for(|stopped| *stopped).await;
    }
}

/// What has the log wait for the database no longer: whole, or only what writes.
struct Stops {
    stopping: CancellationToken,
    closing: CancellationToken,
}

impl Stops {
    fn of(stop: &CancellationToken) -> Stops {
        Stops {
            stopping: stop.clone(),
            closing: stop.child_token(),
        }
    }
}

/// What a started sequencer leaves with the handle.
struct Parts {
    queue: Queue,
    tail: Tail,
    stopped: watch::Receiver<bool>,
}

/// Starts a sequencer on a thread of its own, with a small runtime of its own: an adapter may block it, and its
/// connection is driven by nobody else.
async fn start<W: Writer, L: Loader, S: Shelf>(
    options: Options,
    index: Arc<Index>,
    writer: impl AsyncFnOnce() -> Result<W, LogError> + Send + 'static,
    loader: impl FnOnce() -> Result<L, LogError> + Send + 'static,
    shelf: impl FnOnce() -> Result<S, LogError> + Send + 'static,
) -> Result<Parts, LogError> {
    let (queue, calls) = Queue::new(options.queue);
    let supervisor = options.supervisor.clone();
    let answers = Answers::start(&supervisor);
    let (started, starting) = oneshot::channel();
    let (stopping, stopped) = watch::channel(false);
    let work = move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(started.send(Err(LogError::unavailable(&error)))),
        };
        runtime.block_on(async {
            match Sequencer::open(writer, loader, shelf, index, calls, answers, &options).await {
                Ok(sequencer) => {
                    let _ = started.send(Ok(sequencer.tail()));
                    sequencer.run().await;
                }
                Err(error) => drop(started.send(Err(error))),
            }
        });
        let _ = stopping.send(true);
    };
    let begun = supervisor.thread("log-sequencer", work);
    begun.map_err(|error| LogError::unavailable(&error))?;
    let died = |_| LogError::Unavailable("the sequencer's thread ended as it began".into());
    let tail = starting.await.map_err(died)??;
    Ok(Parts { queue, tail, stopped })
}
