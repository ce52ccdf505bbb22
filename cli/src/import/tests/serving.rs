//! Giving a call to a running server, played by a few lines.

use super::{Files, HIERARCHY, wishes};
use crate::import::mpassid::call::{self, Wishes};
use crate::import::organisations::{self, Scope};
use crate::import::report::Verdict;
use crate::import::server::Server;
use crate::import::target::Target;
use axum::http::HeaderMap;
use axum::{Json, Router, routing};
use domain::{Command, ImportIntegrations};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

type Asked = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// A server that gives one answer to everything, and what it was asked.
async fn server(answer: Value) -> (Target, Asked) {
    let asked: Asked = Arc::default();
    let seen = Arc::clone(&asked);
    let handler = move |headers: HeaderMap, Json(body): Json<Value>| async move {
        seen.lock().unwrap().push((headers, body));
        Json(answer)
    };
    let router = Router::new().route("/graphql", routing::post(handler));
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", socket.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let credential = Zeroizing::new("machine-credential".to_owned());
    let key = Zeroizing::new(credential.as_bytes().to_vec());
    (
        Target::Server(Server::new(&address, credential).unwrap(), key),
        asked,
    )
}

fn recorded() -> Value {
    json!({ "data": { "given": { "committed": { "positions": [7, 8, 9] }, "errors": [] } } })
}

fn refused(code: &str) -> Value {
    let error = json!({
        "code": code, "field": "maxRemovals", "message": "no", "remedy": "look",
    });
    json!({ "data": { "given": { "committed": null, "errors": [error] } } })
}

#[tokio::test]
async fn a_call_is_one_mutation_with_the_credential() {
    let (target, asked) = server(recorded()).await;
    let report = call::run(&target, Files::new().read(), &wishes())
        .await
        .unwrap();
    assert_eq!(
        (report.verdict, report.positions),
        (Verdict::Recorded, Some(7..10))
    );
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    let (headers, body) = &asked[0];
    assert_eq!(headers["authorization"], "Bearer machine-credential");
    assert!(
        body["query"]
            .as_str()
            .unwrap()
            .contains("importIntegrations(input: $input")
    );
    let input = body["variables"]["input"].clone();
    assert!(
        !input.to_string().contains("client-secret-marker"),
        "a client's secret is hashed"
    );
    let Some(Ok(Command::ImportIntegrations(ImportIntegrations { homes, .. }))) =
        Command::deserialize_named("ImportIntegrations", input)
    else {
        panic!("the input is no command")
    };
    assert!(homes[2].secret.is_some() && homes[2].secret_mark.is_some());
}

#[tokio::test]
async fn the_same_secret_gives_the_same_hash_and_mark() {
    let (target, asked) = server(recorded()).await;
    for _ in 0..2 {
        call::run(&target, Files::new().read(), &wishes())
            .await
            .unwrap();
    }
    let asked = asked.lock().unwrap();
    assert_eq!(
        asked[0].1["variables"]["input"],
        asked[1].1["variables"]["input"]
    );
    assert_ne!(
        asked[0].1["variables"]["commandId"],
        asked[1].1["variables"]["commandId"]
    );
}

#[tokio::test]
async fn an_invalid_file_is_refused_before_anything_is_sent() {
    let (target, asked) = server(recorded()).await;
    let files = Files::new().with(|files| files.idp(0)["logoUrl"] = json!("x"));
    let report = call::run(&target, files.read(), &wishes()).await.unwrap();
    assert_eq!(
        (report.verdict, report.refused.len()),
        (Verdict::Invalid, 1)
    );
    assert!(asked.lock().unwrap().is_empty());
    let lenient = Wishes {
        skip_invalid: true,
        ..wishes()
    };
    let report = call::run(&target, files.read(), &lenient).await.unwrap();
    assert_eq!((report.verdict, report.left.len()), (Verdict::Recorded, 1));
    let asked = asked.lock().unwrap();
    let input = &asked[0].1["variables"]["input"];
    assert_eq!(input["unreadable"][0]["legacyId"], "4900001");
}

#[tokio::test]
async fn a_refusal_and_nothing_new_are_told_apart() {
    let (target, _) = server(refused("TOO_MANY_REMOVALS")).await;
    let report = call::run(&target, Files::new().read(), &wishes())
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::Refused);
    assert_eq!(report.refusal.unwrap().remedy, "look");
    let (target, _) = server(refused("NOTHING_TO_CHANGE")).await;
    let report = call::run(&target, Files::new().read(), &wishes())
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::NothingToRecord);
}

#[tokio::test]
async fn organisations_travel_the_same_way() {
    let (target, asked) = server(recorded()).await;
    let answer = organisations::read(&"answer.json".into(), HIERARCHY.as_bytes());
    let scope = Scope {
        complete: true,
        under: None,
    };
    let report = organisations::record(&target, answer, scope, false)
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::Recorded);
    let asked = asked.lock().unwrap();
    let input = asked[0].1["variables"]["input"].clone();
    assert!(matches!(
        Command::deserialize_named("RecordOrganisations", input),
        Some(Ok(_))
    ));
}

#[tokio::test]
async fn a_fault_and_an_answer_of_somebody_else_are_errors() {
    let fault = json!({ "errors": [{ "message": "sign in first" }], "data": null });
    for answer in [fault, json!([1]), json!({ "data": {} })] {
        let (target, _) = server(answer).await;
        assert!(
            call::run(&target, Files::new().read(), &wishes())
                .await
                .is_err()
        );
    }
}
