//! Bytes that are no JSON.

use crate::words::{self, Words};
use serde_json::Value;
use serde_json::error::Category;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte at which it was found, from 0.
    pub at: usize,
    /// The sentence.
    pub words: Words,
}

/// The line and the column of a byte of `text`, both from 1; columns count characters.
pub fn place(text: &[u8], at: usize) -> (u64, u64) {
    let before = &text[..at.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    // Bytes that go on with a character are none of their own.
    let characters = before[start..]
        .iter()
        .filter(|byte| **byte & 0xc0 != 0x80)
        .count();
    (line as u64 + 1, characters as u64 + 1)
}

/// What is wrong with bytes that are no JSON; `None` if they are.
pub fn unreadable(json: &[u8]) -> Option<Fault> {
    let text = match std::str::from_utf8(json) {
        Ok(text) => text,
        Err(wrong) => {
            let at = wrong.valid_up_to();
            let byte = json.get(at).copied().unwrap_or_default();
            let words = Words::new(
                format!("the byte {byte:#04X} is not UTF-8: expected text in UTF-8, in which é is C3 A9"),
                format!(
                    "l'octet {byte:#04X} n'est pas de l'UTF-8 : il faut un texte en UTF-8, où é s'écrit C3 A9"
                ),
            );
            return Some(Fault { at, words });
        }
    };
    if text.trim_ascii().is_empty() {
        let words = Words::fixed(
            "nothing was sent: expected JSON, such as {\"specversion\": \"1.0\", …}",
            "rien n'a été envoyé : il faut du JSON, par exemple {\"specversion\": \"1.0\", …}",
        );
        return Some(Fault {
            at: text.len(),
            words,
        });
    }
    let wrong = serde_json::from_str::<Value>(text).err()?;
    let at = match wrong.classify() {
        Category::Eof => text.len(),
        _ => offset(text, wrong.line(), wrong.column()),
    };
    let told = wrong.to_string();
    let (reason, _) = told.rsplit_once(" at line ").unwrap_or((&told, ""));
    let words = match wrong.classify() {
        Category::Eof => ends(reason),
        _ => breaks(reason, text.get(at..).and_then(|rest| rest.chars().next())),
    };
    Some(Fault { at, words })
}

/// The byte of a line and a column in bytes, as the parser counts them.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1));
    let start = starts.nth(line.saturating_sub(1)).unwrap_or(0);
    // An end of line is told as the place before the next one.
    let at = (start + column).saturating_sub(1).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Text that ends before its JSON does.
fn ends(reason: &str) -> Words {
    let [within, dans, close] = match reason {
        "EOF while parsing an object" => ["an object", "un objet", "}"],
        "EOF while parsing a list" => ["a list", "une liste", "]"],
        "EOF while parsing a string" => ["a text", "un texte", "\""],
        _ => {
            return Words::fixed(
                "the JSON is cut off: it ends where a value is expected, such as \"text\", 12, true or null",
                "le JSON est tronqué : il finit là où il faut une valeur, par exemple \"texte\", 12, true ou null",
            );
        }
    };
    Words::new(
        format!("the JSON is cut off: it ends within {within}; expected more, and {close} at its end"),
        format!("le JSON est tronqué : il finit dans {dans} ; il faut la suite, et {close} à la fin"),
    )
}

/// Text that is no JSON at the character `found`.
fn breaks(reason: &str, found: Option<char>) -> Words {
    let [expected, attendu] = match reason {
        "expected `:`" => [
            "a colon after the name of a member, such as \"id\": \"7\"",
            "deux-points après le nom d'un membre, par exemple \"id\": \"7\"",
        ],
        "expected `,` or `}`" => [
            "a comma before the next member, or } at the end of the object",
            "une virgule avant le membre suivant, ou } à la fin de l'objet",
        ],
        "expected `,` or `]`" => [
            "a comma before the next item, or ] at the end of the list",
            "une virgule avant l'élément suivant, ou ] à la fin de la liste",
        ],
        "key must be a string" => [
            "the name of a member between double quotes, such as \"id\"",
            "le nom d'un membre entre guillemets doubles, par exemple \"id\"",
        ],
        "trailing comma" => [
            "another member or item after the comma; none follows the last",
            "un membre ou un élément après la virgule ; il n'y en a pas après le dernier",
        ],
        "trailing characters" => [
            "nothing more after the end of the JSON",
            "la fin du JSON, et rien après elle",
        ],
        "invalid escape" => [
            "an escape of JSON after the backslash, such as \\n, \\\" or \\u00e9",
            "une séquence d'échappement de JSON après la barre oblique inverse, par exemple \\n, \\\" ou \\u00e9",
        ],
        "invalid number" => [
            "a number as JSON writes it, such as 12 or 3.5",
            "un nombre comme JSON les écrit, par exemple 12 ou 3.5",
        ],
        "number out of range" => [
            "a number of a size that can be kept",
            "un nombre d'une grandeur qui peut être conservée",
        ],
        "recursion limit exceeded" => [
            "lists and objects in no more than 127 others",
            "des listes et des objets dans pas plus de 127 autres",
        ],
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => [
            "both halves of the character, such as \\ud83d\\ude00",
            "les deux moitiés du caractère, par exemple \\ud83d\\ude00",
        ],
        reason if reason.starts_with("control character") => [
            "this character written as an escape, such as \\n or \\t",
            "ce caractère écrit par une séquence d'échappement, par exemple \\n ou \\t",
        ],
        _ => [
            "a value, such as \"text\", 12, true, null, [1] or {\"id\": \"7\"}",
            "une valeur, par exemple \"texte\", 12, true, null, [1] ou {\"id\": \"7\"}",
        ],
    };
    let found = found.map_or_else(|| Words::fixed("the end", "la fin"), words::quoted);
    Words::new(
        format!("this is no JSON at {found}: expected {expected}"),
        format!("ce n'est pas du JSON à {found:#} : il faut {attendu}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (json, at, said) in [
            ("", 0, "nothing was sent"),
            ("  \n", 3, "nothing was sent"),
            (r#"{"a":}"#, 5, "at \"}\": expected a value"),
            (r#"{"a" 1}"#, 5, "expected a colon"),
            (r#"{"a":1 "b":2}"#, 7, "expected a comma before the next member"),
            ("[1 2]", 3, "expected a comma before the next item"),
            ("{a:1}", 1, "double quotes"),
            (r#"{"a":1,}"#, 7, "expected another member"),
            ("[1,]", 3, "expected another member or item"),
            ("{} {}", 3, "nothing more after the end"),
            (r#"["\x"]"#, 3, "an escape of JSON"),
            ("[\"a\nb\"]", 3, "as an escape"),
            (r#"["\ud800"]"#, 8, "both halves"),
            ("[01]", 2, "a number as JSON"),
            ("[NaN]", 1, "at \"N\": expected a value"),
            (r#"{"a": "b"#, 8, "within a text"),
            (r#"{"a": [1,"#, 9, "cut off"),
            (r#"{"a": [1"#, 8, "within a list"),
            (r#"{"a": 1"#, 7, "within an object"),
        ] {
            let fault = unreadable(json.as_bytes()).unwrap_or_else(|| panic!("{json} was read"));
            assert!(fault.words.english.contains(said), "{json}: {}", fault.words);
            assert_eq!(fault.at, at, "{json}: {}", fault.words);
            assert_ne!(fault.words.english, fault.words.french);
        }
        assert_eq!(unreadable(b"[1e3, {\"a\": null}]"), None);
    }

    #[test]
    fn what_is_not_utf_8_is_told_by_its_byte() {
        let fault = unreadable(b"{\"a\": \"caf\xe9\"}").unwrap();
        assert!(fault.words.english.contains("0xE9"), "{}", fault.words);
        assert_eq!(fault.at, 10);
    }

    #[test]
    fn deep_nesting_is_told_and_no_danger() {
        let fault = unreadable("[".repeat(100_000).as_bytes()).unwrap();
        assert!(
            fault.words.english.contains("no more than 127"),
            "{}",
            fault.words
        );
    }

    #[test]
    fn columns_count_characters() {
        let text = "{\n \"é\": x}";
        assert_eq!(place(text.as_bytes(), text.find('x').unwrap()), (2, 7));
        assert_eq!(place(b"", 5), (1, 1));
    }
}
