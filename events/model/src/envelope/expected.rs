//! What is expected of an attribute, with an example.

use crate::spelling::AN_INSTANT;
use crate::words::Words;

/// What is expected of an event as a whole.
pub(super) const JSON_FORMAT: Words = Words::fixed(
    "one event, an object such as {\"specversion\": \"1.0\", \"id\": \"2026-000123\", …}",
    "un événement, un objet par exemple {\"specversion\": \"1.0\", \"id\": \"2026-000123\", …}",
);

/// What is expected of an attribute that an event has a place for, which is a text but for the log's `revision`.
pub(super) fn expected(attribute: &str) -> Option<Words> {
    Some(match attribute {
        "specversion" => Words::fixed("\"1.0\"", "\"1.0\""),
        "id" => Words::fixed(
            "a text that no other event of the sender has, such as \"2026-000123\"",
            "un texte qu'aucun autre événement de l'expéditeur ne porte, par exemple \"2026-000123\"",
        ),
        "source" => Words::fixed(
            "who sends, such as \"urn:siret:20005340300016\"",
            "qui envoie, par exemple \"urn:siret:20005340300016\"",
        ),
        "type" => Words::fixed(
            "a type of event of /schemas, such as \"parcours.oriented.v1\"",
            "un type d'événement de /schemas, par exemple \"parcours.oriented.v1\"",
        ),
        "subject" => Words::fixed(
            "a stream, such as \"parcours/0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e\"",
            "un flux, par exemple \"parcours/0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e\"",
        ),
        "time" => AN_INSTANT,
        "actor" | "recordedtime" | "revision" => {
            Words::fixed("nothing: the log writes it", "rien : le journal l'écrit")
        }
        _ => return None,
    })
}
