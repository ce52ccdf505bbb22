//! Who acts, by what means they were identified, and what a command asks of them.

use crate::value::OrganisationOid;
use crate::{Network, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the actor was identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Means {
    /// A person, by the sign-in issuer that the ledger names.
    SignIn,
    /// A machine, by an issued credential.
    MachineCredential,
    /// A person at the machine where the ledger lies.
    Console,
    /// The clerk, which records what time brings about.
    Clerk,
}

/// Who acts. The person is a pseudonymous reference; nothing here identifies them by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// The person or machine.
    pub person: PersonId,
    /// How they were identified.
    pub means: Means,
    /// The organisation for which they act, where it is not their own right.
    pub on_behalf_of: Option<OrganisationOid>,
}

/// What someone may do. Organisation rights hold for one organisation, the others for the network.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Right {
    /// Sees an organisation's integrations, membership and obligations.
    Viewer,
    /// Manages an organisation's membership and all its integrations.
    Manager,
    /// Sees an organisation's service integrations.
    ServiceViewer,
    /// Manages an organisation's service integrations only.
    ServiceManager,
    /// Acts for an organisation that is not yet a member: test integrations, own application.
    Applicant,
    /// The operator's own people.
    Operator,
    /// The owner, who convenes the steering group.
    Owner,
    /// A member of the steering group.
    SteeringMember,
    /// Reads everything of the whole network, or of one organisation.
    Auditor,
    /// A proxy node, for one environment.
    Proxy,
    /// The provisioning interface.
    Provisioning,
    /// Whatever records what time brings about; held by no person.
    Clerk,
}

impl Right {
    /// Whether the right is held for one organisation.
    pub fn is_for_one_organisation(self) -> bool {
        matches!(
            self,
            Self::Viewer
                | Self::Manager
                | Self::ServiceViewer
                | Self::ServiceManager
                | Self::Applicant
        )
    }
}

/// One way to be allowed: a right and, for an organisation right, the organisation it must be
/// held for. `organisation` is none for a network-wide right, and also where a command names
/// something unknown, in which case an organisation right never suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The right that is needed.
    pub right: Right,
    /// For which organisation.
    pub organisation: Option<OrganisationOid>,
}

/// What belongs to an organisation, so that a right for that organisation covers it.
pub trait BelongsTo {
    /// The organisation, where the thing is known.
    fn organisation(&self, network: &Network) -> Option<OrganisationOid>;

    /// The organisation for which `right` must be held to cover the thing; none where that right
    /// never covers it.
    fn organisation_under(&self, right: Right, network: &Network) -> Option<OrganisationOid> {
        let _ = right;
        self.organisation(network)
    }
}

impl BelongsTo for OrganisationOid {
    fn organisation(&self, _: &Network) -> Option<OrganisationOid> {
        Some(self.clone())
    }
}

impl<T: BelongsTo> BelongsTo for Option<T> {
    fn organisation(&self, network: &Network) -> Option<OrganisationOid> {
        self.as_ref().and_then(|thing| thing.organisation(network))
    }

    fn organisation_under(&self, right: Right, network: &Network) -> Option<OrganisationOid> {
        self.as_ref()
            .and_then(|thing| thing.organisation_under(right, network))
    }
}

/// The rights someone holds, each for one organisation or, where that is none, for the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(Vec<(Right, Option<OrganisationOid>)>);

impl Rights {
    /// Adds a right. An organisation right without its organisation is never added: it would
    /// read as a right for all of them.
    pub fn add(&mut self, right: Right, organisation: Option<OrganisationOid>) {
        let wide = matches!(right, Right::Auditor) && organisation.is_none();
        if organisation.is_some() || wide || !right.is_for_one_organisation() {
            self.0.push((right, organisation));
        }
    }

    /// Whether `right` is held for the whole network.
    pub fn holds(&self, right: Right) -> bool {
        !right.is_for_one_organisation() && self.0.contains(&(right, None))
    }

    /// Whether `right` is held for `organisation`.
    pub fn holds_for(&self, right: Right, organisation: &OrganisationOid) -> bool {
        self.0
            .iter()
            .any(|(held, of)| *held == right && of.as_ref() == Some(organisation))
    }

    /// Whether any of `ways` is held. No way, no permission.
    pub fn satisfy(&self, ways: &[Authority]) -> bool {
        ways.iter().any(|way| match &way.organisation {
            Some(organisation) => self.holds_for(way.right, organisation),
            None => self.holds(way.right),
        })
    }

    /// Every right held.
    pub fn iter(&self) -> impl Iterator<Item = (Right, Option<&OrganisationOid>)> {
        self.0
            .iter()
            .map(|(right, organisation)| (*right, organisation.as_ref()))
    }
}

impl FromIterator<(Right, Option<OrganisationOid>)> for Rights {
    fn from_iter<I: IntoIterator<Item = (Right, Option<OrganisationOid>)>>(rights: I) -> Self {
        let mut held = Self::default();
        for (right, organisation) in rights {
            held.add(right, organisation);
        }
        held
    }
}
