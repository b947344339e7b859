//! LHEO's codes for what views call by words. `services/import` reads them back.

/// `dict-AIS`. Of the two codes that mean the same, the first.
pub(super) fn aim(aim: &str) -> Option<&'static str> {
    Some(match aim {
        "certification" => "6",
        "professionalisation" => "7",
        "preparation" => "8",
        "refresher" => "5",
        "mobilisation" => "9",
        "improvement" => "2",
        "business_creation" => "4",
        _ => return None,
    })
}

/// `dict-niveaux`: 11 to 18 are the levels 1 to 8 of the framework of 2019.
pub(super) fn level(level: i64) -> Option<String> {
    (1..=8).contains(&level).then(|| (level + 10).to_string())
}

/// In the same table: no level in particular.
pub(super) const WITHOUT_LEVEL: &str = "1";
/// And: not communicated.
pub(super) const LEVEL_NOT_STATED: &str = "0";

/// `dict-modalites-enseignement`.
pub(super) fn mode(mode: &str) -> &'static str {
    match mode {
        "mixed" => "1",
        "remote" => "2",
        _ => "0",
    }
}

/// `dict-modalites-es`.
pub(super) fn entry(entry: &str) -> &'static str {
    match entry {
        "permanent" => "1",
        _ => "0",
    }
}

/// `dict-boolean`.
pub(super) fn boolean(truth: bool) -> &'static str {
    if truth { "1" } else { "0" }
}
