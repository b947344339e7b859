//! Names that stay the same from one month's file to the next: UUIDs (version 5) of what the sender calls things.

use parcours_model::{EventId, StreamId};
use uuid::Uuid;

/// The namespace of every name derived here. Never change it: all that was imported would come in a second time.
const NAMESPACE: Uuid = Uuid::from_u128(0x3c6e_0f5b_9a41_4f57_8d02_71be_94d3_a5c8);

/// Between the parts of a name. No cell holds it, so no two lists of parts join to the same name.
const SEPARATOR: u8 = 0;

/// What `source` calls by this `number`: its own numbers of parcours, trainees, sessions, immersions…
pub(super) fn thing(source: &str, kind: &str, number: &str) -> Uuid {
    name(&["thing", source, kind, number])
}

/// The event by which `source` states a fact of this type in this stream, told from the others of its type by these parts.
pub(super) fn event(source: &str, subject: &str, type_name: &str, parts: &[&str]) -> Uuid {
    let head = ["event", source, subject, type_name];
    name_of(head.iter().chain(parts))
}

/// The correction that says this of an event: the same correction of what stood by then is the same event, and what is
/// corrected back and forth is a new one each time.
pub(super) fn correction(
    stream: StreamId,
    event: &EventId,
    standing: &EventId,
    time: &str,
    data: &str,
) -> Uuid {
    let (stream, event, standing) = (stream.to_string(), event.to_string(), standing.to_string());
    name(&["correction", &stream, &event, &standing, time, data])
}

fn name(parts: &[&str]) -> Uuid {
    name_of(parts.iter())
}

fn name_of<'a>(parts: impl Iterator<Item = &'a &'a str>) -> Uuid {
    let mut joined = Vec::with_capacity(160);
    for (index, part) in parts.enumerate() {
        if index > 0 {
            joined.push(SEPARATOR);
        }
        joined.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: &str = "urn:siret:19290076900014";

    #[test]
    fn names_never_change() {
        let parcours = thing(SENDER, "parcours", "2026-17");
        assert_eq!(parcours.to_string(), "77b015ac-dfd7-56a9-880f-e5b3302f52f6");
        let subject = format!("parcours/{parcours}");
        let event = event(
            SENDER,
            &subject,
            "parcours.attendance.recorded.v1",
            &["", "2026-03"],
        );
        assert_eq!(event.to_string(), "6b53cc0b-4f53-5a99-942f-8c6fb75a571e");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(thing(SENDER, "aid", "12"), thing(SENDER, "aid1", "2"));
        let told = |parts: &[&str]| event(SENDER, "parcours/x", "t", parts);
        assert_ne!(told(&["a", "b"]), told(&["ab"]));
        assert_ne!(told(&["a", ""]), told(&["", "a"]));
    }

    #[test]
    fn the_same_number_of_another_sender_is_another_thing() {
        assert_ne!(
            thing(SENDER, "trainee", "12"),
            thing("urn:region:28", "trainee", "12")
        );
    }
}
