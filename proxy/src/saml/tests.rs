//! Named attacks on what we read, from a generator of our own, and what must always hold.

mod attacks;
mod bindings;
mod encrypted;
mod metadata;
mod oracle;
mod properties;
mod wrapping;

use super::SamlError;
use super::assertion::{
    Assertion, Attribute, AuthnStatement, Conditions, Confirmation, Expected, NameId,
};
use super::key::{DecryptionKey, PeerKey, SigningKey, self_signed};
use super::response::{Accepted, Envelope, Protection, receive};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Instant;
use domain::value::Certificate;
use ledger::SeededRandom;
use std::sync::LazyLock;

pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const ISSUER: &str = "https://idp.example.org/saml";
pub(super) const AUDIENCE: &str = "https://proxy.example.org/saml/sp/metadata";
pub(super) const RECIPIENT: &str = "https://proxy.example.org/saml/acs";
pub(super) const REQUEST: &str = "_request";

pub(super) fn at(seconds: i64) -> Instant {
    Instant::from_microseconds((NOW + seconds) * 1_000_000)
}

/// A key pair with its certificate, in every form it is used in.
pub(super) struct Pair {
    pub(super) signing: SigningKey,
    pub(super) decryption: DecryptionKey,
    pub(super) peer: PeerKey,
    pub(super) certificate: Certificate,
    pub(super) pkcs8: Vec<u8>,
}

/// Keys of nobody, kept because making them takes longer than every test.
fn pair(name: &str, key: &str) -> Pair {
    let der = STANDARD.decode(key.replace('\n', "")).unwrap();
    let certificate = self_signed(&der, name, [1; 16], at(0)).unwrap();
    let certificate = Certificate::from_der(&certificate).unwrap();
    Pair {
        signing: SigningKey::from_pkcs8(&der, certificate.clone()).unwrap(),
        decryption: DecryptionKey::from_pkcs8(&der, certificate.clone()).unwrap(),
        peer: PeerKey::of_certificate(&certificate).unwrap(),
        certificate,
        pkcs8: der,
    }
}

/// The home organisation's key.
pub(super) static IDP: LazyLock<Pair> =
    LazyLock::new(|| pair("idp.example.org", include_str!("tests/idp.key.txt")));
/// The key of somebody else.
pub(super) static EVIL: LazyLock<Pair> =
    LazyLock::new(|| pair("evil.example.org", include_str!("tests/evil.key.txt")));
/// Our own key.
pub(super) static OWN: LazyLock<Pair> =
    LazyLock::new(|| pair("proxy.example.org", include_str!("tests/own.key.txt")));

/// What the honest home organisation says.
pub(super) fn assertion() -> Assertion {
    Assertion {
        id: "_assertion".to_owned(),
        issue_instant: at(0),
        issuer: ISSUER.to_owned(),
        name_id: Some(NameId {
            value: "pupil".to_owned(),
            format: None,
            name_qualifier: None,
            sp_name_qualifier: None,
        }),
        confirmations: vec![Confirmation {
            in_response_to: Some(REQUEST.to_owned()),
            recipient: Some(RECIPIENT.to_owned()),
            not_on_or_after: Some(at(300)),
            not_before: None,
        }],
        conditions: Conditions {
            not_before: Some(at(-60)),
            not_on_or_after: Some(at(300)),
            audiences: vec![vec![AUDIENCE.to_owned()]],
        },
        authentication: AuthnStatement {
            instant: at(0),
            session_index: Some("s".to_owned()),
            session_not_on_or_after: None,
            context_class: Some("urn:oasis:names:tc:SAML:2.0:ac:classes:Password".to_owned()),
            authorities: Vec::new(),
        },
        attributes: vec![Attribute {
            name: "role".to_owned(),
            friendly_name: None,
            values: vec!["oppilas".to_owned()],
        }],
    }
}

/// What the attacker would like to be read.
pub(super) fn evil() -> Assertion {
    let mut evil = assertion();
    evil.id = "_evil".to_owned();
    if let Some(name) = &mut evil.name_id {
        name.value = "rector".to_owned();
    }
    evil
}

pub(super) fn envelope() -> Envelope {
    Envelope {
        id: "_response".to_owned(),
        in_response_to: Some(REQUEST.to_owned()),
        destination: RECIPIENT.to_owned(),
        issue_instant: at(0),
        issuer: ISSUER.to_owned(),
    }
}

/// How a test's response is protected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signing {
    pub(super) assertion: bool,
    pub(super) response: bool,
    pub(super) encrypted: bool,
}

pub(super) const ASSERTION_ALONE: Signing = Signing {
    assertion: true,
    response: false,
    encrypted: false,
};

/// A response of `pair`'s holder.
pub(super) fn response(assertion: &Assertion, pair: &Pair, signing: Signing) -> String {
    let random = SeededRandom::new(5);
    let protection = Protection {
        key: &pair.signing,
        sign_assertion: signing.assertion,
        sign_response: signing.response,
        encrypt_to: signing.encrypted.then_some(&OWN.certificate),
        random: &random,
    };
    envelope().success(assertion, &protection).unwrap()
}

pub(super) fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        audience: AUDIENCE,
        recipient: RECIPIENT,
        in_response_to: REQUEST,
        now: at(10),
    }
}

pub(super) fn receive_it(text: &str) -> Result<Accepted, SamlError> {
    receive(
        text,
        std::slice::from_ref(&IDP.peer),
        std::slice::from_ref(&OWN.decryption),
        &expected(),
    )
}

/// Who was let in.
pub(super) fn user(accepted: &Accepted) -> &str {
    accepted
        .assertion
        .name_id
        .as_ref()
        .map_or("", |name| name.value.as_str())
}

/// What stands between two texts, with them.
pub(super) fn cut<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let begin = text.find(from).unwrap();
    let end = begin + text[begin..].find(to).unwrap() + to.len();
    &text[begin..end]
}
