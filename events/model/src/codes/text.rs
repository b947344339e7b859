//! What all codes written as text share: JSON through the parse, and a schema that says the same.

/// Gives a type with `FromStr<Err = Invalid>` and `Display` its JSON face: serde, schema, `TryFrom`.
/// Its shared tests go in the module `$tests`. `$code` is the name with its article, `$expected` ends the sentence "expected …";
/// both in English and in French.
///
/// `FromStr` is what the edge takes. `read`, where it is given, takes more: all that a log may hold, whatever tables
/// and keys its sender was judged by. Then the type says itself how it is judged.
macro_rules! text_code {
    (
        $name:ident in $tests:ident, code: $code:literal | $code_fr:literal, expected: $expected:literal | $expected_fr:literal,
        pattern: $pattern:literal, example: $example:literal
    ) => {
        crate::codes::text::text_code!($name in $tests, code: $code | $code_fr, expected: $expected | $expected_fr,
            pattern: $pattern, example: $example, read: str::parse);
        impl crate::judged::Judged for $name {}
    };
    (
        $name:ident in $tests:ident, code: $code:literal | $code_fr:literal, expected: $expected:literal | $expected_fr:literal,
        pattern: $pattern:literal, example: $example:literal, read: $read:expr
    ) => {
        impl $name {
            /// What sentences say of it.
            pub(crate) const CODE: crate::codes::Code = crate::codes::Code {
                name: [$code, $code_fr],
                expected: [$expected, $expected_fr],
                example: $example,
            };

            fn refused(value: &str) -> crate::codes::Invalid {
                Self::CODE.refuse(value)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = crate::codes::Invalid;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!($code, " as a string: ", $expected))
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $read(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!($code, ": ", $expected),
                    "pattern": $pattern,
                    "examples": [$example],
                })
            }
        }

        #[cfg(test)]
        mod $tests {
            use super::$name;

            #[test]
            fn is_written_in_json_as_it_is_read() {
                let quoted = concat!("\"", $example, "\"");
                let code: $name = serde_json::from_str(quoted).unwrap();
                assert_eq!(serde_json::to_string(&code).unwrap(), quoted);
            }

            #[test]
            fn is_not_taken_from_a_number() {
                let refused = serde_json::from_str::<$name>("35600000000048").unwrap_err().to_string();
                assert!(refused.contains($code) && refused.contains("35600000000048"), "{refused}");
            }

            #[test]
            fn is_refused_with_its_value_and_what_is_expected() {
                for wrong in ["", " ", "é", concat!($example, " "), concat!(" ", $example), concat!($example, ".")] {
                    let refused = wrong.parse::<$name>().unwrap_err();
                    assert_eq!((refused.code, refused.value.as_str()), ($code, wrong));
                }
            }
        }
    };
}

/// The value of a text of ASCII digits, and of nothing else (`str::parse` would take a sign).
pub(super) fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

pub(super) use text_code;
