//! One event, one spelling: what may be written in several ways and means the same, and what is no way to write it.
//!
//! What is kept of an event is the canonical form of what was read, so that an event sent again by another library, in
//! other words for the same, is the same event.

use crate::faults::Step;
use crate::judged::Misfit;
use crate::words::{self, Words};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::collections::HashSet;
use std::fmt;
use uuid::Uuid;

/// How an instant is written: RFC 3339, at most nanoseconds, no leap second (no clock of ours has one).
pub(crate) const INSTANT: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$";

/// What is expected of an instant.
pub(crate) const AN_INSTANT: Words = Words::fixed(
    "RFC 3339 with an offset, such as 2026-09-01T08:30:00+02:00",
    "une date et une heure avec leur décalage (RFC 3339), par exemple 2026-09-01T08:30:00+02:00",
);
/// What is expected of a day.
pub(crate) const A_DAY: Words = Words::fixed(
    "a day of the calendar, such as 2026-02-28",
    "un jour du calendrier, par exemple 2026-02-28",
);
/// What is expected of a UUID.
pub(crate) const A_UUID: Words = Words::fixed(
    "a UUID in its usual form (8-4-4-4-12 hexadecimal digits), such as 0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
    "un UUID sous sa forme usuelle (8-4-4-4-12 chiffres hexadécimaux), par exemple 0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
);
/// What is said of a leap second.
pub(crate) const SECONDS: Words = Words::fixed("seconds go from 00 to 59", "les secondes vont de 00 à 59");

/// Reads an instant as [`INSTANT`] writes it. Two are equal if they are the same instant, whatever their offsets.
pub fn instant(text: &str) -> Result<DateTime<FixedOffset>, Words> {
    let bytes = text.as_bytes();
    let is = |place: usize, those: &[u8]| bytes.get(place).is_some_and(|byte| those.contains(byte));
    let digits = bytes.iter().skip(20).take_while(|byte| byte.is_ascii_digit());
    let refused = |why: Words| {
        let value = words::quoted(text);
        Words::new(
            format!("{value} is not an instant: {why}; expected {AN_INSTANT}"),
            format!("{value:#} n'est pas un instant : {why:#} ; il faut {AN_INSTANT:#}"),
        )
    };
    if !is(10, b"Tt") {
        return Err(refused(match text.parse::<NaiveDate>() {
            Ok(_) => Words::fixed(
                "a day alone does not say when in it",
                "un jour seul n'en dit pas l'heure",
            ),
            Err(_) => Words::fixed(
                "after ten characters for the day comes a T",
                "après les dix caractères du jour vient un T",
            ),
        }));
    }
    if is(17, b"6") {
        return Err(refused(SECONDS));
    }
    if is(19, b".") && digits.count() > 9 {
        return Err(refused(Words::fixed(
            "more than nine digits of a second are more than can be kept",
            "plus de neuf décimales de seconde ne peuvent être conservées",
        )));
    }
    DateTime::parse_from_rfc3339(text).map_err(|_| refused(why_not(text)))
}

/// Why a text with a T in its place is no instant.
fn why_not(text: &str) -> Words {
    let offset = |text: &str| {
        let tail = text.bytes().rev().take(6).collect::<Vec<u8>>();
        matches!(tail.first(), Some(b'Z' | b'z')) || matches!(tail.last(), Some(b'+' | b'-'))
    };
    if text.get(..10).is_none_or(|day| day.parse::<NaiveDate>().is_err()) {
        Words::fixed(
            "its first ten characters are no day of the calendar",
            "ses dix premiers caractères ne sont pas un jour du calendrier",
        )
    } else if !offset(text) {
        Words::fixed(
            "the offset at its end is missing (Z, or such as +02:00)",
            "il y manque à la fin le décalage (Z, ou par exemple +02:00)",
        )
    } else if text
        .get(11..19)
        .is_some_and(|time| time.parse::<NaiveTime>().is_ok())
    {
        Words::fixed(
            "its offset is none (Z, or such as +02:00, up to 23:59)",
            "son décalage n'en est pas un (Z, ou par exemple +02:00, jusqu'à 23:59)",
        )
    } else {
        Words::fixed(
            "after the T come hour, minute and second, from 00:00:00 to 23:59:59",
            "après le T viennent heure, minute et seconde, de 00:00:00 à 23:59:59",
        )
    }
}

/// Reads a day as ISO 8601 writes it.
pub fn day(text: &str) -> Result<NaiveDate, Words> {
    let written = text.len() == 10 && text.is_ascii();
    let read = text.parse::<NaiveDate>().ok().filter(|_| written);
    read.ok_or_else(|| {
        let value = words::quoted(text);
        Words::new(
            format!("{value} is not a day: expected {A_DAY}"),
            format!("{value:#} n'est pas un jour : il faut {A_DAY:#}"),
        )
    })
}

/// What is said of a text that is no UUID.
pub fn no_uuid(text: &str) -> Words {
    let value = words::quoted(text);
    Words::new(
        format!("{value} is not a UUID: expected {A_UUID}"),
        format!("{value:#} n'est pas un UUID : il faut {A_UUID:#}"),
    )
}

/// Where data say otherwise than they were read, if they do anywhere. Reading is generous, as it must be with what a log
/// may hold; what comes in is written as the schema has it. What may differ: members that are `null`, the case of a UUID,
/// the zeros of a number, the offset of an instant.
pub(crate) fn unlike(sent: &Value, read: &Value) -> Option<Misfit> {
    match (sent, read) {
        (Value::Object(sent), Value::Object(read)) => sent.iter().find_map(|(name, value)| {
            let misfit = match read.get(name) {
                Some(read) => unlike(value, read),
                None => (!value.is_null())
                    .then(|| Misfit::from(Words::fixed("this is not taken", "ceci n'est pas admis"))),
            };
            misfit.map(|misfit| misfit.of(name))
        }),
        (Value::Array(sent), Value::Array(read)) if sent.len() == read.len() => {
            let mut pairs = sent.iter().zip(read).enumerate();
            pairs.find_map(|(index, (sent, read))| {
                unlike(sent, read).map(|misfit| misfit.within(Step::Item(index)))
            })
        }
        (Value::Number(sent), Value::Number(read)) if sent.as_f64() == read.as_f64() => None,
        (Value::String(sent), Value::String(read)) if same_text(sent, read) => None,
        _ if sent == read => None,
        (Value::Array(_), _) => Some(Misfit::from(Words::fixed(
            "a list is not taken here: expected the members by name",
            "une liste n'est pas admise ici : il faut les membres par leur nom",
        ))),
        _ => {
            let (sent, read) = (words::shown(sent), words::shown(read));
            Some(Misfit::from(Words::new(
                format!("{sent} is not how it is written: expected {read}"),
                format!("{sent} ne s'écrit pas ainsi : il faut {read}"),
            )))
        }
    }
}

fn same_text(sent: &str, read: &str) -> bool {
    let is_instant = || instant(sent).is_ok_and(|sent| instant(read) == Ok(sent));
    sent == read || (uuid(sent).is_some() && sent.eq_ignore_ascii_case(read)) || is_instant()
}

/// The same data with integers written as such, without members that are `null`, and with UUIDs in lower case: for data of
/// which nothing else is known.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                members
                    .map(|(name, value)| (name, plain(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::String(text) if uuid(&text).is_some() => Value::String(text.to_ascii_lowercase()),
        other => plain_numbers(other),
    }
}

/// The same value, with integers written as such.
pub(crate) fn plain_numbers(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let plain = members
                .into_iter()
                .map(|(name, value)| (name, plain_numbers(value)));
            Value::Object(plain.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain_numbers).collect()),
        Value::Number(number) => Value::Number(integer(&number).unwrap_or(number)),
        other => other,
    }
}

/// Refuses JSON with a member that is given twice: which of the two holds, nobody could say.
pub(crate) fn once(json: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<Once>(json).map(|Once| ())
}

struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Once;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                return Err(A::Error::custom(format!("the member {name:?} is given twice")));
            }
            names.insert(name);
            map.next_value::<Once>()?;
        }
        Ok(Once)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }
    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }
    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }
}

/// The integer that a number with a point or an exponent is, if it is one: `8400.0`, `8.4e3`.
fn integer(number: &Number) -> Option<Number> {
    /// Beyond, a number with a fraction has no room for it.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|_| number.is_f64())?;
    (float.fract() == 0.0 && float.abs() < EXACT).then(|| Number::from(float as i64))
}

/// The UUID that the text is as RFC 9562 writes it, in whichever case.
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_instant_is_written_in_one_of_the_ways_of_rfc_3339() {
        let same = [
            "2026-09-01T00:00:00+02:00",
            "2026-08-31t22:00:00.000z",
            "2026-08-31T22:00:00-00:00",
        ];
        for text in same {
            assert_eq!(instant(text), instant("2026-08-31T22:00:00Z"), "{text}");
        }
        for text in [
            "2026-08-31 22:00:00Z",
            "2026-08-31T22:00:60Z",
            "2026-08-31T22:00:00.0000000000Z",
            "2026-08-31T22:00:00",
            "2026-02-28",
            "",
        ] {
            let refused = instant(text).unwrap_err().english;
            assert!(refused.contains("such as 2026-09-01T08:30:00+02:00"), "{refused}");
        }
    }

    #[test]
    fn what_says_the_same_is_not_unlike() {
        let read = json!({"a": 1, "b": ["x"], "u": "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e", "t": "2026-08-31T22:00:00Z"});
        let sent = json!({"a": 1.0, "b": ["x"], "n": null, "u": "0190B7A4-6A3E-7CC0-9D2E-1F4B5A6C7D8E", "t": "2026-09-01T00:00:00+02:00"});
        assert_eq!(unlike(&sent, &read), None);
        let wrong = |sent: Value| unlike(&sent, &read).map(|misfit| misfit.field);
        assert_eq!(
            wrong(json!({"u": "{0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e}"})).as_deref(),
            Some("u")
        );
        assert_eq!(wrong(json!({"b": ["X"]})).as_deref(), Some("b[0]"));
        assert_eq!(wrong(json!([1])).as_deref(), Some(""));
    }

    #[test]
    fn a_member_is_given_once() {
        assert!(once(r#"{"a": 1.0, "b": [{"a": null, "b": true}, -1, "x"]}"#).is_ok());
        for twice in [r#"{"a": 1, "a": 1}"#, r#"{"b": [{"a": {"c": 1, "c": 2}}]}"#] {
            let refused = once(twice).unwrap_err().to_string();
            assert!(refused.contains("is given twice"), "{refused}");
        }
    }

    #[test]
    fn plain_data_have_one_spelling() {
        let data = json!({"minutes": 8.4e3, "share": 0.5, "none": null, "of": ["0190B7A4-6A3E-7CC0-9D2E-1F4B5A6C7D8E", "ABC"]});
        let kept =
            json!({"minutes": 8400, "share": 0.5, "of": ["0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e", "ABC"]});
        assert_eq!(plain(data), kept);
    }
}
