//! Machines: credentials, the feed and the intake of proxy nodes, health and metrics.

use super::harness::{Somebody, TestApp};
use crate::Limits;
use base64::Engine as _;
use domain::{Environment, ExpelNode, RevokeMachineCredential, Right};
use insta::assert_json_snapshot;
use ledger::sealed_box::BoxPrivateKey;
use ledger::{DirectoryOptions, Ledger, MasterKey, Random, SeededRandom};
use registrar::testing::TestLedger;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

pub(super) fn public_key() -> String {
    let key = BoxPrivateKey::from_bytes([9; 32]).public_key().unwrap();
    base64::engine::general_purpose::STANDARD.encode(key.0)
}

#[tokio::test]
async fn a_credential_is_valid_until_it_is_revoked() {
    let app = TestApp::founded().await;
    let (credential, machine) = app.machine(Right::Auditor, None, None).await;
    let query = "{ me { means rights { right } } network { position } }";
    let answer = app.ask(&machine, query).await;
    assert_eq!(
        answer["data"]["me"]["rights"][0]["right"], "AUDITOR",
        "{answer}"
    );
    let Somebody::Bearer(token) = &machine else {
        panic!()
    };
    for wrong in [
        format!("{token}x"),
        "x".to_owned(),
        String::new(),
        token.replace('.', ""),
    ] {
        let response = app.send(&Somebody::Bearer(wrong), query, json!({})).await;
        assert_eq!(response.status_code(), 401);
        assert_eq!(response.json::<Value>()["code"], "CREDENTIAL_INVALID");
    }
    app.ledger
        .given(RevokeMachineCredential { credential })
        .await;
    assert_eq!(
        app.send(&machine, query, json!({})).await.status_code(),
        401
    );
}

#[tokio::test]
async fn the_feed_is_for_the_nodes_of_its_environment() {
    let app = TestApp::founded().await;
    let (node, proxy) = app.node(&public_key()).await;
    let feed = "/feed/routing/test";
    assert_eq!(app.get(&Somebody::Nobody, feed).await.status_code(), 401);
    assert_eq!(app.get(&app.administrator(), feed).await.status_code(), 403);
    assert_eq!(
        app.get(&proxy, "/feed/routing/production")
            .await
            .status_code(),
        403
    );
    assert_eq!(
        app.get(&proxy, "/feed/routing/moon").await.status_code(),
        400
    );
    let response = app.get(&proxy, "/feed/routing/test?after=x").await;
    assert_eq!(response.json::<Value>()["field"], "after");
    app.ledger.given(ExpelNode { node }).await;
    assert_eq!(app.get(&proxy, feed).await.status_code(), 401);
}

#[tokio::test]
async fn the_feed_begins_with_a_snapshot_and_follows() {
    use futures::StreamExt as _;
    let app = TestApp::founded().await;
    let (node, proxy) = app.node(&public_key()).await;
    let Somebody::Bearer(token) = &proxy else {
        panic!()
    };
    let address = app.server.server_url("/feed/routing/test").unwrap();
    let client = reqwest::Client::new();
    let response = client.get(address).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let mut lines = response.bytes_stream();
    let first = lines.next().await.unwrap().unwrap();
    let update = projections::routing::RoutingUpdate::from_line(&first).unwrap();
    assert!(
        matches!(update, projections::routing::RoutingUpdate::Snapshot(_)),
        "{update:?}"
    );
    let expelled = app.ledger.given(ExpelNode { node }).await;
    // What was recorded before may still arrive; nothing does that was recorded since.
    while let Some(chunk) = lines.next().await {
        let chunk = chunk.unwrap();
        for line in chunk.split_inclusive(|byte| *byte == b'\n') {
            let update = projections::routing::RoutingUpdate::from_line(line).unwrap();
            assert!(
                update.position() <= expelled.positions.start,
                "an expelled node hears no more: {update:?}"
            );
        }
    }
}

fn record(sequence: u64, previous: &str, source: &str) -> Value {
    json!({
        "version": 1,
        "authentication": {
            "occurredAt": "2025-01-01T12:00:00Z", "homeOrganisation": null, "homeIntegration": null,
            "service": null, "serviceIntegration": null, "protocol": "openid-connect",
            "requestId": format!("request-{sequence}"), "messageId": null, "governancePosition": 3,
            "outcome": { "refused": { "reason": "NO_ROUTE" } },
            "mark": { "source": source, "sequence": sequence, "previous": previous }
        },
        "user": "invented-user"
    })
}

#[tokio::test]
async fn the_intake_takes_what_continues_a_node() {
    let app = TestApp::founded().await;
    let (_, proxy) = app.node(&public_key()).await;
    let path = "/intake/authentications/test";
    let start: Value = app.get(&proxy, path).await.json();
    assert_eq!(start["sequence"], 0);
    let zeros = start["digest"].as_str().unwrap();
    let send = async |body: String| {
        let request = app
            .post(&proxy, path)
            .bytes(body.into())
            .content_type("application/x-ndjson");
        request.await
    };
    let first = record(1, zeros, "node-1");
    let response = send(format!("{first}\n")).await;
    assert_eq!(response.status_code(), 200, "{}", response.text());
    assert_eq!(response.json::<Value>()["sequence"], 1);
    assert_eq!(
        send(format!("{first}\n")).await.status_code(),
        200,
        "again is taken"
    );
    let gap = send(record(7, zeros, "node-1").to_string()).await;
    assert_eq!(gap.status_code(), 409);
    assert_eq!(gap.json::<Value>()["sequence"], 1);
    assert_eq!(
        send(record(2, zeros, "node-2").to_string())
            .await
            .status_code(),
        403
    );
    let broken = send("{\"version\":1,\"version\":1}".to_owned()).await;
    assert_json_snapshot!(broken.json::<Value>(), @r#"
    {
      "status": 400,
      "code": "BAD_REQUEST",
      "detail": "this is no JSON that is accepted: the key `version` stands twice at line 1 column 22",
      "remedy": "send one JSON object a line",
      "field": "line 1"
    }
    "#);
}

#[tokio::test]
async fn health_and_metrics_say_where_the_process_stands() {
    let app = TestApp::founded().await;
    assert_eq!(
        app.get(&Somebody::Nobody, "/health/live").await.text(),
        "live"
    );
    let ready: Value = app.get(&Somebody::Nobody, "/health/ready").await.json();
    assert_eq!(ready["ready"], true, "{ready}");
    let metrics = app.get(&Somebody::Nobody, "/metrics").await.text();
    assert!(metrics.contains("trustnet_ledger_writing 1\n"), "{metrics}");
    let missing = app.get(&Somebody::Nobody, "/nothing").await;
    assert_eq!(missing.status_code(), 404);
    assert_eq!(missing.json::<Value>()["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_provisioning_machine_is_no_person() {
    let app = TestApp::founded().await;
    let (_, machine) = app
        .machine(Right::Provisioning, None, Some(Environment::Test))
        .await;
    let me = app
        .ask(&machine, "{ me { environments rights { right } } }")
        .await;
    assert_eq!(me["data"]["me"]["environments"], json!(["TEST"]), "{me}");
    for query in [
        "{ network { position } }",
        "{ node(id: \"organisation:1\") { id } }",
    ] {
        let answer = app.ask(&machine, query).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_part_that_has_stopped_is_seen_by_whoever_watches() {
    let app = TestApp::founded().await;
    app.api
        .0
        .backends
        .alarms
        .raise("usage", "a reason with /a/path".to_owned());
    let response = app.get(&Somebody::Nobody, "/health/ready").await;
    assert_eq!(response.status_code(), 200, "the process can serve");
    assert_eq!(response.json::<Value>()["alarms"], json!(["usage"]));
    let metrics = app.get(&Somebody::Nobody, "/metrics").await.text();
    assert!(metrics.contains("trustnet_alarm{part=\"usage\"} 1\n"));
    assert!(!metrics.contains("/a/path"), "reasons are for the log");

    app.ledger.ledger.close();
    let stopped = app.api.0.backends.views.at_least(u64::MAX).await;
    assert!(stopped.is_none(), "the views have stopped");
    let response = app.get(&Somebody::Nobody, "/health/ready").await;
    assert_eq!(response.status_code(), 503);
    let ready: Value = response.json();
    assert_eq!(ready["ready"], false);
    assert_eq!(ready["projections"], "stopped");
    let metrics = app.get(&Somebody::Nobody, "/metrics").await.text();
    assert!(metrics.contains("trustnet_projection_following 0\n"));
}

#[tokio::test]
async fn what_is_wrong_with_the_ledgers_files_is_seen_by_whoever_watches() {
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
    let directory = tempfile::tempdir().expect("a directory");
    let options = DirectoryOptions::new(MasterKey::new([7; 32]), Arc::clone(&random));
    let id = Uuid::from_u128(7);
    let journal = directory.path().join("journals/governance");
    let ledger = Ledger::create_in(directory.path(), id, &options).expect("a ledger");
    let test = TestLedger::over(ledger, Arc::clone(&random));
    test.given(domain::testing::found_ledger()).await;
    test.ledger.close();
    drop(test);
    // A second copy that is lost is built anew at the start.
    std::fs::remove_dir_all(journal.join("sled")).expect("the second copy is there");
    let ledger = Ledger::open_in(directory.path(), &options).expect("it opens");
    let app = TestApp::over(TestLedger::over(ledger, random), Limits::default(), None);
    let ready: Value = app.get(&Somebody::Nobody, "/health/ready").await.json();
    assert_eq!(
        (&ready["repairs"], &ready["alarms"]),
        (&json!(1), &json!([]))
    );

    // A byte of the tail goes bad while it is served.
    let tail = std::fs::read_dir(journal.join("tail")).expect("the tail");
    let segment = tail
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|end| end == "segment"));
    let segment = segment.expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("it can be read");
    bytes[800] ^= 1;
    std::fs::write(&segment, bytes).expect("it can be written");
    // Whether a copy is at hand already is not what this is about.
    let _ = app.ledger.registrar.log().details(0);
    let response = app.get(&Somebody::Nobody, "/health/ready").await;
    assert_eq!(response.status_code(), 200, "the process can serve");
    assert_eq!(response.json::<Value>()["alarms"], json!(["ledger"]));
    let metrics = app.get(&Somebody::Nobody, "/metrics").await.text();
    assert!(
        !metrics.contains("trustnet_ledger_troubles 0\n"),
        "{metrics}"
    );
    assert!(metrics.contains("trustnet_ledger_repairs 1\n"), "{metrics}");
    assert!(metrics.contains("trustnet_alarm{part=\"ledger\"} 1\n"));
}
