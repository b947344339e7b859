//! How a file is written: what separates its cells is what makes most of its header known.

use super::records::Records;
use std::io;

/// What may separate cells.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// What separates the cells of this header, whose words `known` looks up; of equals what it has most of.
pub(super) fn delimiter(header: &str, known: impl Fn(&str) -> bool) -> u8 {
    let weigh = |delimiter: &u8| {
        let cells = cells(header, *delimiter);
        let words = cells.iter().filter(|cell| known(cell)).count();
        (words, cells.len())
    };
    // The first of equals.
    let all = DELIMITERS.iter().rev().max_by_key(|delimiter| weigh(delimiter));
    *all.expect("there are four")
}

/// The cells of a header.
pub(super) fn cells(header: &str, delimiter: u8) -> Vec<String> {
    let mut records = Records::new(io::Cursor::new(header.as_bytes()), delimiter, 1);
    // A text in memory can be read.
    let _ = records.read();
    records.found.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// What Excel writes before the header to say what separates cells: `sep=;`.
pub(super) fn announced(line: &str) -> Option<u8> {
    let sign = line.trim_matches(['"', ' ']).strip_prefix("sep=")?;
    let sign = *sign.as_bytes().first()?;
    DELIMITERS.contains(&sign).then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_most_words_known_separates_cells() {
        let known = |word: &str| ["type", "parcours", "month"].contains(&word);
        for delimiter_told in [b';', b',', b'\t', b'|'] {
            let sign = char::from(delimiter_told);
            let header = format!("type{sign}parcours{sign}\"month\"");
            assert_eq!(delimiter(&header, known), delimiter_told, "{header}");
        }
        assert_eq!(delimiter("type;parcours;Nom, prénom, âge, ville", known), b';');
        assert_eq!(delimiter("a,b,c;d", |_| false), b',');
    }

    #[test]
    fn excel_may_say_what_separates_cells() {
        assert_eq!(announced("sep=;"), Some(b';'));
        assert_eq!(announced("sep=\t"), Some(b'\t'));
        assert_eq!(announced("separe=;"), None);
    }
}
