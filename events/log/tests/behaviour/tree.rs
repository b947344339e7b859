//! The tree over the entries, and the entries themselves.

use parcours_log::Entry;
use parcours_log::tree::Hash;

use crate::events::{append, eligible, one, registered, sound};
use crate::place::{Place, all, on_both_databases};

/// MTH of RFC 6962, word for word.
pub fn root_of(entries: &[Entry]) -> Hash {
    match entries {
        [] => Hash::of_nothing(),
        [entry] => Hash::of_leaf(&entry.bytes),
        _ => {
            let (left, right) = entries.split_at(entries.len().next_power_of_two() / 2);
            Hash::of_node(&root_of(left), &root_of(right))
        }
    }
}

on_both_databases! {
    async fn the_root_is_that_of_the_naive_tree_at_every_size(place: Place) {
        let log = place.open().await;
        assert_eq!(log.head().await.unwrap().root, Hash::of_nothing());
        for n in 0..20 {
            one(&log, registered(n % 3, "A")).await.unwrap();
            let head = log.head().await.unwrap();
            assert_eq!((head.size, head.root), (n as u64 + 1, root_of(&all(&log).await)));
        }
    }

    async fn entries_are_canonical_and_hash_to_the_leaf_that_is_stored(place: Place) {
        let log = place.open().await;
        log.append(append(eligible(1))).await.unwrap();
        one(&log, registered(1, "Çà & là \u{1F600} \"\\/\t")).await.unwrap();
        for entry in all(&log).await {
            let value: serde_json::Value = serde_json::from_slice(&entry.bytes).unwrap();
            assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), entry.bytes);
            assert_eq!(value["revision"], entry.revision);
            assert_eq!(value["actor"], "agent-7");
            assert_eq!(value["recordedtime"].as_str().unwrap().len(), "2026-01-01T00:00:00.000000Z".len());
            assert_eq!(place.leaf(entry.position), Hash::of_leaf(&entry.bytes));
        }
        assert_eq!(sound(&log).await.len(), 3);
    }
}
