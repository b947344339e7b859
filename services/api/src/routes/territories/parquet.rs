//! The table as Apache Parquet, each column of its own type, so that no reader has to guess.

use super::table::{Cell, Column, Kind, Table};
use chrono::Datelike;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use std::sync::Arc;

/// The table as a file of one group of rows, without compression.
pub(super) fn write(table: &Table) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(&mut file, schema(&table.columns)?, properties)?;
    let mut group = writer.next_row_group()?;
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        let cells = table.lines.iter().map(|line| &line[place]);
        write_column(&mut column, table.columns[place].kind, cells)?;
        column.close()?;
        place += 1;
    }
    group.close()?;
    writer.close()?;
    Ok(file)
}

fn schema(columns: &[Column]) -> Result<TypePtr> {
    let fields: Result<Vec<TypePtr>> = columns
        .iter()
        .map(|column| {
            let (physical, logical) = match column.kind {
                Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
                Kind::Day => (Physical::INT32, Some(LogicalType::Date)),
                Kind::Instant => (
                    Physical::INT64,
                    Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
                ),
                Kind::Count => (Physical::INT64, None),
                Kind::Share => (Physical::DOUBLE, None),
                Kind::Truth => (Physical::BOOLEAN, None),
            };
            let field = Type::primitive_type_builder(&column.name, physical)
                .with_logical_type(logical)
                .with_repetition(Repetition::OPTIONAL);
            field.build().map(Arc::new)
        })
        .collect();
    let root = Type::group_type_builder("figures").with_fields(fields?).build()?;
    Ok(Arc::new(root))
}

fn write_column<'a>(
    column: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    cells: impl Iterator<Item = &'a Cell> + Clone,
) -> Result<()> {
    let there: Vec<i16> = cells
        .clone()
        .map(|cell| i16::from(*cell != Cell::Nothing))
        .collect();
    macro_rules! column {
        ($type:ty, $pattern:pat => $value:expr) => {{
            let values: Vec<_> = cells
                .filter_map(|cell| match cell {
                    $pattern => Some($value),
                    _ => None,
                })
                .collect();
            column.typed::<$type>().write_batch(&values, Some(&there), None)
        }};
    }
    match kind {
        Kind::Text => column!(ByteArrayType, Cell::Text(text) => text.as_str().into()),
        Kind::Day => column!(Int32Type, Cell::Day(day) => day.num_days_from_ce() - EPOCH),
        Kind::Instant => column!(Int64Type, Cell::Instant(instant) => instant.timestamp_micros()),
        Kind::Count => column!(Int64Type, Cell::Count(count) => *count),
        Kind::Share => column!(DoubleType, Cell::Share(share) => *share),
        Kind::Truth => column!(BoolType, Cell::Truth(truth) => *truth),
    }?;
    Ok(())
}

/// 1 January 1970, in days of the common era.
const EPOCH: i32 = 719_163;
