//! Which commune most of an address speaks for.

use parcours_model::codes::Commune;
use parcours_model::geography::names::{Is, Named, spelling};
use parcours_model::geography::{self, CommuneRecord};

use super::{Address, Found, Places, Unplaced};

/// What speaks for a commune.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    commune: &'static CommuneRecord,
    /// The code is its own, or was that of a part of it.
    code: bool,
    /// The town is its name.
    town: Option<Is>,
    /// The postcode is one of its own.
    postcode: bool,
    /// It is in the département that the postcode begins with, or that the address names.
    near: bool,
}

/// What the parts of an address mean, each by itself.
struct Meaning<'a> {
    said: &'a Address<'a>,
    code: Option<&'static CommuneRecord>,
    /// The communes of the postcode, or of the code if it is one and no other is given.
    postcode: &'static [&'static str],
    /// Whether the code is the postcode written twice.
    code_is_postcode: bool,
    /// The départements that the address may be in; none if it does not tell.
    departements: Vec<&'a str>,
}

impl<'a> Meaning<'a> {
    fn of(said: &'a Address<'a>) -> Self {
        let code = said.code.as_deref();
        let meant = code
            .and_then(|code| Commune::read(code).ok())
            .and_then(Commune::record);
        let postcode = said.postcode.as_deref().or(code);
        Meaning {
            said,
            code: meant,
            postcode: postcode.map_or(&[], geography::communes_of_postcode),
            code_is_postcode: code.is_some() && code == said.postcode.as_deref(),
            departements: departements(said),
        }
    }

    fn candidate(&self, commune: &'static CommuneRecord, town: Option<Is>) -> Candidate {
        Candidate {
            commune,
            code: self.code.is_some_and(|meant| meant.code == commune.code),
            town,
            postcode: self.postcode.contains(&commune.code),
            near: self.departements.contains(&commune.departement),
        }
    }

    /// Two that agree outweigh a third. A code that repeats the postcode is most likely no code.
    fn weight(&self, candidate: &Candidate) -> u32 {
        let code = match (candidate.code, self.code_is_postcode) {
            (true, false) => 8,
            (true, true) => 3,
            (false, _) => 0,
        };
        let town = match candidate.town {
            Some(Is::Own) => 8,
            Some(Is::Former) => 7,
            Some(Is::OwnWithoutArticle) => 6,
            Some(Is::FormerWithoutArticle) => 5,
            Some(Is::Head) => 3,
            None => 0,
        };
        let postcode = match (candidate.postcode, self.postcode.len()) {
            (true, 1) => 8,
            (true, _) => 6,
            (false, _) => 0,
        };
        // Of a postcode that is no commune's (a CEDEX), the département counts.
        let near = u32::from(candidate.near && self.postcode.is_empty()) * 2;
        code + town + postcode + near
    }
}

/// Corsica's postcodes don't tell its two départements apart.
fn departements<'a>(said: &'a Address<'_>) -> Vec<&'a str> {
    match said.postcode.as_deref() {
        Some(postcode) if postcode.starts_with("20") => vec!["2A", "2B"],
        Some(postcode) => vec![departement_of(postcode)],
        None => match (said.departement.as_deref(), said.code.as_deref()) {
            (Some(departement), _) => vec![departement],
            (None, Some(code)) => vec![departement_of(code)],
            (None, None) => Vec::new(),
        },
    }
}

/// The département at the head of an INSEE code or a postcode.
fn departement_of(code: &str) -> &str {
    let overseas = code.starts_with("97") || code.starts_with("98");
    code.get(..if overseas { 3 } else { 2 }).unwrap_or(code)
}

impl Places {
    pub(super) fn weigh(&self, said: &Address<'_>) -> Result<Found, Unplaced> {
        let meaning = Meaning::of(said);
        let mut candidates = self.candidates(&meaning);
        let rank = |candidate: &Candidate| {
            (
                meaning.weight(candidate),
                candidate.code,
                candidate.near,
                candidate.town,
            )
        };
        candidates.sort_by_key(|candidate| std::cmp::Reverse(rank(candidate)));
        let Some(first) = candidates.first().copied() else {
            return Err(Unplaced::doubt(nothing(&meaning)));
        };
        candidates.retain(|candidate| rank(candidate) == rank(&first));
        let elsewhere = !first.near && !meaning.departements.is_empty();
        if elsewhere && !first.code && !first.postcode {
            return Err(Unplaced::doubt(nothing(&meaning)));
        }
        if candidates.len() > 1 {
            return Err(Unplaced::Doubt {
                reason: several(&meaning, first.town.is_some()),
                candidates: candidates
                    .iter()
                    .map(|candidate| Commune::from(candidate.commune))
                    .collect(),
            });
        }
        let disagreements = disagreements(&meaning, &first);
        let commune = match said.code.as_deref().map(str::parse::<Commune>) {
            // An arrondissement keeps its code.
            Some(Ok(code)) if first.code => code,
            _ => Commune::from(first.commune),
        };
        let remark = (!disagreements.is_empty()).then(|| {
            let reasons = disagreements.join(", ");
            format!("{reasons}: taken as {commune} {}", first.commune.name)
        });
        Ok(Found { commune, remark })
    }

    /// Every commune for which something speaks, once.
    fn candidates(&self, meaning: &Meaning<'_>) -> Vec<Candidate> {
        let spelt = meaning.said.town.map(spelling::of).unwrap_or_default();
        let mut candidates: Vec<Candidate> = Vec::new();
        for &Named { commune, is } in self.0.named(&spelt) {
            match candidates
                .iter_mut()
                .find(|known| known.commune.code == commune.code)
            {
                Some(known) => known.town = known.town.max(Some(is)),
                None => candidates.push(meaning.candidate(commune, Some(is))),
            }
        }
        let by_postcode = meaning
            .postcode
            .iter()
            .filter_map(|code| geography::commune(code));
        for commune in by_postcode.chain(meaning.code) {
            if candidates.iter().all(|known| known.commune.code != commune.code) {
                let name = spelling::of(commune.name);
                let head = name.len() > 3 && spelt.starts_with(&name);
                candidates.push(meaning.candidate(commune, head.then_some(Is::Head)));
            }
        }
        candidates
    }
}

/// What an address says that does not speak for the commune, or does so in the words of yesterday.
fn disagreements(meaning: &Meaning<'_>, chosen: &Candidate) -> Vec<String> {
    let said = meaning.said;
    let mut found = Vec::new();
    if let Some(code) = &said.code {
        match (chosen.code, meaning.code) {
            (true, _) if code.parse::<Commune>().is_ok() => {}
            (true, _) => found.push(format!("code-INSEE-commune {code} is no commune's any more")),
            (false, Some(other)) => {
                let postcode = if geography::communes_of_postcode(code).contains(&chosen.commune.code) {
                    ", and a postcode"
                } else {
                    ""
                };
                found.push(format!(
                    "code-INSEE-commune {code} is that of {}{postcode}",
                    other.name
                ));
            }
            (false, None) => found.push(format!("code-INSEE-commune \"{code}\" is no commune's")),
        }
    }
    match (said.town, chosen.town) {
        (Some(town), None | Some(Is::Head)) => {
            found.push(format!("ville \"{town}\" is no commune's name there"));
        }
        (Some(town), Some(Is::Former | Is::FormerWithoutArticle)) if !chosen.code => {
            found.push(format!(
                "ville \"{town}\" is a name of yesterday, or of a part of it"
            ));
        }
        (Some(town), Some(_)) if said.code.is_none() && meaning.departements.is_empty() => {
            found.push(format!("ville \"{town}\" comes without codepostal"));
        }
        (None, _) if said.code.is_none() => found.push("there is a codepostal alone".to_owned()),
        _ => {}
    }
    if let Some(postcode) = &said.postcode {
        let known = !geography::communes_of_postcode(postcode).is_empty();
        if known && !chosen.postcode || !known && !chosen.near {
            found.push(format!("codepostal {postcode} is another's"));
        }
    }
    found
}

fn nothing(meaning: &Meaning<'_>) -> String {
    let said = meaning.said;
    let mut reasons = Vec::new();
    if let Some(code) = &said.code {
        reasons.push(format!("code-INSEE-commune \"{code}\" is no commune's"));
    }
    match (said.town, said.postcode.as_deref()) {
        (Some(town), Some(postcode)) => reasons.push(format!(
            "ville \"{town}\" is no commune of the département of codepostal \"{postcode}\""
        )),
        (Some(town), None) => reasons.push(format!("ville \"{town}\" is no commune's name")),
        (None, Some(postcode)) => reasons.push(format!("codepostal \"{postcode}\" is no commune's")),
        (None, None) => {}
    }
    reasons.join(", and ")
}

fn several(meaning: &Meaning<'_>, by_name: bool) -> String {
    let said = meaning.said;
    match (said.town.filter(|_| by_name), said.postcode.as_deref()) {
        (Some(town), Some(postcode)) => {
            format!("ville \"{town}\" is the name of several communes around codepostal \"{postcode}\"")
        }
        (Some(town), None) => {
            format!("ville \"{town}\" is the name of several communes, and comes without codepostal")
        }
        (None, postcode) => {
            let postcode = postcode.or(said.code.as_deref()).unwrap_or_default();
            format!("codepostal \"{postcode}\" is that of several communes, and nothing tells which")
        }
    }
}
