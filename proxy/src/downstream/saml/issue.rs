//! Assertions and responses to services.

use super::{NameIdKind, SamlReply, entity_id};
use crate::broker::{Broker, Judged, Login};
use crate::clock::after;
use crate::flow::answered_context;
use crate::live::View;
use crate::problem::Problem;
use crate::saml::assertion::{
    Assertion, Attribute as SamlAttribute, AuthnStatement, Conditions, Confirmation, NameId,
};
use crate::saml::key::SigningKey;
use crate::saml::response::{Envelope, Failure, Protection};
use crate::saml::{PERSISTENT, SamlError, TRANSIENT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::data_model::Attribute;
use domain::time::Instant;
use domain::value::Certificate;
use projections::routing::{HomeIntegration, SamlService, Upstream};
use url::Url;

/// How long an assertion serves, in seconds (saml2int: five minutes at most).
const ASSERTION_SECONDS: i64 = 300;
/// How far back it begins to hold, for services whose clocks are behind, in seconds.
const EARLIER_SECONDS: i64 = 60;
/// The attribute that names the user to one service (SAML V2.0 Subject Identifier Attributes §3.4).
const PAIRWISE_ID: &str = "urn:oasis:names:tc:SAML:attribute:pairwise-id";

/// A response that is ready to be sent once it is recorded.
pub(super) struct Issued {
    pub(super) xml: String,
    pub(super) assertion_id: String,
    pub(super) released: Vec<Attribute>,
}

fn identifier(broker: &Broker) -> String {
    // An identifier begins with a letter or an underscore (XML Schema, NCName).
    format!("_{}", hex::encode(broker.random.sixteen()))
}

fn key(view: &View) -> Result<&SigningKey, Problem> {
    view.keys.saml.signing.as_ref().ok_or(Problem::NotReady)
}

fn envelope(broker: &Broker, reply: &SamlReply, now: Instant) -> Envelope {
    Envelope {
        id: identifier(broker),
        in_response_to: Some(reply.request.clone()),
        destination: reply.consumer.clone(),
        issue_instant: now,
        issuer: entity_id(&broker.issuer),
    }
}

/// Our fault, not the service's: it stands in the trace, and the user is told to try again.
fn not_ready(error: &SamlError) -> Problem {
    tracing::error!(%error, "a SAML message could not be made");
    Problem::NotReady
}

/// A response that says why there is no assertion.
pub(super) fn failure(
    broker: &Broker,
    reply: &SamlReply,
    failure: &Failure,
) -> Result<String, Problem> {
    let view = broker.view()?;
    let envelope = envelope(broker, reply, broker.clock.now());
    envelope
        .failure(failure, key(&view)?)
        .map_err(|error| not_ready(&error))
}

/// A response with an assertion about the user of `login`.
pub(super) fn success(
    broker: &Broker,
    view: &View,
    service: &SamlService,
    login: &Login,
    judged: &Judged,
    now: Instant,
) -> Result<Issued, Problem> {
    let reply = super::reply(&login.request);
    let envelope = envelope(broker, reply, now);
    let pairwise = view
        .keys
        .pairwise_subject(judged.service.service, &judged.user_id)
        .ok_or(Problem::NotReady)?;
    let name_id = match reply.name_id {
        NameIdKind::Transient => NameId {
            value: identifier(broker),
            format: Some(TRANSIENT.to_owned()),
            name_qualifier: None,
            sp_name_qualifier: None,
        },
        // The same name as the `sub` of the service's OpenID Connect clients.
        NameIdKind::Persistent => NameId {
            value: URL_SAFE_NO_PAD.encode(pairwise.0),
            format: Some(PERSISTENT.to_owned()),
            name_qualifier: Some(envelope.issuer.clone()),
            sp_name_qualifier: Some(service.entity_id.as_str().to_owned()),
        },
    };
    let (mut attributes, mut released) = (Vec::new(), Vec::new());
    for (attribute, values) in &judged.release.values {
        attributes.push(SamlAttribute {
            name: attribute.saml_name().to_owned(),
            friendly_name: Some(attribute.name().to_owned()),
            values: values.clone(),
        });
        released.push(*attribute);
    }
    attributes.push(SamlAttribute {
        name: PAIRWISE_ID.to_owned(),
        friendly_name: Some("pairwise-id".to_owned()),
        values: vec![format!(
            "{}@{}",
            hex::encode(pairwise.0),
            scope(&broker.issuer)
        )],
    });
    let lifetime = i64::from(view.table.settings().session_lifetime_seconds);
    let until = after(now, ASSERTION_SECONDS);
    let assertion = Assertion {
        id: identifier(broker),
        issue_instant: now,
        issuer: envelope.issuer.clone(),
        name_id: Some(name_id),
        confirmations: vec![Confirmation {
            in_response_to: Some(reply.request.clone()),
            recipient: Some(reply.consumer.clone()),
            not_on_or_after: Some(until),
            not_before: None,
        }],
        conditions: Conditions {
            not_before: Some(after(now, -EARLIER_SECONDS)),
            not_on_or_after: Some(until),
            audiences: vec![vec![service.entity_id.as_str().to_owned()]],
        },
        authentication: AuthnStatement {
            instant: login.identity.authenticated_at,
            session_index: Some(identifier(broker)),
            session_not_on_or_after: Some(
                after(login.identity.authenticated_at, lifetime).max(until),
            ),
            context_class: Some(answered_context(&login.request.contexts, &judged.home)),
            authorities: authority(&judged.home).into_iter().collect(),
        },
        attributes,
    };
    let protection = Protection {
        key: key(view)?,
        sign_assertion: service.assertions_signed || !service.responses_signed,
        sign_response: service.responses_signed,
        encrypt_to: encrypt_to(&service.encryption_certificates, now),
        random: broker.random.as_ref(),
    };
    let xml = envelope
        .success(&assertion, &protection)
        .map_err(|error| not_ready(&error))?;
    Ok(Issued {
        xml,
        assertion_id: assertion.id,
        released,
    })
}

/// Of a service's certificates, the one that lasts longest of those that hold now, or the first:
/// an expired one is still the service's.
fn encrypt_to(certificates: &[Certificate], now: Instant) -> Option<&Certificate> {
    let valid = certificates
        .iter()
        .filter(|certificate| certificate.is_valid_at(now.utc()));
    valid
        .max_by_key(|certificate| certificate.not_after())
        .or_else(|| certificates.first())
}

/// Who really authenticated the user (SAML Core §2.7.2.2), where it has a name of its own.
fn authority(home: &HomeIntegration) -> Option<String> {
    match &home.upstream {
        Upstream::Saml(upstream) => Some(upstream.entity_id.as_str().to_owned()),
        Upstream::OpenIdConnect(upstream) => Some(upstream.issuer.as_str().to_owned()),
        _ => None,
    }
}

/// The scope of identifiers that we make: the host of the issuer.
fn scope(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    url.as_ref()
        .and_then(Url::host_str)
        .unwrap_or_default()
        .to_ascii_lowercase()
}
