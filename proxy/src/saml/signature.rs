//! Enveloped XML signatures, and the rule "digest, then parse".
//!
//! Of all that XML signatures allow, one shape is taken (SAML Core §5.4): one `Signature`, a child
//! of the element it signs; one reference, to that element by its identifier; the enveloped
//! signature transform and then exclusive canonicalisation; algorithms of a short list. Keys come
//! from the register, never from the message.

use super::engine::{self, Covered};
use super::key::{PeerKey, SigningKey};
use super::xml::{self, Limits, Writer};
use super::{ASSERTION, DSIG, SamlError};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use subtle::ConstantTimeEq as _;

/// Exclusive canonicalisation without comments.
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// A signature algorithm that is accepted. There is no SHA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 padding and SHA-256.
    RsaSha256,
    /// The same with SHA-384.
    RsaSha384,
    /// The same with SHA-512.
    RsaSha512,
    /// ECDSA on P-256 with SHA-256.
    EcdsaSha256,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::EcdsaSha256,
    ];

    /// Its identifier (RFC 9231 §2.3).
    pub fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        }
    }

    /// The algorithm of this identifier.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.uri() == uri)
    }
}

/// A digest algorithm that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    fn from_uri(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(Self::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn of(self, octets: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, octets)
    }
}

/// Which element of a document is to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// The document element.
    Root,
    /// The one assertion that is its child.
    Assertion,
}

/// What a signature covers, and nothing else of the document that it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Authentic {
    octets: String,
    digest: Vec<u8>,
}

impl Authentic {
    /// The canonical form of the signed element: the octets that were hashed.
    pub fn octets(&self) -> &str {
        &self.octets
    }

    /// The `DigestValue` that their hash equals.
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }
}

/// What the shape of a signature says, before anything is computed.
struct Shape {
    algorithm: Algorithm,
    digest: Digest,
    value: Vec<u8>,
    identifier: String,
    prefixes: Vec<String>,
}

/// Whether the document element, or its assertion, has a signature at all.
pub fn is_signed(document: &roxmltree::Document<'_>, signed: Signed) -> Result<bool, SamlError> {
    let target = target(document, signed)?;
    Ok(xml::one(target, DSIG, "Signature")?.is_some())
}

fn target<'a, 'i>(
    document: &'a roxmltree::Document<'i>,
    signed: Signed,
) -> Result<Node<'a, 'i>, SamlError> {
    let root = document.root_element();
    match signed {
        Signed::Root => Ok(root),
        Signed::Assertion => xml::one(root, ASSERTION, "Assertion")?
            .ok_or(SamlError::Message("there is no assertion")),
    }
}

/// Checks the signature of one element by any of `keys`, and gives out what it covers.
///
/// Whoever calls must read everything from the octets that come back, and nothing from `text`.
pub fn authenticate(
    text: &str,
    signed: Signed,
    limits: Limits,
    keys: &[PeerKey],
) -> Result<Authentic, SamlError> {
    if keys.is_empty() {
        return Err(SamlError::Signature("no key is registered"));
    }
    let document = xml::parse(text, limits)?;
    let target = target(&document, signed)?;
    let shape = shape(&document, target)?;
    let covered = Covered {
        name: target.tag_name().name(),
        namespace: target.tag_name().namespace().unwrap_or_default(),
        identifier: &shape.identifier,
        prefixes: &shape.prefixes,
    };
    let octets = engine::verify(text, &covered, shape.algorithm, keys)?;
    let found = shape.digest.of(&octets);
    if !bool::from(found.as_ref().ct_eq(&shape.value)) {
        return Err(SamlError::Signature("digest"));
    }
    let octets = String::from_utf8(octets).map_err(|_| SamlError::Signature("digest"))?;
    Ok(Authentic {
        octets,
        digest: shape.value,
    })
}

const MALFORMED: SamlError = SamlError::Signature("shape");

/// Reads a signature's shape; whatever is not exactly the one that is taken is refused.
fn shape(document: &roxmltree::Document<'_>, target: Node<'_, '_>) -> Result<Shape, SamlError> {
    let root = document.root_element();
    let signature =
        xml::one(target, DSIG, "Signature")?.ok_or(SamlError::Signature("there is none"))?;
    let mut first = None;
    for other in document.descendants().filter(Node::is_element) {
        let name = other.tag_name().name();
        if other.tag_name().namespace() != Some(DSIG) {
            // An element that looks like a signature and is none is there to fool a reader.
            if matches!(name, "Signature" | "SignedInfo") {
                return Err(SamlError::Signature("foreign namespace"));
            }
            continue;
        }
        if name != "Signature" {
            continue;
        }
        first.get_or_insert(other);
        let parent = other.parent().ok_or(MALFORMED)?;
        let beside_assertion =
            xml::is(parent, ASSERTION, "Assertion") && parent.parent() == Some(root);
        if parent != root && !beside_assertion {
            return Err(SamlError::Signature("stands where none belongs"));
        }
    }
    // The engine takes the first of the document, so it must be the one that is asked for.
    if first != Some(signature) {
        return Err(SamlError::Signature("another one stands before it"));
    }

    let mut parts = xml::elements(signature);
    let signed_info = expect(parts.next(), "SignedInfo")?;
    let value = expect(parts.next(), "SignatureValue")?;
    xml::text(value).map_err(|_| MALFORMED)?;
    if let Some(key_info) = parts.next() {
        // Whatever key it names or holds, those of the register alone are tried.
        expect(Some(key_info), "KeyInfo")?;
    }
    nothing_more(parts.next())?;

    let mut parts = xml::elements(signed_info);
    let canonicalisation = expect(parts.next(), "CanonicalizationMethod")?;
    if canonicalisation.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err(SamlError::Signature("canonicalisation"));
    }
    nothing_more(xml::elements(canonicalisation).next())?;
    let method = expect(parts.next(), "SignatureMethod")?;
    nothing_more(xml::elements(method).next())?;
    let algorithm = method.attribute("Algorithm").and_then(Algorithm::from_uri);
    let algorithm = algorithm.ok_or(SamlError::Signature("algorithm"))?;
    let reference = expect(parts.next(), "Reference")?;
    nothing_more(parts.next())?;

    let identifier = target
        .attribute("ID")
        .filter(|identifier| !identifier.is_empty())
        .ok_or(SamlError::Signature("element has no identifier"))?;
    let refers = reference
        .attribute("URI")
        .and_then(|uri| uri.strip_prefix('#'));
    if refers != Some(identifier) {
        return Err(SamlError::Signature("reference"));
    }
    let mut parts = xml::elements(reference);
    let prefixes = transforms(expect(parts.next(), "Transforms")?)?;
    let method = expect(parts.next(), "DigestMethod")?;
    nothing_more(xml::elements(method).next())?;
    let digest = method.attribute("Algorithm").and_then(Digest::from_uri);
    let digest = digest.ok_or(SamlError::Signature("digest algorithm"))?;
    let value = expect(parts.next(), "DigestValue")?;
    nothing_more(parts.next())?;
    // A comment within the value would be read differently by different readers.
    let value = xml::text(value).map_err(|_| MALFORMED)?;
    let value = decode(value).ok_or(MALFORMED)?;
    Ok(Shape {
        algorithm,
        digest,
        value,
        identifier: identifier.to_owned(),
        prefixes,
    })
}

/// The two transforms that are taken, in their order, and the prefixes that are kept.
fn transforms(transforms: Node<'_, '_>) -> Result<Vec<String>, SamlError> {
    let wrong = SamlError::Signature("transforms");
    let mut parts = xml::elements(transforms);
    let enveloped = expect(parts.next(), "Transform").map_err(|_| wrong)?;
    let exclusive = expect(parts.next(), "Transform").map_err(|_| wrong)?;
    let fits = enveloped.attribute("Algorithm") == Some(ENVELOPED)
        && exclusive.attribute("Algorithm") == Some(EXCLUSIVE)
        && xml::elements(enveloped).next().is_none()
        && parts.next().is_none();
    if !fits {
        return Err(wrong);
    }
    let mut parts = xml::elements(exclusive);
    let Some(list) = parts.next() else {
        return Ok(Vec::new());
    };
    if !xml::is(list, EXCLUSIVE, "InclusiveNamespaces") || parts.next().is_some() {
        return Err(wrong);
    }
    let prefixes = list.attribute("PrefixList").unwrap_or_default();
    Ok(prefixes.split_whitespace().map(str::to_owned).collect())
}

fn expect<'a, 'i>(
    node: Option<Node<'a, 'i>>,
    name: &'static str,
) -> Result<Node<'a, 'i>, SamlError> {
    node.filter(|node| xml::is(*node, DSIG, name))
        .ok_or(MALFORMED)
}

fn nothing_more(node: Option<Node<'_, '_>>) -> Result<(), SamlError> {
    if node.is_some() {
        Err(MALFORMED)
    } else {
        Ok(())
    }
}

/// Base64 as XML carries it, with white space anywhere.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok()
}

/// A signature yet to be computed, to be written as the child of the element of `identifier` that
/// comes after its `Issuer`.
pub fn template(identifier: &str, key: &SigningKey) -> String {
    let mut out = Writer::new();
    out.open("ds:Signature", &[("xmlns:ds", Some(DSIG))])
        .open("ds:SignedInfo", &[])
        .leaf(
            "ds:CanonicalizationMethod",
            &[("Algorithm", Some(EXCLUSIVE))],
            "",
        )
        .leaf(
            "ds:SignatureMethod",
            &[("Algorithm", Some(Algorithm::RsaSha256.uri()))],
            "",
        )
        .open("ds:Reference", &[("URI", Some(&format!("#{identifier}")))])
        .open("ds:Transforms", &[])
        .leaf("ds:Transform", &[("Algorithm", Some(ENVELOPED))], "")
        .leaf("ds:Transform", &[("Algorithm", Some(EXCLUSIVE))], "")
        .close("ds:Transforms")
        .leaf(
            "ds:DigestMethod",
            &[("Algorithm", Some("http://www.w3.org/2001/04/xmlenc#sha256"))],
            "",
        )
        .leaf("ds:DigestValue", &[], "")
        .close("ds:Reference")
        .close("ds:SignedInfo")
        .leaf("ds:SignatureValue", &[], "")
        .open("ds:KeyInfo", &[])
        .open("ds:X509Data", &[])
        .leaf("ds:X509Certificate", &[], key.certificate().as_str())
        .close("ds:X509Data")
        .close("ds:KeyInfo")
        .close("ds:Signature");
    out.finish()
}

/// Computes the first signature of a document that holds a [`template`].
pub fn sign(document: String, key: &SigningKey) -> Result<String, SamlError> {
    engine::sign(document, key)
}
