//! The table in French.

/// The head of a column; empty for a column that there is not.
pub(in super::super) fn head(name: &str) -> &'static str {
    match name {
        "line" => "ligne",
        "territory" => "territoire",
        "name" => "nom",
        "from" => "du",
        "to" => "au",
        "as_of" => "connu au",
        "by" => "par",
        "key" => "code",
        "key_name" => "libellé",
        "then_by" => "puis par",
        "then_key" => "second code",
        "then_key_name" => "second libellé",
        "entries" => "entrées",
        "in_progress" => "en cours",
        "leavers" => "sorties",
        "neutral" => "sorties neutres",
        "matured" => "sorties de six mois ou plus",
        "successes" => "réussites",
        "certified" => "certifiés",
        "employed" => "en emploi",
        "created" => "créateurs d'entreprise",
        "success_rate" => "taux de réussite (%)",
        "too_early" => "trop tôt pour un taux",
        "low_qualification_share" => "part de niveau 4 au plus (%)",
        _ => "",
    }
}

/// A word of the table itself.
pub(in super::super) fn word(english: &str) -> &str {
    match english {
        "total" => "ensemble",
        "part" => "partie",
        "subtotal" => "sous-total",
        "parent" => "territoire englobant",
        "year_before" => "un an avant",
        "unknown" => "commune inconnue",
        "month" => "mois",
        "departement" => "département",
        "quarter" => "trimestre",
        "year" => "année",
        "operator" => "organisme",
        "channel" => "voie d'entrée",
        "level" => "niveau",
        "gender" => "sexe",
        "age" => "âge",
        "true" => "oui",
        "false" => "non",
        other => other,
    }
}
