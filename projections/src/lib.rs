//! The views over the log, live and rebuilt by the same fold.
//!
//! - [`View`]: tables, and one pure function of one stream's history. One file a view.
//! - [`Running`]: the same function for streams that everybody writes, one record after another.
//! - [`Views`]: the views' database: answers, where each view stands, [`Reader`] for the views' own files.
//! - [`Projector`]: follows the log with every view.
//! - [`rebuild()`]: makes views anew from the log, beside those that answer.
//!
//! What always holds:
//! 1. A view's rows and its checkpoint move in one transaction, from the checkpoint that the writer knew. Whoever
//!    else writes at the same time, nothing is digested twice or left out.
//! 2. The rows at checkpoint *n* are the fold of every stream as it was when the log had *n* entries. How a view came
//!    there, live, rebuilt, stopped and resumed, leaves no trace.
//! 3. A view never skips an event: one that it cannot digest stops it, and no other view.
//! 4. Once it answers, a view answers always, and never of an earlier state than before; unless what it has digested is found
//!    to be another history than the log's: then not before it is rebuilt.

mod answers;
pub mod catalogue;
mod change;
pub mod cohorts;
mod condition;
mod digest;
mod error;
mod known;
mod lineage;
mod memory;
mod moments;
pub mod outcomes;
pub mod people;
mod protection;
mod reader;
mod reading;
mod rebuild;
pub mod register;
mod runner;
mod running;
mod session;
#[cfg(test)]
mod sessions;
mod shared;
mod standing;
mod store;
#[cfg(test)]
mod story;
pub mod success;
pub mod territory;
pub mod timeline;
mod view;
mod views;
pub mod work;

pub use error::ViewError;
pub use reader::{Reader, Row};
pub use rebuild::{Progress, rebuild};
pub use runner::{Projector, ProjectorOptions};
pub use running::{Begin, Running};
pub use standing::{ViewState, ViewStatus};
pub use tokio_util::sync::CancellationToken;
pub use view::{Indigestible, Key, Kind, Output, Table, Value, View};
pub use views::{Views, ViewsOptions};

/// Every view.
pub static VIEWS: &[&View] = &[
    &catalogue::VIEW,
    &timeline::VIEW,
    &territory::VIEW,
    &outcomes::VIEW,
    &people::VIEW,
    &register::VIEW,
    &cohorts::VIEW,
    &work::VIEW,
];
