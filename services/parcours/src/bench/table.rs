//! The figures for people: a line each.

use super::figure::{Figure, Goal};

/// The table, with its heading.
pub fn table(figures: &[Figure]) -> String {
    let heading = ["figure", "measured", "unit", "raw limit", "ratio", "goal", "met"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(heading).chain(figures.iter().map(row)).collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |row: &[String; 7]| {
        let cell = |(column, text): (usize, &String)| match column {
            1 | 3 | 4 => format!("{text:>width$}", width = widths[column]),
            _ => format!("{text:<width$}", width = widths[column]),
        };
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(figure: &Figure) -> [String; 7] {
    let goal = match figure.goal {
        None => String::new(),
        Some(Goal::AtLeast(least)) => format!("≥ {}", number(least)),
        Some(Goal::Below(limit)) => format!("< {}", number(limit)),
        Some(Goal::RatioAtLeast(least)) => format!("≥ {least} ×"),
        Some(Goal::RatioAtMost(most)) => format!("≤ {most} ×"),
    };
    let met = match figure.met {
        None => "",
        Some(true) => "yes",
        Some(false) => "NO",
    };
    [
        figure.name.clone(),
        number(figure.measured),
        figure.unit.to_owned(),
        figure.raw.map(number).unwrap_or_default(),
        figure
            .ratio
            .map(|ratio| format!("{ratio:.3}"))
            .unwrap_or_default(),
        goal,
        met.to_owned(),
    ]
}

/// Three digits where they are few, thousands apart where they are many.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0..10.0 => 3,
        10.0..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_exact_as_they_are_small() {
        for (value, text) in [
            (0.1234, "0.123"),
            (12.34, "12.3"),
            (250_000.4, "250,000"),
            (999.0, "999"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_missed_goal_is_plain_to_see() {
        let figures = [
            Figure::new("append", 40_000.0, "events/s")
                .beside(Some(100_000.0))
                .goal(Goal::RatioAtLeast(0.5)),
            Figure::new("memory", 120.0, "MB").goal(Goal::Below(300.0)),
        ];
        let table = table(&figures);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].ends_with("NO") && lines[1].contains("≥ 0.5 ×"),
            "{table}"
        );
        assert!(lines[2].ends_with("yes") && lines[2].contains("< 300"), "{table}");
    }
}
