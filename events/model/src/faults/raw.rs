//! JSON taken apart one level at a time, each part still where it stands in the text.

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A member of an object.
pub struct Member<'a> {
    pub name: String,
    /// The name as it stands, with its quotes.
    pub key: &'a str,
    pub value: &'a RawValue,
}

/// The members of an object, in their order, those given twice included; `None` if the text is no object.
pub fn members(text: &str) -> Option<Vec<Member<'_>>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Member<'de>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                let name = serde_json::from_str(key.get()).map_err(A::Error::custom)?;
                found.push(Member {
                    name,
                    key: key.get(),
                    value,
                });
            }
            Ok(found)
        }
    }
    serde_json::Deserializer::from_str(text)
        .deserialize_map(Members)
        .ok()
}

/// The items of a list; `None` if the text is no list.
pub fn items(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

/// Where `part` stands in `whole`, of which it is a part, in bytes.
pub fn offset(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize)
        .saturating_sub(whole.as_ptr() as usize)
        .min(whole.len())
}

/// Where the value of a JSON pointer stands in `text`, in bytes: as far as there is one, so that of a member that is
/// missing it is the object that lacks it. Of members of one name it is the last.
pub fn find(text: &str, pointer: &str) -> usize {
    let mut value = text.trim_ascii_start();
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let inside = match (members(value), step.parse::<usize>()) {
            (Some(members), _) => members
                .into_iter()
                .rfind(|member| member.name == name)
                .map(|member| member.value),
            (None, Ok(index)) => items(value).and_then(|items| items.get(index).copied()),
            (None, Err(_)) => None,
        };
        match inside {
            Some(inside) => value = inside.get(),
            None => break,
        }
    }
    offset(text, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_where_they_stand() {
        let text = r#" {"a" : [1, {"b":2}],"é\u0031":null, "a":3}"#;
        let found = members(text).unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|member| (member.name.as_str(), offset(text, member.key), member.value.get()))
            .collect();
        assert_eq!(
            told,
            [("a", 2, r#"[1, {"b":2}]"#), ("é1", 21, "null"), ("a", 38, "3")]
        );
        for (pointer, at) in [("/é1", 32), ("/a", 42), ("/a/7", 42), ("/b", 1), ("", 1)] {
            assert_eq!(find(text, pointer), at, "{pointer}");
        }
        assert!(members("[1]").is_none() && items("{}").is_none());
        assert_eq!(items("[1, [2]]").unwrap()[1].get(), "[2]");
    }
}
