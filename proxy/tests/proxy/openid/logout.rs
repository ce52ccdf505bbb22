//! The RP-initiated log-out profile, and what a log-out page must not claim.

use super::{Tokens, conformance_client, login, plain};
use crate::browser::{Answer, Browser, pupil};
use crate::world::World;
use axum::http::StatusCode;
use registrar::AuthenticationOutcome;

const BYE: &str = "https://service-1.example.org/bye";
const SESSION: &str = "__Host-session";

async fn world() -> World {
    let world = World::new().await;
    conformance_client(&world).await;
    world
}

fn path(parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("/openid/logout?{}", query.finish())
}

async fn logged_in(world: &World) -> (Browser<'_>, Tokens) {
    let mut browser = Browser::new(world);
    let (tokens, _) = login(&mut browser, &plain()).await;
    assert!(browser.cookies.contains_key(SESSION));
    (browser, tokens)
}

/// Asserts that the session is gone: a silent login finds none.
async fn assert_ended(browser: &mut Browser<'_>) {
    assert!(!browser.cookies.contains_key(SESSION));
    let answer = browser.get(&plain().with("prompt", "none").path()).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("login_required"));
}

fn assert_kept(browser: &Browser<'_>) {
    assert!(browser.cookies.contains_key(SESSION));
}

fn assert_asks(page: &Answer) {
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("name=\"confirm\" value=\"yes\""),
        "{}",
        page.body
    );
}

fn logouts(world: &World) -> usize {
    let records = world.records();
    let is_logout =
        |outcome: &AuthenticationOutcome| matches!(outcome, AuthenticationOutcome::LoggedOut);
    records
        .iter()
        .filter(|record| is_logout(&record.authentication.outcome))
        .count()
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let described = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        described["end_session_endpoint"],
        "http://test.proxy.localhost:8600/openid/logout"
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let hint = ("id_token_hint", tokens.id_token());
    let answer = browser
        .get(&path(&[
            hint,
            ("post_logout_redirect_uri", BYE),
            ("state", "s &t"),
        ]))
        .await;
    assert_eq!(answer.location(), format!("{BYE}?state=s+%26t"));
    assert_ended(&mut browser).await;
    assert_eq!(logouts(&world), 1);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let hint = ("id_token_hint", tokens.id_token());
    for address in [
        "https://evil.example.org/bye",
        "https://service-1.example.org/back",
    ] {
        let page = browser
            .get(&path(&[hint, ("post_logout_redirect_uri", address)]))
            .await;
        page.assert_problem("REDIRECT_URI_NOT_REGISTERED");
        assert!(!page.body.contains(address));
    }
    assert_kept(&browser);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let address = format!("{BYE}?foo=bar");
    let hint = ("id_token_hint", tokens.id_token());
    let page = browser
        .get(&path(&[hint, ("post_logout_redirect_uri", &address)]))
        .await;
    page.assert_problem("REDIRECT_URI_NOT_REGISTERED");
    assert_kept(&browser);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let (head, signature) = tokens.id_token().rsplit_once('.').unwrap();
    let mut changed = signature.to_owned().into_bytes();
    changed[5] = if changed[5] == b'A' { b'B' } else { b'A' };
    let token = format!("{head}.{}", String::from_utf8(changed).unwrap());
    let asked = [
        ("id_token_hint", token.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let page = browser.get(&path(&asked)).await;
    page.assert_problem("INVALID_REQUEST");
    assert_kept(&browser);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let world = world().await;
    let (mut browser, _) = logged_in(&world).await;
    let asked = [("id_token_hint", "foo"), ("post_logout_redirect_uri", BYE)];
    browser
        .get(&path(&asked))
        .await
        .assert_problem("INVALID_REQUEST");
    assert_kept(&browser);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let world = world().await;
    let (mut browser, _) = logged_in(&world).await;
    // Nobody is named: where to return to cannot be known to be registered.
    let page = browser
        .get(&path(&[("post_logout_redirect_uri", BYE)]))
        .await;
    page.assert_problem("REDIRECT_URI_NOT_REGISTERED");
    assert_kept(&browser);
    // With the client's name the user is asked, and led back by a link.
    let asked = [
        ("client_id", "client-1"),
        ("post_logout_redirect_uri", BYE),
        ("state", "s"),
    ];
    let page = browser.get(&path(&asked)).await;
    assert_asks(&page);
    assert_kept(&browser);
    let confirmed = [&asked[..], &[("confirm", "yes")]].concat();
    let page = browser.post("/openid/logout", &[], &confirmed).await;
    assert!(
        page.body.contains(&format!("href=\"{BYE}?state=s\"")),
        "{}",
        page.body
    );
    assert_ended(&mut browser).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let world = world().await;
    let (mut browser, _) = logged_in(&world).await;
    assert_asks(&browser.get("/openid/logout").await);
    assert_kept(&browser);
    let page = browser
        .post("/openid/logout", &[], &[("confirm", "yes")])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.body.contains("href=\"https"),
        "there is nowhere to go"
    );
    assert_ended(&mut browser).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let asked = [("id_token_hint", tokens.id_token()), ("state", "s")];
    let page = browser.get(&path(&asked)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("href=\"https"));
    assert_ended(&mut browser).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let hint = ("id_token_hint", tokens.id_token());
    let answer = browser
        .get(&path(&[hint, ("post_logout_redirect_uri", BYE)]))
        .await;
    assert_eq!(answer.location(), BYE);
    assert_ended(&mut browser).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let world = world().await;
    let (mut browser, _) = logged_in(&world).await;
    let page = browser.get(&path(&[("state", "s")])).await;
    assert_asks(&page);
    assert!(!page.body.contains("href=\"https"));
    assert_kept(&browser);
}

#[tokio::test]
async fn the_request_may_be_posted_and_name_its_client() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let mut asked = vec![
        ("id_token_hint", tokens.id_token()),
        ("client_id", "client-2"),
        ("post_logout_redirect_uri", BYE),
    ];
    let page = browser.post("/openid/logout", &[], &asked).await;
    page.assert_problem("INVALID_REQUEST");
    assert_kept(&browser);
    asked[1] = ("client_id", "client-1");
    let headers = [("sec-fetch-site", "cross-site")];
    let page = Browser::new(&world)
        .post("/openid/logout", &headers, &asked)
        .await;
    assert!(
        page.body.contains("action=\"/openid/logout\""),
        "posted again with the session"
    );
    let answer = browser.post("/openid/logout", &[], &asked).await;
    assert_eq!(answer.location(), BYE);
    assert_ended(&mut browser).await;
}

#[tokio::test]
async fn another_site_cannot_say_that_the_user_confirmed() {
    let world = world().await;
    let headers = [("sec-fetch-site", "cross-site")];
    let mut across = Browser::new(&world);
    let page = across
        .post("/openid/logout", &headers, &[("confirm", "yes")])
        .await;
    assert!(!page.body.contains("confirm"), "{}", page.body);
    assert!(page.headers.get("set-cookie").is_none());
    // A browser that says nothing of where a form comes from keeps the cookie back all the same.
    let page = across
        .post("/openid/logout", &[], &[("confirm", "yes")])
        .await;
    assert!(
        page.headers.get("set-cookie").is_none(),
        "what it did not bring is not taken"
    );
    assert!(page.body.contains("mitään ei päätetty"), "{}", page.body);
    assert_eq!(logouts(&world), 0);
}

#[tokio::test]
async fn a_token_of_another_user_asks_before_it_ends_anything() {
    let world = world().await;
    let (_, tokens) = logged_in(&world).await;
    let mut other = pupil();
    other["sub"] = "user-2".into();
    let mut browser = Browser::new(&world);
    browser.log_in(&plain(), other).await;
    let hint = ("id_token_hint", tokens.id_token());
    let page = browser
        .get(&path(&[hint, ("post_logout_redirect_uri", BYE)]))
        .await;
    assert_asks(&page);
    assert_kept(&browser);
}

#[tokio::test]
async fn the_page_says_what_was_ended_and_what_was_not() {
    let world = world().await;
    let (mut browser, tokens) = logged_in(&world).await;
    let asked = [("id_token_hint", tokens.id_token()), ("ui_locales", "en")];
    let page = browser.get(&path(&asked)).await;
    assert!(
        page.body
            .contains("Your login to the trust network has ended")
    );
    assert!(
        page.body
            .contains("<strong>Kuvitteellinen kunta 10</strong>"),
        "whose it was"
    );
    assert!(
        page.body
            .contains("This was not ended: the services you are already logged in to")
    );
    let again = browser.get(&path(&asked)).await;
    assert!(again.body.contains("nothing was ended"));
    assert!(!again.body.contains("has ended"));
    for (language, words) in [("fi", "Näitä ei päätetty"), ("sv", "Detta avslutades inte")] {
        let page = browser.get(&path(&[("ui_locales", language)])).await;
        assert!(page.body.contains(words), "{language}");
    }
    // It is true: the access token that the service holds serves on.
    assert_eq!(
        browser.userinfo(tokens.access_token()).await.status,
        StatusCode::OK
    );
}
