//! `GET /problems`, `/problems/{code}`, `/problems/rule/{code}`: what the `type` of a problem stands for.

use crate::parameters::{Nothing, Parameters, PathParameters};
use crate::problem::{ALL, Kind, Problem, kinds};
use axum::Json;
use parcours_model::{Rule, StreamKind, Words, rules};
use serde::Serialize;
use utoipa::ToSchema;

/// A kind of problem.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemKind {
    /// The `type` of problems of this kind.
    #[serde(rename = "type")]
    address: String,
    /// A stable word for programs. A malformed event has a more precise one.
    code: &'static str,
    /// The HTTP status.
    status: u16,
    /// What it is; the sentence, for a rule.
    title: &'static str,
    /// The same in French.
    title_fr: &'static str,
}

impl From<&Kind> for ProblemKind {
    fn from(kind: &Kind) -> Self {
        ProblemKind {
            address: kind.address(),
            code: kind.code,
            status: kind.status.as_u16(),
            title: kind.title,
            title_fr: kind.title_fr,
        }
    }
}

impl From<&Rule> for ProblemKind {
    fn from(rule: &Rule) -> Self {
        let kind = Kind::of_rule(rule.code);
        ProblemKind {
            title: rule.english,
            title_fr: rule.french,
            ..ProblemKind::from(&kind)
        }
    }
}

/// List the kinds of problem
///
/// What can be wrong with a request, then the rules of the programme.
#[utoipa::path(get, path = "/problems", tag = "contracts",
    responses((status = 200, description = "The kinds.", body = Vec<ProblemKind>), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn list_problems(Parameters(Nothing {}): Parameters<Nothing>) -> Json<Vec<ProblemKind>> {
    Json(
        ALL.iter()
            .map(|kind| ProblemKind::from(*kind))
            .chain(all_rules().map(ProblemKind::from))
            .collect(),
    )
}

/// Read a kind of problem
///
/// What the `type` of a problem leads to.
#[utoipa::path(get, path = "/problems/{code}", tag = "contracts",
    params(("code" = String, Path, description = "The code.")),
    responses((status = 200, description = "The kind.", body = ProblemKind), (status = 400, response = crate::ProblemResponse), (status = 404, response = crate::ProblemResponse)))]
pub(crate) async fn get_problem(
    PathParameters(code): PathParameters<String>,
    Parameters(Nothing {}): Parameters<Nothing>,
) -> Result<Json<ProblemKind>, Problem> {
    let kind = ALL
        .iter()
        .find(|kind| kind.code == code)
        .ok_or_else(|| unknown(&code))?;
    Ok(Json(ProblemKind::from(*kind)))
}

/// Read a rule of the programme
///
/// What the `type` of a problem leads to, where a rule refuses an event.
#[utoipa::path(get, path = "/problems/rule/{code}", tag = "contracts",
    params(("code" = String, Path, description = "The rule's code.")),
    responses((status = 200, description = "The rule.", body = ProblemKind), (status = 400, response = crate::ProblemResponse), (status = 404, response = crate::ProblemResponse)))]
pub(crate) async fn get_rule(
    PathParameters(code): PathParameters<String>,
    Parameters(Nothing {}): Parameters<Nothing>,
) -> Result<Json<ProblemKind>, Problem> {
    let rule = all_rules()
        .find(|rule| rule.code == code)
        .ok_or_else(|| unknown(&code))?;
    Ok(Json(ProblemKind::from(rule)))
}

/// Every rule once, in the order of the streams.
fn all_rules() -> impl Iterator<Item = &'static Rule> {
    let mut codes = Vec::new();
    let rules = StreamKind::ALL
        .iter()
        .flat_map(|kind| rules::of(*kind).iter().copied());
    rules.filter(move |rule| {
        let first = !codes.contains(&rule.code);
        codes.push(rule.code);
        first
    })
}

fn unknown(code: &str) -> Problem {
    Problem::new(
        &kinds::UNKNOWN_PROBLEM,
        Words::new(
            format!("There is no kind of problem {code:?}. /problems lists those there are."),
            format!("Le genre de problème {code:?} n'existe pas. /problems liste ceux qu'il y a."),
        ),
    )
    .field("code")
}
