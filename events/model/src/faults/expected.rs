//! What is expected of a value, from its schema: in words, with an example.

use crate::codes::{Code, Commune, Formacode, Month, Naf, Rncp, Rome, Rs, Siret};
use crate::spelling::{self, A_DAY, A_UUID, AN_INSTANT};
use crate::territory::TerritoryCode;
use crate::words::{self, Words};
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;

/// What is expected of data of which nothing else is known.
pub(crate) const AN_OBJECT: Words = Words::fixed(
    "an object, such as {\"level\": 3}",
    "un objet, par exemple {\"level\": 3}",
);
/// What is expected of a revision or a position.
pub(crate) const A_NUMBER: Words = Words::fixed("an integer, such as 3", "un nombre entier, par exemple 3");

/// A value of a schema: what the schema says here, and what the definition says that it refers to.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    own: &'a Value,
    /// The same but for `null`.
    target: &'a Value,
    base: &'a Value,
    /// The name of the definition; empty where there is none.
    pub name: &'a str,
    /// Whether `null` is as if absent.
    pub optional: bool,
}

impl<'a> Node<'a> {
    pub fn of(definitions: &'a Value, own: &'a Value) -> Self {
        let is_null = |schema: &&Value| schema["type"] == "null";
        let others = own["anyOf"]
            .as_array()
            .filter(|any| any.iter().any(|schema| is_null(&schema)));
        let other = others.and_then(|any| any.iter().find(|schema| !is_null(schema)));
        let target = other.unwrap_or(own);
        let name = target["$ref"]
            .as_str()
            .and_then(|pointer| pointer.rsplit('/').next());
        let listed = own["type"]
            .as_array()
            .is_some_and(|types| types.iter().any(|kind| kind == "null"));
        Node {
            own,
            target,
            base: name.map_or(target, |name| &definitions[name]),
            name: name.unwrap_or_default(),
            optional: other.is_some() || listed,
        }
    }

    pub fn get(&self, keyword: &str) -> &'a Value {
        let here = self.own.get(keyword).or_else(|| self.target.get(keyword));
        here.unwrap_or(&self.base[keyword])
    }

    /// The same of what makes an object, which only its definition says as a whole.
    pub fn of_object(&self, keyword: &str) -> &'a Value {
        &self.base[keyword]
    }

    /// The type, where it is one; empty where anything is taken.
    pub fn kind(&self) -> &'a str {
        let types = match (self.own.get("type"), &self.base["type"]) {
            (Some(own), _) => own,
            (None, base) => base,
        };
        let listed = || {
            types
                .as_array()
                .and_then(|types| types.iter().find(|kind| *kind != "null"))
        };
        let kind = types.as_str().or_else(|| listed()?.as_str());
        kind.unwrap_or(if self.choices().is_some() { "string" } else { "" })
    }

    /// The words that are taken, where they are a closed list.
    pub fn choices(&self) -> Option<Vec<&'a str>> {
        let all = self.base["enum"].as_array()?;
        all.iter()
            .filter(|one| !one.is_null())
            .map(Value::as_str)
            .collect()
    }

    pub fn bounds(&self) -> Option<(i64, i64)> {
        Some((self.get("minimum").as_i64()?, self.get("maximum").as_i64()?))
    }

    /// An example, as JSON.
    pub fn example(&self, definitions: &Value) -> String {
        let text = |text: &str| format!("\"{text}\"");
        if let Some(first) = self.choices().and_then(|choices| choices.first().copied()) {
            return text(first);
        }
        if let Some(code) = code(self.name) {
            return text(code.example);
        }
        match (self.kind(), self.get("format").as_str()) {
            ("string", Some("uuid")) => text("0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e"),
            ("string", Some("date")) => text("2026-02-28"),
            ("string", Some("date-time")) => text("2026-09-01T08:30:00+02:00"),
            ("string", _) => text("…"),
            ("integer", _) => match (self.get("enum")[0].as_i64(), self.bounds()) {
                (Some(first), _) => first.to_string(),
                (None, Some((low, high))) => 3.clamp(low, high).to_string(),
                _ => "3".to_owned(),
            },
            ("boolean", _) => "true".to_owned(),
            ("array", _) => {
                let item = Node::of(definitions, self.get("items")).example(definitions);
                format!("[{item}]")
            }
            _ => self.object_example(definitions),
        }
    }

    fn object_example(&self, definitions: &Value) -> String {
        let member = |name: &str, schema| {
            let example = Node::of(definitions, schema).example(definitions);
            format!("\"{name}\": {example}")
        };
        let required = self.of_object("required").as_array();
        match (
            required,
            self.of_object("properties"),
            self.of_object("additionalProperties"),
        ) {
            (Some(required), properties, _) => {
                let names = required.iter().filter_map(Value::as_str);
                let members: Vec<String> = names.map(|name| member(name, &properties[name])).collect();
                format!("{{{}}}", members.join(", "))
            }
            (None, _, others) if others.is_object() => format!("{{{}}}", member("…", others)),
            _ => "{}".to_owned(),
        }
    }

    /// What is expected, in words.
    pub fn expected(&self, definitions: &Value) -> Words {
        if let Some(choices) = self.choices() {
            let quoted: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
            return one_of(&quoted.join(", "));
        }
        let example = self.example(definitions);
        if let Some(code) = code(self.name) {
            return such_as(code.expected, &example);
        }
        let such_as = |words| such_as(words, &example);
        match (self.kind(), self.get("format").as_str()) {
            ("string", Some("uuid")) => A_UUID,
            ("string", Some("date")) => A_DAY,
            ("string", Some("date-time")) => AN_INSTANT,
            ("string", _) => such_as(["a text", "un texte"]),
            ("boolean", _) => Words::fixed("true or false", "true ou false"),
            ("array", _) => such_as(["a list", "une liste"]),
            ("object", _) => such_as(["an object", "un objet"]),
            _ if self.get("enum").is_array() => {
                let all = self.get("enum").as_array().into_iter().flatten();
                one_of(&all.map(Value::to_string).collect::<Vec<_>>().join(", "))
            }
            _ => match self.bounds() {
                Some((low, high)) => such_as([
                    &format!("an integer from {low} to {high}"),
                    &format!("un nombre entier de {low} à {high}"),
                ]),
                None => A_NUMBER,
            },
        }
    }

    /// What is wrong with a text, as far as its schema names what it is.
    pub fn refuse(&self, text: &str) -> Option<Words> {
        if let Some(choices) = self.choices() {
            let all: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
            return (!choices.contains(&text)).then(|| unknown_word(text, &all.join(", ")));
        }
        fn not<T: FromStr<Err: Display>>(text: &str) -> Option<Words> {
            text.parse::<T>().err().map(|wrong| Words::of(&wrong))
        }
        match (self.name, self.get("format").as_str()) {
            ("Siret", _) => not::<Siret>(text),
            ("Commune", _) => not::<Commune>(text),
            ("Rome", _) => not::<Rome>(text),
            ("Rncp", _) => not::<Rncp>(text),
            ("Rs", _) => not::<Rs>(text),
            ("Formacode", _) => not::<Formacode>(text),
            ("Naf", _) => not::<Naf>(text),
            ("Month", _) => not::<Month>(text),
            ("TerritoryCode", _) => not::<TerritoryCode>(text),
            (_, Some("uuid")) if spelling::uuid(text).is_none() => Some(spelling::no_uuid(text)),
            (_, Some("date")) => spelling::day(text).err(),
            (_, Some("date-time")) => spelling::instant(text).err(),
            _ => None,
        }
    }
}

/// The code that a definition stands for.
fn code(name: &str) -> Option<Code> {
    Some(match name {
        "Siret" => Siret::CODE,
        "Commune" => Commune::CODE,
        "Rome" => Rome::CODE,
        "Rncp" => Rncp::CODE,
        "Rs" => Rs::CODE,
        "Formacode" => Formacode::CODE,
        "Naf" => Naf::CODE,
        "Month" => Month::CODE,
        "TerritoryCode" => TerritoryCode::CODE,
        _ => return None,
    })
}

fn such_as([english, french]: [&str; 2], example: &str) -> Words {
    Words::new(
        format!("{english}, such as {example}"),
        format!("{french}, par exemple {example}"),
    )
}

fn one_of(all: &str) -> Words {
    Words::new(format!("one of {all}"), format!("l'un de {all}"))
}

/// A word that is none of a closed list.
fn unknown_word(text: &str, all: &str) -> Words {
    let text = words::quoted(text);
    Words::new(
        format!("{text} is not taken here: expected one of {all}"),
        format!("{text:#} n'est pas admis ici : il faut l'un de {all}"),
    )
}

/// A value, as it stands in JSON, of another type than is expected.
pub(crate) fn given(found: &str, expected: &Words) -> Words {
    let found = match found.bytes().next() {
        Some(b'{') => Words::fixed("an object", "un objet"),
        Some(b'[') => Words::fixed("a list", "une liste"),
        Some(b'"') => {
            let text: String = serde_json::from_str(found).unwrap_or_default();
            let text = words::quoted(text);
            Words::new(format!("the text {text}"), format!("le texte {text:#}"))
        }
        Some(b'-' | b'0'..=b'9') => {
            let number = words::shown(found);
            Words::new(format!("the number {number}"), format!("le nombre {number}"))
        }
        _ => Words::new(words::shown(found), words::shown(found)),
    };
    Words::new(
        format!("{found} is given here: expected {expected}"),
        format!("ici se trouve {found:#} : il faut {expected:#}"),
    )
}
