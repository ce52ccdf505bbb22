//! Attacks and broken requests, each by name.

use crate::browser::{Asked, Browser, VERIFIER, pupil};
use crate::provider::Tamper;
use crate::world::{CLIENT_SECRET, DEMO_HOST, World, client, service};
use axum::body::Body;
use axum::http::{Request, header};
use projections::routing::{
    OpenIdConnectClient, ServiceClient, ServiceProtocol, TokenEndpointAuthentication,
};
use rstest::rstest;
use serde_json::json;
use tower::ServiceExt as _;

#[rstest]
#[case("https://service-1.example.org/back/")]
#[case("https://service-1.example.org/back?")]
#[case("https://service-1.example.org/Back")]
#[case("https://service-1.example.org:443/back")]
#[case("https://service-1.example.org/back#x")]
#[case("https://service-1.example.org/../back")]
#[case("https://service-1.example.org.evil.example.org/back")]
#[case("https://service-2.example.org/back")]
#[case("http://service-1.example.org/back")]
#[case("javascript:alert(1)")]
#[case("//service-1.example.org/back")]
#[tokio::test]
async fn only_a_registered_address_is_returned_to_octet_by_octet(#[case] address: &str) {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser
        .get(&Asked::of(1).with("redirect_uri", address).path())
        .await;
    page.assert_problem("REDIRECT_URI_NOT_REGISTERED");
    assert!(!page.headers.contains_key("location"));
    assert!(!page.body.contains("href=\"http"), "{}", page.body);
}

#[tokio::test]
async fn a_registered_query_stays_as_it_is() {
    let world = World::new().await;
    let asked = Asked::of(1).with(
        "redirect_uri",
        "https://service-1.example.org/back?with=query",
    );
    let answer = Browser::new(&world).log_in(&asked, pupil()).await;
    assert!(
        answer
            .location()
            .starts_with("https://service-1.example.org/back?with=query&code=")
    );
}

#[rstest]
#[case("response_type", Some("token"), "unsupported_response_type")]
#[case("response_type", Some("code id_token"), "unsupported_response_type")]
#[case("response_type", None, "invalid_request")]
#[case("response_mode", Some("fragment"), "invalid_request")]
#[case("scope", Some("profile"), "invalid_scope")]
#[case("scope", None, "invalid_scope")]
#[case("code_challenge", None, "invalid_request")]
#[case("code_challenge", Some("short"), "invalid_request")]
#[case("code_challenge_method", Some("plain"), "invalid_request")]
#[case("code_challenge_method", None, "invalid_request")]
#[case("prompt", Some("none login"), "invalid_request")]
#[case("prompt", Some("telepathy"), "invalid_request")]
#[case("max_age", Some("-1"), "invalid_request")]
#[case("request", Some("x"), "request_not_supported")]
#[case(
    "request_uri",
    Some("https://x.example.org"),
    "request_uri_not_supported"
)]
#[tokio::test]
async fn a_broken_request_is_told_to_the_service(
    #[case] name: &str,
    #[case] value: Option<&str>,
    #[case] error: &str,
) {
    let world = World::new().await;
    let asked = match value {
        Some(value) => Asked::of(1).with(name, value),
        None => Asked::of(1).without(name),
    };
    let answer = Browser::new(&world).get(&asked.path()).await;
    assert_eq!(answer.parameter("error").as_deref(), Some(error));
    assert_eq!(answer.parameter("state").as_deref(), Some("the-state"));
    assert!(answer.parameter("iss").is_some());
    assert!(
        answer
            .location()
            .starts_with("https://service-1.example.org/back?")
    );
}

#[tokio::test]
async fn parameters_stand_once_and_requests_are_bounded() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for twice in [
        "client_id=client-2",
        "redirect_uri=https://evil.example.org",
        "state=x",
    ] {
        let page = browser
            .get(&format!("{}&{twice}", Asked::of(1).path()))
            .await;
        page.assert_problem("INVALID_REQUEST");
    }
    let page = browser
        .get(&Asked::of(1).with("x", &"a".repeat(20_000)).path())
        .await;
    page.assert_problem("REQUEST_TOO_LARGE");
    let answer = browser
        .get(&Asked::of(1).with("state", &"a".repeat(1025)).path())
        .await;
    assert_eq!(
        answer.parameter("error").as_deref(),
        Some("invalid_request")
    );
    let code = browser.code(1).await;
    let twice = [
        ("code", code.as_str()),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = browser.exchange_with(1, CLIENT_SECRET, &twice).await;
    assert_eq!(answer.json()["error"], "invalid_request");

    let huge = Request::post("/openid/token")
        .header(header::HOST, crate::world::HOST)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(vec![b'a'; 1_000_000]))
        .unwrap();
    assert_eq!(world.router().oneshot(huge).await.unwrap().status(), 413);
    let json = Request::post("/openid/token")
        .header(header::HOST, crate::world::HOST)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(world.router().oneshot(json).await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_code_serves_once_and_its_second_use_revokes_what_it_gave() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let tokens = browser.exchange(1, &code).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.userinfo(access_token).await.status, 200);
    let again = browser.exchange(1, &code).await;
    assert_eq!(again.json()["error"], "invalid_grant");
    assert_eq!(browser.userinfo(access_token).await.status, 401);
    assert_eq!(world.successes(), 1);
}

#[tokio::test]
async fn a_code_and_a_token_end_with_their_time() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    world.pass(60);
    assert_eq!(
        browser.exchange(1, &code).await.json()["error"],
        "invalid_grant"
    );
    let code = browser
        .get(&Asked::of(1).path())
        .await
        .parameter("code")
        .unwrap();
    let tokens = browser.exchange(1, &code).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    world.pass(599);
    assert_eq!(browser.userinfo(access_token).await.status, 200);
    world.pass(1);
    let answer = browser.userinfo(access_token).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer error=\"invalid_token\""
    );
}

#[rstest]
#[case::no_verifier(&[])]
#[case::wrong_verifier(&[("code_verifier", "verifier-verifier-verifier-verifier-verifier-1")])]
#[case::short_verifier(&[("code_verifier", "v")])]
#[case::other_address(&[
    ("code_verifier", VERIFIER), ("redirect_uri", "https://service-1.example.org/back?with=query"),
])]
#[tokio::test]
async fn a_stolen_code_is_worth_nothing(#[case] form: &[(&str, &str)]) {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let form = [form, &[("code", code.as_str())]].concat();
    let answer = browser.exchange_with(1, CLIENT_SECRET, &form).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
    assert_eq!(
        browser.exchange(1, &code).await.json()["error"],
        "invalid_grant",
        "used up"
    );
    assert!(world.records().is_empty());
}

#[tokio::test]
async fn a_challenge_cannot_be_forgotten_or_added() {
    let world = World::new().await;
    let free = OpenIdConnectClient {
        pkce_required: false,
        ..client(1)
    };
    let row = ServiceClient {
        protocol: ServiceProtocol::OpenIdConnect(free),
        ..service(1)
    };
    world.change(|table| table.put_service(row)).await;
    let mut browser = Browser::new(&world);
    let bare = Asked::of(1)
        .without("code_challenge")
        .without("code_challenge_method");
    let code = browser
        .log_in(&bare, pupil())
        .await
        .parameter("code")
        .unwrap();
    let answer = browser.exchange(1, &code).await;
    assert_eq!(
        answer.json()["error"],
        "invalid_grant",
        "a verifier without a challenge"
    );
    let code = browser.get(&bare.path()).await.parameter("code").unwrap();
    let answer = browser
        .exchange_with(1, CLIENT_SECRET, &[("code", &code)])
        .await;
    assert_eq!(answer.status, 200);
    let code = browser
        .get(&Asked::of(1).path())
        .await
        .parameter("code")
        .unwrap();
    let answer = browser
        .exchange_with(1, CLIENT_SECRET, &[("code", &code)])
        .await;
    assert_eq!(
        answer.json()["error"],
        "invalid_grant",
        "a challenge without a verifier"
    );
}

#[tokio::test]
async fn a_client_proves_itself_by_its_own_secret_and_registered_method() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let form = [("code", code.as_str()), ("code_verifier", VERIFIER)];
    for secret in ["", "Service secret", "service secret ", "***"] {
        let answer = browser.exchange_with(1, secret, &form).await;
        assert_eq!(answer.status, 401, "{secret}");
        assert_eq!(answer.json()["error"], "invalid_client");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    let posted = [
        ("client_id", "client-1"),
        ("client_secret", CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://service-1.example.org/back"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = browser.post("/openid/token", &[], &posted).await;
    assert_eq!(answer.status, 401, "the method is not the registered one");
    let other = browser.exchange(2, "no-such-code").await;
    assert_eq!(other.json()["error"], "invalid_grant");
    assert_eq!(
        browser.exchange(1, &code).await.status,
        200,
        "strangers did not use it up"
    );

    let post = OpenIdConnectClient {
        token_endpoint_auth_method: TokenEndpointAuthentication::ClientSecretPost,
        ..client(1)
    };
    let row = ServiceClient {
        protocol: ServiceProtocol::OpenIdConnect(post),
        ..service(1)
    };
    world.change(|table| table.put_service(row)).await;
    let code = browser
        .get(&Asked::of(1).path())
        .await
        .parameter("code")
        .unwrap();
    let posted = posted.map(|(name, value)| {
        if name == "code" {
            (name, code.as_str())
        } else {
            (name, value)
        }
    });
    assert_eq!(
        browser.post("/openid/token", &[], &posted).await.status,
        200
    );
}

#[tokio::test]
async fn a_code_given_to_another_client_is_burnt() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    assert_eq!(
        browser.exchange(2, &code).await.json()["error"],
        "invalid_grant"
    );
    assert_eq!(
        browser.exchange(1, &code).await.json()["error"],
        "invalid_grant"
    );
    assert!(world.records().is_empty());
}

#[rstest]
#[case::nonce(|token: &mut serde_json::Value| token["nonce"] = "other".into())]
#[case::issuer(|token: &mut serde_json::Value| token["iss"] = "https://evil.example.org".into())]
#[case::audience(|token: &mut serde_json::Value| token["aud"] = json!(["other"]))]
#[case::expired(|token: &mut serde_json::Value| token["exp"] = 1000.into())]
#[tokio::test]
async fn an_id_token_for_another_login_is_not_taken(#[case] tamper: Tamper) {
    let world = World::new().await;
    *world.provider.tamper.lock().unwrap() = Some(tamper);
    let mut browser = Browser::new(&world);
    browser
        .log_in(&Asked::of(1), pupil())
        .await
        .assert_problem("UPSTREAM_INVALID");
    assert_eq!(world.refusals(), ["UPSTREAM_INVALID"]);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn attributes_of_another_user_are_not_taken() {
    let world = World::new().await;
    *world.provider.userinfo_subject.lock().unwrap() = Some("user-2".to_owned());
    let page = Browser::new(&world).log_in(&Asked::of(1), pupil()).await;
    page.assert_problem("UPSTREAM_INVALID");
}

#[tokio::test]
async fn an_answer_is_taken_from_the_issuer_and_at_the_address_that_were_asked() {
    let world = World::new().await;
    let other = world.home(20);
    let mut browser = Browser::new(&world);
    let leave = async |browser: &mut Browser<'_>| {
        let leaving = browser
            .get(&Asked::of(1).with("prompt", "login").path())
            .await;
        world.provider.log_in(leaving.location(), pupil())
    };
    let back = leave(&mut browser).await;
    let mixed = back.replace("iss=http", "iss=https");
    browser.get(&mixed).await.assert_problem("UPSTREAM_INVALID");
    let back = leave(&mut browser).await;
    let (without, _) = back.split_once("&iss=").unwrap();
    browser
        .get(without)
        .await
        .assert_problem("UPSTREAM_INVALID");
    let back = leave(&mut browser).await;
    world.change(|table| table.put_home(other)).await;
    let elsewhere = back.replace("/Oidc10?", "/Oidc20?");
    browser
        .get(&elsewhere)
        .await
        .assert_problem("UPSTREAM_INVALID");
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn a_login_is_finished_by_the_browser_that_began_it_once_and_in_time() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let asked = Asked::of(1).with("prompt", "login");
    let leaving = browser.get(&asked.path()).await;
    let back = world.provider.log_in(leaving.location(), pupil());
    let mut victim = Browser::new(&world);
    victim.get(&back).await.assert_problem("FLOW_MISSING");

    let kept = browser.cookies.clone();
    let (name, value) = kept.first_key_value().unwrap();
    for changed in [
        value.replace(&value[40..44], "AAAA"),
        value[..value.len() - 4].to_owned(),
    ] {
        browser.cookies.insert(name.clone(), changed);
        browser.get(&back).await.assert_problem("FLOW_MISSING");
    }
    browser.cookies.clone_from(&kept);
    browser
        .get(&back.replace("state=", "state=x"))
        .await
        .assert_problem("FLOW_MISSING");
    assert!(browser.get(&back).await.parameter("code").is_some());
    browser.cookies.clone_from(&kept);
    browser.get(&back).await.assert_problem("FLOW_USED");

    let leaving = browser.get(&asked.path()).await;
    let back = world.provider.log_in(leaving.location(), pupil());
    world.pass(15 * 60 + 1);
    browser.get(&back).await.assert_problem("FLOW_EXPIRED");
}

#[tokio::test]
async fn one_flows_cookie_does_not_open_under_another_name() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let first = browser.get(&Asked::of(1).path()).await;
    let (name, _) = browser.cookies.pop_first().unwrap();
    browser.get(&Asked::of(2).path()).await;
    let (_, other) = browser.cookies.pop_first().unwrap();
    browser.cookies.insert(name, other);
    let back = world.provider.log_in(first.location(), pupil());
    browser.get(&back).await.assert_problem("FLOW_MISSING");
}

#[tokio::test]
async fn a_browser_holds_few_flows() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for _ in 0..30 {
        browser.get(&Asked::of(1).path()).await;
        assert!(browser.cookies.len() <= 9, "{}", browser.cookies.len());
    }
}

#[tokio::test]
async fn nothing_crosses_from_one_environment_to_another() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let tokens = browser.exchange(1, &code).await.json();
    let kept = browser
        .get(&Asked::of(1).path())
        .await
        .parameter("code")
        .unwrap();
    assert!(browser.cookies.contains_key("__Host-session"));

    // Same client, same secret, same cookie key: the host alone says which environment it is.
    browser.host = DEMO_HOST;
    let page = browser.get(&Asked::of(1).path()).await;
    page.assert_problem("NO_HOME_INTEGRATION");
    assert_eq!(
        browser.exchange(1, &kept).await.json()["error"],
        "invalid_grant"
    );
    let info = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(info.status, 401);
    let description = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(description["issuer"], format!("http://{DEMO_HOST}"));
    let hint = tokens["id_token"].as_str().unwrap();
    let answer = browser
        .get(&format!("/openid/logout?id_token_hint={hint}"))
        .await;
    answer.assert_problem("INVALID_REQUEST");

    browser.host = "other.proxy.localhost:8600";
    assert_eq!(browser.get("/openid/jwks").await.status, 421);
}

#[tokio::test]
async fn every_page_keeps_to_itself() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for path in [
        "/nothing",
        "/login/choose",
        "/openid/authorize",
        "/login/return/Oidc10?state=x",
    ] {
        let page = browser.get(path).await;
        assert!(page.status.is_client_error(), "{path}");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["x-frame-options"], "DENY");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("script-src"));
    }
    let style = browser.get("/login/style.css").await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
}
