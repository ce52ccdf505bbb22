//! The userinfo endpoint (OpenID Connect Core §5.3): what was recorded as released, for as long as
//! it would be released still.

use crate::broker::Broker;
use crate::parameters::Parameters;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) async fn by_get(State(broker): State<Arc<Broker>>, headers: HeaderMap) -> Response {
    userinfo(&broker, bearer(&headers))
}

pub(super) async fn by_post(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = if body.is_empty() {
        Parameters::default()
    } else {
        Parameters::of_form(&headers, &body).unwrap_or_default()
    };
    match (bearer(&headers), form.get("access_token")) {
        // RFC 6750 §2: one way to send the token, not two.
        (Some(_), Some(_)) => refuse(StatusCode::BAD_REQUEST, "Bearer error=\"invalid_request\""),
        (token, None) | (None, token) => userinfo(&broker, token),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn userinfo(broker: &Broker, token: Option<&str>) -> Response {
    let now = broker.clock.now();
    let access = token.and_then(|token| broker.openid.grants.access(token, now));
    let still = access.filter(|access| {
        let view = broker.view();
        view.is_ok_and(|view| {
            broker
                .judge(&view, access.service, &access.identity, now)
                .is_ok()
        })
    });
    if let Some(access) = still {
        return Json(access.claims).into_response();
    }
    let challenge = if token.is_some() {
        "Bearer error=\"invalid_token\""
    } else {
        "Bearer"
    };
    refuse(StatusCode::UNAUTHORIZED, challenge)
}

fn refuse(status: StatusCode, challenge: &'static str) -> Response {
    let challenge = HeaderValue::from_static(challenge);
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
