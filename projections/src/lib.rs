//! The views over the log.
