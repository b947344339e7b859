//! What was told wrong: corrections and annulments.

use crate::faults;
use crate::streams::{Data, Misfit};
use chrono::{DateTime, Utc};
use schemars::Schema;
use serde_json::json;

data! {
    /// An earlier event of the same stream.
    pub struct EventRef {
        /// Its `id`.
        id: String where EARLIER,
        /// Its `source`.
        source: String where EARLIER,
    }

    /// Data of `parcours.event.corrected.v1`. A correction stands alone: what it leaves out is as in the original event.
    pub struct Corrected {
        /// The event that was wrong.
        event: EventRef,
        /// When it really happened.
        time: Option<DateTime<Utc>>,
        /// What really happened: the whole data of that event's type.
        data: Option<serde_json::Value>,
        /// Why it is corrected.
        reason: Option<String>,
    }

    /// Data of `parcours.event.annulled.v1`.
    pub struct Annulled {
        /// The event that never was.
        event: EventRef,
        /// Why it is annulled.
        reason: String,
    }
}

impl Data for Corrected {
    fn constrain(schema: &mut Schema) {
        let given = |name: &str| json!({"required": [name], "properties": {name: {"not": {"type": "null"}}}});
        schema.insert("anyOf".into(), json!([given("time"), given("data")]));
        schema.insert("properties".into(), json!({"data": {"type": ["object", "null"]}}));
    }

    fn check(&self) -> Result<(), Misfit> {
        if self.time.is_none() && self.data.is_none() {
            return Err(Misfit::new(
                "time",
                "a correction gives a new `time`, new `data`, or both",
                "une rectification donne un nouveau `time`, de nouvelles `data`, ou les deux",
            ));
        }
        if let Some(data) = self.data.as_ref().filter(|data| !data.is_object()) {
            let words = faults::not_data(data);
            return Err(Misfit::from(words).of("data"));
        }
        Ok(())
    }
}
impl Data for Annulled {}
