//! A place in a JSON Schema, and what cells hold that say it.

use super::Kind;
use serde_json::Value;

/// A place in a schema, without what refers to another and without the choice of `null`.
pub(super) struct Node<'a> {
    pub(super) own: &'a Value,
    pub(super) base: &'a Value,
    /// The name of the definition.
    pub(super) name: &'a str,
    pub(super) optional: bool,
}

impl<'a> Node<'a> {
    pub(super) fn of(definitions: &'a Value, own: &'a Value) -> Self {
        let is_null = |schema: &&Value| schema["type"] == "null";
        let choices = own["anyOf"].as_array();
        let other = choices
            .filter(|all| all.iter().any(|one| is_null(&one)))
            .and_then(|all| all.iter().find(|one| !is_null(one)));
        let target = other.unwrap_or(own);
        let pointer = target["$ref"].as_str();
        let name = pointer.and_then(|pointer| pointer.rsplit('/').next());
        let listed = own["type"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == "null"));
        Node {
            own: target,
            base: name.map_or(target, |name| &definitions[name]),
            name: name.unwrap_or_default(),
            optional: other.is_some() || listed,
        }
    }

    pub(super) fn get(&self, keyword: &str) -> &'a Value {
        self.own.get(keyword).unwrap_or(&self.base[keyword])
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        let of = |schema: &Value| match &schema["type"] {
            Value::Array(all) => all.iter().any(|one| one == kind),
            one => one == kind,
        };
        of(self.own) || of(self.base)
    }

    /// What its cells hold; `None` of what no cell can say.
    pub(super) fn kind(&self, definitions: &Value) -> Option<Kind> {
        let choices = self.get("enum").as_array();
        if let Some(words) = choices.and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>())
        {
            return Some(Kind::Choice(words.into_iter().map(str::to_owned).collect()));
        }
        Some(match self.name {
            "Siret" => Kind::Siret,
            "Commune" => Kind::Commune,
            "Month" => Kind::Month,
            "Rome" | "Rncp" | "Rs" | "Formacode" | "Naf" | "TerritoryCode" => {
                Kind::Code(self.name.to_owned())
            }
            // What is sealed is not taken at all.
            "Sealed" => return None,
            _ if self.is("integer") => Kind::Whole {
                low: self.get("minimum").as_i64().unwrap_or(0),
                high: self.get("maximum").as_i64().unwrap_or(i64::MAX),
                choices: choices
                    .map(|all| all.iter().filter_map(Value::as_i64).collect())
                    .unwrap_or_default(),
            },
            _ if self.is("boolean") => Kind::Truth,
            _ if self.is("array") => Kind::List(Box::new(
                Node::of(definitions, self.get("items")).kind(definitions)?,
            )),
            _ if self.is("object") && self.base["additionalProperties"].is_object() => {
                let named = Node::of(definitions, &self.base["additionalProperties"]);
                Kind::Named(Box::new(named.kind(definitions)?))
            }
            _ if self.is("string") => match self.get("format").as_str() {
                Some("uuid") => Kind::Uuid,
                Some("date") => Kind::Day,
                Some("date-time") => Kind::Instant,
                _ => Kind::Text,
            },
            _ => return None,
        })
    }
}
