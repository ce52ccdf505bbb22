//! What the provider says of itself (OpenID Connect Discovery 1.0), and its public keys.

use super::{AUTHORIZE_PATH, KEYS_PATH, LOGOUT_PATH, TOKEN_PATH, USERINFO_PATH};
use crate::broker::Broker;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::data_model::Attribute;
use serde_json::{Value, json};
use std::sync::Arc;

/// Peers may keep either document this long: shorter than a key is published ahead of its use.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

fn document(value: Value) -> Response {
    ([(header::CACHE_CONTROL, CACHE)], Json(value)).into_response()
}

pub(super) async fn configuration(State(broker): State<Arc<Broker>>) -> Response {
    let Ok(view) = broker.view() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let front = |path: &str| format!("{}{path}", broker.issuer);
    let back = |path: &str| format!("{}{path}", broker.back_channel_origin);
    let mut claims = vec![
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
    ];
    claims.extend(Attribute::ALL.map(Attribute::oidc_claim));
    document(json!({
        "issuer": broker.issuer,
        "authorization_endpoint": front(AUTHORIZE_PATH),
        "token_endpoint": back(TOKEN_PATH),
        "userinfo_endpoint": back(USERINFO_PATH),
        "jwks_uri": back(KEYS_PATH),
        "end_session_endpoint": front(LOGOUT_PATH),
        "scopes_supported": ["openid", "profile"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": view.keys.algorithms(),
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": claims,
        "ui_locales_supported": ["fi", "sv", "en"],
        "authorization_response_iss_parameter_supported": true,
        "claim_types_supported": ["normal"],
        "display_values_supported": ["page"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    }))
}

pub(super) async fn keys(State(broker): State<Arc<Broker>>) -> Response {
    match broker.view() {
        Ok(view) => document(view.keys.key_set()),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
