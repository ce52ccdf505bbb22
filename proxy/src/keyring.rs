//! The environment's keys, opened with the node's own key.
//!
//! A key that cannot be opened or does not fit its public half is left out, by name, with an
//! alarm; it never costs the table.

use crate::jose::{Algorithm, PublicKey, SigningKey};
use crate::saml::key as saml;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::value::Certificate;
use domain::{KeyPurpose, KeyState, ServiceId};
use ledger::sealed_box::BoxPrivateKey;
use ledger::{Hash, keyed_digest};
use projections::routing::{EnvironmentKey, RoutingTable, SecretOwner};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// The members of a public key; nothing else of a recorded key is ever published.
const PUBLIC_MEMBERS: [&str; 6] = ["kty", "n", "e", "crv", "x", "y"];
/// Shortest cookie key or salt that is used, in bytes.
const SYMMETRIC_LENGTH_MIN: usize = 32;

/// A key that seals cookies.
pub(crate) struct CookieKey {
    /// What stands in a cookie to name its key.
    pub(crate) mark: [u8; 4],
    pub(crate) key: Zeroizing<Vec<u8>>,
    seals: bool,
}

/// All keys of one environment that this node can use.
#[derive(Default)]
pub(crate) struct KeyRing {
    signing: Vec<SigningKey>,
    cookies: Vec<CookieKey>,
    pairwise: Option<Zeroizing<Vec<u8>>>,
    /// The pairwise key as its text was recorded: what suspended users are digested with.
    pairwise_text: Option<Zeroizing<Vec<u8>>>,
    published: Vec<Value>,
    verifying: Vec<PublicKey>,
    pub(crate) saml: SamlKeys,
}

/// The keys of SAML: the environment's RSA keys that have a certificate.
#[derive(Default)]
pub(crate) struct SamlKeys {
    /// The key in use for signatures.
    pub(crate) signing: Option<saml::SigningKey>,
    /// The certificates of every signing key that is not retired: what peers are told.
    pub(crate) certificates: Vec<Certificate>,
    /// Every key that may have been encrypted to.
    pub(crate) decryption: Vec<saml::DecryptionKey>,
    /// The certificates of the keys that may be encrypted to from now on.
    pub(crate) encryption_certificates: Vec<Certificate>,
}

impl KeyRing {
    pub(crate) fn open(table: &RoutingTable, node: &BoxPrivateKey) -> Self {
        let mut ring = Self::default();
        for key in table
            .keys()
            .iter()
            .filter(|key| key.state != KeyState::Retired)
        {
            if ring.add(table, key, node).is_none() {
                tracing::error!(
                    environment = %table.environment(),
                    key_id = key.key_id,
                    purpose = ?key.purpose,
                    "a key of the environment cannot be used and is left out"
                );
            }
        }
        ring
    }

    fn add(
        &mut self,
        table: &RoutingTable,
        key: &EnvironmentKey,
        node: &BoxPrivateKey,
    ) -> Option<()> {
        let private = || -> Option<Zeroizing<Vec<u8>>> {
            let owner = SecretOwner::Key(&key.key_id);
            let text = key
                .private_key
                .open(node, table.environment(), owner)
                .ok()?;
            STANDARD
                .decode(text.as_slice().trim_ascii())
                .ok()
                .map(Zeroizing::new)
        };
        let symmetric = || private().filter(|bytes| bytes.len() >= SYMMETRIC_LENGTH_MIN);
        match key.purpose {
            KeyPurpose::Signing => {
                let algorithm = Algorithm::from_name(&key.algorithm)?;
                let members = public_members(key.public_key.as_deref()?)?;
                if key.state == KeyState::Active {
                    let signing =
                        SigningKey::from_pkcs8(&key.key_id, algorithm, &private()?).ok()?;
                    // Whatever is signed must verify with what is published.
                    if signing.public_members() != members {
                        return None;
                    }
                    self.signing.push(signing);
                }
                let certificate = saml::certificate_of(key.public_key.as_deref()?);
                if let Some(certificate) = certificate.filter(|_| algorithm == Algorithm::Rs256) {
                    if key.state == KeyState::Active {
                        let pair = saml::SigningKey::from_pkcs8(&private()?, certificate.clone());
                        self.saml.signing = Some(pair.ok()?);
                    }
                    self.saml.certificates.push(certificate);
                }
                let mut published = Value::Object(members);
                published["kid"] = key.key_id.as_str().into();
                published["alg"] = algorithm.name().into();
                published["use"] = "sig".into();
                self.verifying.push(PublicKey::from_jwk(&published)?);
                self.published.push(published);
            }
            KeyPurpose::Cookie => {
                let mut mark = [0; 4];
                mark.copy_from_slice(&Hash::of(key.key_id.as_bytes()).0[..4]);
                let seals = key.state == KeyState::Active;
                self.cookies.push(CookieKey {
                    mark,
                    key: symmetric()?,
                    seals,
                });
            }
            KeyPurpose::Pairwise => {
                // One salt for ever: another one would make every user a stranger to every service.
                if key.state == KeyState::Active {
                    self.pairwise = Some(symmetric()?);
                    let owner = SecretOwner::Key(&key.key_id);
                    let text = key
                        .private_key
                        .open(node, table.environment(), owner)
                        .ok()?;
                    self.pairwise_text = Some(Zeroizing::new(text.to_vec()));
                }
            }
            KeyPurpose::Encryption => {
                let certificate = saml::certificate_of(key.public_key.as_deref()?)?;
                let own = saml::DecryptionKey::from_pkcs8(&private()?, certificate.clone());
                self.saml.decryption.push(own.ok()?);
                // A retiring key still opens, and nobody is told to use it any more.
                if key.state != KeyState::Retiring {
                    self.saml.encryption_certificates.push(certificate);
                }
            }
        }
        Some(())
    }

    /// The active key of an algorithm.
    pub(crate) fn signing(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.algorithm() == algorithm)
    }

    /// The algorithms in use.
    pub(crate) fn algorithms(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self
            .signing
            .iter()
            .map(|key| key.algorithm().name())
            .collect();
        // RS256 first: it is what clients assume where they are not told.
        names.sort_unstable_by(|a, b| b.cmp(a));
        names.dedup();
        names
    }

    /// The public keys, as a JSON Web Key Set.
    pub(crate) fn key_set(&self) -> Value {
        json!({ "keys": self.published })
    }

    /// The keys by which our own tokens are checked when they come back.
    pub(crate) fn verifying(&self) -> &[PublicKey] {
        &self.verifying
    }

    /// The key that seals cookies.
    pub(crate) fn cookie_sealing(&self) -> Option<&CookieKey> {
        self.cookies.iter().find(|key| key.seals)
    }

    /// The keys that may open a cookie of this mark.
    pub(crate) fn cookie_opening(&self, mark: [u8; 4]) -> impl Iterator<Item = &CookieKey> {
        self.cookies.iter().filter(move |key| key.mark == mark)
    }

    /// The salt of everything derived from a user's identifier.
    pub(crate) fn pairwise(&self) -> Option<&[u8]> {
        self.pairwise.as_ref().map(|key| key.as_slice())
    }

    /// The key of [`UserMark::digest`](projections::routing::UserMark::digest).
    pub(crate) fn user_mark(&self) -> Option<&[u8]> {
        self.pairwise_text.as_ref().map(|text| text.as_slice())
    }

    /// The subject by which one service, and no other, knows a user, whatever protocol it speaks.
    pub(crate) fn pairwise_subject(&self, service: ServiceId, user_id: &str) -> Option<Hash> {
        let input = format!("{service}/{user_id}");
        let digest = keyed_digest(self.pairwise()?, "pairwise subject", input.as_bytes());
        Some(digest)
    }

    /// Whether logins can be carried: a key for each use is at hand.
    pub(crate) fn is_complete(&self) -> bool {
        !self.signing.is_empty() && self.cookie_sealing().is_some() && self.pairwise.is_some()
    }
}

fn public_members(jwk: &str) -> Option<Map<String, Value>> {
    let jwk: Map<String, Value> = serde_json::from_str(jwk).ok()?;
    Some(
        jwk.into_iter()
            .filter(|(name, _)| PUBLIC_MEMBERS.contains(&name.as_str()))
            .collect(),
    )
}
