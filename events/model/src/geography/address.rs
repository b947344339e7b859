//! What an address says of a commune beside its code: a postcode, and the names that communes had. Compiled in from
//! `geography/addresses.tsv`, read at the first question.
//!
//! Lines of fields between tabs: `P` a postcode and the codes of its communes, `N` the code of a commune of today and a
//! name that it, or a part of it, had. Of another edition of the geography ([`super::exchange`]) it tells nothing new.

use super::{CommuneRecord, commune};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

struct Addresses {
    /// Sorted by postcode.
    postcodes: Vec<(&'static str, Vec<&'static str>)>,
    /// The lowest of each commune's.
    lowest: HashMap<&'static str, &'static str>,
    names: Vec<FormerName>,
}

/// A name that a commune of today, or one that has become a part of it, had or still has in the commune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerName {
    /// The code of the commune of today.
    pub commune: &'static str,
    /// The name, with the article.
    pub name: &'static str,
}

static COMPILED_IN: LazyLock<Addresses> =
    LazyLock::new(|| read(include_str!("../../geography/addresses.tsv")));

fn read(text: &'static str) -> Addresses {
    let (mut postcodes, mut names): (Vec<(&str, Vec<&str>)>, _) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().expect("every line of the table has its fields");
        match next() {
            "P" => postcodes.push((next(), fields.collect())),
            "N" => names.push(FormerName {
                commune: next(),
                name: next(),
            }),
            kind => unreachable!("the table has no line of kind {kind:?}"),
        }
    }
    let mut lowest = HashMap::new();
    for (postcode, communes) in &postcodes {
        for commune in communes {
            lowest.entry(*commune).or_insert(*postcode);
        }
    }
    Addresses {
        postcodes,
        lowest,
        names,
    }
}

/// The codes of the communes of a postcode; none for one that is nobody's, such as those of large receivers (CEDEX).
pub fn communes_of_postcode(postcode: &str) -> &'static [&'static str] {
    let postcodes = &COMPILED_IN.postcodes;
    postcodes
        .binary_search_by_key(&postcode, |(known, _)| known)
        .map_or(&[], |place| &postcodes[place].1)
}

/// The postcode of a commune, by its code: the lowest of several, which is the centre's as a rule. None where no letter is
/// delivered, and of a code that is not today's.
pub fn postcode_of(commune: &str) -> Option<&'static str> {
    COMPILED_IN.lowest.get(commune).copied()
}

/// The communes of a postcode, the largest first.
pub fn of_postcode(postcode: &str) -> Vec<&'static CommuneRecord> {
    let codes = communes_of_postcode(postcode).iter();
    let mut communes: Vec<_> = codes.filter_map(|code| commune(code)).collect();
    communes.sort_by_key(|commune| Reverse(commune.population));
    communes
}

/// The names that communes had, those of the parts of today's communes among them.
pub fn former_names() -> &'static [FormerName] {
    &COMPILED_IN.names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_is_that_of_one_commune_or_of_several() {
        assert_eq!(communes_of_postcode("76610"), ["76351"]);
        assert!(communes_of_postcode("61360").contains(&"61196"));
        assert!(communes_of_postcode("76037").is_empty(), "Rouen CEDEX");
        assert_eq!(COMPILED_IN.postcodes.len(), 6_310);
        assert!(COMPILED_IN.postcodes.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_commune_has_the_lowest_of_its_postcodes() {
        assert_eq!(postcode_of("76540"), Some("76000"));
        assert_eq!(postcode_of("14118"), Some("14000"));
        assert_eq!(postcode_of("14011"), None, "a code of yesterday");
    }

    #[test]
    fn a_postcode_leads_to_its_communes_the_largest_first() {
        let names = |postcode: &str| -> Vec<&str> {
            of_postcode(postcode).iter().map(|commune| commune.name).collect()
        };
        assert_eq!(names("76000"), ["Rouen"]);
        assert_eq!(names("75015"), ["Paris"]);
        assert_eq!(names("50100")[0], "Cherbourg-en-Cotentin");
        assert_eq!(names("76999"), [""; 0]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn a_former_name_leads_to_the_commune_of_today() {
        let had = |name: &str| -> Vec<&str> {
            let named = former_names().iter().filter(|former| former.name == name);
            named.map(|former| former.commune).collect()
        };
        assert_eq!(had("Cherbourg-Octeville"), ["50129"]);
        assert_eq!(had("Châlons-sur-Marne"), ["51108"]);
        assert!(had("La Perrière").contains(&"61196"));
        assert!(had("Rouen").is_empty(), "its name of today");
    }

    #[test]
    fn every_code_is_that_of_a_commune_of_today() {
        let of_postcodes = COMPILED_IN.postcodes.iter().flat_map(|(_, codes)| codes);
        let of_names = COMPILED_IN.names.iter().map(|former| &former.commune);
        assert!(of_postcodes.chain(of_names).all(|code| commune(code).is_some()));
    }
}
