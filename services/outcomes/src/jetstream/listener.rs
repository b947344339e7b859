//! An audience of the stream, and under which declaration it is told.
//!
//! What a partner may hear can change: it is given one more territory, or one fewer. What it was told before, in the stream
//! or by its consumer, does not follow from the new declaration, and what it may hear now was in part left out. So it is
//! told everything anew under the new declaration, in its order and under the ids it knows; then what it was told under the
//! old one is removed. Every message says under which declaration it is told, and after which message of the stream the first
//! of them came: so this follows from the stream alone, whenever it is interrupted.

use std::fmt;
use std::str::FromStr;

use serde_json::json;

use super::api::Api;
use super::stream;
use super::subject::all_of;
use super::tail::{self, Tail};
use crate::{Audience, OutcomesError};

/// Who is told, and since when.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub audience: Audience,
    /// None of the public, which always hears the same.
    pub declared: Option<Declared>,
}

/// The declaration that messages are told under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// What names it.
    pub name: String,
    /// All messages told under it come after the one of this number in the stream.
    pub since: u64,
}

impl Listener {
    /// The audience, told under its declaration of today since then.
    pub fn since(audience: &Audience, since: u64) -> Self {
        Self {
            declared: audience.declared().map(|name| Declared { name, since }),
            audience: audience.clone(),
        }
    }

    /// Removes what this audience was told under another declaration, if that is still there. The last message of the stream
    /// stays in any case, since it says how far the stream is; once it is not the last one any more, it goes, too.
    pub async fn drop_others(&self, api: &Api, tail: Tail) -> Result<(), OutcomesError> {
        let since = self.declared.as_ref().map_or(0, |declared| declared.since);
        let before = (since + 1).min(tail.sequence);
        if since == 0 {
            return Ok(());
        }
        let name = self.audience.name();
        let all = all_of(name);
        let oldest = tail::message(api, json!({"seq": 1, "next_by_subj": all})).await?;
        if oldest.is_some_and(|oldest| oldest.sequence < before) {
            let removed = stream::purge(api, &all, before).await?;
            tracing::info!(
                partner = name,
                messages = removed,
                "removed what the partner was told under another declaration"
            );
        }
        Ok(())
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.since)
    }
}

impl FromStr for Declared {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, since) = text.split_once(':').ok_or(())?;
        Ok(Self {
            name: name.to_owned(),
            since: since.parse().map_err(|_| ())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_says_of_its_declaration_is_read_back() {
        let declared = Declared {
            name: "Zx_81-".to_owned(),
            since: 1_795_000_000_000_000,
        };
        assert_eq!(declared.to_string().parse(), Ok(declared));
        assert_eq!("nothing".parse::<Declared>(), Err(()));
    }
}
