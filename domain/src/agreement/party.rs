//! What the agreement and the operations need to know of the members: who is one, under which
//! rules, and who takes notices for them.

use crate::time::Instant;
use crate::value::OrganisationOid;
use crate::{ContactRole, InstrumentKind, IntegrationId, Member, Network, PersonId, Rejection};

/// Whether `organisation` is a member, the operator or the owner at `now`.
pub(crate) fn is_party_on(network: &Network, organisation: &OrganisationOid, now: Instant) -> bool {
    let in_office = network.founding.as_ref().is_some_and(|founding| {
        founding.operator.organisation == *organisation
            || founding.owner.organisation == *organisation
    });
    let member = network.members.get(organisation);
    in_office || member.is_some_and(|member| member.in_force(now))
}

/// Refuses what only a member under the contract has: the terms of use say nothing of amendments
/// (our decision, domain facts J.4).
pub(super) fn under_contract(
    network: &Network,
    organisation: &OrganisationOid,
    now: Instant,
    field: &'static str,
) -> Result<(), Rejection> {
    let member = network.members.get(organisation);
    match member.and_then(|member| member.instrument_kind(now)) {
        Some(InstrumentKind::Contract) => Ok(()),
        Some(InstrumentKind::TermsOfUse) => {
            Err(Rejection::rule_not_set("amendments under the terms of use")
                .field(field)
                .remedy("tell the member as the terms of use say; no rule of theirs is known here")
                .rule("our decision, domain facts J.4"))
        }
        None => Err(not_a_member(field)),
    }
}

/// Refuses what only members have.
pub(crate) fn not_a_member(field: &'static str) -> Rejection {
    Rejection::new("NOT_A_MEMBER", "this organisation is not a member now")
        .field(field)
        .remedy("name a member whose membership is in force")
}

/// The members under the contract at `now`, in the order of their identifiers: those whom the
/// operator tells of amendments by contract §7 ¶5.
pub(super) fn members_under_contract(
    network: &Network,
    now: Instant,
) -> impl Iterator<Item = &OrganisationOid> {
    network
        .members
        .iter()
        .filter(move |(_, member)| member.instrument_kind(now) == Some(InstrumentKind::Contract))
        .map(|(organisation, _)| organisation)
}

/// The contact person whom `member` named for `role`.
fn contact(network: &Network, member: &OrganisationOid, role: ContactRole) -> Option<PersonId> {
    let row: &Member = network.members.get(member)?;
    row.contact(role).map(|contact| contact.person)
}

/// The contact person whom `member` named for its contract (contract §2).
pub(super) fn contract_contact(network: &Network, member: &OrganisationOid) -> Option<PersonId> {
    contact(network, member, ContactRole::Contract)
}

/// The contact person whom `member` named for technical matters (contract §5 ¶3).
pub(crate) fn technical_contact(network: &Network, member: &OrganisationOid) -> Option<PersonId> {
    contact(network, member, ContactRole::Technical)
}

/// Whether the integration is one by which users of `organisation` log in.
pub(crate) fn is_home_integration_of(
    network: &Network,
    integration: IntegrationId,
    organisation: &OrganisationOid,
) -> bool {
    network
        .integrations
        .get(integration)
        .is_some_and(|row| row.organisation == *organisation && row.home().is_some())
}
