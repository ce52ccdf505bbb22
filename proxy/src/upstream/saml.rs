//! SAML 2.0 towards home organisations: the proxy as service (SAML Profiles §4.1), to ADFS, Entra
//! ID, Google and every other identity provider.

mod consumer;

pub(crate) use consumer::routes;

use super::{Answer, Ask, Leaving, Said, Target, Upstream, UpstreamError};
use crate::clock::{after, seconds};
use crate::saml::assertion::{AGE_SECONDS_MAX, Assertion, Expected};
use crate::saml::key::PeerKey;
use crate::saml::redirect::{self, Kind};
use crate::saml::request::{AuthnRequest, Consumer, NameIdPolicy, Scoping};
use crate::saml::response::receive;
use crate::saml::signature::decode;
use crate::saml::time::SKEW_SECONDS;
use crate::saml::xml::{self, Limits};
use crate::saml::{HTTP_POST, SamlError, TRANSIENT};
use crate::single_use::Expiring;
use async_trait::async_trait;
use domain::SamlBinding;
use domain::time::Instant;
use ledger::{Hash, Random};
use projections::routing::{HomeIntegration, SamlUpstream, Upstream as UpstreamKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};

/// How long an assertion that was taken is remembered, in seconds: longer than it could be taken
/// again.
const REMEMBERED_SECONDS: i64 = AGE_SECONDS_MAX + 4 * SKEW_SECONDS;
/// Most assertions that are remembered.
const REMEMBERED_MAX: usize = 500_000;
/// Under which name the mapping finds the name identifier.
const NAME_ID: &str = "NameID";

/// The service towards every SAML identity provider.
pub(crate) struct SamlServiceProvider {
    /// Assertions that were taken: each once.
    seen: Mutex<Expiring<()>>,
}

/// What must be remembered until the answer.
#[derive(Serialize, Deserialize)]
struct Memory {
    /// The request's identifier.
    #[serde(rename = "i")]
    request: String,
    /// When the login left, if the user must prove themselves anew.
    #[serde(rename = "f")]
    forced_at_seconds: Option<i64>,
    #[serde(rename = "m")]
    age_seconds_max: Option<u32>,
}

fn registration(home: &HomeIntegration) -> Option<&SamlUpstream> {
    match &home.upstream {
        UpstreamKind::Saml(upstream) => Some(upstream),
        _ => None,
    }
}

/// Our entity ID towards home organisations.
pub(crate) fn entity_id(issuer: &str) -> String {
    format!("{issuer}{}", consumer::METADATA_PATH)
}

/// Who we are to a home organisation, and where we take its assertions. One that knows us by the
/// environment's own name uses the common address; one that named us itself, as an Entra ID tenant
/// does, uses an address of its own (domain facts E.5).
fn ourselves(target: &Target<'_>, upstream: &SamlUpstream) -> (String, String) {
    let common = entity_id(target.issuer);
    match &upstream.audience {
        Some(audience) if audience.as_str() != common => (
            audience.as_str().to_owned(),
            consumer::own_address(target.issuer, &target.home.flow_name),
        ),
        _ => (common, consumer::common_address(target.issuer)),
    }
}

impl SamlServiceProvider {
    pub(crate) fn new() -> Self {
        Self {
            seen: Mutex::new(Expiring::new(REMEMBERED_SECONDS, REMEMBERED_MAX)),
        }
    }

    /// Whether an assertion is seen for the first time (SAML Profiles §4.1.4.5).
    fn is_first(&self, assertion: &Assertion, now: Instant) -> bool {
        let key = format!("{}\n{}", assertion.issuer, assertion.id);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(Hash::of(key.as_bytes()), (), now)
    }
}

#[async_trait]
impl Upstream for SamlServiceProvider {
    fn serves(&self, home: &HomeIntegration) -> bool {
        registration(home).is_some_and(|upstream| {
            redirect_endpoint(upstream).is_some()
                && !PeerKey::of_certificates(&upstream.signing_certificates).is_empty()
        })
    }

    async fn leave(
        &self,
        target: &Target<'_>,
        ask: &Ask<'_>,
        random: &dyn Random,
    ) -> Result<Leaving, UpstreamError> {
        let upstream = registration(target.home).ok_or(UpstreamError::Unsupported)?;
        let endpoint = redirect_endpoint(upstream).ok_or(UpstreamError::Unsupported)?;
        let key = target.keys.saml.signing.as_ref();
        let key = key.ok_or(UpstreamError::Saml(SamlError::Key("signing key")))?;
        let (entity_id, consumer) = ourselves(target, upstream);
        let id = format!("_{}", hex::encode(random.sixteen()));
        let mut request = AuthnRequest::new(&id, target.now, &entity_id);
        request.destination = Some(endpoint.to_owned());
        request.consumer = Some(Consumer::Address(consumer));
        request.protocol_binding = Some(HTTP_POST.to_owned());
        request.force = ask.force;
        // No format is asked for: who the user is comes from an attribute, as the mapping says.
        request.name_id_policy = Some(NameIdPolicy {
            allow_create: true,
            ..NameIdPolicy::default()
        });
        if upstream.takes_scoping {
            request.scoping = Some(Scoping {
                proxy_count: ask.proxies_max,
                providers: Vec::new(),
                requesters: ask.requesters.clone(),
            })
            .filter(|scoping| *scoping != Scoping::default());
        }
        let memory = Memory {
            request: id,
            forced_at_seconds: ask.force.then(|| seconds(target.now)),
            age_seconds_max: ask.age_seconds_max,
        };
        let memory = serde_json::to_value(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        let xml = request.write(None);
        let address = redirect::address(endpoint, Kind::Request, &xml, Some(ask.state), Some(key))
            .map_err(UpstreamError::Saml)?;
        Ok(Leaving { address, memory })
    }

    async fn come_back(
        &self,
        target: &Target<'_>,
        memory: &Value,
        answer: &Answer<'_>,
    ) -> Result<Said, UpstreamError> {
        let memory: Memory =
            Memory::deserialize(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        let upstream = registration(target.home).ok_or(UpstreamError::Unsupported)?;
        let message = answer.parameters.get("SAMLResponse");
        let message = message.filter(|_| answer.posted && !answer.parameters.has("SAMLRequest"));
        let message = message.ok_or(UpstreamError::Answer("there is no response"))?;
        let octets = decode(message).ok_or(UpstreamError::Answer("not base64"))?;
        let text = xml::text_of_document(&octets, Limits::MESSAGE).map_err(UpstreamError::Saml)?;
        let (audience, recipient) = ourselves(target, upstream);
        let expected = Expected {
            issuer: upstream.entity_id.as_str(),
            audience: &audience,
            recipient: &recipient,
            in_response_to: &memory.request,
            now: target.now,
        };
        let keys = PeerKey::of_certificates(&upstream.signing_certificates);
        let accepted = receive(text, &keys, &target.keys.saml.decryption, &expected)
            .map_err(UpstreamError::Saml)?;
        let assertion = accepted.assertion;
        if !self.is_first(&assertion, target.now) {
            return Err(UpstreamError::Answer("the assertion was used before"));
        }
        check_age(&memory, &assertion, target.now)?;
        let now = seconds(target.now);
        let at = seconds(assertion.authentication.instant).min(now);
        Ok(Said {
            subject: subject(&assertion),
            delivered: delivered(&assertion),
            authenticated_at: after(target.now, at - now),
        })
    }
}

/// Where a request is sent by redirect.
fn redirect_endpoint(upstream: &SamlUpstream) -> Option<&str> {
    let mut endpoints = upstream.single_sign_on.iter();
    endpoints
        .find(|endpoint| endpoint.binding == SamlBinding::HttpRedirect)
        .map(|endpoint| endpoint.location.as_str())
}

/// Whether the user proved themselves as recently as was asked.
fn check_age(memory: &Memory, assertion: &Assertion, now: Instant) -> Result<(), UpstreamError> {
    let at = seconds(assertion.authentication.instant);
    if memory
        .forced_at_seconds
        .is_some_and(|left| at < left - SKEW_SECONDS)
    {
        return Err(UpstreamError::Answer(
            "authenticated before the forced login",
        ));
    }
    if memory
        .age_seconds_max
        .is_some_and(|most| seconds(now) - at > i64::from(most) + SKEW_SECONDS)
    {
        return Err(UpstreamError::Answer("authenticated too long ago"));
    }
    Ok(())
}

/// The source's own name of the user; empty where it gives none that lasts, and then an attribute
/// must.
fn subject(assertion: &Assertion) -> String {
    let name_id = assertion.name_id.as_ref();
    let lasting = name_id.filter(|name_id| name_id.format.as_deref() != Some(TRANSIENT));
    lasting.map_or_else(String::new, |name_id| name_id.value.clone())
}

/// What was delivered, under the names of the attributes, and the name identifier under its own.
fn delivered(assertion: &Assertion) -> Map<String, Value> {
    let mut delivered: Map<String, Value> = Map::new();
    for attribute in &assertion.attributes {
        let values = delivered
            .entry(attribute.name.clone())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.extend(attribute.values.iter().cloned().map(Value::from));
        }
    }
    let name_id = subject(assertion);
    if !name_id.is_empty() {
        delivered
            .entry(NAME_ID)
            .or_insert_with(|| Value::from(name_id));
    }
    delivered
}
