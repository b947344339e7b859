//! What stands for a code, for people.

/// How somebody came to the programme.
pub(super) fn of_channel(code: &str, french: bool) -> &'static str {
    let [english, in_french] = match code {
        "counsellor" => ["career-guidance counsellor", "conseiller en orientation"],
        "partner" => ["partner network", "réseau partenaire"],
        "direct" => ["directly to the operator", "directement auprès de l'organisme"],
        _ => [""; 2],
    };
    if french { in_french } else { english }
}

/// A level of the French framework of 2019 (décret n° 2019-14), by the diploma that most people know it by.
pub(super) fn of_level(code: &str, french: bool) -> &'static str {
    let [english, in_french] = match code {
        "0" => ["no qualification", "sans qualification"],
        "1" | "2" => ["below the CAP", "inférieur au CAP"],
        "3" => ["CAP or BEP", "CAP ou BEP"],
        "4" => ["baccalauréat", "baccalauréat"],
        "5" => ["two years of higher education", "bac + 2"],
        "6" => ["bachelor's degree", "licence"],
        "7" => ["master's degree", "master"],
        "8" => ["doctorate", "doctorat"],
        _ => [""; 2],
    };
    if french { in_french } else { english }
}
