//! Provisioning: the payload shapes of the management service, and none of its traps.

use super::harness::{Somebody, TestApp, organisation};
use axum_test::TestResponse;
use base64::Engine as _;
use domain::{Command, Environment, Right};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const LIST: &str = "/api/v2/provisioning/list";
const HOMES: &str = "/api/v2/provisioning/identityproviders";
const CLIENTS: &str = "/api/v2/provisioning/serviceproviders";
const STATUS: &str = "/api/v2/provisioning/configuration/status";
const TAKEN: &str = "/api/v2/provisioning";

fn wilma(number: &str, environment: &str, title: &str) -> Value {
    json!({
        "legacyId": number, "environment": environment, "organisation": organisation(1).as_str(),
        "idpId": format!("wilma_{number}"), "flowName": format!("wilma{number}"),
        "configuration": {
            "upstream": { "wilma": { "host": "wilma.example.org" } },
            "attributes": [{ "attribute": "learnerId", "source": "opentunti.oid" }],
            "staticValues": [{ "attribute": "schoolIds", "value": "00001" }],
            "datasource": "wilma",
        },
        "discovery": {
            "showSchools": true, "schools": ["00002", "00001"], "institutionTypes": ["11", "15"],
            "title": { "fi": title }, "earlyEducation": true,
            "logo": { "address": "https://logo.example.org/wilma.png" },
        },
    })
}

fn opinsys() -> Value {
    json!({
        "legacyId": "4000031", "environment": "TEST", "organisation": organisation(1).as_str(),
        "idpId": "opinsys_k", "flowName": "OpinsysK",
        "configuration": {
            "upstream": { "opinsys": { "tenant": "k.example.org", "clientId": "cn=mpass,dc=example" } },
            "datasource": "opinsys",
        },
        "secret": "the-secret-itself",
        "discovery": { "institutionTypes": ["11"] },
        "permitted": [{ "clientId": "client-a" }],
    })
}

fn client(number: &str, client_id: &str) -> Value {
    json!({
        "legacyId": number, "environment": "TEST", "organisation": organisation(2).as_str(),
        "name": { "fi": "Kuvitteellinen palvelu" }, "sets": ["6000001"],
        "secretHash": "sha256:00:11",
        "configuration": {
            "name": "Kuvitteellinen palvelu",
            "protocol": { "openIdConnect": {
                "clientId": client_id, "redirectUris": ["https://service.example.org/callback"],
                "pkceRequired": false,
            } },
        },
    })
}

async fn import(app: &TestApp, sets: Value, clients: Value, homes: Value) {
    let call = json!({ "sets": sets, "clients": clients, "homes": homes });
    let command = Command::deserialize_named("ImportIntegrations", call).unwrap();
    let receipt = app.ledger.given(command.expect("an import")).await;
    let views = &app.api.0.backends.views;
    views.at_least(receipt.positions.end).await.unwrap();
}

/// A ledger with integrations of the environment test, and its consumer.
async fn imported() -> (TestApp, Somebody) {
    let app = TestApp::founded().await;
    let set = json!({ "legacyId": "6000001", "environment": "TEST", "name": { "fi": "Kuvitteellinen setti" }, "organisation": organisation(2).as_str(), "allowTestLearnerId": true });
    let (clients, homes) = (
        json!([client("5000001", "client-a")]),
        json!([wilma("4000051", "TEST", "Kunta"), opinsys()]),
    );
    import(&app, json!([set]), clients, homes).await;
    let consumer = consumer(&app).await;
    (app, consumer)
}

async fn consumer(app: &TestApp) -> Somebody {
    let (_, consumer) = app
        .machine(Right::Provisioning, None, Some(Environment::Test))
        .await;
    consumer
}

async fn get(app: &TestApp, who: &Somebody, path: &str) -> Value {
    let position = app.ledger.registrar.network().0;
    let views = &app.api.0.backends.views;
    views.at_least(position).await.unwrap();
    let response = app.get(who, path).await;
    assert_eq!(response.status_code(), 200, "{}", response.text());
    response.json()
}

async fn take(app: &TestApp, who: &Somebody, body: Value) -> TestResponse {
    let Somebody::Bearer(token) = who else {
        panic!("a machine")
    };
    app.server
        .put(TAKEN)
        .add_header("authorization", format!("Bearer {token}"))
        .json(&body)
        .await
}

async fn status(app: &TestApp, who: &Somebody) -> Value {
    get(app, who, STATUS).await[0].take()
}

#[tokio::test]
async fn the_lists_have_the_shape_of_the_loading_files() {
    let (app, consumer) = imported().await;
    let homes = get(&app, &consumer, HOMES).await;
    let clients = get(&app, &consumer, CLIENTS).await;
    let all = get(&app, &consumer, LIST).await;
    assert_json_snapshot!(all);

    let all = all.as_array().unwrap().as_slice();
    assert_eq!(homes["identityProviders"].as_array().unwrap(), &all[..2]);
    assert_eq!(clients["serviceProviders"].as_array().unwrap(), &all[2..3]);
    assert!(all[3]["configurationEntity"]["set"].is_object());
    let text = serde_json::to_string(&all).unwrap();
    for secret in ["the-secret-itself", "sha256:00:11", "sealed", "ecretHash"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn what_does_not_route_here_is_left_out() {
    let (app, consumer) = imported().await;
    import(
        &app,
        json!([]),
        json!([]),
        json!([wilma("7000001", "DEMO", "Kunta")]),
    )
    .await;
    let integration = {
        let network = app.ledger.registrar.network();
        let number = "4000051".parse().unwrap();
        network.1.integrations.home_by_legacy_id(&number).unwrap()
    };
    let numbers = |list: Value| -> Vec<u64> {
        let entries = list["identityProviders"].as_array().unwrap();
        entries
            .iter()
            .map(|entry| entry["id"].as_u64().unwrap())
            .collect()
    };
    let before = numbers(get(&app, &consumer, HOMES).await);
    assert_eq!(before.len(), 2, "demo is another environment");
    let command = json!({ "integration": integration, "reason": "invented" });
    let command = Command::deserialize_named("InactivateIntegration", command).unwrap();
    app.ledger.given(command.expect("a command")).await;
    let after = numbers(get(&app, &consumer, HOMES).await);
    assert_eq!(after, [4_000_031]);
    // Its logo goes with it.
    let logo = format!("{TAKEN}/integration/discoveryinformation/logo/4000051");
    assert_eq!(app.get(&consumer, &logo).await.status_code(), 404);
}

#[tokio::test]
async fn only_a_change_of_this_environment_is_one() {
    let (app, consumer) = imported().await;
    let before = status(&app, &consumer).await;
    assert_json_snapshot!(before, @r#"
    {
      "updated": true,
      "provisioningLastUpdateTime": null,
      "lastUpdateTime": null,
      "deploymentPhase": 0
    }
    "#);
    get(&app, &consumer, LIST).await;
    app.ledger.clock.pass_until("2025-01-02T10:00:00Z");
    let answer = take(&app, &consumer, json!({ "deploymentPhase": 0 })).await;
    assert_eq!(answer.status_code(), 200, "{}", answer.text());
    assert_json_snapshot!(answer.json::<Value>(), @r#"
    {
      "deploymentPhase": 0,
      "lastTime": "2025-01-01T14:00:00"
    }
    "#);

    // Neither a credential, nor a rule, nor another environment's integration is a change here.
    app.machine(Right::Viewer, Some(organisation(2)), None)
        .await;
    let elsewhere = json!([wilma("7000001", "DEMO", "Kunta")]);
    import(&app, json!([]), json!([]), elsewhere).await;
    assert_eq!(status(&app, &consumer).await["updated"], false);

    // A service's client alone is one; the oldest change is told.
    app.ledger.clock.pass_until("2025-07-03T10:00:00Z");
    let clients = json!([client("5000002", "client-b")]);
    import(&app, json!([]), clients, json!([])).await;
    app.ledger.clock.pass_until("2025-07-04T10:00:00Z");
    let home = json!([wilma("4000051", "TEST", "Toinen nimi")]);
    import(&app, json!([]), json!([]), home).await;
    assert_json_snapshot!(status(&app, &consumer).await, @r#"
    {
      "updated": true,
      "provisioningLastUpdateTime": "2025-01-01T14:00:00",
      "lastUpdateTime": "2025-07-03T13:00:00",
      "deploymentPhase": 0
    }
    "#);

    // A set that nobody is in is one, too.
    get(&app, &consumer, LIST).await;
    take(&app, &consumer, json!({ "deploymentPhase": 0 })).await;
    assert_eq!(status(&app, &consumer).await["updated"], false);
    let set =
        json!([{ "legacyId": "6000009", "environment": "TEST", "name": { "fi": "Uusi setti" } }]);
    import(&app, set, json!([]), json!([])).await;
    assert_eq!(status(&app, &consumer).await["updated"], true);
}

#[tokio::test]
async fn what_is_recorded_between_fetch_and_confirmation_is_not_lost() {
    let (app, consumer) = imported().await;
    for (index, last_time) in [
        Value::Null,
        json!("2025-01-01T14:50:00"),
        json!("2025-01-01T12:05:00Z"),
    ]
    .into_iter()
    .enumerate()
    {
        get(&app, &consumer, HOMES).await;
        app.ledger.clock.pass(Duration::from_mins(10));
        let home = wilma("4000051", "TEST", &format!("Nimi {index}"));
        import(&app, json!([]), json!([]), json!([home])).await;
        app.ledger.clock.pass(Duration::from_mins(10));
        get(&app, &consumer, CLIENTS).await;
        app.ledger.clock.pass(Duration::from_mins(10));
        // Also where the consumer says a time of its own, the lists it was given bound it.
        let body = json!({ "deploymentPhase": 0, "lastTime": last_time });
        let answer = take(&app, &consumer, body.clone()).await;
        assert_eq!(answer.status_code(), 200, "{body}: {}", answer.text());
        let status = status(&app, &consumer).await;
        assert_eq!(status["updated"], true, "{body}");
        let expected = [
            "2025-01-01T14:10:00",
            "2025-01-01T14:40:00",
            // Said to be earlier than what was given: all changes since that time count.
            "2025-01-01T14:10:00",
        ];
        assert_eq!(status["lastUpdateTime"], expected[index], "{body}");
    }
    // Another consumer has taken nothing.
    let other = self::consumer(&app).await;
    let theirs = status(&app, &other).await;
    assert_eq!(theirs["provisioningLastUpdateTime"], Value::Null);
}

#[tokio::test]
async fn a_confirmation_that_is_wrong_is_refused() {
    let (app, consumer) = imported().await;
    let nothing = take(&app, &consumer, json!({ "deploymentPhase": 0 })).await;
    assert_eq!(nothing.status_code(), 409);
    assert_eq!(nothing.json::<Value>()["code"], "NOTHING_GIVEN");
    for (body, status, field) in [
        (
            json!({ "deploymentPhase": 0, "lastTime": "2199-01-01T00:00:00" }),
            400,
            "lastTime",
        ),
        (
            json!({ "deploymentPhase": 0, "lastTime": "yesterday" }),
            400,
            "lastTime",
        ),
        (json!({ "deploymentPhase": 1 }), 403, "deploymentPhase"),
        (json!({ "deploymentPhase": "0" }), 400, "deploymentPhase"),
    ] {
        let answer = take(&app, &consumer, body.clone()).await;
        assert_eq!(answer.status_code(), status, "{body}: {}", answer.text());
        assert_eq!(answer.json::<Value>()["field"], field, "{body}");
    }
    assert_eq!(
        status(&app, &consumer).await["provisioningLastUpdateTime"],
        Value::Null,
        "nothing was noted"
    );
}

#[tokio::test]
async fn basic_is_for_provisioning_alone() {
    let (app, consumer) = imported().await;
    let (_, auditor) = app.machine(Right::Auditor, None, None).await;
    let basic = |who: &Somebody, change: &str| {
        let Somebody::Bearer(token) = who else {
            panic!("a machine")
        };
        let pair = token.replacen('.', ":", 1) + change;
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        let request = app.server.get(LIST);
        request.add_header("authorization", format!("Basic {encoded}"))
    };
    assert_eq!(basic(&consumer, "").await.status_code(), 200);
    let wrong = basic(&consumer, "x").await;
    assert_eq!(wrong.status_code(), 401);
    let asked: Vec<_> = wrong
        .headers()
        .get_all("www-authenticate")
        .iter()
        .filter_map(|scheme| scheme.to_str().ok())
        .collect();
    assert_eq!(asked, ["Bearer", "Basic realm=\"provisioning\""]);
    assert_eq!(basic(&auditor, "").await.status_code(), 401);
    assert_eq!(app.get(&auditor, LIST).await.status_code(), 403);
}

#[tokio::test]
async fn a_logo_is_where_the_entry_says() {
    let (app, consumer) = imported().await;
    let logo = |number: &str| format!("{TAKEN}/integration/discoveryinformation/logo/{number}");
    let found = app.get(&consumer, &logo("4000051")).await;
    assert_eq!(found.status_code(), 302);
    assert_eq!(
        found.headers()["location"],
        "https://logo.example.org/wilma.png"
    );
    assert_eq!(
        app.get(&consumer, &logo("4000031")).await.status_code(),
        404
    );
    assert_eq!(app.get(&consumer, &logo("x")).await.status_code(), 404);
    assert_eq!(
        app.get(&app.administrator(), &logo("4000051"))
            .await
            .status_code(),
        403
    );

    let picture = b"\x89PNG\r\n\x1a\n invented";
    let stored = app
        .post(&app.administrator(), "/documents?audience=PUBLIC")
        .bytes(picture.to_vec().into())
        .content_type("image/png")
        .await;
    let reference = stored.json::<Value>()["reference"].clone();
    let mut home = wilma("4000051", "TEST", "Kunta");
    home["discovery"]["logo"] = json!({ "document": reference });
    import(&app, json!([]), json!([]), json!([home])).await;
    let homes = get(&app, &consumer, HOMES).await;
    let entries = homes["identityProviders"].as_array().unwrap();
    let address = entries
        .iter()
        .find_map(|entry| entry["configurationEntity"]["idp"]["logoUrl"].as_str())
        .unwrap();
    let path = address.strip_prefix(super::harness::ORIGIN).unwrap();
    assert_eq!(path, logo("4000051"));
    let found = app.get(&consumer, path).await;
    assert_eq!(found.status_code(), 200);
    assert_eq!(found.headers()["content-type"], "image/png");
    assert_eq!(found.as_bytes().as_ref(), picture);
}
