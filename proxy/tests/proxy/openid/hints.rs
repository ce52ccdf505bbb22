//! Whom a request names, and which context it insists on.

use super::{assert_error, conformance_client, login, plain, tokens};
use crate::browser::{Browser, pupil};
use crate::world::World;
use serde_json::{Value, json};

async fn world() -> World {
    let world = World::new().await;
    conformance_client(&world).await;
    world
}

fn another() -> Value {
    let mut user = pupil();
    user["sub"] = "user-2".into();
    user
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (first, _) = login(&mut browser, &plain()).await;
    // The token may be older than its own end: it is a hint, not a proof.
    world.pass(600);
    let asked = plain()
        .with("prompt", "none")
        .with("id_token_hint", first.id_token());
    let answer = browser.get(&asked.path()).await;
    let second = tokens(&mut browser, &answer, &asked).await;
    assert_eq!(second.claims["sub"], first.claims["sub"]);
}

#[tokio::test]
async fn a_session_of_another_user_does_not_answer_a_hint() {
    let world = world().await;
    let mut first = Browser::new(&world);
    let (first, _) = login(&mut first, &plain()).await;
    let mut browser = Browser::new(&world);
    browser.log_in(&plain(), another()).await;
    let asked = plain().with("id_token_hint", first.id_token());
    let silent = browser
        .get(&asked.clone().with("prompt", "none").path())
        .await;
    assert_error(&silent, "login_required");
    // With the user at hand the home organisation asks anew, so that the right one can log in.
    let leaving = browser.get(&asked.path()).await;
    assert!(leaving.location().starts_with(&world.provider.issuer));
    assert_eq!(leaving.parameter("prompt").as_deref(), Some("login"));
    let back = world.provider.log_in(leaving.location(), pupil());
    let answer = browser.get(&back).await;
    let second = tokens(&mut browser, &answer, &asked).await;
    assert_eq!(second.claims["sub"], first.claims["sub"]);
}

#[tokio::test]
async fn a_login_of_another_user_than_the_one_named_ends_without_a_release() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let (first, _) = login(&mut browser, &plain()).await;
    let subject = first.claims["sub"].as_str().unwrap();
    let by_claims = json!({ "id_token": { "sub": { "value": subject } } }).to_string();
    for (name, value) in [("id_token_hint", first.id_token()), ("claims", &by_claims)] {
        let asked = plain().with(name, value).with("ui_locales", "en");
        let page = Browser::new(&world).log_in(&asked, another()).await;
        page.assert_problem("ANOTHER_USER");
        assert!(
            page.body.contains("error=login_required"),
            "the service can be told"
        );
    }
    assert_eq!(world.refusals(), ["ANOTHER_USER", "ANOTHER_USER"]);
    assert_eq!(world.successes(), 1);
}

#[tokio::test]
async fn a_hint_that_is_no_token_of_ours_for_this_client_is_refused() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(2).await;
    let other = browser.exchange(2, &code).await.json();
    let other = other["id_token"].as_str().unwrap();
    for token in ["foo", "a.b.c", other] {
        let answer = browser
            .get(&plain().with("id_token_hint", token).path())
            .await;
        assert_error(&answer, "invalid_request");
    }
    let claims = r#"{"id_token":{"sub":{"value":"somebody else"}}}"#;
    let mut own = Browser::new(&world);
    let (tokens, _) = login(&mut own, &plain()).await;
    let asked = plain()
        .with("id_token_hint", tokens.id_token())
        .with("claims", claims);
    assert_error(&own.get(&asked.path()).await, "invalid_request");
}

#[tokio::test]
async fn an_essential_context_is_answered_or_the_request_fails() {
    let world = world().await;
    let claims = |values: &[&str]| {
        json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string()
    };
    let source = "urn:mpass.id:authnsource:Oidc10";
    let mut browser = Browser::new(&world);
    let asked = plain().with("claims", &claims(&["urn:other", source]));
    let (tokens, _) = login(&mut browser, &asked).await;
    assert_eq!(tokens.claims["acr"], source);
    let asked = plain().with("claims", &claims(&["urn:other"]));
    assert_error(
        &browser.get(&asked.path()).await,
        "unmet_authentication_requirements",
    );
    let asked = plain().with("claims", &claims(&["urn:mpass.id:authnsource:Nobody"]));
    let page = Browser::new(&world).get(&asked.path()).await;
    page.assert_problem("NO_HOME_INTEGRATION");
    let asked = plain().with("claims", "[]");
    assert_error(&browser.get(&asked.path()).await, "invalid_request");
}

#[tokio::test]
async fn claims_that_are_asked_for_one_by_one_stay_inside_the_release_set_and_the_vetoes() {
    use crate::world::{service, service_id};
    use domain::data_model::Attribute;
    use projections::routing::{HomeIntegration, ServiceClient, ServiceProtocol};
    use std::collections::{BTreeMap, BTreeSet};

    let world = World::new().await;
    let home = HomeIntegration {
        vetoes: BTreeMap::from([(service_id(1), BTreeSet::from([Attribute::Surname]))]),
        ..world.home(10)
    };
    let mut client = crate::world::client(1);
    client.pkce_required = false;
    let row = ServiceClient {
        release_set: BTreeSet::from([Attribute::GivenName, Attribute::Surname]),
        protocol: ServiceProtocol::OpenIdConnect(client),
        ..service(1)
    };
    world
        .change(|table| {
            table.put_home(home);
            table.put_service(row);
        })
        .await;
    let wanted = json!({ "given_name": null, "family_name": null, "urn:mpass.id:role": null });
    let claims = json!({ "userinfo": wanted, "id_token": wanted }).to_string();
    let asked = plain().with("scope", "openid").with("claims", &claims);
    let (tokens, info) = login(&mut Browser::new(&world), &asked).await;
    for given in [&info, &tokens.claims] {
        assert_eq!(given["given_name"], "Testi");
        assert!(given.get("family_name").is_none(), "vetoed");
        assert!(given.get("urn:mpass.id:role").is_none(), "not declared");
    }
}
