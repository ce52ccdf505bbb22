//! Microsoft Graph, by a stand-in: the token endpoint of a tenant, and its users. The login before
//! it is the stand-in provider's.

use super::{hosts, listen, released, rules, secret};
use crate::browser::{Answer, Asked, Browser};
use crate::world::{World, short};
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::data_model::SourceAttribute;
use domain::value::ClientId;
use projections::routing::{GraphAttributes, HomeIntegration};
use proxy::SourceSettings;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const KEY: &str = "an invented client key";
const TENANT: &str = "00000000-0000-4000-8000-0000000000aa";
const OBJECT: &str = "00000000-0000-4000-8000-000000000001";

/// A stand-in for a tenant's token endpoint and Graph.
struct Graph {
    address: String,
    user: Mutex<Value>,
    tokens: Mutex<Vec<String>>,
    selects: Mutex<Vec<String>>,
    status: Mutex<Option<StatusCode>>,
}

impl Graph {
    async fn start() -> Arc<Self> {
        let (listener, address) = listen().await;
        let graph = Arc::new(Self {
            address,
            user: Mutex::new(json!({
                "givenName": "Testi", "surname": "Oppilaantytär", "department": "00011",
                "jobTitle": null,
                "onPremisesExtensionAttributes": {
                    "extensionAttribute1": "oppilas",
                    "extensionAttribute14": "1.2.246.562.24.10000000016",
                },
            })),
            tokens: Mutex::default(),
            selects: Mutex::default(),
            status: Mutex::default(),
        });
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", post(token))
            .route("/v1.0/users/{id}", get(user))
            .with_state(Arc::clone(&graph));
        tokio::spawn(async move { axum::serve(listener, router).await });
        graph
    }

    fn issued(&self) -> usize {
        self.tokens.lock().unwrap().len()
    }
}

async fn token(
    State(graph): State<Arc<Graph>>,
    Path(tenant): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    assert_eq!(tenant, TENANT);
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["scope"], "https://graph.microsoft.com/.default");
    if form["client_id"] != "registration" || form["client_secret"] != KEY {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let mut tokens = graph.tokens.lock().unwrap();
    let token = format!("token-{}", tokens.len());
    tokens.push(token.clone());
    Ok(Json(
        json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token }),
    ))
}

async fn user(
    State(graph): State<Arc<Graph>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    if let Some(status) = *graph.status.lock().unwrap() {
        return Err(status);
    }
    let last = graph
        .tokens
        .lock()
        .unwrap()
        .last()
        .cloned()
        .unwrap_or_default();
    if headers[header::AUTHORIZATION] != format!("Bearer {last}").as_str() {
        return Err(StatusCode::UNAUTHORIZED);
    }
    if id != OBJECT {
        return Err(StatusCode::NOT_FOUND);
    }
    let select = query["$select"].clone();
    graph.selects.lock().unwrap().push(select.clone());
    let user = graph.user.lock().unwrap().clone();
    // A property that Graph does not know is a bad request; its names are case-sensitive.
    let property = |name: &str| {
        let value = user.get(name).ok_or(StatusCode::BAD_REQUEST)?;
        Ok((name.to_owned(), value.clone()))
    };
    let selected: Result<Map<_, _>, StatusCode> = select.split(',').map(property).collect();
    Ok(Json(Value::Object(selected?)))
}

fn mapping() -> Vec<(SourceAttribute, &'static str)> {
    vec![
        (SourceAttribute::FirstName, "givenName"),
        (SourceAttribute::Surname, "surname"),
        (SourceAttribute::SchoolIds, "department"),
        (SourceAttribute::Groups, "jobTitle"),
        (
            SourceAttribute::Roles,
            "onPremisesExtensionAttributes.extensionAttribute1",
        ),
        (
            SourceAttribute::LearnerId,
            "onPremisesExtensionAttributes.extensionAttribute14",
        ),
    ]
}

async fn world() -> (World, Arc<Graph>) {
    let graph = Graph::start().await;
    let address = graph.address.as_str();
    let world = World::with_sources(SourceSettings {
        hosts: hosts(&[
            ("login.microsoftonline.com", address),
            ("graph.microsoft.com", address),
        ]),
        ..SourceSettings::default()
    })
    .await;
    set_up(&world, KEY, &mapping()).await;
    (world, graph)
}

async fn set_up(world: &World, key: &str, mapping: &[(SourceAttribute, &str)]) {
    let home = HomeIntegration {
        graph: Some(GraphAttributes {
            tenant_id: short(TENANT),
            client_id: ClientId::parse("registration").unwrap(),
            client_key: secret(world, key),
            valid_until: None,
        }),
        attribute_rules: rules(mapping),
        ..world.home(10)
    };
    world.change(|table| table.put_home(home)).await;
}

/// A login at Entra ID says who it was and little else.
async fn log_in(browser: &mut Browser<'_>) -> Answer {
    let user = json!({ "sub": "pairwise-1", "oid": OBJECT, "tid": TENANT, "given_name": "Other" });
    browser.log_in(&Asked::of(1), user).await
}

#[tokio::test]
async fn the_attributes_come_from_graph_under_their_own_names() {
    let (world, graph) = world().await;
    let mut browser = Browser::new(&world);
    let answer = log_in(&mut browser).await;
    let info = released(&mut browser, &answer).await;
    assert_eq!(info["given_name"], "Testi");
    assert_eq!(
        info["urn:oid:1.3.6.1.4.1.16161.1.1.27"],
        "1.2.246.562.24.10000000016"
    );
    assert!(
        info["urn:mpass.id:role"][0]
            .as_str()
            .unwrap()
            .contains(";00011;;Oppilas;1;")
    );
    assert_eq!(
        graph.selects.lock().unwrap().as_slice(),
        ["department,givenName,jobTitle,onPremisesExtensionAttributes,surname"]
    );
}

#[tokio::test]
async fn a_token_serves_until_shortly_before_its_end_and_a_revoked_one_is_replaced() {
    let (world, graph) = world().await;
    for (seconds, issued) in [(0, 1), (3000, 1), (539, 2)] {
        world.pass(seconds);
        assert!(
            log_in(&mut Browser::new(&world))
                .await
                .parameter("code")
                .is_some()
        );
        assert_eq!(graph.issued(), issued, "after {seconds} more seconds");
    }
    graph
        .tokens
        .lock()
        .unwrap()
        .push("revoked all before".to_owned());
    assert!(
        log_in(&mut Browser::new(&world))
            .await
            .parameter("code")
            .is_some()
    );
    assert_eq!(graph.issued(), 4);
}

#[tokio::test]
async fn a_key_or_a_property_that_is_wrong_is_told_as_a_wrong_set_up() {
    let (world, _graph) = world().await;
    set_up(&world, "an expired key", &mapping()).await;
    let page = log_in(&mut Browser::new(&world)).await;
    page.assert_problem("UPSTREAM_NOT_CONFIGURED");
    // Technical names are case-sensitive.
    let mut wrong = mapping();
    wrong[0].1 = "givenname";
    set_up(&world, KEY, &wrong).await;
    let page = log_in(&mut Browser::new(&world)).await;
    page.assert_problem("UPSTREAM_NOT_CONFIGURED");
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn while_it_is_down_or_gives_no_learner_id_nobody_logs_in() {
    let (world, graph) = world().await;
    *graph.status.lock().unwrap() = Some(StatusCode::SERVICE_UNAVAILABLE);
    let page = log_in(&mut Browser::new(&world)).await;
    page.assert_problem("UPSTREAM_UNAVAILABLE");
    *graph.status.lock().unwrap() = None;
    graph.user.lock().unwrap()["onPremisesExtensionAttributes"]["extensionAttribute14"] =
        Value::Null;
    let page = log_in(&mut Browser::new(&world)).await;
    page.assert_problem("LEARNER_ID_MISSING");
    assert_eq!(
        world.refusals(),
        ["UPSTREAM_UNAVAILABLE", "LEARNER_ID_MISSING"]
    );
}

#[tokio::test]
async fn a_user_whom_graph_does_not_know_does_not_log_in() {
    let (world, _graph) = world().await;
    let user = json!({ "sub": "pairwise-1", "oid": "00000000-0000-4000-8000-000000000002" });
    let page = Browser::new(&world).log_in(&Asked::of(1), user).await;
    page.assert_problem("UPSTREAM_NOT_CONFIGURED");
    let traversal = json!({ "sub": "pairwise-1", "oid": format!("x/../{OBJECT}") });
    let page = Browser::new(&world).log_in(&Asked::of(1), traversal).await;
    page.assert_problem("UPSTREAM_NOT_CONFIGURED");
}

#[tokio::test]
async fn two_integrations_of_one_tenant_do_not_share_what_another_key_gave() {
    let (world, graph) = world().await;
    assert!(
        log_in(&mut Browser::new(&world))
            .await
            .parameter("code")
            .is_some()
    );
    set_up(&world, "another key", &mapping()).await;
    let page = log_in(&mut Browser::new(&world)).await;
    page.assert_problem("UPSTREAM_NOT_CONFIGURED");
    assert_eq!(graph.issued(), 1);
}
