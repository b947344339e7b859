//! The views over the log, live and rebuilt by the same fold.
//!
//! - [`View`]: tables, and one pure function of one stream's history. One file a view.
//! - [`Reader`]: how a view reads its own tables.

pub mod catalogue;
mod error;
pub mod outcomes;
mod reader;
#[cfg(test)]
mod story;
pub mod territory;
pub mod timeline;
mod view;

pub use error::ViewError;
pub use reader::{Reader, Row};
pub use view::{Indigestible, Key, Kind, Output, Table, Value, View};

/// Every view.
pub static VIEWS: &[&View] = &[&catalogue::VIEW, &timeline::VIEW, &territory::VIEW];
