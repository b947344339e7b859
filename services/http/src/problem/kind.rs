//! The kinds of problem: a closed list, served at `/problems`.

use axum::http::StatusCode;

/// A kind of problem. Its code is its address and never changes.
#[derive(Debug)]
pub struct Kind {
    /// A stable word for programs.
    pub code: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// What it is, in a few words.
    pub title: &'static str,
    /// The same in French.
    pub title_fr: &'static str,
    /// Whether the code is that of a rule of the programme.
    pub rule: bool,
}

impl Kind {
    /// The kind of what a rule refuses.
    pub const fn of_rule(code: &'static str) -> Kind {
        Kind {
            code,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            title: "A rule of the programme refuses the event",
            title_fr: "Une règle du programme refuse l'événement",
            rule: true,
        }
    }

    /// Its `type`: a URI reference, relative to this service.
    pub fn address(&self) -> String {
        let folder = if self.rule { "rule/" } else { "" };
        format!("/problems/{folder}{}", self.code)
    }
}

macro_rules! kinds {
    ($($name:ident $code:literal $status:ident $title:literal / $title_fr:literal),* $(,)?) => {
        /// Each kind by its name.
        pub mod named {
            use super::{Kind, StatusCode};
            $(#[doc = $title] pub static $name: Kind =
                Kind { code: $code, status: StatusCode::$status, title: $title, title_fr: $title_fr, rule: false };)*
        }

        /// Every kind; those of rules aside.
        pub static ALL: &[&Kind] = &[$(&named::$name),*];
    };
}

kinds! {
    MALFORMED_EVENT "malformed-event" BAD_REQUEST "This is not an event of the vocabulary" / "Ceci n'est pas un événement du vocabulaire",
    EVENT_TOO_LARGE "event-too-large" PAYLOAD_TOO_LARGE "The event is larger than an entry of the log may be" / "L'événement est plus grand qu'une entrée du journal ne peut l'être",
    CONFLICT "conflict" CONFLICT "Another event has this source and id" / "Un autre événement porte cette source et cet id",
    REFUSED_WITH_OTHERS "refused-with-others" FAILED_DEPENDENCY "Another event of the list stood in the way" / "Un autre événement de la liste s'y est opposé",
    WRONG_REVISION "wrong-revision" PRECONDITION_FAILED "The stream is not at the expected revision" / "Le flux n'est pas à la révision attendue",
    LINE_TOO_LONG "line-too-long" PAYLOAD_TOO_LARGE "The line is too long" / "La ligne est trop longue",
    NOT_READ "not-read" SERVICE_UNAVAILABLE "The stream was not read to its end" / "Le flux de lignes n'a pas été lu jusqu'au bout",
    BODY_TOO_LARGE "body-too-large" PAYLOAD_TOO_LARGE "The body is too large" / "Le corps est trop grand",
    BATCH_TOO_LONG "batch-too-long" PAYLOAD_TOO_LARGE "The list holds too many events" / "La liste contient trop d'événements",
    MALFORMED_BODY "malformed-body" BAD_REQUEST "The body cannot be read" / "Le corps ne peut être lu",
    BODY_TOO_SLOW "body-too-slow" REQUEST_TIMEOUT "The body did not come in time" / "Le corps n'est pas arrivé à temps",
    HEAD_TOO_SLOW "head-too-slow" REQUEST_TIMEOUT "The head of the request did not come in time" / "L'en-tête de la requête n'est pas arrivé à temps",
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The body is in a format that is not taken here" / "Le corps est dans un format qui n'est pas admis ici",
    NOT_ACCEPTABLE "not-acceptable" NOT_ACCEPTABLE "The answer exists in no format that is accepted" / "La réponse n'existe dans aucun format accepté",
    INVALID_PARAMETER "invalid-parameter" BAD_REQUEST "A parameter is unknown or invalid" / "Un paramètre est inconnu ou invalide",
    INVALID_HEADER "invalid-header" BAD_REQUEST "A header is invalid" / "Un en-tête est invalide",
    UNAUTHORISED "unauthorised" UNAUTHORIZED "Nobody is known by this secret, or a secret is needed" / "Personne n'est connu par ce secret, ou il en faut un",
    NOT_DECLARED "not-declared" FORBIDDEN "The partner is not declared for this" / "Le partenaire n'est pas déclaré pour cela",
    UNKNOWN_ADDRESS "unknown-address" NOT_FOUND "There is nothing at this address" / "Il n'y a rien à cette adresse",
    METHOD_NOT_ALLOWED "method-not-allowed" METHOD_NOT_ALLOWED "The method is not available here" / "La méthode n'est pas disponible ici",
    UNKNOWN_PARCOURS "unknown-parcours" NOT_FOUND "There is no such parcours" / "Ce parcours n'existe pas",
    UNKNOWN_STREAM "unknown-stream" NOT_FOUND "There is no such stream" / "Ce flux n'existe pas",
    UNKNOWN_TERRITORY "unknown-territory" NOT_FOUND "There is no such territory" / "Ce territoire n'existe pas",
    UNKNOWN_OPERATOR "unknown-operator" NOT_FOUND "There is no such operator" / "Cet organisme n'existe pas",
    EXACT_FIGURES "exact-figures" FORBIDDEN "The figures are exact, and this service tells protected ones only" / "Ces chiffres sont exacts, et ce service n'en donne que de protégés",
    UNKNOWN_SCHEMA "unknown-schema" NOT_FOUND "There is no such type of event" / "Ce type d'événement n'existe pas",
    UNKNOWN_PROBLEM "unknown-problem" NOT_FOUND "There is no such kind of problem" / "Ce genre de problème n'existe pas",
    NOTHING_FOUND "nothing-found" NOT_FOUND "Nothing is found" / "Rien n'est trouvé",
    VIEW_BEHIND "view-behind" SERVICE_UNAVAILABLE "The view has not come so far yet" / "La vue n'en est pas encore là",
    VIEW_UNAVAILABLE "view-unavailable" SERVICE_UNAVAILABLE "The view cannot answer" / "La vue ne peut répondre",
    LOG_UNAVAILABLE "log-unavailable" SERVICE_UNAVAILABLE "The log cannot be reached" / "Le journal ne peut être atteint",
    OUTCOME_UNKNOWN "outcome-unknown" SERVICE_UNAVAILABLE "Whether it was recorded is not known yet" / "On ne sait pas encore si cela est enregistré",
    UNSTORABLE "unstorable" UNPROCESSABLE_ENTITY "The database refuses to store the event" / "La base de données refuse de conserver l'événement",
    STOPPING "stopping" SERVICE_UNAVAILABLE "The service is stopping" / "Le service s'arrête",
    BUSY "busy" SERVICE_UNAVAILABLE "The service has its hands full" / "Le service est débordé",
    TOOK_TOO_LONG "took-too-long" SERVICE_UNAVAILABLE "The answer took too long" / "La réponse a pris trop de temps",
    INTERNAL "internal" INTERNAL_SERVER_ERROR "The service made a mistake" / "Le service a commis une erreur",
}
