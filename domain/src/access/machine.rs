//! Machines: credentials, proxy nodes, and the keys of each environment.

use super::{EnvironmentKey, KeyPurpose, KeyState, MachineCredential, Node};
use crate::time::Instant;
use crate::value::{FreeText, OrganisationOid, ShortText};
use crate::{
    Category, Context, CredentialId, Decide, Decision, Environment, Evolve, KeySubject, Network,
    NodeId, Private, Rejection, Right,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Issues a credential to a machine. Whoever issues it makes the secret, shows it once and gives
/// only its hash here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueMachineCredential {
    /// What it is for, in words.
    pub label: ShortText,
    /// The right it carries.
    pub right: Right,
    /// For which organisation; needed for organisation rights.
    #[serde(default)]
    pub organisation: Option<OrganisationOid>,
    /// For which environment; needed for the right PROVISIONING.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// The salted hash of its secret.
    pub secret_hash: ShortText,
}

/// A credential was issued to a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MachineCredentialIssued {
    /// The credential.
    pub credential: CredentialId,
    /// What it is for, in words.
    pub label: ShortText,
    /// The right it carries.
    pub right: Right,
    /// For which organisation; none for the whole network.
    pub organisation: Option<OrganisationOid>,
    /// For which environment; none for all.
    pub environment: Option<Environment>,
    /// The salted hash of its secret.
    pub secret_hash: ShortText,
}

impl Decide for IssueMachineCredential {
    fn decide(&self, _: &Network, context: &Context<'_>) -> Decision {
        let organisation_fits = match self.right {
            Right::Auditor => true,
            right => right.is_for_one_organisation() == self.organisation.is_some(),
        };
        if matches!(
            self.right,
            Right::Clerk | Right::Proxy | Right::SteeringMember
        ) || !organisation_fits
        {
            return Err(Rejection::new(
                "RIGHT_NOT_GRANTABLE",
                "a machine cannot hold this right in this way",
            )
            .field("right")
            .remedy("a proxy node is enrolled; organisation rights need their organisation"));
        }
        if (self.right == Right::Provisioning) != self.environment.is_some() {
            return Err(Rejection::new(
                "ENVIRONMENT_MISSING",
                "only the right PROVISIONING holds for an environment, and always for one",
            )
            .field("environment")
            .remedy("name the environment for PROVISIONING and leave it out otherwise"));
        }
        Ok(vec![
            MachineCredentialIssued {
                credential: CredentialId(context.new_id("credential")),
                label: self.label.clone(),
                right: self.right,
                organisation: self.organisation.clone(),
                environment: self.environment,
                secret_hash: self.secret_hash.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for MachineCredentialIssued {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.access.credentials.insert(
            self.credential,
            MachineCredential {
                label: self.label.clone(),
                right: self.right,
                organisation: self.organisation.clone(),
                environment: self.environment,
                secret_hash: self.secret_hash.as_str().to_owned(),
                revoked_at: None,
            },
        );
    }
}

/// Revokes a machine's credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevokeMachineCredential {
    /// The credential.
    pub credential: CredentialId,
}

/// A machine's credential was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineCredentialRevoked {
    /// The credential.
    pub credential: CredentialId,
}

impl Decide for RevokeMachineCredential {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let standing = network.access.credentials.get(&self.credential);
        if standing.is_none_or(|credential| credential.revoked_at.is_some()) {
            return Err(Rejection::unknown("standing credential", "credential"));
        }
        Ok(vec![
            MachineCredentialRevoked {
                credential: self.credential,
            }
            .into(),
        ])
    }
}

impl Evolve for MachineCredentialRevoked {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .access
            .credentials
            .change(&self.credential, |c| c.revoked_at = Some(at));
    }
}

/// Enrols a proxy node: the feed of its environments opens to it, with their secrets encrypted to
/// its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnrolNode {
    /// Its name; no other node in service has it.
    pub name: ShortText,
    /// The environments it serves.
    pub environments: Vec<Environment>,
    /// Its X25519 public key, 32 bytes in base64.
    pub public_key: ShortText,
    /// The salted hash of its credential's secret.
    pub secret_hash: ShortText,
}

/// A proxy node was enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeEnrolled {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: ShortText,
    /// The environments it serves.
    pub environments: Vec<Environment>,
    /// Its public key, in base64.
    pub public_key: ShortText,
    /// The salted hash of its credential's secret.
    pub secret_hash: ShortText,
}

impl Decide for EnrolNode {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD.decode(self.public_key.as_str());
        if key.map_or(true, |bytes| bytes.len() != 32) {
            return Err(
                Rejection::new("KEY_INVALID", "the key is no X25519 public key")
                    .field("publicKey")
                    .remedy("give 32 bytes in base64, as `trustnet proxy` prints them"),
            );
        }
        let mut environments = self.environments.clone();
        environments.sort_unstable();
        environments.dedup();
        if environments.is_empty() {
            return Err(
                Rejection::new("ENVIRONMENT_MISSING", "the node would serve nothing")
                    .field("environments")
                    .remedy("name at least one environment"),
            );
        }
        let mut in_service = network
            .access
            .nodes
            .values()
            .filter(|n| n.expelled_at.is_none());
        if in_service.any(|node| node.name == self.name) {
            return Err(
                Rejection::new("NAME_TAKEN", "a node in service has this name")
                    .field("name")
                    .remedy("expel that node first, or choose another name"),
            );
        }
        Ok(vec![
            NodeEnrolled {
                node: NodeId(context.new_id("node")),
                name: self.name.clone(),
                environments,
                public_key: self.public_key.clone(),
                secret_hash: self.secret_hash.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for NodeEnrolled {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.access.nodes.insert(
            self.node,
            Node {
                name: self.name.clone(),
                environments: self.environments.clone(),
                public_key: self.public_key.as_str().to_owned(),
                secret_hash: self.secret_hash.as_str().to_owned(),
                expelled_at: None,
            },
        );
    }
}

/// Expels a proxy node: its feed ends, and the secrets it knew should be rotated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpelNode {
    /// The node.
    pub node: NodeId,
}

/// A proxy node was expelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeExpelled {
    /// The node.
    pub node: NodeId,
}

impl Decide for ExpelNode {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        if network
            .access
            .nodes
            .get(&self.node)
            .is_none_or(|node| node.expelled_at.is_some())
        {
            return Err(Rejection::unknown("node in service", "node"));
        }
        Ok(vec![NodeExpelled { node: self.node }.into()])
    }
}

impl Evolve for NodeExpelled {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .access
            .nodes
            .change(&self.node, |node| node.expelled_at = Some(at));
    }
}

/// Publishes a key of an environment ahead of its use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishSigningKey {
    /// The environment.
    pub environment: Environment,
    /// The key's identifier, which tokens carry.
    pub key_id: ShortText,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its algorithm, such as `RS256`.
    pub algorithm: ShortText,
    /// Its public half as a JSON Web Key; left out for symmetric keys.
    #[serde(default)]
    pub public_key: Option<FreeText>,
    /// Its private half or secret, in base64.
    pub private_key: FreeText,
}

/// A key of an environment was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKeyPublished {
    /// The environment.
    pub environment: Environment,
    /// The key's identifier.
    pub key_id: ShortText,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its algorithm.
    pub algorithm: ShortText,
    /// Its public half as a JSON Web Key.
    pub public_key: Option<FreeText>,
    /// Its private half or secret, sealed under the environment's key.
    pub private_key: Private,
}

impl Decide for PublishSigningKey {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        if network
            .access
            .keys
            .contains(&(self.environment, self.key_id.as_str().to_owned()))
        {
            return Err(
                Rejection::new("NAME_TAKEN", "the environment has a key of this name")
                    .field("keyId")
                    .remedy("choose another key identifier; they are never used twice"),
            );
        }
        let symmetric = matches!(self.purpose, KeyPurpose::Cookie | KeyPurpose::Pairwise);
        if symmetric == self.public_key.is_some() {
            return Err(Rejection::new(
                "KEY_INVALID",
                "the key's public half does not fit its use",
            )
            .field("publicKey")
            .remedy("signing and encryption keys have a public half, the others have none"));
        }
        let subject = KeySubject {
            subject: format!("environment:{}", self.environment),
            category: Category::Secret,
        };
        Ok(vec![
            SigningKeyPublished {
                environment: self.environment,
                key_id: self.key_id.clone(),
                purpose: self.purpose,
                algorithm: self.algorithm.clone(),
                public_key: self.public_key.clone(),
                private_key: Private::given(subject, &self.private_key),
            }
            .into(),
        ])
    }
}

impl Evolve for SigningKeyPublished {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.access.keys.insert(
            (self.environment, self.key_id.as_str().to_owned()),
            EnvironmentKey {
                purpose: self.purpose,
                algorithm: self.algorithm.clone(),
                public_key: self.public_key.clone(),
                private_key: self.private_key.clone(),
                state: KeyState::Published,
            },
        );
    }
}

/// Puts a published key into use; the one in use before begins to retire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActivateSigningKey {
    /// The environment.
    pub environment: Environment,
    /// The key.
    pub key_id: ShortText,
}

/// A key was put into use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKeyActivated {
    /// The environment.
    pub environment: Environment,
    /// The key.
    pub key_id: ShortText,
}

/// The key under this name, in the state that the step needs.
fn key_in(
    network: &Network,
    environment: Environment,
    key_id: &ShortText,
    states: &[KeyState],
) -> Result<(), Rejection> {
    let key = network
        .access
        .keys
        .get(&(environment, key_id.as_str().to_owned()))
        .ok_or_else(|| Rejection::unknown("key of this environment", "keyId"))?;
    if states.contains(&key.state) {
        return Ok(());
    }
    Err(Rejection::new(
        "KEY_STATE",
        format!("the key is {:?} and cannot take this step", key.state),
    )
    .field("keyId")
    .remedy("a key is published, then activated, then retiring, then retired"))
}

impl Decide for ActivateSigningKey {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        key_in(
            network,
            self.environment,
            &self.key_id,
            &[KeyState::Published],
        )?;
        let Self {
            environment,
            key_id,
        } = self.clone();
        Ok(vec![
            SigningKeyActivated {
                environment,
                key_id,
            }
            .into(),
        ])
    }
}

impl Evolve for SigningKeyActivated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let activated = (self.environment, self.key_id.as_str().to_owned());
        let keys = &mut network.access.keys;
        let Some((purpose, algorithm)) = keys
            .get(&activated)
            .map(|key| (key.purpose, key.algorithm.clone()))
        else {
            return;
        };
        // Keys of different algorithms are in use side by side; each replaces only its like.
        let replaced: Vec<_> = keys
            .iter()
            .filter(|((environment, _), key)| {
                *environment == self.environment
                    && key.purpose == purpose
                    && key.algorithm == algorithm
                    && key.state == KeyState::Active
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in replaced {
            keys.change(&name, |key| key.state = KeyState::Retiring);
        }
        keys.change(&activated, |key| key.state = KeyState::Active);
    }
}

/// Retires a key that is no longer in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetireSigningKey {
    /// The environment.
    pub environment: Environment,
    /// The key.
    pub key_id: ShortText,
}

/// A key was retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKeyRetired {
    /// The environment.
    pub environment: Environment,
    /// The key.
    pub key_id: ShortText,
}

impl Decide for RetireSigningKey {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let unused = [KeyState::Published, KeyState::Retiring];
        key_in(network, self.environment, &self.key_id, &unused)?;
        let Self {
            environment,
            key_id,
        } = self.clone();
        Ok(vec![
            SigningKeyRetired {
                environment,
                key_id,
            }
            .into(),
        ])
    }
}

impl Evolve for SigningKeyRetired {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let name = (self.environment, self.key_id.as_str().to_owned());
        network
            .access
            .keys
            .change(&name, |key| key.state = KeyState::Retired);
    }
}

#[cfg(test)]
mod tests;
