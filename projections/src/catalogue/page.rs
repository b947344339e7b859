//! What a reader of the catalogue gets.

use crate::territory::rate;
use chrono::NaiveDate;
use parcours_model::codes::Siret;
use parcours_model::streams::offer::Aim;
use parcours_model::streams::parcours::Mode;
use parcours_model::streams::session::Entry;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// A page of sessions, in the order that is asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CataloguePage")]
pub struct Page {
    /// The sessions.
    pub sessions: Vec<Listed>,
    /// What to give as `cursor` for the next page; none after the last.
    pub next: Option<String>,
    /// All that is found, counted; left out where that is not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<Facets>,
}

/// The sessions that a question finds, on all its pages, counted by what they can be narrowed down to. Of each trait the 30
/// values that most sessions have, these first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CatalogueFacets")]
pub struct Facets {
    /// How many there are.
    pub sessions: i64,
    /// In how many one can enrol today.
    pub open: i64,
    /// How many lead to a certification.
    pub certifying: i64,
    /// By département.
    pub departement: Vec<Named>,
    /// By trade; a session may prepare for several.
    pub rome: Vec<Named>,
    /// By operator, as a SIRET.
    pub operator: Vec<Named>,
    /// By when one may enter.
    pub entry: Vec<Named>,
    /// By how they are given.
    pub mode: Vec<Named>,
    /// By the level they lead to, where that is said.
    pub level: Vec<Named>,
}

/// How many sessions have one value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CatalogueFacet")]
pub struct Named {
    /// The value: what to ask for.
    pub value: String,
    /// What it is called, where it is a code with a name of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many sessions.
    pub sessions: i64,
}

/// A session in the catalogue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CatalogueSession")]
pub struct Listed {
    /// The session.
    pub session: Uuid,
    /// The training given; none while its offer is unknown.
    pub offer: Option<OfferCard>,
    /// Who gives it; none while the operator is unknown.
    pub operator: Option<OperatorCard>,
    /// Where.
    pub commune: PlaceCard,
    /// How far that is from the commune that is asked for, in kilometres as the crow flies; left out where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// When one may enter.
    #[schemars(with = "Entry")]
    pub entry: String,
    /// Last day of enrolment, where one is stated.
    pub enrol_until: Option<NaiveDate>,
    /// Whether one can enrol today: places are left that are offered to nobody, and it is too late neither by the day stated nor by the dates.
    pub open: bool,
    /// Its places.
    pub places: Places,
    /// The results of the training, all its sessions together.
    pub results: Results,
    /// The reviews of the training, all its sessions together.
    pub reviews: Reviews,
}

/// A training.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OfferCard {
    /// The offer.
    pub offer: Uuid,
    /// Its title.
    pub title: String,
    /// What it leads to.
    pub objective: String,
    /// The trades it prepares for.
    #[schemars(inner(regex(pattern = r"^[A-Z][0-9]{4}$")), example = ["D1402"])]
    pub rome: Vec<String>,
    /// The certification it prepares for.
    #[schemars(example = &"RNCP34126")]
    pub rncp: Option<String>,
    /// The certification of the répertoire spécifique it prepares for.
    pub rs: Option<String>,
    /// What it teaches.
    pub formacode: Vec<String>,
    /// Whether it leads to a certification.
    pub certifying: bool,
    /// What it is for; none where that is not said.
    #[schemars(with = "Option<Aim>")]
    pub aim: Option<String>,
    /// The level it leads to, 0 to 8 of the French framework; none where that is not said.
    pub level: Option<i64>,
    /// The level it asks for.
    pub entry_level: Option<i64>,
    /// How long it is.
    pub minutes: i64,
    /// How it is given.
    #[schemars(with = "Mode")]
    pub mode: String,
}

/// A training body.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OperatorCard {
    /// Its establishment.
    #[schemars(with = "Siret")]
    pub siret: String,
    /// Its name; none while only its number is known.
    pub name: Option<String>,
    /// Where it stands.
    pub commune: Option<String>,
    /// Last day of its Qualiopi quality certificate.
    pub qualiopi_until: Option<NaiveDate>,
}

/// A commune and its parents, by code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlaceCard {
    /// Its code.
    #[schemars(example = &"76540")]
    pub code: String,
    /// Its name; empty for a code that today's geography does not know.
    pub name: &'static str,
    /// Its EPCI.
    pub epci: Option<String>,
    /// Its département; none for a code that is not known.
    pub departement: Option<String>,
    /// Its région; none for a code that is not known.
    pub region: Option<String>,
}

/// The places of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Places {
    /// How many there are.
    pub capacity: i64,
    /// How many are held.
    pub taken: i64,
    /// How many people wait.
    pub waiting: i64,
    /// How many are offered to people who wait, and not taken yet.
    pub offered: i64,
    /// How many nobody holds; those that are offered are among them.
    pub left: i64,
}

/// The results of a training (R18).
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Results {
    /// Who left, neutral exits aside.
    pub leavers: i64,
    /// Of them, who sat a full certification.
    pub presented: i64,
    /// Of them, who obtained one.
    pub certified: i64,
    /// `certified` / `presented`.
    pub certification_rate: Option<f64>,
    /// Whose exit is six months old or more.
    pub matured: i64,
    /// Of them, who was employed between the start and six months after the exit.
    pub employed: i64,
    /// `employed` / `matured`.
    pub employment_rate: Option<f64>,
}

/// The reviews of a training: means of scores from 1 to 5 (R20).
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Reviews {
    /// How many people gave one.
    pub count: i64,
    /// Mean of the overall scores.
    pub overall: Option<f64>,
    /// Mean of the scores for the welcome.
    pub welcome: Option<f64>,
    /// Mean of the scores for the content.
    pub content: Option<f64>,
    /// Mean of the scores for the team.
    pub team: Option<f64>,
    /// Mean of the scores for the means.
    pub means: Option<f64>,
    /// Mean of the scores for the support.
    pub support: Option<f64>,
}

/// Adds up the rows of `catalogue_result` of one training.
#[derive(Default)]
pub(super) struct Record {
    results: Results,
    scores: [i64; 6],
    reviews: i64,
}

impl Record {
    /// Adds one row: leavers, presented, certified, employed, reviews, then the six scores.
    pub fn add(&mut self, row: [i64; 11], matured: bool) {
        let results = &mut self.results;
        results.leavers += row[0];
        results.presented += row[1];
        results.certified += row[2];
        if matured {
            results.matured += row[0];
            results.employed += row[3];
        }
        self.reviews += row[4];
        for (sum, score) in self.scores.iter_mut().zip(&row[5..]) {
            *sum += score;
        }
    }

    pub fn finish(&self) -> (Results, Reviews) {
        let mut results = self.results.clone();
        results.certification_rate = rate(results.certified, results.presented);
        results.employment_rate = rate(results.employed, results.matured);
        let [welcome, content, team, means, support, overall] =
            self.scores.map(|sum| rate(sum, self.reviews));
        (
            results,
            Reviews {
                count: self.reviews,
                overall,
                welcome,
                content,
                team,
                means,
                support,
            },
        )
    }
}
