//! The read models over a live ledger: what is published, what it was, and what the proxy gets.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::testing::instant;
use domain::{Command, Environment};
use futures::StreamExt as _;

use ledger::sealed_box::BoxPrivateKey;
use projections::routing::{
    NodeFeed, RouteRequest, RoutingSource, RoutingTable, RoutingUpdate, Secret, SecretOwner, permit,
};
use projections::{AsOf, Standing, Views};
use registrar::testing::TestLedger;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const HOME: &str = "1.2.246.562.99.00000000001";
const PROVIDER: &str = "1.2.246.562.99.00000000002";

fn command(name: &str, input: Value) -> Command {
    Command::deserialize_named(name, input)
        .expect("a known command")
        .expect("a right input")
}

/// A ledger whose test environment has one service and one home organisation, and its views.
async fn network() -> (TestLedger, Views, String, String, String) {
    let test = TestLedger::founded().await;
    let views = Views::fold(test.registrar.log().clone()).unwrap();
    tokio::spawn(views.clone().follow());
    let create = json!({
        "organisation": PROVIDER,
        "description": { "name": { "fi": "Kuvitteellinen palvelu" } },
    });
    test.given(command("CreateService", create)).await;
    let service = test
        .registrar
        .network()
        .1
        .services
        .services
        .iter()
        .next()
        .unwrap()
        .0
        .0;
    let client = json!({
        "service": service,
        "environment": "TEST",
        "configuration": { "protocol": { "openIdConnect": {
            "clientId": "kuvitteellinen",
            "redirectUris": ["https://service.example.org/callback"],
        } } },
        "secretHash": "s256.00000000000000000000000000000000.00",
    });
    test.given(command("RegisterServiceIntegration", client))
        .await;
    let home = json!({
        "organisation": HOME,
        "environment": "TEST",
        "configuration": {
            "upstream": { "openIdConnect": {
                "issuer": "https://home.example.org", "clientId": "trustnet",
            } },
            "attributes": [{ "attribute": "username", "source": "sub" }],
        },
        "secret": "merkki-salaisuus-0123456789abcdef",
    });
    test.given(command("RegisterHomeIntegration", home)).await;
    let network = test.registrar.network();
    let (mut client, mut home) = (String::new(), String::new());
    for (id, row) in network.1.integrations.iter() {
        let side = if row.home().is_some() {
            &mut home
        } else {
            &mut client
        };
        *side = id.to_string();
    }
    for integration in [&client, &home] {
        test.given(command(
            "ActivateIntegration",
            json!({ "integration": integration }),
        ))
        .await;
    }
    views
        .at_least(test.registrar.log().end().unwrap())
        .await
        .unwrap();
    (test, views, service.to_string(), client, home)
}

fn request(client: &str, home: &str) -> RouteRequest {
    RouteRequest {
        environment: Environment::Test,
        service: Some(client.parse().unwrap()),
        home: Some(home.parse().unwrap()),
        user: None,
        attribute_test: false,
    }
}

#[tokio::test]
async fn a_test_integration_routes_without_a_membership_and_stops_with_its_permission() {
    let (test, views, _, client, home) = network().await;
    let now = instant("2025-01-01T12:00:01Z");
    let table = views.routing_table(Environment::Test);
    let allowed = permit(&table, &request(&client, &home), now);
    assert!(allowed.allowed, "{allowed:?}");
    assert!(
        !allowed.because.is_empty(),
        "an answer says what it stands on"
    );

    let nobody = json!({ "integration": home, "mode": "LIST", "services": [] });
    let receipt = test.given(command("SetPermissionMode", nobody)).await;
    views.at_least(receipt.positions.end).await.unwrap();
    let table = views.routing_table(Environment::Test);
    let refused = permit(&table, &request(&client, &home), now);
    assert_eq!(
        refused.refusal.map(projections::routing::Refusal::code),
        Some("NOT_PERMITTED")
    );
    assert_eq!(refused.position, receipt.positions.end);
}

#[tokio::test]
async fn production_does_not_know_what_is_in_test() {
    let (_, views, _, client, home) = network().await;
    let table = views.routing_table(Environment::Production);
    assert!(table.services().is_empty() && table.homes().is_empty());
    let request = RouteRequest {
        environment: Environment::Production,
        ..request(&client, &home)
    };
    assert!(!permit(&table, &request, instant("2025-01-01T12:00:01Z")).allowed);
}

#[tokio::test]
async fn folding_step_by_step_and_at_once_gives_the_same_tables() {
    let (test, views, _, _, home) = network().await;
    let steps = [
        (
            "SetPermissionMode",
            json!({ "integration": home, "mode": "LIST", "services": [] }),
        ),
        (
            "SetPermissionMode",
            json!({ "integration": home, "mode": "ALL" }),
        ),
        (
            "SuspendIntegration",
            json!({ "integration": home, "ground": "SECURITY", "reason": "koe" }),
        ),
    ];
    for (name, input) in steps {
        let Some(Ok(command)) = Command::deserialize_named(name, input) else {
            continue;
        };
        let receipt = test.given(command).await;
        views.at_least(receipt.positions.end).await.unwrap();
        let anew = Views::fold(test.registrar.log().clone()).unwrap();
        for environment in Environment::ALL {
            assert_eq!(
                *views.routing_table(environment),
                *anew.routing_table(environment)
            );
        }
        let (live, anew) = (views.current(), anew.current());
        assert_eq!(live.state_hash().unwrap(), anew.state_hash().unwrap());
    }
}

#[tokio::test]
async fn the_past_is_as_it_was() {
    let (test, views, ..) = network().await;
    let end = test.registrar.log().end().unwrap();
    for position in 0..=end {
        let past = views.as_of(AsOf::Position(position)).await.unwrap();
        assert_eq!(past.position, position);
        assert_eq!(past.network.founding.is_some(), position > 0);
    }
    test.clock.pass(Duration::from_mins(1));
    let before = views.current().recorded_at;
    let rule = json!({
        "rule": { "sessionLifetime": { "minutes": 30 } },
        "validFrom": "2025-01-01",
        "source": "invented",
    });
    let receipt = test.given(command("SetRule", rule)).await;
    views.at_least(receipt.positions.end).await.unwrap();
    let past = views.as_of(AsOf::Instant(before)).await.unwrap();
    assert_eq!(
        past.position, end,
        "what was recorded later was not known then"
    );
    let now = views
        .as_of(AsOf::Instant(receipt.recorded_at))
        .await
        .unwrap();
    assert_eq!(now.position, receipt.positions.end);
}

#[tokio::test]
async fn a_node_gets_its_secrets_and_nobody_elses() {
    let (test, views, _, _, home) = network().await;
    let key = BoxPrivateKey::generate(&*test.random);
    let other = BoxPrivateKey::generate(&*test.random);
    let feed = NodeFeed::new(
        views.clone(),
        key.public_key().unwrap(),
        Arc::clone(&test.random),
    );
    let mut updates = feed.subscribe(Environment::Test, None);
    let Some(Ok(RoutingUpdate::Snapshot(table))) = updates.next().await else {
        panic!("the first update is the table");
    };
    let written = serde_json::to_string(&*table).unwrap();
    assert!(!written.contains("merkki-salaisuus"));
    let secret = secret_of(&table);
    let owner = SecretOwner::Integration(home.parse().unwrap());
    let opened = secret.open(&key, Environment::Test, owner).unwrap();
    assert_eq!(opened.as_slice(), b"merkki-salaisuus-0123456789abcdef");
    assert!(secret.open(&other, Environment::Test, owner).is_err());
    assert!(secret.open(&key, Environment::Production, owner).is_err());

    // A change arrives as a change, and leads to the table that is published.
    let nobody = json!({ "integration": home, "mode": "LIST", "services": [] });
    let receipt = test.given(command("SetPermissionMode", nobody)).await;
    let mut followed = table.as_ref().clone();
    while followed.position() < receipt.positions.end {
        match updates.next().await.unwrap().unwrap() {
            RoutingUpdate::Delta(delta) => followed.apply(&delta).unwrap(),
            other => panic!("{other:?}"),
        }
    }
    let published = views.routing_table(Environment::Test);
    let permissions =
        |table: &RoutingTable| table.homes().iter().next().unwrap().permissions.clone();
    assert_eq!(permissions(&followed), permissions(&published));
}

fn secret_of(table: &RoutingTable) -> Secret {
    match &table.homes().iter().next().unwrap().upstream {
        projections::routing::Upstream::OpenIdConnect(upstream) => upstream.client_secret.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_and_who_is_lost_gets_the_table() {
    let (test, views, _, _, home) = network().await;
    let start = views.current().position;
    for mode in ["LIST", "ALL", "LIST"] {
        let input = json!({ "integration": home, "mode": mode, "services": [] });
        let receipt = test.given(command("SetPermissionMode", input)).await;
        views.at_least(receipt.positions.end).await.unwrap();
    }
    let missed = views.routing().updates(Environment::Test, Some(start));
    assert_eq!(missed.len(), 3);
    assert!(
        missed
            .iter()
            .all(|update| matches!(update, RoutingUpdate::Delta(_)))
    );
    for lost in [None, Some(start + 1_000_000)] {
        let updates = views.routing().updates(Environment::Test, lost);
        assert!(matches!(updates.as_slice(), [RoutingUpdate::Snapshot(_)]));
    }
}

#[tokio::test]
async fn a_feed_whose_tables_have_stopped_ends_and_says_nothing_is_fresh() {
    let (test, views, ..) = network().await;
    let key = BoxPrivateKey::from_bytes([5; 32]);
    let feed = NodeFeed::new(
        views.clone(),
        key.public_key().unwrap(),
        Arc::clone(&test.random),
    );
    let mut updates = feed.subscribe(Environment::Test, None);
    let first = updates.next().await.unwrap().unwrap();
    assert!(matches!(first, RoutingUpdate::Snapshot(_)));
    test.ledger.close();
    // No heartbeat: a node that hears one takes its table for confirmed.
    assert!(updates.next().await.is_none());
    assert!(matches!(views.standing(), Standing::Stopped(_)));
    let mut again = feed.subscribe(Environment::Test, Some(first.position()));
    assert!(again.next().await.is_none());
}
