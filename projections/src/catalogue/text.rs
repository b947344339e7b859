//! Words as people look for them: without case, without accents, by their stems, and without those that say nothing.

use rust_stemmers::{Algorithm, Stemmer};
use std::sync::LazyLock;

/// Snowball's algorithm for French, which PostgreSQL's own dictionary of it has, too; here it is the same for both databases.
static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::French));

/// Articles, prepositions, conjunctions and pronouns of French, as [`plain`] writes them.
const STOP_WORDS: [&str; 60] = [
    "a", "au", "aux", "avec", "c", "ce", "ces", "cet", "cette", "chez", "d", "dans", "de", "des", "du",
    "elle", "en", "est", "et", "eux", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "leurs", "lui",
    "ma", "mes", "mon", "n", "ne", "nos", "notre", "nous", "on", "ou", "par", "pas", "pour", "qu", "que",
    "qui", "s", "sa", "se", "ses", "son", "sont", "sous", "sur", "un", "une", "vers", "vos", "vous",
];

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

/// What is looked for of a text: the stems of its words, between spaces.
pub(super) fn words(text: &str) -> String {
    let plain = plain(text);
    let words = plain.split_whitespace();
    let telling = words.filter(|word| STOP_WORDS.binary_search(word).is_err());
    telling
        .map(|word| STEMMER.stem(word))
        .collect::<Vec<_>>()
        .join(" ")
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
        assert!(words(" - ").is_empty());
        assert_eq!(words("Élève 100%_"), words("eleve 100"));
    }

    #[test]
    fn the_plural_is_the_singular_and_small_words_are_nothing() {
        for (one, other) in [
            ("Métiers", "métier"),
            ("les métiers de la vente", "metier vente"),
            ("Animaux", "animal"),
            ("aide-soignantes", "aide soignant"),
            ("L'ACCUEIL des clients", "accueil client"),
        ] {
            assert_eq!(words(one), words(other));
        }
        assert_ne!(words("cuisine"), words("menuiserie"));
        assert!(words("de la pour les").is_empty());
    }

    #[test]
    fn the_small_words_are_in_order_to_be_found() {
        assert!(STOP_WORDS.is_sorted());
    }
}
