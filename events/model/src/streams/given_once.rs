//! Two fields, both texts, of which exactly one is given.

use super::Misfit;
use schemars::Schema;
use serde_json::json;

/// Refuses both, and neither.
pub(super) fn check([(one, has_one), (other, has_other)]: [(&str, bool); 2]) -> Result<(), Misfit> {
    if has_one != has_other {
        return Ok(());
    }
    Err(Misfit::new(
        one,
        &format!("give exactly one of `{one}` and `{other}`"),
        &format!("donnez `{one}` ou `{other}`, et un seul des deux"),
    ))
}

/// Says the same in a schema.
pub(super) fn constrain(schema: &mut Schema, [one, other]: [&str; 2]) {
    let given = |name: &str, other: &str| json!({"required": [name], "properties": {name: {"type": "string"}, other: {"type": "null"}}});
    schema.insert("anyOf".into(), json!([given(one, other), given(other, one)]));
}
