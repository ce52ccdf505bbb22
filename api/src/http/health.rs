//! Whether the process lives, whether it can serve, and what it counts.

use crate::app::Api;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use projections::Standing;
use registrar::Health;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the process can serve.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Readiness {
    /// Whether it can.
    ready: bool,
    /// Whether the ledger takes commands.
    ledger: &'static str,
    /// Whether the ledger takes authentications: without, nobody logs in.
    authentications: &'static str,
    /// Whether the read models follow the log.
    projections: &'static str,
    /// How many events the log has.
    position: u64,
    /// How many of them the read models have taken in.
    projected_position: u64,
    /// The parts that do not work although the process can serve; the log says why.
    alarms: Vec<&'static str>,
    /// How many faults of the ledger's files were mended since the start; the log says which.
    repairs: usize,
}

/// Whether the process lives. Asks nothing of the ledger.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, description = "It lives")))]
pub(crate) async fn live() -> &'static str {
    "live"
}

/// Whether the process can serve.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub(crate) async fn ready(State(api): State<Api>) -> Response {
    let backends = &api.0.backends;
    let writing = backends.registrar.health() == Health::Writing;
    let following = backends.views.standing() == Standing::Following;
    let recording = backends.authentications.health() == Health::Writing;
    let word = |goes_on| if goes_on { "writing" } else { "ended" };
    let readiness = Readiness {
        ready: writing && following && recording,
        ledger: word(writing),
        authentications: word(recording),
        projections: if following { "following" } else { "stopped" },
        position: backends.registrar.network().0,
        projected_position: backends.views.current().position,
        alarms: backends.parts_with_alarms(),
        repairs: backends.registrar.repairs(),
    };
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

/// What the process counts, in the text format of Prometheus. Nothing personal stands in it.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn metrics(State(api): State<Api>) -> Response {
    let backends = &api.0.backends;
    let text = api.0.metrics.text(&api.0.rates, backends);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
