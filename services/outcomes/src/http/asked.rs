//! What is asked, read strictly, and within what the audience may hear.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use axum::http::HeaderMap;
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::codes::Siret;
use parcours_model::{TerritoryCode, Words, strictly};
use parcours_projections::outcomes::{Cursor, Filter, OutcomeKind};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{Audience, OutcomeReader};

const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1_000;
/// The cursor of whoever wants only what is new.
const NOW: &str = "now";

/// The parameters. What is left out does not filter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only these kinds, separated by commas: `entry`, `certification`, `employment`, `business`, `exit`, `followup`,
    /// `place`. Notices to forget come in any case.
    #[param(
        pattern = r"^(entry|certification|employment|business|exit|followup|place)(,(entry|certification|employment|business|exit|followup|place))*$",
        example = "certification,employment"
    )]
    kind: Option<String>,
    /// Only in these territories, `level/code` separated by commas.
    #[param(
        pattern = r"^(commune|epci|departement|region)/[0-9AB]{2,9}(,(commune|epci|departement|region)/[0-9AB]{2,9})*$",
        example = "departement/76"
    )]
    territory: Option<String>,
    /// Only of people who are trained by this operator (SIRET).
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^[0-9]{14}$", example = "19290076900014")]
    operator: Option<Siret>,
    /// Where to begin: after the message of this `id`, or at a `cursor` that a page gave; `now` for what is new only. From
    /// the beginning when left out.
    cursor: Option<String>,
    /// Messages on a page: 100 when left out, 1,000 at most. Not for streams.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Waits until what follows from the entry at this position can be read.
    pub(super) min_position: Option<u64>,
}

impl Asked {
    /// What of the audience's messages is asked for.
    pub(super) fn filter(&self, audience: &Audience) -> Result<Filter, Problem> {
        let mut filter = audience.filter().clone();
        if let Some(list) = &self.kind {
            let wanted: BTreeSet<OutcomeKind> = listed(list, "kind", |word| {
                OutcomeKind::named(word).ok_or_else(|| {
                    let known: Vec<_> = OutcomeKind::ALL.iter().map(|kind| kind.as_str()).collect();
                    let known = known.join(", ");
                    Words::new(
                        format!("{word:?} is no kind of message: expected one of {known}"),
                        format!("« {word} » n'est pas un genre de message : il faut l'un de {known}"),
                    )
                })
            })?;
            let may_hear = filter.kinds();
            if let Some(kind) = wanted.iter().find(|kind| !may_hear.contains(kind)) {
                return Err(withheld(audience, "kind", kind.as_str()));
            }
            filter.kinds = Some(wanted);
        }
        if let Some(list) = &self.territory {
            filter
                .territories
                .push(listed(list, "territory", TerritoryCode::from_str)?);
        }
        if self.operator.is_some() && !filter.people {
            return Err(withheld(audience, "operator", "operator"));
        }
        filter.operator = self.operator;
        Ok(filter)
    }

    /// Messages on a page.
    pub(super) fn page(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(PAGE) {
            limit @ 1..=LARGEST_PAGE => Ok(limit),
            _ => Err(invalid(
                "limit",
                Words::new(
                    format!("A page holds from 1 to {LARGEST_PAGE} messages"),
                    format!("Une page contient de 1 à {LARGEST_PAGE} messages"),
                ),
            )),
        }
    }

    /// Refuses what means nothing for a stream.
    pub(super) fn without_page(&self) -> Result<(), Problem> {
        match self.limit {
            None => Ok(()),
            Some(_) => Err(invalid(
                "limit",
                Words::fixed("A stream has no pages", "Un flux n'a pas de pages"),
            )),
        }
    }

    /// Where to begin. A stream that is resumed says so in a header, which holds: its address is still that of before.
    pub(super) async fn start(
        &self,
        headers: &HeaderMap,
        audience: &Audience,
        reader: &OutcomeReader,
    ) -> Result<Option<Cursor>, Problem> {
        let unknown = |id: &str| {
            let name = audience.name();
            Words::new(
                format!("{id:?} is the `id` of no message of {name}"),
                format!("« {id} » n'est l'`id` d'aucun message de {name}"),
            )
        };
        let last = headers.get("last-event-id").filter(|last| !last.is_empty());
        if let Some(last) = last {
            let id = last.to_str().unwrap_or_default();
            let invalid = || {
                Problem::new(&kinds::INVALID_HEADER, problem::sentence(unknown(id))).field("last-event-id")
            };
            let key = audience.key(id).ok_or_else(invalid)?;
            return Ok(Some(reader.cursor(key).await?));
        }
        match self.cursor.as_deref() {
            None => Ok(None),
            Some(NOW) => Ok(reader.end().await?),
            Some(id) => {
                let key = audience.key(id).ok_or_else(|| invalid("cursor", unknown(id)))?;
                Ok(Some(reader.cursor(key).await?))
            }
        }
    }
}

/// The items of a list separated by commas.
fn listed<T, E: Display, C: FromIterator<T>>(
    list: &str,
    parameter: &str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<C, Problem> {
    list.split(',')
        .map(|word| read(word).map_err(|wrong| invalid(parameter, Words::of(&wrong))))
        .collect()
}

fn invalid(parameter: &str, words: Words) -> Problem {
    Problem::new(&kinds::INVALID_PARAMETER, problem::sentence(words)).field(parameter)
}

/// Something that exists, and not for this audience.
fn withheld(audience: &Audience, parameter: &str, what: &str) -> Problem {
    match audience {
        Audience::Public { .. } => {
            let detail = Words::new(
                format!("What becomes of people ({what}) is for partners: give the secret of one."),
                format!(
                    "Ce que deviennent les personnes ({what}) est pour les partenaires : donnez le secret de l'un d'eux."
                ),
            );
            Problem::new(&kinds::UNAUTHORISED, detail).field(parameter)
        }
        Audience::Partner(partner) => {
            let name = partner.name();
            let detail = Words::new(
                format!("The partner {name:?} is not declared to hear of {what}."),
                format!("Le partenaire « {name} » n'est pas déclaré pour entendre parler de {what}."),
            );
            Problem::new(&kinds::NOT_DECLARED, detail).field(parameter)
        }
    }
}
