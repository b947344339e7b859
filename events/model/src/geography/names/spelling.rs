//! One spelling for a commune's name as the post, the register and people write it.

/// `ST-LÔ CEDEX 2` is Saint-Lô, `Havre (Le)` Le Havre: capitals without accents, spaces or anything else between words.
pub fn of(name: &str) -> String {
    words(name).concat()
}

/// The same, and the same without the article at its head, if it has one.
pub fn with_and_without_article(name: &str) -> (String, Option<String>) {
    let words = words(name);
    let without = match &words[..] {
        [article, rest @ ..] if ARTICLES.contains(&article.as_str()) && !rest.is_empty() => {
            Some(rest.concat())
        }
        _ => None,
    };
    (words.concat(), without)
}

/// The postcode that some write into the town: `76600 Le Havre`, `Le Havre (76600)`.
pub fn postcode_in(town: &str) -> Option<&str> {
    let mut numbers = town.split(|c: char| !c.is_ascii_digit());
    numbers.find(|number| number.len() == 5)
}

const ARTICLES: [&str; 4] = ["LE", "LA", "LES", "L"];
/// Behind these stands what is no part of a town's name.
const ENDS: [&str; 4] = ["CEDEX", "BP", "CS", "TSA"];
/// The arrondissements of Paris, Lyon and Marseille.
const ARRONDISSEMENT: [&str; 5] = ["ARRONDISSEMENT", "ARRONDIS", "ARRDT", "ARDT", "ARR"];

fn words(name: &str) -> Vec<String> {
    let (outside, inside) = match name.split_once('(') {
        Some((outside, inside)) => (outside, inside.split(')').next().unwrap_or_default()),
        None => (name, ""),
    };
    let mut words = split(outside);
    if let Some(at) = words
        .iter()
        .skip(1)
        .position(|word| ENDS.contains(&word.as_str()))
    {
        words.truncate(at + 1);
    }
    if words.len() > 1 && words[0].len() == 5 && begins_with_digit(&words[0]) {
        words.remove(0);
    }
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| begins_with_digit(word) || ARRONDISSEMENT.contains(&word.as_str()))
    {
        words.pop();
    }
    // A town of these numbers its arrondissements in Roman, too.
    if let [town, number] = &words[..]
        && ["PARIS", "LYON", "MARSEILLE"].contains(&town.as_str())
        && is_roman(number)
    {
        words.pop();
    }
    let article = split(inside);
    if let [article] = &article[..]
        && ARTICLES.contains(&article.as_str())
    {
        words.insert(0, article.clone());
    }
    words
}

fn begins_with_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn is_roman(word: &str) -> bool {
    let number = word
        .trim_end_matches("EME")
        .trim_end_matches("ER")
        .trim_end_matches('E');
    !number.is_empty() && number.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
}

fn split(text: &str) -> Vec<String> {
    let mut letters = String::with_capacity(text.len());
    for letter in text.replace(" S/", " SUR ").replace(" s/", " sur ").chars() {
        for letter in letter.to_uppercase() {
            match letter {
                'A'..='Z' | '0'..='9' => letters.push(letter),
                other => letters.push_str(without_accent(other)),
            }
        }
    }
    let full = |word: &str| match word {
        "ST" => "SAINT".to_owned(),
        "STE" => "SAINTE".to_owned(),
        "STS" => "SAINTS".to_owned(),
        other => other.to_owned(),
    };
    letters.split_whitespace().map(full).collect()
}

fn without_accent(letter: char) -> &'static str {
    match letter {
        'À'..='Å' => "A",
        'Ç' => "C",
        'È'..='Ë' => "E",
        'Ì'..='Ï' => "I",
        'Ñ' => "N",
        'Ò'..='Ö' => "O",
        'Ù'..='Ü' => "U",
        'Ý' | 'Ÿ' => "Y",
        'Œ' => "OE",
        'Æ' => "AE",
        // Combining accents, of letters that are written in two characters.
        '\u{300}'..='\u{36f}' => "",
        _ => " ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_one_name_are_one_spelling() {
        for (name, ways) in [
            (
                "Saint-Lô",
                &[
                    "ST LO CEDEX 2",
                    "ST-LÔ",
                    "saint lo",
                    "St Lo\u{302}",
                    "50000 SAINT-LO",
                ][..],
            ),
            (
                "Le Havre",
                &[
                    "LE HAVRE",
                    "Havre (Le)",
                    "LE-HAVRE CEDEX",
                    "Le Havre (76)",
                    "Le Havre (76600)",
                ],
            ),
            ("L'Aigle", &["L AIGLE", "L’Aigle", "LAIGLE"]),
            ("Villers-sur-Mer", &["VILLERS S/MER", "Villers s/ Mer"]),
            (
                "Paris",
                &[
                    "PARIS 15",
                    "Paris 15e Arrondissement",
                    "PARIS 01ER ARR",
                    "Paris XVe",
                    "Paris CEDEX 09",
                ],
            ),
            ("Marseille", &["MARSEILLE 08", "Marseille 8ème arrondissement"]),
            ("Sainte-Marie-du-Mont", &["STE MARIE DU MONT"]),
        ] {
            for way in ways {
                assert_eq!(of(way), of(name), "{way}");
            }
        }
        assert_ne!(of("Vire"), of("Virey"));
        let short = |name| with_and_without_article(name).1;
        assert_eq!(short("Le Havre").as_deref(), Some("HAVRE"));
        assert_eq!(short("Rouen"), None);
        assert_eq!(postcode_in("76600 Le Havre"), Some("76600"));
        assert_eq!(postcode_in("Paris 15"), None);
    }
}
