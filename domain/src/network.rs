//! The one consistency boundary: everything the governance log adds up to.

use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{
    Access, Agreement, Command, Context, Decision, Event, Founding, Integrations, Member,
    Organisations, Rejection, Rules, SemesterCalendars, Services, Steering, Table,
};
use serde::{Deserialize, Serialize};

/// The trust network as its events tell it. A copy costs a few pointers.
///
/// Each field is one area's state; the area's own module says what stands in it and is the only
/// one that changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The founding, the operator and the owner; none before the first event.
    pub founding: Option<Founding>,
    /// The rules that the sources leave open, as they were set.
    pub rules: Rules,
    /// When semesters start, network-wide and per member.
    pub semesters: SemesterCalendars,
    /// Who may do what, and which nodes and keys there are.
    pub access: Access,
    /// The organisation register, and who acts for whom.
    pub organisations: Organisations,
    /// The instruments, the annexes and their amendments.
    pub agreement: Agreement,
    /// The steering group, its meetings and its reviews of the fees.
    pub steering: Steering,
    /// What the operator did and owes while the network runs.
    pub operations: crate::Operations,
    /// Every organisation that is, was or wants to be a member.
    pub members: Table<OrganisationOid, Member>,
    /// Services, their release sets, and what is withheld from them.
    pub services: Services,
    /// Integrations of home organisations and of services.
    pub integrations: Integrations,
    /// The obligations that were open when their last day was over, with when that was recorded.
    pub fallen_due: Table<crate::FallenDue, Instant>,
}

impl Network {
    /// Which events follow from `command`, or why none does. Changes nothing.
    pub fn decide(&self, command: &Command, context: &Context<'_>) -> Decision {
        if self.founding.is_none() && !matches!(command, Command::FoundLedger(_)) {
            return Err(
                Rejection::new("NOT_FOUNDED", "this ledger has not been founded")
                    .remedy("found it first with `trustnet init`"),
            );
        }
        command.decide(self, context)
    }

    /// Takes a recorded event in. Applies no rule and cannot fail.
    pub fn apply(&mut self, event: &Event, recorded_at: Instant) {
        event.evolve(self, recorded_at);
    }

    /// The civil date in the network's zone at `now`.
    pub fn date(&self, now: Instant) -> Date {
        self.zone().date(now)
    }

    /// The network's zone; UTC before the founding.
    pub fn zone(&self) -> &crate::time::Zone {
        static UTC: std::sync::LazyLock<crate::time::Zone> = std::sync::LazyLock::new(|| {
            crate::time::Zone::named("UTC").expect("UTC is in the zone data that is compiled in")
        });
        self.founding
            .as_ref()
            .map_or(&UTC, |founding| &founding.zone)
    }
}
