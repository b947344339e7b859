//! The communes by their names of today and of yesterday, however they are spelt.

pub mod spelling;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::{CommuneRecord, FormerName, commune, communes, former_names};

/// Communes by their names.
pub struct Names {
    by_name: HashMap<String, Vec<Named>>,
}

/// A commune that has a name.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Which one.
    pub commune: &'static CommuneRecord,
    /// What the name is to it.
    pub is: Is,
}

/// What a name is to a commune, the surest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    /// What its name begins with: the town's name with something behind.
    Head,
    /// One it or a part of it had, without the article.
    FormerWithoutArticle,
    /// Its own, without the article.
    OwnWithoutArticle,
    /// One it or a part of it had.
    Former,
    /// Its own.
    Own,
}

impl Names {
    /// Those of the official geographic code, gathered at the first question.
    pub fn of_france() -> &'static Names {
        static FRANCE: LazyLock<Names> = LazyLock::new(|| Names::new(communes(), former_names()));
        &FRANCE
    }

    /// Those of these communes.
    pub fn new(communes: &'static [CommuneRecord], former: &[FormerName]) -> Self {
        let mut names = Names {
            by_name: HashMap::with_capacity(communes.len()),
        };
        for commune in communes {
            names.add(commune, commune.name, Is::Own, Is::OwnWithoutArticle);
        }
        for FormerName { commune: code, name } in former {
            if let Some(commune) = commune(code) {
                names.add(commune, name, Is::Former, Is::FormerWithoutArticle);
            }
        }
        names
    }

    fn add(&mut self, commune: &'static CommuneRecord, name: &str, is: Is, without_article: Is) {
        let (whole, short) = spelling::with_and_without_article(name);
        let mut name = |spelt: String, is| self.by_name.entry(spelt).or_default().push(Named { commune, is });
        name(whole, is);
        if let Some(short) = short {
            name(short, without_article);
        }
    }

    /// All that have the name, spelt as [`spelling::of`] spells.
    pub fn named(&self, spelt: &str) -> &[Named] {
        self.by_name.get(spelt).map_or(&[], Vec::as_slice)
    }
}

/// The communes that most likely are meant by a name: those whose own it is, or else those that had it, the largest first.
pub(crate) fn meant(name: &str) -> Vec<&'static CommuneRecord> {
    let spelt = spelling::of(name);
    let named = Names::of_france().named(&spelt);
    let surest = named.iter().map(|named| named.is).max();
    let mut meant: Vec<_> = named
        .iter()
        .filter(|named| Some(named.is) == surest)
        .map(|named| named.commune)
        .collect();
    meant.sort_by_key(|commune| (Reverse(commune.population), commune.code));
    meant.dedup_by_key(|commune| commune.code);
    meant
}
