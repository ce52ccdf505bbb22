//! Which client it is at the token endpoint (RFC 6749 §2.3, OpenID Connect Core §9), by the one
//! method that is registered for it.

use super::token::TokenError;
use crate::broker::Broker;
use crate::clock::seconds;
use crate::jose::{self, PublicKey};
use crate::live::View;
use crate::parameters::Parameters;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::IntegrationId;
use ledger::Hash;
use projections::routing::{OpenIdConnectClient, ServiceProtocol, TokenEndpointAuthentication};
use serde_json::{Map, Value};
use std::sync::PoisonError;

/// The type of the assertions that are taken (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may serve at most, in seconds: its identifier is remembered as long.
pub(super) const ASSERTION_SECONDS_MAX: i64 = 3600;
/// How far a client's clock may be off, in seconds.
const SKEW_SECONDS: i64 = 60;
/// Longest identifier of an assertion, in bytes.
const IDENTIFIER_LENGTH_MAX: usize = 255;

/// A proof of one method, for the client that it names.
enum Proof<'a> {
    Secret {
        method: TokenEndpointAuthentication,
        secret: String,
    },
    Assertion(&'a str),
}

/// The client whose proof the request carries.
pub(super) async fn authenticate(
    broker: &Broker,
    view: &View,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<(IntegrationId, OpenIdConnectClient), TokenError> {
    let (id, proof) = proof(headers, parameters).ok_or_else(TokenError::client)?;
    let row = view.table.service_by_client_id(&id);
    let row = row.ok_or_else(TokenError::client)?;
    let ServiceProtocol::OpenIdConnect(client) = &row.protocol else {
        return Err(TokenError::client());
    };
    let registered = client.token_endpoint_auth_method;
    let proven = match proof {
        Proof::Secret { method, secret } => {
            let hash = client.secret_hash.as_ref();
            registered == method && hash.is_some_and(|hash| hash.matches(&secret))
        }
        Proof::Assertion(token) => {
            registered == TokenEndpointAuthentication::PrivateKeyJwt
                && is_asserted(broker, client, token).await
        }
    };
    if proven {
        Ok((row.integration, client.clone()))
    } else {
        Err(TokenError::client())
    }
}

/// The one proof of a request. With two, a reader of one could see another client than a reader of
/// the other (RFC 6749 §2.3).
fn proof<'a>(headers: &HeaderMap, parameters: &'a Parameters) -> Option<(String, Proof<'a>)> {
    let named = parameters.get("client_id");
    let secret = parameters.get("client_secret");
    let assertion = parameters.get("client_assertion");
    let typed = parameters.get("client_assertion_type");
    let (id, proof) = match (headers.get(header::AUTHORIZATION), secret, assertion, typed) {
        (Some(value), None, None, None) => {
            let (id, secret) = basic(value)?;
            let method = TokenEndpointAuthentication::ClientSecretBasic;
            (id, Proof::Secret { method, secret })
        }
        (None, Some(secret), None, None) => {
            let method = TokenEndpointAuthentication::ClientSecretPost;
            let secret = secret.to_owned();
            (named?.to_owned(), Proof::Secret { method, secret })
        }
        (None, None, Some(token), Some(ASSERTION_TYPE)) => {
            (claimed(token)?, Proof::Assertion(token))
        }
        _ => return None,
    };
    (named.is_none_or(|named| named == id)).then_some((id, proof))
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

/// Whom an assertion claims to be of, so that it is known whose keys to check it by.
fn claimed(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&claims).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

/// Whether a token is a fresh assertion of the client (RFC 7523 §3, OpenID Connect Core §9).
async fn is_asserted(broker: &Broker, client: &OpenIdConnectClient, token: &str) -> bool {
    let now = broker.clock.now();
    let claims = match (&client.jwks, &client.jwks_uri) {
        (Some(keys), _) => {
            let set: Value = serde_json::from_str(keys.as_str()).unwrap_or_default();
            jose::verify(token, &PublicKey::from_set(&set)).ok()
        }
        (None, Some(address)) => {
            let verified = broker.client_keys.verify(address, token, now).await;
            verified
                .inspect_err(|error| {
                    tracing::warn!(
                        environment = %broker.environment, client = %client.client_id, %error,
                        "a client's assertion was not accepted"
                    );
                })
                .ok()
        }
        (None, None) => None,
    };
    let Some(claims) = claims else {
        return false;
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (id, at) = (client.client_id.as_str(), seconds(now));
    let serves = number("exp")
        .is_some_and(|until| at - SKEW_SECONDS < until && until <= at + ASSERTION_SECONDS_MAX);
    let begun = |name| number(name).is_none_or(|from| from <= at + SKEW_SECONDS);
    let fits = text("iss") == Some(id)
        && text("sub") == Some(id)
        && is_for(broker, claims.get("aud"))
        && serves
        && begun("iat")
        && begun("nbf");
    let identifier =
        text("jti").filter(|identifier| (1..=IDENTIFIER_LENGTH_MAX).contains(&identifier.len()));
    let (true, Some(identifier)) = (fits, identifier) else {
        return false;
    };
    let key = Hash::of(format!("{id}\n{identifier}").as_bytes());
    let used = broker.openid.assertions.lock();
    let mut used = used.unwrap_or_else(PoisonError::into_inner);
    used.insert(key, (), now)
}

/// Whether an assertion was made for this provider: its issuer, or its token endpoint, by which
/// OpenID Connect Core §9 has it named. An assertion for several audiences could be presented by
/// any of them, so it names one.
fn is_for(broker: &Broker, audience: Option<&Value>) -> bool {
    let one = match audience {
        Some(Value::Array(several)) if several.len() == 1 => several[0].as_str(),
        Some(other) => other.as_str(),
        None => None,
    };
    one.is_some_and(|one| one == broker.issuer || one == super::token_endpoint(broker))
}
