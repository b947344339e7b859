//! The communes by their names of today and of yesterday.

use std::collections::HashMap;
use std::sync::LazyLock;

use parcours_model::geography::{self, CommuneRecord, FormerName};

use super::spelling;

/// The communes of France as addresses name them.
pub(crate) struct Places {
    by_name: HashMap<String, Vec<Named>>,
}

/// A commune that has a name.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) commune: &'static CommuneRecord,
    pub(super) is: Is,
}

/// What a name is to a commune, the surest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Is {
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

impl Places {
    /// Those of the official geographic code.
    pub(crate) fn of_france() -> &'static Places {
        static FRANCE: LazyLock<Places> =
            LazyLock::new(|| Places::new(geography::communes(), geography::former_names()));
        &FRANCE
    }

    pub(super) fn new(communes: &'static [CommuneRecord], former: &[FormerName]) -> Self {
        let mut places = Places {
            by_name: HashMap::with_capacity(communes.len()),
        };
        for commune in communes {
            places.add(commune, commune.name, Is::Own, Is::OwnWithoutArticle);
        }
        for FormerName { commune, name } in former {
            if let Some(commune) = geography::commune(commune) {
                places.add(commune, name, Is::Former, Is::FormerWithoutArticle);
            }
        }
        places
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
    pub(super) fn named(&self, spelt: &str) -> &[Named] {
        self.by_name.get(spelt).map_or(&[], Vec::as_slice)
    }
}
