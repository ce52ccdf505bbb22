//! A member's row, and what can be read from it at any instant.

use super::{
    ContractProcess, DataDisposition, Dispute, EducationProvider, LegalBasis, MemberContact,
    MemberRole, MembershipApplication, MembershipNotice, Outage, QualityComplaint,
    RecordedAssurance, Remark, RoleWindow, SelfAudit, ServicePurpose, ServiceStart,
    TermsAcceptance,
};
use crate::time::{Instant, Window};
use crate::value::{BusinessId, LanguageText, OrganisationOid};
use crate::{Contact, ContactRole, InstrumentKind, Private};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An organisation that is, was or wants to be a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The organisation.
    pub organisation: OrganisationOid,
    /// Its name as it stands in its application; none for an accepted member without one.
    pub name: Option<LanguageText>,
    /// Its business ID.
    pub business_id: Option<BusinessId>,
    /// Its postal address, sealed.
    pub postal_address: Option<Private>,
    /// What makes it an education provider; none where it is none.
    pub education_provider: Option<EducationProvider>,
    /// The purpose of the services it offers; none where it offers none.
    pub service_purpose: Option<ServicePurpose>,
    /// Its contacts, also those replaced, in the order in which they were named.
    pub contacts: Vec<MemberContact>,
    /// Its latest application.
    pub application: Option<MembershipApplication>,
    /// The contract that was drafted last, until and after it is signed.
    pub contract: Option<ContractProcess>,
    /// Terms that it accepted and that the operator has not yet confirmed.
    pub terms: Option<TermsAcceptance>,
    /// What its membership rests on, and rested on, in order of time; the windows are disjoint.
    pub legal_bases: Vec<LegalBasis>,
    /// The roles it holds and held, in the order in which they were granted.
    pub roles: Vec<RoleWindow>,
    /// Its self-audits, in order.
    pub self_audits: Vec<SelfAudit>,
    /// What it has assured the operator of, in order.
    pub assurances: Vec<RecordedAssurance>,
    /// Its notifications that it starts to offer services, the newest of each service.
    pub service_starts: Vec<ServiceStart>,
    /// The notices of its membership, also those withdrawn, in the order in which they were
    /// recorded.
    pub notices: Vec<MembershipNotice>,
    /// Remarks about breaches, by either party.
    pub remarks: Vec<Remark>,
    /// The outages it reported.
    pub outages: Vec<Outage>,
    /// Its quality complaints.
    pub complaints: Vec<QualityComplaint>,
    /// Its disputes with the operator.
    pub disputes: Vec<Dispute>,
    /// What becomes of its data, for the membership that it has or had last.
    pub disposition: Option<DataDisposition>,
}

/// Where an organisation stands with the network.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberStanding {
    /// It applied.
    Applied,
    /// Its application was turned down.
    Refused,
    /// It took its application back.
    Withdrawn,
    /// A contract was drafted for it, and not yet sent for signature.
    ContractDrafted,
    /// Its signatories are to sign.
    AwaitingMember,
    /// The operator is to sign, or to confirm the joining notification.
    AwaitingOperator,
    /// The membership starts at a later day.
    ToStart,
    /// The membership is in force.
    InForce,
    /// The membership is in force, and an end is known.
    Ending,
    /// The membership has ended.
    Ended,
}

impl Member {
    /// The row of an organisation of which nothing is known yet.
    pub(crate) fn new(organisation: OrganisationOid) -> Self {
        Self {
            organisation,
            name: None,
            business_id: None,
            postal_address: None,
            education_provider: None,
            service_purpose: None,
            contacts: Vec::new(),
            application: None,
            contract: None,
            terms: None,
            legal_bases: Vec::new(),
            roles: Vec::new(),
            self_audits: Vec::new(),
            assurances: Vec::new(),
            service_starts: Vec::new(),
            notices: Vec::new(),
            remarks: Vec::new(),
            outages: Vec::new(),
            complaints: Vec::new(),
            disputes: Vec::new(),
            disposition: None,
        }
    }

    /// The legal basis that holds at `now`.
    pub fn legal_basis(&self, now: Instant) -> Option<&LegalBasis> {
        self.legal_bases
            .iter()
            .rev()
            .find(|basis| basis.window.holds_at(now))
    }

    /// The kind of instrument that holds at `now`.
    pub fn instrument_kind(&self, now: Instant) -> Option<InstrumentKind> {
        self.legal_basis(now).map(|basis| basis.kind)
    }

    /// Whether the membership is in force at `now`.
    pub fn in_force(&self, now: Instant) -> bool {
        self.legal_basis(now).is_some()
    }

    /// When the organisation was and is a member, in order; one window where one basis took the
    /// place of another without a gap.
    pub fn windows(&self) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        for basis in &self.legal_bases {
            match windows.last_mut() {
                Some(last) if last.until == Some(basis.window.from) => {
                    last.until = basis.window.until;
                }
                _ => windows.push(basis.window),
            }
        }
        windows
    }

    /// The window of the membership that holds at `now`, of the next one, or else of the last.
    pub fn window(&self, now: Instant) -> Option<Window> {
        let windows = self.windows();
        let current = windows
            .iter()
            .find(|window| window.until.is_none_or(|until| now < until));
        current.or(windows.last()).copied()
    }

    /// When the membership that is in force, or starts later, ends; none while no end is known.
    pub fn ends_at(&self) -> Option<Instant> {
        self.legal_bases.last().and_then(|basis| basis.window.until)
    }

    /// When the organisation held and holds `role`: the windows of the role within those of the
    /// membership.
    pub fn role_windows(&self, role: MemberRole) -> Vec<Window> {
        let memberships = self.windows();
        self.roles
            .iter()
            .filter(|held| held.role == role)
            .flat_map(|held| {
                memberships
                    .iter()
                    .filter_map(move |membership| intersection(held.window, *membership))
            })
            .collect()
    }

    /// Whether the organisation holds `role` at `now`; never while its membership is not in force.
    pub fn has_role(&self, role: MemberRole, now: Instant) -> bool {
        self.in_force(now)
            && self
                .roles
                .iter()
                .any(|held| held.role == role && held.window.holds_at(now))
    }

    /// The roles the organisation holds at `now`, in their order; none while its membership is
    /// not in force.
    pub fn roles_at(&self, now: Instant) -> Vec<MemberRole> {
        [MemberRole::HomeOrganisation, MemberRole::ServiceProvider]
            .into_iter()
            .filter(|role| self.has_role(*role, now))
            .collect()
    }

    /// Whether it is a home organisation and nothing else at `now`.
    pub fn is_home_organisation_only(&self, now: Instant) -> bool {
        self.roles_at(now) == [MemberRole::HomeOrganisation]
    }

    /// Whether it is a service provider and nothing else at `now`: the operator's three months
    /// hold for such members alone (membership contract §7 ¶1).
    pub fn is_service_provider_only(&self, now: Instant) -> bool {
        self.roles_at(now) == [MemberRole::ServiceProvider]
    }

    /// Whether it holds both roles at `now`.
    pub fn is_dual(&self, now: Instant) -> bool {
        self.roles_at(now).len() == 2
    }

    /// Whether it is an education provider.
    pub fn is_education_provider(&self) -> bool {
        self.education_provider.is_some()
    }

    /// The contact named for `role` now.
    pub fn contact(&self, role: ContactRole) -> Option<&Contact> {
        self.contacts
            .iter()
            .rev()
            .find(|contact| contact.role == role && contact.until.is_none())
            .map(|contact| &contact.contact)
    }

    /// The contact that was named for `role` at `at`.
    pub fn contact_at(&self, role: ContactRole, at: Instant) -> Option<&Contact> {
        self.contacts
            .iter()
            .rev()
            .find(|contact| {
                let window = Window {
                    from: contact.from,
                    until: contact.until,
                };
                contact.role == role && window.holds_at(at)
            })
            .map(|contact| &contact.contact)
    }

    /// The application that is open.
    pub fn open_application(&self) -> Option<&MembershipApplication> {
        self.application
            .as_ref()
            .filter(|application| application.is_open())
    }

    /// Where the organisation stands at `now`.
    pub fn standing(&self, now: Instant) -> MemberStanding {
        if let Some(basis) = self.legal_basis(now) {
            let last = self.legal_bases.last().unwrap_or(basis);
            return if last.window.until.is_some() {
                MemberStanding::Ending
            } else {
                MemberStanding::InForce
            };
        }
        if self.legal_bases.iter().any(|basis| now < basis.window.from) {
            return MemberStanding::ToStart;
        }
        match (&self.application, &self.contract) {
            (Some(application), contract) if application.is_open() => match contract {
                _ if self.terms.is_some() => MemberStanding::AwaitingOperator,
                Some(contract) if contract.is_signed_by_member() => {
                    MemberStanding::AwaitingOperator
                }
                Some(contract) if contract.request.is_some() => MemberStanding::AwaitingMember,
                Some(_) => MemberStanding::ContractDrafted,
                None => MemberStanding::Applied,
            },
            _ if !self.legal_bases.is_empty() => MemberStanding::Ended,
            (Some(application), _) => match application.state {
                super::ApplicationState::Refused { .. } => MemberStanding::Refused,
                _ => MemberStanding::Withdrawn,
            },
            (None, _) => MemberStanding::Applied,
        }
    }

    /// Ends every role at `end`, which the end of a membership brings with it.
    pub(crate) fn close_roles_at(&mut self, end: Instant) {
        self.roles.retain(|held| held.window.from < end);
        for held in &mut self.roles {
            held.window.close_at(end);
        }
    }
}

/// What two windows have in common, where they have something.
fn intersection(one: Window, other: Window) -> Option<Window> {
    let from = one.from.max(other.from);
    let until = match (one.until, other.until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    until
        .is_none_or(|until| from < until)
        .then_some(Window { from, until })
}
