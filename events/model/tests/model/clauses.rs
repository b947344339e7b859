//! Of a rule that says several things, a refusal tells the one that is broken: of the streams beside the parcours, of
//! erasure, and of amendments. Those of a parcours' own steps are in `rules.rs`.

use super::journey::*;
use super::world::{World, event, parcours, session};
use parcours_model::streams::parcours::ExitReason;
use parcours_model::streams::session::{Cancelled, CapacityChanged};
use parcours_model::{Fact, Refusal, StreamId, StreamKind, streams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

const ROOM: Uuid = Uuid::from_u128(0x5e);

fn data<T: DeserializeOwned>(data: Value) -> T {
    serde_json::from_value(data).unwrap()
}

/// Sends a fact to a stream of its kind, all of them named alike.
fn send(world: &mut World, id: &str, day: &str, fact: impl Into<Fact>) -> Result<(), Refusal> {
    let fact = fact.into();
    let stream = StreamId::new(fact.kind(), ROOM);
    world.submit(event(stream, id, day, fact))
}

/// The refusal of a fact that breaks a rule, which is told by these clauses first.
fn told(refusal: &Refusal, code: &str, [english, french]: [&str; 2]) {
    let begins = [
        refusal.code == code,
        refusal.english.starts_with(&format!("{english}.")),
        refusal.french.starts_with(&format!("{french}.")),
    ];
    assert_eq!(begins, [true; 3], "{refusal:?}");
}

fn offer(published: bool) -> Fact {
    let offer = data(
        json!({"operator": OWN, "title": "Soudeur", "objective": "Souder", "rome": ["H2913"],
        "formacode": [], "certifying": false, "minutes": 6000, "mode": "on_site"}),
    );
    match published {
        true => streams::offer::Fact::Published(offer).into(),
        false => streams::offer::Fact::Revised(offer).into(),
    }
}

fn offer_withdrawn() -> Fact {
    streams::offer::Fact::Withdrawn(data(json!({}))).into()
}

#[test]
fn of_an_offer() {
    let mut world = World::default();
    let refused = send(&mut world, "o1", "2026-01-02", offer(false)).unwrap_err();
    told(
        &refused,
        "published-first",
        [
            "An offer is published before anything else happens to it",
            "Une offre est publiée avant que rien d'autre ne lui arrive",
        ],
    );
    send(&mut world, "o2", "2026-01-02", offer(true)).unwrap();
    let refused = send(&mut world, "o3", "2026-01-03", offer(true)).unwrap_err();
    told(
        &refused,
        "published-first",
        [
            "An offer is published once; what changes is a revision",
            "Une offre est publiée une seule fois ; ce qui change est une révision",
        ],
    );
    send(&mut world, "o4", "2026-02-01", offer_withdrawn()).unwrap();
    let refused = send(&mut world, "o5", "2026-02-02", offer_withdrawn()).unwrap_err();
    told(
        &refused,
        "offer-withdrawn",
        [
            "An offer is withdrawn once",
            "Une offre est retirée une seule fois",
        ],
    );
    let refused = send(&mut world, "o6", "2026-02-02", offer(false)).unwrap_err();
    told(
        &refused,
        "offer-withdrawn",
        [
            "Nothing comes after an offer's withdrawal; one that comes back is a new offer",
            "Rien ne suit le retrait d'une offre ; une offre qui revient est une nouvelle offre",
        ],
    );
}

#[test]
fn of_an_operator() {
    let mut world = World::default();
    let contracted = || {
        streams::operator::Fact::Contracted(data(
            json!({"contract": Uuid::from_u128(1), "territory": "departement/76",
            "from": "2026-01-01", "to": "2026-12-31", "places": 40}),
        ))
    };
    let ended = |contract| {
        streams::operator::Fact::ContractEnded(data(json!({"contract": Uuid::from_u128(contract)})))
    };
    let refused = send(&mut world, "c1", "2026-01-02", contracted()).unwrap_err();
    told(
        &refused,
        "registered-first",
        [
            "An operator is registered before anything else happens to it",
            "Un organisme est enregistré avant que rien d'autre ne lui arrive",
        ],
    );
    let registered = data(json!({"siret": OWN, "name": "GRETA", "commune": "76540"}));
    send(
        &mut world,
        "c2",
        "2026-01-01",
        streams::operator::Fact::Registered(registered),
    )
    .unwrap();
    send(&mut world, "c3", "2026-01-02", contracted()).unwrap();
    let refused = send(&mut world, "c4", "2026-01-03", contracted()).unwrap_err();
    let once = ["A contract is made once", "Un contrat est conclu une seule fois"];
    told(&refused, "contract-in-order", once);
    let refused = send(&mut world, "c5", "2026-01-03", ended(2)).unwrap_err();
    told(
        &refused,
        "contract-in-order",
        [
            "A contract ends after it was made",
            "Un contrat prend fin après avoir été conclu",
        ],
    );
    send(&mut world, "c6", "2026-02-01", ended(1)).unwrap();
    let refused = send(&mut world, "c7", "2026-02-02", ended(1)).unwrap_err();
    let ends = ["A contract ends once", "Un contrat prend fin une seule fois"];
    told(&refused, "contract-in-order", ends);
}

#[test]
fn of_a_session() {
    let opened = || {
        streams::session::Fact::Opened(data(
            json!({"offer": Uuid::from_u128(1), "commune": "76540", "from": "2026-02-01",
            "to": "2026-06-30", "entry": "permanent", "capacity": 1}),
        ))
    };
    let capacity = |capacity| streams::session::Fact::CapacityChanged(CapacityChanged { capacity });
    let cancelled = || streams::session::Fact::Cancelled(Cancelled { reason: None });
    let mut journey = Journey::oriented().with("2026-01-06", eligible(true));
    let refusal = journey.refuses("2026-01-07", admitted(Some(ROOM)), "place-available");
    told(
        &refusal,
        "place-available",
        [
            "A place is taken in a session that was opened",
            "Une place est prise dans une session qui a été ouverte",
        ],
    );
    let refuses = |world: &mut World, day: &str, fact: streams::session::Fact, code, says| {
        let refused = send(world, "refused", day, fact).unwrap_err();
        told(&refused, code, says);
    };
    let before = [
        "A session is opened before anything else happens to it",
        "Une session est ouverte avant que rien d'autre ne lui arrive",
    ];
    refuses(
        &mut journey.world,
        "2026-01-02",
        capacity(3),
        "opened-first",
        before,
    );
    send(&mut journey.world, "s1", "2026-01-01", opened()).unwrap();
    let once = [
        "A session is opened once",
        "Une session est ouverte une seule fois",
    ];
    refuses(&mut journey.world, "2026-01-02", opened(), "opened-first", once);
    journey.accepts("2026-01-07", admitted(Some(ROOM)));

    let mut other = journey.clone();
    other.stream = parcours(2);
    let mut other = other
        .with("2026-01-05", orientation())
        .with("2026-01-06", eligible(true));
    told(
        &other.refuses("2026-01-08", admitted(Some(ROOM)), "place-available"),
        "place-available",
        [
            "At no moment are more places of a session taken than it has",
            "À aucun moment une session n'a plus de places prises que de places",
        ],
    );
    let last = [
        "A session is cancelled from a moment on at which no place is taken any more, nor anything changed",
        "Une session est annulée à partir d'un moment où plus aucune place n'est prise, ni rien changé",
    ];
    refuses(
        &mut journey.world,
        "2026-01-05",
        cancelled(),
        "session-cancelled",
        last,
    );
    send(&mut journey.world, "s2", "2026-01-10", capacity(2)).unwrap();
    other.world = journey.world.clone();
    let mut other = other
        .with("2026-01-05", orientation())
        .with("2026-01-06", eligible(true))
        .with("2026-01-11", admitted(Some(ROOM)));
    let room = [
        "A session never has fewer places than are taken",
        "Une session n'a jamais moins de places qu'il n'en est pris",
    ];
    refuses(
        &mut other.world,
        "2026-01-12",
        capacity(1),
        "place-available",
        room,
    );
    send(&mut other.world, "s3", "2026-01-20", cancelled()).unwrap();
    let again = [
        "A session is cancelled once",
        "Une session est annulée une seule fois",
    ];
    refuses(
        &mut other.world,
        "2026-01-21",
        cancelled(),
        "session-cancelled",
        again,
    );
    let closed = [
        "No place is taken in a session that is cancelled, nor anything changed",
        "Plus aucune place n'est prise dans une session annulée, ni rien changé",
    ];
    refuses(
        &mut other.world,
        "2026-01-21",
        capacity(5),
        "session-cancelled",
        closed,
    );
    assert_eq!(other.world.stream(session(0x5e)).revision(), 5);
}

#[test]
fn of_an_erasure() {
    let erased = |mut journey: Journey, whom: Uuid| {
        let erasure = streams::trainee::Fact::Erased(data(json!({})));
        let stream = StreamId::new(StreamKind::Trainee, whom);
        journey
            .world
            .submit(event(stream, "erasure", "2026-03-01", erasure))
            .unwrap();
        journey
    };
    let mut journey = erased(Journey::with_bilan(), TRAINEE);
    told(
        &journey.refuses("2026-03-02", module(), "erased"),
        "erased",
        [
            "Nothing happens in a parcours after its trainee's erasure",
            "Rien n'advient dans un parcours après l'effacement de son stagiaire",
        ],
    );
    told(
        &journey.refuses(
            "2026-02-20",
            correction("e007", Some("2026-03-02"), None),
            "erased",
        ),
        "erased",
        [
            "Nothing carries a fact behind its trainee's erasure",
            "Rien ne porte un fait au-delà de l'effacement de son stagiaire",
        ],
    );
    let mut other: Value = serde_json::to_value(orientation()).unwrap();
    other["trainee"] = json!(Uuid::from_u128(0xbeef));
    let other = streams::parcours::Fact::Oriented(data(other));
    let mut journey = erased(Journey::oriented(), Uuid::from_u128(0xbeef));
    told(
        &journey.refuses("2026-02-20", correction("e001", None, Some(&other)), "erased"),
        "erased",
        [
            "A parcours neither passes to somebody erased nor from them to somebody else",
            "Un parcours ne passe ni à une personne effacée ni d'elle à une autre",
        ],
    );
}

#[test]
fn of_an_orientation() {
    told(
        &Journey::new().refuses("2026-01-06", eligible(true), "orientation-first"),
        "orientation-first",
        [
            "A parcours begins with its orientation, before anything else",
            "Un parcours commence par son orientation, avant toute autre chose",
        ],
    );
    told(
        &Journey::oriented().refuses("2026-01-06", orientation(), "orientation-first"),
        "orientation-first",
        [
            "A parcours has one orientation; what was wrong about it is corrected",
            "Un parcours a une seule orientation ; ce qui en était faux se rectifie",
        ],
    );
}

#[test]
fn of_an_amendment() {
    let mut journey = Journey::exited();
    let annulled = journey.accepts("2026-07-01", annulment("e008"));
    for (fact, [english, french]) in [
        (
            annulment("nothing"),
            [
                "A correction or an annulment names an event of its own parcours",
                "Une rectification ou une annulation nomme un événement de son propre parcours",
            ],
        ),
        (
            correction("e008", None, Some(&exit(ExitReason::Health))),
            [
                "What is corrected or annulled still stands",
                "Ce qui est rectifié ou annulé tient encore",
            ],
        ),
        (
            annulment(&annulled),
            [
                "A correction names a fact, an annulment a fact or a correction; what an annulment took away is sent again",
                "Une rectification nomme un fait, une annulation un fait ou une rectification ; ce qu'une annulation a retiré est envoyé à nouveau",
            ],
        ),
        (
            correction("e007", None, Some(&exit(ExitReason::Health))),
            [
                "The data of a correction are those of the type of the fact it corrects",
                "Les données d'une rectification sont celles du type du fait qu'elle rectifie",
            ],
        ),
    ] {
        let refusal = journey.refuses("2026-07-02", fact, "amends-a-fact");
        told(&refusal, "amends-a-fact", [english, french]);
    }
}
