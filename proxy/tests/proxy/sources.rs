//! Sources of identities beside OpenID Connect: a real directory, and stand-ins for the services
//! that exist only once and cannot be reached here, written from what is known of their protocols.

mod graph;
mod ldap;
mod opinsys;
mod slapd;
mod wilma;

use crate::browser::{Answer, Browser};
use crate::world::{World, integration};
use domain::Environment;
use domain::data_model::SourceAttribute;
use domain::value::{AttributeName, HostName, WebAddress};
use ledger::SeededRandom;
use projections::routing::{
    AttributeRule, AttributeValues, HomeIntegration, Secret, SecretOwner, Upstream,
};
use proxy::Hosts;
use serde_json::Value;

/// A secret of the integration 10, as its node receives it.
fn secret(world: &World, text: &str) -> Secret {
    let owner = SecretOwner::Integration(integration(10));
    let node = world.node.public_key().unwrap();
    let random = SeededRandom::new(10);
    Secret::for_node(&random, &node, Environment::Test, owner, text.as_bytes()).unwrap()
}

fn rules(named: &[(SourceAttribute, &str)]) -> Vec<AttributeRule> {
    let rule = |(to, name): &(SourceAttribute, &str)| AttributeRule {
        to: *to,
        values: AttributeValues::Source {
            name: AttributeName::parse(name).unwrap(),
        },
    };
    named.iter().map(rule).collect()
}

/// What Wilma and Opinsys deliver, under the names by which an integration has it mapped.
fn standard_rules() -> Vec<AttributeRule> {
    rules(&[
        (SourceAttribute::FirstName, "first_name"),
        (SourceAttribute::Surname, "last_name"),
        (SourceAttribute::LearnerId, "learner_id"),
        (SourceAttribute::SchoolIds, "roles.school"),
        (SourceAttribute::Roles, "roles.role"),
        (SourceAttribute::Groups, "roles.group"),
    ])
}

/// Has the only home integration speak another protocol.
async fn speak(world: &World, upstream: Upstream, rules: Vec<AttributeRule>) {
    let home = HomeIntegration {
        upstream,
        attribute_rules: rules,
        ..world.home(10)
    };
    world.change(|table| table.put_home(home)).await;
}

fn host(name: &str) -> HostName {
    HostName::parse(name).unwrap()
}

/// A host that is reached at a stand-in's address.
fn hosts(named: &[(&str, &str)]) -> Hosts {
    let at = |(name, address): &(&str, &str)| (host(name), WebAddress::parse(address).unwrap());
    Hosts::at(named.iter().map(at))
}

/// What a service receives after the login that `answer` ends.
async fn released(browser: &mut Browser<'_>, answer: &Answer) -> Value {
    let code = answer.parameter("code").unwrap();
    let tokens = browser.exchange(1, &code).await;
    let tokens = tokens.json();
    browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .json()
}

/// Where a source listens, as the address of a stand-in.
async fn listen() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}
