//! Log before release: what cannot be recorded does not leave.

use crate::browser::{Asked, Browser, pupil};
use crate::world::{World, integration};
use registrar::AuthenticationOutcome;

#[tokio::test]
async fn nothing_leaves_that_could_not_be_recorded() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    *world.recorder.refuses.lock().unwrap() = true;
    let answer = browser.exchange(1, &code).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert!(!answer.body.contains("token\""), "{}", answer.body);

    *world.recorder.refuses.lock().unwrap() = false;
    assert_eq!(
        browser.exchange(1, &code).await.json()["error"],
        "invalid_grant"
    );
    let code = browser
        .get(&Asked::of(1).path())
        .await
        .parameter("code")
        .unwrap();
    assert_eq!(browser.exchange(1, &code).await.status, 200);
    assert_eq!(world.successes(), 1);
}

#[tokio::test]
async fn a_refusal_is_shown_even_when_it_cannot_be_recorded() {
    let world = World::new().await;
    *world.recorder.refuses.lock().unwrap() = true;
    world.suspend("user-1").await;
    let page = Browser::new(&world).log_in(&Asked::of(1), pupil()).await;
    page.assert_problem("USER_SUSPENDED");
}

#[tokio::test]
async fn a_login_that_the_home_organisation_ends_is_recorded_without_a_user() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let (state, issuer) = (leaving.parameter("state").unwrap(), &world.provider.issuer);
    let back = format!("/login/return/Oidc10?error=access_denied&state={state}&iss={issuer}");
    browser.get(&back).await.assert_problem("UPSTREAM_REFUSED");
    let records = world.records();
    assert_eq!(records.len(), 1);
    assert!(records[0].user.is_none());
    assert_eq!(
        records[0].authentication.home_integration,
        Some(integration(10))
    );
}

#[tokio::test]
async fn strangers_cannot_fill_the_log() {
    let world = World::new().await;
    world
        .change(|table| table.remove_home(integration(10)))
        .await;
    for _ in 0..300 {
        let page = Browser::new(&world).get(&Asked::of(1).path()).await;
        page.assert_problem("NO_HOME_INTEGRATION");
    }
    assert_eq!(world.records().len(), 200);
    world.pass(1);
    for _ in 0..30 {
        Browser::new(&world).get(&Asked::of(1).path()).await;
    }
    assert_eq!(world.records().len(), 220);
    let refused =
        |outcome: &AuthenticationOutcome| matches!(outcome, AuthenticationOutcome::Refused { .. });
    assert!(
        world
            .records()
            .iter()
            .all(|record| refused(&record.authentication.outcome))
    );
}
