//! HTTP for operators and readers.
