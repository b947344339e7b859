//! The views over the log, live and rebuilt by the same fold.
//!
//! - [`View`]: tables, and one pure function of one stream's history. One file a view.
//! - [`Reader`]: how a view reads its own tables.

mod error;
mod reader;
mod view;

pub use error::ViewError;
pub use reader::{Reader, Row};
pub use view::{Indigestible, Key, Kind, Output, Table, Value, View};
