//! GraphQL over HTTP (POST, JSON) and over `WebSockets` (`graphql-transport-ws` alone).

mod socket;

use super::{body, expect_content, same_origin};
use crate::app::{Api, Identified};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::strict_json;
use async_graphql::Executor as _;
use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The one subprotocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";

/// A GraphQL request.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GraphQLBody {
    /// The document.
    query: String,
    /// The values of its variables.
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    /// Which of the document's operations is asked for.
    #[serde(default)]
    operation_name: Option<String>,
    /// What a client adds; nothing in it is read.
    #[serde(default, rename = "extensions")]
    _extensions: Option<Value>,
}

/// Answers a GraphQL document. The schema describes everything: print it with `trustnet schema`.
#[utoipa::path(post, path = "/graphql", tag = "graphql", request_body = GraphQLBody,
    responses((status = 200, description = "The answer, with `data` and `errors`"), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub(crate) async fn execute(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Problem> {
    let state = &api.0;
    // A form of another site cannot send this type without being asked first.
    expect_content(&headers, "application/json")?;
    let bytes = body(content, state.limits.body_bytes).await?;
    let asked = parse(&bytes)?;
    let mut request = async_graphql::Request::new(asked.query).data(caller);
    if let Some(variables) = asked.variables {
        let variables = async_graphql::Variables::from_json(Value::Object(variables));
        request = request.variables(variables);
    }
    if let Some(operation) = asked.operation_name {
        request = request.operation_name(operation);
    }
    let response = state.schema.execute(request).await;
    if response.is_err() {
        state.metrics.graphql_errors.fetch_add(1, Ordering::Relaxed);
    }
    Ok(axum::Json(response).into_response())
}

fn parse(bytes: &[u8]) -> Result<GraphQLBody, Problem> {
    let value = strict_json::read(bytes).map_err(|error| {
        Problem::bad_request(
            error.to_string(),
            "send one JSON object in UTF-8, with each key once",
        )
    })?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let problem = Problem::bad_request(
            error.into_inner().to_string(),
            "send an object with `query` and, where needed, `variables` and `operationName`",
        );
        if path == "." {
            problem
        } else {
            problem.field(path)
        }
    })
}

/// Opens a connection for subscriptions.
#[utoipa::path(get, path = "/graphql", tag = "graphql",
    responses((status = 101, description = "The connection speaks graphql-transport-ws"), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn upgrade(
    State(api): State<Api>,
    Extension(identified): Extension<Identified>,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let offered = parts.headers.get(header::SEC_WEBSOCKET_PROTOCOL);
    let offered = offered
        .and_then(|offered| offered.to_str().ok())
        .unwrap_or_default();
    if !offered
        .split(',')
        .any(|protocol| protocol.trim() == PROTOCOL)
    {
        return Err(Problem::bad_request(
            "subscriptions need a WebSocket that speaks graphql-transport-ws",
            "send queries and mutations by POST; for subscriptions offer the subprotocol \
             graphql-transport-ws, for the older graphql-ws is not spoken",
        ));
    }
    // The session cookie comes along with any site's WebSocket: only this site's may use it.
    if matches!(identified, Identified::Person(..)) {
        same_origin(&parts.headers, &api.0.origin)?;
    }
    let socket = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|_| {
            Problem::new(
                StatusCode::UPGRADE_REQUIRED,
                "UPGRADE_REQUIRED",
                "the request does not ask for a WebSocket",
                "send queries and mutations by POST, or ask for a WebSocket",
            )
        })?;
    let limit = api.0.limits.body_bytes;
    Ok(socket
        .protocols([PROTOCOL])
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| socket::serve(api, identified, socket))
        .into_response())
}
