//! What time has brought about and nobody has recorded yet.

use crate::time::Instant;
use crate::{Command, Network};

/// Something that fell due, and the command that records it.
#[derive(Clone, Debug)]
pub struct DueCommand {
    /// What kind of thing fell due, such as `membership-end`.
    pub kind: &'static str,
    /// What it happened to: a typed identifier or organisation.
    pub subject: String,
    /// When it fell due. With kind and subject it names the occurrence, so that it is recorded once.
    pub due: Instant,
    /// What records it.
    pub command: Command,
}

/// Everything that is due at `now` and not recorded, the oldest first.
pub fn due(network: &Network, now: Instant) -> Vec<DueCommand> {
    let areas: &[fn(&Network, Instant) -> Vec<DueCommand>] = &[
        crate::agreement::agreement_due,
        crate::membership::membership_due,
        crate::obligation::obligations_due,
    ];
    let mut due: Vec<DueCommand> = areas.iter().flat_map(|area| area(network, now)).collect();
    due.sort_by(|a, b| (a.due, a.kind, &a.subject).cmp(&(b.due, b.kind, &b.subject)));
    due
}

/// When the next thing falls due after `now`, as far as it is known now: when the clerk looks
/// again at the latest.
pub fn next_due_after(network: &Network, now: Instant) -> Option<Instant> {
    let areas: &[fn(&Network, Instant) -> Option<Instant>] = &[
        crate::agreement::agreement_next_due,
        crate::membership::membership_next_due,
        crate::obligation::obligations_next_due,
    ];
    areas.iter().filter_map(|area| area(network, now)).min()
}
