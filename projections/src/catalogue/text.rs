//! Words as people look for them: without case, without accents.

/// The text in lower case, without accents, everything else than letters and digits as one space.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match bare(letter) {
            Some(bare) => plain.push_str(bare),
            None if letter.is_alphanumeric() => plain.push(letter),
            None if !plain.ends_with(' ') => plain.push(' '),
            None => {}
        }
    }
    plain
}

/// French letters without what stands on them.
fn bare(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'â' | 'ä' | 'á' | 'ã' => "a",
        'ç' => "c",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'î' | 'ï' | 'í' => "i",
        'ñ' => "n",
        'ô' | 'ö' | 'ó' | 'õ' => "o",
        'ù' | 'û' | 'ü' | 'ú' => "u",
        'ÿ' => "y",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

/// Patterns for LIKE, one a word looked for. Plain words hold none of LIKE's own signs.
pub(super) fn patterns(text: &str) -> Vec<String> {
    plain(text)
        .split_whitespace()
        .map(|word| format!("%{word}%"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_without_their_accents_and_signs() {
        assert_eq!(
            plain("Négociation & Relation-Client à l'Œuvre"),
            "negociation relation client a l oeuvre"
        );
        assert_eq!(patterns("  Élève 100%_ "), ["%eleve%", "%100%"]);
        assert!(patterns(" - ").is_empty());
    }
}
