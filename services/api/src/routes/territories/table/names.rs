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

/// What a person says of their gender.
pub(super) fn of_gender(code: &str, french: bool) -> &'static str {
    let [english, in_french] = match code {
        "female" => ["women", "femmes"],
        "male" => ["men", "hommes"],
        "other" => ["another answer", "autre réponse"],
        _ => ["not stated", "non précisé"],
    };
    if french { in_french } else { english }
}

/// A group of ages, as the statistics of job seekers have them.
pub(super) fn of_age(code: &str, french: bool) -> &'static str {
    let [english, in_french] = match code {
        "under_25" => ["under 25", "moins de 25 ans"],
        "from_25_to_49" => ["25 to 49", "de 25 à 49 ans"],
        "from_50" => ["50 or older", "50 ans ou plus"],
        _ => ["not stated", "non précisé"],
    };
    if french { in_french } else { english }
}

/// Where somebody stood towards employment when they were oriented.
pub(super) fn of_situation(code: &str, french: bool) -> &'static str {
    let [english, in_french] = match code {
        "registered_job_seeker" => ["registered job seeker", "demandeur d'emploi inscrit"],
        "unregistered_job_seeker" => ["unregistered job seeker", "demandeur d'emploi non inscrit"],
        "without_job" => ["without work", "sans emploi"],
        "part_time" => ["in part-time work", "en emploi à temps partiel"],
        _ => [""; 2],
    };
    if french { in_french } else { english }
}
