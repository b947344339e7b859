//! The vocabulary, the codes and the rules of Parcours.

pub mod codes;
pub mod geography;
