//! The authorization endpoint (OpenID Connect Core §3.1.2): what a request must be before the
//! broker sees it.

use super::claims::RequestedClaims;
use super::{AUTHORIZE_PATH, Answer, OpenIdReply, Reply, hint, post_again};
use crate::broker::{Broker, Caller};
use crate::cookie::{self, Cookies};
use crate::flow::{LoginRequest, RequestedContext};
use crate::language::of_locales;
use crate::parameters::Parameters;
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::IntegrationId;
use projections::routing::{OpenIdConnectClient, Refusal, ServiceProtocol};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest `state` and `nonce`, in bytes: they must fit into the flow's cookie.
const OPAQUE_LENGTH_MAX: usize = 1024;
/// Longest `login_hint`, in bytes.
const HINT_LENGTH_MAX: usize = 256;
/// Most contexts that one request may name.
const CONTEXTS_MAX: usize = 10;

pub(super) async fn by_query(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    authorize(&broker, &headers, parameters).await
}

pub(super) async fn by_form(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parameters = Parameters::of_form(&headers, &body);
    if let Ok(parameters) = &parameters
        && cookie::are_kept_back(&headers)
    {
        return post_again(&broker, &headers, AUTHORIZE_PATH, parameters);
    }
    authorize(&broker, &headers, parameters).await
}

async fn authorize(
    broker: &Broker,
    headers: &HeaderMap,
    parameters: Result<Parameters, Problem>,
) -> Response {
    let caller = broker.caller(headers);
    let addressed = parameters.and_then(|parameters| {
        let addressed = address(broker, &parameters)?;
        Ok((parameters, addressed))
    });
    // Until the return address is known to be the client's, nothing is sent anywhere.
    let (parameters, (service, client, mut reply)) = match addressed {
        Ok(addressed) => addressed,
        Err(problem) => return broker.end(&caller, None, problem.into(), vec![]).await,
    };
    let language = parameters.get("ui_locales").and_then(of_locales);
    let language = language.unwrap_or(caller.language);
    let read = read(&parameters, &client, &mut reply)
        .and_then(|asked| hinted(broker, &parameters, &client, &mut reply).map(|()| asked));
    match read {
        Ok(asked) => {
            let request = LoginRequest {
                service,
                force: asked.force,
                passive: asked.passive,
                choose: asked.choose,
                age_seconds_max: asked.age_seconds_max,
                contexts: asked.contexts,
                login_hint: asked.login_hint,
                language,
                reply: Reply::OpenIdConnect(reply),
            };
            let caller = Caller { language, ..caller };
            broker.arrive(caller, request, &Cookies::of(headers)).await
        }
        Err((error, description)) => {
            let answer = [("error", error), ("error_description", description)];
            Answer::new(broker, &reply, language, &answer).send()
        }
    }
}

/// Whom the request is from and where it may return to.
fn address(
    broker: &Broker,
    parameters: &Parameters,
) -> Result<(IntegrationId, OpenIdConnectClient, OpenIdReply), Problem> {
    let view = broker.view()?;
    let client_id = parameters.get("client_id").ok_or(Problem::InvalidRequest)?;
    let row = view.table.service_by_client_id(client_id);
    let row = row.ok_or(Problem::Refused(Refusal::NoSuchService))?;
    let ServiceProtocol::OpenIdConnect(client) = &row.protocol else {
        return Err(Problem::Refused(Refusal::NoSuchService));
    };
    let redirect_uri = parameters
        .get("redirect_uri")
        .ok_or(Problem::InvalidRequest)?;
    // Octet by octet (RFC 9700 §2.1): no prefix, no wildcard, no other port.
    if !client
        .redirect_uris
        .iter()
        .any(|registered| registered.as_str() == redirect_uri)
    {
        return Err(Problem::RedirectUriNotRegistered);
    }
    let reply = OpenIdReply {
        redirect_uri: redirect_uri.to_owned(),
        state: parameters.get("state").map(str::to_owned),
        nonce: parameters.get("nonce").map(str::to_owned),
        challenge: None,
        form_post: parameters.get("response_mode") == Some("form_post"),
        attributes: false,
        userinfo_claims: BTreeSet::new(),
        id_token_claims: BTreeSet::new(),
        subject: None,
    };
    Ok((row.integration, client.clone(), reply))
}

#[derive(Default)]
struct Asked {
    force: bool,
    passive: bool,
    choose: bool,
    age_seconds_max: Option<u32>,
    contexts: Vec<RequestedContext>,
    login_hint: Option<String>,
}

/// An error code of the protocol, with words for the service's developer.
type Told = (&'static str, &'static str);

/// Everything else of the request; its errors are told to the service.
fn read(
    parameters: &Parameters,
    client: &OpenIdConnectClient,
    reply: &mut OpenIdReply,
) -> Result<Asked, Told> {
    let too_long = |text: &Option<String>| {
        text.as_ref()
            .is_some_and(|text| text.len() > OPAQUE_LENGTH_MAX)
    };
    if too_long(&reply.state) || too_long(&reply.nonce) {
        // The long value is not sent back either.
        reply.state = None;
        return Err(("invalid_request", "state and nonce may have 1024 bytes"));
    }
    if parameters.get("request").is_some() {
        return Err(("request_not_supported", "request objects are not supported"));
    }
    if parameters.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "request_uri is not supported"));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type must be code")),
        None => return Err(("invalid_request", "response_type is missing")),
    }
    if !matches!(
        parameters.get("response_mode"),
        None | Some("query" | "form_post")
    ) {
        return Err((
            "invalid_request",
            "response_mode must be query or form_post",
        ));
    }
    let scopes = || parameters.get("scope").unwrap_or_default().split(' ');
    if !scopes().any(|scope| scope == "openid") {
        return Err(("invalid_scope", "scope must contain openid"));
    }
    reply.attributes = scopes().any(|scope| scope == "profile");
    reply.challenge = challenge(parameters, client)?;

    let mut asked = Asked::default();
    let prompts: Vec<_> = parameters
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .filter(|p| !p.is_empty())
        .collect();
    for prompt in &prompts {
        match *prompt {
            "none" if prompts.len() == 1 => asked.passive = true,
            "none" => return Err(("invalid_request", "prompt=none stands alone")),
            "login" => asked.force = true,
            "select_account" => asked.choose = true,
            // Whether data may leave is the home organisation's decision: there is nothing to ask.
            "consent" => {}
            _ => return Err(("invalid_request", "prompt is not known")),
        }
    }
    if let Some(age) = parameters.get("max_age") {
        let age = age
            .parse()
            .map_err(|_| ("invalid_request", "max_age must be seconds"))?;
        asked.age_seconds_max = Some(age);
        // OpenID Connect Core §3.1.2.1 through RFC 9470: no age at all is a login anew.
        asked.force |= age == 0;
    }
    asked.contexts = parameters
        .get("acr_values")
        .unwrap_or_default()
        .split(' ')
        .filter_map(RequestedContext::parse)
        .take(CONTEXTS_MAX)
        .collect();
    if let Some(text) = parameters.get("claims") {
        let claims = RequestedClaims::parse(text)
            .ok_or(("invalid_request", "claims is not a request for claims"))?;
        if let Some(contexts) = claims.contexts {
            if contexts.is_empty() {
                let description = "no acr that is asked for as essential is known";
                return Err(("unmet_authentication_requirements", description));
            }
            asked.contexts = contexts;
        }
        reply.userinfo_claims = claims.userinfo;
        reply.id_token_claims = claims.id_token;
        reply.subject = claims.subject;
    }
    asked.login_hint = parameters
        .get("login_hint")
        .filter(|hint| hint.len() <= HINT_LENGTH_MAX)
        .map(str::to_owned);
    Ok(asked)
}

/// The user whom an ID token of an earlier login names (OpenID Connect Core §3.1.2.1).
fn hinted(
    broker: &Broker,
    parameters: &Parameters,
    client: &OpenIdConnectClient,
    reply: &mut OpenIdReply,
) -> Result<(), Told> {
    let Some(token) = parameters.get("id_token_hint") else {
        return Ok(());
    };
    let view = broker.view();
    let view = view.map_err(|_| ("temporarily_unavailable", "try again in a moment"))?;
    let hint =
        hint::read(broker, &view, token).filter(|hint| hint.client_id == client.client_id.as_str());
    let hint = hint.ok_or((
        "invalid_request",
        "id_token_hint is no token of this provider's for this client",
    ))?;
    if reply
        .subject
        .as_ref()
        .is_some_and(|other| *other != hint.subject)
    {
        return Err(("invalid_request", "claims and id_token_hint name two users"));
    }
    reply.subject = Some(hint.subject);
    Ok(())
}

/// The PKCE challenge (RFC 7636 §4.3): S256 or, where the client need not use it, none.
fn challenge(
    parameters: &Parameters,
    client: &OpenIdConnectClient,
) -> Result<Option<String>, Told> {
    let Some(challenge) = parameters.get("code_challenge") else {
        if parameters.get("code_challenge_method").is_some() || client.pkce_required {
            return Err(("invalid_request", "code_challenge is missing"));
        }
        return Ok(None);
    };
    // Without a method it would be `plain`, which protects from nobody who reads the request.
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256"));
    }
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(base64url) {
        return Err((
            "invalid_request",
            "code_challenge is not a SHA-256 value in base64url",
        ));
    }
    Ok(Some(challenge.to_owned()))
}
