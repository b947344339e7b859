//! The dictionary of the table's columns: a Data Package descriptor (version 2) of the table in each of its formats.

use super::table::{Column, Kind, LINES, french};
use parcours_projections::territory::Report;
use serde_json::{Value, json};

/// The descriptor, in JSON. `query` is what was asked: the tables are where the same is asked for in another format, at paths
/// relative to the descriptor's own.
pub(super) fn describe(report: &Report, columns: &[Column], query: &str) -> Vec<u8> {
    let territory = &report.territory;
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("format="));
    let kept: String = kept.flat_map(|pair| [pair, "&"]).collect();
    let path = |format: &str| format!("{}?{kept}format={format}", territory.code);
    let table = |name: &str, format: &str, media_type: &str| {
        json!({
            "name": name,
            "type": "table",
            "path": path(name),
            "format": format,
            "mediatype": media_type,
        })
    };
    let mut csv = table("csv", "csv", "text/csv");
    csv["encoding"] = json!("utf-8");
    csv["schema"] = schema(columns, false);
    let mut csv_fr = table("csv-fr", "csv", "text/csv");
    csv_fr["encoding"] = json!("utf-8");
    csv_fr["dialect"] = json!({"delimiter": ";"});
    csv_fr["schema"] = schema(columns, true);
    let mut parquet = table("parquet", "parquet", "application/vnd.apache.parquet");
    parquet["schema"] = schema(columns, false);
    let descriptor = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": format!("parcours-{}-{}", territory.level, territory.code.to_lowercase()),
        "title": format!("Figures of the programme: {}", territory.name),
        "description": format!("From {} to {}, as known at {}.", report.from, report.to, report.as_of.to_rfc3339()),
        "created": report.as_of,
        "resources": [csv, csv_fr, parquet],
    });
    descriptor.to_string().into_bytes()
}

/// A table schema. In French, the names are the heads, shares are percentages, and numbers have decimal commas.
fn schema(columns: &[Column], in_french: bool) -> Value {
    let fields: Vec<Value> = columns.iter().map(|column| field(column, in_french)).collect();
    json!({"fields": fields, "missingValues": [""]})
}

fn field(column: &Column, in_french: bool) -> Value {
    let kind = match column.kind {
        Kind::Text => "string",
        Kind::Day => "date",
        Kind::Instant => "datetime",
        Kind::Count => "integer",
        Kind::Share => "number",
        Kind::Truth => "boolean",
    };
    let name = match in_french {
        true => french::head(&column.name),
        false => &column.name,
    };
    let mut field = json!({"name": name, "type": kind, "description": column.about});
    if column.name == "line" {
        let words = LINES.map(|word| if in_french { french::word(word) } else { word });
        field["constraints"] = json!({"required": true, "enum": words});
    }
    match column.kind {
        Kind::Share if in_french => field["decimalChar"] = json!(","),
        Kind::Truth if in_french => {
            field["trueValues"] = json!([french::word("true")]);
            field["falseValues"] = json!([french::word("false")]);
        }
        _ => {}
    }
    field
}
