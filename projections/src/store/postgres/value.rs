//! Values on their way to PostgreSQL and back.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::view::{Kind, Value};

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Boolean(truth) => truth.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BOOL].contains(kind)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Integer(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Value::Boolean(bool::from_sql(kind, raw)?),
            Type::NUMERIC => Value::Integer(whole(raw)?),
            _ => Value::Text(String::from_sql(kind, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BOOL, Type::NUMERIC].contains(kind)
            || <String as FromSql<'_>>::accepts(kind)
    }
}

/// The type of a parameter, told to the server rather than guessed from where it stands. Nothing is of any type.
pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Integer(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Boolean(_) => Type::BOOL,
    }
}

/// The type of a column.
pub(super) fn column_type(kind: Kind) -> Type {
    match kind {
        Kind::Integer => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Boolean => Type::BOOL,
    }
}

/// The same SQL with PostgreSQL's parameters: `$1` for `?1`.
pub(super) fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(letter) = rest.next() {
        let parameter = letter == '?' && rest.peek().is_some_and(char::is_ascii_digit);
        numbered.push(if parameter { '$' } else { letter });
    }
    numbered
}

/// Reads a `numeric` without fraction, such as a sum of bigints: digits to the base of 10,000, most significant first.
fn whole(raw: &[u8]) -> Result<i64, Box<dyn Error + Sync + Send>> {
    let words: Vec<i16> = raw
        .chunks_exact(2)
        .map(|word| i16::from_be_bytes([word[0], word[1]]))
        .collect();
    let [count, weight, sign, _scale, digits @ ..] = &words[..] else {
        return Err("a numeric too short".into());
    };
    if *sign != 0 && *sign != 0x4000 || digits.len() != usize::try_from(*count)? {
        return Err("a numeric that is no number".into());
    }
    if digits.len() as i64 > i64::from(*weight) + 1 {
        return Err("a numeric with a fraction".into());
    }
    let mut number: i128 = 0;
    for place in 0..=*weight {
        let digit = usize::try_from(place)
            .ok()
            .and_then(|place| digits.get(place))
            .copied()
            .unwrap_or(0);
        number = number.checked_mul(10_000).ok_or("a numeric too large")? + i128::from(digit);
    }
    Ok(i64::try_from(if *sign == 0 { number } else { -number })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_get_their_dollar_and_nothing_else_does() {
        assert_eq!(
            numbered("a = ?1 AND b ? 'x' AND c = ?12"),
            "a = $1 AND b ? 'x' AND c = $12"
        );
    }

    #[test]
    fn a_sum_of_integers_is_an_integer() {
        let numeric = |words: &[i16]| {
            words
                .iter()
                .flat_map(|word| word.to_be_bytes())
                .collect::<Vec<_>>()
        };
        assert_eq!(whole(&numeric(&[0, 0, 0, 0])).unwrap(), 0);
        assert_eq!(whole(&numeric(&[2, 1, 0, 0, 12, 3456])).unwrap(), 123_456);
        assert_eq!(
            whole(&numeric(&[1, 1, 0x4000, 0, 12])).unwrap(),
            -120_000,
            "zeros at the end are not sent"
        );
        assert!(
            whole(&numeric(&[2, 0, 0, 1, 12, 5000])).is_err(),
            "twelve and a half"
        );
    }
}
