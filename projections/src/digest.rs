//! A number for all that a view holds: equal digests, equal bytes, whichever database they are in.
//!
//! SHA-256 over the tables in the view's order. A table: its name, then its rows in the order of their keys, then an
//! end mark. A value: a tag, then eight bytes of a number (most significant first), or a length in eight bytes and the
//! text, or nothing more.

use sha2::{Digest as _, Sha256};

use crate::view::{Kind, Table, Value};

/// A digest under way.
#[derive(Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    /// Begins a table.
    pub fn table(&mut self, table: &Table) {
        self.text(table.name);
    }

    /// A row of the table begun last, all columns.
    pub fn row(&mut self, table: &Table, row: &[Value]) {
        self.0.update(b"r");
        for ((_, kind), value) in table.columns().zip(row) {
            match (kind, value) {
                (_, Value::Null) => self.0.update(b"n"),
                (_, Value::Text(text)) => self.text(text),
                (_, Value::Boolean(truth)) => self.boolean(*truth),
                // SQLite keeps booleans as 0 and 1.
                (Kind::Boolean, Value::Integer(number)) => self.boolean(*number != 0),
                (_, Value::Integer(number)) => {
                    self.0.update(b"i");
                    self.0.update(number.to_be_bytes());
                }
            }
        }
    }

    /// Ends the table begun last.
    pub fn end(&mut self) {
        self.0.update(b"e");
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn boolean(&mut self, truth: bool) {
        self.0.update(if truth { b"t" } else { b"f" });
    }

    fn text(&mut self, text: &str) {
        self.0.update(b"s");
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
}
