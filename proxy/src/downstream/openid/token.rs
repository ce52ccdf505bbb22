//! The token endpoint (OpenID Connect Core §3.1.3): where data leaves, and so where the login is
//! judged for the last time and made durable before anything leaves.

use super::client::authenticate;
use super::grant::{Access, Redeemed, TOKEN_SECONDS};
use super::{OpenIdReply, reply, subject};
use crate::broker::{Broker, Facts, Judged, Login};
use crate::clock::seconds;
use crate::flow::answered_context;
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
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::data_model::Attribute;
use domain::time::Instant;
use ledger::Hash;
use projections::routing::OpenIdConnectClient;
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

    pub(super) fn client() -> Self {
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
    let (service, client) = authenticate(broker, &view, headers, &parameters).await?;
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
        "scope": if reply.attributes { "openid profile" } else { "openid" },
        "id_token": release.id_token,
    }))
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

    let mut claims = Map::from_iter([("sub".to_owned(), Value::from(subject))]);
    let mut token = claims.clone();
    let mut released = Vec::new();
    for (attribute, values) in &judged.release.values {
        let in_claims = reply.attributes || reply.userinfo_claims.contains(attribute);
        let in_token = (reply.attributes && client.attributes_in_id_token)
            || reply.id_token_claims.contains(attribute);
        let value = match values.as_slice() {
            [one] if !attribute.is_multi_valued() => one.as_str().into(),
            several => Value::from(several.to_vec()),
        };
        for (wanted, claims) in [(in_claims, &mut claims), (in_token, &mut token)] {
            if wanted {
                claims.insert(attribute.oidc_claim().to_owned(), value.clone());
            }
        }
        if in_claims || in_token {
            released.push(*attribute);
        }
    }
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
            answered_context(&login.request.contexts, &judged.home).into(),
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
