//! Accepting memberships that are older than the ledger, with whatever shows them.

use super::application::{business_id_is_free, distinct_roles};
use super::legal_basis::{self, BasisGround, MembershipStarted};
use super::{
    EducationProvider, Member, MemberRole, RoleGranted, ServiceProviderKind, ServicePurpose,
};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{BusinessId, InstrumentVersion, LanguageText, OrganisationOid, ShortText};
use crate::{Context, Decide, Decision, Event, Evolve, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Accepts a membership that is older than this ledger as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptMember {
    /// The organisation.
    pub organisation: OrganisationOid,
    /// Its name, where known.
    #[serde(default)]
    pub name: Option<LanguageText>,
    /// Its business ID, where known.
    #[serde(default)]
    pub business_id: Option<BusinessId>,
    /// The published version of the contract or terms under which it is a member.
    pub instrument: InstrumentVersion,
    /// The first day from which the membership counts here.
    pub since: Date,
    /// What shows the membership, in a line.
    pub evidence: ShortText,
    /// The roles it holds; at least one.
    pub roles: Vec<MemberRole>,
}

/// A membership older than the ledger was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberAccepted {
    /// The organisation.
    pub member: OrganisationOid,
    /// Its name, where known.
    pub name: Option<LanguageText>,
    /// Its business ID, where known.
    pub business_id: Option<BusinessId>,
    /// What makes it an education provider: that it is accepted as a home organisation.
    pub education_provider: Option<EducationProvider>,
    /// The purpose of the services it offers, as its acceptance implies it.
    pub service_purpose: Option<ServicePurpose>,
    /// What shows the membership.
    pub evidence: ShortText,
}

impl Decide for AcceptMember {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network.members.get(&self.organisation);
        if row.is_some_and(|row| row.in_force(context.now)) {
            return Err(Rejection::new(
                "ALREADY_A_MEMBER",
                "this organisation's membership is in force",
            )
            .field("organisation")
            .remedy("nothing needs to be accepted"));
        }
        let instrument = legal_basis::instrument(network, &self.instrument, "instrument")?;
        let since = past_day(network, context, Some(self.since), "since")?;
        let from = super::begin::start_instant(network, context, since);
        if row.and_then(Member::ends_at).is_some_and(|end| from < end) {
            return Err(Rejection::new(
                "TOO_EARLY",
                "an earlier membership of this organisation was still in force on that day",
            )
            .field("since")
            .remedy("give a day after the end of the earlier membership"));
        }
        business_id_is_free(
            network,
            &self.organisation,
            self.business_id.as_ref(),
            context.now,
        )?;
        let roles = distinct_roles(&self.roles)?;
        let mut events: Vec<Event> = vec![
            MemberAccepted {
                member: self.organisation.clone(),
                name: self.name.clone(),
                business_id: self.business_id.clone(),
                education_provider: roles.contains(&MemberRole::HomeOrganisation).then(|| {
                    EducationProvider {
                        basis: Vec::new(),
                        levels: Vec::new(),
                    }
                }),
                service_purpose: roles
                    .contains(&MemberRole::ServiceProvider)
                    .then(not_stated)
                    .flatten(),
                evidence: self.evidence.clone(),
            }
            .into(),
            MembershipStarted {
                member: self.organisation.clone(),
                instrument: self.instrument.clone(),
                kind: instrument.kind,
                since,
                from,
                ground: BasisGround::Accepted {
                    evidence: self.evidence.clone(),
                },
            }
            .into(),
        ];
        events.extend(roles.into_iter().map(|role| {
            Event::from(RoleGranted {
                member: self.organisation.clone(),
                role,
                since,
                from,
                notices_to_review: Vec::new(),
            })
        }));
        Ok(events)
    }
}

/// The purpose of an accepted service provider, which nobody has stated here.
fn not_stated() -> Option<ServicePurpose> {
    let purpose = ShortText::parse("not stated: accepted as an older membership").ok()?;
    Some(ServicePurpose {
        kind: ServiceProviderKind::Other,
        purpose,
        supports_education: true,
    })
}

impl Evolve for MemberAccepted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.members.change_or_insert(
            self.member.clone(),
            || Member::new(self.member.clone()),
            |row| {
                row.name = self.name.clone().or(row.name.take());
                row.business_id = self.business_id.clone().or(row.business_id.take());
                // What the organisation itself said before says more than what is implied.
                row.education_provider = row
                    .education_provider
                    .take()
                    .or(self.education_provider.clone());
                row.service_purpose = row.service_purpose.take().or(self.service_purpose.clone());
            },
        );
    }
}
