//! What can be entered, where and when, with its places and its results (R15, R18).

mod facets;
mod filter;
mod fold;
mod listing;
mod operators;
mod order;
mod page;
mod query;
mod question;
mod text;
mod turns;
mod whole;

pub use page::{Facets, Listed, Named, OfferCard, OperatorCard, Page, PlaceCard, Places, Results, Reviews};
pub use question::{Near, Query, Sort};
pub use turns::Turn;
pub use whole::{Held, Part, Place};

use crate::{Kind, Table, View};
use parcours_model::{StreamKind, geography};

pub(crate) use operators::operators;
pub(crate) use query::page;
pub(crate) use turns::turns;
pub(crate) use whole::part;

/// The view.
pub static VIEW: View = View {
    name: "catalogue",
    version: 10 + geography::EDITION,
    tables: &[
        Table {
            name: "catalogue_session",
            // As it stands from `since` to before `until`, in microseconds since 1970: one row a session, save where a
            // change was recorded ahead of its time.
            keys: &[("session", Kind::Text), ("since", Kind::Integer)],
            values: &[
                ("until", Kind::Integer),
                ("offer", Kind::Text),
                // What the commune lies in is null where today's geography does not know it.
                ("commune", Kind::Text),
                ("epci", Kind::Text),
                ("departement", Kind::Text),
                ("region", Kind::Text),
                // Millionths of a degree; null where the commune's place is not known.
                ("latitude", Kind::Integer),
                ("longitude", Kind::Integer),
                ("from_day", Kind::Integer),
                ("to_day", Kind::Integer),
                ("entry", Kind::Text),
                // The last day on which one may still enrol, stated or following from the dates.
                ("enrol_day", Kind::Integer),
                ("enrol_stated", Kind::Boolean),
                ("capacity", Kind::Integer),
                // By all that is recorded; less the steps of `catalogue_ahead` that are still to come.
                ("taken", Kind::Integer),
                ("cancelled", Kind::Boolean),
            ],
            sums: false,
            indexes: &["offer", "from_day, session", "commune"],
            words: None,
        },
        Table {
            name: "catalogue_offer",
            keys: &[("offer", Kind::Text)],
            values: &[
                ("operator", Kind::Text),
                ("title", Kind::Text),
                ("objective", Kind::Text),
                // Codes between spaces, such as ` D1402 D1403 `, so that one is found as ` D1402 `.
                ("rome", Kind::Text),
                ("rncp", Kind::Text),
                ("rs", Kind::Text),
                ("formacode", Kind::Text),
                ("certifying", Kind::Boolean),
                ("aim", Kind::Text),
                ("level", Kind::Integer),
                ("entry_level", Kind::Integer),
                ("minutes", Kind::Integer),
                ("mode", Kind::Text),
                ("withdrawn", Kind::Boolean),
                // Those of title and objective, as `text` has them.
                ("words", Kind::Text),
            ],
            sums: false,
            indexes: &[],
            words: Some("words"),
        },
        Table {
            name: "catalogue_operator",
            keys: &[("uuid", Kind::Text)],
            values: &[
                ("siret", Kind::Text),
                ("name", Kind::Text),
                ("commune", Kind::Text),
                ("qualiopi_day", Kind::Integer),
            ],
            sums: false,
            indexes: &["siret"],
            words: None,
        },
        Table {
            name: "catalogue_waiting",
            keys: &[("session", Kind::Text)],
            values: &[("waiting", Kind::Integer)],
            sums: true,
            indexes: &[],
            words: None,
        },
        // Who waits, in the order of their turns: since when, in microseconds since 1970, and the last day of the offer that was
        // made meanwhile.
        Table {
            name: "catalogue_turn",
            keys: &[
                ("session", Kind::Text),
                ("since", Kind::Integer),
                ("parcours", Kind::Text),
            ],
            values: &[("offered_day", Kind::Integer)],
            sums: false,
            indexes: &[],
            words: None,
        },
        // Steps of taken places and of people waiting that were recorded before their time, which is in microseconds
        // since 1970. Few: most facts are recorded after they happened.
        Table {
            name: "catalogue_ahead",
            keys: &[("session", Kind::Text), ("at", Kind::Integer)],
            values: &[("taken", Kind::Integer), ("waiting", Kind::Integer)],
            sums: true,
            indexes: &[],
            words: None,
        },
        Table {
            name: "catalogue_result",
            keys: &[("session", Kind::Text), ("exit_day", Kind::Integer)],
            values: &[
                // Exits that are not neutral.
                ("leavers", Kind::Integer),
                // Of them: those who sat a full certification, obtained one, were employed within six months.
                ("presented", Kind::Integer),
                ("certified", Kind::Integer),
                ("employed", Kind::Integer),
                // The last review of each, and the sums of its scores.
                ("reviews", Kind::Integer),
                ("welcome", Kind::Integer),
                ("content", Kind::Integer),
                ("team", Kind::Integer),
                ("means", Kind::Integer),
                ("support", Kind::Integer),
                ("overall", Kind::Integer),
            ],
            sums: true,
            indexes: &[],
            words: None,
        },
    ],
    streams: &[
        StreamKind::Parcours,
        StreamKind::Operator,
        StreamKind::Offer,
        StreamKind::Session,
    ],
    fold: fold::fold,
    replaces: false,
    running: &[(StreamKind::Session, listing::begin)],
};

const SESSION: usize = 0;
const OFFER: usize = 1;
const OPERATOR: usize = 2;
const WAITING: usize = 3;
const TURN: usize = 4;
const AHEAD: usize = 5;
const RESULT: usize = 6;
