//! Canonical JSON (RFC 8785), which is what the log keeps and hashes.
//!
//! The library `serde_json_canonicalizer` is the definition. It reads every name again as JSON, though, and keeps every
//! value in a buffer of its own, which is a third of the work of reading an event that comes in. What nearly all events
//! are made of (texts, whole numbers, plain names) is written here in one pass instead, the members sorted where they
//! stand; anything else is left to the library.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::cell::RefCell;
use std::io::{self, Write};

/// The greatest magnitude up to which every integer is a number of JavaScript.
const EXACT: u64 = 1 << 53;

/// The canonical form of a value.
pub(crate) fn canonical(value: &impl Serialize) -> String {
    plain(value).unwrap_or_else(|| {
        serde_json_canonicalizer::to_string(value).expect("a JSON value has a canonical form")
    })
}

/// The canonical form of a value in which there is nothing but what [`Sorted`] writes.
fn plain(value: &impl Serialize) -> Option<String> {
    let page = RefCell::default();
    let mut serializer = Serializer::with_formatter(Pen(&page), Sorted(&page));
    value.serialize(&mut serializer).ok()?;
    String::from_utf8(page.into_inner().text).ok()
}

/// What is written so far.
#[derive(Default)]
struct Page {
    text: Vec<u8>,
    /// The members of all objects that are open, those of the outermost first.
    members: Vec<Member>,
    /// Where in them those of each object begin.
    open: Vec<usize>,
}

/// Where a member, `"name":value`, stands.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    colon: usize,
    end: usize,
}

impl Page {
    fn name(&self, member: &Member) -> &[u8] {
        &self.text[member.start + 1..member.colon - 1]
    }

    /// Ends a name. One that is ASCII and has no escapes sorts by its bytes as it does by its UTF-16.
    fn name_ends(&mut self) -> io::Result<()> {
        let colon = self.text.len();
        let member = self.members.last_mut().ok_or_else(not_plain)?;
        member.colon = colon;
        let (is_plain, member) = (|byte: &u8| byte.is_ascii() && *byte != b'\\', *member);
        self.name(&member)
            .iter()
            .all(is_plain)
            .then_some(())
            .ok_or_else(not_plain)
    }

    /// Puts the members of the innermost object in order. Complexity: linear if they are.
    fn sort(&mut self) {
        let from = self.open.pop().unwrap_or_default();
        let members = &self.members[from..];
        if !members.is_sorted_by_key(|member| self.name(member)) {
            let mut sorted = members.to_vec();
            sorted.sort_by_key(|member| self.name(member));
            let texts: Vec<_> = sorted
                .iter()
                .map(|member| &self.text[member.start..member.end])
                .collect();
            let sorted = texts.join(&b',');
            self.text.truncate(members[0].start);
            self.text.extend(sorted);
        }
        self.members.truncate(from);
    }
}

/// What the serializer writes with.
struct Pen<'a>(&'a RefCell<Page>);

impl Write for Pen<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes JSON as `serde_json` does, which escapes what RFC 8785 does in the same way, and objects with their members
/// sorted. Fails at what it is not sure of.
struct Sorted<'a>(&'a RefCell<Page>);

fn not_plain() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// Numbers that are left to the library.
macro_rules! not_plain {
    ($($name:ident: $type:ty),*) => {$(
        fn $name<W: ?Sized + Write>(&mut self, _writer: &mut W, _value: $type) -> io::Result<()> {
            Err(not_plain())
        }
    )*};
}

impl Formatter for Sorted<'_> {
    not_plain!(write_f32: f32, write_f64: f64, write_i128: i128, write_u128: u128, write_number_str: &str, write_raw_fragment: &str);

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        match value.unsigned_abs() <= EXACT {
            true => CompactFormatter.write_i64(writer, value),
            false => Err(not_plain()),
        }
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        match value <= EXACT {
            true => CompactFormatter.write_u64(writer, value),
            false => Err(not_plain()),
        }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"{")?;
        let mut page = self.0.borrow_mut();
        let members = page.members.len();
        page.open.push(members);
        Ok(())
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let mut page = self.0.borrow_mut();
        let start = page.text.len();
        page.members.push(Member {
            start,
            colon: start,
            end: start,
        });
        Ok(())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.0.borrow_mut().name_ends()
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        let mut page = self.0.borrow_mut();
        let end = page.text.len();
        page.members.last_mut().ok_or_else(not_plain)?.end = end;
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.borrow_mut().sort();
        writer.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn value() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i16>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            Just(json!(1u64 << 53)),
            Just(json!(-(1i64 << 53) - 1)),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number,
            any::<String>().prop_map(Value::from),
            "[a-zé\u{1}\"\\\\/\u{2028}]{0,4}".prop_map(Value::from),
        ];
        let name = prop_oneof!["[a-z_]{0,3}", "[a-zA-Z0-9\"\\\\é\u{ffff}\u{10000}\u{1}]{0,3}"];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            let members = prop::collection::vec((name.clone(), inner.clone()), 0..6);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                members.prop_map(|members| Value::Object(Map::from_iter(members))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_here_is_what_the_library_writes(value in value()) {
            let library = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert_eq!(canonical(&value), library);
        }
    }

    #[test]
    fn what_events_are_made_of_is_written_here() {
        let data = json!({"b": {"d": [{"z": 1, "y": -2}], "c": "é\n\u{1}"}, "ab": null, "a": true});
        let sorted = r#"{"a":true,"ab":null,"b":{"c":"é\n\u0001","d":[{"y":-2,"z":1}]}}"#;
        assert_eq!(plain(&data).as_deref(), Some(sorted));
        for other in [json!({"é": 1}), json!(1.5), json!(u64::MAX)] {
            assert_eq!(plain(&other), None, "{other}");
        }
    }
}
