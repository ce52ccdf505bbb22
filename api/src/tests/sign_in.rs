//! Signing in, at an issuer of the test's own.

use super::harness::{Somebody, TestApp};
use serde_json::Value;

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
