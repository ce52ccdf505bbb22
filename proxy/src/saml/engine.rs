//! The library that computes XML signatures, behind the two calls that are made of it.
//!
//! `bergshamra` with `aws-lc-rs` does the work; keys are ours and prepared, handed in through its
//! hooks for keys that live elsewhere. Nothing of the library is seen outside of this file
//! (docs/decisions/0020-bergshamra-and-digest-then-parse.md).

use super::key::{PeerKey, SigningKey};
use super::signature::Algorithm;
use super::{DSIG, SamlError};
use bergshamra_c14n::C14nMode;
use bergshamra_dsig::{DsigContext, VerifyResult};
use bergshamra_keys::KeysManager;
use bergshamra_xml::NodeSet;
use kryptering::{EcCurve, HashAlgorithm, SignatureAlgorithm};
use uppsala::{Document, NodeId};

/// The element that a signature must cover, as our own reader found it.
pub(super) struct Covered<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
    pub(super) identifier: &'a str,
    /// The prefixes that canonicalisation keeps although nothing visible uses them.
    pub(super) prefixes: &'a [String],
}

fn algorithm(algorithm: Algorithm) -> SignatureAlgorithm {
    match algorithm {
        Algorithm::RsaSha256 => SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha256),
        Algorithm::RsaSha384 => SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha384),
        Algorithm::RsaSha512 => SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha512),
        Algorithm::EcdsaSha256 => SignatureAlgorithm::Ecdsa(EcCurve::P256, HashAlgorithm::Sha256),
    }
}

/// Any of a peer's keys; a peer has several while one replaces another.
struct AnyOf(Algorithm, Vec<PeerKey>);

impl kryptering::Verifier for AnyOf {
    fn algorithm(&self) -> SignatureAlgorithm {
        algorithm(self.0)
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> kryptering::Result<bool> {
        Ok(self
            .1
            .iter()
            .any(|key| key.verifies(self.0, data, signature)))
    }
}

struct Own(SigningKey);

impl kryptering::Signer for Own {
    fn algorithm(&self) -> SignatureAlgorithm {
        algorithm(Algorithm::RsaSha256)
    }

    fn sign(&self, data: &[u8]) -> kryptering::Result<Vec<u8>> {
        self.0
            .sign(data)
            .map_err(|error| kryptering::Error::Crypto(error.to_string()))
    }
}

/// Checks the first signature of a document, that it covers just the element it should, and gives
/// the canonical octets of that element.
pub(super) fn verify(
    text: &str,
    covered: &Covered<'_>,
    algorithm: Algorithm,
    keys: &[PeerKey],
) -> Result<Vec<u8>, SamlError> {
    const WRONG: SamlError = SamlError::Signature("signature value or digest");
    let document =
        uppsala::parse(text).map_err(|_| SamlError::Signature("readers do not agree"))?;
    let context = DsigContext::new(KeysManager::new())
        .with_hsm_verifier(Box::new(AnyOf(algorithm, keys.to_vec())));
    let result =
        bergshamra_dsig::verify::verify_document_with_source(&context, &document, Some(text))
            .map_err(|_| WRONG)?;
    let VerifyResult::Valid {
        signature_node,
        references,
        ..
    } = result
    else {
        return Err(WRONG);
    };
    let [reference] = references.as_slice() else {
        return Err(SamlError::Signature("reference"));
    };
    let node = reference
        .resolved_node
        .filter(|_| reference.digest_verified)
        .filter(|node| is_covered(&document, *node, covered))
        .filter(|node| document.parent(signature_node) == Some(*node))
        .ok_or(SamlError::Signature("covers another element"))?;
    let signature = NodeSet::tree_with_comments(signature_node, &document);
    let set = NodeSet::tree_without_comments(node, &document).subtract(&signature);
    bergshamra_c14n::canonicalize_doc(&document, C14nMode::Exclusive, Some(&set), covered.prefixes)
        .map_err(|_| SamlError::Signature("canonicalisation"))
}

fn is_covered(document: &Document<'_>, node: NodeId, covered: &Covered<'_>) -> bool {
    document.element(node).is_some_and(|element| {
        *element.name.local_name == *covered.name
            && element.name.namespace_uri.as_deref() == Some(covered.namespace)
            && element.get_attribute("ID") == Some(covered.identifier)
            && covered.namespace != DSIG
    })
}

/// Computes the first signature of a document, whose values are empty yet.
pub(super) fn sign(document: String, key: &SigningKey) -> Result<String, SamlError> {
    let context = DsigContext::new(KeysManager::new()).with_hsm_signer(Box::new(Own(key.clone())));
    bergshamra_dsig::sign::sign_owned(&context, document).map_err(|_| SamlError::Key("signing key"))
}
