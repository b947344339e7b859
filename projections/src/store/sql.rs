//! SQL that both databases share, made from a view's description.
//!
//! Names of tables and columns are constants of this program, never data, so they stand in the text unquoted.

use crate::view::{Kind, Table};

/// What differs in the making of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A column's type. Text is compared by its bytes in both databases, so that both keep one order.
    fn column(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Dialect::Sqlite, Kind::Integer | Kind::Boolean) => "INTEGER",
            (Dialect::Sqlite, Kind::Text) => "TEXT",
            (Dialect::Postgres, Kind::Integer) => "bigint",
            (Dialect::Postgres, Kind::Boolean) => "boolean",
            (Dialect::Postgres, Kind::Text) => "text COLLATE \"C\"",
        }
    }
}

/// The name a table has in a generation, without its schema.
pub(crate) fn name(table: &str, generation: i64) -> String {
    format!("{table}_g{generation}")
}

/// How far a generation has come, as [`Mark::stored`](super::generation::Mark::stored) has it.
pub(crate) const MARK: &str = "(checkpoint, CASE WHEN target > checkpoint THEN target ELSE 0 END, \
                                CASE WHEN target > checkpoint THEN cursor ELSE 0 END)";

/// An expression over the columns of a generation, among those of this table.
pub(crate) fn of_generation(expression: &str, generations: &str, view: &str, generation: i64) -> String {
    format!("(SELECT {expression} FROM {generations} WHERE view = '{view}' AND generation = {generation})")
}

/// `a, b, c`.
pub(crate) fn list(columns: impl IntoIterator<Item = &'static (&'static str, Kind)>) -> String {
    columns
        .into_iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Makes a table to be loaded. Rows are appended, and get their key after that ([`indexes`]). So do sums in PostgreSQL,
/// which are added up at the end; SQLite adds to them in place, and needs their key at once.
pub(crate) fn create(dialect: Dialect, table: &Table, name: &str) -> String {
    let mut columns = Vec::new();
    // The index of words names rows by a number that no VACUUM changes.
    if dialect == Dialect::Sqlite && table.words.is_some() {
        columns.push("id INTEGER PRIMARY KEY".to_owned());
    }
    for (column, kind) in table.columns() {
        let needed = table.sums || table.keys.iter().any(|(key, _)| key == column);
        columns.push(format!(
            "{column} {}{}",
            dialect.column(*kind),
            if needed { " NOT NULL" } else { "" }
        ));
    }
    let kind = match (dialect, table.sums) {
        (Dialect::Sqlite, false) => "STRICT",
        (Dialect::Sqlite, true) => {
            columns.push(format!("PRIMARY KEY ({})", list(table.keys)));
            "STRICT, WITHOUT ROWID"
        }
        (Dialect::Postgres, _) => "",
    };
    format!("CREATE TABLE {name} ({}) {kind}", columns.join(", "))
}

/// Makes what a loaded table still lacks. Each statement may be run again.
pub(crate) fn indexes(dialect: Dialect, table: &Table, bare: &str, qualified: &str) -> Vec<String> {
    let mut statements = Vec::new();
    if !table.sums {
        let keys = list(table.keys);
        statements.push(format!(
            "CREATE UNIQUE INDEX IF NOT EXISTS {bare}_key ON {qualified} ({keys})"
        ));
    }
    for (number, columns) in table.indexes.iter().enumerate() {
        statements.push(format!(
            "CREATE INDEX IF NOT EXISTS {bare}_i{number} ON {qualified} ({columns})"
        ));
    }
    statements.extend(
        table
            .words
            .map(|column| index_of_words(dialect, column, bare, qualified)),
    );
    statements
}

/// The index of words of SQLite is a table of FTS5's, which triggers keep; PostgreSQL's is an index of text search vectors.
/// Words are as the view wrote them: neither knows a language.
fn index_of_words(dialect: Dialect, column: &str, bare: &str, qualified: &str) -> String {
    let words = words(bare);
    match dialect {
        Dialect::Sqlite => format!(
            "CREATE VIRTUAL TABLE IF NOT EXISTS {words} USING fts5({column}, content='{bare}', content_rowid='id', tokenize='unicode61');
             INSERT INTO {words}({words}) VALUES ('rebuild');
             CREATE TRIGGER IF NOT EXISTS {words}_in AFTER INSERT ON {bare} BEGIN
                 INSERT INTO {words}(rowid, {column}) VALUES (new.id, new.{column});
             END;
             CREATE TRIGGER IF NOT EXISTS {words}_out AFTER DELETE ON {bare} BEGIN
                 INSERT INTO {words}({words}, rowid, {column}) VALUES ('delete', old.id, old.{column});
             END;
             CREATE TRIGGER IF NOT EXISTS {words}_anew AFTER UPDATE OF {column} ON {bare} BEGIN
                 INSERT INTO {words}({words}, rowid, {column}) VALUES ('delete', old.id, old.{column});
                 INSERT INTO {words}(rowid, {column}) VALUES (new.id, new.{column});
             END"
        ),
        Dialect::Postgres => format!(
            "CREATE INDEX IF NOT EXISTS {words} ON {qualified} USING gin (to_tsvector('simple', {column}))"
        ),
    }
}

/// What the index of words of a table is called.
pub(crate) fn words(bare: &str) -> String {
    format!("{bare}_words")
}

/// The condition that a row `alias` has words that begin with each of those, between spaces, in a parameter.
pub(crate) fn has_words(dialect: Dialect, table: &Table, bare: &str, alias: &str, parameter: &str) -> String {
    match dialect {
        Dialect::Sqlite => {
            let words = words(bare);
            format!(
                "{alias}.id IN (SELECT rowid FROM {words} WHERE {words} MATCH replace({parameter}, ' ', '* ') || '*')"
            )
        }
        Dialect::Postgres => {
            let column = table.words.unwrap_or_default();
            format!(
                "to_tsvector('simple', {alias}.{column}) @@ to_tsquery('simple', replace({parameter}, ' ', ':* & ') || ':*')"
            )
        }
    }
}

/// Whether a row's sums are all 0.
pub(crate) fn zeros(table: &Table) -> String {
    table
        .values
        .iter()
        .map(|(column, _)| format!("t.{column} = 0"))
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// What to do with a row `t` whose key is there: replace it, or add to its sums.
pub(crate) fn on_conflict(table: &Table) -> String {
    let set = table.values.iter().map(|(column, _)| match table.sums {
        true => format!("{column} = t.{column} + excluded.{column}"),
        false => format!("{column} = excluded.{column}"),
    });
    let set = set.collect::<Vec<_>>().join(", ");
    let keys = list(table.keys);
    if set.is_empty() {
        format!("ON CONFLICT ({keys}) DO NOTHING")
    } else {
        format!("ON CONFLICT ({keys}) DO UPDATE SET {set}")
    }
}

/// All rows in the order of their keys.
pub(crate) fn all_rows(table: &Table, name: &str) -> String {
    format!(
        "SELECT {} FROM {name} ORDER BY {}",
        list(table.columns()),
        list(table.keys)
    )
}
