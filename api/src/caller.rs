//! Who calls, and what they may do.

use domain::value::OrganisationOid;
use domain::{Actor, CredentialId, Environment, Means, Network, NodeId, PersonId, Right, Rights};

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that is known.
    Anonymous,
    /// A person who signed in.
    Person {
        /// The person.
        person: PersonId,
        /// The organisation rights that the sign-in issuer named.
        claims: Vec<(Right, OrganisationOid)>,
    },
    /// A machine with a credential.
    Machine {
        /// The credential.
        credential: CredentialId,
    },
    /// A proxy node.
    Node {
        /// The node.
        node: NodeId,
    },
    /// Somebody at the machine where the ledger lies.
    Console {
        /// The person.
        person: PersonId,
        /// The rights given to the console.
        rights: Vec<(Right, Option<OrganisationOid>)>,
    },
}

impl Caller {
    /// Who acts, as the log names them; none where nobody is known.
    pub fn actor(&self) -> Option<Actor> {
        let (person, means) = match self {
            Self::Anonymous => return None,
            Self::Person { person, .. } => (*person, Means::SignIn),
            Self::Machine { credential } => (PersonId(credential.0), Means::MachineCredential),
            Self::Node { node } => (PersonId(node.0), Means::MachineCredential),
            Self::Console { person, .. } => (*person, Means::Console),
        };
        Some(Actor {
            person,
            means,
            on_behalf_of: None,
        })
    }

    /// What they may do by the network as it stands; read anew at each request.
    pub fn rights(&self, network: &Network) -> Rights {
        match self {
            Self::Anonymous => Rights::default(),
            Self::Person { person, claims } => network
                .access
                .rights_of(*person)
                .chain(claims.iter().map(|(right, of)| (*right, Some(of.clone()))))
                .collect(),
            Self::Machine { credential } => network
                .access
                .credentials
                .get(credential)
                .filter(|credential| credential.revoked_at.is_none())
                .map(|credential| (credential.right, credential.organisation.clone()))
                .into_iter()
                .collect(),
            Self::Node { .. } => self
                .environments(network)
                .first()
                .map(|_| (Right::Proxy, None))
                .into_iter()
                .collect(),
            Self::Console { rights, .. } => rights.iter().cloned().collect(),
        }
    }

    /// The environments that a machine is for; none for people.
    pub fn environments(&self, network: &Network) -> Vec<Environment> {
        match self {
            Self::Node { node } => network
                .access
                .nodes
                .get(node)
                .filter(|node| node.expelled_at.is_none())
                .map(|node| node.environments.clone())
                .unwrap_or_default(),
            Self::Machine { credential } => network
                .access
                .credentials
                .get(credential)
                .filter(|credential| credential.revoked_at.is_none())
                .and_then(|credential| credential.environment)
                .into_iter()
                .collect(),
            Self::Anonymous | Self::Person { .. } | Self::Console { .. } => Vec::new(),
        }
    }
}

/// A right's name in the API, such as `SERVICE_MANAGER`.
pub(crate) fn right_name(right: Right) -> String {
    match serde_json::to_value(right) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
