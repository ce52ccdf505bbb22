//! SAML towards services.

use crate::browser::{self, Browser};
use crate::login::checked;
use crate::saml_parties::*;
use crate::world::{HOST, World, integration, service_id};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::data_model::Attribute;
use projections::routing::{Permissions, Services};
use proxy::saml::request::{
    AuthnRequest, Comparison, Consumer, NameIdPolicy, RequestedContexts, Scoping,
};
use proxy::saml::response::Accepted;
use proxy::saml::signature;
use proxy::saml::{PERSISTENT, SamlError, TRANSIENT};
use registrar::AuthenticationOutcome;
use rstest::rstest;
use std::collections::BTreeMap;

fn value<'a>(accepted: &'a Accepted, name: &str) -> Option<&'a str> {
    accepted.assertion.first(name)
}

fn name_id(accepted: &Accepted) -> &str {
    &accepted.assertion.name_id.as_ref().unwrap().value
}

/// The status by which the service is told that it gets no assertion.
async fn status(
    browser: &mut Browser<'_>,
    answer: &browser::Answer,
    request: &AuthnRequest,
) -> &'static str {
    assert_eq!(Form::of(answer).action, consumer(1));
    match accept(browser, answer, request).await {
        Err(SamlError::Status(status)) => status,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pupil_logs_in_to_a_saml_service_and_the_log_knows_before_the_page_leaves() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let request = request(&world, 1);
    let leaving = browser.get(&address_of(&request)).await;
    let answer = log_in_at_home(&mut browser, &leaving).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let form = Form::of(&answer);
    assert_eq!(form.action, consumer(1));
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'nonce-"));

    let accepted = accept(&mut browser, &answer, &request).await.unwrap();
    let assertion = &accepted.assertion;
    assert_eq!(value(&accepted, "urn:oid:2.5.4.42"), Some("Testi"));
    assert_eq!(
        value(&accepted, "urn:oid:1.3.6.1.4.1.16161.1.1.27"),
        Some("1.2.246.562.24.10000000016")
    );
    let uid = domain::data_model::uid("saml_20", "user-1");
    assert_eq!(value(&accepted, "urn:mpass.id:uid"), Some(uid.as_str()));
    assert_eq!(
        assertion.authentication.context_class.as_deref(),
        Some("urn:mpass.id:authnsource:Saml20")
    );
    assert_eq!(assertion.authentication.authorities, [IDP]);
    assert_eq!(
        assertion.name_id.as_ref().unwrap().format.as_deref(),
        Some(TRANSIENT)
    );

    let records = world.records();
    assert_eq!(records.len(), 1);
    let recorded = &records[0].authentication;
    assert_eq!(recorded.protocol, "saml");
    assert_eq!(recorded.message_id.as_deref(), Some(assertion.id.as_str()));
    assert_eq!(recorded.service, Some(service_id(1)));
    assert_eq!(records[0].user.as_ref().unwrap().as_str(), "user-1");
    let AuthenticationOutcome::Succeeded {
        released,
        single_sign_on,
        ..
    } = &recorded.outcome
    else {
        panic!("{recorded:?}")
    };
    assert!(!single_sign_on);
    assert!(released.contains(&Attribute::LearnerId.name().to_owned()));
}

#[tokio::test]
async fn nothing_leaves_that_could_not_be_recorded() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let request = request(&world, 1);
    let leaving = browser.get(&address_of(&request)).await;
    *world.recorder.refuses.lock().unwrap() = true;
    let answer = log_in_at_home(&mut browser, &leaving).await;
    answer.assert_problem("NOT_RECORDED");
    assert!(!Form::of(&answer).message().contains("Assertion "));
    assert!(browser.cookies.is_empty(), "there is no session either");
}

#[rstest]
#[case(true, false)]
#[case(false, true)]
#[case(true, true)]
#[tokio::test]
async fn assertions_and_responses_are_signed_and_encrypted_as_the_service_wants(
    #[case] assertions: bool,
    #[case] responses: bool,
    #[values(false, true)] encrypted: bool,
) {
    let world = saml_world().await;
    let mut row = saml_service(1);
    let service = registration(&mut row);
    service.assertions_signed = assertions;
    service.responses_signed = responses;
    if encrypted {
        service.encryption_certificates = vec![SERVICE.certificate.clone()];
    }
    world.change(|table| table.put_service(row)).await;
    let mut browser = Browser::new(&world);
    let request = request(&world, 1);
    let leaving = browser.get(&address_of(&request)).await;
    let answer = log_in_at_home(&mut browser, &leaving).await;
    let message = Form::of(&answer).message();
    assert_eq!(message.contains("EncryptedAssertion"), encrypted);
    assert_eq!(message.contains("Oppilaant"), !encrypted);
    let first = message.split("<samlp:Status>").next().unwrap();
    assert_eq!(first.contains("<ds:Signature"), responses);
    let accepted = accept(&mut browser, &answer, &request).await.unwrap();
    let own =
        accepted.octets.contains("<saml:Assertion") && accepted.octets == accepted.signed.octets();
    assert_eq!(own, assertions || !encrypted);
    assert_eq!(value(&accepted, "urn:oid:2.5.4.42"), Some("Testi"));
}

type Change = fn(AuthnRequest) -> AuthnRequest;

#[rstest]
#[case::other_consumer(
    |r: AuthnRequest| AuthnRequest { consumer: Some(Consumer::Address("https://evil.example.org/acs".to_owned())), ..r },
    "REDIRECT_URI_NOT_REGISTERED")]
#[case::longer_consumer(
    |r: AuthnRequest| AuthnRequest { consumer: Some(Consumer::Address(format!("{}?x=1", consumer(1)))), ..r },
    "REDIRECT_URI_NOT_REGISTERED")]
#[case::other_index(
    |r: AuthnRequest| AuthnRequest { consumer: Some(Consumer::Index(9)), ..r }, "REDIRECT_URI_NOT_REGISTERED")]
#[case::unknown(
    |r: AuthnRequest| AuthnRequest { issuer: "https://nobody.example.org".to_owned(), ..r }, "NO_SUCH_SERVICE")]
#[case::elsewhere(
    |r: AuthnRequest| AuthnRequest { destination: Some("https://elsewhere.example.org/sso".to_owned()), ..r },
    "INVALID_REQUEST")]
#[case::nowhere(|r: AuthnRequest| AuthnRequest { destination: None, ..r }, "INVALID_REQUEST")]
#[case::old(
    |r: AuthnRequest| AuthnRequest { issue_instant: crate::world::at(crate::world::NOW - 700), ..r },
    "FLOW_EXPIRED")]
#[case::future(
    |r: AuthnRequest| AuthnRequest { issue_instant: crate::world::at(crate::world::NOW + 300), ..r },
    "FLOW_EXPIRED")]
#[tokio::test]
async fn a_request_that_is_not_the_services_gets_a_page_and_the_service_nothing(
    #[case] change: Change,
    #[case] code: &str,
) {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let answer = browser.get(&address_of(&change(request(&world, 1)))).await;
    answer.assert_problem(code);
    assert!(!answer.body.contains("<form"), "{}", answer.body);
}

#[tokio::test]
async fn a_request_must_be_signed_where_the_registration_says_so_and_right_where_it_is() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let request = request(&world, 1);
    let unsigned = address_of(&request);
    let unsigned = unsigned.split("&SigAlg").next().unwrap();
    browser
        .get(unsigned)
        .await
        .assert_problem("INVALID_REQUEST");
    let broken = address_of(&request).replace("RelayState=relay", "RelayState=other");
    browser.get(&broken).await.assert_problem("INVALID_REQUEST");

    let mut row = saml_service(1);
    registration(&mut row).requests_signed = false;
    world.change(|table| table.put_service(row)).await;
    browser.get(&broken).await.assert_problem("INVALID_REQUEST");
    let answer = browser.get(unsigned).await;
    assert!(
        answer
            .location()
            .starts_with("https://idp.example.org/sso?")
    );
}

#[tokio::test]
async fn a_request_serves_once() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let address = address_of(&request(&world, 1));
    assert_eq!(browser.get(&address).await.status, StatusCode::SEE_OTHER);
    browser.get(&address).await.assert_problem("FLOW_USED");
}

#[tokio::test]
async fn the_default_place_serves_where_none_is_named_and_an_index_is_looked_up() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    for (wanted, place) in [
        (None, consumer(1)),
        (
            Some(Consumer::Index(2)),
            "https://service-1.example.org/other".to_owned(),
        ),
    ] {
        let request = AuthnRequest {
            consumer: wanted,
            passive: true,
            ..request(&world, 1)
        };
        let answer = browser.get(&address_of(&request)).await;
        assert_eq!(Form::of(&answer).action, place);
    }
}

#[tokio::test]
async fn a_posted_request_is_read_from_what_its_signature_covers() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let request = AuthnRequest {
        destination: Some(format!("http://{HOST}/saml/sso/post")),
        ..request(&world, 1)
    };
    let template = signature::template(&request.id, &SERVICE.signing);
    let xml = signature::sign(request.write(Some(&template)), &SERVICE.signing).unwrap();
    let post = |xml: &str| STANDARD.encode(xml);
    let changed = post(&xml.replace(&consumer(1), "https://service-1.example.org/other"));
    let fields = [("SAMLRequest", changed.as_str())];
    let answer = browser.post("/saml/sso/post", &[], &fields).await;
    answer.assert_problem("INVALID_REQUEST");

    // From another site the browser brings no session, so our own page posts it again.
    let honest = post(&xml);
    let fields = [
        ("SAMLRequest", honest.as_str()),
        ("RelayState", "relay-state"),
    ];
    let cross = [("sec-fetch-site", "cross-site")];
    let again = browser.post("/saml/sso/post", &cross, &fields).await;
    let form = Form::of(&again);
    assert_eq!(form.action, "/saml/sso/post");
    let leaving = browser.post(&form.action, &[], &form.pairs()).await;
    let answer = log_in_at_home(&mut browser, &leaving).await;
    assert!(accept(&mut browser, &answer, &request).await.is_ok());
    let unsigned = post(
        &AuthnRequest {
            id: "_new".to_owned(),
            ..request
        }
        .write(None),
    );
    let answer = browser
        .post("/saml/sso/post", &[], &[("SAMLRequest", &unsigned)])
        .await;
    answer.assert_problem("INVALID_REQUEST");
}

#[tokio::test]
async fn one_login_opens_saml_and_openid_connect_services() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let first = request(&world, 1);
    let leaving = browser.get(&address_of(&first)).await;
    log_in_at_home(&mut browser, &leaving).await;

    let code = browser.get(&browser::Asked::of(2).path()).await;
    let code = code.parameter("code").expect("no new login");
    let tokens = browser.exchange(2, &code).await.json();
    let keys = browser.get("/openid/jwks").await.json();
    let claims = checked(tokens["id_token"].as_str().unwrap(), &keys);

    let second = AuthnRequest {
        name_id_policy: Some(NameIdPolicy {
            format: Some(PERSISTENT.to_owned()),
            ..NameIdPolicy::default()
        }),
        ..request(&world, 2)
    };
    let answer = browser.get(&address_of(&second)).await;
    let accepted = accept(&mut browser, &answer, &second).await.unwrap();
    assert_eq!(name_id(&accepted), claims["sub"], "one service, one name");
    let reused: Vec<_> = world
        .records()
        .into_iter()
        .map(|record| match record.authentication.outcome {
            AuthenticationOutcome::Succeeded { single_sign_on, .. } => single_sign_on,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(reused, [false, true, true]);
}

#[tokio::test]
async fn an_openid_connect_login_opens_a_saml_service() {
    let world = World::new().await;
    world
        .change(|table| table.put_service(saml_service(1)))
        .await;
    let mut browser = Browser::new(&world);
    browser.code(2).await;
    let request = request(&world, 1);
    let answer = browser.get(&address_of(&request)).await;
    let accepted = accept(&mut browser, &answer, &request).await.unwrap();
    assert_eq!(value(&accepted, "urn:oid:2.5.4.42"), Some("Testi"));
    assert_eq!(
        accepted.assertion.authentication.authorities,
        std::slice::from_ref(&world.provider.issuer)
    );
}

#[tokio::test]
async fn names_are_transient_persistent_and_pairwise() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&address_of(&request(&world, 1))).await;
    log_in_at_home(&mut browser, &leaving).await;
    let mut names = BTreeMap::new();
    for (number, format) in [(1, PERSISTENT), (2, PERSISTENT), (1, TRANSIENT)] {
        for _ in 0..2 {
            let request = AuthnRequest {
                name_id_policy: Some(NameIdPolicy {
                    format: Some(format.to_owned()),
                    ..NameIdPolicy::default()
                }),
                ..request(&world, number)
            };
            let answer = browser.get(&address_of(&request)).await;
            let accepted = accept(&mut browser, &answer, &request).await.unwrap();
            let pairwise = value(&accepted, "urn:oasis:names:tc:SAML:attribute:pairwise-id");
            let pairwise = pairwise.unwrap().to_owned();
            assert!(pairwise.ends_with("@test.proxy.localhost"), "{pairwise}");
            let list: &mut Vec<_> = names.entry((number, format)).or_default();
            list.push((name_id(&accepted).to_owned(), pairwise));
        }
    }
    let of = |number, format| &names[&(number, format)];
    assert_eq!(of(1, PERSISTENT)[0], of(1, PERSISTENT)[1]);
    assert_ne!(of(1, PERSISTENT)[0].0, of(2, PERSISTENT)[0].0);
    assert_ne!(of(1, PERSISTENT)[0].1, of(2, PERSISTENT)[0].1);
    assert_ne!(of(1, TRANSIENT)[0].0, of(1, TRANSIENT)[1].0);
    assert_eq!(of(1, TRANSIENT)[0].1, of(1, PERSISTENT)[0].1);
}

fn asking(class: &str) -> RequestedContexts {
    RequestedContexts {
        comparison: Comparison::Exact,
        classes: vec![class.to_owned()],
    }
}

#[rstest]
#[case::name_format(
    |r: AuthnRequest| AuthnRequest { name_id_policy: Some(NameIdPolicy {
        format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".to_owned()),
        ..NameIdPolicy::default() }), ..r },
    "InvalidNameIDPolicy")]
#[case::name_space(
    |r: AuthnRequest| AuthnRequest { name_id_policy: Some(NameIdPolicy {
        sp_name_qualifier: Some("https://other.example.org".to_owned()),
        ..NameIdPolicy::default() }), ..r },
    "InvalidNameIDPolicy")]
#[case::context(
    |r: AuthnRequest| AuthnRequest { contexts: Some(asking("urn:oasis:names:tc:SAML:2.0:ac:classes:X509")), ..r },
    "NoAuthnContext")]
#[case::no_proxy(
    |r: AuthnRequest| AuthnRequest { scoping: Some(Scoping { proxy_count: Some(0), ..Scoping::default() }), ..r },
    "ProxyCountExceeded")]
#[case::unknown_provider(
    |r: AuthnRequest| AuthnRequest { scoping: Some(Scoping {
        providers: vec!["https://unknown.example.org".to_owned()], ..Scoping::default() }), ..r },
    "NoSupportedIDP")]
#[case::binding(
    |r: AuthnRequest| AuthnRequest { protocol_binding: Some("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact".to_owned()), ..r },
    "RequestUnsupported")]
#[case::passive(|r: AuthnRequest| AuthnRequest { passive: true, ..r }, "NoPassive")]
#[case::passive_and_forced(|r: AuthnRequest| AuthnRequest { passive: true, force: true, ..r }, "NoPassive")]
#[tokio::test]
async fn what_cannot_be_given_is_told_to_the_service(
    #[case] change: Change,
    #[case] expected: &str,
) {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let request = change(request(&world, 1));
    let answer = browser.get(&address_of(&request)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(status(&mut browser, &answer, &request).await, expected);
}

#[rstest]
#[case("urn:mpass.id:authnsource:Saml20", true)]
#[case("urn:mpass.id:authntag:primarySchool", true)]
#[case(
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    true
)]
#[case("urn:mpass.id:authnsource:Another", false)]
#[tokio::test]
async fn a_requested_source_is_the_one_that_serves(#[case] class: &str, #[case] serves: bool) {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let request = AuthnRequest {
        contexts: Some(asking(class)),
        ..request(&world, 1)
    };
    let answer = browser.get(&address_of(&request)).await;
    if !serves {
        answer.assert_problem("NO_HOME_INTEGRATION");
        assert_eq!(
            status(&mut browser, &answer, &request).await,
            "NoAuthnContext"
        );
        return;
    }
    let answer = log_in_at_home(&mut browser, &answer).await;
    let accepted = accept(&mut browser, &answer, &request).await.unwrap();
    let given = accepted.assertion.authentication.context_class.unwrap();
    assert_eq!(given == class, class.starts_with("urn:mpass.id:"));
}

#[tokio::test]
async fn a_session_serves_a_passive_request_and_not_a_forced_one() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&address_of(&request(&world, 1))).await;
    log_in_at_home(&mut browser, &leaving).await;
    let passive = AuthnRequest {
        passive: true,
        ..request(&world, 1)
    };
    let answer = browser.get(&address_of(&passive)).await;
    assert!(accept(&mut browser, &answer, &passive).await.is_ok());
    let forced = AuthnRequest {
        force: true,
        ..request(&world, 1)
    };
    let leaving = browser.get(&address_of(&forced)).await;
    let asked = arrived(&mut browser, &leaving).await;
    assert!(asked.request.force);
}

#[tokio::test]
async fn a_refusal_has_a_page_with_a_way_back_that_tells_the_service() {
    let world = saml_world().await;
    let mut home = saml_home(&world, 20);
    home.permissions = Permissions {
        services: Services::List(BTreeMap::new()),
        position: 5,
    };
    world.change(|table| table.put_home(home)).await;
    let mut browser = Browser::new(&world);
    let request = request(&world, 1);
    let answer = browser.get(&address_of(&request)).await;
    answer.assert_problem("NOT_PERMITTED");
    assert_eq!(
        status(&mut browser, &answer, &request).await,
        "RequestDenied"
    );
    assert_eq!(world.refusals(), ["NOT_PERMITTED"]);
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("script-src"));
}

#[tokio::test]
async fn a_place_that_was_taken_away_meanwhile_gets_nothing() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&address_of(&request(&world, 1))).await;
    let mut row = saml_service(1);
    registration(&mut row).assertion_consumer_services.remove(0);
    world.change(|table| table.put_service(row)).await;
    let answer = log_in_at_home(&mut browser, &leaving).await;
    answer.assert_problem("REDIRECT_URI_NOT_REGISTERED");
    assert_eq!(world.successes(), 0);
    assert!(
        !answer.body.contains("<form"),
        "not even word of it: {}",
        answer.body
    );
}

#[tokio::test]
async fn environments_do_not_take_each_others_requests() {
    let world = saml_world().await;
    let mut browser = Browser::new(&world);
    browser.host = crate::world::DEMO_HOST;
    let answer = browser.get(&address_of(&request(&world, 1))).await;
    answer.assert_problem("NO_SUCH_SERVICE");
    let own = described(&mut browser, "/saml/metadata").await;
    browser.host = HOST;
    let other = described(&mut browser, "/saml/metadata").await;
    assert_ne!(own.entity_id, other.entity_id);
    let signing = |own: &proxy::saml::metadata::PeerDescription| {
        own.identity_provider.as_ref().unwrap().signing()
    };
    assert_ne!(signing(&own), signing(&other));
    assert!(world.records().is_empty());
    assert_ne!(integration(41), integration(1));
}
