//! A period of whole months: `from` and `to`.

use super::paging::invalid;
use chrono::NaiveDate;
use parcours_http::problem::Problem;
use parcours_model::Words;
use parcours_model::codes::Month;

/// The months that are asked for; `today` is the day of the question. Without the last one it is that of today, without the
/// first one January of the year of the last.
pub(super) fn period(
    from: Option<Month>,
    to: Option<Month>,
    today: NaiveDate,
) -> Result<(Month, Month), Problem> {
    let to = to.or_else(|| Month::of(today)).ok_or_else(|| {
        invalid(
            "to",
            Words::fixed(
                "The day of the question lies in no month from 1900 to 2100: expected `to`, too.",
                "Le jour de la question n'est d'aucun mois de 1900 à 2100 : il faut aussi `to`.",
            ),
        )
    })?;
    let from = from.or_else(|| Month::new(to.year(), 1)).unwrap_or(to);
    if from > to {
        let detail = Words::new(
            format!("The period ends, in {to}, before it begins, in {from}."),
            format!("La période finit, en {to}, avant de commencer, en {from}."),
        );
        return Err(invalid("to", detail));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_months_the_year_up_to_today_is_asked_for_and_none_ends_before_it_begins() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let today = "2026-03-15".parse().unwrap();
        let told = |from: Option<&str>, to: Option<&str>| {
            let asked = period(from.map(month), to.map(month), today);
            asked
                .map(|(from, to)| format!("{from} {to}"))
                .map_err(|problem| problem.code())
        };
        assert_eq!(told(None, None).unwrap(), "2026-01 2026-03");
        assert_eq!(told(None, Some("2025-06")).unwrap(), "2025-01 2025-06");
        assert_eq!(told(Some("2024-11"), None).unwrap(), "2024-11 2026-03");
        assert_eq!(told(Some("2026-04"), None).unwrap_err(), "invalid-parameter");
    }
}
