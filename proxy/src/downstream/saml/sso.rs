//! The endpoints where logins begin (SAML Bindings §3.4, §3.5): what a request must be before the
//! broker sees it.

use super::{NameIdKind, POST_PATH, REDIRECT_PATH, REQUEST_SECONDS_MAX, SamlReply, send_failure};
use crate::broker::{Broker, Caller};
use crate::cookie::{self, Cookies};
use crate::downstream::Reply;
use crate::flow::{LoginRequest, RequestedContext};
use crate::language::of_locales;
use crate::live::View;
use crate::page;
use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::saml::key::PeerKey;
use crate::saml::redirect::{self, Kind};
use crate::saml::request::{AuthnRequest, Comparison, Consumer};
use crate::saml::response::{Failure, StatusCode};
use crate::saml::signature::{self, Signed, authenticate};
use crate::saml::time::SKEW_SECONDS;
use crate::saml::xml::{self, Limits};
use crate::saml::{HTTP_POST, PERSISTENT, SamlError, TRANSIENT, UNSPECIFIED};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::time::Instant;
use projections::routing::{Refusal, SamlService, ServiceClient, ServiceProtocol, Upstream};
use std::sync::Arc;

/// Longest `RelayState` that is carried, in bytes. The specification has 80; services send more.
const RELAY_STATE_LENGTH_MAX: usize = 1024;
/// Most contexts that one request may name.
const CONTEXTS_MAX: usize = 10;
/// Most services that may stand behind one that asks.
const REQUESTERS_MAX: usize = 5;
/// The parameter by which a form of ours says that it was posted again.
const AGAIN: &str = "again";

/// Classes that many services' software asks for by itself. Which of them a home organisation's
/// login is, the proxy does not know and does not claim: they bind nobody.
const CLASSES_OF_HABIT: [&str; 3] = [
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
];

/// A request that arrived, of which nothing is proven yet.
struct Arrived {
    xml: String,
    relay_state: Option<String>,
    /// The query it came in, where it came in one.
    query: Option<redirect::RedirectMessage>,
    /// The address it came to.
    endpoint: &'static str,
    /// The language that a parameter asks for.
    language: Option<String>,
}

pub(super) async fn by_redirect(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let arrived = redirect::read(&query, Kind::Request)
        .map(|message| Arrived {
            xml: message.xml.clone(),
            relay_state: message.relay_state.clone(),
            query: Some(message),
            endpoint: REDIRECT_PATH,
            language: language_of(&query),
        })
        .map_err(|error| note(&error));
    begin(&broker, &headers, arrived).await
}

/// The language that the query asks for, in any of the ways that the network's services use.
fn language_of(query: &str) -> Option<String> {
    let found = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    ["lang", "language", "locale"].into_iter().find_map(found)
}

pub(super) async fn by_post(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::of_form_up_to(&headers, &body, super::FORM_LENGTH_MAX);
    if let Ok(form) = &form
        && !form.has(AGAIN)
        && cookie::are_kept_back(&headers)
    {
        let caller = broker.caller(&headers);
        let mut fields = form.as_slice().to_vec();
        fields.push((AGAIN.to_owned(), "yes".to_owned()));
        let (nonce, onward) = (broker.fresh_id(), page::onward(&broker.issuer));
        return page::post(POST_PATH, onward, &fields, &nonce, caller.language);
    }
    let arrived = form.and_then(|form| {
        let wrong = |error: SamlError| note(&error);
        if form.has("SAMLResponse") {
            return Err(wrong(SamlError::Binding("request and response at once")));
        }
        let message = form.get("SAMLRequest").ok_or(Problem::InvalidRequest)?;
        let octets =
            signature::decode(message).ok_or_else(|| wrong(SamlError::Binding("not base64")))?;
        let xml = xml::text_of_document(&octets, Limits::MESSAGE).map_err(wrong)?;
        Ok(Arrived {
            xml: xml.to_owned(),
            relay_state: form.get("RelayState").map(str::to_owned),
            query: None,
            endpoint: POST_PATH,
            language: None,
        })
    });
    begin(&broker, &headers, arrived).await
}

/// Says in the trace what the page does not.
fn note(error: &SamlError) -> Problem {
    tracing::info!(%error, "an authentication request is not taken");
    Problem::InvalidRequest
}

async fn begin(
    broker: &Broker,
    headers: &HeaderMap,
    arrived: Result<Arrived, Problem>,
) -> Response {
    let caller = broker.caller(headers);
    let now = broker.clock.now();
    let read = arrived.and_then(|arrived| {
        let view = broker.view()?;
        let (service, request) = prove(broker, &view, &arrived, now)?;
        let reply = address(&service, &request, arrived.relay_state)?;
        Ok((view, service, request, reply, arrived.language))
    });
    // Until the place of the answer is known to be the service's, nothing is sent anywhere.
    let (view, service, request, reply, language) = match read {
        Ok(read) => read,
        Err(problem) => return broker.end(&caller, None, problem.into(), vec![]).await,
    };
    let language = language.as_deref().and_then(of_locales);
    let language = language.unwrap_or(caller.language);
    match read_wishes(&view, &request, reply.clone()) {
        Ok((contexts, reply)) => {
            let request = LoginRequest {
                service: service.integration,
                force: request.force,
                passive: request.passive,
                choose: false,
                age_seconds_max: None,
                contexts,
                login_hint: None,
                language,
                reply: Reply::Saml(reply),
            };
            let caller = Caller { language, ..caller };
            broker.arrive(caller, request, &Cookies::of(headers)).await
        }
        Err(failure) => send_failure(broker, &reply, &failure, language),
    }
}

/// Whose request it is, read from what its signature covers where it has one.
fn prove(
    broker: &Broker,
    view: &View,
    arrived: &Arrived,
    now: Instant,
) -> Result<(Arc<ServiceClient>, AuthnRequest), Problem> {
    let wrong = |error: SamlError| note(&error);
    let unproven = xml::parse(&arrived.xml, Limits::MESSAGE).map_err(wrong)?;
    let mut request = AuthnRequest::read(unproven.root_element()).map_err(wrong)?;
    let row = view.table.service_by_entity_id(&request.issuer);
    let row = row.ok_or(Problem::Refused(Refusal::NoSuchService))?;
    let ServiceProtocol::Saml(service) = &row.protocol else {
        return Err(Problem::Refused(Refusal::NoSuchService));
    };
    let keys = PeerKey::of_certificates(&service.signing_certificates);
    let is_signed = if let Some(query) = &arrived.query {
        if query.is_signed() || service.requests_signed {
            query.verify(&keys).map_err(wrong)?;
        }
        query.is_signed()
    } else {
        let is_signed = signature::is_signed(&unproven, Signed::Root).map_err(wrong)?;
        if is_signed || service.requests_signed {
            let proven = authenticate(&arrived.xml, Signed::Root, Limits::MESSAGE, &keys);
            let proven = proven.map_err(wrong)?;
            let proven = xml::parse(proven.octets(), Limits::MESSAGE).map_err(wrong)?;
            let read = AuthnRequest::read(proven.root_element()).map_err(wrong)?;
            // Whose keys they are was read from what nobody had proven.
            if read.issuer != request.issuer {
                return Err(wrong(SamlError::Condition("issuer")));
            }
            request = read;
        }
        is_signed
    };
    let here = format!("{}{}", broker.issuer, arrived.endpoint);
    match &request.destination {
        Some(destination) if *destination == here => {}
        // SAML Bindings §3.4.5.2 and §3.5.5.2: a signed message says where it goes.
        None if !is_signed => {}
        _ => return Err(wrong(SamlError::Condition("destination"))),
    }
    let age = (now.microseconds() - request.issue_instant.microseconds()) / 1_000_000;
    if !(-SKEW_SECONDS..=REQUEST_SECONDS_MAX).contains(&age) {
        return Err(Problem::FlowExpired);
    }
    if !broker.saml.is_first(&request.issuer, &request.id, now) {
        return Err(Problem::FlowUsed);
    }
    Ok((Arc::clone(row), request))
}

/// Where the answer goes: a registered place, octet by octet.
fn address(
    row: &ServiceClient,
    request: &AuthnRequest,
    relay_state: Option<String>,
) -> Result<SamlReply, Problem> {
    let ServiceProtocol::Saml(service) = &row.protocol else {
        return Err(Problem::Refused(Refusal::NoSuchService));
    };
    if relay_state
        .as_ref()
        .is_some_and(|state| state.len() > RELAY_STATE_LENGTH_MAX)
    {
        return Err(Problem::RequestTooLarge);
    }
    let consumer = consumer(service, request).ok_or(Problem::RedirectUriNotRegistered)?;
    Ok(SamlReply {
        request: request.id.clone(),
        consumer: consumer.to_owned(),
        relay_state,
        name_id: NameIdKind::Transient,
        requesters: Vec::new(),
        proxies_max: None,
    })
}

fn consumer<'a>(service: &'a SamlService, request: &AuthnRequest) -> Option<&'a str> {
    let places = &service.assertion_consumer_services;
    let found = match &request.consumer {
        Some(Consumer::Address(address)) => places
            .iter()
            .find(|place| place.location.as_str() == address),
        Some(Consumer::Index(index)) => places.iter().find(|place| place.index == *index),
        // SAML Metadata §2.2.3: the default, or else the first.
        None => places
            .iter()
            .find(|place| place.is_default)
            .or_else(|| places.iter().min_by_key(|place| place.index)),
    };
    found.map(|place| place.location.as_str())
}

/// Everything else that the request wants; what cannot be given is told to the service.
fn read_wishes(
    view: &View,
    request: &AuthnRequest,
    reply: SamlReply,
) -> Result<(Vec<RequestedContext>, SamlReply), Failure> {
    let told = |first, second, message: &str| Failure {
        first,
        second: Some(second),
        message: Some(message.to_owned()),
    };
    let unsupported = |message| {
        Err(told(
            StatusCode::Requester,
            StatusCode::RequestUnsupported,
            message,
        ))
    };
    if request
        .protocol_binding
        .as_deref()
        .is_some_and(|binding| binding != HTTP_POST)
    {
        return unsupported("responses are sent by HTTP-POST");
    }
    if request.names_subject {
        return unsupported("a request cannot name the user");
    }
    let policy = request.name_id_policy.clone().unwrap_or_default();
    let other_space = policy
        .sp_name_qualifier
        .is_some_and(|qualifier| qualifier != request.issuer);
    let name_id = match policy.format.as_deref() {
        _ if other_space => None,
        None | Some(UNSPECIFIED | TRANSIENT) => Some(NameIdKind::Transient),
        Some(PERSISTENT) => Some(NameIdKind::Persistent),
        Some(_) => None,
    };
    let name_id = name_id.ok_or_else(|| {
        told(
            StatusCode::Requester,
            StatusCode::InvalidNameIdPolicy,
            "name identifiers are transient or persistent",
        )
    })?;
    let scoping = request.scoping.clone().unwrap_or_default();
    let proxies_max = match scoping.proxy_count {
        // Whoever logs in here, it is a home organisation that knows them.
        Some(0) => {
            return Err(told(
                StatusCode::Responder,
                StatusCode::ProxyCountExceeded,
                "users are authenticated by their home organisations",
            ));
        }
        other => other.map(|count| count - 1),
    };
    let mut contexts = contexts(request)?;
    if !scoping.providers.is_empty() {
        let known = view.table.homes().iter().filter(|home| {
            let Upstream::Saml(upstream) = &home.upstream else {
                return false;
            };
            scoping
                .providers
                .iter()
                .any(|one| one == upstream.entity_id.as_str())
        });
        let known: Vec<_> = known
            .filter(|home| contexts.is_empty() || contexts.iter().any(|one| one.is_of(home)))
            .map(|home| RequestedContext::Source(home.flow_name.clone()))
            .take(CONTEXTS_MAX)
            .collect();
        if known.is_empty() {
            return Err(told(
                StatusCode::Responder,
                StatusCode::NoSupportedIdp,
                "none of the identity providers is known",
            ));
        }
        contexts = known;
    }
    let requesters = scoping
        .requesters
        .into_iter()
        .take(REQUESTERS_MAX)
        .collect();
    Ok((
        contexts,
        SamlReply {
            name_id,
            requesters,
            proxies_max,
            ..reply
        },
    ))
}

/// The sources that the request asks for (SAML Core §3.3.2.2.1).
fn contexts(request: &AuthnRequest) -> Result<Vec<RequestedContext>, Failure> {
    let Some(wanted) = &request.contexts else {
        return Ok(Vec::new());
    };
    let known: Vec<_> = wanted
        .classes
        .iter()
        .filter_map(|class| RequestedContext::parse(class))
        .take(CONTEXTS_MAX)
        .collect();
    let by_habit = |class: &String| CLASSES_OF_HABIT.contains(&class.as_str());
    let comparable = matches!(wanted.comparison, Comparison::Exact | Comparison::Minimum);
    if known.is_empty() && wanted.classes.iter().any(by_habit) {
        return Ok(Vec::new());
    }
    if known.is_empty() || !comparable {
        return Err(Failure {
            first: StatusCode::Responder,
            second: Some(StatusCode::NoAuthnContext),
            message: Some("no authentication context that was asked for is known".to_owned()),
        });
    }
    Ok(known)
}
