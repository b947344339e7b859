//! The log: append, read, follow, and the hash tree over it.

pub mod tree;
