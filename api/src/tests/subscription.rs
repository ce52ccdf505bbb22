//! Subscriptions over graphql-transport-ws.

use super::harness::{ORIGIN, Somebody, TestApp, organisation};
use super::machine::public_key;
use super::story::two_members;
use crate::authentication::session::SESSION_COOKIE;
use axum_test::TestWebSocket;
use domain::{GrantAccess, RevokeAccess, RevokeMachineCredential, Right};
use serde_json::{Value, json};
use std::time::Duration;

const EVENTS: &str = "subscription { events(after: 0) { position event { name } } }";

async fn connect(app: &TestApp, init: Value) -> TestWebSocket {
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

/// A subscription by bearer token, acknowledged and begun.
async fn subscribed(app: &TestApp, who: &Somebody, query: &str) -> TestWebSocket {
    let Somebody::Bearer(token) = who else {
        panic!("a machine")
    };
    let mut socket = connect(app, json!({ "Authorization": format!("Bearer {token}") })).await;
    let answer: Value = socket.receive_json().await;
    assert_eq!(answer["type"], "connection_ack", "{answer}");
    socket
        .send_json(&json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }))
        .await;
    socket
}

async fn step(socket: &mut TestWebSocket) -> Value {
    let answer = tokio::time::timeout(Duration::from_secs(30), socket.receive_json::<Value>());
    let answer = answer.await.expect("a step comes");
    assert_eq!(answer["payload"]["errors"], Value::Null, "{answer}");
    answer["payload"]["data"].clone()
}

#[tokio::test]
async fn the_routing_table_comes_without_secrets_and_goes_on_where_it_was_left() {
    let app = TestApp::founded().await;
    let (own, _) = two_members(&app).await;
    let (credential, auditor) = app.machine(Right::Auditor, None, None).await;
    app.caught_up().await;
    let whole = "subscription { routing(environment: TEST) { position update } }";
    let mut socket = subscribed(&app, &auditor, whole).await;
    let first = step(&mut socket).await["routing"].clone();
    assert_eq!(first["update"]["kind"], "snapshot", "{first}");
    let table = first.to_string();
    assert!(
        table.contains(&format!("client-{}", own.marker())),
        "{table}"
    );
    assert!(table.contains(&own.home.to_string()), "{table}");
    for name in ["clientSecret", "secretHash", "privateKey"] {
        assert!(!table.contains(name), "{name} in {table}");
    }
    for secret in [own.secret_hash(), own.client_secret(), own.user()] {
        assert!(!table.contains(&secret), "{secret} in {table}");
    }
    // A change comes by itself, and to whoever names the position it had.
    let integration = own.client.to_string();
    app.record(
        "InactivateIntegration",
        json!({ "integration": integration }),
    )
    .await;
    let change = step(&mut socket).await["routing"].clone();
    assert!(change["position"].as_u64() > first["position"].as_u64());
    let after = &first["position"];
    let rest = format!(
        "subscription {{ routing(environment: TEST, after: {after}) {{ position update }} }}"
    );
    let mut resumed = subscribed(&app, &auditor, &rest).await;
    assert_eq!(step(&mut resumed).await["routing"], change);
    assert_ne!(change["update"]["kind"], "snapshot", "{change}");
    // Who may no longer see it hears no more of it.
    app.ledger
        .given(RevokeMachineCredential { credential })
        .await;
    app.record(
        "ReactivateIntegration",
        json!({ "integration": integration }),
    )
    .await;
    let refused: Value = resumed.receive_json().await;
    assert!(refused.to_string().contains("UNAUTHENTICATED"), "{refused}");
    let complete: Value = resumed.receive_json().await;
    assert_eq!(complete["type"], "complete", "{complete}");
}

#[tokio::test]
async fn the_routing_table_is_the_networks_own() {
    let app = TestApp::founded().await;
    let query = "subscription { routing(environment: TEST) { position } }";
    for right in [Right::Manager, Right::Auditor, Right::Applicant] {
        let (_, machine) = app.machine(right, Some(organisation(1)), None).await;
        let mut socket = subscribed(&app, &machine, query).await;
        let answer: Value = socket.receive_json().await;
        assert!(answer.to_string().contains("FORBIDDEN"), "{answer}");
    }
}

#[tokio::test]
async fn events_show_nobody_a_secret_or_its_hash() {
    let app = TestApp::founded().await;
    let (own, other) = two_members(&app).await;
    let rotated =
        json!({ "integration": own.client.to_string(), "secretHash": other.secret_hash() });
    app.record("RotateCredential", rotated).await;
    app.node(&public_key()).await;
    let end = app.ledger.registrar.network().0 + 1;
    let (_, auditor) = app.machine(Right::Auditor, None, None).await;
    let events = "subscription { events(after: 0) { position event { name payload } } }";
    let mut socket = subscribed(&app, &auditor, events).await;
    let mut names = Vec::new();
    loop {
        let update = step(&mut socket).await["events"].clone();
        let text = update.to_string();
        for hidden in [
            "secretHash",
            "secretMark",
            &own.secret_hash(),
            &other.secret_hash(),
        ] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        names.push(update["event"]["name"].as_str().unwrap().to_owned());
        if update["position"].as_u64() >= Some(end) {
            break;
        }
    }
    for name in [
        "CredentialRotated",
        "MachineCredentialIssued",
        "NodeEnrolled",
    ] {
        assert!(names.iter().any(|seen| seen == name), "{name}");
    }
    let (_, viewer) = app
        .machine(Right::Viewer, Some(own.organisation.clone()), None)
        .await;
    let timeline = "{ network { timeline(first: 500) { nodes { name payload } } } }";
    for who in [&auditor, &viewer] {
        let text = app.ask(who, timeline).await.to_string();
        assert!(text.contains("CredentialRotated"), "{text}");
        for hidden in ["secretHash", "secretMark", &other.secret_hash()] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
    }
}
