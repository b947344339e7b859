//! Each attribute by itself: what it says, or what is wrong with it.

use super::attributes::Attributes;
use super::submission::{quoted, unsupported};
use super::{JSON_FORMAT, LOG_ATTRIBUTES, MAX_KEY, Malformed, expected, source};
use crate::canonical::canonical;
use crate::faults::{self, AN_OBJECT};
use crate::stream::StreamId;
use crate::streams::{DataError, Fact, Misfit, parcours};
use crate::texts::{self, Written};
use crate::words::{self, Words};
use crate::{sealed, spelling};
use chrono::{DateTime, FixedOffset};
use serde_json::Value;
use serde_json::value::RawValue;

impl Attributes<'_> {
    /// What is wrong about the attributes that only the log writes: that they are given.
    pub fn of_the_log(&self) -> Vec<Malformed> {
        let given = [
            self.actor.is_some(),
            self.recordedtime.is_some(),
            self.revision.is_some(),
        ];
        let given = LOG_ATTRIBUTES.iter().zip(given).filter(|(_, given)| *given);
        given
            .map(|(name, _)| {
                let named = LOG_ATTRIBUTES.join(", ");
                let words = Words::new(
                    format!("the attributes {named} are written by the log: leave them out"),
                    format!("les attributs {named} sont écrits par le journal : ne les donnez pas"),
                );
                Malformed::of("log-attribute", name, words)
            })
            .collect()
    }

    pub fn check_version(&self) -> Result<(), Malformed> {
        const NAME: &str = "specversion";
        match required(NAME, self.specversion.as_deref())? {
            "1.0" => Ok(()),
            other => Err(Malformed::of(
                "unknown-specversion",
                NAME,
                unsupported(other, "1.0"),
            )),
        }
    }

    pub fn own_id(&self) -> Result<&str, Malformed> {
        let id = required("id", self.id.as_deref())?;
        texts::judge(id, MAX_KEY, Written::Name).map_err(|words| invalid("id", words))?;
        Ok(id)
    }

    pub fn sender(&self) -> Result<&str, Malformed> {
        let sender = required("source", self.source.as_deref())?;
        source::check(sender).map_err(|words| invalid("source", words))?;
        Ok(sender)
    }

    pub fn type_name(&self) -> Result<&str, Malformed> {
        required("type", self.type_name.as_deref())
    }

    pub fn stream(&self) -> Result<StreamId, Malformed> {
        let subject = required("subject", self.subject.as_deref())?;
        subject.parse().map_err(|words| invalid("subject", words))
    }

    pub fn instant(&self) -> Result<DateTime<FixedOffset>, Malformed> {
        let time = required("time", self.time.as_deref())?;
        spelling::instant(time).map_err(|words| invalid("time", words))
    }

    /// What the data say of this stream, and the canonical form of it.
    pub fn fact(&self, stream: StreamId, type_name: &str) -> Result<(Fact, String), Malformed> {
        let raw = self.data.map_or("{}", RawValue::get);
        read_fact(stream, type_name, raw).map_err(|wrong| match self.data {
            None if wrong.code == "invalid-data" => {
                Malformed::of("invalid-data", "data", faults::missing(&AN_OBJECT))
            }
            _ => wrong,
        })
    }
}

fn invalid(attribute: &str, words: Words) -> Malformed {
    Malformed::of("invalid-attribute", attribute, words)
}

fn required<'a>(name: &'static str, value: Option<&'a str>) -> Result<&'a str, Malformed> {
    match value {
        Some(text) if !text.is_empty() => Ok(text),
        given => {
            let expected = expected(name).unwrap_or(JSON_FORMAT);
            let words = match given {
                Some(empty) => faults::given(&quoted(empty), &expected),
                None => faults::missing(&expected),
            };
            Err(Malformed::of("missing-attribute", name, words))
        }
    }
}

/// What the data say, and the canonical form of it.
fn read_fact(stream: StreamId, type_name: &str, raw: &str) -> Result<(Fact, String), Malformed> {
    if !raw.starts_with('{') {
        return Err(Malformed::of(
            "invalid-data",
            "data",
            faults::given(raw, &AN_OBJECT),
        ));
    }
    let wrong = |error| invalid_data(type_name, raw, error);
    let unknown = || {
        let (kind, name) = (stream.kind.name(), words::quoted(type_name));
        let example = stream.kind.types().first().map_or("", |first| first.name);
        let words = Words::new(
            format!(
                "{name} is no type of event of a {kind} stream: expected one that /schemas lists, such as {example:?}"
            ),
            format!(
                "{name:#} n'est pas un type d'événement d'un flux {kind} : il en faut un que liste /schemas, par exemple {example:?}"
            ),
        );
        Malformed::of("unknown-type", "type", words)
    };
    let fact = match Fact::read(stream.kind, type_name, raw).ok_or_else(unknown)? {
        // An integer is one with a point, too (JSON Schema, 4.2.3).
        Err(DataError::Shape(error)) => {
            spelling::once(raw).map_err(|error| wrong(DataError::Shape(error)))?;
            let again = serde_json::from_str(raw).map(|value| spelling::plain_numbers(value).to_string());
            let again = again
                .ok()
                .and_then(|again| Fact::read(stream.kind, type_name, &again));
            again
                .and_then(Result::ok)
                .ok_or_else(|| wrong(DataError::Shape(error)))?
        }
        read => read.map_err(wrong)?,
    };
    if holds_data(&fact) {
        spelling::once(raw).map_err(|error| wrong(DataError::Shape(error)))?;
    }
    let fact = plain(fact);
    fact.judge().map_err(|misfit| wrong(DataError::Misfit(misfit)))?;
    let data = canonical(&fact);
    if data == raw {
        // Written as it is kept already.
        return Ok((fact, data));
    }
    let sent: Value = serde_json::from_str(raw).map_err(|error| wrong(DataError::Shape(error)))?;
    match spelling::unlike(&sent, &fact.data()) {
        Some(misfit) => Err(wrong(DataError::Misfit(misfit))),
        None => Ok((fact, data)),
    }
}

/// Whether the data hold others, of which only what they correct knows what may be in them.
fn holds_data(fact: &Fact) -> bool {
    matches!(fact, Fact::Parcours(parcours::Fact::Corrected(_)))
}

/// The fact, with the data of a correction in the one way they are written that is known without what they correct.
fn plain(mut fact: Fact) -> Fact {
    if let Fact::Parcours(parcours::Fact::Corrected(correction)) = &mut fact {
        correction.data = correction.data.take().map(spelling::plain);
    }
    fact
}

/// Says which field of `data` is wrong; read again for that, since only senders of invalid events pay for it.
fn invalid_data(type_name: &str, raw: &str, error: DataError) -> Malformed {
    in_data(error.told(type_name, raw))
}

/// A field of `data` that is wrong.
pub(super) fn in_data(misfit: Misfit) -> Malformed {
    let misfit = misfit.of("data");
    let code = match misfit.words() == sealed::REFUSED {
        true => "sealed",
        false => "invalid-data",
    };
    Malformed::at(code, &misfit.path, misfit.words())
}
