//! The figures as a table, for a spreadsheet.

use parcours_projections::territory::{Figures, Report};
use serde_json::Value;

/// One line for the whole, whose `key` is empty, then one for each part; last, where there are any, one of the level
/// `unknown` for those whose commune is not known.
pub(super) fn table(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let own = ["level", "code", "name", "from", "to", "as_of", "by", "key"];
    table.write_record(
        own.map(str::to_owned)
            .into_iter()
            .chain(columns(&report.figures).map(|(name, _)| name)),
    )?;
    let by = report.by.map_or_else(String::new, |by| {
        cell(&serde_json::to_value(by).unwrap_or_default())
    });
    let parts = report
        .groups
        .iter()
        .flatten()
        .map(|group| (by.as_str(), group.key.as_str(), &group.figures));
    for (by, key, figures) in std::iter::once(("", "", &report.figures)).chain(parts) {
        let territory = &report.territory;
        let place = [territory.level.as_str(), territory.code, territory.name];
        line(&mut table, report, place, [by, key], figures)?;
    }
    if let Some(unknown) = &report.unknown {
        line(&mut table, report, ["unknown", "", ""], ["", ""], unknown)?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

fn line(
    table: &mut csv::Writer<Vec<u8>>,
    report: &Report,
    [level, code, name]: [&str; 3],
    [by, key]: [&str; 2],
    figures: &Figures,
) -> Result<(), csv::Error> {
    let own = [
        level.to_owned(),
        code.to_owned(),
        name.to_owned(),
        report.from.to_string(),
        report.to.to_string(),
        report.as_of.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        by.to_owned(),
        key.to_owned(),
    ];
    table.write_record(own.into_iter().chain(columns(figures).map(|(_, value)| value)))
}

/// The figures by their names, in the same order for all.
fn columns(figures: &Figures) -> impl Iterator<Item = (String, String)> {
    let fields = match serde_json::to_value(figures) {
        Ok(Value::Object(fields)) => fields,
        _ => Default::default(),
    };
    fields.into_iter().map(|(name, value)| (name, cell(&value)))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
