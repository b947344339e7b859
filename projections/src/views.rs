//! The handle that everybody holds who reads views.

use std::sync::Arc;
use std::time::Duration;

use parcours_log::supervision::Supervisor;
use parcours_log::trouble::Trouble;
use parcours_log::{Location, Log};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::ViewError;
use crate::protection::RecordKeys;
use crate::reader::{Named, Reader};
use crate::shared::Shared;
use crate::standing::{Board, Standing, ViewState, ViewStatus};
use crate::store;
use crate::view::View;
use crate::{cohorts, territory};

/// Between two looks at what other processes do with the views.
const POLL: Duration = Duration::from_millis(500);
/// The same, while somebody waits for it.
const PRESSING_POLL: Duration = Duration::from_millis(20);

/// What may be set.
#[derive(Clone, Debug)]
pub struct ViewsOptions {
    /// The views there are.
    pub views: Vec<&'static View>,
    /// Hears of tasks of the views that end by a fault: that of the log beside them.
    pub supervisor: Supervisor,
    /// Cancelled when whoever opens the views begins to stop: then no answer of PostgreSQL is waited for any longer than a
    /// moment.
    pub stop: CancellationToken,
    /// With which figures can be protected; without, they are exact only.
    pub record_keys: Option<RecordKeys>,
}

impl Default for ViewsOptions {
    fn default() -> Self {
        Self {
            views: crate::VIEWS.to_vec(),
            supervisor: Supervisor::default(),
            stop: CancellationToken::new(),
            record_keys: None,
        }
    }
}

/// The views' database, open. Clones are the same.
#[derive(Clone)]
pub struct Views(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub shared: Arc<Shared>,
    pub territory: territory::Memory,
    pub cohorts: cohorts::Memory,
    /// None where nobody waits for what comes.
    poller: Option<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(poller) = &self.poller {
            poller.abort();
        }
    }
}

impl Views {
    /// Opens the views' database, makes it if it is missing, and brings its schema up to date. The tables themselves
    /// are made by a [`Projector`](crate::Projector) or by [`rebuild`](crate::rebuild()).
    pub async fn open(location: &Location, options: ViewsOptions) -> Result<Views, ViewError> {
        let shared = Arc::new(Shared {
            store: store::open(location, &options.supervisor, &options.stop).await?,
            board: Board::new(&options.views),
        });
        shared.refresh().await?;
        let polled = Arc::downgrade(&shared);
        let poller = tokio::spawn(options.supervisor.task("views-poller", async move {
            let trouble = Trouble::new("views", "where the views stand cannot be read");
            loop {
                tokio::time::sleep(POLL).await;
                let Some(shared) = polled.upgrade() else { return };
                match shared.refresh().await {
                    Ok(()) => trouble.over(),
                    Err(error) if error.is_for_good() => return shared.board.lost(&error),
                    Err(error) => trouble.met(&error),
                }
            }
        }));
        let poller = Some(poller);
        Ok(Views(Arc::new(Inner {
            shared,
            territory: territory::Memory::new(options.record_keys.clone()),
            cohorts: cohorts::Memory::new(options.record_keys),
            poller,
        })))
    }

    /// Opens the views' database to look into it, as it is at this moment: what lies where nothing can be written, too.
    pub async fn read(location: &Location, options: ViewsOptions) -> Result<Views, ViewError> {
        let shared = Arc::new(Shared {
            store: store::look(location, &options.stop).await?,
            board: Board::new(&options.views),
        });
        shared.refresh().await?;
        Ok(Views(Arc::new(Inner {
            shared,
            territory: territory::Memory::new(options.record_keys.clone()),
            cohorts: cohorts::Memory::new(options.record_keys),
            poller: None,
        })))
    }

    /// Reads the views' tables.
    pub fn reader(&self) -> Reader {
        Reader::new(self.0.shared.clone())
    }

    /// Whether figures can be told with the noise that protects who is in them.
    pub fn can_protect(&self) -> bool {
        self.0.territory.can_protect()
    }

    /// The number of entries that the view's live generation has digested; 0 if there is none, or no such view.
    pub fn checkpoint(&self, view: &str) -> u64 {
        self.0
            .shared
            .board
            .find(view)
            .map_or(0, |(_, standing)| standing.borrow().checkpoint)
    }

    /// What each view is doing.
    pub fn status(&self) -> Vec<ViewStatus> {
        self.0.shared.board.status()
    }

    /// Has views that know of another history than this log's answer no more, until they are rebuilt: what they answer is
    /// not so.
    pub async fn must_follow(&self, log: &Log) -> Result<(), ViewError> {
        self.0.shared.compare(log).await
    }

    /// Has those of these views whose way it is in pass the entry at `position` over, from now on and for ever, and answers
    /// their names. Refused if it is in the way of none: what a view has digested is not taken out of it again.
    pub async fn pass_over(
        &self,
        log: &Log,
        names: &[&str],
        position: u64,
    ) -> Result<Vec<&'static str>, ViewError> {
        let shared = &self.0.shared;
        shared.refresh().await?;
        let entry = log.read(position, 1).await?.into_iter().next();
        let refused = |detail| ViewError::NothingToPassOver { position, detail };
        let entry = entry.ok_or_else(|| refused(format!("the log has {} entries", log.size())))?;
        let (mut passing, mut others) = (Vec::new(), Vec::new());
        for name in names {
            let (view, standing) = self.find(name)?;
            let standing = standing.borrow();
            if !view.listens(entry.stream.kind) {
                others.push(format!("the view {name:?} does not look at {}", entry.stream));
            } else if standing.has_digested(view, &entry) {
                others.push(format!("the view {name:?} has digested it"));
            } else {
                passing.push(view);
            }
        }
        if passing.is_empty() {
            return Err(refused(others.join(", ")));
        }
        let mut writer = shared.store.writer().await?;
        for view in &passing {
            writer.pass_over(view, position, entry.end().leaf).await?;
            let (view, stream) = (view.name, entry.stream);
            tracing::warn!(view, position, %stream, "a view passes an entry over from now on");
        }
        shared.refresh().await?;
        Ok(passing.iter().map(|view| view.name).collect())
    }

    /// Waits until the view has digested the entry at `position`; no longer than `limit`, then
    /// [`ViewError::Behind`] says how far it is. Views that are behind begin to catch up at once.
    pub async fn wait_for(&self, view: &str, position: u64, limit: Duration) -> Result<(), ViewError> {
        let _waiting = self.0.shared.board.wait();
        self.comes_to(view, position, limit).await
    }

    /// The same, for whoever has time: views that are behind are not hurried.
    pub async fn comes_to(&self, view: &str, position: u64, limit: Duration) -> Result<(), ViewError> {
        let (_, standing) = self.find(view)?;
        let mut standing = standing.subscribe();
        let until = Instant::now() + limit;
        let digested = |known: &Standing| known.generation.is_some() && known.checkpoint > position;
        while !digested(&standing.borrow_and_update()) {
            let here = matches!(standing.borrow().state, ViewState::Live);
            let look = Instant::now() + if here { POLL } else { PRESSING_POLL };
            if timeout_at(look.min(until), standing.changed()).await.is_ok() {
                continue;
            }
            self.0.shared.refresh().await?;
            if Instant::now() >= until && !digested(&standing.borrow()) {
                return Err(ViewError::Behind {
                    checkpoint: standing.borrow().checkpoint,
                });
            }
        }
        Ok(())
    }

    /// SHA-256 over all rows of the view in the order of their keys. Equal digests are equal bytes, in whichever
    /// database, by whichever way they came there. Reads the whole view.
    pub async fn digest(&self, view: &str) -> Result<[u8; 32], ViewError> {
        let (view, _) = self.find(view)?;
        let tables: Vec<_> = view.tables.iter().map(Named::Table).collect();
        let digest = |names: Vec<String>| {
            let tables = view.tables.iter().zip(names).collect();
            self.0.shared.store.digest(tables)
        };
        self.reader().on_live(&tables, digest).await
    }

    fn find(&self, view: &str) -> Result<(&'static View, &tokio::sync::watch::Sender<Standing>), ViewError> {
        self.0
            .shared
            .board
            .find(view)
            .ok_or_else(|| ViewError::Unknown(view.into()))
    }
}
