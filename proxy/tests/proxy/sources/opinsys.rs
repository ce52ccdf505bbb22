//! Opinsys, by a stand-in: `/v3/sso` as a function, for nobody types here, and the attribute call
//! over loopback.

use super::{hosts, listen, released, secret, speak, standard_rules};
use crate::browser::{Answer, Asked, Browser};
use crate::world::{NOW, World, oid};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::value::DistinguishedName;
use projections::routing::{OpinsysUpstream, Upstream};
use proxy::SourceSettings;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use url::Url;

const KEY: &str = "an invented client key";
const CLIENT: &str = "uid=proxy,ou=services,dc=example,dc=org";
const TENANT: &str = "ka.example.org";

/// A stand-in for Opinsys, with one user.
struct Opinsys {
    address: String,
    user: Mutex<Value>,
    is_down: Mutex<bool>,
}

impl Opinsys {
    async fn start() -> Arc<Self> {
        let (listener, address) = listen().await;
        let opinsys = Arc::new(Self {
            address,
            user: Mutex::new(json!({
                "id": "4711", "username": "oona.oppilas",
                "first_name": "Testi", "last_name": "Oppilaantytär",
                "learner_id": "1.2.246.562.24.10000000016",
                "roles": ["student"],
                "schools": [{
                    "name": "Kuvitteellinen koulu", "school_code": "00011", "roles": ["student"],
                    "groups": [{ "name": "7B", "type": "teaching group" }],
                }],
            })),
            is_down: Mutex::default(),
        });
        let router = Router::new()
            .route("/v3/users/_by_id/{id}", get(user))
            .with_state(Arc::clone(&opinsys));
        tokio::spawn(async move { axum::serve(listener, router).await });
        opinsys
    }

    /// Where the browser is sent after `/v3/sso`, with this token.
    fn back(&self, address: &str, token: Option<&str>) -> String {
        let asked = Url::parse(address).unwrap();
        assert!(address.starts_with(&format!("{}/v3/sso?", self.address)));
        let query: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        assert_eq!(query["organisation"], TENANT);
        let mut back = Url::parse(&query["return_to"]).unwrap();
        if let Some(token) = token {
            back.query_pairs_mut().append_pair("jwt", token);
        }
        back.into()
    }
}

async fn user(
    State(opinsys): State<Arc<Opinsys>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    if *opinsys.is_down.lock().unwrap() {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{KEY}")));
    let given = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if given(header::AUTHORIZATION) != Some(basic.as_str()) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    if given(header::HOST) != Some(TENANT) {
        return Err(StatusCode::NOT_FOUND);
    }
    let user = opinsys.user.lock().unwrap().clone();
    if id == "4711" {
        Ok(Json(user))
    } else {
        Err(StatusCode::NOT_FOUND)
    }
}

fn sign(claims: &Value, key: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!(
        "{}.{}",
        part(&json!({ "typ": "JWT", "alg": "HS256" })),
        part(claims)
    );
    let tag = hmac::sign(
        &hmac::Key::new(HMAC_SHA256, key.as_bytes()),
        message.as_bytes(),
    );
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn claims() -> Value {
    json!({
        "iat": NOW, "jti": "token-1", "id": 4711, "username": "oona.oppilas",
        "first_name": "Testi", "last_name": "Oppilaantytär",
        "organisation_name": "Kuvitteellinen kunta", "organisation_domain": TENANT,
    })
}

async fn world() -> (World, Arc<Opinsys>) {
    let opinsys = Opinsys::start().await;
    let world = World::with_sources(SourceSettings {
        hosts: hosts(&[("api.opinsys.fi", &opinsys.address)]),
        ..SourceSettings::default()
    })
    .await;
    let upstream = OpinsysUpstream {
        tenant: super::host(TENANT),
        client_id: DistinguishedName::parse(CLIENT).unwrap(),
        client_key: secret(&world, KEY),
    };
    speak(&world, Upstream::Opinsys(upstream), standard_rules()).await;
    (world, opinsys)
}

async fn log_in(browser: &mut Browser<'_>, opinsys: &Opinsys, token: &str) -> Answer {
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = opinsys.back(leaving.location(), Some(token));
    browser.get(&back).await
}

#[tokio::test]
async fn a_pupil_logs_in_and_the_attributes_are_fetched() {
    let (world, opinsys) = world().await;
    let mut browser = Browser::new(&world);
    let answer = log_in(&mut browser, &opinsys, &sign(&claims(), KEY)).await;
    let info = released(&mut browser, &answer).await;
    assert_eq!(info["family_name"], "Oppilaantytär");
    let (provider, school) = (oid(10), oid(11));
    assert_eq!(
        info["urn:mpass.id:role"],
        json!([format!("{provider};00011;7B;Oppilas;1;{school};")])
    );
    assert_eq!(
        world.records()[0].user.as_ref().unwrap().as_str(),
        "oona.oppilas"
    );
}

#[tokio::test]
async fn what_a_token_need_not_say_binds_where_it_is_said() {
    let (world, opinsys) = world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = Url::parse(&leaving.parameter("return_to").unwrap()).unwrap();
    let nonce = back
        .query_pairs()
        .find(|(name, _)| name == "nonce")
        .unwrap()
        .1
        .into_owned();
    let mut full = claims();
    full["exp"] = (NOW + 60).into();
    full["nbf"] = NOW.into();
    full["aud"] = json!(["http://test.proxy.localhost:8600"]);
    full["nonce"] = nonce.into();
    let back = opinsys.back(leaving.location(), Some(&sign(&full, KEY)));
    assert!(browser.get(&back).await.parameter("code").is_some());
}

#[rstest]
#[case("iat", json!(NOW - 121))]
#[case("iat", json!(NOW + 121))]
#[case("iat", Value::Null)]
#[case("exp", json!(NOW - 120))]
#[case("exp", json!("soon"))]
#[case("nbf", json!(NOW + 121))]
#[case("aud", json!("https://elsewhere.example.org"))]
#[case("aud", json!([]))]
#[case("nonce", json!("another"))]
#[case("organisation_domain", json!("other.example.org"))]
#[case("organisation_domain", Value::Null)]
#[case("jti", Value::Null)]
#[case("username", json!(" "))]
#[case("id", Value::Null)]
#[tokio::test]
async fn a_token_that_says_the_wrong_thing_is_refused(#[case] name: &str, #[case] value: Value) {
    let (world, opinsys) = world().await;
    let mut claims = claims();
    claims[name] = value;
    let page = log_in(&mut Browser::new(&world), &opinsys, &sign(&claims, KEY)).await;
    page.assert_problem("UPSTREAM_INVALID");
    assert_eq!(world.refusals(), ["UPSTREAM_INVALID"]);
}

#[tokio::test]
async fn a_token_under_another_key_or_none_is_refused() {
    let (world, opinsys) = world().await;
    let other = sign(&claims(), "another client key");
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(claims().to_string())
    );
    for token in [other.as_str(), &unsigned, "x"] {
        let page = log_in(&mut Browser::new(&world), &opinsys, token).await;
        page.assert_problem("UPSTREAM_INVALID");
    }
}

#[tokio::test]
async fn a_token_serves_once_and_a_return_belongs_to_its_login() {
    let (world, opinsys) = world().await;
    let token = sign(&claims(), KEY);
    let answer = log_in(&mut Browser::new(&world), &opinsys, &token).await;
    assert!(answer.parameter("code").is_some());
    let page = log_in(&mut Browser::new(&world), &opinsys, &token).await;
    page.assert_problem("UPSTREAM_INVALID");

    let mut fresh = claims();
    fresh["jti"] = "token-2".into();
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let mut back = Url::parse(&opinsys.back(leaving.location(), None)).unwrap();
    let state = back
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    back.set_query(None);
    back.query_pairs_mut()
        .append_pair("state", &state)
        .append_pair("nonce", "another login's")
        .append_pair("jwt", &sign(&fresh, KEY));
    browser
        .get(back.as_str())
        .await
        .assert_problem("UPSTREAM_INVALID");
}

#[tokio::test]
async fn a_login_that_is_cancelled_there_ends_here() {
    let (world, opinsys) = world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = opinsys.back(leaving.location(), None);
    browser.get(&back).await.assert_problem("UPSTREAM_REFUSED");
}

#[tokio::test]
async fn a_login_that_must_be_new_is_not_promised() {
    let (world, _) = world().await;
    let mut browser = Browser::new(&world);
    let page = browser
        .get(&Asked::of(1).with("prompt", "login").path())
        .await;
    page.assert_problem("NO_HOME_INTEGRATION");
}

#[tokio::test]
async fn while_it_is_down_or_gives_no_learner_id_nobody_logs_in() {
    let (world, opinsys) = world().await;
    let token = |number: u8| {
        let mut claims = claims();
        claims["jti"] = format!("token-{number}").into();
        sign(&claims, KEY)
    };
    *opinsys.is_down.lock().unwrap() = true;
    let page = log_in(&mut Browser::new(&world), &opinsys, &token(1)).await;
    page.assert_problem("UPSTREAM_UNAVAILABLE");
    *opinsys.is_down.lock().unwrap() = false;
    opinsys.user.lock().unwrap()["learner_id"] = Value::Null;
    let page = log_in(&mut Browser::new(&world), &opinsys, &token(2)).await;
    page.assert_problem("LEARNER_ID_MISSING");
    opinsys.user.lock().unwrap()["username"] = "somebody.else".into();
    let page = log_in(&mut Browser::new(&world), &opinsys, &token(3)).await;
    page.assert_problem("UPSTREAM_INVALID");
    assert_eq!(world.successes(), 0);
}
