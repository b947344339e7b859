//! The places of a session.

use chrono::NaiveDate;
use parcours_model::streams::session::Entry;
use parcours_projections::outcomes::{self, OutcomeRow};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// What changed the places of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceChange {
    /// The session opened.
    Opened,
    /// There are places again.
    Available,
    /// The last place was taken.
    Full,
    /// There are more places, or fewer.
    Capacity,
    /// The dates changed.
    Rescheduled,
    /// The session will not be held.
    Cancelled,
}

/// Data of `outcome.place.v1`: the places of a session as they stand now. The last one of a session says all.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PlaceData")]
pub struct Place {
    /// The session: `subject` too.
    session: Uuid,
    /// The training given, as in the catalogue.
    offer: Uuid,
    /// What changed them.
    change: PlaceChange,
    /// Where (INSEE).
    commune: String,
    /// Its intercommunalité (SIREN).
    epci: Option<String>,
    /// Its département.
    departement: String,
    /// Its région.
    region: String,
    /// First day.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
    /// When one may enter.
    entry: Entry,
    /// Last day of enrolment, where one is stated.
    enrol_until: Option<NaiveDate>,
    /// Places.
    capacity: u32,
    /// Those that are free.
    left: u32,
}

impl Place {
    pub(super) fn of(row: &OutcomeRow, place: &outcomes::Place) -> Option<Self> {
        let commune = row.commune?.record()?;
        Some(Self {
            session: row.session?,
            offer: place.offer,
            change: match place.change {
                outcomes::PlaceChange::Opened => PlaceChange::Opened,
                outcomes::PlaceChange::Available => PlaceChange::Available,
                outcomes::PlaceChange::Full => PlaceChange::Full,
                outcomes::PlaceChange::Capacity => PlaceChange::Capacity,
                outcomes::PlaceChange::Rescheduled => PlaceChange::Rescheduled,
                outcomes::PlaceChange::Cancelled => PlaceChange::Cancelled,
            },
            commune: commune.code.to_owned(),
            epci: commune.epci.map(str::to_owned),
            departement: commune.departement.to_owned(),
            region: commune.region.to_owned(),
            from: place.from,
            to: place.to,
            entry: place.entry,
            enrol_until: place.enrol_until,
            capacity: place.capacity,
            left: place.left,
        })
    }
}
