//! Subscriptions over graphql-transport-ws.

use super::harness::{ORIGIN, Somebody, TestApp, organisation};
use crate::authentication::session::SESSION_COOKIE;
use domain::{GrantAccess, RevokeAccess, Right};
use serde_json::{Value, json};

const EVENTS: &str = "subscription { events(after: 0) { position event { name } } }";

async fn connect(app: &TestApp, init: Value) -> axum_test::TestWebSocket {
    let response = app
        .server
        .get_websocket("/graphql")
        .add_header("sec-websocket-protocol", "graphql-transport-ws")
        .await;
    let mut socket = response.into_websocket().await;
    socket
        .send_json(&json!({ "type": "connection_init", "payload": init }))
        .await;
    socket
}

#[tokio::test]
async fn the_older_protocol_is_refused() {
    let app = TestApp::founded().await;
    for offered in ["graphql-ws", "", "graphql-ws, soap"] {
        let response = app
            .server
            .get_websocket("/graphql")
            .add_header("sec-websocket-protocol", offered)
            .await;
        assert_eq!(response.status_code(), 400);
        assert!(response.text().contains("graphql-transport-ws"));
    }
}

#[tokio::test]
async fn a_session_of_another_site_opens_nothing() {
    let app = TestApp::founded().await;
    let Somebody::Session(sealed) = app.administrator() else {
        panic!()
    };
    let upgrade = |origin: &str| {
        app.server
            .get_websocket("/graphql")
            .add_header("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")
            .add_header("cookie", format!("{SESSION_COOKIE}={sealed}"))
            .add_header("origin", origin)
    };
    assert_eq!(upgrade("https://evil.example").await.status_code(), 403);
    let mut socket = upgrade(ORIGIN).await.into_websocket().await;
    socket
        .send_json(&json!({ "type": "connection_init" }))
        .await;
    let answer: Value = socket.receive_json().await;
    assert_eq!(answer["type"], "connection_ack");
}

#[tokio::test]
async fn events_come_with_their_positions_and_hide_what_is_not_for_the_caller() {
    let app = TestApp::founded().await;
    let own = organisation(1);
    let (_, machine) = app.machine(Right::Viewer, Some(own), None).await;
    let Somebody::Bearer(token) = machine else {
        panic!()
    };
    let mut socket = connect(&app, json!({ "Authorization": format!("Bearer {token}") })).await;
    let answer: Value = socket.receive_json().await;
    assert_eq!(answer["type"], "connection_ack", "{answer}");
    socket
        .send_json(&json!({ "id": "1", "type": "subscribe", "payload": { "query": EVENTS } }))
        .await;
    let end = app.ledger.registrar.network().0;
    let mut seen = Vec::new();
    for position in 1..=end {
        let answer: Value = socket.receive_json().await;
        let update = &answer["payload"]["data"]["events"];
        assert_eq!(update["position"], position, "{answer}");
        seen.push(update["event"]["name"].as_str().unwrap_or("-").to_owned());
    }
    assert!(seen.contains(&"LedgerFounded".to_owned()), "{seen:?}");
    assert!(
        seen.contains(&"-".to_owned()),
        "what is hidden advances the position: {seen:?}"
    );
    assert!(
        !seen.contains(&"AdministratorRecorded".to_owned()),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_subscription_ends_when_the_right_is_taken_back() {
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
    let receipt = app
        .ledger
        .given(GrantAccess {
            person,
            right: Right::Auditor,
            organisation: None,
        })
        .await;
    let domain::Event::AccessGranted(granted) = app.event(receipt.positions.start) else {
        panic!()
    };
    let Somebody::Session(sealed) = app.administrator() else {
        panic!()
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
    let _: Value = socket.receive_json().await;
    // The last event that is there already shows that the subscription has begun.
    let after = app.ledger.registrar.network().0 - 1;
    let query =
        format!("subscription {{ events(after: {after}) {{ position event {{ name }} }} }}");
    socket
        .send_json(&json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }))
        .await;
    let update: Value = socket.receive_json().await;
    assert_eq!(
        update["payload"]["data"]["events"]["event"]["name"], "AccessGranted",
        "{update}"
    );
    app.ledger
        .given(RevokeAccess {
            grant: granted.grant,
        })
        .await;
    let update: Value = socket.receive_json().await;
    assert_eq!(
        update["payload"]["data"]["events"]["event"]["name"], "AccessRevoked",
        "{update}"
    );
    let refused: Value = socket.receive_json().await;
    assert!(refused.to_string().contains("UNAUTHENTICATED"), "{refused}");
    let complete: Value = socket.receive_json().await;
    assert_eq!(complete["type"], "complete", "{complete}");
}
