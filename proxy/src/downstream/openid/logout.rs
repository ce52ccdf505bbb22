//! Log-out that a service began (OpenID Connect RP-Initiated Logout 1.0): it ends the session at
//! the proxy, and says truthfully that nothing else was ended.

use super::{LOGOUT_PATH, PROTOCOL};
use crate::broker::{Broker, see_other};
use crate::cookie::{self, Cookies};
use crate::jose;
use crate::language::{Words, of_locales};
use crate::live::View;
use crate::page::{self, Confirm, Link};
use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::session::SESSION_COOKIE;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use projections::routing::{ServiceClient, ServiceProtocol};
use serde_json::Value;
use std::sync::Arc;

pub(super) async fn by_query(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    logout(&broker, &headers, parameters, false).await
}

pub(super) async fn by_form(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parameters = Parameters::of_form(&headers, &body);
    logout(&broker, &headers, parameters, true).await
}

async fn logout(
    broker: &Broker,
    headers: &HeaderMap,
    parameters: Result<Parameters, Problem>,
    posted: bool,
) -> Response {
    let mut caller = broker.caller(headers);
    let asked = parameters.and_then(|parameters| {
        let view = broker.view()?;
        let service = service(&view, &broker.issuer, &parameters)?;
        Ok((parameters, view, service))
    });
    let (parameters, view, service) = match asked {
        Ok(asked) => asked,
        Err(problem) => return broker.end(&caller, None, problem.into(), vec![]).await,
    };
    if let Some(language) = parameters.get("ui_locales").and_then(of_locales) {
        caller.language = language;
    }
    let proven = service.as_ref().is_some_and(|(_, proven)| *proven);
    let confirmed = posted && parameters.get("confirm") == Some("yes");
    let session = broker.session(&view, &Cookies::of(headers), broker.clock.now());
    if session.is_some() && !proven && !confirmed {
        // Anyone can link here; without a token of ours the user is asked.
        let mut fields = vec![("confirm".to_owned(), "yes".to_owned())];
        for name in [
            "client_id",
            "post_logout_redirect_uri",
            "state",
            "ui_locales",
        ] {
            if let Some(value) = parameters.get(name) {
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        let button = Words {
            fi: "Kirjaudu ulos",
            sv: "Logga ut",
            en: "Log out",
        };
        let button = button.in_language(caller.language);
        let confirm = Confirm {
            address: LOGOUT_PATH,
            fields: &fields,
            button,
        };
        return page::logout(Some(confirm), &[], caller.language);
    }
    let service = service.map(|(service, _)| service);
    if let Some(identity) = &session {
        let service = service.as_deref();
        broker
            .record_logout(&caller.correlation, PROTOCOL, identity, service)
            .await;
    }
    let back = parameters.get("post_logout_redirect_uri").map(|address| {
        let Some(state) = parameters.get("state") else {
            return address.to_owned();
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state);
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}{}", query.finish())
    });
    let mut response = match back {
        // A shared device is the rule: unless the service proved itself, the user reads first what
        // is still open.
        Some(address) if proven => see_other(&address),
        back => {
            let text = Words {
                fi: "Palaa palveluun",
                sv: "Tillbaka till tjänsten",
                en: "Return to the service",
            };
            let text = text.in_language(caller.language);
            let links: Vec<_> = back
                .map(|address| Link { address, text })
                .into_iter()
                .collect();
            page::logout(None, &links, caller.language)
        }
    };
    cookie::set(response.headers_mut(), SESSION_COOKIE, "", 0);
    response
}

/// Which service asks, and whether it shows a token of ours. An address to return to must be
/// registered for it, or the request is refused.
fn service(
    view: &View,
    issuer: &str,
    parameters: &Parameters,
) -> Result<Option<(Arc<ServiceClient>, bool)>, Problem> {
    let hint = match parameters.get("id_token_hint") {
        None => None,
        Some(token) => {
            // Its age does not matter: it only says to whom it was given.
            let claims = jose::verify(token, view.keys.verifying());
            let claims = claims.map_err(|_| Problem::InvalidRequest)?;
            let ours = claims.get("iss").and_then(Value::as_str) == Some(issuer);
            let audience = claims.get("aud").and_then(Value::as_str).map(str::to_owned);
            Some(audience.filter(|_| ours).ok_or(Problem::InvalidRequest)?)
        }
    };
    let named = parameters.get("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint != named
    {
        return Err(Problem::InvalidRequest);
    }
    let row = hint
        .as_deref()
        .or(named)
        .and_then(|id| view.table.service_by_client_id(id));
    let registered = |address: &str| {
        row.is_some_and(|row| match &row.protocol {
            ServiceProtocol::OpenIdConnect(client) => client
                .post_logout_redirect_uris
                .iter()
                .any(|known| known.as_str() == address),
            ServiceProtocol::Saml(_) => false,
        })
    };
    if parameters
        .get("post_logout_redirect_uri")
        .is_some_and(|address| !registered(address))
    {
        return Err(Problem::RedirectUriNotRegistered);
    }
    Ok(row.map(|row| (Arc::clone(row), hint.is_some())))
}
