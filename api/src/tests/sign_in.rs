//! Signing in, at an issuer of the test's own.

use super::harness::{ORIGIN, Somebody, TestApp};
use super::issuer::Issuer;
use crate::authentication::session::SESSION_COOKIE;
use crate::{Limits, SignInConfig};
use axum::http::HeaderValue;
use axum_test::TestResponse;
use domain::{FoundLedger, Purpose};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use url::Url;

const RIGHTS: &str = "groups";

/// The browser of somebody who has been sent to the issuer.
struct Begun {
    app: TestApp,
    issuer: Issuer,
    cookie: String,
    asked: HashMap<String, String>,
}

async fn begun() -> Begun {
    let issuer = Issuer::start().await;
    let founding = FoundLedger {
        purpose: Purpose::Demo,
        sign_in_issuer: issuer.address().parse().unwrap(),
        ..domain::testing::found_ledger()
    };
    let config = SignInConfig {
        client_id: "trustnet".to_owned(),
        client_secret: "s:e c".to_owned(),
        scopes: vec!["profile".to_owned()],
        rights_claim: RIGHTS.to_owned(),
        session: Duration::from_mins(30),
    };
    let app = TestApp::founded_by(founding, Limits::default(), Some(config)).await;
    let response = app.get(&Somebody::Nobody, "/sign-in?return=/members").await;
    assert_eq!(response.status_code(), 303, "{}", response.text());
    let location = response.header("location");
    let location = Url::parse(location.to_str().unwrap()).unwrap();
    assert!(
        location.as_str().starts_with(issuer.address()),
        "{location}"
    );
    let cookie = response.header("set-cookie");
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
    Begun {
        cookie: cookie.to_owned(),
        asked: location.query_pairs().into_owned().collect(),
        app,
        issuer,
    }
}

impl Begun {
    /// The claims of somebody whom the issuer knows.
    fn claims(&self) -> Value {
        let now = registrar::Clock::now(&*self.app.ledger.clock).microseconds() / 1_000_000;
        json!({
            "iss": self.issuer.address(), "aud": "trustnet", "sub": "subject-1", "name": "Tiina Testi",
            "nonce": self.asked["nonce"], "iat": now, "exp": now + 300,
            RIGHTS: [
                "APP_MPASSID_TALLENTAJA_1.2.246.562.99.00000000001",
                "APP_MPASSID_TALLENTAJA_1.2.246.562.99.00000000001", "something else",
            ],
        })
    }

    /// The browser is back with these parameters.
    async fn back(&self, parameters: &[(&str, &str)]) -> TestResponse {
        let request = self.app.server.get("/sign-in/callback");
        let request = request.add_header("cookie", self.cookie.clone());
        request.add_query_params(parameters).await
    }

    async fn back_as_asked(&self) -> TestResponse {
        let (state, issuer) = (self.asked["state"].as_str(), self.issuer.address());
        self.back(&[("code", "code-1"), ("state", state), ("iss", issuer)])
            .await
    }
}

fn session(response: &TestResponse) -> Option<String> {
    let cookies = response.iter_headers_by_name("set-cookie");
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let pair = cookies
        .filter_map(|cookie| cookie.split(';').next()?.strip_prefix(SESSION_COOKIE))
        .find_map(|value| value.strip_prefix('='));
    pair.filter(|value| !value.is_empty()).map(str::to_owned)
}

fn refused(response: &TestResponse, status: u16) {
    assert_eq!(response.status_code(), status, "{}", response.text());
    assert_eq!(session(response), None);
    let problem: Value = response.json();
    assert_eq!(problem["code"], "SIGN_IN_FAILED", "{problem}");
    assert!(problem["remedy"].is_string(), "{problem}");
}

#[tokio::test]
async fn who_comes_back_from_the_issuer_is_signed_in() {
    let begun = begun().await;
    assert_eq!(
        begun.asked["redirect_uri"],
        format!("{ORIGIN}/sign-in/callback")
    );
    assert_eq!(begun.asked["code_challenge_method"], "S256");
    begun.issuer.will_say(&begun.claims());
    let response = begun.back_as_asked().await;
    assert_eq!(response.status_code(), 303, "{}", response.text());
    assert_eq!(response.header("location"), "/members");
    let sealed = session(&response).expect("a session");
    let redeemed = &begun.issuer.redeemed()[0];
    assert_eq!(redeemed["code"], "code-1");
    assert!(!redeemed["code_verifier"].is_empty());
    let query = "{ me { name means rights { right organisation } } }";
    let me = begun.app.ask(&Somebody::Session(sealed), query).await;
    assert_eq!(
        me["data"]["me"],
        json!({
            "name": "Tiina Testi", "means": "SIGN_IN",
            "rights": [{ "right": "MANAGER", "organisation": "1.2.246.562.99.00000000001" }],
        })
    );
}

#[rstest]
#[case::state(&[("code", "code-1"), ("state", "another")])]
#[case::no_state(&[("code", "code-1")])]
#[case::nothing(&[])]
#[tokio::test]
async fn a_callback_that_was_not_asked_for_is_refused(#[case] parameters: &[(&str, &str)]) {
    let begun = begun().await;
    begun.issuer.will_say(&begun.claims());
    refused(&begun.back(parameters).await, 400);
    assert_eq!(begun.issuer.redeemed().len(), 0, "no code leaves");
}

#[tokio::test]
async fn a_callback_of_another_issuer_browser_or_time_is_refused() {
    let begun = begun().await;
    let state = begun.asked["state"].as_str();
    // RFC 9207: the issuer that answers is the one that was asked.
    let mixed = [
        ("code", "code-1"),
        ("state", state),
        ("iss", "https://evil.example"),
    ];
    refused(&begun.back(&mixed).await, 400);
    let parameters = [("code", "code-1"), ("state", state)];
    let another = begun
        .app
        .server
        .get("/sign-in/callback")
        .add_query_params(parameters);
    refused(&another.await, 400);
    // The issuer sent an error in place of a code, as when somebody changes their mind.
    refused(
        &begun
            .back(&[("error", "access_denied"), ("state", state)])
            .await,
        400,
    );
    begun.app.ledger.clock.pass(Duration::from_mins(10));
    begun.issuer.will_say(&begun.claims());
    refused(&begun.back_as_asked().await, 400);
    assert_eq!(begun.issuer.redeemed().len(), 0, "no code leaves");
}

#[tokio::test]
async fn a_code_that_the_issuer_refuses_signs_nobody_in() {
    let begun = begun().await;
    refused(&begun.back_as_asked().await, 400);
    assert_eq!(begun.issuer.redeemed().len(), 1);
}

#[rstest]
#[case::nonce("nonce", json!("another"), 400)]
#[case::audience("aud", json!("another"), 400)]
#[case::issuer("iss", json!("https://evil.example"), 400)]
#[case::expired("exp", json!(1), 400)]
#[case::no_subject("sub", json!(7), 503)]
#[tokio::test]
async fn a_token_for_another_sign_in_is_refused(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] status: u16,
) {
    let begun = begun().await;
    let mut claims = begun.claims();
    claims[claim] = value;
    begun.issuer.will_say(&claims);
    refused(&begun.back_as_asked().await, status);
}

#[rstest]
#[case::as_many_as_a_browser_keeps(150, true)]
#[case::more(400, false)]
#[tokio::test]
async fn rights_fit_into_the_session_or_the_person_is_told(#[case] count: u32, #[case] fit: bool) {
    let begun = begun().await;
    let mut claims = begun.claims();
    let claim = |number| format!("APP_MPASSID_PALVELU_TALLENTAJA_1.2.246.562.10.{number:011}");
    claims[RIGHTS] = (0..count).map(claim).collect();
    begun.issuer.will_say(&claims);
    let response = begun.back_as_asked().await;
    if !fit {
        refused(&response, 403);
        assert!(
            response.text().contains("400 rights"),
            "{}",
            response.text()
        );
        return;
    }
    assert_eq!(response.status_code(), 303, "{}", response.text());
    let cookies = response.iter_headers_by_name("set-cookie");
    assert!(cookies.map(HeaderValue::len).all(|length| length <= 4096));
    let who = Somebody::Session(session(&response).expect("a session"));
    let me = begun.app.ask(&who, "{ me { rights { right } } }").await;
    let rights = me["data"]["me"]["rights"].as_array().unwrap();
    assert_eq!(rights.len(), 150, "none is left out");
}

#[tokio::test]
async fn without_a_client_nobody_signs_in() {
    let app = TestApp::founded().await;
    let response = app.get(&Somebody::Nobody, "/sign-in").await;
    assert_eq!(response.status_code(), 503);
    assert_eq!(response.json::<Value>()["code"], "SIGN_IN_FAILED");
}

#[tokio::test]
async fn signing_out_takes_the_session_away() {
    let app = TestApp::founded().await;
    let response = app.post(&app.administrator(), "/sign-out").await;
    assert_eq!(response.status_code(), 204);
    let cookie = response.header("set-cookie");
    assert!(cookie.to_str().unwrap().contains("Max-Age=0"), "{cookie:?}");
}
