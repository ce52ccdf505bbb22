//! Confidential values of the routing table: by reference, as ciphertext, or as a hash.

use super::table::RoutingTable;
use super::{RoutingDelta, RoutingUpdate};
use domain::{Environment, IntegrationId, SealedSlot};
use ledger::sealed_box::{self, BoxPrivateKey, BoxPublicKey, SealedBoxError};
use ledger::{Hash, Random, keyed_digest};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A secret that the proxy must use.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Secret {
    /// None is set: whatever needs it does not route.
    Missing,
    /// It lies sealed in the log. Stands in folded tables, never in what a node receives.
    Recorded(SealedSlot),
    /// Encrypted to one node's enrolled key: a sealed box in hexadecimal.
    ForNode(String),
}

/// Whose a secret is. It is part of what a sealed box is bound to, so that one integration's
/// secret cannot be passed off as another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretOwner<'a> {
    /// An integration's secret.
    Integration(IntegrationId),
    /// The private part of this key of the environment.
    Key(&'a str),
}

impl SecretOwner<'_> {
    fn context(self, environment: Environment) -> Vec<u8> {
        match self {
            Self::Integration(id) => format!("routing secret/{environment}/integration/{id}"),
            Self::Key(key_id) => format!("routing secret/{environment}/key/{key_id}"),
        }
        .into_bytes()
    }
}

/// Why a secret of the table could not be opened at a node. The row that needs it does not route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// None is set.
    #[error("no secret is set")]
    Missing,
    /// It was not encrypted to a node, or not in a readable form.
    #[error("the secret is not in the form that a node receives")]
    Form,
    /// It does not open with this node's key.
    #[error("the secret does not open with this node's key")]
    Opening(#[source] SealedBoxError),
}

impl Secret {
    /// Encrypts `plaintext` to a node.
    pub fn for_node(
        random: &dyn Random,
        node: &BoxPublicKey,
        environment: Environment,
        owner: SecretOwner<'_>,
        plaintext: &[u8],
    ) -> Result<Self, SealedBoxError> {
        let sealed = sealed_box::seal(random, node, &owner.context(environment), plaintext)?;
        Ok(Self::ForNode(hex::encode(sealed)))
    }

    /// Opens the secret at the node that it was encrypted to.
    pub fn open(
        &self,
        node: &BoxPrivateKey,
        environment: Environment,
        owner: SecretOwner<'_>,
    ) -> Result<impl std::ops::Deref<Target = Vec<u8>> + use<>, SecretError> {
        let sealed = match self {
            Self::ForNode(sealed) => hex::decode(sealed).map_err(|_| SecretError::Form)?,
            Self::Missing => return Err(SecretError::Missing),
            Self::Recorded(_) => return Err(SecretError::Form),
        };
        sealed_box::open(node, &owner.context(environment), &sealed).map_err(SecretError::Opening)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Secret::Missing",
            Self::Recorded(_) => "Secret::Recorded(..)",
            Self::ForNode(_) => "Secret::ForNode(..)",
        })
    }
}

/// A suspended user, unreadable.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UserMark {
    /// The identifier lies sealed in the log. Stands in folded tables, never at a node.
    Recorded(SealedSlot),
    /// The digest that [`UserMark::digest`] gives, keyed with the environment's pairwise key.
    Digest(Hash),
    /// The key is gone: the user was erased, and nobody is suspended by this row any more.
    Erased,
}

impl UserMark {
    /// The digest under which a user of `organisation` is known to a node. `key` is the text of
    /// the environment's pairwise key as it was recorded, so that the table itself tells nobody
    /// who is suspended.
    pub fn digest(key: &[u8], organisation: &str, source_user: &str) -> Hash {
        let mut data = Vec::with_capacity(organisation.len() + 1 + source_user.len());
        data.extend_from_slice(organisation.as_bytes());
        data.push(0);
        data.extend_from_slice(source_user.as_bytes());
        keyed_digest(key, "suspended user", &data)
    }
}

impl fmt::Debug for UserMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserMark(..)")
    }
}

/// The salted hash of a service's client secret: `s256.<salt>.<digest>`, both in hexadecimal.
///
/// Client secrets are long and random, so one keyed digest is enough: nothing is there to guess.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl SecretHash {
    const PURPOSE: &str = "client secret";

    /// The hash of `secret` under a salt of 16 random bytes.
    pub fn of(secret: &str, salt: [u8; 16]) -> Self {
        let digest = keyed_digest(&salt, Self::PURPOSE, secret.as_bytes());
        let salt = u128::from_be_bytes(salt);
        Self(format!("s256.{salt:032x}.{digest}"))
    }

    /// A hash as it stands in the log.
    pub fn recorded(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text that stands in the log.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `secret` is the one that was hashed. A hash of unknown form matches nothing.
    pub fn matches(&self, secret: &str) -> bool {
        let mut parts = self.0.split('.');
        let (Some("s256"), Some(salt), Some(digest), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let (true, Ok(salt), Some(recorded)) = (
            salt.len() == 32,
            u128::from_str_radix(salt, 16),
            Hash::parse(digest),
        ) else {
            return false;
        };
        let given = keyed_digest(&salt.to_be_bytes(), Self::PURPOSE, secret.as_bytes());
        // Every byte is looked at, so that the time taken says nothing about the first that differs.
        let differing = given
            .0
            .iter()
            .zip(recorded.0)
            .fold(0, |sum, (a, b)| sum | (a ^ b));
        std::hint::black_box(differing) == 0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// Opens what a folded table names by reference, for one node.
///
/// Implemented where the vault is at hand; the fold and the node know nothing of it.
pub trait Confidential: Send + Sync {
    /// The secret in `slot`, encrypted to the node by [`Secret::for_node`]; [`Secret::Missing`]
    /// where it cannot be opened: whatever needs it then does not route.
    fn secret(&self, slot: SealedSlot, owner: SecretOwner<'_>) -> Secret;

    /// The digest ([`UserMark::digest`]) of the user in `slot`, of this organisation; `None` where
    /// the user was erased.
    fn user(&self, slot: SealedSlot, organisation: &str) -> Option<Hash>;
}

impl RoutingTable {
    /// This table as one node receives it.
    pub fn for_node(&self, confidential: &dyn Confidential) -> Self {
        let mut table = self.clone();
        for row in self.homes.iter() {
            if let Some(row) = home_for_node(row, confidential) {
                table.put_shared_home(row);
            }
        }
        for row in self.keys.iter() {
            if let Some(row) = key_for_node(row, confidential) {
                table.keys.put(row);
            }
        }
        for row in self.suspensions.iter() {
            if let Some(row) = suspension_for_node(row, confidential) {
                table.suspensions.put(row);
            }
        }
        table
    }
}

impl RoutingDelta {
    /// This change as one node receives it.
    pub fn for_node(mut self, confidential: &dyn Confidential) -> Self {
        let Self {
            homes,
            keys,
            suspensions,
            ..
        } = &mut self;
        for row in &mut homes.changed {
            *row = home_for_node(row, confidential).unwrap_or_else(|| Arc::clone(row));
        }
        for row in &mut keys.changed {
            *row = key_for_node(row, confidential).unwrap_or_else(|| Arc::clone(row));
        }
        for row in &mut suspensions.changed {
            *row = suspension_for_node(row, confidential).unwrap_or_else(|| Arc::clone(row));
        }
        self
    }
}

impl RoutingUpdate {
    /// This update as one node receives it.
    pub fn for_node(self, confidential: &dyn Confidential) -> Self {
        match self {
            Self::Snapshot(table) => Self::Snapshot(Arc::new(table.for_node(confidential))),
            Self::Delta(delta) => {
                Self::Delta(Arc::new(Arc::unwrap_or_clone(delta).for_node(confidential)))
            }
            Self::Heartbeat { position } => Self::Heartbeat { position },
        }
    }
}

fn opened(
    secret: &Secret,
    owner: SecretOwner<'_>,
    confidential: &dyn Confidential,
) -> Option<Secret> {
    let Secret::Recorded(slot) = secret else {
        return None;
    };
    Some(confidential.secret(*slot, owner))
}

fn home_for_node(
    row: &Arc<super::HomeIntegration>,
    confidential: &dyn Confidential,
) -> Option<Arc<super::HomeIntegration>> {
    let owner = SecretOwner::Integration(row.integration);
    let mut new = row.as_ref().clone();
    let graph = new.graph.as_mut().map(|graph| &mut graph.client_key);
    let mut any = false;
    for secret in new.upstream.secret_mut().into_iter().chain(graph) {
        if let Some(sealed) = opened(secret, owner, confidential) {
            *secret = sealed;
            any = true;
        }
    }
    any.then(|| Arc::new(new))
}

fn key_for_node(
    row: &Arc<super::EnvironmentKey>,
    confidential: &dyn Confidential,
) -> Option<Arc<super::EnvironmentKey>> {
    let private_key = opened(
        &row.private_key,
        SecretOwner::Key(&row.key_id),
        confidential,
    )?;
    Some(Arc::new(super::EnvironmentKey {
        private_key,
        ..row.as_ref().clone()
    }))
}

fn suspension_for_node(
    row: &Arc<super::Suspension>,
    confidential: &dyn Confidential,
) -> Option<Arc<super::Suspension>> {
    let UserMark::Recorded(slot) = row.user else {
        return None;
    };
    let digest = confidential.user(slot, row.organisation.as_str());
    let user = digest.map_or(UserMark::Erased, UserMark::Digest);
    Some(Arc::new(super::Suspension {
        user,
        ..row.as_ref().clone()
    }))
}
