//! What `parcours import` reads: events of senders, and catalogues of others turned into events of ours.

pub mod catalogue;
pub mod events;
pub mod lheo;
pub mod report;
mod source;

pub use source::Source;
