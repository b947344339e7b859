//! Everything that is wrong with an event, for a sender who tries it: one fault at a time is one try a fault.

use super::attributes::Attributes;
use super::each::in_data;
use super::extension::other_attribute;
use super::{Malformed, Submission};
use crate::faults::{self, Member};
use crate::streams::{Fact, Misfit};
use serde_json::value::RawValue;

impl Submission {
    /// All that is wrong with bytes that [`Submission::parse`] refuses, what it tells first; empty if it takes them. Of a
    /// value that is wrong in several ways, the first. Complexity: linear in its bytes, times the fields of its type.
    pub fn faults(json: &[u8]) -> Vec<Malformed> {
        let Err(first) = Submission::parse(json) else {
            return Vec::new();
        };
        let id = first.id.clone();
        let mut all = Faults(vec![first]);
        let text = std::str::from_utf8(json).unwrap_or_default();
        if faults::unreadable(json).is_none()
            && let Some(members) = faults::members(text)
        {
            Malformed::in_members(text, &members)
                .into_iter()
                .for_each(|fault| all.add(fault));
            all.of_event(&Attributes::of_members(&members));
        }
        let named = |fault: Malformed| Malformed {
            id: id.clone(),
            ..fault.found_in(json)
        };
        all.0.into_iter().map(named).collect()
    }
}

struct Faults(Vec<Malformed>);

impl Faults {
    fn add(&mut self, fault: Malformed) {
        let known = self.0.iter().any(|known| known.pointer == fault.pointer);
        if !known && fault.pointer.is_some() {
            self.0.push(fault);
        }
    }

    fn err<T>(&mut self, read: Result<T, Malformed>) -> Option<T> {
        read.map_err(|fault| self.add(fault)).ok()
    }

    fn of_event(&mut self, attributes: &Attributes<'_>) {
        attributes
            .of_the_log()
            .into_iter()
            .for_each(|fault| self.add(fault));
        self.err(attributes.check_version());
        self.err(attributes.own_id());
        self.err(attributes.sender());
        let type_name = self.err(attributes.type_name());
        let stream = self.err(attributes.stream());
        self.err(attributes.instant());
        let raw = attributes.data.map_or("{}", RawValue::get);
        let mut misfits = Vec::new();
        if let Some(type_name) = type_name.filter(|_| attributes.data.is_some()) {
            misfits.extend(faults::of_data(type_name, raw).into_iter().map(Misfit::from));
        }
        if let (Some(type_name), Some(stream)) = (type_name, stream) {
            self.err(attributes.fact(stream, type_name));
            if let Some(Ok(fact)) = Fact::read(stream.kind, type_name, raw) {
                misfits.extend(fact.misfits());
            }
        }
        misfits.into_iter().for_each(|misfit| self.add(in_data(misfit)));
        for (name, value) in &attributes.others {
            self.err(other_attribute(name, value));
        }
    }
}

impl<'a> Attributes<'a> {
    /// Those of them that are of a type that they may have, each as it is given first.
    fn of_members(members: &[Member<'a>]) -> Self {
        let mut read = Attributes::default();
        for Member { name, value, .. } in members.iter().rev() {
            let text = || serde_json::from_str::<String>(value.get()).ok().map(Into::into);
            match name.as_str() {
                "specversion" => read.specversion = text(),
                "id" => read.id = text(),
                "source" => read.source = text(),
                "type" => read.type_name = text(),
                "subject" => read.subject = text(),
                "time" => read.time = text(),
                "actor" => read.actor = text(),
                "recordedtime" => read.recordedtime = text(),
                "revision" => read.revision = value.get().parse().ok(),
                "data" => read.data = Some(*value).filter(|data| data.get() != "null"),
                _ => read.others.push((name.clone().into(), value)),
            }
        }
        read.others.reverse();
        read
    }
}
