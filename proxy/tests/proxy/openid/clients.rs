//! Clients that prove themselves by a key of their own (`private_key_jwt`).

use super::register;
use crate::browser::{Answer, Browser, VERIFIER};
use crate::world::{CLIENT_SECRET, NOW, World};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::value::{KeySet, WebAddress};
use projections::routing::{OpenIdConnectClient, TokenEndpointAuthentication};
use proxy::{Algorithm, generate_signing_key};
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client's key, with the set that it publishes.
struct Key {
    pair: EcdsaKeyPair,
    name: &'static str,
    jwk: Value,
}

impl Key {
    fn new(name: &'static str) -> Self {
        let generated = generate_signing_key(Algorithm::Es256).unwrap();
        let der = STANDARD.decode(generated.private_key.as_str()).unwrap();
        let mut jwk: Value = serde_json::from_str(&generated.public_key).unwrap();
        jwk["kid"] = name.into();
        Self {
            pair: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap(),
            name,
            jwk,
        }
    }

    fn set(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "ES256", "kid": self.name });
        let message = format!("{}.{}", part(&header), part(claims));
        let signed = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signed.unwrap()))
    }
}

fn claims() -> Value {
    json!({
        "iss": "client-1", "sub": "client-1", "jti": "assertion-1",
        "aud": "http://test.proxy.localhost:8600/openid/token", "iat": NOW, "exp": NOW + 60,
    })
}

fn by_key(client: &mut OpenIdConnectClient) {
    client.token_endpoint_auth_method = TokenEndpointAuthentication::PrivateKeyJwt;
    client.secret_hash = None;
}

async fn world(key: &Key) -> World {
    let world = World::new().await;
    register(&world, 1, |client| {
        by_key(client);
        client.jwks = Some(KeySet::parse(&key.set().to_string()).unwrap());
    })
    .await;
    world
}

async fn exchange(browser: &mut Browser<'_>, assertion: &str, further: &[(&str, &str)]) -> Answer {
    let code = Browser::new(browser.world).code(1).await;
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://service-1.example.org/back"),
        ("code_verifier", VERIFIER),
        ("code", code.as_str()),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    form.extend(further);
    browser.post("/openid/token", &[], &form).await
}

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert_eq!(answer.json()["error"], "invalid_client");
}

#[tokio::test]
async fn a_client_proves_itself_by_its_key_once_for_each_assertion() {
    let key = Key::new("own");
    let world = world(&key).await;
    let mut browser = Browser::new(&world);
    let assertion = key.sign(&claims());
    let answer = exchange(&mut browser, &assertion, &[("client_id", "client-1")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_refused(&exchange(&mut browser, &assertion, &[]).await);
    // A new identifier makes a new assertion; the issuer is an audience too.
    let mut fresh = claims();
    fresh["jti"] = "assertion-2".into();
    fresh["aud"] = json!(["http://test.proxy.localhost:8600"]);
    let answer = exchange(&mut browser, &key.sign(&fresh), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(world.successes(), 2);
}

#[rstest]
#[case("iss", json!("client-2"))]
#[case("iss", Value::Null)]
#[case("sub", json!("client-2"))]
#[case("aud", json!("https://elsewhere.example.org/token"))]
#[case("aud", json!("http://test.proxy.localhost:8600/openid/token/"))]
#[case("aud", json!(["http://test.proxy.localhost:8600", "https://elsewhere.example.org"]))]
#[case("aud", Value::Null)]
#[case("exp", json!(NOW - 60))]
#[case("exp", json!(NOW + 3601))]
#[case("exp", Value::Null)]
#[case("iat", json!(NOW + 61))]
#[case("nbf", json!(NOW + 61))]
#[case("jti", Value::Null)]
#[case("jti", json!(""))]
#[tokio::test]
async fn an_assertion_that_says_the_wrong_thing_is_refused(
    #[case] name: &str,
    #[case] value: Value,
) {
    let key = Key::new("own");
    let world = world(&key).await;
    let mut claims = claims();
    claims[name] = value;
    let mut browser = Browser::new(&world);
    assert_refused(&exchange(&mut browser, &key.sign(&claims), &[]).await);
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn only_the_registered_key_and_only_one_proof_is_taken() {
    let key = Key::new("own");
    let world = world(&key).await;
    let mut browser = Browser::new(&world);
    assert_refused(&exchange(&mut browser, &Key::new("own").sign(&claims()), &[]).await);
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(claims().to_string())
    );
    assert_refused(&exchange(&mut browser, &unsigned, &[]).await);
    let good = key.sign(&claims());
    for further in [("client_secret", CLIENT_SECRET), ("client_id", "client-2")] {
        assert_refused(&exchange(&mut browser, &good, &[further]).await);
    }
    // Nothing of these used the assertion up.
    let answer = exchange(&mut browser, &good, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn who_is_registered_for_a_key_has_no_secret_and_the_other_way_round() {
    let key = Key::new("own");
    let world = world(&key).await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let answer = browser.exchange(1, &code).await;
    assert_refused(&answer);
    register(&world, 1, |client| {
        client.jwks = Some(KeySet::parse(&key.set().to_string()).unwrap());
    })
    .await;
    assert_refused(&exchange(&mut browser, &key.sign(&claims()), &[]).await);
}

#[tokio::test]
async fn published_keys_are_fetched_and_a_new_one_is_found() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let set = Arc::new(Mutex::new(old.set()));
    let served = Arc::clone(&set);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/jwks", listener.local_addr().unwrap());
    let router = Router::new().route(
        "/jwks",
        get(async move || Json(served.lock().unwrap().clone())),
    );
    tokio::spawn(async move { axum::serve(listener, router).await });

    let world = World::new().await;
    register(&world, 1, |client| {
        by_key(client);
        client.jwks_uri = Some(WebAddress::parse(&address).unwrap());
    })
    .await;
    let mut browser = Browser::new(&world);
    let answer = exchange(&mut browser, &old.sign(&claims()), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);

    *set.lock().unwrap() = new.set();
    let mut fresh = claims();
    fresh["jti"] = "assertion-2".into();
    assert_refused(&exchange(&mut browser, &new.sign(&fresh), &[]).await);
    // Not at once: made-up key names must not make the proxy fetch without end.
    world.pass(31);
    let answer = exchange(&mut browser, &new.sign(&fresh), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}
