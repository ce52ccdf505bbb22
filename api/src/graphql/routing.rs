//! The routing table of an environment, as it is or was, for people: without what only a node may
//! have.

use crate::graphql::fault;
use crate::graphql::input::Word;
use crate::graphql::record::leave_out;
use crate::graphql::scope::Scope;
use async_graphql::{Json, Result, SimpleObject};
use domain::Environment;
use projections::routing::table_of;
use serde_json::Value;

/// The routing table of an environment.
#[derive(Clone, SimpleObject)]
#[graphql(name = "Routing")]
pub(crate) struct RoutingView {
    /// Which environment.
    environment: Word<Environment>,
    /// The position of the log that it is made from.
    position: u64,
    /// The table, in the form of the node feed. Secrets and the marks of suspended users are left
    /// out.
    table: Json<Value>,
}

/// The table in this answer's state of the network.
pub(crate) async fn routing(scope: &Scope, environment: Environment) -> Result<RoutingView> {
    let content = scope.clone();
    let folding = move || serde_json::to_value(table_of(environment, content.snapshot()));
    let table = tokio::task::spawn_blocking(folding).await;
    let Ok(Ok(mut table)) = table else {
        return Err(fault::unavailable());
    };
    without_secrets(&mut table);
    Ok(RoutingView {
        environment: Word(environment),
        position: scope.snapshot().position,
        table: Json(table),
    })
}

/// What only a node may have.
const OF_NODES_ALONE: &[&str] = &["clientSecret", "privateKey", "secretHash", "user"];

/// Leaves out what only a node may have.
pub(crate) fn without_secrets(json: &mut Value) {
    leave_out(json, OF_NODES_ALONE);
}
