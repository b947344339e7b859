//! The name of a stream.

use crate::spelling;
use crate::streams::StreamKind;
use crate::words::{self, Words};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A stream: what the events of one `subject` belong to, `kind/uuid`.
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
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.uuid)
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
        match spelling::uuid(uuid) {
            Some(read) => Ok(Self::new(kind, read)),
            None => Err(spelling::no_uuid(uuid)),
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
