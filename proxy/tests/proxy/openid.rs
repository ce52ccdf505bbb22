//! The OpenID provider against the test plans of the OpenID Foundation's conformance suite: Basic
//! OP, Config OP and RP-initiated log-out. The suite itself cannot run here; each of its modules is
//! a test of that module's name, written from what the module checks.

mod basic;
mod basic_requests;
mod clients;
mod config;
mod hints;
mod keys;
mod logout;

use crate::browser::{Answer, Asked, Browser, VERIFIER, pupil};
use crate::login::checked;
use crate::world::{World, client, service};
use axum::http::StatusCode;
use projections::routing::{OpenIdConnectClient, ServiceClient, ServiceProtocol};
use serde_json::Value;

/// Changes the registration of a client.
async fn register(world: &World, number: u8, change: impl FnOnce(&mut OpenIdConnectClient)) {
    let mut registration = client(number);
    change(&mut registration);
    let row = ServiceClient {
        protocol: ServiceProtocol::OpenIdConnect(registration),
        ..service(number)
    };
    world.change(|table| table.put_service(row)).await;
}

/// The suite's client: it does without PKCE, as Basic OP asks of a provider to allow.
async fn conformance_client(world: &World) {
    register(world, 1, |client| client.pkce_required = false).await;
}

/// A request of the suite's client.
fn plain() -> Asked {
    let asked = Asked::of(1);
    asked
        .without("code_challenge")
        .without("code_challenge_method")
}

/// What the service holds after a login.
struct Tokens {
    /// The answer of the token endpoint.
    answer: Value,
    /// The claims of the ID token, whose signature was checked by the published keys.
    claims: Value,
}

impl Tokens {
    fn id_token(&self) -> &str {
        self.answer["id_token"].as_str().unwrap()
    }

    fn access_token(&self) -> &str {
        self.answer["access_token"].as_str().unwrap()
    }
}

/// Exchanges the code of an authorization response, and checks what every module checks of it.
async fn tokens(browser: &mut Browser<'_>, answer: &Answer, asked: &Asked) -> Tokens {
    let sent = |name: &str| {
        let found = asked.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(answer.parameter("state"), sent("state"));
    assert_eq!(
        answer.parameter("iss").as_deref(),
        Some("http://test.proxy.localhost:8600")
    );
    let code = answer.parameter("code").unwrap();
    let mut form = vec![("code", code.as_str())];
    if sent("code_challenge").is_some() {
        form.push(("code_verifier", VERIFIER));
    }
    let answer = browser
        .exchange_with(1, crate::world::CLIENT_SECRET, &form)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["token_type"], "Bearer");
    let keys = browser.get("/openid/jwks").await.json();
    let claims = checked(answer["id_token"].as_str().unwrap(), &keys);
    assert_eq!(claims["iss"], "http://test.proxy.localhost:8600");
    assert_eq!(claims["aud"], "client-1");
    assert_eq!(
        claims.get("nonce").and_then(Value::as_str),
        sent("nonce").as_deref()
    );
    let (issued, ends) = (
        claims["iat"].as_i64().unwrap(),
        claims["exp"].as_i64().unwrap(),
    );
    assert!(issued < ends && ends - issued <= 3600);
    let subject = claims["sub"].as_str().unwrap();
    assert!((1..=255).contains(&subject.len()) && subject.is_ascii());
    Tokens { answer, claims }
}

/// A whole login of the pupil: the tokens, and what userinfo says.
async fn login(browser: &mut Browser<'_>, asked: &Asked) -> (Tokens, Value) {
    let answer = browser.log_in(asked, pupil()).await;
    let tokens = tokens(browser, &answer, asked).await;
    let info = browser.userinfo(tokens.access_token()).await;
    assert_eq!(info.status, StatusCode::OK);
    let info = info.json();
    assert_eq!(info["sub"], tokens.claims["sub"]);
    (tokens, info)
}

/// Asserts that the service is told of an error, with its state and the issuer.
fn assert_error(answer: &Answer, error: &str) {
    assert!(
        answer
            .location()
            .starts_with("https://service-1.example.org/back?")
    );
    assert_eq!(
        answer.parameter("error").as_deref(),
        Some(error),
        "{}",
        answer.location()
    );
    assert_eq!(answer.parameter("state").as_deref(), Some("the-state"));
    assert_eq!(
        answer.parameter("iss").as_deref(),
        Some("http://test.proxy.localhost:8600")
    );
    assert_eq!(answer.parameter("code"), None);
}
