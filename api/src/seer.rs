//! What a caller may see: tenant isolation, in one place.
//!
//! An organisation's people see their own organisation. What members share with each other —
//! published self-audits, the operator's contacts, the steering group — is there for the people
//! of members in force; the operator, the owner and the network's auditors see everything.

use crate::app::Backends;
use crate::caller::Caller;
use domain::time::Instant;
use domain::value::OrganisationOid;
use domain::{Network, Right, Rights};

/// The eyes of a caller, as their rights stand at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seer {
    identified: bool,
    is_member: bool,
    rights: Rights,
}

/// The rights of an organisation's own people, whom its own matters are shown to.
const OWN: [Right; 6] = [
    Right::Viewer,
    Right::Manager,
    Right::ServiceViewer,
    Right::ServiceManager,
    Right::Applicant,
    Right::Auditor,
];

impl Seer {
    /// How `caller` sees by the network as it stands at this moment. Rights are those of today,
    /// also where the question is about the past.
    pub(crate) fn today(caller: &Caller, backends: &Backends) -> Self {
        Self::of(
            caller,
            &backends.registrar.network().1,
            backends.clock.now(),
        )
    }

    /// How `caller` sees by this network at this instant.
    fn of(caller: &Caller, network: &Network, now: Instant) -> Self {
        let rights = caller.rights(network);
        let in_force = |of: &OrganisationOid| {
            let member = network.members.get(of);
            member.is_some_and(|member| member.in_force(now))
        };
        let is_member = rights.iter().any(|(right, of)| {
            right == Right::SteeringMember || OWN.contains(&right) && of.is_some_and(in_force)
        });
        Self {
            identified: *caller != Caller::Anonymous,
            is_member,
            rights,
        }
    }

    /// Eyes that see everything.
    #[cfg(test)]
    pub(crate) fn of_everybody() -> Self {
        Self {
            identified: true,
            is_member: true,
            rights: [
                Right::Operator,
                Right::Owner,
                Right::Auditor,
                Right::SteeringMember,
            ]
            .map(|right| (right, None))
            .into_iter()
            .collect(),
        }
    }

    /// Whether the caller is known.
    pub(crate) fn is_identified(&self) -> bool {
        self.identified
    }

    /// Whether one of these network-wide rights is held.
    pub(crate) fn holds_any(&self, rights: &[Right]) -> bool {
        rights.iter().any(|right| self.rights.holds(*right))
    }

    /// Whether everything is shown.
    pub(crate) fn sees_network(&self) -> bool {
        self.holds_any(&[Right::Operator, Right::Owner, Right::Auditor])
    }

    /// Whether the caller takes part in the network in any way that people do: not as a node, nor
    /// as a machine that only fetches what it deploys.
    pub(crate) fn participates(&self) -> bool {
        let machine = |right| matches!(right, Right::Proxy | Right::Clerk | Right::Provisioning);
        self.rights.iter().any(|(right, _)| !machine(right))
    }

    /// Whether what the members share with each other is shown: to the people of a member in force,
    /// to the steering group, and to those who see everything. Neither an applicant nor somebody
    /// with a right for an organisation that is no member is one.
    pub(crate) fn is_member(&self) -> bool {
        self.is_member || self.sees_network()
    }

    /// Whether an organisation's own matters are shown.
    pub(crate) fn sees(&self, organisation: &OrganisationOid) -> bool {
        self.sees_network() || self.holds_for_any(&OWN, organisation)
    }

    /// Whether an organisation's membership, contacts and home integrations are shown: to those
    /// who hold more than the rights over its services.
    pub(crate) fn sees_membership(&self, organisation: &OrganisationOid) -> bool {
        let rights = [
            Right::Viewer,
            Right::Manager,
            Right::Applicant,
            Right::Auditor,
        ];
        self.sees_network() || self.holds_for_any(&rights, organisation)
    }

    /// Whether one of these rights is held for an organisation.
    pub(crate) fn holds_for_any(&self, rights: &[Right], organisation: &OrganisationOid) -> bool {
        rights
            .iter()
            .any(|right| self.rights.holds_for(*right, organisation))
    }
}
