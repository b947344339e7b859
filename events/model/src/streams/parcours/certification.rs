//! Certifications: registered for, obtained, failed (R23).

use crate::codes::{Certification as Code, Rncp, Rs};
use crate::streams::{Data, Misfit, given_once};
use schemars::Schema;
use serde_json::json;

data! {
    /// How much of a certification.
    pub enum Scope {
        /// The whole.
        Full,
        /// Some blocks of skills.
        Blocks,
    }

    /// Data of `parcours.certification.registered.v1`, `.obtained.v1` and `.failed.v1`: exactly one of `rncp` and `rs`.
    pub struct Certification {
        /// The number in the national register of certifications.
        rncp: Option<Rncp>,
        /// The number in the specific register.
        rs: Option<Rs>,
        /// The whole, or blocks.
        scope: Scope,
        /// Which blocks.
        blocks: Option<Vec<String>>,
    }
}

impl Certification {
    /// The certification, whichever its register.
    pub fn code(&self) -> Code {
        match (self.rncp, self.rs) {
            (Some(rncp), _) => Code::Rncp(rncp),
            (None, Some(rs)) => Code::Rs(rs),
            (None, None) => unreachable!("`whole` refuses a certification without a number"),
        }
    }

    /// The blocks named, none for the whole.
    pub fn blocks(&self) -> &[String] {
        self.blocks.as_deref().unwrap_or_default()
    }
}

impl Data for Certification {
    fn whole(&self) -> Result<(), Misfit> {
        given_once::check([("rncp", self.rncp.is_some()), ("rs", self.rs.is_some())])
    }

    fn constrain(schema: &mut Schema) {
        given_once::constrain(schema, ["rncp", "rs"]);
        schema.insert("if".into(), json!({"properties": {"scope": {"const": "full"}}}));
        schema.insert("then".into(), json!({"properties": {"blocks": {"type": ["array", "null"], "items": {"type": "string"}, "maxItems": 0}}}));
        schema.insert("else".into(), json!({"required": ["blocks"], "properties": {"blocks": {"type": "array", "items": {"type": "string"}, "minItems": 1}}}));
    }

    fn check(&self) -> Result<(), Misfit> {
        match (self.scope, self.blocks().is_empty()) {
            (Scope::Blocks, true) => Err(Misfit::new("blocks", "the scope `blocks` names at least one block", "l'étendue `blocks` nomme au moins un bloc")),
            (Scope::Full, false) => Err(Misfit::new("blocks", "the scope `full` names no block", "l'étendue `full` ne nomme aucun bloc")),
            _ => Ok(()),
        }
    }
}
