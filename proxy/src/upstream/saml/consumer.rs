//! Where home organisations' assertions arrive, and what we say of ourselves to them.
//!
//! Our cookies are Lax, and a browser keeps them back when another site makes it post here. So the
//! first post is answered by a page that posts the same form again, from here: the second comes
//! with the cookies.

use super::entity_id;
use crate::broker::{Arrival, Broker};
use crate::cookie::Cookies;
use crate::downstream::saml::{FORM_LENGTH_MAX, metadata_document};
use crate::flow::Flow;
use crate::page;
use crate::parameters::Parameters;
use crate::saml::metadata::OwnRole;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

pub(super) const METADATA_PATH: &str = "/saml/sp/metadata";
const CONSUMER_PATH: &str = "/saml/acs";
/// The parameter by which a form of ours says that it was posted again.
const AGAIN: &str = "again";

/// The address that home organisations share.
pub(super) fn common_address(issuer: &str) -> String {
    format!("{issuer}{CONSUMER_PATH}")
}

/// The address of one home organisation.
pub(super) fn own_address(issuer: &str, flow_name: &str) -> String {
    let name = utf8_percent_encode(flow_name, NON_ALPHANUMERIC);
    format!("{issuer}{CONSUMER_PATH}/{name}")
}

/// The endpoints towards home organisations.
pub(crate) fn routes() -> Router<Arc<Broker>> {
    let limit = || DefaultBodyLimit::max(FORM_LENGTH_MAX);
    Router::new()
        .route(CONSUMER_PATH, post(common).layer(limit()))
        .route("/saml/acs/{flow_name}", post(own).layer(limit()))
        .route(METADATA_PATH, get(metadata))
        .route("/saml/sp/metadata/{flow_name}", get(own_metadata))
}

async fn common(State(broker): State<Arc<Broker>>, headers: HeaderMap, body: Bytes) -> Response {
    consume(&broker, &headers, &body, None).await
}

async fn own(
    State(broker): State<Arc<Broker>>,
    Path(flow_name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    consume(&broker, &headers, &body, Some(&flow_name)).await
}

async fn consume(
    broker: &Broker,
    headers: &HeaderMap,
    body: &[u8],
    flow_name: Option<&str>,
) -> Response {
    let form = Parameters::of_form_up_to(headers, body, FORM_LENGTH_MAX);
    if let Ok(form) = &form
        && !form.has(AGAIN)
        && let Some(state) = form.get("RelayState").filter(|state| Flow::is_id(state))
        && Cookies::of(headers)
            .get(&Flow::cookie_name(state))
            .is_none()
    {
        let mut fields = form.as_slice().to_vec();
        fields.push((AGAIN.to_owned(), "yes".to_owned()));
        let here = flow_name.map_or_else(|| CONSUMER_PATH.to_owned(), |name| own_address("", name));
        let (nonce, onward) = (broker.fresh_id(), page::onward(&broker.issuer));
        let language = broker.caller(headers).language;
        return page::post(&here, onward, &fields, &nonce, language);
    }
    let answer = form.map(|form| {
        let state = form.get("RelayState").unwrap_or_default().to_owned();
        form.without("state").with("state", &state)
    });
    broker
        .come_back(&Arrival::Consumer(flow_name), headers, answer)
        .await
}

async fn metadata(State(broker): State<Arc<Broker>>) -> Response {
    let consumers = [common_address(&broker.issuer)];
    describe(&broker, &entity_id(&broker.issuer), &consumers)
}

/// For one home organisation, with the address that is its own.
async fn own_metadata(
    State(broker): State<Arc<Broker>>,
    Path(flow_name): Path<String>,
) -> Response {
    let known = broker.view().ok().and_then(|view| {
        let home = view.table.home_by_flow_name(&flow_name)?;
        let upstream = super::registration(home)?;
        Some(upstream.audience.clone())
    });
    let Some(audience) = known else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let issuer = &broker.issuer;
    let common = entity_id(issuer);
    let audience = audience.map_or(common, |audience| audience.as_str().to_owned());
    let consumers = [own_address(issuer, &flow_name), common_address(issuer)];
    describe(&broker, &audience, &consumers)
}

fn describe(broker: &Broker, entity_id: &str, consumers: &[String]) -> Response {
    let Ok(view) = broker.view() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let role = OwnRole::Service { consumers };
    metadata_document(broker, &view, entity_id, &role)
}
