//! An edition of the geography as a table, and its reading.
//!
//! Lines of fields between tabs; the first field says the kind: `R` région, `D` département, `E` the
//! intercommunalité that the following communes are in (its code empty for those in none), `C` commune,
//! `A` a code that counts as a commune's, `F` a former code, the commune that took it over, and the day from which
//! on it was no commune's (empty where it is not known).

use chrono::NaiveDate;

use super::{CommuneRecord, Point, Territory, TerritoryLevel};

/// Positions are written in thousandths of a degree.
const PER_DEGREE: f64 = 1000.0;

/// The communes and territories of one year. Every slice is sorted by code.
pub struct Edition {
    pub(super) communes: Vec<CommuneRecord>,
    pub(super) epcis: Vec<Territory>,
    pub(super) departements: Vec<Territory>,
    pub(super) regions: Vec<Territory>,
    pub(super) accepted: Vec<Accepted>,
    /// Of one code, in the order of their days.
    pub(super) former: Vec<Former>,
}

/// A code an event may carry, and the place of its commune among the communes.
pub(super) struct Accepted {
    pub code: &'static str,
    pub commune: u16,
}

/// A code that was a commune's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Former {
    pub code: &'static str,
    /// The first day on which it was not.
    pub until: Option<NaiveDate>,
    /// Which commune took it over.
    pub commune: &'static str,
}

impl Edition {
    /// Reads a table as `generate.py` writes it. Panics on a malformed one: the program's own is compiled in, so
    /// that the tests have read the same bytes.
    pub fn read(text: &'static str) -> Edition {
        let (mut communes, mut epcis, mut departements, mut regions) = (vec![], vec![], vec![], vec![]);
        let (mut aliases, mut former) = (vec![], vec![]);
        let (mut regions_of, mut epci) = (vec![], None);

        for line in text.lines() {
            let mut fields = line.split('\t');
            let mut next = || fields.next().expect("every line of the table has its fields");
            match next() {
                "R" => regions.push(Territory {
                    level: TerritoryLevel::Region,
                    code: next(),
                    name: next(),
                }),
                "D" => {
                    let (code, region) = (next(), next());
                    regions_of.push((code, region));
                    departements.push(Territory {
                        level: TerritoryLevel::Departement,
                        code,
                        name: next(),
                    });
                }
                "E" => {
                    let (code, name) = (next(), next());
                    epci = Some(code).filter(|code| !code.is_empty());
                    epcis.extend(epci.map(|code| Territory {
                        level: TerritoryLevel::Epci,
                        code,
                        name,
                    }));
                }
                "C" => {
                    let (code, population, lat, lon, name) = (next(), next(), next(), next(), next());
                    let (departement, region) = parents(code, &regions_of);
                    let population = population.parse().expect("a population is a number");
                    let centre = degrees(lat)
                        .zip(degrees(lon))
                        .map(|(lat, lon)| Point { lat, lon });
                    communes.push(CommuneRecord {
                        code,
                        name,
                        epci,
                        departement,
                        region,
                        population,
                        centre,
                    });
                }
                "A" => aliases.push((next(), next())),
                "F" => {
                    let (code, commune, until) = (next(), next(), next());
                    let until =
                        (!until.is_empty()).then(|| until.parse().expect("a day is a day of the calendar"));
                    former.push(Former { code, until, commune });
                }
                kind => unreachable!("the table has no line of kind {kind:?}"),
            }
        }

        for territories in [&mut epcis, &mut departements, &mut regions] {
            territories.sort_unstable_by_key(|territory: &Territory| territory.code);
        }
        communes.sort_unstable_by_key(|commune| commune.code);
        former.sort_unstable();
        let accepted = accepted(&communes, aliases);
        Edition {
            communes,
            epcis,
            departements,
            regions,
            accepted,
            former,
        }
    }
}

impl Edition {
    /// The current commune with this code.
    pub(super) fn commune(&self, code: &str) -> Option<&CommuneRecord> {
        let found = self.communes.binary_search_by_key(&code, |record| record.code);
        found.ok().map(|place| &self.communes[place])
    }
}

/// The département that a commune's code begins with, and its région.
fn parents(commune: &str, regions_of: &[(&'static str, &'static str)]) -> (&'static str, &'static str) {
    let overseas = commune.starts_with("97") || commune.starts_with("98");
    let departement = &commune[..if overseas { 3 } else { 2 }];
    let place = regions_of.binary_search_by_key(&departement, |&(code, _)| code);
    regions_of[place.expect("a commune's code begins with that of a département")]
}

fn degrees(thousandths: &str) -> Option<f64> {
    let number = (!thousandths.is_empty()).then(|| thousandths.parse::<i32>());
    number.map(|number| f64::from(number.expect("a position is a number")) / PER_DEGREE)
}

fn accepted(communes: &[CommuneRecord], aliases: Vec<(&'static str, &'static str)>) -> Vec<Accepted> {
    let own = communes.iter().zip(0..).map(|(record, commune)| Accepted {
        code: record.code,
        commune,
    });
    let other = aliases.into_iter().map(|(code, of)| {
        let place = communes.binary_search_by_key(&of, |record| record.code);
        let place = place.expect("a code counts as that of a commune in the table");
        Accepted {
            code,
            commune: place
                .try_into()
                .expect("there are fewer communes than a u16 counts"),
        }
    });
    let mut accepted: Vec<_> = own.chain(other).collect();
    accepted.sort_unstable_by_key(|known| known.code);
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "R\t28\tNormandie\nD\t76\t28\tSeine-Maritime\n";

    fn table(lines: &str) -> Edition {
        Edition::read(format!("{REGION}{lines}").leak())
    }

    #[test]
    fn communes_are_in_the_intercommunalite_above_them() {
        let table = table("E\t2\tB\nC\t76002\t20\t\t\tDeux\nE\t\t\nC\t76001\t10\t49500\t-25\tUn\n");
        let [one, two] = table.communes.as_slice() else {
            panic!("two communes")
        };
        assert_eq!((one.name, one.epci, one.region), ("Un", None, "28"));
        assert_eq!(
            one.centre,
            Some(Point {
                lat: 49.5,
                lon: -0.025
            })
        );
        assert_eq!((two.name, two.epci, two.centre), ("Deux", Some("2"), None));
        assert_eq!(table.epcis.len(), 1);
    }

    #[test]
    #[should_panic(expected = "counts as that of a commune in the table")]
    fn a_code_that_counts_as_nobody_s_is_a_defect_of_the_table() {
        table("A\t76101\t76001\n");
    }
}
