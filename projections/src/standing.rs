//! Where each view stands, as this process knows it: told by its own projector, or read from the database.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parcours_log::Entry;
use parcours_log::tree::Hash;
use serde::Serialize;
use tokio::sync::watch;

use crate::ViewError;
use crate::store::{Generation, Noted, State};
use crate::view::View;

/// What a view is doing, for `health` and `metrics`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ViewStatus {
    /// The view.
    pub name: &'static str,
    /// The version this program has.
    pub version: u32,
    /// The number of entries digested by the generation that answers.
    pub checkpoint: u64,
    /// Whether there is a generation that answers.
    pub answers: bool,
    /// The positions of the entries that it passes over on the word of an operator, in order; of this log or of one that
    /// stood here before it.
    pub passed_over: Vec<u64>,
    /// What is going on.
    #[serde(flatten)]
    pub state: ViewState,
}

/// What is going on with a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ViewState {
    /// Nothing is known yet, or nobody has built it yet.
    Starting,
    /// This process follows the log with it.
    Live,
    /// Another process follows the log with it.
    Standby,
    /// This process rebuilds it. A generation may be answering meanwhile.
    Rebuilding {
        /// Entries read.
        done: u64,
        /// Entries to read.
        total: u64,
    },
    /// An event stops it. It answers as of its checkpoint, and tries again now and then.
    Stopped {
        /// Where the event stands.
        position: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Its database, or the log, does not do what it must. It answers as of its checkpoint if it can, and tries again.
    Failing {
        /// What is wrong.
        detail: String,
    },
    /// What it has digested is another history than the log's. It does not answer, and is rebuilt.
    Diverged {
        /// How that comes, and what is done about it.
        detail: String,
    },
    /// The views' file was removed or exchanged under this program, or is damaged. It answers when the program is started
    /// again, of a damaged one once that is out of the way.
    Lost {
        /// What happened, and what to do.
        detail: String,
    },
    /// A newer version of the program has taken the view over. This one reads it as well as it can, and leaves it alone;
    /// a rebuild that somebody asks for would take it back.
    Newer {
        /// The version that is live.
        version: u32,
    },
}

/// Where one view stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The generation that answers.
    pub generation: Option<i64>,
    /// The last one that was found to be of another history than the log: neither it nor one before it answers.
    pub diverged: Option<i64>,
    /// Its version.
    pub version: u32,
    /// The number of entries it has digested.
    pub checkpoint: u64,
    /// What this process does with it; rebuilding aside.
    pub state: ViewState,
    /// The progress of a rebuild in this process.
    pub rebuild: Option<(u64, u64)>,
    /// Where the entries stood that it is to pass over, and their leaf hashes: none, if only the position is known.
    pub passed_over: Arc<BTreeMap<u64, Option<Hash>>>,
}

impl Standing {
    fn is_lost(&self) -> bool {
        matches!(self.state, ViewState::Lost { .. })
    }

    /// Whether the version of the view that this program has made something of the entry.
    pub fn has_digested(&self, view: &View, entry: &Entry) -> bool {
        let passed = self.passed_over.get(&entry.position);
        let passes = passed.is_some_and(|leaf| leaf.is_none_or(|leaf| leaf == entry.end().leaf));
        self.version == view.version && self.checkpoint > entry.position && !passes
    }
}

/// The standings of all views.
pub(crate) struct Board {
    views: Vec<(&'static View, watch::Sender<Standing>)>,
    /// How many wait for a view to come further.
    waiting: AtomicUsize,
}

/// Waits for a view to come further, until it is dropped.
pub(crate) struct Waiting<'a>(&'a Board);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Board {
    pub fn new(views: &[&'static View]) -> Self {
        let unknown = Standing {
            generation: None,
            diverged: None,
            version: 0,
            checkpoint: 0,
            state: ViewState::Starting,
            rebuild: None,
            passed_over: Arc::default(),
        };
        let views = views
            .iter()
            .map(|view| (*view, watch::Sender::new(unknown.clone())));
        Board {
            views: views.collect(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Says that somebody waits for a view to come further.
    pub fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// Whether somebody waits for a view to come further.
    pub fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// The view of this name, and its standing.
    pub fn find(&self, name: &str) -> Option<(&'static View, &watch::Sender<Standing>)> {
        self.views
            .iter()
            .find(|(view, _)| view.name == name)
            .map(|(view, standing)| (*view, standing))
    }

    /// The standing of a view of this board.
    pub fn of(&self, view: &View) -> &watch::Sender<Standing> {
        self.find(view.name)
            .expect("a view is asked of the board that it is on")
            .1
    }

    /// Every view, and its standing.
    pub fn all(&self) -> impl Iterator<Item = (&'static View, &watch::Sender<Standing>)> {
        self.views.iter().map(|(view, standing)| (*view, standing))
    }

    /// A live generation was seen at a checkpoint. What was seen earlier and is told late changes nothing: generations
    /// and their checkpoints only grow.
    pub fn saw(&self, seen: &Generation) {
        let Some((_, standing)) = self.find(&seen.view).filter(|_| seen.state == State::Live) else {
            return;
        };
        standing.send_if_modified(|known| {
            let newer = (known.generation, known.checkpoint) < (Some(seen.number), seen.checkpoint)
                && known.diverged < Some(seen.number);
            if newer {
                if matches!(known.state, ViewState::Diverged { .. }) {
                    known.state = ViewState::Starting;
                }
                known.generation = Some(seen.number);
                known.version = seen.version;
                known.checkpoint = seen.checkpoint;
            }
            newer
        });
    }

    /// A live generation was found to be of another history than the log's: it answers no more.
    pub fn diverged(&self, view: &View, generation: &Generation) {
        let detail = format!(
            "it has digested {} entries of another history than the log's: {}. It does not answer until it is rebuilt, \
             which whoever keeps the views up to date does by itself",
            generation.checkpoint,
            ViewError::DIVERGED
        );
        self.of(view).send_if_modified(|known| {
            if known.diverged >= Some(generation.number) {
                return false;
            }
            tracing::error!(
                view = view.name,
                detail,
                "a view is of another history than the log"
            );
            known.generation = None;
            known.checkpoint = 0;
            known.diverged = Some(generation.number);
            known.state = ViewState::Diverged { detail };
            true
        });
    }

    /// Nothing is known of any view any more, and will not be before the next start.
    pub fn lost(&self, why: &ViewError) {
        if self.all().any(|(_, standing)| !standing.borrow().is_lost()) {
            tracing::error!("{why}");
        }
        for (_, standing) in self.all() {
            standing.send_if_modified(|known| {
                if known.is_lost() {
                    return false;
                }
                known.generation = None;
                known.checkpoint = 0;
                known.diverged = Some(i64::MAX);
                known.state = ViewState::Lost {
                    detail: why.to_string(),
                };
                true
            });
        }
    }

    /// Following has failed. What says more of it stays: that the view is of another history, or that its file is gone.
    pub fn failing(&self, view: &View, error: &ViewError) {
        let told = |state: &ViewState| matches!(state, ViewState::Diverged { .. } | ViewState::Lost { .. });
        self.of(view).send_if_modified(|known| {
            let more = !told(&known.state);
            if more {
                let detail = error.to_string();
                known.state = ViewState::Failing { detail };
            }
            more
        });
    }

    /// This process does something else with the view now.
    pub fn state(&self, view: &View, state: ViewState) {
        self.of(view).send_if_modified(|known| {
            let other = known.state != state && !known.is_lost();
            if other {
                known.state = state;
            }
            other
        });
    }

    /// A rebuild of the view has come so far, or has ended.
    pub fn rebuild(&self, view: &View, progress: Option<(u64, u64)>) {
        self.of(view).send_modify(|known| known.rebuild = progress);
    }

    /// What the view is to pass over, as far as it is noted.
    pub fn passed_over(&self, view: &View) -> Arc<BTreeMap<u64, Option<Hash>>> {
        self.of(view).borrow().passed_over.clone()
    }

    /// Views pass these entries over, as the database says. What is passed over once is for ever.
    pub fn passes_over(&self, noted: Vec<Noted>) {
        let mut all: HashMap<String, BTreeMap<u64, Option<Hash>>> = HashMap::new();
        for Noted { view, position, leaf } in noted {
            all.entry(view).or_default().insert(position, leaf);
        }
        for (view, passed) in all {
            let Some((_, standing)) = self.find(&view) else {
                continue;
            };
            standing.send_if_modified(|known| {
                let other = *known.passed_over != passed;
                if other {
                    known.passed_over = Arc::new(passed);
                }
                other
            });
        }
    }

    /// The states of all views.
    pub fn status(&self) -> Vec<ViewStatus> {
        let status = |(view, standing): (&View, &watch::Sender<Standing>)| {
            let known = standing.borrow();
            let state = match (&known.state, known.rebuild) {
                (ViewState::Stopped { .. } | ViewState::Diverged { .. } | ViewState::Lost { .. }, _)
                | (_, None) => known.state.clone(),
                (_, Some((done, total))) => ViewState::Rebuilding { done, total },
            };
            let (checkpoint, answers) = (known.checkpoint, known.generation.is_some());
            ViewStatus {
                name: view.name,
                version: view.version,
                checkpoint,
                answers,
                passed_over: known.passed_over.keys().copied().collect(),
                state,
            }
        };
        self.all().map(status).collect()
    }
}

#[cfg(test)]
mod tests {
    use parcours_log::Anchor;

    use super::*;
    use crate::view::Output;

    static TOY: View = View {
        name: "toy",
        version: 2,
        tables: &[],
        streams: &[],
        fold: |_| Ok(Output::new()),
        replaces: false,
        running: &[],
    };

    fn seen(number: i64, checkpoint: u64, state: State) -> Generation {
        Generation {
            checkpoint,
            state,
            ..Generation::new(&TOY, number, Anchor::start(), |_, _| String::new())
        }
    }

    #[test]
    fn what_is_told_late_takes_nothing_back() {
        let board = Board::new(&[&TOY]);
        board.saw(&seen(2, 10, State::Live));
        board.saw(&seen(1, 99, State::Live));
        board.saw(&seen(2, 9, State::Live));
        board.saw(&seen(3, 99, State::CatchingUp));
        let known = board.of(&TOY).borrow().clone();
        assert_eq!((known.generation, known.checkpoint), (Some(2), 10));
    }

    #[test]
    fn a_generation_of_another_history_answers_no_more_and_the_next_one_does() {
        let board = Board::new(&[&TOY]);
        board.saw(&seen(2, 10, State::Live));
        board.diverged(&TOY, &seen(2, 10, State::Live));
        board.saw(&seen(2, 11, State::Live));
        board.rebuild(&TOY, Some((1, 2)));
        let status = board.status().remove(0);
        assert!(!status.answers && status.checkpoint == 0, "{status:?}");
        assert!(
            matches!(&status.state, ViewState::Diverged { detail } if detail.contains("10 entries")),
            "{status:?}"
        );
        board.saw(&seen(3, 4, State::Live));
        board.rebuild(&TOY, None);
        let status = board.status().remove(0);
        assert_eq!(
            (status.answers, status.checkpoint, status.state),
            (true, 4, ViewState::Starting)
        );
    }

    #[test]
    fn a_view_that_is_stopped_says_so_even_while_it_is_rebuilt() {
        let board = Board::new(&[&TOY]);
        board.rebuild(&TOY, Some((1, 2)));
        assert_eq!(
            board.status()[0].state,
            ViewState::Rebuilding { done: 1, total: 2 }
        );
        let stopped = ViewState::Stopped {
            position: 7,
            detail: "odd".into(),
        };
        board.state(&TOY, stopped.clone());
        assert_eq!(board.status()[0].state, stopped);
    }
}
