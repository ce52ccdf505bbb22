//! The intake of authentications: what proxy nodes elsewhere record, durably before it is answered.

use super::{NDJSON, body, expect_content, feed::environment_of};
use crate::app::Api;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::strict_json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::Environment;
use futures::future::join_all;
use registrar::{Authentication, RecordError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// The version of what travels to the intake.
const INTAKE_VERSION: u16 = 1;
/// How many records one request may bring.
const RECORDS_MAX: usize = 1024;

/// One authentication on its way to the intake.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AuthenticationLine {
    version: u16,
    authentication: Authentication,
    #[serde(default)]
    user: Option<String>,
}

/// How far a source is known to have come.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntakeMark {
    /// The number of the source's last record; 0 before the first.
    sequence: u64,
    /// The digest of that record; zeros before the first.
    digest: String,
}

/// How far this node is known to have come.
#[utoipa::path(get, path = "/intake/authentications/{environment}", tag = "nodes",
    params(("environment" = String, Path)), responses((status = 200, body = IntakeMark), (status = 403, body = Problem)))]
pub(crate) async fn mark(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(environment): Path<String>,
) -> Result<Json<IntakeMark>, Problem> {
    let environment = environment_of(&api, &caller, &environment)?;
    let source = source(&api, &caller)?;
    Ok(Json(mark_of(&api, environment, &source)))
}

/// Records authentications, one a line, in the order of their numbers. Answered with the node's
/// mark once all are durable (200), or with the mark to continue from where they do not continue
/// it (409). What was recorded before is taken and not recorded again.
#[utoipa::path(post, path = "/intake/authentications/{environment}", tag = "nodes",
    params(("environment" = String, Path)), request_body(content_type = "application/x-ndjson", content = String),
    responses((status = 200, body = IntakeMark), (status = 409, body = IntakeMark), (status = 400, body = Problem), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn take(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(environment): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Problem> {
    let environment = environment_of(&api, &caller, &environment)?;
    expect_content(&headers, NDJSON)?;
    let source = source(&api, &caller)?;
    let bytes = Zeroizing::new(body(content, api.0.limits.body_bytes).await?.to_vec());
    let records = parse(&bytes, &source)?;
    let count = records.len() as u64;
    // Queued in order before any is awaited, so that they share commits.
    let journals = &api.0.backends.authentications;
    let recorded = records.into_iter().map(|line| {
        let user = line.user.map(Zeroizing::new);
        journals.record(environment, line.authentication, user)
    });
    for outcome in join_all(recorded).await {
        match outcome {
            Ok(()) => {}
            Err(RecordError::Gap { .. }) => {
                let mark = mark_of(&api, environment, &source);
                return Ok((StatusCode::CONFLICT, Json(mark)).into_response());
            }
            Err(RecordError::Busy | RecordError::Unavailable) => return Err(Problem::unavailable()),
        }
    }
    api.0
        .metrics
        .authentications
        .fetch_add(count, Ordering::Relaxed);
    Ok(Json(mark_of(&api, environment, &source)).into_response())
}

fn parse(bytes: &[u8], source: &str) -> Result<Vec<AuthenticationLine>, Problem> {
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let mut records = Vec::new();
    for (number, line) in lines.enumerate() {
        let at = |problem: Problem| problem.field(format!("line {}", number + 1));
        if number >= RECORDS_MAX {
            return Err(at(Problem::bad_request(
                format!("more than {RECORDS_MAX} records in one request"),
                "send fewer at once",
            )));
        }
        let json = strict_json::read(line).map_err(|error| {
            at(Problem::bad_request(
                error.to_string(),
                "send one JSON object a line",
            ))
        })?;
        let record: AuthenticationLine =
            serde_path_to_error::deserialize(json).map_err(|error| {
                let path = error.path().to_string();
                let remedy = "send records as this version of the intake describes them";
                at(Problem::bad_request(
                    format!("{path}: {}", error.into_inner()),
                    remedy,
                ))
            })?;
        if record.version != INTAKE_VERSION {
            return Err(at(Problem::bad_request(
                format!("version {} is not read here", record.version),
                format!("send version {INTAKE_VERSION}: node and server must fit together"),
            )));
        }
        // A node records under its own name alone.
        if record.authentication.mark.source != source {
            return Err(at(Problem::forbidden()));
        }
        records.push(record);
    }
    Ok(records)
}

/// The name under which a node records: the one it is enrolled with.
fn source(api: &Api, caller: &Caller) -> Result<String, Problem> {
    let Caller::Node { node } = caller else {
        return Err(Problem::forbidden());
    };
    let network = api.0.backends.registrar.network();
    let row = network
        .1
        .access
        .nodes
        .get(node)
        .ok_or_else(Problem::forbidden)?;
    Ok(row.name.to_string())
}

fn mark_of(api: &Api, environment: Environment, source: &str) -> IntakeMark {
    let (sequence, digest) = api.0.backends.authentications.mark(environment, source);
    IntakeMark {
        sequence,
        digest: digest.to_string(),
    }
}
