//! What `parcours import` reads: events of senders, their tables, and catalogues of others turned into events of ours.

pub mod catalogue;
pub mod csv;
mod desk;
pub mod events;
pub mod lheo;
pub mod report;
mod source;
mod trial;

pub use desk::Desk;
pub use source::Source;
