//! What a proxy node gets for each kind of home organisation's system.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::data_model::SourceAttribute;
use domain::{Command, Environment};
use futures::StreamExt as _;
use ledger::sealed_box::BoxPrivateKey;
use projections::Views;
use projections::routing::{
    AttributeRule, AttributeValues, HomeIntegration, NodeFeed, RoutingSource, RoutingUpdate,
    Secret, SecretOwner, Upstream,
};
use registrar::testing::TestLedger;
use serde_json::{Value, json};
use std::sync::Arc;

const HOME: &str = "1.2.246.562.99.00000000001";
const SECRET: &str = "merkki-salaisuus-0123456789abcdef";

fn command(name: &str, input: Value) -> Command {
    Command::deserialize_named(name, input)
        .expect("a known command")
        .expect("a right input")
}

/// The row of an integration of this configuration as a node gets it, with the node's key.
async fn received(configuration: Value) -> (Arc<HomeIntegration>, BoxPrivateKey) {
    let test = TestLedger::founded().await;
    let views = Views::fold(test.registrar.log().clone()).unwrap();
    tokio::spawn(views.clone().follow());
    let home = json!({
        "organisation": HOME,
        "environment": "TEST",
        "configuration": configuration,
        "secret": SECRET,
    });
    test.given(command("RegisterHomeIntegration", home)).await;
    let id = {
        let network = test.registrar.network();
        let (id, _) = network.1.integrations.iter().next().unwrap();
        id.to_string()
    };
    test.given(command("ActivateIntegration", json!({ "integration": id })))
        .await;
    let end = test.registrar.log().end().unwrap();
    views.at_least(end).await.unwrap();
    let key = BoxPrivateKey::generate(&*test.random);
    let public = key.public_key().unwrap();
    let feed = NodeFeed::new(views.clone(), public, Arc::clone(&test.random));
    let mut updates = feed.subscribe(Environment::Test, None);
    let Some(Ok(RoutingUpdate::Snapshot(table))) = updates.next().await else {
        panic!("the first update is the table");
    };
    assert!(!serde_json::to_string(&*table).unwrap().contains(SECRET));
    (Arc::clone(table.homes().iter().next().unwrap()), key)
}

/// Asserts that a secret is sealed to the node, as the integration's.
fn assert_sealed(secret: &Secret, row: &HomeIntegration, key: &BoxPrivateKey) {
    let owner = SecretOwner::Integration(row.integration);
    let opened = secret.open(key, Environment::Test, owner).unwrap();
    assert_eq!(opened.as_slice(), SECRET.as_bytes());
}

fn source(rules: &[AttributeRule], of: SourceAttribute) -> Option<&str> {
    let rule = rules.iter().find(|rule| rule.to == of)?;
    match &rule.values {
        AttributeValues::Source { name } => Some(name.as_str()),
        AttributeValues::Static { value } => Some(value.as_str()),
    }
}

#[tokio::test]
async fn a_directory_comes_with_its_servers_its_authority_and_its_accounts_password() {
    let (row, key) = received(json!({
        "upstream": { "ldap": {
            "servers": [{ "host": "ldap.example.org", "port": 3636 }, { "host": "ldap-2.example.org" }],
            "security": "LDAPS", "base": "dc=example,dc=org",
            "bind": "cn=reader,dc=example,dc=org", "userAttribute": "uid",
        } },
        "attributes": [{ "attribute": "learnerId", "source": "employeeNumber" }],
    }))
    .await;
    let Upstream::Ldap(directory) = &row.upstream else {
        panic!("{:?}", row.upstream)
    };
    assert_eq!(directory.servers[0].port, Some(3636));
    assert_eq!(directory.user_attribute.as_str(), "uid");
    assert_sealed(&directory.password, &row, &key);
    assert_eq!(row.attribute_rules.len(), 1);
}

#[tokio::test]
async fn a_wilma_brings_its_mapping_with_it_but_for_what_is_set_by_hand() {
    let (row, key) = received(json!({
        "upstream": { "wilma": { "host": "wilma.example.org" } },
        "staticValues": [{ "attribute": "schoolIds", "value": "00011" }],
    }))
    .await;
    let Upstream::Wilma(wilma) = &row.upstream else {
        panic!("{:?}", row.upstream)
    };
    assert_eq!(wilma.host.as_str(), "wilma.example.org");
    assert_sealed(&wilma.secret, &row, &key);
    let rules = &row.attribute_rules;
    assert_eq!(source(rules, SourceAttribute::Roles), Some("roles.role"));
    assert_eq!(source(rules, SourceAttribute::SchoolIds), Some("00011"));
    let schools = rules
        .iter()
        .filter(|rule| rule.to == SourceAttribute::SchoolIds);
    assert_eq!(schools.count(), 1);
}

#[tokio::test]
async fn a_mapping_of_its_own_stands_instead_of_the_kinds() {
    let (row, key) = received(json!({
        "upstream": { "opinsys": { "tenant": "ka.example.org", "clientId": "uid=proxy,dc=example,dc=org" } },
        "attributes": [{ "attribute": "firstName", "source": "nickname" }],
    }))
    .await;
    let Upstream::Opinsys(opinsys) = &row.upstream else {
        panic!("{:?}", row.upstream)
    };
    assert_eq!(opinsys.tenant.as_str(), "ka.example.org");
    assert_sealed(&opinsys.client_key, &row, &key);
    assert_eq!(
        source(&row.attribute_rules, SourceAttribute::FirstName),
        Some("nickname")
    );
    assert_eq!(row.attribute_rules.len(), 1);
}

#[tokio::test]
async fn entra_id_by_openid_connect_pins_its_tenant_and_reads_graph_by_the_same_registration() {
    let (row, key) = received(json!({
        "upstream": { "entraId": {
            "tenantId": "00000000-0000-4000-8000-0000000000aa", "clientId": "registration",
            "clientKeyValidUntil": "2030-01-31", "login": "OPEN_ID_CONNECT",
        } },
        "attributes": [{ "attribute": "learnerId", "source": "employeeId" }],
    }))
    .await;
    let Upstream::OpenIdConnect(provider) = &row.upstream else {
        panic!("{:?}", row.upstream)
    };
    let tenant = "00000000-0000-4000-8000-0000000000aa";
    let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    assert_eq!(provider.issuer.as_str(), issuer);
    assert_eq!(provider.pinned_claims[0].claim.as_str(), "tid");
    assert_eq!(provider.pinned_claims[0].value.as_str(), tenant);
    assert_sealed(&provider.client_secret, &row, &key);
    let graph = row.graph.as_ref().unwrap();
    assert_eq!(graph.tenant_id.as_str(), tenant);
    assert_eq!(graph.client_id.as_str(), "registration");
    assert!(graph.valid_until.is_some());
    assert_sealed(&graph.client_key, &row, &key);
}
