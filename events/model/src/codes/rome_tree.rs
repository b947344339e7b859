//! Which trades of the ROME derive from which, compiled in from `rome/rome.tsv` (its README says where that comes from).

use std::sync::LazyLock;

use super::Rome;
use crate::words::{self, Words};

/// Pairs of parent and trade, sorted; a parent is its own.
static TREE: LazyLock<Vec<(Rome, Rome)>> = LazyLock::new(|| {
    let code = |text: &str| text.parse().expect("the table holds codes");
    include_str!("../../rome/rome.tsv")
        .lines()
        .map(|line| {
            line.split_once('\t')
                .expect("every line of the table has a parent and a trade")
        })
        .map(|(parent, trade)| (code(parent), code(trade)))
        .collect()
});

impl Rome {
    /// The trade itself, and those that derive from it. One that is not in the table stands alone.
    pub fn with_derived(self) -> Vec<Rome> {
        let from = TREE.partition_point(|(parent, _)| *parent < self);
        let derived = TREE[from..]
            .iter()
            .take_while(|(parent, _)| *parent == self)
            .map(|(_, trade)| *trade);
        let mut trades = vec![self];
        trades.extend(derived.filter(|trade| *trade != self));
        trades
    }

    /// Refuses a code that no trade has, for a question: it would be answered with nothing. Events are taken with codes
    /// of other editions of the ROME.
    pub fn known(self) -> Result<(), Words> {
        if TREE.iter().any(|(_, trade)| *trade == self) {
            return Ok(());
        }
        let mut trades: Vec<Rome> = TREE.iter().map(|(_, trade)| *trade).collect();
        trades.sort_unstable();
        let place = trades.partition_point(|trade| *trade < self);
        let near = [place.checked_sub(1), Some(place)].into_iter().flatten();
        let near = near.filter_map(|place| trades.get(place));
        let example = near.copied().max_by_key(|trade| alike(*trade, self));
        let (shown, example) = (
            words::quoted(self),
            example.map_or_else(String::new, |trade| trade.to_string()),
        );
        Err(Words::new(
            format!("{shown} is no trade of the ROME: expected the code of one, such as {example}"),
            format!(
                "{shown:#} n'est pas un métier du ROME : il faut le code d'un métier, par exemple {example}"
            ),
        ))
    }
}

/// How many characters two codes have in common, from the first.
fn alike(one: Rome, other: Rome) -> usize {
    let both = one.as_str().bytes().zip(other.as_str().bytes());
    both.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(code: &str) -> Vec<String> {
        let trades = code.parse::<Rome>().unwrap().with_derived();
        trades.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_table_has_the_trades_of_its_source() {
        assert!(TREE.is_sorted());
        let parents = TREE.iter().filter(|(parent, trade)| parent == trade);
        assert_eq!((TREE.len(), parents.count()), (1_584, 532));
    }

    #[test]
    fn a_code_that_no_trade_has_is_answered_with_one_that_is_near() {
        let known = |code: &str| code.parse::<Rome>().unwrap().known();
        assert_eq!((known("K1304"), known("B1102")), (Ok(()), Ok(())));
        for (code, near) in [
            ("K9999", "such as K2"),
            ("K1399", "such as K13"),
            ("A0000", "such as A1101"),
        ] {
            let refused = known(code).unwrap_err();
            assert!(refused.english.contains(near), "{refused}");
            assert!(refused.french.contains("par exemple"), "{refused:#}");
        }
    }

    #[test]
    fn a_trade_has_those_that_derive_from_it_in_other_domains_too() {
        assert!(derived("A1101").contains(&"A1102".to_owned()));
        assert!(derived("F1612").contains(&"B1102".to_owned()));
        assert_eq!(derived("B1102"), ["B1102"]);
        assert_eq!(derived("A9999"), ["A9999"], "it is in no table");
    }
}
