use std::fmt;

/// The longest part of a refused value that an error repeats, in characters: what a stranger sent
/// must not fill a log line.
const SHOWN: usize = 40;

/// A value that is not the code it should be. Its message names the value, the code and what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {code}: expected {expected}")]
pub struct Invalid {
    /// The code with its article, such as `a SIRET`.
    pub code: &'static str,
    /// The refused value, cut when long.
    pub value: String,
    /// What would have been accepted.
    pub expected: String,
}

impl Invalid {
    pub(crate) fn new(code: &'static str, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        let mut value = value.to_string();
        if let Some((cut, _)) = value.char_indices().nth(SHOWN) {
            value.truncate(cut);
            value.push('…');
        }
        Invalid {
            code,
            value,
            expected: expected.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_in_the_message() {
        let refused = Invalid::new("a SIRET", "é".repeat(500), "14 digits");
        assert_eq!(
            refused.to_string(),
            format!("\"{}…\" is not a SIRET: expected 14 digits", "é".repeat(SHOWN))
        );
    }
}
