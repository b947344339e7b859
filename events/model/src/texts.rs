//! Which characters a text may be made of: those that can be stored, shown and sent on everywhere.
//!
//! Control characters (U+0000 to U+001F, U+007F to U+009F) break lines, terminals, XML and PostgreSQL's text;
//! non-characters (U+FDD0 to U+FDEF, and the last two of every plane) are for internal use and no text at all. CloudEvents
//! forbids both in attributes. Lone surrogates cannot be in a Rust string.

use crate::words::Words;

/// How a text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Words of people: tabs and ends of lines are welcome.
    Prose,
    /// A name on one line.
    Name,
    /// A name from before there was a rule.
    Anyhow,
}

/// The non-characters beyond U+FFFF. Literal, since escapes for them differ from one regular expression to another; and one
/// by one, not as ends of ranges, which are none for a reader that takes a pair of surrogates for two characters.
const NONE_BEYOND: &str = "\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\
    \u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\
    \u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}";

impl Written {
    /// The same as a pattern of JSON Schema.
    pub fn pattern(self) -> Option<String> {
        let lines = match self {
            Written::Prose => "\\t\\n\\r",
            Written::Name => "",
            Written::Anyhow => return None,
        };
        Some(format!(
            "^([{lines}\\u0020-\\u007E\\u00A0-\\uD7FF\\uE000-\\uFDCF\\uFDF0-\\uFFFD]|[^\\u0000-\\uFFFF{NONE_BEYOND}])*$"
        ))
    }

    fn allows(self, character: char) -> bool {
        let point = u32::from(character);
        match self {
            Written::Anyhow => true,
            Written::Prose if matches!(character, '\t' | '\n' | '\r') => true,
            _ => {
                !character.is_control()
                    && !(0xfdd0..=0xfdef).contains(&point)
                    && !matches!(point & 0xffff, 0xfffe | 0xffff)
            }
        }
    }
}

/// Reads the name of an actor: what the log writes of who brought an event.
pub fn actor(name: &str) -> Result<String, Words> {
    judge(name, crate::MAX_KEY, Written::Name)?;
    match name.trim() {
        "" => Err(Words::new("empty: expected a name", "vide : il faut un nom")),
        _ => Ok(name.to_owned()),
    }
}

/// Refuses a text of more than `most` characters, or with one that is not allowed.
pub(crate) fn judge(text: &str, most: usize, written: Written) -> Result<(), Words> {
    // A character has four bytes at most, so that a short text need not be counted.
    if text.len() > most {
        let count = text.chars().count();
        if count > most {
            return Err(Words::new(
                format!("{count} characters are too many: expected at most {most}"),
                format!("{count} caractères, c'est trop : au plus {most}"),
            ));
        }
    }
    // Plain ASCII is most of what comes.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(());
    }
    match text.chars().find(|character| !written.allows(*character)) {
        Some(character) => {
            let point = u32::from(character);
            let [english, french] = match written {
                Written::Prose => [
                    " other than tabs and ends of lines",
                    " autres que tabulations et fins de ligne",
                ],
                _ => ["", ""],
            };
            Err(Words::new(
                format!(
                    "the character U+{point:04X} is not allowed: expected text without control characters{english}"
                ),
                format!(
                    "le caractère U+{point:04X} n'est pas admis : il faut un texte sans caractères de contrôle{french}"
                ),
            ))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_people_are_taken_as_they_are_written() {
        for text in [
            "",
            "L'œuvre\n\tde Zoé\r\n",
            "Ἀχιλλεύς 🎓",
            "\u{fdcf}\u{fffd}\u{1fffd}",
        ] {
            assert_eq!(judge(text, 40, Written::Prose), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_refused_with_its_number() {
        for (text, number) in [
            ("a\0", "U+0000"),
            ("\u{1b}[2J", "U+001B"),
            ("\u{85}", "U+0085"),
            ("\u{fdd0}", "U+FDD0"),
            ("\u{10ffff}", "U+10FFFF"),
        ] {
            let refused = judge(text, 40, Written::Prose).unwrap_err().english;
            assert!(refused.contains(number), "{refused}");
        }
    }

    #[test]
    fn a_name_is_on_one_line() {
        assert!(judge("two\nlines", 40, Written::Name).is_err());
        assert!(judge("two\nlines", 40, Written::Anyhow).is_ok());
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(judge(&"é".repeat(40), 40, Written::Prose).is_ok());
        assert!(judge(&"é".repeat(41), 40, Written::Prose).is_err());
    }
}
