//! The token endpoint (OpenID Connect Core §3.1.3): where data leaves, and so where the login is
//! judged for the last time and made durable before anything leaves.

use super::grant::{Access, Redeemed, TOKEN_SECONDS};
use super::{OpenIdReply, reply};
use crate::broker::{Broker, Facts, Judged, Login};
use crate::clock::seconds;
use crate::jose::Algorithm;
use crate::live::View;
use crate::parameters::Parameters;
use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::IntegrationId;
use domain::data_model::Attribute;
use domain::time::Instant;
use ledger::{Hash, keyed_digest};
use projections::routing::{
    OpenIdConnectClient, ServiceProtocol, SubjectType, TokenEndpointAuthentication,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// How long an ID token serves, in seconds.
const ID_TOKEN_SECONDS: i64 = 300;

/// An error of the token endpoint (RFC 6749 §5.2).
pub(super) struct TokenError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl TokenError {
    fn new(status: StatusCode, error: &'static str, description: &'static str) -> Self {
        Self {
            status,
            error,
            description,
        }
    }

    fn grant(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    fn client() -> Self {
        // One answer for every reason: a stranger learns nothing of the registration.
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "client authentication failed",
        )
    }

    fn later() -> Self {
        let description = "nothing was released; try the login again";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            description,
        )
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Basic realm=\"token endpoint\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

pub(super) async fn token(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match exchange(&broker, &headers, &body).await {
        Ok(tokens) => {
            let fixed = HeaderValue::from_static;
            // The second header is for HTTP/1.0 caches (RFC 6749 §5.1).
            let headers = [
                (header::CACHE_CONTROL, fixed("no-store")),
                (header::PRAGMA, fixed("no-cache")),
            ];
            (headers, Json(tokens)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn exchange(broker: &Broker, headers: &HeaderMap, body: &[u8]) -> Result<Value, TokenError> {
    let invalid =
        |description| TokenError::new(StatusCode::BAD_REQUEST, "invalid_request", description);
    let parameters = Parameters::of_form(headers, body)
        .map_err(|_| invalid("expected a form in which every parameter stands once"))?;
    let view = broker.view().map_err(|_| TokenError::later())?;
    let (service, client) = authenticate(&view, headers, &parameters)?;
    match parameters.get("grant_type") {
        Some("authorization_code") => {}
        Some(_) => {
            let description = "grant_type must be authorization_code";
            let status = StatusCode::BAD_REQUEST;
            return Err(TokenError::new(
                status,
                "unsupported_grant_type",
                description,
            ));
        }
        None => return Err(invalid("grant_type is missing")),
    }
    let code = parameters
        .get("code")
        .ok_or_else(|| invalid("code is missing"))?;
    let (login, access_token) = match broker.openid.grants.redeem(broker, code) {
        Redeemed::Once {
            login,
            access_token,
        } => (*login, access_token),
        Redeemed::Again => {
            tracing::warn!(
                environment = %broker.environment, service = ?service,
                "a code was used twice; what it gave is revoked"
            );
            return Err(TokenError::grant("the code was used before"));
        }
        Redeemed::Unknown => return Err(TokenError::grant("the code is not known or too old")),
    };
    let reply = reply(&login.request);
    if login.request.service != service {
        return Err(TokenError::grant("the code was given to another client"));
    }
    if parameters.get("redirect_uri") != Some(reply.redirect_uri.as_str()) {
        return Err(TokenError::grant(
            "redirect_uri is not the one of the request",
        ));
    }
    check_verifier(reply, parameters.get("code_verifier"))?;

    let now = broker.clock.now();
    let judged = match broker.judge(&view, service, &login.identity, now) {
        Ok(judged) => judged,
        Err(problem) => return Err(refuse(broker, &login, problem).await),
    };
    let release = tokens(broker, &view, &client, &login, &judged, &access_token, now)?;
    broker
        .record_success(&login, &judged, &release.token_id, &release.released)
        .await
        .map_err(|_| TokenError::later())?;
    let access = Access {
        service,
        identity: login.identity,
        claims: release.claims,
    };
    if !broker.openid.grants.grant(&access_token, access, now) {
        return Err(TokenError::grant("the code was used before"));
    }
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": if reply_attributes(&login.request) { "openid profile" } else { "openid" },
        "id_token": release.id_token,
    }))
}

fn reply_attributes(request: &crate::flow::LoginRequest) -> bool {
    reply(request).attributes
}

/// Which client it is (RFC 6749 §2.3.1), by the one method that is registered for it.
fn authenticate(
    view: &View,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<(IntegrationId, OpenIdConnectClient), TokenError> {
    let (method, id, secret) = if let Some(value) = headers.get(header::AUTHORIZATION) {
        // Two proofs at once would let a reader of one see another client than a reader of the
        // other.
        if parameters.get("client_secret").is_some() {
            return Err(TokenError::client());
        }
        let (id, secret) = basic(value).ok_or_else(TokenError::client)?;
        if parameters.get("client_id").is_some_and(|other| other != id) {
            return Err(TokenError::client());
        }
        (TokenEndpointAuthentication::ClientSecretBasic, id, secret)
    } else {
        let part = |name| parameters.get(name).map(str::to_owned);
        let both = part("client_id").zip(part("client_secret"));
        let (id, secret) = both.ok_or_else(TokenError::client)?;
        (TokenEndpointAuthentication::ClientSecretPost, id, secret)
    };
    let row = view
        .table
        .service_by_client_id(&id)
        .ok_or_else(TokenError::client)?;
    let ServiceProtocol::OpenIdConnect(client) = &row.protocol else {
        return Err(TokenError::client());
    };
    let proven = client.token_endpoint_auth_method == method
        && client
            .secret_hash
            .as_ref()
            .is_some_and(|hash| hash.matches(&secret));
    if proven {
        Ok((row.integration, client.clone()))
    } else {
        Err(TokenError::client())
    }
}

/// Id and secret of a Basic header; both are form-encoded inside it.
fn basic(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, pair) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let text = percent_encoding::percent_decode_str(&text)
            .decode_utf8()
            .ok()?;
        Some(text.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}

/// PKCE (RFC 7636 §4.6), in both directions: a verifier without a challenge is an attempt to
/// have the challenge forgotten (RFC 9700 §4.8.2).
fn check_verifier(reply: &OpenIdReply, verifier: Option<&str>) -> Result<(), TokenError> {
    let fits = match (&reply.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) if (43..=128).contains(&verifier.len()) => {
            let given = URL_SAFE_NO_PAD.encode(Hash::of(verifier.as_bytes()).0);
            given.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(TokenError::grant("code_verifier does not fit"))
    }
}

async fn refuse(broker: &Broker, login: &Login, problem: Problem) -> TokenError {
    let facts = Facts::of(&login.identity, login.single_sign_on);
    broker
        .record_refusal(&login.correlation, &login.request, problem, facts)
        .await;
    TokenError::grant(problem.code())
}

struct Tokens {
    id_token: String,
    token_id: String,
    claims: Map<String, Value>,
    released: Vec<Attribute>,
}

/// The subject that a client sees (OpenID Connect Core §8.1): the same in all clients of a
/// service, another in every service, unless the user's national identifier is what it is given.
pub(super) fn subject(
    view: &View,
    client: &OpenIdConnectClient,
    judged: &Judged,
) -> Option<String> {
    match client.subject_type {
        SubjectType::Public => Some(judged.user_id.clone()),
        SubjectType::Pairwise => {
            let input = format!("{}/{}", judged.service.service, judged.user_id);
            let digest = keyed_digest(view.keys.pairwise()?, "pairwise subject", input.as_bytes());
            Some(URL_SAFE_NO_PAD.encode(digest.0))
        }
    }
}

fn tokens(
    broker: &Broker,
    view: &View,
    client: &OpenIdConnectClient,
    login: &Login,
    judged: &Judged,
    access_token: &str,
    now: Instant,
) -> Result<Tokens, TokenError> {
    let subject = subject(view, client, judged).ok_or_else(TokenError::later)?;
    let algorithm = Algorithm::from_name(client.id_token_algorithm.as_str());
    let key = algorithm.and_then(|algorithm| view.keys.signing(algorithm));
    let key = key.ok_or_else(TokenError::later)?;
    let reply = reply(&login.request);

    let mut claims = Map::new();
    claims.insert("sub".to_owned(), subject.into());
    let mut released = Vec::new();
    if reply.attributes {
        for (attribute, values) in &judged.release.values {
            let value = match values.as_slice() {
                [one] if !attribute.is_multi_valued() => one.as_str().into(),
                several => Value::from(several.to_vec()),
            };
            claims.insert(attribute.oidc_claim().to_owned(), value);
            released.push(*attribute);
        }
    }
    let mut token = if client.attributes_in_id_token {
        claims.clone()
    } else {
        Map::from_iter([("sub".to_owned(), claims["sub"].clone())])
    };
    let token_id = broker.fresh_id();
    let half = &Hash::of(access_token.as_bytes()).0[..16];
    let own = [
        ("iss", broker.issuer.as_str().into()),
        ("aud", client.client_id.as_str().into()),
        ("iat", seconds(now).into()),
        ("exp", (seconds(now) + ID_TOKEN_SECONDS).into()),
        ("auth_time", seconds(login.identity.authenticated_at).into()),
        ("jti", token_id.as_str().into()),
        ("at_hash", URL_SAFE_NO_PAD.encode(half).into()),
        (
            "acr",
            format!("urn:mpass.id:authnsource:{}", judged.home.flow_name).into(),
        ),
    ];
    token.extend(own.map(|(name, value): (&str, Value)| (name.to_owned(), value)));
    if let Some(nonce) = &reply.nonce {
        token.insert("nonce".to_owned(), nonce.as_str().into());
    }
    let id_token = key.sign("JWT", &token).map_err(|_| TokenError::later())?;
    Ok(Tokens {
        id_token,
        token_id,
        claims,
        released,
    })
}
