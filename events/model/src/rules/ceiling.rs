//! An amount that changes at instants, and the most it ever comes to: places taken over capacity, grants over what was
//! voted. A fact that comes late raises it over all that follows, so a sum is not enough.
//!
//! A treap by instant, each node knowing the sum of the changes under it and the highest sum reached on the way through
//! them. A change and a question cost O(log n) for n instants, a node 56 bytes.

use chrono::{DateTime, Utc};

/// An amount over time. It begins at zero.
#[derive(Clone, Debug, Default)]
pub struct Ceiling {
    nodes: Vec<Node>,
    /// Places in `nodes` that no instant has.
    free: Vec<u32>,
    root: Option<u32>,
    /// The state of the generator of priorities (xorshift): what the tree looks like depends on nobody's data.
    seed: u32,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    at: DateTime<Utc>,
    change: i64,
    /// The sum of the changes of the subtree.
    sum: i64,
    /// The highest sum at the end of an instant of the subtree, counted from its first.
    peak: i64,
    priority: u32,
    left: Option<u32>,
    right: Option<u32>,
}

impl Ceiling {
    /// The amount changes at an instant, and for all that follows it.
    pub fn add(&mut self, at: DateTime<Utc>, change: i64) {
        if change == 0 {
            return;
        }
        let (before, rest) = self.split(self.root, at, false);
        let (here, after) = self.split(rest, at, true);
        let here = match here {
            Some(node) => {
                self.nodes[node as usize].change += change;
                self.update(node);
                Some(node)
            }
            None => Some(self.node(at, change)),
        };
        let here = here.filter(|node| {
            let gone = self.nodes[*node as usize].change == 0;
            if gone {
                self.free.push(*node);
            }
            !gone
        });
        let before = self.join(before, here);
        self.root = self.join(before, after);
    }

    /// The most it comes to from an instant on, until before another one, if that is given.
    pub fn peak(&self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> i64 {
        let start = self.at(from);
        let mut sum = start;
        let mut peak = start;
        self.walk(self.root, from, until, &mut sum, &mut peak);
        peak
    }

    /// What it is at the end of an instant.
    pub fn at(&self, instant: DateTime<Utc>) -> i64 {
        let (mut sum, mut place) = (0, self.root);
        while let Some(index) = place {
            let node = &self.nodes[index as usize];
            if node.at <= instant {
                sum += node.change + self.sum(node.left);
                place = node.right;
            } else {
                place = node.left;
            }
        }
        sum
    }

    /// About how many bytes it holds.
    pub fn weight(&self) -> usize {
        self.nodes.len() * size_of::<Node>()
    }

    /// Goes through the instants after `from` and before `until`; whole subtrees at once where it can.
    fn walk(
        &self,
        place: Option<u32>,
        from: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
        sum: &mut i64,
        peak: &mut i64,
    ) {
        let Some(index) = place else { return };
        let node = &self.nodes[index as usize];
        if node.at <= from {
            return self.walk(node.right, from, until, sum, peak);
        }
        if until.is_some_and(|until| node.at >= until) {
            return self.walk(node.left, from, until, sum, peak);
        }
        self.walk(node.left, from, None, sum, peak);
        *sum += node.change;
        *peak = (*peak).max(*sum);
        match (until, node.right) {
            (None, Some(right)) => {
                let right = &self.nodes[right as usize];
                *peak = (*peak).max(*sum + right.peak);
                *sum += right.sum;
            }
            (until, right) => self.walk_before(right, until, sum, peak),
        }
    }

    /// Goes through all instants before `until`.
    fn walk_before(&self, place: Option<u32>, until: Option<DateTime<Utc>>, sum: &mut i64, peak: &mut i64) {
        let Some(index) = place else { return };
        let node = &self.nodes[index as usize];
        if until.is_some_and(|until| node.at >= until) {
            return self.walk_before(node.left, until, sum, peak);
        }
        if let Some(left) = node.left {
            let left = &self.nodes[left as usize];
            *peak = (*peak).max(*sum + left.peak);
            *sum += left.sum;
        }
        *sum += node.change;
        *peak = (*peak).max(*sum);
        self.walk_before(node.right, until, sum, peak);
    }

    fn node(&mut self, at: DateTime<Utc>, change: i64) -> u32 {
        self.seed = if self.seed == 0 { 0x9e37_79b9 } else { self.seed };
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 17;
        self.seed ^= self.seed << 5;
        let node = Node {
            at,
            change,
            sum: change,
            peak: change,
            priority: self.seed,
            left: None,
            right: None,
        };
        match self.free.pop() {
            Some(place) => {
                self.nodes[place as usize] = node;
                place
            }
            None => {
                self.nodes.push(node);
                u32::try_from(self.nodes.len() - 1).expect("fewer than 2^32 instants")
            }
        }
    }

    /// Cuts a subtree in two: what is before `at` (and at it, if `with`), and the rest.
    fn split(&mut self, place: Option<u32>, at: DateTime<Utc>, with: bool) -> (Option<u32>, Option<u32>) {
        let Some(index) = place else {
            return (None, None);
        };
        let node = self.nodes[index as usize];
        if node.at < at || (with && node.at == at) {
            let (left, right) = self.split(node.right, at, with);
            self.nodes[index as usize].right = left;
            self.update(index);
            (Some(index), right)
        } else {
            let (left, right) = self.split(node.left, at, with);
            self.nodes[index as usize].left = right;
            self.update(index);
            (left, Some(index))
        }
    }

    /// Joins two subtrees, all of the first before all of the second.
    fn join(&mut self, one: Option<u32>, other: Option<u32>) -> Option<u32> {
        let (Some(first), Some(second)) = (one, other) else {
            return one.or(other);
        };
        let (before, after) = (self.nodes[first as usize], self.nodes[second as usize]);
        if before.priority >= after.priority {
            self.nodes[first as usize].right = self.join(before.right, other);
            self.update(first);
            Some(first)
        } else {
            self.nodes[second as usize].left = self.join(one, after.left);
            self.update(second);
            Some(second)
        }
    }

    fn sum(&self, place: Option<u32>) -> i64 {
        place.map_or(0, |index| self.nodes[index as usize].sum)
    }

    fn update(&mut self, index: u32) {
        let node = self.nodes[index as usize];
        let here = self.sum(node.left) + node.change;
        let mut peak = here;
        if let Some(left) = node.left {
            peak = peak.max(self.nodes[left as usize].peak);
        }
        if let Some(right) = node.right {
            peak = peak.max(here + self.nodes[right as usize].peak);
        }
        let sum = here + self.sum(node.right);
        let node = &mut self.nodes[index as usize];
        (node.sum, node.peak) = (sum, peak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn instant(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    /// The amount at the end of an instant, added up.
    fn naive(changes: &BTreeMap<i64, i64>, at: i64) -> i64 {
        changes.range(..=at).map(|(_, change)| change).sum()
    }

    proptest! {
        #[test]
        fn the_peak_is_that_of_the_sums_added_up(
            changes in proptest::collection::vec((0i64..40, -3i64..4), 0..120),
            from in 0i64..40,
            length in 1i64..40,
            open in any::<bool>(),
        ) {
            let (mut ceiling, mut told) = (Ceiling::default(), BTreeMap::new());
            for (at, change) in changes {
                ceiling.add(instant(at), change);
                *told.entry(at).or_default() += change;
                let until = if open { 50 } else { from + length };
                let peak = (from..until).map(|at| naive(&told, at)).max().unwrap();
                prop_assert_eq!(ceiling.peak(instant(from), (!open).then(|| instant(until))), peak);
                prop_assert_eq!(ceiling.at(instant(from)), naive(&told, from));
            }
        }
    }

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        let mut ceiling = Ceiling::default();
        (0..100).for_each(|second| ceiling.add(instant(second), 1));
        (0..100).for_each(|second| ceiling.add(instant(second), -1));
        assert_eq!((ceiling.root, ceiling.free.len()), (None, 100));
        ceiling.add(instant(3), 2);
        assert_eq!((ceiling.peak(instant(0), None), ceiling.nodes.len()), (2, 100));
    }
}
