//! The one binary of Parcours.

fn main() {}
