//! The routing feed of proxy nodes: lines of JSON, versioned, with secrets encrypted to the node.

use super::NDJSON;
use crate::app::Api;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use domain::{Environment, Network};
use futures::StreamExt as _;
use ledger::sealed_box::BoxPublicKey;
use projections::routing::{NodeFeed, RoutingSource as _, RoutingUpdate};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where a follower stands.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Follow {
    #[serde(default)]
    after: Option<u64>,
}

/// Follows the routing table of an environment: first what the node lacks, then each change, and a
/// heartbeat where nothing changes. The stream ends when the node is expelled.
#[utoipa::path(get, path = "/feed/routing/{environment}", tag = "nodes",
    params(("environment" = String, Path, description = "test, demo, preproduction or production"), ("after" = Option<u64>, Query, description = "The position of the node's table; left out, a snapshot comes first")),
    responses((status = 200, content_type = "application/x-ndjson", description = "One update a line"), (status = 403, body = Problem)))]
pub(crate) async fn follow(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(environment): Path<String>,
    query: Result<Query<Follow>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(follow) = query.map_err(|_| {
        Problem::bad_request(
            "`after` is no position",
            "give a whole number or leave it out",
        )
        .field("after")
    })?;
    let environment = environment_of(&api, &caller, &environment)?;
    let backends = &api.0.backends;
    let key = public_key(&caller, &backends.registrar.network().1).ok_or_else(|| {
        Problem::bad_request(
            "the caller is no node with a key to encrypt to",
            "enrol the node with `enrolNode` and use its credential",
        )
    })?;
    let feed = NodeFeed::new(backends.views.clone(), key, Arc::clone(&backends.random));
    let following = Following::new(api.clone());
    let lines = feed
        .subscribe(environment, follow.after)
        .take_while(move |update| {
            // Asked with every update, heartbeats included, of the newest state there is: the one
            // that the update tells of, or the registrar's where that is further. An expelled node
            // hears no more.
            let api = following.0.clone();
            let caller = Arc::clone(&caller);
            let position = update.as_ref().map_or(0, RoutingUpdate::position);
            async move {
                let backends = &api.0.backends;
                let reached = backends.views.at_least(position).await;
                let folded = reached.unwrap_or_else(|| backends.views.current());
                let committed = backends.registrar.network();
                let network = if committed.0 > folded.position {
                    &committed.1
                } else {
                    &folded.network
                };
                caller.environments(network).contains(&environment)
            }
        })
        .map(|update| update.and_then(|update| update.to_line()).map(Bytes::from));
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(lines)).into_response())
}

/// Counts a follower as long as it follows.
struct Following(Api);

impl Following {
    fn new(api: Api) -> Self {
        api.0.metrics.feeds.fetch_add(1, Ordering::Relaxed);
        Self(api)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.0.0.metrics.feeds.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The environment of a machine's request: one that exists, and that the machine is for.
pub(crate) fn environment_of(
    api: &Api,
    caller: &Caller,
    name: &str,
) -> Result<Environment, Problem> {
    let environment: Environment = name.parse().map_err(|expected: &str| {
        Problem::bad_request(expected, "name one of the four environments").field("environment")
    })?;
    let network = api.0.backends.registrar.network();
    if caller.environments(&network.1).contains(&environment) {
        Ok(environment)
    } else {
        Err(Problem::forbidden().field("environment"))
    }
}

fn public_key(caller: &Caller, network: &Network) -> Option<BoxPublicKey> {
    let Caller::Node { node } = caller else {
        return None;
    };
    let row = network.access.nodes.get(node)?;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(&row.public_key)
        .ok()?;
    bytes.try_into().ok().map(BoxPublicKey)
}
