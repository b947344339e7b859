//! What is told of a cell that is refused: what is expected there, with an example.

use super::{BETWEEN, Wrong, shown, wrong};
use crate::csv::amounts::Unfit;
use crate::csv::columns::Kind;
use crate::csv::dates::{self, Unclear};

pub(super) fn scientific(text: &str, expected: &str) -> Wrong {
    Wrong(format!(
        "{} is given here, which a spreadsheet has cut short: the digits are lost; format the column as text, enter them \
         again; expected {expected}",
        shown(text)
    ))
}

pub(super) fn unfitting(text: &str, unfit: Unfit, kind: &Kind) -> Wrong {
    let expected = expected(kind);
    let found = shown(text);
    Wrong(match unfit {
        Unfit::No => format!("{found} is given here: expected {expected}"),
        Unfit::Percent => format!("{found} is a share: expected {expected}"),
        Unfit::Scientific => return scientific(text, &expected),
        Unfit::Fraction => format!("{found} has a fraction that cannot be kept: expected {expected}"),
    })
}

pub(crate) fn unclear_instant(text: &str, unclear: Unclear) -> Wrong {
    match unclear {
        Unclear::No => wrong(text, dates::AN_INSTANT),
        Unclear::Clock => Wrong(format!(
            "{} was shown by no clock in Paris, or twice: expected the offset, too, such as 2026-10-25T02:30:00+02:00",
            shown(text)
        )),
    }
}

/// What is expected in a column, with an example.
pub(crate) fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Whole { choices, .. } if !choices.is_empty() => {
            let all: Vec<String> = choices.iter().map(i64::to_string).collect();
            format!("one of {}", all.join(", "))
        }
        Kind::Whole { low, high, .. } => {
            format!(
                "a whole number from {low} to {high}, such as {}",
                3.clamp(*low, *high)
            )
        }
        Kind::Truth => "oui or non (vrai, faux, 1, 0)".to_owned(),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Uuid => "a UUID, or a number of your own for it, such as 2026-17".to_owned(),
        Kind::Day => dates::A_DAY.to_owned(),
        Kind::Instant => dates::AN_INSTANT.to_owned(),
        Kind::Month => dates::A_MONTH.to_owned(),
        Kind::Siret => "14 digits with a valid key, such as 20005340300016".to_owned(),
        Kind::Commune => "the INSEE code of a commune, such as 76540".to_owned(),
        Kind::Hours => "hours that are whole minutes, such as 7,5 or 7h30".to_owned(),
        Kind::Euros => "euros and whole cents, such as 1 234,50".to_owned(),
        Kind::Code(of) => match of.as_str() {
            "Rome" => "a trade of the ROME, such as E1104",
            "Rncp" => "a number of the RNCP, such as RNCP34126 or 34126",
            "Rs" => "a number of the RS, such as RS5616 or 5616",
            "Formacode" => "a Formacode, such as 42752",
            "Naf" => "an activity of the NAF, such as 85.59A",
            _ => "a territory, such as departement/76",
        }
        .to_owned(),
        Kind::List(of) => format!("several with {BETWEEN} between them, each {}", expected(of)),
        Kind::Named(of) => format!(
            "several with {BETWEEN} between them, each a name, = and {}",
            expected(of)
        ),
    }
}
