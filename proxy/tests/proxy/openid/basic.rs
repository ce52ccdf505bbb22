//! The Basic OP profile: tokens, userinfo, scopes, codes, and how clients authenticate.

use super::{Tokens, conformance_client, login, plain, register, tokens};
use crate::browser::{Asked, Browser, VERIFIER, pupil};
use crate::world::{CLIENT_SECRET, World};
use axum::http::StatusCode;
use projections::routing::TokenEndpointAuthentication;
use serde_json::Value;

async fn world() -> World {
    let world = World::new().await;
    conformance_client(&world).await;
    world
}

#[tokio::test]
async fn oidcc_server() {
    let world = world().await;
    let (tokens, info) = login(&mut Browser::new(&world), &plain()).await;
    assert!(tokens.claims["auth_time"].is_i64());
    assert_eq!(tokens.claims["acr"], "urn:mpass.id:authnsource:Oidc10");
    assert_eq!(info["given_name"], "Testi");
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    for (algorithm, kind) in [("RS256", "RSA"), ("ES256", "EC")] {
        let world = world().await;
        register(&world, 1, |client| {
            client.pkce_required = false;
            client.id_token_algorithm = crate::world::short(algorithm);
        })
        .await;
        let mut browser = Browser::new(&world);
        // The signature is checked by `login`; here it is said by which key.
        let (tokens, _) = login(&mut browser, &plain()).await;
        let header = header(tokens.id_token());
        assert_eq!(header["alg"], algorithm);
        let keys = browser.get("/openid/jwks").await.json();
        let mut keys = keys["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["kid"] == header["kid"]).unwrap();
        assert_eq!(key["kty"], kind);
    }
}

#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    // A provider may offer `none` for the code flow; this one does not, and does not say so.
    let world = world().await;
    let mut browser = Browser::new(&world);
    let description = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    let algorithms = description["id_token_signing_alg_values_supported"]
        .as_array()
        .unwrap();
    assert!(!algorithms.iter().any(|algorithm| algorithm == "none"));
    let (tokens, _) = login(&mut browser, &plain()).await;
    assert_ne!(header(tokens.id_token())["alg"], "none");
}

fn header(token: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').next().unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (tokens, info) = login(&mut browser, &plain()).await;
    assert_eq!(info["family_name"], "Oppilaantytär");
    let wrong = browser
        .userinfo(&format!("{}x", tokens.access_token()))
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        wrong.headers["www-authenticate"],
        "Bearer error=\"invalid_token\""
    );
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (tokens, info) = login(&mut browser, &plain()).await;
    let bearer = format!("Bearer {}", tokens.access_token());
    let posted = browser
        .post("/openid/userinfo", &[("authorization", &bearer)], &[])
        .await;
    assert_eq!(posted.json(), info);
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (tokens, info) = login(&mut browser, &plain()).await;
    let token = tokens.access_token();
    let posted = browser
        .post("/openid/userinfo", &[], &[("access_token", token)])
        .await;
    assert_eq!(posted.json(), info);
    let bearer = format!("Bearer {token}");
    let twice = browser
        .post(
            "/openid/userinfo",
            &[("authorization", &bearer)],
            &[("access_token", token)],
        )
        .await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST, "RFC 6750 §2");
}

#[tokio::test]
async fn oidcc_scope_profile() {
    let world = world().await;
    let (tokens, info) = login(
        &mut Browser::new(&world),
        &plain().with("scope", "openid profile"),
    )
    .await;
    assert_eq!(tokens.answer["scope"], "openid profile");
    assert_eq!(info["given_name"], "Testi");
    assert_eq!(info["family_name"], "Oppilaantytär");
}

/// Scopes that are not offered are passed over, and the answer says what was granted.
async fn a_scope_that_is_not_offered(scope: &str, absent: &[&str]) {
    let world = world().await;
    let asked = plain().with("scope", &format!("openid {scope}"));
    let (tokens, info) = login(&mut Browser::new(&world), &asked).await;
    assert_eq!(tokens.answer["scope"], "openid");
    for claim in absent {
        assert!(info.get(*claim).is_none(), "{claim}");
        assert!(tokens.claims.get(*claim).is_none(), "{claim}");
    }
    assert_eq!(info.as_object().unwrap().len(), 1, "the subject alone");
}

#[tokio::test]
async fn oidcc_scope_email() {
    a_scope_that_is_not_offered("email", &["email", "email_verified"]).await;
}

#[tokio::test]
async fn oidcc_scope_address() {
    a_scope_that_is_not_offered("address", &["address"]).await;
}

#[tokio::test]
async fn oidcc_scope_phone() {
    a_scope_that_is_not_offered("phone", &["phone_number", "phone_number_verified"]).await;
}

#[tokio::test]
async fn oidcc_scope_all() {
    let world = world().await;
    let asked = plain().with("scope", "openid profile email address phone");
    let (tokens, info) = login(&mut Browser::new(&world), &asked).await;
    assert_eq!(tokens.answer["scope"], "openid profile");
    assert_eq!(info["given_name"], "Testi");
    for claim in ["email", "address", "phone_number"] {
        assert!(info.get(claim).is_none(), "{claim}");
    }
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    // The same as the first, with everything that a request may leave out left out or different.
    let world = world().await;
    let mut browser = Browser::new(&world);
    let asked = plain()
        .without("state")
        .without("nonce")
        .with("scope", "profile openid");
    let answer = browser.log_in(&asked, pupil()).await;
    assert_eq!(answer.parameter("state"), None);
    let tokens = tokens(&mut browser, &answer, &asked).await;
    assert!(tokens.claims.get("nonce").is_none());
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let world = world().await;
    let (tokens, _) = login(&mut Browser::new(&world), &plain().without("nonce")).await;
    assert!(tokens.claims.get("nonce").is_none());
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    // With the switch off, and with it on.
    for required in [false, true] {
        let world = World::new().await;
        register(&world, 1, |client| client.pkce_required = required).await;
        login(&mut Browser::new(&world), &Asked::of(1)).await;
    }
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let world = World::new().await;
    register(&world, 1, |client| {
        client.token_endpoint_auth_method = TokenEndpointAuthentication::ClientSecretPost;
    })
    .await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://service-1.example.org/back"),
        ("code_verifier", VERIFIER),
        ("code", code.as_str()),
        ("client_id", "client-1"),
        ("client_secret", CLIENT_SECRET),
    ];
    let answer = browser.post("/openid/token", &[], &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// Uses a code twice, with some time between, and asserts that all it gave is revoked.
async fn code_reuse(seconds: i64) {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let answer = browser.log_in(&plain(), pupil()).await;
    let code = answer.parameter("code").unwrap();
    let Tokens { answer, .. } = tokens(&mut browser, &answer, &plain()).await;
    let access_token = answer["access_token"].as_str().unwrap();
    assert_eq!(browser.userinfo(access_token).await.status, StatusCode::OK);
    world.pass(seconds);
    let again = browser
        .exchange_with(1, CLIENT_SECRET, &[("code", &code)])
        .await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.json()["error"], "invalid_grant");
    let info = browser.userinfo(access_token).await;
    assert_eq!(info.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.successes(), 1);
}

#[tokio::test]
async fn oidcc_codereuse() {
    code_reuse(0).await;
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    code_reuse(30).await;
    code_reuse(100).await;
}

#[tokio::test]
async fn oidcc_refresh_token() {
    // Left out by design: no grant of that type, none given with a login, none told of.
    let world = world().await;
    let mut browser = Browser::new(&world);
    let asked = plain()
        .with("scope", "openid offline_access")
        .with("prompt", "consent");
    let (tokens, _) = login(&mut browser, &asked).await;
    assert!(tokens.answer.get("refresh_token").is_none());
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let refused = browser.exchange_with(1, CLIENT_SECRET, &form).await;
    assert_eq!(refused.json()["error"], "unsupported_grant_type");
}
