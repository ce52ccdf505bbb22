//! One login carries from service to service, where it may, and each reuse is judged and recorded.

use crate::browser::{Answer, Asked, Browser, pupil};
use crate::world::{World, oid, service, service_id};
use domain::time::Window;
use projections::routing::{HomeIntegration, Permissions, ServiceClient, Services};
use registrar::AuthenticationOutcome;
use rstest::rstest;
use std::collections::BTreeMap;

/// Whether the browser was sent to log in.
fn must_log_in(world: &World, answer: &Answer) -> bool {
    answer.location().starts_with(&world.provider.issuer)
}

#[tokio::test]
async fn a_second_service_opens_without_a_new_login_and_is_recorded() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    browser.exchange(1, &code).await;
    let answer = browser.get(&Asked::of(2).path()).await;
    let code = answer.parameter("code").unwrap();
    let tokens = browser.exchange(2, &code).await.json();
    assert!(tokens["id_token"].is_string());
    assert_eq!(*world.provider.count.lock().unwrap(), 1);
    let records = world.records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].authentication.service, Some(service_id(2)));
    assert!(matches!(
        records[1].authentication.outcome,
        AuthenticationOutcome::Succeeded {
            single_sign_on: true,
            ..
        }
    ));
}

#[rstest]
#[case("prompt", "login")]
#[case("max_age", "30")]
#[tokio::test]
async fn a_service_may_ask_for_a_new_login(#[case] name: &str, #[case] value: &str) {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.code(1).await;
    world.pass(31);
    let answer = browser.get(&Asked::of(2).with(name, value).path()).await;
    assert!(must_log_in(&world, &answer));
    assert_eq!(
        answer.parameter(name).as_deref(),
        Some(value),
        "the home organisation is told"
    );
    let back = world.provider.log_in(answer.location(), pupil());
    assert!(browser.get(&back).await.parameter("code").is_some());
    let answer = browser
        .get(&Asked::of(1).with("max_age", "30").path())
        .await;
    assert!(answer.parameter("code").is_some(), "young enough");
}

#[tokio::test]
async fn a_forced_login_that_did_not_happen_is_not_believed() {
    let world = World::new().await;
    *world.provider.tamper.lock().unwrap() =
        Some(|token| token["auth_time"] = (token["auth_time"].as_i64().unwrap() - 1000).into());
    let mut browser = Browser::new(&world);
    let page = browser
        .log_in(&Asked::of(1).with("prompt", "login"), pupil())
        .await;
    page.assert_problem("UPSTREAM_INVALID");
    let page = browser
        .log_in(&Asked::of(1).with("max_age", "500"), pupil())
        .await;
    page.assert_problem("UPSTREAM_INVALID");
    assert!(
        browser
            .log_in(&Asked::of(1), pupil())
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_session_ends_with_its_lifetime() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.code(1).await;
    world.pass(3599);
    assert!(
        browser
            .get(&Asked::of(2).path())
            .await
            .parameter("code")
            .is_some()
    );
    world.pass(1);
    assert!(must_log_in(
        &world,
        &browser.get(&Asked::of(2).path()).await
    ));
}

#[tokio::test]
async fn it_is_off_where_a_service_or_an_integration_says_so() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.code(1).await;
    let off = ServiceClient {
        single_sign_on: false,
        ..service(2)
    };
    world.change(|table| table.put_service(off)).await;
    assert!(must_log_in(
        &world,
        &browser.get(&Asked::of(2).path()).await
    ));
    assert!(
        browser
            .get(&Asked::of(1).path())
            .await
            .parameter("code")
            .is_some()
    );

    let home = HomeIntegration {
        single_sign_on: false,
        ..world.home(10)
    };
    world.change(|table| table.put_home(home)).await;
    assert!(must_log_in(
        &world,
        &browser.get(&Asked::of(1).path()).await
    ));
    let mut browser = Browser::new(&world);
    browser.code(1).await;
    assert!(browser.cookies.is_empty(), "no session is left behind");
}

#[tokio::test]
async fn without_a_session_a_silent_login_says_so() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let silent = Asked::of(1).with("prompt", "none");
    let answer = browser.get(&silent.path()).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("login_required"));
    assert_eq!(answer.parameter("state").as_deref(), Some("the-state"));
    browser.code(1).await;
    assert!(
        browser
            .get(&silent.path())
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn the_next_login_is_refused_once_the_last_permission_is_gone() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.code(1).await;
    let none = Permissions {
        services: Services::List(BTreeMap::new()),
        position: 5,
    };
    let home = HomeIntegration {
        permissions: none,
        ..world.home(10)
    };
    world.change(|table| table.put_home(home)).await;

    let page = browser.get(&Asked::of(2).path()).await;
    page.assert_problem("NOT_PERMITTED");
    let silent = browser
        .get(&Asked::of(2).with("prompt", "none").path())
        .await;
    assert_eq!(silent.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(
        silent.parameter("error_description").as_deref(),
        Some("NOT_PERMITTED")
    );
    let page = Browser::new(&world).get(&Asked::of(2).path()).await;
    page.assert_problem("NOT_PERMITTED");
    assert_eq!(world.refusals(), ["NOT_PERMITTED"; 3]);
    let record = &world.records()[0];
    assert_eq!(record.user.as_ref().unwrap().as_str(), "user-1");
    assert_eq!(record.authentication.home_organisation, Some(oid(10)));
    assert_eq!(record.authentication.governance_position, 2);
}

#[tokio::test]
async fn a_suspended_user_is_refused_at_request_release_and_with_a_session_from_before() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let kept = browser
        .get(&Asked::of(1).path())
        .await
        .parameter("code")
        .unwrap();
    let tokens = browser.exchange(1, &kept).await.json();
    world.suspend("user-1").await;
    let answer = browser.exchange(1, &code).await.json();
    assert_eq!(answer["error"], "invalid_grant");
    assert_eq!(answer["error_description"], "USER_SUSPENDED");
    let info = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(info.status, 401);
    browser
        .get(&Asked::of(2).path())
        .await
        .assert_problem("USER_SUSPENDED");
    let page = Browser::new(&world).log_in(&Asked::of(1), pupil()).await;
    page.assert_problem("USER_SUSPENDED");
    assert_eq!(world.refusals(), ["USER_SUSPENDED"; 3]);
    let mut other = pupil();
    other["sub"] = "user-2".into();
    let answer = Browser::new(&world).log_in(&Asked::of(1), other).await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn a_window_that_ends_between_request_and_release_lets_nothing_out() {
    let world = World::new().await;
    let soon = Window {
        from: crate::world::at(0),
        until: Some(crate::world::at(crate::world::NOW + 20)),
    };
    let home = HomeIntegration {
        windows: vec![soon],
        ..world.home(10)
    };
    world.change(|table| table.put_home(home)).await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let code = browser.code(1).await;
    world.pass(20);
    let answer = browser.exchange(1, &code).await.json();
    assert_eq!(
        answer["error_description"],
        "HOME_INTEGRATION_OUTSIDE_WINDOW"
    );
    let back = world.provider.log_in(leaving.location(), pupil());
    browser
        .get(&back)
        .await
        .assert_problem("HOME_INTEGRATION_OUTSIDE_WINDOW");
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_says_what_it_does_not_end() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let tokens = browser.exchange(1, &code).await.json();
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();

    let page = browser.get("/openid/logout").await;
    assert!(
        page.body.contains("name=\"confirm\""),
        "anyone can link here, so the user is asked"
    );
    assert!(browser.cookies.contains_key("__Host-session"));
    let page = browser
        .post("/openid/logout", &[], &[("confirm", "yes")])
        .await;
    assert_eq!(page.status, 200);
    assert!(browser.cookies.is_empty());
    let records = world.records();
    assert_eq!(
        records.last().unwrap().authentication.outcome,
        AuthenticationOutcome::LoggedOut
    );

    browser.code(1).await;
    let bye = "https%3A%2F%2Fservice-1.example.org%2Fbye";
    let path =
        format!("/openid/logout?id_token_hint={id_token}&post_logout_redirect_uri={bye}&state=s");
    let answer = browser.get(&path).await;
    assert_eq!(
        answer.location(),
        "https://service-1.example.org/bye?state=s"
    );
    assert!(browser.cookies.is_empty());

    for wrong in [
        "post_logout_redirect_uri=https%3A%2F%2Fevil.example.org%2F".to_owned(),
        format!("post_logout_redirect_uri={bye}"),
        format!("client_id=client-2&post_logout_redirect_uri={bye}"),
        format!("client_id=client-2&id_token_hint={id_token}"),
        format!("id_token_hint={id_token}x&post_logout_redirect_uri={bye}"),
    ] {
        let answer = browser.get(&format!("/openid/logout?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(!answer.headers.contains_key("location"));
    }
}
