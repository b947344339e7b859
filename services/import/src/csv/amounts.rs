//! Numbers as French tables write them: `1 234,50`, with any kind of space between groups; hours as `7,5` or `7h30`.

/// A decimal number: its digits without a point, and how many of them stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    digits: i64,
    places: u32,
}

/// Why a text is not the number that is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is no number.
    No,
    /// It is a share.
    Percent,
    /// A spreadsheet has cut off its digits.
    Scientific,
    /// It has a part that is too small to be kept.
    Fraction,
}

/// A whole number; `12,0` is one.
pub(super) fn whole(text: &str) -> Result<i64, Unfit> {
    scaled(decimal(text)?, 0)
}

/// Euros in cents.
pub(super) fn cents(text: &str) -> Result<i64, Unfit> {
    let text = text.trim_end();
    let text = text
        .strip_suffix('€')
        .or_else(|| text.strip_suffix("EUR"))
        .unwrap_or(text);
    scaled(decimal(text.trim_end())?, 2)
}

/// Hours in minutes.
pub(super) fn minutes(text: &str) -> Result<i64, Unfit> {
    let lower = text.to_ascii_lowercase();
    let Some((hours, rest)) = lower.split_once(['h', ':']) else {
        let Decimal { digits, places } = decimal(text)?;
        let minutes = digits.checked_mul(60).ok_or(Unfit::No)?;
        return scaled(
            Decimal {
                digits: minutes,
                places,
            },
            0,
        );
    };
    let rest = rest.trim().trim_end_matches("min").trim_end();
    let two = matches!(rest.len(), 0 | 2) && rest.bytes().all(|byte| byte.is_ascii_digit());
    let minutes: i64 = if rest.is_empty() {
        0
    } else {
        rest.parse().map_err(|_| Unfit::No)?
    };
    if !two || minutes > 59 {
        return Err(Unfit::No);
    }
    let hours = whole(hours.trim())?;
    hours
        .checked_mul(60)
        .map(|hours| hours + minutes)
        .ok_or(Unfit::No)
}

/// As a whole number of the unit that is so many decimal places smaller.
fn scaled(Decimal { digits, places }: Decimal, smaller: u32) -> Result<i64, Unfit> {
    if places <= smaller {
        return digits.checked_mul(10_i64.pow(smaller - places)).ok_or(Unfit::No);
    }
    let lost = 10_i64.pow(places - smaller);
    if digits % lost == 0 {
        Ok(digits / lost)
    } else {
        Err(Unfit::Fraction)
    }
}

fn decimal(text: &str) -> Result<Decimal, Unfit> {
    let text = text.trim();
    if text.ends_with('%') {
        return Err(Unfit::Percent);
    }
    if is_scientific(text) {
        return Err(Unfit::Scientific);
    }
    let (whole, part) = match text.split_once([',', '.']) {
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    let grouped = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}');
    let mut groups = whole.split(grouped);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let right = !first.is_empty()
        && digits(first)
        && rest.iter().all(|group| group.len() == 3 && digits(group))
        && digits(part)
        && part.len() <= 6
        && (rest.is_empty() || first.len() <= 3)
        && (!part.is_empty() || !text.ends_with([',', '.']));
    if !right {
        return Err(Unfit::No);
    }
    let all: String = [first].into_iter().chain(rest).chain([part]).collect();
    let digits = all.parse().map_err(|_| Unfit::No)?;
    let places = u32::try_from(part.len()).expect("at most six");
    Ok(Decimal { digits, places })
}

/// `7,3E+13`: what a spreadsheet shows of a number that is too long for its cell.
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let signed = text.contains(['+', ',', '.']);
    signed && digits(exponent) && digits(&mantissa.replacen([',', '.'], "", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_be_grouped_and_may_end_in_zeros() {
        for (text, read) in [
            ("8400", 8_400),
            ("8 400", 8_400),
            ("8\u{202f}400", 8_400),
            ("1\u{a0}234\u{a0}567", 1_234_567),
            ("12,0", 12),
            ("12.0", 12),
            ("0", 0),
        ] {
            assert_eq!(whole(text), Ok(read), "{text}");
        }
        for (wrong, why) in [
            ("12,5", Unfit::Fraction),
            ("80 %", Unfit::Percent),
            ("80%", Unfit::Percent),
            ("7,3E+13", Unfit::Scientific),
            ("84 00", Unfit::No),
            ("-3", Unfit::No),
            ("1.234,50", Unfit::No),
            ("12,", Unfit::No),
            ("douze", Unfit::No),
            ("", Unfit::No),
        ] {
            assert_eq!(whole(wrong), Err(why), "{wrong}");
        }
    }

    #[test]
    fn euros_become_cents_and_no_part_of_one() {
        for (text, read) in [
            ("685", 68_500),
            ("685,5", 68_550),
            ("1 234,50 €", 123_450),
            ("1234.50", 123_450),
            ("1\u{202f}234,50\u{a0}€", 123_450),
            ("12,500", 1_250),
        ] {
            assert_eq!(cents(text), Ok(read), "{text}");
        }
        assert_eq!(cents("12,345"), Err(Unfit::Fraction));
    }

    #[test]
    fn hours_become_whole_minutes() {
        for (text, read) in [
            ("7,5", 450),
            ("7h30", 450),
            ("7:30", 450),
            ("7 h 30", 450),
            ("140", 8_400),
            ("7h", 420),
            ("0,25", 15),
        ] {
            assert_eq!(minutes(text), Ok(read), "{text}");
        }
        assert_eq!(minutes("7,33"), Err(Unfit::Fraction));
        assert_eq!(minutes("7h3"), Err(Unfit::No));
        assert_eq!(minutes("7h75"), Err(Unfit::No));
    }

    #[test]
    fn what_a_spreadsheet_cut_short_is_told_from_codes_with_a_letter() {
        assert!(is_scientific("7,3E+13") && is_scientific("7.30001E+13") && is_scientific("1E+05"));
        assert!(!is_scientific("E1104") && !is_scientific("12E5") && !is_scientific("E"));
    }
}
