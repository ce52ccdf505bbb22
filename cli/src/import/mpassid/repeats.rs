//! What stands twice in a call and may stand once. Nobody can say which of the two is meant, so
//! none of them is taken.

use crate::import::fields::Entry;
use std::collections::BTreeMap;

/// Marks every entry that shares with another of its kind what belongs to one alone.
pub(super) fn mark<'a>(entries: impl Iterator<Item = &'a Entry>) {
    let mut claims: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        for claim in entry.claims() {
            claims.entry(claim).or_default().push(entry);
        }
    }
    for ((field, _), sharing) in claims.into_iter().filter(|(_, sharing)| sharing.len() > 1) {
        for entry in &sharing {
            let mut others: Vec<String> = sharing
                .iter()
                .filter(|other| !std::ptr::eq(**other, *entry))
                .map(|other| {
                    let id = other.id().unwrap_or_else(|| "without id".to_owned());
                    format!("{id} in {}", other.file())
                })
                .collect();
            others.dedup();
            let message = format!("also that of entry {}", others.join(", "));
            entry.error(field.clone(), "REPEATED", message);
        }
    }
}
