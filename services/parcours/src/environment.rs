//! Variables of the environment: which there are, and which were meant to be.

use clap::Command;

/// What the names of all of them begin with.
const PREFIX: &str = "PARCOURS_";
/// From this likeness on, from 0 to 1, a name is taken for another that is misspelt.
const ALIKE: f64 = 0.7;

/// The variables that options may be given in.
pub(crate) fn known(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env());
    let own = own.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = own.chain(command.get_subcommands().flat_map(known)).collect();
    names.sort();
    names.dedup();
    names
}

/// A sentence for each of these names that looks as if it were meant for this program, and says nothing to it.
pub(crate) fn unknown(names: impl Iterator<Item = String>, known: &[String]) -> Vec<String> {
    let mut unknown: Vec<String> = names
        .filter(|name| name.to_ascii_uppercase().starts_with(PREFIX))
        .filter(|name| !known.contains(name) && !is_a_link(name))
        .collect();
    unknown.sort();
    unknown
        .iter()
        .map(|name| {
            // What all have in common makes none of them more likely.
            let known = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
            match meant(&name[PREFIX.len()..].to_ascii_uppercase(), known) {
                Some(meant) => {
                    format!("the variable {name} of the environment is not known: is {PREFIX}{meant} meant?")
                }
                None => format!(
                    "the variable {name} of the environment is not known: `parcours --help` lists those that are"
                ),
            }
        })
        .collect()
}

/// The known name that a misspelt one is most like, if it is much like one.
pub(crate) fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(name, known);
    let likely = known.map(|known| (likeness(known), known));
    let (likeness, meant) = likely.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (likeness >= ALIKE).then_some(meant)
}

/// What Kubernetes and Docker give to every container where a service is called `parcours`, such as
/// `PARCOURS_SERVICE_HOST`, `PARCOURS_PORT` and `PARCOURS_PORT_8080_TCP_ADDR`.
fn is_a_link(name: &str) -> bool {
    let rest = &name[PREFIX.len()..];
    let begins = |with: &str| {
        rest.strip_prefix(with)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    ["SERVICE_HOST", "SERVICE_PORT", "PORT"].into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::CommandFactory;

    fn told(name: &str) -> Vec<String> {
        unknown([name.to_owned()].into_iter(), &known(&Arguments::command()))
    }

    #[test]
    fn a_misspelt_variable_is_told_with_the_one_that_is_meant() {
        for (name, meant) in [
            ("PARCOURS_DATABSE", "PARCOURS_DATABASE"),
            ("PARCOURS_LISTENS", "PARCOURS_LISTEN"),
            ("parcours_database", "PARCOURS_DATABASE"),
            ("PARCOURS_WEBHOOK_TIMEOUT", "PARCOURS_WEBHOOKS_TIMEOUT"),
        ] {
            let told = told(name).concat();
            assert!(
                told.contains(name) && told.contains(&format!("is {meant} meant")),
                "{told}"
            );
        }
        for name in ["PARCOURS_COLOUR_OF_THE_SKY", "PARCOURS_TRAINEES"] {
            assert!(told(name).concat().contains("--help"), "{name}");
        }
    }

    #[test]
    fn what_is_known_and_what_is_not_for_this_program_is_not_told() {
        for name in [
            "PARCOURS_DATA",
            "PARCOURS_CONFIG",
            "PARCOURS_LOG",
            "PARCOURS_WEBHOOKS_ALLOW",
            "PATH",
            "PARCOURS_SERVICE_HOST",
            "PARCOURS_PORT",
            "PARCOURS_PORT_8080_TCP_ADDR",
            "PARCOURS_SERVICE_PORT_HTTP",
        ] {
            assert_eq!(told(name), Vec::<String>::new(), "{name}");
        }
    }
}
