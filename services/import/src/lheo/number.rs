//! Numbers of identity as people and spreadsheets write them, brought back to what they were: in groups, with `.0` behind,
//! in scientific notation, without the zeros at their head or with one too many.

use parcours_model::codes::{Invalid, Siret};

/// Without what is around and between the digits and letters that count; in capitals.
pub(crate) fn cleaned(text: &str) -> String {
    let unspaced: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '"' | '\'' | '’' | '='))
        .flat_map(char::to_uppercase)
        .collect();
    whole(&unspaced)
        .or_else(|| positional(&unspaced))
        .unwrap_or(unspaced)
}

/// `14000.0` and `14000,00`, by which a spreadsheet says that it took the code for a number.
fn whole(text: &str) -> Option<String> {
    let (number, part) = text.split_once(['.', ','])?;
    let zeros = !part.is_empty() && part.bytes().all(|byte| byte == b'0');
    // A group of three zeros is a part of the number: of a SIRET in groups.
    let is_number =
        number.ends_with(|c: char| c.is_ascii_digit()) && number.chars().all(char::is_alphanumeric);
    (zeros && part.len() != 3 && is_number).then(|| number.to_owned())
}

/// `7.3000123400014E+13`, if no digit is lost.
fn positional(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once('E')?;
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let (head, tail) = mantissa.split_once(['.', ','])?;
    let whole = head.len() == 1 && is_digits(head) && is_digits(tail) && tail.len() == exponent;
    whole.then(|| format!("{head}{tail}"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A SIRET whose zeros at the head were lost or doubled is told by its key.
pub(crate) fn siret(text: &str) -> Result<Siret, Invalid> {
    let digits: String = cleaned(text)
        .chars()
        .filter(|c| !matches!(c, '.' | ',' | '-' | '_' | '/'))
        .collect();
    let significant = digits.trim_start_matches('0');
    // Fewer than ten would be a company without its establishment.
    let restored = (significant.len() >= 10).then(|| format!("{significant:0>14}"));
    digits.parse().or_else(|invalid| match restored {
        Some(restored) if is_digits(&digits) => restored.parse().map_err(|_| invalid),
        _ => Err(invalid),
    })
}

/// Five characters, or what was there, cleaned: the first nine départements begin with a zero.
fn of_five(text: &str) -> String {
    let code = cleaned(text);
    match code.len() {
        4 if is_digits(&code) => format!("0{code}"),
        6.. if code.is_ascii() && code[..code.len() - 5].bytes().all(|byte| byte == b'0') => {
            code[code.len() - 5..].to_owned()
        }
        _ => code,
    }
}

/// The code of a commune, of five characters if it is one at all.
pub(crate) fn insee(text: &str) -> String {
    of_five(text)
}

/// A French postcode.
pub(super) fn postcode(text: &str) -> Option<String> {
    let code = cleaned(text);
    let national = ["FR-", "F-", "FR", "F"]
        .iter()
        .find_map(|of| code.strip_prefix(of));
    let code = of_five(national.unwrap_or(&code));
    (code.len() == 5 && is_digits(&code)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siret_is_read_however_it_is_written() {
        for written in [
            "73000123400014",
            " 730 001 234 00014 ",
            "730\u{a0}001\u{202f}234 00014",
            "730.001.234.00014",
            "730-001-234-00014",
            "'73000123400014",
            "=\"73000123400014\"",
            "73000123400014.0",
            "73000123400014,00",
            "073000123400014",
            "7.3000123400014E+13",
        ] {
            assert_eq!(siret(written).unwrap().to_string(), "73000123400014", "{written}");
        }
        for lost in [
            "5720784001061",
            "05720784001061",
            "5 720 784 001 061",
            "5720784001061.0",
        ] {
            let restored = siret(lost);
            let keyed = "05720784001061".parse::<Siret>();
            assert_eq!(restored.is_ok(), keyed.is_ok(), "{lost}");
        }
    }

    #[test]
    fn the_key_decides_whether_zeros_were_lost() {
        let keyed = (0..10)
            .map(|key| format!("0057207840010{key}"))
            .find(|text| text.parse::<Siret>().is_ok())
            .unwrap();
        let lost = keyed.trim_start_matches('0');
        assert_eq!(siret(lost).unwrap().to_string(), keyed);
        assert_eq!(siret(&format!("{lost}.0")).unwrap().to_string(), keyed);
        for wrong in [
            "7300012340001",
            "730001234",
            "73000123400015",
            "7.3E+13",
            "0",
            "inconnu",
            "",
        ] {
            assert!(siret(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_postcode_and_a_commune_s_code_get_their_zero_back() {
        for (written, read) in [
            ("76 600", "76600"),
            ("1000", "01000"),
            ("1000.0", "01000"),
            ("076600", "76600"),
            ("F-76600", "76600"),
            ("76600,0", "76600"),
        ] {
            assert_eq!(postcode(written).as_deref(), Some(read), "{written}");
        }
        for wrong in ["766", "B-1000", "B1000", "2A004", "1234567", "Rouen", "é7660"] {
            assert_eq!(postcode(wrong), None, "{wrong}");
        }
        assert_eq!(insee("1004.0"), "01004");
        assert_eq!(insee("2a 004"), "2A004");
        assert_eq!(insee("02A004"), "2A004");
    }
}
