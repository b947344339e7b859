//! Attributes that no event must have: the type of its data, their schema, extensions.

use super::attributes::is_null;
use super::submission::unsupported;
use super::{MAX_EXTENSION, Malformed};
use crate::canonical::canonical;
use crate::faults;
use crate::spelling;
use crate::texts::{self, Written};
use crate::words::{self, Words};
use serde_json::Value;
use serde_json::value::RawValue;

/// What is expected of an extension.
const AN_EXTENSION: Words = Words::fixed(
    "an extension: a text, true or false, or an integer of 32 bits, such as \"a\" or 3",
    "une extension : un texte, true ou false, ou un entier de 32 bits, par exemple \"a\" ou 3",
);
/// What is expected of a schema's address.
const A_URI: Words = Words::fixed(
    "one with its scheme, such as https://example.org/schema",
    "un URI avec son schéma, par exemple https://example.org/schema",
);

/// The canonical value of an attribute that no event must have; `None` for one that says what is true without it.
pub(super) fn other_attribute(name: &str, value: &RawValue) -> Result<Option<String>, Malformed> {
    let wrong = |words: Words| Malformed::of("invalid-attribute", name, words);
    // What is `null` is as if absent, whatever it is.
    if matches!(name, "data_base64" | "position") && is_null(value) {
        return Ok(None);
    }
    if name == "data_base64" {
        return Err(wrong(Words::fixed(
            "binary data is not taken: give `data` as a JSON object",
            "les données binaires ne sont pas admises : donnez `data`, un objet JSON",
        )));
    }
    if name == "position" {
        return Err(wrong(Words::fixed(
            "the position is given by the log: leave it out",
            "la position est donnée par le journal : ne la donnez pas",
        )));
    }
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        let name = words::quoted(name);
        return Err(wrong(Words::new(
            format!(
                "{name} is no attribute of CloudEvents: names are lower-case letters and digits, such as dataschema"
            ),
            format!(
                "{name:#} n'est pas un attribut de CloudEvents : les noms sont de lettres minuscules et de chiffres, par exemple dataschema"
            ),
        )));
    }
    let parsed: Value = serde_json::from_str(value.get()).map_err(|_| {
        let fault = faults::unreadable(value.get().as_bytes());
        wrong(fault.map_or(AN_EXTENSION, |fault| fault.words))
    })?;
    let parsed = spelling::plain_numbers(parsed);
    match (&parsed, name) {
        (Value::Null, _) => return Ok(None),
        // CloudEvents 1.0: exactly equivalent to its absence, which is how it is kept, whichever way it was sent.
        (Value::String(media), "datacontenttype") if is_json(media) => return Ok(None),
        (_, "datacontenttype") => {
            let given = parsed.as_str().unwrap_or_else(|| value.get());
            return Err(wrong(unsupported(given, "application/json")));
        }
        (Value::String(text), "dataschema") if !is_uri(text) => {
            let text = words::quoted(text);
            return Err(wrong(Words::new(
                format!("{text} is no URI: expected {A_URI}"),
                format!("{text:#} n'est pas un URI : il faut {A_URI:#}"),
            )));
        }
        (Value::String(text), _) => {
            texts::judge(text, MAX_EXTENSION, Written::Name).map_err(wrong)?;
        }
        (_, "dataschema") => {
            return Err(wrong(faults::given(value.get(), &A_URI)));
        }
        (Value::Bool(_), _) => {}
        (Value::Number(number), _) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
        _ => {
            return Err(wrong(faults::given(value.get(), &AN_EXTENSION)));
        }
    }
    Ok(Some(canonical(&parsed)))
}

/// What [`is_json`] takes, as a pattern.
pub(crate) const JSON_MEDIA: &str = "^[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/[Jj][Ss][Oo][Nn] *(;.*)?$";

fn is_json(media: &str) -> bool {
    let (essence, parameters) = media.split_once(';').unwrap_or((media, ""));
    let essence = essence.trim_end_matches(' ');
    essence.eq_ignore_ascii_case("application/json") && !parameters.contains('\n')
}

/// What [`is_uri`] takes, as a pattern: an absolute URI by its characters (RFC 3986).
pub(crate) const URI: &str = "^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]+$";

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let of_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._~:/?#[]@!$&'()*+,;=%-".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(of_scheme)
        && !rest.is_empty()
        && rest.bytes().all(of_rest)
}
