//! Of which event a line tells: its type, its sender, its stream, its time, and its id.

use super::{Converter, Fault};
use crate::csv::dates;
use crate::csv::identity;
use crate::csv::plan::Plan;
use crate::csv::records::Cells;
use crate::csv::type_name::type_named;
use crate::csv::values::{self, Wrong};
use crate::lheo::identity as catalogue;
use chrono::{DateTime, Utc};
use parcours_model::codes::Siret;
use parcours_model::{MAX_KEY, StreamId, StreamKind};
use std::sync::Arc;

impl Converter {
    pub(crate) fn place(&mut self, cells: &Cells) -> Result<usize, Fault> {
        const EXPECTED: &str =
            "a type of event, such as attendance.recorded or présence; --type says it for a whole file";
        let Some((at, text)) = self.first(cells, &self.types) else {
            let told = format!("no type is given: expected {EXPECTED}");
            return Err(Fault::of(&self.word(&self.types, "type"), told));
        };
        if let Some(place) = self.known.get(text) {
            return Ok(*place);
        }
        let told = match type_named(text) {
            Ok(place) => {
                let text = text.to_owned();
                self.known.insert(text, place);
                return Ok(place);
            }
            Err(Some(other)) => format!("{text:?} is given here, which no file of this kind holds: {other}"),
            Err(None) => format!("{text:?} is no type of event: expected {EXPECTED}"),
        };
        Err(Fault::of(self.header.word(at), told))
    }

    pub(crate) fn source(&mut self, cells: &Cells, plan: &Plan) -> Result<Arc<str>, Fault> {
        const EXPECTED: &str =
            "who sends, a SIRET or such as urn:siret:20005340300016; --source says it for a whole file";
        let Some((at, text)) = self.first(cells, &plan.source) else {
            let told = format!("no sender is given: expected {EXPECTED}");
            return Err(Fault::of(&self.word(&plan.source, "source"), told));
        };
        if let Some(known) = self.sources.get(text) {
            self.reading.source.clear();
            self.reading.source.push_str(known);
            return Ok(known.clone());
        }
        let text = text.to_owned();
        let source = self
            .sender(at, &text)
            .ok_or_else(|| Fault::of(self.header.word(at), values::wrong(&text, EXPECTED).0))?;
        let source: Arc<str> = source.into();
        self.sources.insert(text, source.clone());
        source.as_ref().clone_into(&mut self.reading.source);
        Ok(source)
    }

    pub(crate) fn sender(&mut self, at: usize, text: &str) -> Option<String> {
        if let Some(region) = text.strip_prefix("urn:region:") {
            let right = matches!(region.len(), 2 | 3) && region.bytes().all(|byte| byte.is_ascii_digit());
            return right.then(|| text.to_owned());
        }
        let siret = self
            .reading
            .siret(text.strip_prefix("urn:siret:").unwrap_or(text));
        self.note(at, 0);
        siret.ok().map(|siret| format!("urn:siret:{siret}"))
    }

    pub(crate) fn stream(&mut self, cells: &Cells, plan: &Plan) -> Result<StreamId, Fault> {
        let kind = plan.columns.kind;
        if let Some((at, text)) = self.first(cells, &plan.subject) {
            let wrong = |told: String| Fault::of(self.header.word(at), told);
            let stream: StreamId = text
                .parse()
                .map_err(|told: parcours_model::Words| wrong(told.to_string()))?;
            return match stream.kind == kind {
                true => Ok(stream),
                false => Err(wrong(format!(
                    "{text:?} is given here: expected a stream of {}, such as {}/0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
                    plan.columns.type_name,
                    kind.name()
                ))),
            };
        }
        if let Some((at, text)) = self.first(cells, &plan.stream) {
            let text = text.to_owned();
            let named = self.named(kind, &text);
            return named.map_err(|Wrong(told)| Fault::of(self.header.word(at), told));
        }
        if let Some((at, text)) = self.first(cells, &plan.trainee) {
            // A person is in one parcours, unless the file says which.
            let text = text.to_owned();
            let thing = self.reading.thing("trainee", &text);
            let trainee = thing.map_err(|Wrong(told)| Fault::of(self.header.word(at), told))?;
            let parcours = identity::thing(
                &self.reading.source,
                "parcours of a trainee",
                &trainee.to_string(),
            );
            return Ok(StreamId::new(kind, parcours));
        }
        let or = if kind == StreamKind::Parcours {
            "; or trainee, of a person who has one parcours"
        } else {
            ""
        };
        let told =
            format!("nothing is given: expected a UUID, or a number of your own for it, such as 2026-17{or}");
        Err(Fault::of(&self.word(&plan.stream, kind.name()), told))
    }

    pub(crate) fn named(&mut self, kind: StreamKind, text: &str) -> Result<StreamId, Wrong> {
        match kind {
            StreamKind::Envelope => format!("envelope/{text}")
                .parse()
                .map_err(|told: parcours_model::Words| Wrong(told.to_string())),
            // As catalogues name operators.
            StreamKind::Operator if text.len() == 14 && text.parse::<Siret>().is_ok() => {
                let siret: Siret = text.parse().expect("it was parsed just now");
                Ok(StreamId::new(kind, catalogue::operator(siret)))
            }
            _ => Ok(StreamId::new(kind, self.reading.thing(kind.name(), text)?)),
        }
    }

    pub(crate) fn time(&self, cells: &Cells, plan: &Plan) -> Result<DateTime<Utc>, Fault> {
        let Some((at, text)) = self.first(cells, &plan.time) else {
            let told = format!("no date is given: expected {}", dates::AN_INSTANT);
            return Err(Fault::of(&self.word(&plan.time, "date"), told));
        };
        dates::instant(text)
            .map_err(|unclear| Fault::of(self.header.word(at), values::unclear_instant(text, unclear).0))
    }

    pub(crate) fn id(
        &mut self,
        cells: &Cells,
        plan: &Plan,
        stream: StreamId,
        source: &str,
        parts: &[String],
    ) -> Result<String, Fault> {
        if let Some((at, text)) = self.first(cells, &plan.id) {
            let right = text.chars().count() <= MAX_KEY && !text.chars().any(char::is_control);
            let told =
                "the id is too long, or holds what cannot be seen: expected at most 256 letters and digits";
            return right
                .then(|| text.to_owned())
                .ok_or_else(|| Fault::of(self.header.word(at), told));
        }
        let session = match self.first(cells, &plan.session) {
            None => String::new(),
            Some((at, text)) => {
                let text = text.to_owned();
                let thing = self.reading.thing("session", &text);
                thing
                    .map_err(|Wrong(told)| Fault::of(self.header.word(at), told))?
                    .to_string()
            }
        };
        let (subject, type_name) = (stream.to_string(), plan.columns.type_name);
        let event = match self.first(cells, &plan.fact) {
            Some((_, fact)) => identity::event(source, &subject, type_name, &[&session, "fact", fact]),
            None => {
                let parts: Vec<&str> = [session.as_str()]
                    .into_iter()
                    .chain(parts.iter().map(String::as_str))
                    .collect();
                identity::event(source, &subject, type_name, &parts)
            }
        };
        Ok(event.to_string())
    }
}
