//! What the agreement and the operations need to know of the members: who is one, under which
//! rules, and who takes notices for them.

use super::exit::EXIT_SOURCE;
use super::{AMENDMENT_NOTICE_MONTHS, Amendment, EXIT_DAYS};
use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{
    ContactRole, InstrumentKind, IntegrationId, Member, Network, PersonId, Rejection, Rule,
    RuleKind,
};
use serde::{Deserialize, Serialize};

/// Whether `organisation` is a member, the operator or the owner at `now`.
pub(crate) fn is_party_on(network: &Network, organisation: &OrganisationOid, now: Instant) -> bool {
    let in_office = network.founding.as_ref().is_some_and(|founding| {
        founding.operator.organisation == *organisation
            || founding.owner.organisation == *organisation
    });
    let member = network.members.get(organisation);
    in_office || member.is_some_and(|member| member.in_force(now))
}

/// By which periods a member is told of amendments and may leave because of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentPeriods {
    /// Months before the entry into force by which an ordinary amendment is notified.
    pub notice_months: u16,
    /// Days from the receipt of the notice in which the member may leave.
    pub exit_days: u16,
    /// What gives them.
    pub source: String,
}

impl AmendmentPeriods {
    /// Whether something done on `day` leaves the time before the entry into force of
    /// `amendment`; an urgent one asks for none (contract §7 ¶6).
    pub fn leave_time(&self, amendment: &Amendment, day: Date) -> bool {
        amendment.urgent.is_some() || day.plus_months(self.notice_months) <= amendment.enters_on
    }
}

/// The periods that hold for `organisation` at `now`: those of the contract, or under terms of
/// use those of the rule that was set, for the terms' own are not known (our decision, domain
/// facts J.4).
pub(crate) fn amendment_periods(
    network: &Network,
    organisation: &OrganisationOid,
    now: Instant,
    field: &'static str,
) -> Result<AmendmentPeriods, Rejection> {
    let member = network.members.get(organisation);
    match member.and_then(|member| member.instrument_kind(now)) {
        Some(InstrumentKind::Contract) => Ok(AmendmentPeriods {
            notice_months: AMENDMENT_NOTICE_MONTHS,
            exit_days: EXIT_DAYS,
            source: EXIT_SOURCE.to_owned(),
        }),
        Some(InstrumentKind::TermsOfUse) => {
            let kind = RuleKind::TermsAmendment;
            let unset = |refusal: Rejection| refusal.field(field);
            let dated = network.rules.require(kind, network.date(now));
            let dated = dated.map_err(unset)?;
            let Rule::TermsAmendment {
                notice_months,
                exit_days,
            } = dated.rule
            else {
                return Err(unset(Rejection::rule_not_set("TermsAmendment")));
            };
            Ok(AmendmentPeriods {
                notice_months,
                exit_days,
                source: dated.source.clone(),
            })
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

/// The members whom the operator tells of amendments at `now`, in the order of their identifiers:
/// those under the contract (§7 ¶5), and those under terms of use once a rule says how.
pub(crate) fn members_to_tell(
    network: &Network,
    now: Instant,
) -> impl Iterator<Item = (&OrganisationOid, AmendmentPeriods)> {
    network.members.iter().filter_map(move |(organisation, _)| {
        let periods = amendment_periods(network, organisation, now, "member");
        Some((organisation, periods.ok()?))
    })
}

/// The contact person whom `member` named for `role`.
fn contact(network: &Network, member: &OrganisationOid, role: ContactRole) -> Option<PersonId> {
    let row: &Member = network.members.get(member)?;
    row.contact(role).map(|contact| contact.person)
}

/// The contact person whom `member` named for its contract (contract §2).
pub(crate) fn contract_contact(network: &Network, member: &OrganisationOid) -> Option<PersonId> {
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
