//! What commands say, and the progress of long work.

#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod numbers;
pub mod progress;
pub mod words;

pub use words::all_said;
