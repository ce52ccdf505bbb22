//! Permissions to use sub-processors, of both kinds: a home organisation permits a service
//! provider, generally or for one (membership contract §5, provider's fourth duty); a controller
//! permits the operator, in writing (§6 ¶9, second duty).

use super::{Operations, controller, too_early};
use crate::agreement::not_in_future;
use crate::time::{Date, Instant, Window};
use crate::value::{BusinessId, DocumentReference, OrganisationOid, ShortText};
use crate::{
    BelongsTo, Context, Decide, Decision, Evolve, MemberRole, Network, PermitId, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sub-processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subprocessor {
    /// Its name.
    pub name: ShortText,
    /// Its business ID, where it has one.
    #[serde(default)]
    pub business_id: Option<BusinessId>,
    /// What it does with the data.
    pub task: ShortText,
}

/// Permission for a service provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderPermission {
    /// The service provider.
    pub provider: OrganisationOid,
    /// The permission, as a document.
    #[serde(default)]
    pub document: Option<DocumentReference>,
}

/// Permission for the operator, which is always in writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperatorPermission {
    /// The permission, as a document.
    pub document: DocumentReference,
}

/// Who is permitted to use a sub-processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PermittedProcessor {
    /// A service provider.
    Provider(ProviderPermission),
    /// The operator.
    Operator(OperatorPermission),
}

/// A permission to use a sub-processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubprocessorPermit {
    /// The home organisation, controller of the data.
    pub member: OrganisationOid,
    /// Who is permitted.
    pub processor: PermittedProcessor,
    /// The sub-processor of a specific permission; none for a general one.
    pub subprocessor: Option<Subprocessor>,
    /// The day on which it was given.
    pub permitted_on: Date,
    /// The last day on which it holds, where it was revoked.
    pub last_day: Option<Date>,
    /// When it holds.
    pub window: Window,
}

impl BelongsTo for PermitId {
    fn organisation(&self, network: &Network) -> Option<OrganisationOid> {
        let permit = network.operations.permits.get(self)?;
        Some(permit.member.clone())
    }
}

impl Operations {
    /// The permissions of `member`, the controller, that hold at `now`.
    pub fn permits_of(
        &self,
        member: &OrganisationOid,
        now: Instant,
    ) -> impl Iterator<Item = (&PermitId, &SubprocessorPermit)> {
        self.permits
            .iter()
            .filter(move |(_, permit)| permit.member == *member && permit.window.holds_at(now))
    }
}

/// Permits a service provider or the operator to use a sub-processor, or sub-processors in
/// general, for the data of one home organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermitSubprocessor {
    /// The home organisation, controller of the data.
    pub member: OrganisationOid,
    /// Who is permitted.
    pub processor: PermittedProcessor,
    /// The sub-processor, for a specific permission; left out for a general one.
    #[serde(default)]
    pub subprocessor: Option<Subprocessor>,
    /// The day on which it was given.
    pub permitted_on: Date,
}

/// A controller permitted the use of a sub-processor, or of sub-processors in general.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubprocessorPermitted {
    /// The permission.
    pub permit: PermitId,
    /// The home organisation, controller of the data.
    pub member: OrganisationOid,
    /// Who is permitted.
    pub processor: PermittedProcessor,
    /// The sub-processor of a specific permission; none for a general one.
    pub subprocessor: Option<Subprocessor>,
    /// The day on which it was given.
    pub permitted_on: Date,
    /// 00:00 of that day in the network's zone.
    pub holds_from: Instant,
}

impl Decide for PermitSubprocessor {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        not_in_future(network, context, self.permitted_on, "permittedOn")?;
        let processor = |processor: &PermittedProcessor| match processor {
            PermittedProcessor::Provider(permission) => Some(permission.provider.clone()),
            PermittedProcessor::Operator(_) => None,
        };
        let wanted = processor(&self.processor);
        if wanted.as_ref() == Some(&self.member) {
            return Err(
                Rejection::new("PROCESSOR_INVALID", "a controller does not permit itself")
                    .field("processor.provider.provider")
                    .remedy("name the service provider that processes the data for it")
                    .rule("membership contract §5"),
            );
        }
        controller(network, &self.member, context.now, "member")?;
        let provides = |provider: &OrganisationOid| {
            let row = network.members.get(provider);
            row.is_some_and(|row| row.has_role(MemberRole::ServiceProvider, context.now))
        };
        if !wanted.as_ref().is_none_or(provides) {
            return Err(Rejection::new(
                "NOT_A_SERVICE_PROVIDER",
                "the organisation that is permitted is not a service provider of this network",
            )
            .field("processor.provider.provider")
            .remedy("name a member with the role of a service provider")
            .rule("membership contract §5, service provider, fourth point"));
        }
        let standing = network
            .operations
            .permits_of(&self.member, context.now)
            .any(|(_, permit)| {
                processor(&permit.processor) == wanted && permit.subprocessor == self.subprocessor
            });
        if standing {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this permission holds already")
                    .field("subprocessor")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            SubprocessorPermitted {
                permit: PermitId(context.new_id("permit")),
                member: self.member.clone(),
                processor: self.processor.clone(),
                subprocessor: self.subprocessor.clone(),
                permitted_on: self.permitted_on,
                holds_from: network.zone().start_of(self.permitted_on),
            }
            .into(),
        ])
    }
}

impl Evolve for SubprocessorPermitted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.permits.insert(
            self.permit,
            SubprocessorPermit {
                member: self.member.clone(),
                processor: self.processor.clone(),
                subprocessor: self.subprocessor.clone(),
                permitted_on: self.permitted_on,
                last_day: None,
                window: Window::open_from(self.holds_from),
            },
        );
    }
}

/// Revokes a permission to use sub-processors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevokeSubprocessor {
    /// The permission.
    pub permit: PermitId,
    /// The last day on which it holds; today or later, for what was permitted was permitted.
    pub last_day: Date,
}

/// A permission to use sub-processors was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubprocessorRevoked {
    /// The permission.
    pub permit: PermitId,
    /// The last day on which it holds.
    pub last_day: Date,
    /// 24:00 of that day in the network's zone.
    pub holds_until: Instant,
}

impl Decide for RevokeSubprocessor {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let permit = network
            .operations
            .permits
            .get(&self.permit)
            .ok_or_else(|| Rejection::unknown("permission", "permit"))?;
        if permit
            .last_day
            .is_some_and(|last_day| last_day <= self.last_day)
        {
            return Err(super::nothing_to_change(
                "the permission is revoked already",
                "permit",
            ));
        }
        if self.last_day < network.date(context.now) {
            return Err(
                too_early("a permission is not revoked for the past", "lastDay")
                    .remedy("give today or a later day")
                    .rule("our decision"),
            );
        }
        crate::agreement::not_too_far(network, context, self.last_day, "lastDay")?;
        Ok(vec![
            SubprocessorRevoked {
                permit: self.permit,
                last_day: self.last_day,
                holds_until: network.zone().end_of(self.last_day),
            }
            .into(),
        ])
    }
}

impl Evolve for SubprocessorRevoked {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.permits.change(&self.permit, |permit| {
            permit.last_day = Some(self.last_day);
            permit.window.close_at(self.holds_until);
        });
    }
}
