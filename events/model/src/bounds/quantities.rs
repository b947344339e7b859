//! The bounds of numbers, each with where it comes from. A value beyond is a mistake of typing, never a fact.

use super::Whole;

/// 60 hours: the longest working week that the Code du travail ever allows (article L3121-21).
pub(crate) const PLANNED_WEEK: Whole = Whole {
    low: 1,
    high: 3_600,
    why: [
        "60 hours are the longest week that labour law ever allows",
        "60 heures sont la plus longue semaine que le droit du travail permette jamais",
    ],
    unlikely: Some((
        2_340,
        "The plan has more than 39 hours a week.",
        "Le plan prévoit plus de 39 heures par semaine.",
    )),
};

/// The same for a contract, which may be on call and promise none.
pub(crate) const WORKING_WEEK: Whole = Whole {
    low: 0,
    high: 3_600,
    why: [
        "60 hours are the longest week that labour law ever allows",
        "60 heures sont la plus longue semaine que le droit du travail permette jamais",
    ],
    unlikely: Some((
        2_880,
        "The contract has more than 48 hours a week.",
        "Le contrat prévoit plus de 48 heures par semaine.",
    )),
};

/// 31 days of the longest working day (article L3121-18: 10 hours).
pub(crate) const MONTH: Whole = Whole {
    low: 0,
    high: 18_600,
    why: [
        "a month has at most 31 days, a day at most 10 hours of training",
        "un mois compte au plus 31 jours, une journée au plus 10 heures de formation",
    ],
    unlikely: Some((
        10_140,
        "The month has more than 169 hours, which is 39 hours a week.",
        "Le mois compte plus de 169 heures, soit 39 heures par semaine.",
    )),
};

/// A year of full time has 1,607 hours.
pub(crate) const MODULE: Whole = Whole {
    low: 1,
    high: 120_000,
    why: [
        "2,000 hours are more than a year of full time",
        "2 000 heures font plus d'un an à temps plein",
    ],
    unlikely: Some((
        12_000,
        "The module has more than 200 hours.",
        "Le module compte plus de 200 heures.",
    )),
};

/// Three years of full time, as the longest trainings of the health professions have; 0 where it is not stated.
pub(crate) const OFFER: Whole = Whole {
    low: 0,
    high: 300_000,
    why: [
        "5,000 hours are three years of full time; 0 where the length is not stated",
        "5 000 heures font trois ans à temps plein ; 0 si la durée n'est pas indiquée",
    ],
    unlikely: Some((
        108_000,
        "The training has more than 1,800 hours.",
        "La formation compte plus de 1 800 heures.",
    )),
};

/// The highest pay of a trainee of a Région is below 3,000 € a month.
pub(crate) const PAY: Whole = Whole {
    low: 1,
    high: 1_000_000,
    why: [
        "10,000 € a month are several times the highest pay of a trainee",
        "10 000 € par mois font plusieurs fois la plus haute rémunération d'un stagiaire",
    ],
    unlikely: Some((
        300_000,
        "The pay is above 3,000 € a month.",
        "La rémunération dépasse 3 000 € par mois.",
    )),
};

pub(crate) const AID: Whole = Whole {
    low: 1,
    high: 5_000_000,
    why: [
        "50,000 € are many times the highest aid to one person",
        "50 000 € font bien des fois la plus haute aide à une personne",
    ],
    unlikely: Some((500_000, "The aid is above 5,000 €.", "L'aide dépasse 5 000 €.")),
};

/// The longest contract with an end: an apprenticeship of up to four years, or several in a row.
pub(crate) const CONTRACT_MONTHS: Whole = Whole {
    low: 1,
    high: 60,
    why: [
        "no contract with an end lasts more than 5 years",
        "aucun contrat à terme ne dure plus de 5 ans",
    ],
    unlikely: Some((
        36,
        "The contract lasts more than 36 months.",
        "Le contrat dure plus de 36 mois.",
    )),
};

pub(crate) const RADIUS: Whole = Whole {
    low: 0,
    high: 1_000,
    why: [
        "mainland France is 1,000 km long",
        "la France métropolitaine est longue de 1 000 km",
    ],
    unlikely: Some((200, "The radius is above 200 km.", "Le rayon dépasse 200 km.")),
};

/// The longest immersion, agreed or done, in days.
pub(crate) const IMMERSION_YEAR: i64 = 366;

pub(crate) const IMMERSION_DAYS: Whole = Whole {
    low: 0,
    high: 366,
    why: [
        "an immersion lasts at most a year",
        "une immersion dure au plus un an",
    ],
    unlikely: Some((
        60,
        "The immersion has more than 60 days.",
        "L'immersion compte plus de 60 jours.",
    )),
};

/// The longest session, entry all year included, in days.
pub(crate) const SESSION_DAYS: i64 = 3_653;

/// A remote training with entry all year may take in, over its years, as many as a programme has people.
pub(crate) const CAPACITY: Whole = Whole {
    low: 1,
    high: 250_000,
    why: [
        "a session has a place at least, and no more than a whole Région trains in ten years",
        "une session compte au moins une place, et pas plus qu'une Région entière n'en forme en dix ans",
    ],
    unlikely: Some((
        200,
        "The session has more than 200 places.",
        "La session compte plus de 200 places.",
    )),
};

pub(crate) const CONTRACTED_PLACES: Whole = Whole {
    low: 1,
    high: 100_000,
    why: [
        "a contract has a place at least, and no more than a whole Région trains in a year",
        "un contrat compte au moins une place, et pas plus qu'une Région entière n'en forme en un an",
    ],
    unlikely: Some((
        5_000,
        "The contract has more than 5,000 places a year.",
        "Le contrat compte plus de 5 000 places par an.",
    )),
};

pub(crate) const PEOPLE: Whole = Whole {
    low: 1,
    high: 10_000,
    why: [
        "somebody is needed, and no company needs more people in one trade",
        "il faut au moins une personne, et aucune entreprise n'en cherche davantage dans un métier",
    ],
    unlikely: Some((
        500,
        "More than 500 people are needed.",
        "Plus de 500 personnes sont recherchées.",
    )),
};

/// One training made to measure.
pub(crate) const FUNDING: Whole = Whole {
    low: 1,
    high: 500_000_000,
    why: [
        "5 million € are many times the dearest training of one person or company",
        "5 millions d'euros font bien des fois la formation la plus chère d'une personne ou d'une entreprise",
    ],
    unlikely: Some((
        10_000_000,
        "The training costs more than 100,000 €.",
        "La formation coûte plus de 100 000 €.",
    )),
};

/// All aids of a year, or a whole call for proposals.
pub(crate) const ENVELOPE: Whole = Whole {
    low: 0,
    high: 500_000_000_000,
    why: [
        "5 billion € are more than the whole budget of a Région",
        "5 milliards d'euros font plus que tout le budget d'une Région",
    ],
    unlikely: Some((
        10_000_000_000,
        "The amount is above 100 million €.",
        "Le montant dépasse 100 millions d'euros.",
    )),
};

pub(crate) const YEAR: Whole = Whole {
    low: 2_000,
    high: 2_099,
    why: [
        "nothing in the programme is older, or planned for another century",
        "rien dans le programme n'est plus ancien, ni prévu pour un autre siècle",
    ],
    unlikely: None,
};

/// As many as a list may have.
pub(crate) const DECISION: Whole = Whole {
    low: 1,
    high: 200,
    why: [
        "a meeting takes at most 200 decisions, of which the first is number 1",
        "une réunion prend au plus 200 décisions, dont la première porte le numéro 1",
    ],
    unlikely: None,
};

/// Moves with the years: whoever is born later is of age after 2050.
pub(crate) const BIRTH_YEAR: Whole = Whole {
    low: 1_900,
    high: 2_035,
    why: [
        "nobody born before 1900 is in training, and nobody born after 2035 will be before 2050",
        "personne né avant 1900 n'est en formation, et personne né après 2035 ne le sera avant 2050",
    ],
    unlikely: None,
};

pub(crate) const SKILL_LEVEL: Whole = Whole {
    low: 0,
    high: 100,
    why: [
        "no framework counts beyond 100",
        "aucun référentiel ne compte au-delà de 100",
    ],
    unlikely: None,
};
