//! What the `parcours` command is made of: each command's work, apart from the parsing of its flags.

pub mod import;
