//! How long an action is: LHEO counts hours, the vocabulary minutes.

use parcours_model::codes::Minutes;

use super::element::Element;

/// LHEO's largest number of hours.
const MOST: u64 = 99_999;

/// The total; where it is missing, the sum of the hours in the centre and in companies. Zero hours say nothing.
///
/// # Errors
/// A sentence that names the element which is no number.
pub(super) fn of(action: &Element) -> Result<Option<Minutes>, String> {
    let total = minutes(action, "nombre-heures-total")?;
    if total > 0 {
        return Ok(Minutes::try_from(total).ok());
    }
    let sum = minutes(action, "nombre-heures-centre")? + minutes(action, "nombre-heures-entreprise")?;
    Ok(Minutes::try_from(sum).ok().filter(|_| sum > 0))
}

fn minutes(action: &Element, name: &str) -> Result<u64, String> {
    let Some(value) = action.value_of(name) else {
        return Ok(0);
    };
    let wrong = || format!("{name} \"{value}\" is not a number of hours from 0 to {MOST}: left out");
    let (hours, hundredths) = match value.trim_end_matches(['h', 'H', ' ']).split_once([',', '.']) {
        None => (value.trim_end_matches(['h', 'H', ' ']), 0),
        Some((hours, part)) if (1..=2).contains(&part.len()) => {
            let part_as_hundredths = format!("{part:0<2}").parse::<u64>().map_err(|_| wrong())?;
            (hours, part_as_hundredths)
        }
        Some(_) => return Err(wrong()),
    };
    let hours: u64 = hours
        .parse()
        .ok()
        .filter(|&hours| hours <= MOST)
        .ok_or_else(wrong)?;
    Ok(hours * 60 + hundredths * 60 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(parts: &[(&str, &str)]) -> Element {
        let child = |(name, content): &(&str, &str)| Element {
            name: format!("nombre-heures-{name}"),
            content: (*content).to_owned(),
            ..Element::default()
        };
        Element {
            children: parts.iter().map(child).collect(),
            ..Element::default()
        }
    }

    fn minutes_of(parts: &[(&str, &str)]) -> Option<u32> {
        of(&action(parts)).unwrap().map(Minutes::get)
    }

    #[test]
    fn the_total_counts_and_without_it_the_sum_of_its_parts() {
        assert_eq!(
            minutes_of(&[("total", "800"), ("centre", "700"), ("entreprise", "140")]),
            Some(48_000)
        );
        assert_eq!(minutes_of(&[("centre", "35"), ("entreprise", "7")]), Some(2_520));
        assert_eq!(minutes_of(&[("total", "0"), ("centre", "35")]), Some(2_100));
        assert_eq!(minutes_of(&[("total", "10,5")]), Some(630));
        assert_eq!(minutes_of(&[("total", "10.25 h")]), Some(615));
    }

    #[test]
    fn no_hours_and_zero_hours_say_nothing() {
        assert_eq!(minutes_of(&[]), None);
        assert_eq!(
            minutes_of(&[("total", "0"), ("centre", "-"), ("entreprise", "")]),
            None
        );
    }

    #[test]
    fn what_is_no_number_is_named() {
        for wrong in ["2 ans", "-5", "1,234", "100000"] {
            let reason = of(&action(&[("total", wrong)])).unwrap_err();
            assert!(
                reason.contains("nombre-heures-total") && reason.contains(wrong),
                "{reason}"
            );
        }
    }
}
