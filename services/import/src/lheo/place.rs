//! From an address to a commune: by its INSEE code, else by its postcode and town where that leaves no doubt.

use std::collections::HashMap;
use std::sync::LazyLock;

use parcours_model::codes::{Commune, Invalid};
use parcours_model::geography::{self, CommuneRecord};

use super::element::Element;

/// The communes by département and name; those that share both are in doubt.
pub(super) struct Places {
    by_name: HashMap<(&'static str, String), Option<Commune>>,
}

impl Places {
    /// Those of the official geographic code.
    pub(super) fn of_france() -> &'static Places {
        static FRANCE: LazyLock<Places> = LazyLock::new(|| Places::new(geography::communes()));
        &FRANCE
    }

    fn new(communes: &[CommuneRecord]) -> Self {
        let mut by_name = HashMap::new();
        for record in communes {
            let code = record.code.parse().ok();
            by_name
                .entry((record.departement, spelling(record.name)))
                .and_modify(|known| *known = None)
                .or_insert(code);
        }
        Places { by_name }
    }

    /// The commune of a LHEO `adresse`.
    ///
    /// # Errors
    /// A sentence that says what the address lacks.
    pub(super) fn commune(&self, address: &Element) -> Result<Commune, String> {
        let by_code = address.value_of("code-INSEE-commune").map(by_code);
        if let Some(Ok(commune)) = by_code {
            return Ok(commune);
        }
        let by_town = address.value_of("ville").map(|town| self.by_town(town, address));
        match (by_code, by_town) {
            (_, Some(Ok(commune))) => Ok(commune),
            (Some(Err(code)), _) => Err(code),
            (_, Some(Err(town))) => Err(town),
            _ => Err("the address has neither code-INSEE-commune nor ville".to_owned()),
        }
    }

    fn by_town(&self, town: &str, address: &Element) -> Result<Commune, String> {
        let postcode = address
            .value_of("codepostal")
            .filter(|code| code.len() == 5)
            .unwrap_or_default();
        let candidates: Vec<&str> = match postcode {
            "" => address.value_of("departement").into_iter().collect(),
            code if code.starts_with("20") => vec!["2A", "2B"],
            code => vec![departement(code)],
        };
        if candidates.is_empty() {
            return Err(format!(
                "the address has no code-INSEE-commune, and ville \"{town}\" comes without codepostal"
            ));
        }
        let name = spelling(town);
        let found: Vec<_> = candidates
            .iter()
            .filter_map(|&within| self.by_name.get(&(within, name.clone())))
            .collect();
        match found[..] {
            [Some(commune)] => Ok(*commune),
            [] => Err(format!(
                "ville \"{town}\" is no commune of the département of codepostal \"{postcode}\""
            )),
            _ => Err(format!(
                "ville \"{town}\" is the name of several communes around codepostal \"{postcode}\""
            )),
        }
    }
}

fn by_code(text: &str) -> Result<Commune, String> {
    // Spreadsheets drop the zero of the first nine départements.
    let code = format!("{:0>5}", text.to_ascii_uppercase());
    code.parse()
        .map_err(|invalid: Invalid| format!("code-INSEE-commune: {invalid}"))
}

/// The département at the head of an INSEE code or a postcode. Corsica's postcodes don't tell its two apart.
fn departement(code: &str) -> &str {
    let length = if code.starts_with("97") || code.starts_with("98") {
        3
    } else {
        2
    };
    code.get(..length).unwrap_or(code)
}

/// One spelling for a commune's name as the post, the register and people write it: `ST-LÔ CEDEX 2` is Saint-Lô.
fn spelling(name: &str) -> String {
    let mut letters = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_uppercase) {
        match letter {
            'A'..='Z' | '0'..='9' => letters.push(letter),
            other => letters.push_str(without_accent(other)),
        }
    }
    let mut words: Vec<&str> = letters.split_whitespace().collect();
    if let Some(at) = words.iter().rposition(|&word| word == "CEDEX") {
        words.truncate(at);
    }
    while words.len() > 1 && words[words.len() - 1].starts_with(|c: char| c.is_ascii_digit()) {
        words.pop();
    }
    for word in &mut words {
        *word = match *word {
            "ST" => "SAINT",
            "STE" => "SAINTE",
            other => other,
        };
    }
    words.join(" ")
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
        _ => " ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(parts: &[(&str, &str)]) -> Element {
        let child = |(name, content): &(&str, &str)| Element {
            name: (*name).to_owned(),
            content: (*content).to_owned(),
            ..Element::default()
        };
        Element {
            children: parts.iter().map(child).collect(),
            ..Element::default()
        }
    }

    fn commune(parts: &[(&str, &str)]) -> Result<String, String> {
        Places::of_france()
            .commune(&address(parts))
            .map(|commune| commune.to_string())
    }

    #[test]
    fn the_insee_code_comes_first_with_its_zero_and_its_city() {
        assert_eq!(
            commune(&[
                ("ville", "Caen"),
                ("codepostal", "14000"),
                ("code-INSEE-commune", "76540")
            ])
            .unwrap(),
            "76540"
        );
        assert_eq!(commune(&[("code-INSEE-commune", "1004")]).unwrap(), "01004");
        assert_eq!(commune(&[("code-INSEE-commune", "75115")]).unwrap(), "75115");
    }

    #[test]
    fn the_town_is_found_however_it_is_spelt() {
        for (postcode, town, code) in [
            ("50010", "ST LO CEDEX 2", "50502"),
            ("50000", "Saint-Lô", "50502"),
            ("14000", "CAEN", "14118"),
            ("75015", "PARIS 15", "75056"),
            ("75015", "Paris 15e", "75056"),
            ("20000", "Ajaccio", "2A004"),
            ("20200", "BASTIA CEDEX", "2B033"),
            ("97400", "SAINT DENIS", "97411"),
        ] {
            assert_eq!(
                commune(&[("codepostal", postcode), ("ville", town)]).as_deref(),
                Ok(code),
                "{town}"
            );
        }
    }

    #[test]
    fn a_wrong_code_gives_way_to_the_town() {
        let parts = [
            ("code-INSEE-commune", "76999"),
            ("codepostal", "76000"),
            ("ville", "ROUEN"),
        ];
        assert_eq!(commune(&parts).unwrap(), "76540");
    }

    #[test]
    fn what_an_address_lacks_is_said() {
        for (parts, said) in [
            (
                &[("codepostal", "76000")][..],
                "neither code-INSEE-commune nor ville",
            ),
            (&[("ville", "Rouen")], "without codepostal"),
            (
                &[("ville", "Atlantis"), ("codepostal", "76000")],
                "no commune of the département",
            ),
            (&[("code-INSEE-commune", "76999")], "\"76999\" is not a commune"),
        ] {
            let refused = commune(parts).unwrap_err();
            assert!(refused.contains(said), "{refused}");
        }
    }

    #[test]
    fn two_communes_of_one_name_leave_doubt() {
        let named = |code: &'static str| CommuneRecord {
            code,
            name: "Le Mesnil",
            ..*geography::commune("14118").unwrap()
        };
        let places = Places::new(&[named("14118"), named("14366")]);
        let refused = places
            .commune(&address(&[("ville", "Le Mesnil"), ("codepostal", "14100")]))
            .unwrap_err();
        assert!(refused.contains("several communes"), "{refused}");
    }
}
