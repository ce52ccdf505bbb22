//! Responses (SAML Core §3.2.2, §3.3.3): as we send them to services, and as home organisations
//! send them to us.

use super::assertion::{Assertion, Expected};
use super::encryption;
use super::key::{DecryptionKey, PeerKey, SigningKey};
use super::request::{address, identifier, issuer};
use super::signature::{self, Authentic, Signed, authenticate};
use super::xml::{self, Limits, Writer};
use super::{ASSERTION, PROTOCOL, SamlError, time};
use domain::time::Instant;
use domain::value::Certificate;
use ledger::Random;
use roxmltree::Node;

/// A status code (SAML Core §3.2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCode {
    /// The request was fulfilled.
    Success,
    /// The requester erred.
    Requester,
    /// The responder could not do it.
    Responder,
    /// The user could not be authenticated.
    AuthnFailed,
    /// The name identifier that was asked for is not given.
    InvalidNameIdPolicy,
    /// No context that was asked for can be met.
    NoAuthnContext,
    /// None of the identity providers that were named can be used.
    NoAvailableIdp,
    /// The user would have to be asked, and must not be.
    NoPassive,
    /// None of the identity providers that were named is known.
    NoSupportedIdp,
    /// No further proxy is allowed.
    ProxyCountExceeded,
    /// It may not be done.
    RequestDenied,
    /// It is not supported.
    RequestUnsupported,
}

const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

impl StatusCode {
    const ALL: [Self; 12] = [
        Self::Success,
        Self::Requester,
        Self::Responder,
        Self::AuthnFailed,
        Self::InvalidNameIdPolicy,
        Self::NoAuthnContext,
        Self::NoAvailableIdp,
        Self::NoPassive,
        Self::NoSupportedIdp,
        Self::ProxyCountExceeded,
        Self::RequestDenied,
        Self::RequestUnsupported,
    ];

    /// Its last part.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Requester => "Requester",
            Self::Responder => "Responder",
            Self::AuthnFailed => "AuthnFailed",
            Self::InvalidNameIdPolicy => "InvalidNameIDPolicy",
            Self::NoAuthnContext => "NoAuthnContext",
            Self::NoAvailableIdp => "NoAvailableIDP",
            Self::NoPassive => "NoPassive",
            Self::NoSupportedIdp => "NoSupportedIDP",
            Self::ProxyCountExceeded => "ProxyCountExceeded",
            Self::RequestDenied => "RequestDenied",
            Self::RequestUnsupported => "RequestUnsupported",
        }
    }

    fn from_uri(uri: &str) -> Option<Self> {
        let name = uri.strip_prefix(STATUS)?;
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// Why there is no assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whose doing it is.
    pub first: StatusCode,
    /// What it is.
    pub second: Option<StatusCode>,
    /// A stable code for the peer's log, never anything of the user.
    pub message: Option<String>,
}

/// The envelope of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its identifier.
    pub id: String,
    /// The request it answers.
    pub in_response_to: Option<String>,
    /// Where it goes.
    pub destination: String,
    /// When it is made.
    pub issue_instant: Instant,
    /// Who makes it: an entity ID.
    pub issuer: String,
}

/// How a response is protected.
#[derive(Clone, Copy)]
pub struct Protection<'a> {
    /// Our key.
    pub key: &'a SigningKey,
    /// Whether the assertion is signed.
    pub sign_assertion: bool,
    /// Whether the response is signed.
    pub sign_response: bool,
    /// To whom the assertion is encrypted.
    pub encrypt_to: Option<&'a Certificate>,
    /// Chance for the encryption.
    pub random: &'a dyn Random,
}

impl Envelope {
    /// A response with an assertion.
    pub fn success(
        &self,
        assertion: &Assertion,
        protection: &Protection<'_>,
    ) -> Result<String, SamlError> {
        let template = signature::template(&assertion.id, protection.key);
        let mut body = assertion.write(protection.sign_assertion.then_some(&template));
        if protection.sign_assertion {
            body = signature::sign(body, protection.key)?;
        }
        if let Some(certificate) = protection.encrypt_to {
            body = encryption::encrypt(&body, certificate, protection.random)?;
        }
        let key = protection.sign_response.then_some(protection.key);
        self.write(&[StatusCode::Success], None, &body, key)
    }

    /// A response that says why there is no assertion.
    pub fn failure(&self, failure: &Failure, key: &SigningKey) -> Result<String, SamlError> {
        let codes: Vec<_> = [Some(failure.first), failure.second]
            .into_iter()
            .flatten()
            .collect();
        self.write(&codes, failure.message.as_deref(), "", Some(key))
    }

    fn write(
        &self,
        codes: &[StatusCode],
        message: Option<&str>,
        body: &str,
        key: Option<&SigningKey>,
    ) -> Result<String, SamlError> {
        let mut out = Writer::new();
        let issue_instant = time::write(self.issue_instant);
        out.open(
            "samlp:Response",
            &[
                ("xmlns:samlp", Some(PROTOCOL)),
                ("xmlns:saml", Some(ASSERTION)),
                ("Destination", Some(&self.destination)),
                ("ID", Some(&self.id)),
                ("InResponseTo", self.in_response_to.as_deref()),
                ("IssueInstant", Some(&issue_instant)),
                ("Version", Some("2.0")),
            ],
        );
        out.leaf("saml:Issuer", &[], &self.issuer);
        if let Some(key) = key {
            out.raw(&signature::template(&self.id, key));
        }
        out.open("samlp:Status", &[]);
        for code in codes {
            let uri = format!("{STATUS}{}", code.name());
            out.open("samlp:StatusCode", &[("Value", Some(&uri))]);
        }
        for _ in codes {
            out.close("samlp:StatusCode");
        }
        if let Some(message) = message {
            out.leaf("samlp:StatusMessage", &[], message);
        }
        out.close("samlp:Status").raw(body).close("samlp:Response");
        match key {
            Some(key) => signature::sign(out.finish(), key),
            None => Ok(out.finish()),
        }
    }
}

/// An assertion that was accepted, with the proof that nothing but it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What it says.
    pub assertion: Assertion,
    /// The octets it was read from.
    pub octets: String,
    /// What was signed, with the digest it has: the assertion, or the response that it came in.
    /// The octets above are this one's own, or were encrypted within it.
    pub signed: Authentic,
}

impl std::fmt::Debug for Authentic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authentic(..)")
    }
}

/// Reads a response of the home organisation: whose keys are `keys`, encrypted to one of `own`,
/// and which must fit `expected`.
///
/// The response is signed, or its assertion is, or both; where both are, both must be right.
pub fn receive(
    text: &str,
    keys: &[PeerKey],
    own: &[DecryptionKey],
    expected: &Expected<'_>,
) -> Result<Accepted, SamlError> {
    let untrusted = xml::parse(text, Limits::MESSAGE)?;
    let root = untrusted.root_element();
    if !xml::is(root, PROTOCOL, "Response") {
        return Err(SamlError::Message("not a response"));
    }
    let outer = if signature::is_signed(&untrusted, Signed::Root)? {
        Some(authenticate(text, Signed::Root, Limits::MESSAGE, keys)?)
    } else {
        None
    };
    // From here on the response is what was signed, where it was. Where it was not, what it says
    // can only make us refuse.
    let text = outer.as_ref().map_or(text, Authentic::octets);
    let response = xml::parse(text, Limits::MESSAGE)?;
    let root = response.root_element();
    check_envelope(root, outer.is_some(), expected)?;

    let plain = xml::named(root, ASSERTION, "Assertion");
    let encrypted = xml::named(root, ASSERTION, "EncryptedAssertion");
    let mut found = plain.chain(encrypted);
    let only = found.next();
    let (Some(only), None) = (only, found.next()) else {
        return Err(SamlError::Message("not one assertion"));
    };
    let (octets, signed) = if xml::is(only, ASSERTION, "Assertion") {
        if outer.is_none() || signature::is_signed(&response, Signed::Assertion)? {
            let inner = authenticate(text, Signed::Assertion, Limits::MESSAGE, keys)?;
            (inner.octets().to_owned(), inner)
        } else {
            let outer = outer.clone().ok_or(SamlError::Signature("there is none"))?;
            let assertion = Assertion::read(only)?;
            assertion.check(expected)?;
            return Ok(Accepted {
                assertion,
                octets: outer.octets().to_owned(),
                signed: outer,
            });
        }
    } else {
        let opened = encryption::decrypt(only, own)?;
        let document = xml::parse(&opened, Limits::MESSAGE)?;
        match (
            signature::is_signed(&document, Signed::Root)?,
            outer.clone(),
        ) {
            (true, _) => {
                let inner = authenticate(&opened, Signed::Root, Limits::MESSAGE, keys)?;
                (inner.octets().to_owned(), inner)
            }
            // Anybody can encrypt to us; what makes it the home organisation's is a signature.
            (false, None) => return Err(SamlError::Signature("there is none")),
            (false, Some(outer)) => (opened, outer),
        }
    };
    let document = xml::parse(&octets, Limits::MESSAGE)?;
    let assertion = Assertion::read(document.root_element())?;
    assertion.check(expected)?;
    drop(document);
    Ok(Accepted {
        assertion,
        octets,
        signed,
    })
}

fn check_envelope(
    root: Node<'_, '_>,
    is_signed: bool,
    expected: &Expected<'_>,
) -> Result<(), SamlError> {
    identifier(root)?;
    match address(root, "Destination")? {
        Some(destination) if destination == expected.recipient => {}
        // SAML Bindings §3.5.5.2: a signed message says where it goes.
        None if !is_signed => {}
        _ => return Err(SamlError::Condition("destination")),
    }
    if address(root, "InResponseTo")?.as_deref() != Some(expected.in_response_to) {
        return Err(SamlError::Condition("answers another request"));
    }
    if issuer(root)?.is_some_and(|issuer| issuer != expected.issuer) {
        return Err(SamlError::Condition("issuer"));
    }
    let status = xml::one(root, PROTOCOL, "Status")?.ok_or(SamlError::Message("no status"))?;
    let code = xml::one(status, PROTOCOL, "StatusCode")?;
    let code = code.ok_or(SamlError::Message("no status"))?;
    let value = |node: Node<'_, '_>| node.attribute("Value").and_then(StatusCode::from_uri);
    if value(code) == Some(StatusCode::Success) {
        return Ok(());
    }
    let second = xml::one(code, PROTOCOL, "StatusCode")?.and_then(value);
    let told = second.or_else(|| value(code));
    Err(SamlError::Status(told.map_or("unknown", StatusCode::name)))
}
