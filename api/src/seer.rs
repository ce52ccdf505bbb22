//! What a caller may see: tenant isolation, in one place.
//!
//! A member's people see their own organisation. Service sets and published self-audits are there
//! for every member; the operator, the owner and the network's auditors see everything.

use crate::Caller;
use domain::value::OrganisationOid;
use domain::{Network, Right, Rights};

/// The eyes of a caller, as their rights stand at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seer {
    identified: bool,
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
    /// How `caller` sees by the network as it stands now.
    pub(crate) fn of(caller: &Caller, network: &Network) -> Self {
        Self {
            identified: *caller != Caller::Anonymous,
            rights: caller.rights(network),
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

    /// Whether the caller takes part in the network in any way that people do.
    pub(crate) fn participates(&self) -> bool {
        self.rights
            .iter()
            .any(|(right, _)| !matches!(right, Right::Proxy | Right::Clerk))
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
