//! Membership: who belongs to the network, since when, on what legal basis, in which roles, and
//! how it ends. Joining, contacts, roles, self-audits, assurances, notices, remarks, outages,
//! complaints, disputes and what becomes of the data afterwards.
//!
//! Not here: the instruments, annexes and their amendments (the agreement's), integrations and
//! services. Whether a login may pass follows from the windows in a [`Member`] alone.

mod accept;
mod application;
mod assurance;
mod begin;
mod complaint;
mod contact;
mod contract;
mod eligibility;
mod end;
mod legal_basis;
mod notice;
mod obligation;
mod outage;
mod remark;
mod role;
mod row;
mod self_audit;
mod terms;

pub use accept::*;
pub use application::*;
pub use assurance::*;
pub use complaint::*;
pub use contact::*;
pub use contract::*;
pub use eligibility::*;
pub use end::*;
pub use legal_basis::*;
pub use notice::*;
pub use outage::*;
pub use remark::*;
pub use role::*;
pub use row::*;
pub use self_audit::*;
pub use terms::*;

pub(crate) use end::{membership_due, membership_next_due};
pub(crate) use obligation::member_obligations;

use crate::time::Instant;
use crate::value::OrganisationOid;
use crate::{Category, KeySubject, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member does in the network (membership contract §5 ¶1).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberRole {
    /// Keeps end users' data and vouches for who they are; an education provider.
    HomeOrganisation,
    /// Offers electronic services to end users whom home organisations identify.
    ServiceProvider,
}

/// A side of the agreement between one member and the operator.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContractParty {
    /// The member.
    Member,
    /// The operator.
    Operator,
}

/// The row of `organisation`, member or applicant, or the refusal that it is not known.
pub(crate) fn known<'a>(
    network: &'a Network,
    organisation: &OrganisationOid,
    field: &'static str,
) -> Result<&'a Member, Rejection> {
    network.members.get(organisation).ok_or_else(|| {
        Rejection::new(
            "NOT_A_MEMBER",
            "this organisation is no member and has not applied",
        )
        .field(field)
        .remedy("check the identifier, or record the organisation's application first")
    })
}

/// The row of a member in force at `now`, or the refusal that it is none.
pub(crate) fn in_force<'a>(
    network: &'a Network,
    organisation: &OrganisationOid,
    now: Instant,
) -> Result<&'a Member, Rejection> {
    let row = known(network, organisation, "member")?;
    if row.in_force(now) {
        return Ok(row);
    }
    Err(Rejection::new(
        "NOT_A_MEMBER",
        "this organisation's membership is not in force",
    )
    .field("member")
    .remedy("see the state of its membership; it may not have started, or have ended"))
}

/// The key that seals free text of a member's stream.
pub(crate) fn text_key(member: &OrganisationOid) -> KeySubject {
    KeySubject {
        subject: format!("member:{member}"),
        category: Category::Text,
    }
}

/// A refusal because the thing is in another state than the command needs.
pub(crate) fn wrong_state(
    message: &'static str,
    field: &'static str,
    remedy: &'static str,
) -> Rejection {
    Rejection::new("WRONG_STATE", message)
        .field(field)
        .remedy(remedy)
}

/// A refusal because the network already says what the command would make it say.
pub(crate) fn nothing_to_change(message: &'static str, field: &'static str) -> Rejection {
    Rejection::new("NOTHING_TO_CHANGE", message)
        .field(field)
        .remedy("nothing needs to be recorded")
}

/// Changes a member's row; an event about a row that is not there changes nothing.
pub(crate) fn change(
    network: &mut Network,
    member: &OrganisationOid,
    change: impl FnOnce(&mut Member),
) {
    network.members.change(member, change);
}

#[cfg(test)]
pub(crate) mod tests;
