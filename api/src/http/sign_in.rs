//! Signing people in and out.

use crate::app::Api;
use crate::authentication::cookie;
use crate::authentication::session::SESSION_COOKIE;
use crate::authentication::sign_in::{Callback, Redirect, SignInError};
use crate::problem::Problem;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Begin {
    #[serde(default, rename = "return")]
    return_to: Option<String>,
}

/// Sends the browser to the sign-in issuer that the ledger names.
#[utoipa::path(get, path = "/sign-in", tag = "sign-in",
    params(("return" = Option<String>, Query, description = "The path of this site to come back to")),
    responses((status = 303, description = "To the issuer"), (status = 503, body = Problem)))]
pub(crate) async fn begin(
    State(api): State<Api>,
    query: Result<Query<Begin>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(begin) = query.map_err(|_| bad_query())?;
    let state = &api.0;
    let return_to = begin.return_to.unwrap_or_default();
    let begun = state
        .sign_in
        .begin(&state.cookies, issuer(&api).as_deref(), &return_to)
        .await;
    begun
        .map(|done| redirect(&done))
        .map_err(|error| problem(&error))
}

/// Takes the browser back from the sign-in issuer, and opens a session.
#[utoipa::path(get, path = "/sign-in/callback", tag = "sign-in",
    params(("code" = Option<String>, Query), ("state" = Option<String>, Query), ("iss" = Option<String>, Query)),
    responses((status = 303, description = "To where the person came from"), (status = 400, body = Problem), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn complete(
    State(api): State<Api>,
    headers: HeaderMap,
    query: Result<Query<Callback>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(callback) = query.map_err(|_| bad_query())?;
    let state = &api.0;
    let completed = state
        .sign_in
        .complete(&state.cookies, issuer(&api).as_deref(), &headers, callback)
        .await;
    completed
        .map(|done| redirect(&done))
        .map_err(|error| problem(&error))
}

/// Ends the session of this browser.
#[utoipa::path(post, path = "/sign-out", tag = "sign-in", responses((status = 204, description = "The session has ended")))]
pub(crate) async fn end(State(_): State<Api>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookies(&mut response, &[cookie::clear(SESSION_COOKIE)]);
    response
}

fn issuer(api: &Api) -> Option<String> {
    let network = api.0.backends.registrar.network();
    let founding = network.1.founding.as_ref()?;
    Some(founding.sign_in_issuer.to_string())
}

fn redirect(redirect: &Redirect) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(&redirect.location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    set_cookies(&mut response, &redirect.cookies);
    response
}

fn set_cookies(response: &mut Response, cookies: &[String]) {
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

fn bad_query() -> Problem {
    Problem::bad_request("the address cannot be read", "begin again at /sign-in")
}

fn problem(error: &SignInError) -> Problem {
    tracing::warn!(%error, "Signing somebody in failed: {error}");
    let status = match error {
        SignInError::NotConfigured
        | SignInError::NotFounded
        | SignInError::Issuer(_)
        | SignInError::Answer
        | SignInError::Person(_) => StatusCode::SERVICE_UNAVAILABLE,
        SignInError::Refused | SignInError::Flow | SignInError::Token(_) => StatusCode::BAD_REQUEST,
        SignInError::TooManyRights(_) => StatusCode::FORBIDDEN,
    };
    let remedy = match error {
        SignInError::NotConfigured => "configure the sign-in issuer's client, then restart",
        SignInError::NotFounded => "found the ledger with `trustnet init`",
        SignInError::TooManyRights(_) => {
            "have the rights given for fewer organisations at the issuer, or divided among accounts"
        }
        _ => "begin again at /sign-in; if it fails again, tell the operator",
    };
    Problem::new(status, "SIGN_IN_FAILED", error.to_string(), remedy)
}
