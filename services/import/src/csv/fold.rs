//! Words without regard to capitals, accents, spaces and what else stands between letters: headers and words of a list are
//! told apart by what is left.

/// `Date d'entrée` is `datedentree`, `planned_minutes` is `plannedminutes`.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            letter if letter.is_ascii_alphanumeric() => folded.push(letter),
            // Accents that stand for themselves, and all that is no letter and no digit.
            letter if letter.is_ascii() || ('\u{300}'..='\u{36f}').contains(&letter) => {}
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_capitals_and_signs_make_no_difference() {
        for (one, other) in [
            ("Date d'entrée", "DATE D’ENTREE"),
            ("planned_minutes", "Planned minutes"),
            ("N° de dossier", "n de dossier"),
            ("Œuvre", "oeuvre"),
            ("pre\u{301}sence", "présence"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }
}
