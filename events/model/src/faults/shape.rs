//! Data that are not of the shape of their type, compared with their schema member by member.

use super::expected::{Node, given};
use super::raw::{Member, items, members};
use super::{Path, Step, missing, twice};
use crate::bounds::{out_of_bounds, too_many};
use crate::schema;
use crate::sealed::REFUSED;
use crate::words::{self, Words};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The schemas of all types, made at the first fault.
static SCHEMAS: LazyLock<HashMap<&str, Value>> = LazyLock::new(|| {
    let types = schema::types().map(|(_, spec)| spec.name);
    types.filter_map(|name| Some((name, schema::of(name)?))).collect()
});

/// A value that is not what the type has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    /// The way to the value; to the member that is missing.
    pub path: Path,
    pub words: Words,
}

/// The faults of data of this type, in the order of the text, those of an object's missing members first.
pub(crate) fn of_data(type_name: &str, text: &str) -> Vec<Misplaced> {
    let mut look = Look {
        definitions: SCHEMAS
            .get(type_name)
            .map_or(&Value::Null, |schema| &schema["$defs"]),
        path: Path::default(),
        found: Vec::new(),
    };
    let (Some(schema), Ok(data)) = (SCHEMAS.get(type_name), serde_json::from_str::<&RawValue>(text)) else {
        return Vec::new();
    };
    let data_schema = &schema["properties"]["data"];
    // Where no member is required, no data are data.
    let own = data_schema["anyOf"].as_array().and_then(|any| any.first());
    let own = own.filter(|own| own["$ref"].is_string()).unwrap_or(data_schema);
    look.value(Node::of(look.definitions, own), data);
    look.found
}

struct Look<'a> {
    definitions: &'a Value,
    path: Path,
    found: Vec<Misplaced>,
}

impl<'a> Look<'a> {
    fn fault(&mut self, words: Words) {
        self.found.push(Misplaced {
            path: self.path.clone(),
            words,
        });
    }

    fn under(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.path.push(step);
        look(self);
        self.path.pop();
    }

    fn value(&mut self, node: Node<'a>, value: &'a RawValue) {
        let text = value.get();
        if text == "null" && (node.optional || node.kind().is_empty()) {
            return;
        }
        if node.name == "Sealed" {
            self.fault(REFUSED);
            return;
        }
        match (node.kind(), text.as_bytes().first()) {
            ("object", Some(b'{')) => self.object(node, text),
            ("array", Some(b'[')) => self.list(node, text),
            ("string", Some(b'"')) => {
                let read: String = serde_json::from_str(text).unwrap_or_default();
                if let Some(words) = node.refuse(&read) {
                    self.fault(words);
                }
            }
            ("integer", Some(b'-' | b'0'..=b'9')) => self.number(node, text),
            ("boolean", Some(b't' | b'f')) => {}
            ("", Some(b'{')) => self.object(node, text),
            ("", Some(b'[')) => self.list(node, text),
            ("", _) => {}
            _ => self.fault(given(text, &node.expected(self.definitions))),
        }
    }

    fn object(&mut self, node: Node<'a>, text: &'a str) {
        let (properties, others) = (
            node.of_object("properties"),
            node.of_object("additionalProperties"),
        );
        let given = members(text).unwrap_or_default();
        for name in node.of_object("required").as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            if given.iter().all(|member| member.name != name) {
                let expected = Node::of(self.definitions, &properties[name]).expected(self.definitions);
                self.under(Step::Member(name.to_owned()), |look| {
                    look.fault(missing(&expected));
                });
            }
        }
        let mut names = HashSet::new();
        for Member { name, value, .. } in given {
            let known = properties.get(&name);
            let schema = known.or(Some(others).filter(|others| others.is_object()));
            let again = !names.insert(name.clone());
            self.under(Step::Member(name.clone()), |look| match schema {
                _ if again => look.fault(twice(&name)),
                Some(schema) => look.value(Node::of(look.definitions, schema), value),
                None if others == &Value::Bool(false) && value.get() != "null" => {
                    look.fault(unknown(&name, properties));
                }
                None if others == &Value::Bool(false) => {}
                None => look.value(Node::of(look.definitions, &Value::Null), value),
            });
        }
    }

    fn list(&mut self, node: Node<'a>, text: &'a str) {
        let given = items(text).unwrap_or_default();
        if let Some(most) = node.get("maxItems").as_u64()
            && given.len() as u64 > most
        {
            self.fault(too_many(given.len(), most));
        }
        for (index, item) in given.into_iter().enumerate() {
            self.under(Step::Item(index), |look| {
                look.value(Node::of(look.definitions, node.get("items")), item);
            });
        }
    }

    fn number(&mut self, node: Node<'a>, text: &str) {
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        let whole = number.fract() == 0.0;
        let among = |all: &Vec<Value>| all.iter().any(|one| one.as_f64() == Some(number));
        match (node.get("enum").as_array(), node.bounds()) {
            (Some(all), _) if among(all) => {}
            (None, Some((low, high))) if whole && (low as f64..=high as f64).contains(&number) => {}
            (None, Some((low, high))) if whole => self.fault(out_of_bounds(words::shown(text), low, high)),
            (None, None) if whole => {}
            _ => self.fault(given(text, &node.expected(self.definitions))),
        }
    }
}

/// A member that the type does not have.
fn unknown(name: &str, properties: &Value) -> Words {
    let known: Vec<&str> = properties
        .as_object()
        .into_iter()
        .flat_map(|known| known.keys().map(String::as_str))
        .collect();
    let name = words::quoted(name);
    if known.is_empty() {
        return Words::new(
            format!("{name} is no member here: expected none"),
            format!("{name:#} n'est pas un membre ici : il n'en faut aucun"),
        );
    }
    let known = known.join(", ");
    Words::new(
        format!("{name} is no member here: expected {known}"),
        format!("{name:#} n'est pas un membre ici : il faut {known}"),
    )
}
