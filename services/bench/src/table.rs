//! The figures for people: a line each.

use super::figure::{Figure, Goal};

const COLUMNS: usize = 12;
const HEADING: [&str; COLUMNS] = [
    "figure",
    "events",
    "measured",
    "unit",
    "raw limit",
    "ratio",
    "at first",
    "ratio",
    "other build",
    "ratio",
    "goal",
    "met",
];
/// Columns of numbers: they end at the right.
const NUMBERS: [usize; 8] = [1, 2, 4, 5, 6, 7, 8, 9];

/// The table, with its heading; columns that hold nothing are left out.
pub fn table(figures: &[Figure]) -> String {
    let rows: Vec<[String; COLUMNS]> = figures.iter().map(row).collect();
    let held = |column: &usize| rows.iter().any(|row| !row[*column].is_empty());
    let columns: Vec<usize> = (0..COLUMNS).filter(held).collect();
    let heading = HEADING.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&heading]);
        cells
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cell = |column: &usize| {
            let (text, width) = (&row[*column], widths[*column]);
            if NUMBERS.contains(column) {
                format!("{text:>width$}")
            } else {
                format!("{text:<width$}")
            }
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    [&heading].into_iter().chain(&rows).map(line).collect()
}

fn row(figure: &Figure) -> [String; COLUMNS] {
    let goals: Vec<String> = figure.goals.iter().map(words).collect();
    let met = match figure.met {
        None => "",
        Some(true) => "yes",
        Some(false) => "NO",
    };
    let measured = |value: Option<f64>| value.map(number).unwrap_or_default();
    let ratio = |value: Option<f64>| value.map(|ratio| format!("{ratio:.3}")).unwrap_or_default();
    [
        figure.name.clone(),
        measured(figure.events.map(|events| events as f64)),
        number(figure.measured),
        figure.unit.to_owned(),
        measured(figure.raw),
        ratio(figure.ratio),
        measured(figure.first),
        ratio(figure.growth),
        measured(figure.other),
        ratio(figure.to_other),
        goals.join(", "),
        met.to_owned(),
    ]
}

fn words(goal: &Goal) -> String {
    match goal {
        Goal::AtLeast(least) => format!("≥ {}", number(*least)),
        Goal::Below(limit) => format!("< {}", number(*limit)),
        Goal::RatioAtLeast(least) => format!("≥ {least} ×"),
        Goal::RatioAtMost(most) => format!("≤ {most} ×"),
        Goal::GrowthAtLeast(least) => format!("≥ {least} × first"),
        Goal::GrowthAtMost(most) => format!("≤ {most} × first"),
        Goal::OtherAtLeast(least) => format!("≥ {least} × other"),
        Goal::OtherAtMost(most) => format!("≤ {most} × other"),
    }
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
        assert!(!lines[0].contains("other build"), "{table}");
    }
}
