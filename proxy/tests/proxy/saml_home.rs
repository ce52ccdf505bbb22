//! SAML towards home organisations.

use crate::browser::{self, Browser};
use crate::saml_parties::*;
use crate::world::{HOST, World, integration};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::KeyState;
use domain::value::EntityId;
use projections::routing::{HomeIntegration, Upstream};
use proxy::saml::assertion::Assertion;
use proxy::saml::request::{AuthnRequest, Scoping};
use proxy::saml::response::{Failure, StatusCode};
use rstest::rstest;

/// A login on its way to the home organisation.
async fn away<'a>(world: &'a World, request: &AuthnRequest) -> (Browser<'a>, Asked) {
    let mut browser = Browser::new(world);
    let leaving = browser.get(&address_of(request)).await;
    let asked = arrived(&mut browser, &leaving).await;
    (browser, asked)
}

fn upstream(home: &mut HomeIntegration) -> &mut projections::routing::SamlUpstream {
    match &mut home.upstream {
        Upstream::Saml(upstream) => upstream,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_home_organisation_is_asked_on_behalf_of_the_service() {
    let world = saml_world().await;
    let behind = AuthnRequest {
        scoping: Some(Scoping {
            proxy_count: Some(2),
            providers: vec![IDP.to_owned()],
            requesters: vec!["https://behind.example.org".to_owned()],
        }),
        ..request(&world, 1)
    };
    let (_, asked) = away(&world, &behind).await;
    let scoping = asked.request.scoping.unwrap();
    assert_eq!(scoping.proxy_count, Some(1));
    assert_eq!(
        scoping.requesters,
        ["https://behind.example.org".to_owned(), entity(1)]
    );
    assert_eq!(
        asked.request.issuer,
        format!("http://{HOST}/saml/sp/metadata")
    );
    assert_eq!(
        asked.request.destination.as_deref(),
        Some("https://idp.example.org/sso")
    );
    assert!(!asked.request.force);

    let mut home = saml_home(&world, 20);
    upstream(&mut home).takes_scoping = false;
    world.change(|table| table.put_home(home)).await;
    let (_, asked) = away(&world, &request(&world, 1)).await;
    assert_eq!(asked.request.scoping, None);
}

#[tokio::test]
async fn a_saml_home_serves_an_openid_connect_service_and_encrypts_to_us() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let own = described(&mut browser, "/saml/sp/metadata")
        .await
        .service
        .unwrap();
    let [certificate] = own.encryption().try_into().unwrap();
    let leaving = browser.get(&browser::Asked::of(1).path()).await;
    let asked = arrived(&mut browser, &leaving).await;
    assert_eq!(
        asked.request.scoping, None,
        "an OpenID Connect client has no entity ID"
    );
    let assertion = pupil(&asked, world.now());
    let message = answered(&asked, &assertion, &HOME, Some(&certificate));
    assert!(!message.contains("user-1"));
    let answer = post_back(&mut browser, &asked, &message).await;
    let code = answer.parameter("code").unwrap();
    let tokens = browser.exchange(1, &code).await.json();
    let info = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(info["given_name"], "Testi");
}

type Change = fn(&mut Assertion);

#[rstest]
#[case::audience(|a: &mut Assertion| a.conditions.audiences = vec![vec!["https://other".to_owned()]])]
#[case::issuer(|a: &mut Assertion| a.issuer = "https://other.example.org".to_owned())]
#[case::recipient(|a: &mut Assertion| a.confirmations[0].recipient = Some("https://other/acs".to_owned()))]
#[case::request(|a: &mut Assertion| a.confirmations[0].in_response_to = Some("_other".to_owned()))]
#[case::nameless(|a: &mut Assertion| a.name_id = None)]
#[tokio::test]
async fn an_assertion_that_does_not_fit_lets_nobody_in(#[case] change: Change) {
    let world = saml_world().await;
    let (mut browser, asked) = away(&world, &request(&world, 1)).await;
    let mut assertion = pupil(&asked, world.now());
    change(&mut assertion);
    let message = answered(&asked, &assertion, &HOME, None);
    let answer = post_back(&mut browser, &asked, &message).await;
    answer.assert_problem("UPSTREAM_INVALID");
    assert_eq!(world.refusals(), ["UPSTREAM_INVALID"]);
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn a_home_organisation_is_known_by_its_registered_keys_alone() {
    let world = saml_world().await;
    let (mut browser, asked) = away(&world, &request(&world, 1)).await;
    let assertion = pupil(&asked, world.now());
    let message = answered(&asked, &assertion, &SERVICE, None);
    let answer = post_back(&mut browser, &asked, &message).await;
    answer.assert_problem("UPSTREAM_INVALID");

    // While one key replaces another, both serve.
    let mut home = saml_home(&world, 20);
    let certificates = &mut upstream(&mut home).signing_certificates;
    certificates.insert(0, SERVICE.certificate.clone());
    world.change(|table| table.put_home(home)).await;
    for by in [&*HOME, &*SERVICE] {
        let first = request(&world, 1);
        let (mut browser, asked) = away(&world, &first).await;
        let message = answered(&asked, &pupil(&asked, world.now()), by, None);
        let answer = post_back(&mut browser, &asked, &message).await;
        assert!(accept(&mut browser, &answer, &first).await.is_ok());
    }
}

#[tokio::test]
async fn an_answer_serves_once() {
    let world = saml_world().await;
    let (mut browser, asked) = away(&world, &request(&world, 1)).await;
    let kept = browser.cookies.clone();
    let message = answered(&asked, &pupil(&asked, world.now()), &HOME, None);
    assert_eq!(post_back(&mut browser, &asked, &message).await.status, 200);
    browser.cookies = kept;
    let answer = post_back(&mut browser, &asked, &message).await;
    answer.assert_problem("FLOW_USED");
    assert_eq!(world.successes(), 1);
}

#[tokio::test]
async fn the_answer_of_another_login_is_not_taken_for_this_one() {
    let world = saml_world().await;
    let (mut browser, own) = away(&world, &request(&world, 1)).await;
    let (_, others) = away(&world, &request(&world, 1)).await;
    // The attacker's own assertion with the victim's relay state, in the victim's browser.
    let message = answered(&others, &pupil(&others, world.now()), &HOME, None);
    let answer = post_back(&mut browser, &own, &message).await;
    answer.assert_problem("UPSTREAM_INVALID");
    // The attacker's own relay state: the flow is not this browser's.
    let (mut browser, _) = away(&world, &request(&world, 1)).await;
    let answer = post_back(&mut browser, &others, &message).await;
    answer.assert_problem("FLOW_MISSING");
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn an_unsolicited_answer_begins_nothing() {
    let world = saml_world().await;
    let (_, asked) = away(&world, &request(&world, 1)).await;
    let message = STANDARD.encode(answered(&asked, &pupil(&asked, world.now()), &HOME, None));
    let mut stranger = Browser::new(&world);
    let fields = [("SAMLResponse", message.as_str())];
    let answer = stranger.post("/saml/acs", &[], &fields).await;
    answer.assert_problem("FLOW_MISSING");
}

#[tokio::test]
async fn each_answer_has_its_own_place() {
    let world = saml_world().await;
    let oidc = world.home(10);
    world.change(|table| table.put_home(oidc)).await;
    // An OpenID Connect answer at the assertion consumer service.
    let mut browser = Browser::new(&world);
    let asked = browser::Asked::of(1).with("acr_values", "urn:mpass.id:authnsource:Oidc10");
    let leaving = browser.get(&asked.path()).await;
    let back = world.provider.log_in(leaving.location(), browser::pupil());
    let back = url::Url::parse(&back).unwrap();
    let parameter = |name: &str| {
        let found = back.query_pairs().find(|(key, _)| key == name);
        found.unwrap().1.into_owned()
    };
    let (code, state) = (parameter("code"), parameter("state"));
    let fields = [("code", code.as_str()), ("RelayState", state.as_str())];
    let answer = browser.post("/saml/acs", &[], &fields).await;
    answer.assert_problem("UPSTREAM_INVALID");

    // A SAML answer at the return address of OpenID Connect, and at another integration's.
    let at_saml = AuthnRequest {
        scoping: Some(Scoping {
            providers: vec![IDP.to_owned()],
            ..Scoping::default()
        }),
        ..request(&world, 1)
    };
    let (mut browser, asked) = away(&world, &at_saml).await;
    let message = STANDARD.encode(answered(&asked, &pupil(&asked, world.now()), &HOME, None));
    for path in ["/login/return/Saml20", "/saml/acs/Oidc10"] {
        let fields = [
            ("SAMLResponse", message.as_str()),
            ("RelayState", asked.relay_state.as_str()),
            ("state", asked.relay_state.as_str()),
        ];
        let kept = browser.cookies.clone();
        let answer = browser.post(path, &[], &fields).await;
        answer.assert_problem("UPSTREAM_INVALID");
        browser.cookies = kept;
    }
    assert_eq!(world.successes(), 0);
}

#[rstest]
#[case(StatusCode::AuthnFailed)]
#[case(StatusCode::RequestDenied)]
#[tokio::test]
async fn a_login_that_the_home_organisation_ended_is_ended(#[case] second: StatusCode) {
    let world = saml_world().await;
    let (mut browser, asked) = away(&world, &request(&world, 1)).await;
    let failure = Failure {
        first: StatusCode::Responder,
        second: Some(second),
        message: None,
    };
    let message = envelope(&asked, world.now()).failure(&failure, &HOME.signing);
    let answer = post_back(&mut browser, &asked, &message.unwrap()).await;
    answer.assert_problem("UPSTREAM_REFUSED");
}

#[tokio::test]
async fn a_forced_login_is_not_answered_by_an_old_one() {
    let world = saml_world().await;
    let forced = AuthnRequest {
        force: true,
        ..request(&world, 1)
    };
    let (mut browser, asked) = away(&world, &forced).await;
    assert!(asked.request.force);
    let mut assertion = pupil(&asked, world.now());
    assertion.authentication.instant = crate::world::at(crate::world::NOW - 400);
    let message = answered(&asked, &assertion, &HOME, None);
    let answer = post_back(&mut browser, &asked, &message).await;
    answer.assert_problem("UPSTREAM_INVALID");
}

#[tokio::test]
async fn a_tenant_that_names_us_itself_has_an_address_of_its_own() {
    let world = saml_world().await;
    let mut home = saml_home(&world, 20);
    upstream(&mut home).audience = Some(EntityId::parse("api://kuvitteellinen").unwrap());
    world.change(|table| table.put_home(home)).await;
    let first = request(&world, 1);
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&address_of(&first)).await;
    let asked = arrived(&mut browser, &leaving).await;
    assert_eq!(asked.request.issuer, "api://kuvitteellinen");
    let own = described(&mut browser, "/saml/sp/metadata/Saml20").await;
    assert_eq!(own.entity_id, "api://kuvitteellinen");
    let place = &own.service.unwrap().assertion_consumer[0].location;
    assert_eq!(*place, format!("http://{HOST}/saml/acs/Saml20"));
    let message = answered(&asked, &pupil(&asked, world.now()), &HOME, None);
    let answer = post_back(&mut browser, &asked, &message).await;
    assert!(accept(&mut browser, &answer, &first).await.is_ok());
    let unknown = browser.get("/saml/sp/metadata/Nobody").await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn an_integration_without_a_key_routes_nobody() {
    let world = saml_world().await;
    let mut home = saml_home(&world, 20);
    upstream(&mut home).signing_certificates.clear();
    world.change(|table| table.put_home(home)).await;
    let mut browser = Browser::new(&world);
    let answer = browser.get(&address_of(&request(&world, 1))).await;
    answer.assert_problem("UPSTREAM_NOT_CONFIGURED");
}

#[tokio::test]
async fn a_published_key_stands_in_the_metadata_and_a_retired_one_does_not() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let before = described(&mut browser, "/saml/metadata").await;
    let before = before.identity_provider.unwrap().signing();
    assert_eq!(before.len(), 1);
    let mut next = world.certified_key("next-rs");
    next.state = KeyState::Published;
    world.change(|table| table.put_key(next.clone())).await;
    let during = described(&mut browser, "/saml/metadata").await;
    assert_eq!(during.identity_provider.unwrap().signing().len(), 2);
    // The new one signs, the old one is still told.
    world
        .change(|table| {
            let mut old = table
                .keys()
                .get(&"sign-rs".to_owned())
                .unwrap()
                .as_ref()
                .clone();
            old.state = KeyState::Retiring;
            table.put_key(old);
            next.state = KeyState::Active;
            table.put_key(next);
        })
        .await;
    let first = request(&world, 1);
    let leaving = browser.get(&address_of(&first)).await;
    let answer = log_in_at_home(&mut browser, &leaving).await;
    let accepted = accept(&mut browser, &answer, &first).await;
    assert!(accepted.is_ok(), "{accepted:?}");
    let after = described(&mut browser, "/saml/metadata").await;
    let after = after.identity_provider.unwrap().signing();
    assert!(after.contains(&before[0]) && after.len() == 2);
    world
        .change(|table| {
            let mut old = table
                .keys()
                .get(&"sign-rs".to_owned())
                .unwrap()
                .as_ref()
                .clone();
            old.state = KeyState::Retired;
            table.put_key(old);
        })
        .await;
    let after = described(&mut browser, "/saml/metadata").await;
    assert!(
        !after
            .identity_provider
            .unwrap()
            .signing()
            .contains(&before[0])
    );
    assert_ne!(integration(20), integration(10));
}
