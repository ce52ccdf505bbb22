//! What members assure the operator of, a provider's notification that it starts, and the gates
//! that both and the self-audit are for production (membership contract §5).

use super::{Member, MemberRole, change, in_force, known, nothing_to_change, text_key};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{FreeText, OrganisationOid, ShortText};
use crate::{
    AnnexNumber, BelongsTo, Context, Decide, Decision, Evolve, Network, Private, Rejection,
    SelfAuditGate, ServiceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member assures.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Assurance {
    /// A home organisation identifies its end users first as annex 1 says.
    FirstIdentification,
    /// A home organisation's end users are bound by the rules of use of annex 2.
    RulesOfUse,
    /// A home organisation has informed its end users of the processing.
    InformingSubjects,
    /// A service provider's services, their processing and the services as a whole meet annex 1.
    ServicesMeetAnnex1,
}

impl Assurance {
    /// What a home organisation assures.
    pub const OF_HOME_ORGANISATIONS: [Self; 3] = [
        Self::FirstIdentification,
        Self::RulesOfUse,
        Self::InformingSubjects,
    ];

    /// The role in which it is given.
    pub fn role(self) -> MemberRole {
        match self {
            Self::ServicesMeetAnnex1 => MemberRole::ServiceProvider,
            _ => MemberRole::HomeOrganisation,
        }
    }

    /// The annex whose edition it is given under.
    pub fn annex(self) -> Option<AnnexNumber> {
        match self {
            Self::FirstIdentification | Self::ServicesMeetAnnex1 => Some(AnnexNumber::SelfAudit),
            Self::RulesOfUse => Some(AnnexNumber::RulesOfUse),
            Self::InformingSubjects => None,
        }
    }
}

/// An assurance that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedAssurance {
    /// What was assured.
    pub assurance: Assurance,
    /// The day.
    pub given_on: Date,
    /// The version of its annex that was in force.
    pub annex_version: Option<ShortText>,
}

/// Gives an assurance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiveAssurance {
    /// The member, or an applicant for the role in which the assurance is given.
    pub member: OrganisationOid,
    /// What is assured.
    pub assurance: Assurance,
    /// The day; today where left out.
    #[serde(default)]
    pub given_on: Option<Date>,
    /// How it is met, in words.
    #[serde(default)]
    pub statement: Option<FreeText>,
}

/// An assurance was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssuranceGiven {
    /// The member.
    pub member: OrganisationOid,
    /// What was assured.
    pub assurance: Assurance,
    /// The day.
    pub given_on: Date,
    /// The version of its annex in force when it was recorded.
    pub annex_version: Option<ShortText>,
    /// How it is met, sealed.
    pub statement: Option<Private>,
}

impl Decide for GiveAssurance {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        if !row.is_or_will_be(self.assurance.role(), context.now) {
            return Err(Rejection::new(
                "ROLE_MISSING",
                "this assurance belongs to a role that the member does not have",
            )
            .field("assurance")
            .remedy("give the assurances of the member's own roles")
            .rule("membership contract §5"));
        }
        let annex = self.assurance.annex();
        let edition = annex.and_then(|number| network.agreement.annex(number, context.now));
        let annex_version = edition.map(|edition| edition.version.clone());
        let before = row.assurance(self.assurance);
        if before.is_some_and(|before| before.annex_version == annex_version) {
            return Err(nothing_to_change(
                "this assurance was given under the annex in force",
                "assurance",
            ));
        }
        let statement = self.statement.as_ref();
        Ok(vec![
            AssuranceGiven {
                member: self.member.clone(),
                assurance: self.assurance,
                given_on: past_day(network, context, self.given_on, "givenOn")?,
                annex_version,
                statement: statement.map(|text| Private::given(text_key(&self.member), text)),
            }
            .into(),
        ])
    }
}

impl Evolve for AssuranceGiven {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.assurances.push(RecordedAssurance {
                assurance: self.assurance,
                given_on: self.given_on,
                annex_version: self.annex_version.clone(),
            });
        });
    }
}

/// A provider's notification that it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStart {
    /// The service; none where it speaks of all the member's services.
    pub service: Option<ServiceId>,
    /// The first day of the service.
    pub starts_on: Date,
    /// The day of the notification.
    pub notified_on: Date,
}

/// Notifies the operator that a member starts to offer a service, or its services
/// (membership contract §5, service provider, second point).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotifyServiceStart {
    /// The service provider.
    pub member: OrganisationOid,
    /// The service, which must be the member's; left out, all the member's services.
    #[serde(default)]
    pub service: Option<ServiceId>,
    /// The first day of the service, within a year of today.
    pub starts_on: Date,
}

/// The operator was notified that a member starts to offer a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStartNotified {
    /// The service provider.
    pub member: OrganisationOid,
    /// The service; none where it speaks of all the member's services.
    pub service: Option<ServiceId>,
    /// The first day of the service.
    pub starts_on: Date,
    /// The day of the notification.
    pub notified_on: Date,
}

fn role_missing(role: MemberRole) -> Rejection {
    let message = match role {
        MemberRole::HomeOrganisation => "this member is no home organisation",
        MemberRole::ServiceProvider => "this member is no service provider",
    };
    Rejection::new("ROLE_MISSING", message)
        .field("member")
        .remedy("let the operator grant the role first")
        .rule("membership contract §5 ¶1")
}

fn assurance_missing() -> Rejection {
    Rejection::new(
        "ASSURANCE_MISSING",
        "a service provider starts when it has assured that its services meet annex 1",
    )
    .field("member")
    .remedy("give the assurance SERVICES_MEET_ANNEX1 first")
    .rule("membership contract §5, service provider, second point")
}

impl Decide for NotifyServiceStart {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = in_force(network, &self.member, context.now)?;
        if !row.has_role(MemberRole::ServiceProvider, context.now) {
            return Err(role_missing(MemberRole::ServiceProvider));
        }
        if row.assurance(Assurance::ServicesMeetAnnex1).is_none() {
            return Err(assurance_missing());
        }
        let others =
            |service: ServiceId| service.organisation(network).as_ref() != Some(&self.member);
        if self.service.is_some_and(others) {
            return Err(Rejection::unknown("service of this member", "service"));
        }
        let today = network.date(context.now);
        if self.starts_on > today.plus_months(12) {
            return Err(
                Rejection::new("TOO_LATE", "the day lies more than a year ahead")
                    .field("startsOn")
                    .remedy("notify the operator when the start is near")
                    .rule("our decision"),
            );
        }
        let notified = |start: &ServiceStart| {
            start.service == self.service && start.starts_on == self.starts_on
        };
        if row.service_starts.iter().any(notified) {
            return Err(nothing_to_change("this start is notified", "startsOn"));
        }
        Ok(vec![
            ServiceStartNotified {
                member: self.member.clone(),
                service: self.service,
                starts_on: self.starts_on,
                notified_on: today,
            }
            .into(),
        ])
    }
}

impl Evolve for ServiceStartNotified {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.service_starts
                .retain(|start| start.service != self.service);
            row.service_starts.push(ServiceStart {
                service: self.service,
                starts_on: self.starts_on,
                notified_on: self.notified_on,
            });
        });
    }
}

impl Member {
    /// The assurance as it was given last.
    pub fn assurance(&self, assurance: Assurance) -> Option<&RecordedAssurance> {
        self.assurances
            .iter()
            .rev()
            .find(|given| given.assurance == assurance)
    }

    /// Whether the start of this service, or of all the member's services, was notified.
    pub fn has_notified_start(&self, service: ServiceId) -> bool {
        self.service_starts
            .iter()
            .any(|start| start.service.is_none_or(|notified| notified == service))
    }
}

impl Network {
    /// Whether a home integration of `member` may become active in production at `now`, as far as
    /// the membership goes, and why not: membership in force, role, and the self-audit where the
    /// rule of the member's version of the agreement asks for it before production (domain facts
    /// K1).
    pub fn home_production_gate(
        &self,
        member: &OrganisationOid,
        now: Instant,
    ) -> Result<(), Rejection> {
        let row = in_force(self, member, now)?;
        if !row.has_role(MemberRole::HomeOrganisation, now) {
            return Err(role_missing(MemberRole::HomeOrganisation));
        }
        let basis = row
            .legal_basis(now)
            .ok_or_else(|| Rejection::unknown("membership in force", "member"))?;
        let (gate, rule) = self
            .rules
            .self_audit_gate(&basis.instrument, self.date(now))?;
        if gate == SelfAuditGate::BeforeProduction && row.accepted_self_audit().is_none() {
            return Err(Rejection::new(
                "SELF_AUDIT_MISSING",
                "the self-audit must be accepted before production",
            )
            .field("member")
            .remedy("submit the self-audit and have it accepted")
            .rule(rule.source.clone()));
        }
        Ok(())
    }

    /// Whether an integration of this service of `member` may become active in production at
    /// `now`, as far as the membership goes, and why not: membership in force, role, the assurance
    /// under annex 1, and the notification of the start.
    pub fn service_production_gate(
        &self,
        member: &OrganisationOid,
        service: ServiceId,
        now: Instant,
    ) -> Result<(), Rejection> {
        let row = in_force(self, member, now)?;
        if !row.has_role(MemberRole::ServiceProvider, now) {
            return Err(role_missing(MemberRole::ServiceProvider));
        }
        if row.assurance(Assurance::ServicesMeetAnnex1).is_none() {
            return Err(assurance_missing());
        }
        if !row.has_notified_start(service) {
            return Err(Rejection::new(
                "SERVICE_START_MISSING",
                "the provider has not notified the operator that it starts this service",
            )
            .field("member")
            .remedy("give the command `notifyServiceStart` first")
            .rule("membership contract §5, service provider, second point"));
        }
        Ok(())
    }
}
