//! Parameters in the query and in the path, read strictly: what is unknown, doubled or invalid is refused.

mod read;

use crate::problem::{self, Problem, kinds};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use parcours_model::Words;
use percent_encoding::percent_decode_str;
use read::{Query, Segments, Wrong};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The parameters of the query. `Q` denies unknown fields.
pub struct Parameters<Q>(pub Q);

/// For routes that take none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<S: Sync, Q: DeserializeOwned> FromRequestParts<S> for Parameters<Q> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Parameters)
    }
}

fn parse<Q: DeserializeOwned>(query: &str) -> Result<Q, Problem> {
    let refused = |words| Err(Problem::new(&kinds::INVALID_PARAMETER, words));
    let Ok(text) = percent_decode_str(query).decode_utf8() else {
        return refused(Words::fixed(
            "The query is not UTF-8, percent-encoded.",
            "La requête n'est pas de l'UTF-8, encodé par des %.",
        ));
    };
    if let Some(character) = text.chars().find(|character| character.is_control()) {
        let point = u32::from(character);
        return refused(Words::new(
            format!("The query has the control character U+{point:04X}: leave it out."),
            format!("La requête contient le caractère de contrôle U+{point:04X} : retirez-le."),
        ));
    }
    Q::deserialize(Query::of(query)).map_err(Problem::from)
}

/// Parameters in the path.
pub struct PathParameters<P>(pub P);

impl<S: Send + Sync, P: DeserializeOwned + Send> FromRequestParts<S> for PathParameters<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let raw = RawPathParams::from_request_parts(parts, state).await;
        let raw = raw.map_err(|wrong| match wrong {
            RawPathParamsRejection::InvalidUtf8InPathParam(_) => Problem::new(
                &kinds::INVALID_PARAMETER,
                Words::fixed(
                    "The path is not UTF-8, percent-encoded.",
                    "Le chemin n'est pas de l'UTF-8, encodé par des %.",
                ),
            ),
            wrong => Problem::new(&kinds::INTERNAL, wrong.body_text()),
        })?;
        let segments: Vec<(&str, &str)> = raw.iter().collect();
        let read = P::deserialize(Segments(segments.into_iter()));
        read.map(PathParameters).map_err(Problem::from)
    }
}

impl From<Wrong> for Problem {
    fn from(Wrong { name, words }: Wrong) -> Self {
        let problem = Problem::new(&kinds::INVALID_PARAMETER, problem::sentence(words));
        match name {
            Some(name) => problem.field(name),
            None => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use parcours_model::codes::Rome;
    use uuid::Uuid;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum By {
        Month,
        Operator,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filters {
        open: Option<bool>,
        min_position: Option<u64>,
        limit: Option<usize>,
        km: Option<f64>,
        from: Option<NaiveDate>,
        offer: Option<Uuid>,
        by: Option<By>,
        #[serde(default)]
        several: Vec<By>,
        rome: Option<Rome>,
        text: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Needed {
        #[expect(dead_code)]
        to: String,
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for query in ["text=%FF", "text=%00", "%0A=1"] {
            let refused = parse::<Filters>(query).map(|_| ()).unwrap_err();
            assert_eq!(refused.code(), "invalid-parameter", "{query}");
        }
        assert_eq!(
            parse::<Filters>("text=%C3%A9t%C3%A9+1").unwrap().text.as_deref(),
            Some("été 1")
        );
    }

    #[test]
    fn whatever_is_wrong_with_a_parameter_is_told_in_both_languages() {
        for (query, field, says, dit) in [
            (
                "opne=true",
                "opne",
                "\"opne\" is no parameter here: expected open, min_position,",
                "« opne » n'est pas un paramètre ici : il faut open,",
            ),
            (
                "open=true&open=false",
                "open",
                "Given twice: expected once.",
                "Donné deux fois",
            ),
            (
                "open=yes",
                "open",
                "\"yes\" is given here: expected true or false",
                "Ici se trouve « yes » : il faut true ou false",
            ),
            (
                "min_position=-1",
                "min_position",
                "\"-1\" is given here: expected an integer that is not negative, such as 12",
                "Ici se trouve « -1 » : il faut un nombre entier",
            ),
            (
                "limit=%2B7",
                "limit",
                "\"+7\" is given here: expected an integer",
                "Ici se trouve « +7 »",
            ),
            (
                "km=far",
                "km",
                "\"far\" is given here: expected a number, such as 12.5",
                "Ici se trouve « far » : il faut un nombre, par exemple 12.5",
            ),
            (
                "from=2026-02",
                "from",
                "\"2026-02\" is not a day: expected a day of the calendar, such as 2026-02-28",
                "« 2026-02 » n'est pas un jour : il faut un jour du calendrier",
            ),
            (
                "offer=3",
                "offer",
                "\"3\" is not a UUID: expected",
                "« 3 » n'est pas un UUID : il faut",
            ),
            (
                "by=week",
                "by",
                "\"week\" is not taken here: expected one of month, operator",
                "« week » n'est pas admis ici : il faut l'un de month, operator",
            ),
            (
                "several=month,week",
                "several",
                "\"week\" is not taken here: expected one of month, operator",
                "« week » n'est pas admis ici : il faut l'un de month, operator",
            ),
            (
                "rome=x",
                "rome",
                "\"x\" is not a ROME code: expected a letter from A to N and four digits, such as K1304",
                "« x » n'est pas un code ROME : il faut",
            ),
        ] {
            let problem = parse::<Filters>(query).unwrap_err();
            let told = serde_json::to_value(&problem).unwrap();
            assert_eq!(told["field"], field, "{told}");
            assert!(told["detail"].as_str().unwrap().starts_with(says), "{told}");
            assert!(told["detail_fr"].as_str().unwrap().starts_with(dit), "{told}");
        }
        let missing = serde_json::to_value(parse::<Needed>("").unwrap_err()).unwrap();
        assert_eq!(
            (&missing["field"], &missing["detail"]),
            (&"to".into(), &"Missing: expected a value.".into())
        );
    }

    #[test]
    fn what_is_known_is_read() {
        let read = |query| parse::<Filters>(query).unwrap();
        assert_eq!(read(""), Filters::default());
        let all = "several=operator,month&open=true&min_position=7&limit=3&km=2.5&from=2026-02-28&offer=0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e&by=month&rome=K1304&text=a+%C3%A9";
        let all = read(all);
        assert_eq!(
            (all.open, all.min_position, all.limit, all.km),
            (Some(true), Some(7), Some(3), Some(2.5))
        );
        assert_eq!((all.by, all.text.as_deref()), (Some(By::Month), Some("a é")));
        assert_eq!(all.several, [By::Operator, By::Month]);
        assert!(all.from.is_some() && all.offer.is_some() && all.rome.is_some());
    }
}
