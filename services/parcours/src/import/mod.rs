//! What `parcours import` reads: files of others, turned into events of ours.

pub mod lheo;
