//! What lines may call a type of event.

use super::columns::Columns;
use super::fold::fold;
use super::french;

/// The place of the type that a text names: its whole name, the same without what is around it, or its French word. Else
/// what is to be told of a type that files do not hold.
pub(super) fn type_named(text: &str) -> Result<usize, Option<&'static str>> {
    let lower = text.to_lowercase();
    let with = |prefix: &str, suffix: &str| format!("{prefix}{lower}{suffix}");
    let spelt = [
        with("", ""),
        with("", ".v1"),
        with("parcours.", ""),
        with("parcours.", ".v1"),
    ];
    if let Some(place) = spelt.iter().find_map(|name| Columns::place_of(name)) {
        return Ok(place);
    }
    let folded = fold(text);
    let mut french = french::TYPES.iter();
    if let Some((_, name)) = french.find(|(word, _)| fold(word) == folded) {
        return Columns::place_of(name).ok_or(None);
    }
    let written = parcours_model::schema::types().any(|(_, spec)| spelt.iter().any(|name| name == spec.name));
    Err(written.then_some(
        "corrections are made of lines that changed; the others are written by the log, or sent one by one",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_in_short_and_in_french() {
        for name in [
            "parcours.exited.v1",
            "exited",
            "parcours.exited",
            "EXITED.V1",
            "Sortie",
        ] {
            assert_eq!(
                type_named(name),
                Ok(Columns::place_of("parcours.exited.v1").unwrap()),
                "{name}"
            );
        }
        assert_eq!(
            type_named("employment.started.v2"),
            Ok(Columns::place_of("parcours.employment.started.v2").unwrap())
        );
        assert!(matches!(type_named("event.corrected"), Err(Some(_))));
        assert_eq!(type_named("pigeon"), Err(None));
    }
}
