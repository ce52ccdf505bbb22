//! Suspensions of single end users of a home organisation, from all services or from named ones,
//! and the word of it to the member's technical contact (membership contract §6 ¶8; domain
//! facts J.12).

use super::{already_happened, minutes_between, nothing_to_change, too_early};
use crate::agreement::{is_home_integration_of, technical_contact};
use crate::time::{Instant, Window};
use crate::value::{FreeText, OrganisationOid, Reason};
use crate::{
    Category, Context, Decide, Decision, Evolve, IntegrationId, KeySubject, Network, NoticeChannel,
    PersonId, Private, Rejection, ServiceId, SuspensionId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Services named in one suspension, at most.
const SERVICES_MAX: usize = 500;

/// For what an end user may be suspended (contract §6 ¶8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndUserSuspensionGround {
    /// The user causes technical problems to the brokering service.
    TechnicalProblems,
    /// The user is suspected of fraudulent use.
    SuspectedFraud,
    /// The user is suspected of illegal use.
    SuspectedIllegalUse,
}

/// That the member's technical contact was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactInformed {
    /// When.
    pub informed_at: Instant,
    /// How.
    pub channel: NoticeChannel,
    /// Who, where the member had named a technical contact.
    pub contact: Option<PersonId>,
    /// Minutes from the suspension: the contract says "without delay", without a number.
    pub delay_minutes: u64,
}

/// A suspension of one end user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// The home organisation.
    pub member: OrganisationOid,
    /// Its integration, in whose source system the user is known.
    pub integration: IntegrationId,
    /// The user's identifier in the source system, sealed.
    pub user: Private,
    /// The services from which the user is kept; none for all.
    pub services: Option<Vec<ServiceId>>,
    /// The ground.
    pub ground: EndUserSuspensionGround,
    /// Why, sealed.
    pub reason: Private,
    /// When it holds.
    pub window: Window,
    /// That the member's technical contact was told.
    pub informed: Option<ContactInformed>,
    /// Why it ended, sealed.
    pub reinstated_because: Option<Private>,
}

impl Suspension {
    /// Whether it keeps the user from `service`, while it holds.
    pub fn covers(&self, service: ServiceId) -> bool {
        self.services
            .as_ref()
            .is_none_or(|services| services.contains(&service))
    }

    /// Whether it keeps its user from `service` at `now`. Who the user is, only the proxy can
    /// tell: nothing in the log lets a user be recognised.
    pub fn keeps_from(&self, service: ServiceId, now: Instant) -> bool {
        self.window.holds_at(now) && self.covers(service)
    }
}

/// Suspends an end user of a home organisation. The operator's right (contract §6 ¶8).
///
/// The identifier is sealed and nothing in the log stands for it, so a user who is suspended twice
/// has two suspensions, and each ends on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspendEndUser {
    /// The home organisation.
    pub member: OrganisationOid,
    /// Its integration, in whose source system the user is known.
    pub integration: IntegrationId,
    /// The user's identifier in the source system.
    pub user: FreeText,
    /// The services from which the user is kept, at least one; left out for all.
    #[serde(default)]
    pub services: Option<Vec<ServiceId>>,
    /// The ground.
    pub ground: EndUserSuspensionGround,
    /// Why.
    pub reason: Reason,
}

/// An end user was suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndUserSuspended {
    /// The suspension.
    pub suspension: SuspensionId,
    /// The home organisation.
    pub member: OrganisationOid,
    /// Its integration.
    pub integration: IntegrationId,
    /// The user's identifier in the source system, sealed.
    pub user: Private,
    /// The services from which the user is kept, in order; none for all.
    pub services: Option<Vec<ServiceId>>,
    /// The ground.
    pub ground: EndUserSuspensionGround,
    /// Why, sealed.
    pub reason: Private,
    /// From when it holds.
    pub suspended_from: Instant,
}

impl Decide for SuspendEndUser {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if !is_home_integration_of(network, self.integration, &self.member) {
            return Err(Rejection::unknown(
                "integration of this home organisation",
                "integration",
            ));
        }
        let services = self.services.clone().map(|mut services| {
            services.sort_unstable();
            services.dedup();
            services
        });
        let named = services.as_ref().map(Vec::len);
        if named.is_some_and(|named| named == 0 || named > SERVICES_MAX) {
            return Err(Rejection::new(
                "SERVICES_INVALID",
                "a suspension names one to 500 services, or is for all of them",
            )
            .field("services")
            .remedy("name the services, or leave them out for all"));
        }
        let unknown = |service: &&ServiceId| network.services.get(**service).is_none();
        if services.iter().flatten().any(|service| unknown(&service)) {
            return Err(Rejection::unknown("service", "services"));
        }
        let suspension = SuspensionId(context.new_id("suspension"));
        Ok(vec![
            EndUserSuspended {
                suspension,
                member: self.member.clone(),
                integration: self.integration,
                user: Private::given(KeySubject::new(suspension, Category::EndUser), &self.user),
                services,
                ground: self.ground,
                reason: Private::given(KeySubject::new(suspension, Category::Text), &self.reason),
                suspended_from: context.now,
            }
            .into(),
        ])
    }
}

impl Evolve for EndUserSuspended {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.suspensions.insert(
            self.suspension,
            Suspension {
                member: self.member.clone(),
                integration: self.integration,
                user: self.user.clone(),
                services: self.services.clone(),
                ground: self.ground,
                reason: self.reason.clone(),
                window: Window::open_from(self.suspended_from),
                informed: None,
                reinstated_because: None,
            },
        );
    }
}

fn suspension_row(network: &Network, id: SuspensionId) -> Result<&Suspension, Rejection> {
    network
        .operations
        .suspensions
        .get(&id)
        .ok_or_else(|| Rejection::unknown("suspension", "suspension"))
}

/// Records that the member's technical contact was told of a suspension, as the operator must
/// without delay (contract §6 ¶8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InformTechnicalContact {
    /// The suspension.
    pub suspension: SuspensionId,
    /// When the contact was told, not before the suspension.
    pub informed_at: Instant,
    /// How.
    pub channel: NoticeChannel,
}

/// The member's technical contact was told of a suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TechnicalContactInformed {
    /// The suspension.
    pub suspension: SuspensionId,
    /// When.
    pub informed_at: Instant,
    /// How.
    pub channel: NoticeChannel,
    /// Who, where the member had named a technical contact.
    pub contact: Option<PersonId>,
    /// Minutes from the suspension, rounded down.
    pub delay_minutes: u64,
}

impl Decide for InformTechnicalContact {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let suspension = suspension_row(network, self.suspension)?;
        if suspension.informed.is_some() {
            return Err(nothing_to_change(
                "the contact was told already",
                "suspension",
            ));
        }
        already_happened(context, self.informed_at, "informedAt")?;
        let delay_minutes = minutes_between(suspension.window.from, self.informed_at)
            .ok_or_else(|| too_early("the suspension came later", "informedAt"))?;
        Ok(vec![
            TechnicalContactInformed {
                suspension: self.suspension,
                informed_at: self.informed_at,
                channel: self.channel,
                contact: technical_contact(network, &suspension.member),
                delay_minutes,
            }
            .into(),
        ])
    }
}

impl Evolve for TechnicalContactInformed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .operations
            .suspensions
            .change(&self.suspension, |suspension| {
                suspension.informed = Some(ContactInformed {
                    informed_at: self.informed_at,
                    channel: self.channel,
                    contact: self.contact,
                    delay_minutes: self.delay_minutes,
                });
            });
    }
}

/// Reinstates a suspended end user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReinstateEndUser {
    /// The suspension.
    pub suspension: SuspensionId,
    /// Why.
    pub reason: Reason,
}

/// An end user was reinstated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndUserReinstated {
    /// The suspension.
    pub suspension: SuspensionId,
    /// From when it no longer holds.
    pub suspended_until: Instant,
    /// Why, sealed.
    pub reason: Private,
}

impl Decide for ReinstateEndUser {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if suspension_row(network, self.suspension)?
            .window
            .until
            .is_some()
        {
            return Err(nothing_to_change("the suspension is over", "suspension"));
        }
        let key = KeySubject::new(self.suspension, Category::Text);
        Ok(vec![
            EndUserReinstated {
                suspension: self.suspension,
                suspended_until: context.now,
                reason: Private::given(key, &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for EndUserReinstated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .operations
            .suspensions
            .change(&self.suspension, |suspension| {
                suspension.window.close_at(self.suspended_until);
                suspension.reinstated_because = Some(self.reason.clone());
            });
    }
}
