//! The table as CSV, in English and in French.

use super::table::{Cell, Table, french};
use chrono::SecondsFormat;

/// Spreadsheets take a file without it for one of their own encoding.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Digits behind the point of a share: a hundredth of a percent is less than one person of any programme.
const SHARE_DIGITS: i32 = 4;

/// The table as text. The French variant has heads in French, percentages, semicolons, decimal commas and a byte order mark.
pub(super) fn write(table: &Table, in_french: bool) -> Result<Vec<u8>, csv::Error> {
    let (start, delimiter) = match in_french {
        true => (BYTE_ORDER_MARK.to_vec(), b';'),
        false => (Vec::new(), b','),
    };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(start);
    let heads = table.columns.iter().map(|column| match in_french {
        true => french::head(&column.name),
        false => &column.name,
    });
    writer.write_record(heads)?;
    for line in &table.lines {
        writer.write_record(line.iter().map(|cell| told(cell, in_french)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn told(cell: &Cell, in_french: bool) -> String {
    let rounded = |number: f64, digits: i32| {
        let shift = 10_f64.powi(digits);
        format!("{:?}", (number * shift).round() / shift)
    };
    match cell {
        Cell::Nothing => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Day(day) => day.to_string(),
        Cell::Instant(instant) => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Cell::Count(count) => count.to_string(),
        Cell::Share(share) if in_french => rounded(share * 100.0, SHARE_DIGITS - 2).replace('.', ","),
        Cell::Share(share) => rounded(*share, SHARE_DIGITS),
        Cell::Truth(truth) => {
            let word = if *truth { "true" } else { "false" };
            if in_french { french::word(word) } else { word }.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_percentages_in_french() {
        for (share, english, french) in [
            (2.0 / 3.0, "0.6667", "66,67"),
            (1.0, "1.0", "100,0"),
            (0.1 + 0.2, "0.3", "30,0"),
            (0.0, "0.0", "0,0"),
        ] {
            let cell = Cell::Share(share);
            assert_eq!((&*told(&cell, false), &*told(&cell, true)), (english, french));
        }
        assert_eq!(told(&Cell::Count(3), true), "3");
        assert_eq!(told(&Cell::Truth(true), true), "oui");
    }
}
