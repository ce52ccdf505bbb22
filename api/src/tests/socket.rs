//! What an open connection may not do: outlive its session, ask without end, or stay silent.

use super::harness::{ORIGIN, Somebody, TestApp};
use crate::Limits;
use crate::authentication::session::SESSION_COOKIE;
use crate::caller::Caller;
use crate::graphql::SessionEnd;
use async_graphql::{Data, Executor as _, Request};
use axum_test::{TestWebSocket, WsMessage};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const ME: &str = "{ me { id } }";
const EVENTS: &str = "subscription { events(after: 0) { position } }";

/// A connection under somebody's session.
async fn connected(app: &TestApp, who: &Somebody) -> TestWebSocket {
    let Somebody::Session(sealed) = who else {
        panic!("a session")
    };
    let response = app
        .server
        .get_websocket("/graphql")
        .add_header("sec-websocket-protocol", "graphql-transport-ws")
        .add_header("cookie", format!("{SESSION_COOKIE}={sealed}"))
        .add_header("origin", ORIGIN)
        .await;
    let mut socket = response.into_websocket().await;
    socket
        .send_json(&json!({ "type": "connection_init" }))
        .await;
    let answer: Value = socket.receive_json().await;
    assert_eq!(answer["type"], "connection_ack", "{answer}");
    socket
}

async fn ask(socket: &mut TestWebSocket, id: usize, query: &str) {
    let message =
        json!({ "id": id.to_string(), "type": "subscribe", "payload": { "query": query } });
    socket.send_json(&message).await;
}

/// The number by which the connection is closed, after whatever else still comes.
async fn closed(socket: &mut TestWebSocket) -> u16 {
    let close = async {
        loop {
            if let WsMessage::Close(frame) = socket.receive_message().await {
                return frame.expect("a reason").code.into();
            }
        }
    };
    let close = tokio::time::timeout(Duration::from_secs(30), close).await;
    close.expect("the connection is closed")
}

#[tokio::test]
async fn a_session_that_ends_closes_its_connection() {
    let app = TestApp::founded().await;
    let mut socket = connected(&app, &app.administrator()).await;
    ask(&mut socket, 1, ME).await;
    let answer: Value = socket.receive_json().await;
    assert_ne!(
        answer["payload"]["data"]["me"]["id"],
        Value::Null,
        "{answer}"
    );
    // Nothing is asked and nothing happens: the end of the session is enough.
    app.ledger.clock.pass_until("2030-01-01T00:00:00Z");
    assert_eq!(closed(&mut socket).await, 4401);
}

#[tokio::test]
async fn nothing_is_recorded_under_a_session_that_is_over() {
    let app = TestApp::founded().await;
    let person = *app
        .ledger
        .registrar
        .network()
        .1
        .access
        .administrators
        .iter()
        .next()
        .unwrap()
        .0;
    let position = app.ledger.registrar.network().0;
    let execute = async |until: &str| {
        let caller = Caller::Person {
            person,
            claims: Vec::new(),
        };
        let mut connection = Data::default();
        connection.insert(Arc::new(caller));
        connection.insert(SessionEnd(domain::testing::instant(until)));
        let mutation = "mutation { recordOrganisations(input: { organisations: [{ organisation: \
                        \"1.2.246.562.99.00000000001\", description: { name: { fi: \"Kuvitteellinen\" } } }] }) \
                        { committed { positions } errors { code } } }";
        let schema = &app.api.0.schema;
        let mut answers = schema.execute_stream(Request::new(mutation), Some(Arc::new(connection)));
        serde_json::to_value(answers.next().await.expect("an answer")).unwrap()
    };
    let refused = execute("2025-01-01T12:00:00Z").await;
    assert_eq!(
        refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{refused}"
    );
    assert_eq!(app.ledger.registrar.network().0, position);
    let accepted = execute("2025-01-01T12:00:01Z").await;
    assert_eq!(
        accepted["data"]["recordOrganisations"]["errors"],
        json!([]),
        "{accepted}"
    );
    assert_eq!(app.ledger.registrar.network().0, position + 1);
}

#[tokio::test]
async fn operations_are_counted_one_by_one() {
    let limits = Limits {
        requests_per_second: 1,
        burst: 5,
        ..Limits::default()
    };
    let app = TestApp::with(limits, None).await;
    let mut socket = connected(&app, &app.administrator()).await;
    let mut codes = Vec::new();
    for id in 0..20 {
        ask(&mut socket, id, ME).await;
        let answer: Value = socket.receive_json().await;
        codes.push(answer["payload"]["errors"][0]["extensions"]["code"].clone());
        let complete: Value = socket.receive_json().await;
        assert_eq!(complete["type"], "complete", "{complete}");
    }
    assert_eq!(codes[0], Value::Null);
    assert!(codes.contains(&json!("RATE_LIMITED")), "{codes:?}");
    let metrics = app.get(&Somebody::Nobody, "/metrics").await.text();
    assert!(
        !metrics.contains("trustnet_http_rate_limited_total 0\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_connection_carries_only_so_many_subscriptions() {
    let app = TestApp::founded().await;
    let mut socket = connected(&app, &app.administrator()).await;
    for id in 0..33 {
        ask(&mut socket, id, EVENTS).await;
    }
    let refused = |message: &Value| message.to_string().contains("BUSY");
    let mut message: Value = socket.receive_json().await;
    while !refused(&message) {
        message = socket.receive_json().await;
    }
    assert_eq!(message["id"], "32", "{message}");
    // Where one is completed there is room for another.
    socket
        .send_json(&json!({ "id": "7", "type": "complete" }))
        .await;
    ask(&mut socket, 33, ME).await;
    let mut message: Value = socket.receive_json().await;
    while message["id"] != "33" {
        message = socket.receive_json().await;
    }
    assert!(!refused(&message), "{message}");
}
