//! The Basic OP profile: what an authorization request may ask for, and what is refused of it.

use super::{assert_error, conformance_client, login, plain, tokens};
use crate::browser::{Answer, Browser, pupil};
use crate::world::{NOW, World};
use axum::http::StatusCode;
use serde_json::json;

async fn world() -> World {
    let world = World::new().await;
    conformance_client(&world).await;
    world
}

/// Asserts that the user is sent to log in, and that the home organisation is told `parameter`.
fn assert_sent(world: &World, answer: &Answer, name: &str, value: &str) {
    assert!(answer.location().starts_with(&world.provider.issuer));
    assert_eq!(answer.parameter(name).as_deref(), Some(value));
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let answer = browser.get(&plain().without("response_type").path()).await;
    assert_error(&answer, "invalid_request");
    for other in ["id_token", "code id_token", "token"] {
        let answer = browser
            .get(&plain().with("response_type", other).path())
            .await;
        assert_error(&answer, "unsupported_response_type");
    }
}

#[tokio::test]
async fn oidcc_display_page() {
    let world = world().await;
    login(&mut Browser::new(&world), &plain().with("display", "page")).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    let world = world().await;
    login(&mut Browser::new(&world), &plain().with("display", "popup")).await;
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (first, _) = login(&mut browser, &plain()).await;
    world.pass(10);
    let asked = plain().with("prompt", "login");
    let answer = browser.get(&asked.path()).await;
    assert_sent(&world, &answer, "prompt", "login");
    let back = world.provider.log_in(answer.location(), pupil());
    let answer = browser.get(&back).await;
    let second = tokens(&mut browser, &answer, &asked).await;
    assert_eq!(second.claims["sub"], first.claims["sub"]);
    assert_eq!(first.claims["auth_time"], NOW);
    assert_eq!(second.claims["auth_time"], NOW + 10);
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let world = world().await;
    let answer = Browser::new(&world)
        .get(&plain().with("prompt", "none").path())
        .await;
    assert_error(&answer, "login_required");
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (first, _) = login(&mut browser, &plain()).await;
    world.pass(10);
    let asked = plain().with("prompt", "none").with("nonce", "another");
    let answer = browser.get(&asked.path()).await;
    let second = tokens(&mut browser, &answer, &asked).await;
    assert_eq!(second.claims["sub"], first.claims["sub"]);
    assert_eq!(second.claims["auth_time"], first.claims["auth_time"]);
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (first, _) = login(&mut browser, &plain()).await;
    world.pass(2);
    let asked = plain().with("max_age", "1");
    let answer = browser.get(&asked.path()).await;
    assert_sent(&world, &answer, "max_age", "1");
    let back = world.provider.log_in(answer.location(), pupil());
    let answer = browser.get(&back).await;
    let second = tokens(&mut browser, &answer, &asked).await;
    assert_eq!(second.claims["auth_time"], NOW + 2);
    assert_ne!(second.claims["auth_time"], first.claims["auth_time"]);
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (first, _) = login(&mut browser, &plain()).await;
    world.pass(2);
    let asked = plain().with("max_age", "10000");
    let answer = browser.get(&asked.path()).await;
    let second = tokens(&mut browser, &answer, &asked).await;
    assert_eq!(second.claims["auth_time"], first.claims["auth_time"]);
}

#[tokio::test]
async fn no_age_at_all_is_a_login_anew() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    login(&mut browser, &plain()).await;
    let answer = browser.get(&plain().with("max_age", "0").path()).await;
    assert_sent(&world, &answer, "prompt", "login");
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    let world = world().await;
    login(&mut Browser::new(&world), &plain().with("extra", "foobar")).await;
}

#[tokio::test]
async fn oidcc_login_hint() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let asked = plain().with("login_hint", "somebody@example.org");
    let answer = browser.get(&asked.path()).await;
    assert_sent(&world, &answer, "login_hint", "somebody@example.org");
}

#[tokio::test]
async fn oidcc_ui_locales() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let answer = browser
        .get(&plain().with("ui_locales", "se sv").path())
        .await;
    assert_sent(&world, &answer, "ui_locales", "sv");
    login(&mut browser, &plain().with("ui_locales", "se")).await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    let world = world().await;
    login(
        &mut Browser::new(&world),
        &plain().with("claims_locales", "se"),
    )
    .await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (tokens, _) = login(&mut browser, &plain().with("acr_values", "1 2")).await;
    assert_eq!(tokens.claims["acr"], "urn:mpass.id:authnsource:Oidc10");
    for wanted in [
        "urn:mpass.id:authnsource:Oidc10",
        "urn:mpass.id:authntag:primarySchool",
    ] {
        let mut browser = Browser::new(&world);
        let (tokens, _) = login(&mut browser, &plain().with("acr_values", wanted)).await;
        assert_eq!(
            tokens.claims["acr"], wanted,
            "what was asked for is answered"
        );
    }
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let world = world().await;
    let asked = plain().with("redirect_uri", "https://service-1.example.org/elsewhere");
    let page = Browser::new(&world).get(&asked.path()).await;
    page.assert_problem("REDIRECT_URI_NOT_REGISTERED");
    assert!(page.headers.get("location").is_none());
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let asked = plain();
    let form: Vec<_> = asked
        .0
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let answer = browser.post("/openid/authorize", &[], &form).await;
    let back = world.provider.log_in(answer.location(), pupil());
    let answer = browser.get(&back).await;
    tokens(&mut browser, &answer, &asked).await;
}

#[tokio::test]
async fn a_request_that_another_site_posts_is_posted_again_with_the_session() {
    // Lax cookies stay away from a post across sites: without the second one the session would
    // not be seen, and `prompt=none` would fail for a user who is logged in.
    let world = world().await;
    let mut browser = Browser::new(&world);
    login(&mut browser, &plain()).await;
    let asked = plain().with("prompt", "none").with("state", "\"><script>");
    let form: Vec<_> = asked
        .0
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let mut across = Browser::new(&world);
    let headers = [("sec-fetch-site", "cross-site")];
    let page = across.post("/openid/authorize", &headers, &form).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("action=\"/openid/authorize\""));
    assert!(page.body.contains("name=\"client_id\" value=\"client-1\""));
    assert!(!page.body.contains("\"><script>"));
    let headers = [("sec-fetch-site", "same-origin")];
    let answer = browser.post("/openid/authorize", &headers, &form).await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let asked = plain().with("request", "eyJhbGciOiJub25lIn0.e30.");
    assert_error(&browser.get(&asked.path()).await, "request_not_supported");
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    // Nothing of a request object is looked at, so its redirect address cannot lead anywhere.
    let world = world().await;
    let mut browser = Browser::new(&world);
    let object = "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZS8ifQ.";
    let answer = browser.get(&plain().with("request", object).path()).await;
    assert_error(&answer, "request_not_supported");
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let asked = plain().with("request_uri", "https://service-1.example.org/request.jwt");
    assert_error(
        &browser.get(&asked.path()).await,
        "request_uri_not_supported",
    );
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let world = world().await;
    let claims = json!({
        "userinfo": { "given_name": { "essential": true }, "email": { "essential": true } },
        "id_token": { "auth_time": { "essential": true }, "family_name": null },
    });
    let asked = plain()
        .with("scope", "openid")
        .with("claims", &claims.to_string());
    let (tokens, info) = login(&mut Browser::new(&world), &asked).await;
    assert_eq!(info["given_name"], "Testi");
    assert!(
        info.get("family_name").is_none(),
        "asked for in the ID token alone"
    );
    assert!(info.get("email").is_none(), "cannot be given");
    assert_eq!(tokens.claims["family_name"], "Oppilaantytär");
    assert!(tokens.claims["auth_time"].is_i64());
    let records = world.records();
    let recorded = serde_json::to_string(&records[0].authentication.outcome).unwrap();
    assert!(recorded.contains("givenName"), "{recorded}");
    assert!(!recorded.contains("Testi"));
}
