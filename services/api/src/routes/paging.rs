//! What all lists have in common: a page of so many, and where it begins.

use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;

const LARGEST_PAGE: usize = 500;

/// Refuses a page that is none.
pub(super) fn check(
    limit: Option<usize>,
    cursor: Option<&str>,
    is_cursor: impl Fn(&str) -> bool,
) -> Result<(), Problem> {
    if limit.is_some_and(|limit| !(1..=LARGEST_PAGE).contains(&limit)) {
        return Err(invalid(
            "limit",
            Words::fixed("A page holds from 1 to 500.", "Une page en contient de 1 à 500."),
        ));
    }
    if cursor.is_some_and(|cursor| !is_cursor(cursor)) {
        return Err(invalid(
            "cursor",
            Words::fixed(
                "This is no `next` of a page.",
                "Ce n'est pas le `next` d'une page.",
            ),
        ));
    }
    Ok(())
}

/// A parameter that cannot be answered.
pub(super) fn invalid(parameter: &str, detail: Words) -> Problem {
    Problem::new(&kinds::INVALID_PARAMETER, detail).field(parameter)
}
