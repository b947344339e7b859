//! The name of a stream.

use crate::bounds::YEARS;
use crate::spelling;
use crate::streams::StreamKind;
use crate::words::{self, Words};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A stream: what the events of one `subject` belong to, `kind/uuid`; of an envelope `envelope/<year>`, whose year stands in
/// the place of the UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// What the stream is about.
    pub kind: StreamKind,
    /// Which one.
    pub uuid: Uuid,
}

impl StreamId {
    /// The stream of `kind` named `uuid`.
    pub fn new(kind: StreamKind, uuid: Uuid) -> Self {
        Self { kind, uuid }
    }

    /// The envelope of a year.
    pub fn envelope(year: i32) -> Self {
        Self::new(StreamKind::Envelope, Uuid::from_u128(year.unsigned_abs().into()))
    }

    /// The year, of an envelope.
    pub fn year(&self) -> Option<u128> {
        (self.kind == StreamKind::Envelope).then_some(self.uuid.as_u128())
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year() {
            Some(year) => write!(f, "{}/{year:04}", self.kind.name()),
            None => write!(f, "{}/{}", self.kind.name(), self.uuid),
        }
    }
}

impl FromStr for StreamKind {
    type Err = Words;
    fn from_str(name: &str) -> Result<Self, Words> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|kind| kind.name()).collect();
                let (name, known) = (words::quoted(name), known.join(", "));
                Words::new(
                    format!("{name} is no kind of stream: expected one of {known}"),
                    format!("{name:#} n'est pas un genre de flux : il faut l'un de {known}"),
                )
            })
    }
}

impl FromStr for StreamId {
    type Err = Words;
    fn from_str(subject: &str) -> Result<Self, Words> {
        let (kind, uuid) = subject.split_once('/').ok_or_else(|| {
            let (subject, example) = (
                words::quoted(subject),
                "parcours/0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
            );
            Words::new(
                format!("{subject} does not name a stream: expected kind/uuid, such as {example}"),
                format!("{subject:#} ne nomme pas un flux : il faut genre/uuid, par exemple {example}"),
            )
        })?;
        let kind = kind.parse()?;
        if kind == StreamKind::Envelope {
            return year(uuid);
        }
        match spelling::uuid(uuid) {
            Some(read) => Ok(Self::new(kind, read)),
            None => Err(spelling::no_uuid(uuid)),
        }
    }
}

/// The envelope of the year that is written.
fn year(text: &str) -> Result<StreamId, Words> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(year) if digits && YEARS.contains(&year) => Ok(StreamId::envelope(year)),
        _ => {
            let (first, last, text) = (YEARS.start(), YEARS.end(), words::quoted(text));
            Err(Words::new(
                format!("{text} is no year: expected one from {first} to {last}, such as envelope/2026"),
                format!(
                    "{text:#} n'est pas une année : il en faut une de {first} à {last}, par exemple envelope/2026"
                ),
            ))
        }
    }
}

/// The UUID that `text` is in its usual form: hyphenated, in lower case.
pub(crate) fn usual_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_as_it_was_written() {
        let stream = StreamId::new(StreamKind::Parcours, Uuid::from_u128(7));
        assert_eq!(stream.to_string().parse::<StreamId>().unwrap(), stream);
    }

    #[test]
    fn an_envelope_is_named_by_its_year() {
        let envelope: StreamId = "envelope/2026".parse().unwrap();
        assert_eq!(
            (envelope, envelope.to_string()),
            (StreamId::envelope(2026), "envelope/2026".to_owned())
        );
        for subject in [
            "envelope/26",
            "envelope/1999",
            "envelope/2100",
            "envelope/+026",
            "envelope/00000000-0000-0000-0000-0000000007ea",
            "parcours/2026",
        ] {
            assert!(subject.parse::<StreamId>().is_err(), "{subject} was taken");
        }
    }

    #[test]
    fn a_subject_is_written_in_one_form_only_and_read_in_either_case() {
        for subject in [
            "parcours",
            "parcours/",
            "journey/00000000-0000-0000-0000-000000000007",
            "parcours/00000000000000000000000000000007",
            "parcours/{00000000-0000-0000-0000-000000000007}",
            "parcours/urn:uuid:00000000-0000-0000-0000-000000000007",
        ] {
            assert!(subject.parse::<StreamId>().is_err(), "{subject} was taken");
        }
        let capitals: StreamId = "parcours/ABCDEF00-0000-0000-0000-000000000007".parse().unwrap();
        assert_eq!(
            capitals.to_string(),
            "parcours/abcdef00-0000-0000-0000-000000000007"
        );
    }
}
