use crate::words::{self, Words};
use std::fmt;

/// A code, in the words that a sentence needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Its name with its article, in English and in French.
    pub name: [&'static str; 2],
    /// What is expected, in English and in French.
    pub expected: [&'static str; 2],
    /// A value that is taken.
    pub example: &'static str,
}

/// A value that is not the code it should be. Its message names the value, the code and what is expected: in English,
/// and with `{:#}` in French.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    /// The code with its article, such as `a SIRET`.
    pub code: &'static str,
    /// The same in French.
    code_fr: &'static str,
    /// The refused value, cut when long.
    pub value: String,
    /// What would have been accepted.
    pub expected: Words,
}

impl Invalid {
    pub(crate) fn new(name: [&'static str; 2], value: impl fmt::Display, expected: Words) -> Self {
        Invalid {
            code: name[0],
            code_fr: name[1],
            value: words::shown(value),
            expected,
        }
    }
}

impl Code {
    /// A value refused for what it is.
    pub(crate) fn refuse(&self, value: impl fmt::Display) -> Invalid {
        Invalid::new(self.name, value, self.expected())
    }

    /// What is expected, with an example.
    pub(crate) fn expected(&self) -> Words {
        let ([english, french], example) = (self.expected, self.example);
        Words::new(
            format!("{english}, such as {example}"),
            format!("{french}, par exemple {example}"),
        )
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, expected) = (words::quoted(&self.value), &self.expected);
        match f.alternate() {
            false => write!(f, "{value} is not {}: expected {expected}", self.code),
            true => write!(f, "{value:#} n'est pas {} : il faut {expected:#}", self.code_fr),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_was_found_and_what_is_expected_in_both_languages() {
        let code = Code {
            name: ["a SIRET", "un SIRET"],
            expected: ["14 digits", "14 chiffres"],
            example: "20005340300016",
        };
        let refused = code.refuse("abc");
        assert_eq!(
            (format!("{refused}"), format!("{refused:#}")),
            (
                "\"abc\" is not a SIRET: expected 14 digits, such as 20005340300016".to_owned(),
                "« abc » n'est pas un SIRET : il faut 14 chiffres, par exemple 20005340300016".to_owned()
            )
        );
    }
}
