//! What is said to people, in English and in French.

use std::borrow::Cow;
use std::fmt;

/// The longest part of a value that a sentence repeats, in characters: what a stranger sent must not fill a log line.
const SHOWN: usize = 40;

/// A sentence, or a part of one, in both languages. Displayed in English, and in French with `{:#}`: so it passes through
/// errors that know of nothing but text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Words {
    /// In English.
    pub english: Cow<'static, str>,
    /// In French.
    pub french: Cow<'static, str>,
}

impl Words {
    /// Words in both languages.
    pub fn new(english: impl Into<Cow<'static, str>>, french: impl Into<Cow<'static, str>>) -> Self {
        Self {
            english: english.into(),
            french: french.into(),
        }
    }

    /// The same of words that are known beforehand.
    pub const fn fixed(english: &'static str, french: &'static str) -> Self {
        Self {
            english: Cow::Borrowed(english),
            french: Cow::Borrowed(french),
        }
    }

    /// What is displayed, in both languages: for errors that know of nothing but text.
    pub fn of(text: &impl fmt::Display) -> Self {
        Self::new(format!("{text}"), format!("{text:#}"))
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if f.alternate() {
            &self.french
        } else {
            &self.english
        })
    }
}

/// A value of which a sentence speaks, cut when long.
pub(crate) fn shown(value: impl fmt::Display) -> String {
    let mut value = value.to_string();
    if let Some((cut, _)) = value.char_indices().nth(SHOWN) {
        value.truncate(cut);
        value.push('…');
    }
    value
}

/// The same between the quotes of each language.
pub(crate) fn quoted(value: impl fmt::Display) -> Words {
    let value = shown(value);
    Words::new(format!("{value:?}"), format!("« {} »", seen(&value)))
}

/// A text with what nobody can see written out; quotes and apostrophes stand in it as they are.
fn seen(text: &str) -> String {
    let written = |letter: char| match letter {
        '\'' | '"' | '\\' => letter.to_string(),
        letter => letter.escape_debug().to_string(),
    };
    text.chars().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_text_keeps_both_languages() {
        let words = Words::new("a day", "un jour");
        assert_eq!(Words::of(&words), words);
        assert_eq!(Words::of(&"7").french, "7");
    }

    #[test]
    fn a_value_is_quoted_as_each_language_does() {
        let words = quoted("l'\"été\"\u{7}");
        assert_eq!(words.english, r#""l'\"été\"\u{7}""#);
        assert_eq!(words.french, r#"« l'"été"\u{7} »"#);
    }

    #[test]
    fn a_long_value_is_cut() {
        let long = quoted("é".repeat(500));
        assert_eq!(long.english, format!("\"{}…\"", "é".repeat(SHOWN)));
        assert_eq!(long.french, format!("« {}… »", "é".repeat(SHOWN)));
    }
}
