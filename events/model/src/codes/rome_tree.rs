//! Which trades of the ROME derive from which, compiled in from `rome/rome.tsv` (its README says where that comes from).

use std::sync::LazyLock;

use super::Rome;

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
    fn a_trade_has_those_that_derive_from_it_in_other_domains_too() {
        assert!(derived("A1101").contains(&"A1102".to_owned()));
        assert!(derived("F1612").contains(&"B1102".to_owned()));
        assert_eq!(derived("B1102"), ["B1102"]);
        assert_eq!(derived("A9999"), ["A9999"], "it is in no table");
    }
}
