//! SAML 2.0 towards services: the proxy as identity provider (SAML Profiles §4.1, saml2int).
//!
//! The assertion leaves through the browser, in the page that posts it. So what the token endpoint
//! is to OpenID Connect is here the making of that page: the login is judged once more, made
//! durable, and only then the page is sent.

mod issue;
mod metadata;
mod sso;

use super::{Downstream, Reply};
use crate::broker::{Broker, End, Facts, Login};
use crate::flow::LoginRequest;
use crate::live::View;
use crate::page::{self, WayBack};
use crate::problem::Problem;
use crate::saml::metadata::OwnRole;
use crate::saml::response::{Failure, StatusCode};
use crate::single_use::Expiring;
use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::value::Language;
use ledger::Hash;
use metadata::Published;
use projections::routing::{SamlService, ServiceProtocol};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// The protocol's name, as the log keeps it.
pub(crate) const PROTOCOL: &str = "saml";

const METADATA_PATH: &str = "/saml/metadata";
const REDIRECT_PATH: &str = "/saml/sso/redirect";
const POST_PATH: &str = "/saml/sso/post";
/// Longest form that is read: a message of the longest kind in base64, with its escapes.
pub(crate) const FORM_LENGTH_MAX: usize = 512 * 1024;

/// How old a request may be, in seconds, and so how long one is remembered.
const REQUEST_SECONDS_MAX: i64 = 600;
/// Most requests that are remembered.
const REQUESTS_MAX: usize = 200_000;

/// The identity provider of one environment at this node.
pub(crate) struct SamlIdentityProvider {
    /// Requests that were taken: each once.
    seen: Mutex<Expiring<()>>,
    published: Published,
}

/// Which name identifier a service gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NameIdKind {
    /// Another one at each login.
    #[serde(rename = "t")]
    Transient,
    /// Always the same one at this service, another one at every other.
    #[serde(rename = "p")]
    Persistent,
}

/// What must be remembered of an authentication request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SamlReply {
    /// The request's identifier.
    #[serde(rename = "i")]
    request: String,
    /// Where the answer goes: a registered address.
    #[serde(rename = "u")]
    consumer: String,
    #[serde(rename = "s")]
    relay_state: Option<String>,
    #[serde(rename = "n")]
    name_id: NameIdKind,
    /// The services behind the one that asks.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    requesters: Vec<String>,
    /// How many proxies there may be after us.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    proxies_max: Option<u32>,
}

impl SamlReply {
    /// The services behind the one that asks, and how many proxies there may be after us.
    pub(crate) fn scope(&self) -> (&[String], Option<u32>) {
        (&self.requesters, self.proxies_max)
    }
}

/// The metadata of an entity of ours, as an answer.
pub(crate) fn metadata_document(
    broker: &Broker,
    view: &View,
    entity_id: &str,
    role: &OwnRole<'_>,
) -> Response {
    metadata::document(broker.saml.published.get(broker, view, entity_id, role))
}

/// The entity ID towards services.
pub(crate) fn entity_id(issuer: &str) -> String {
    format!("{issuer}{METADATA_PATH}")
}

impl SamlIdentityProvider {
    pub(crate) fn new() -> Self {
        Self {
            seen: Mutex::new(Expiring::new(2 * REQUEST_SECONDS_MAX, REQUESTS_MAX)),
            published: Published::default(),
        }
    }

    /// Whether a request is seen for the first time.
    fn is_first(&self, issuer: &str, request: &str, now: domain::time::Instant) -> bool {
        let key = Hash::of(format!("{issuer}\n{request}").as_bytes());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(key, (), now)
    }
}

fn reply(request: &LoginRequest) -> &SamlReply {
    match &request.reply {
        Reply::Saml(reply) => reply,
        Reply::OpenIdConnect(_) => {
            unreachable!("the broker gives each protocol the requests that it read itself")
        }
    }
}

/// By which status a service is told of a problem.
fn failure(problem: Problem) -> Failure {
    let (first, second) = match problem {
        Problem::InvalidRequest | Problem::RequestTooLarge => (StatusCode::Requester, None),
        Problem::NoHomeIntegration => (StatusCode::Responder, Some(StatusCode::NoAuthnContext)),
        Problem::Refused(_) | Problem::Data(_) => {
            (StatusCode::Responder, Some(StatusCode::RequestDenied))
        }
        Problem::UpstreamRefused | Problem::UpstreamInvalid | Problem::AnotherUser => {
            (StatusCode::Responder, Some(StatusCode::AuthnFailed))
        }
        _ => (StatusCode::Responder, None),
    };
    Failure {
        first,
        second,
        message: Some(problem.code().to_owned()),
    }
}

/// The form that carries a message to a service.
fn fields(reply: &SamlReply, xml: &str) -> Vec<(String, String)> {
    let mut fields = vec![("SAMLResponse".to_owned(), STANDARD.encode(xml))];
    if let Some(state) = &reply.relay_state {
        fields.push(("RelayState".to_owned(), state.clone()));
    }
    fields
}

/// The page that posts a message to a service.
fn send(broker: &Broker, reply: &SamlReply, xml: &str, language: Language) -> Response {
    let nonce = broker.fresh_id();
    // Services redirect from where they take assertions, at times to another host of theirs.
    let onward = page::onward(&broker.issuer);
    page::post(
        &reply.consumer,
        onward,
        &fields(reply, xml),
        &nonce,
        language,
    )
}

/// Whether the place of the answer is one of the service's.
fn is_registered(service: &SamlService, reply: &SamlReply) -> bool {
    let mut places = service.assertion_consumer_services.iter();
    places.any(|place| place.location.as_str() == reply.consumer)
}

/// The same, as the table knows the service now.
fn is_still_registered(broker: &Broker, request: &LoginRequest) -> bool {
    let view = broker.live.view();
    let row = view.and_then(|view| view.table.services().get(&request.service).cloned());
    row.is_some_and(|row| match &row.protocol {
        ServiceProtocol::Saml(service) => is_registered(service, reply(request)),
        ServiceProtocol::OpenIdConnect(_) => false,
    })
}

/// Tells a service why it gets no assertion.
fn send_failure(
    broker: &Broker,
    reply: &SamlReply,
    failure: &Failure,
    language: Language,
) -> Response {
    match issue::failure(broker, reply, failure) {
        Ok(xml) => send(broker, reply, &xml, language),
        Err(problem) => problem.status().into_response(),
    }
}

#[async_trait]
impl Downstream for SamlIdentityProvider {
    fn routes(&self) -> Router<Arc<Broker>> {
        Router::new()
            .route(METADATA_PATH, get(metadata::metadata))
            .route(REDIRECT_PATH, get(sso::by_redirect))
            .route(
                POST_PATH,
                post(sso::by_post).layer(DefaultBodyLimit::max(FORM_LENGTH_MAX)),
            )
    }

    async fn deliver(&self, broker: &Broker, login: Login) -> Result<Response, End> {
        let facts = || Facts::of(&login.identity, login.single_sign_on);
        let fail = |problem| End {
            problem,
            facts: facts(),
        };
        let view = broker.view().map_err(fail)?;
        let now = broker.clock.now();
        let judged = broker.judge(&view, login.request.service, &login.identity, now);
        let judged = judged.map_err(fail)?;
        let reply = reply(&login.request);
        let ServiceProtocol::Saml(service) = &judged.service.protocol else {
            return Err(fail(Problem::RedirectUriNotRegistered));
        };
        // The registration may have changed while the user was away.
        if !is_registered(service, reply) {
            return Err(fail(Problem::RedirectUriNotRegistered));
        }
        let issued = issue::success(broker, &view, service, &login, &judged, now).map_err(fail)?;
        broker
            .record_success(&login, &judged, &issued.assertion_id, &issued.released)
            .await
            .map_err(|_| fail(Problem::NotRecorded))?;
        Ok(send(broker, reply, &issued.xml, login.request.language))
    }

    fn needs_user(&self, broker: &Broker, request: &LoginRequest) -> Response {
        let failure = Failure {
            first: StatusCode::Responder,
            second: Some(StatusCode::NoPassive),
            message: None,
        };
        send_failure(broker, reply(request), &failure, request.language)
    }

    fn refuse(&self, broker: &Broker, request: &LoginRequest, problem: Problem) -> Response {
        if is_still_registered(broker, request) {
            return send_failure(broker, reply(request), &failure(problem), request.language);
        }
        page::problem(problem, &broker.fresh_id(), request.language, &[])
    }

    fn refusal_address(&self, _: &Broker, _: &LoginRequest, _: Problem) -> Option<String> {
        // A posted answer cannot be made by following a link.
        None
    }

    fn way_back(
        &self,
        broker: &Broker,
        request: &LoginRequest,
        problem: Problem,
    ) -> Option<WayBack> {
        let reply = is_still_registered(broker, request).then(|| reply(request))?;
        let xml = issue::failure(broker, reply, &failure(problem)).ok()?;
        Some(WayBack {
            address: reply.consumer.clone(),
            fields: fields(reply, &xml),
            onward: page::onward(&broker.issuer),
        })
    }
}
