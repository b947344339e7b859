//! What leaves in the formats of others: files that are made from views, piece by piece, so that memory does not grow with
//! them.

pub mod lheo;
