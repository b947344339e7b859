//! From an address to a commune. Code, postcode and town are weighed together, since each of them may be wrong: a postcode
//! in the place of the code, a code or a name of yesterday, a town beside the one that is meant.

mod weighing;

use parcours_model::codes::Commune;
use parcours_model::geography;
use parcours_model::geography::names::{Names, spelling};

use super::element::Element;
use super::number;

/// Where an address is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) commune: Commune,
    /// What does not agree with that, in a sentence; `None` where all that the address says does.
    pub(super) remark: Option<String>,
}

/// Why an address leads to no commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unplaced {
    /// It names none: another address may stand in.
    Silent,
    /// It says something that does not tell which. No other address may stand in but one of `candidates`.
    Doubt {
        reason: String,
        candidates: Vec<Commune>,
    },
}

impl Unplaced {
    fn doubt(reason: impl Into<String>) -> Self {
        Unplaced::Doubt {
            reason: reason.into(),
            candidates: Vec::new(),
        }
    }
}

/// What an `adresse` says of its commune, each number cleaned.
#[derive(Debug, Default)]
struct Address<'a> {
    code: Option<String>,
    postcode: Option<String>,
    town: Option<&'a str>,
    departement: Option<String>,
}

impl<'a> Address<'a> {
    fn of(element: &'a Element) -> Self {
        let town = element.value_of("ville");
        let postcode = element.value_of("codepostal").and_then(number::postcode);
        let in_town = || town.and_then(spelling::postcode_in).map(str::to_owned);
        Address {
            code: element.value_of("code-INSEE-commune").map(number::insee),
            postcode: postcode.or_else(in_town),
            town: town.filter(|town| !spelling::of(town).is_empty()),
            departement: element
                .value_of("departement")
                .map(|departement| format!("{:0>2}", number::cleaned(departement))),
        }
    }

    fn is_silent(&self) -> bool {
        self.code.is_none() && self.postcode.is_none() && self.town.is_none()
    }
}

/// The communes as addresses name them.
pub(super) struct Places(&'static Names);

impl Places {
    /// Those of the official geographic code.
    pub(super) fn of_france() -> Self {
        Places(Names::of_france())
    }

    /// The commune of a LHEO `adresse`.
    pub(super) fn commune(&self, address: &Element) -> Result<Found, Unplaced> {
        let said = Address::of(address);
        if let Some(country) = address.value_of("pays").filter(|country| is_abroad(country)) {
            return Err(Unplaced::doubt(format!("pays \"{country}\" is abroad")));
        }
        if said.is_silent() {
            return Err(Unplaced::Silent);
        }
        self.weigh(&said)
    }
}

/// ISO 3166's codes of France and of what it has overseas.
const FRENCH: &str = "FR FRA FX BL GF GP MF MQ NC PF PM RE TF WF YT";

/// By its ISO code or its name; numbers say nothing.
fn is_abroad(country: &str) -> bool {
    let name = spelling::of(country);
    let french = FRENCH.split(' ').any(|code| code == name) || name.starts_with("FRANCE");
    let mut own = geography::departements().iter().chain(geography::regions());
    let overseas = |own: &geography::Territory| {
        let (whole, short) = spelling::with_and_without_article(own.name);
        whole == name || short.is_some_and(|short| short == name)
    };
    let says = name.starts_with(|c: char| c.is_ascii_alphabetic());
    says && !french && !own.any(overseas)
}

#[cfg(test)]
mod tests;
