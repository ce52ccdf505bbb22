//! A login from end to end, and what data it lets through.

use crate::browser::{Asked, Browser, pupil};
use crate::world::{NOW, World, client, oid, service, service_id};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::data_model::Attribute;
use ledger::Hash;
use projections::routing::{
    HomeIntegration, OpenIdConnectClient, ServiceClient, ServiceProtocol, SubjectType,
};
use registrar::AuthenticationOutcome;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Checks an ID token by the published keys, as a service does, and returns its claims.
pub(crate) fn checked(id_token: &str, keys: &Value) -> Value {
    let parts: Vec<_> = id_token.split('.').collect();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let header: Value = serde_json::from_slice(&decode(parts[0])).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!(key["alg"], header["alg"]);
    assert!(key.get("d").is_none());
    let message = format!("{}.{}", parts[0], parts[1]);
    let member = |name: &str| decode(key[name].as_str().unwrap());
    let signature = decode(parts[2]);
    if header["alg"] == "RS256" {
        let key = PublicKeyComponents {
            n: member("n"),
            e: member("e"),
        };
        let checked = key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature);
        checked.unwrap();
    } else {
        let point = [vec![4], member("x"), member("y")].concat();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        key.verify(message.as_bytes(), &signature).unwrap();
    }
    serde_json::from_slice(&decode(parts[1])).unwrap()
}

#[tokio::test]
async fn a_pupil_logs_in_and_the_log_knows_before_the_service_does() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let answer = browser.log_in(&Asked::of(1), pupil()).await;
    assert!(
        answer
            .location()
            .starts_with("https://service-1.example.org/back?code=node-1.")
    );
    assert_eq!(answer.parameter("state").as_deref(), Some("the-state"));
    assert_eq!(
        answer.parameter("iss").as_deref(),
        Some("http://test.proxy.localhost:8600")
    );
    assert!(world.records().is_empty(), "nothing was released yet");

    let code = answer.parameter("code").unwrap();
    let tokens = browser.exchange(1, &code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    assert_eq!(tokens.headers["cache-control"], "no-store");
    let tokens = tokens.json();
    let keys = browser.get("/openid/jwks").await.json();
    let claims = checked(tokens["id_token"].as_str().unwrap(), &keys);
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(claims["iss"], "http://test.proxy.localhost:8600");
    assert_eq!(claims["aud"], "client-1");
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["iat"], NOW);
    assert_eq!(claims["auth_time"], NOW);
    assert_eq!(claims["acr"], "urn:mpass.id:authnsource:Oidc10");
    let half = URL_SAFE_NO_PAD.encode(&Hash::of(access_token.as_bytes()).0[..16]);
    assert_eq!(claims["at_hash"], half);
    assert!(claims.get("given_name").is_none());

    let info = browser.userinfo(access_token).await.json();
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(info["given_name"], "Testi");
    assert_eq!(
        info["urn:oid:1.3.6.1.4.1.16161.1.1.27"],
        "1.2.246.562.24.10000000016"
    );
    assert_eq!(info["urn:mpass.id:originalIssuer"], oid(10).as_str());
    let uid = domain::data_model::uid("oidc_10", "user-1");
    assert_eq!(info["urn:mpass.id:uid"], uid.as_str());
    let provider = oid(10);
    let school = oid(11);
    assert_eq!(
        info["urn:mpass.id:role"],
        json!([format!("{provider};00011;;Oppilas;1;{school};")])
    );
    assert!(
        info.get("urn:mpass.id:school").is_none(),
        "version 1.4 has it no more"
    );

    let records = world.records();
    assert_eq!(records.len(), 1);
    let recorded = &records[0].authentication;
    assert_eq!(records[0].user.as_ref().unwrap().as_str(), "user-1");
    assert_eq!(recorded.home_organisation, Some(oid(10)));
    assert_eq!(recorded.service, Some(service_id(1)));
    assert_eq!(recorded.message_id.as_deref(), claims["jti"].as_str());
    assert_eq!(recorded.governance_position, 1);
    let AuthenticationOutcome::Succeeded {
        released,
        single_sign_on,
        data_model_version,
    } = &recorded.outcome
    else {
        panic!("{recorded:?}")
    };
    assert!(!single_sign_on);
    assert_eq!(data_model_version, "1.4");
    let mut sent: Vec<_> = info
        .as_object()
        .unwrap()
        .keys()
        .filter_map(|name| Attribute::from_any_name(name))
        .collect();
    sent.sort_unstable();
    let named: Vec<_> = sent.iter().map(|attribute| attribute.name()).collect();
    assert_eq!(*released, named);
    let clear = serde_json::to_string(recorded).unwrap();
    for value in [
        "Testi",
        "Oppilaantytär",
        "10000000016",
        "user-1",
        "MPASSOID",
    ] {
        assert!(!clear.contains(value), "{value} stands in the clear");
    }
    assert!(!format!("{:?}", records[0]).contains("user-1"));
}

#[tokio::test]
async fn a_service_sees_another_subject_than_its_neighbour_and_its_own_algorithm() {
    let world = World::new().await;
    let mut subjects = Vec::new();
    for number in [1, 2, 1] {
        let mut browser = Browser::new(&world);
        let code = browser.code(number).await;
        let tokens = browser.exchange(number, &code).await.json();
        let keys = browser.get("/openid/jwks").await.json();
        let claims = checked(tokens["id_token"].as_str().unwrap(), &keys);
        subjects.push(claims["sub"].as_str().unwrap().to_owned());
    }
    assert_ne!(subjects[0], subjects[1]);
    assert_eq!(subjects[0], subjects[2]);

    let public = OpenIdConnectClient {
        subject_type: SubjectType::Public,
        attributes_in_id_token: true,
        ..client(1)
    };
    let row = ServiceClient {
        protocol: ServiceProtocol::OpenIdConnect(public),
        ..service(1)
    };
    world.change(|table| table.put_service(row)).await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let tokens = browser.exchange(1, &code).await.json();
    let keys = browser.get("/openid/jwks").await.json();
    let claims = checked(tokens["id_token"].as_str().unwrap(), &keys);
    assert_eq!(
        claims["sub"],
        domain::data_model::uid("oidc_10", "user-1").as_str()
    );
    assert_eq!(claims["family_name"], "Oppilaantytär");
}

#[tokio::test]
async fn what_is_not_declared_vetoed_or_not_asked_for_does_not_leave() {
    let world = World::new().await;
    let declared = BTreeSet::from([Attribute::Uid, Attribute::GivenName, Attribute::Surname]);
    let home = HomeIntegration {
        vetoes: BTreeMap::from([(service_id(1), BTreeSet::from([Attribute::Surname]))]),
        ..world.home(10)
    };
    world
        .change(|table| {
            table.put_service(ServiceClient {
                release_set: declared,
                ..service(1)
            });
            table.put_home(home);
        })
        .await;
    let mut browser = Browser::new(&world);
    let code = browser.code(1).await;
    let tokens = browser.exchange(1, &code).await.json();
    let info = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(info["given_name"], "Testi");
    assert!(info.get("family_name").is_none(), "vetoed");
    assert!(info.get("urn:mpass.id:role").is_none(), "not declared");

    let mut browser = Browser::new(&world);
    let asked = Asked::of(1).with("scope", "openid");
    let code = browser
        .log_in(&asked, pupil())
        .await
        .parameter("code")
        .unwrap();
    let tokens = browser.exchange(1, &code).await.json();
    let info = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(info.as_object().unwrap().len(), 1, "the subject alone");
}

#[rstest]
#[case(json!({ "learner_id": null }), "LEARNER_ID_MISSING")]
#[case(json!({ "learner_id": "1.2.3" }), "LEARNER_ID_MALFORMED")]
#[case(json!({ "learner_id": "1.2.246.562.98.10000000016" }), "TEST_LEARNER_ID_NOT_ALLOWED")]
#[case(json!({ "hidden": true }), "NOTHING_TO_RELEASE")]
#[tokio::test]
async fn a_user_of_whom_nothing_may_leave_is_told_why_and_whom_to_ask(
    #[case] change: Value,
    #[case] code: &str,
) {
    let world = World::new().await;
    let mut user = pupil();
    for (name, value) in change.as_object().unwrap() {
        user[name] = value.clone();
    }
    let mut browser = Browser::new(&world);
    let page = browser
        .log_in(&Asked::of(1).with("ui_locales", "en"), user)
        .await;
    page.assert_problem(code);
    assert!(page.body.contains("<html lang=\"en\">"));
    assert!(
        page.body
            .contains("https://service-1.example.org/back?error=access_denied")
    );
    for value in ["Testi", "10000000016", "user-1"] {
        assert!(!page.body.contains(value));
    }
    assert_eq!(world.refusals(), [code]);
    let correlation = &world.records()[0].authentication.request_id;
    assert!(
        page.body.contains(correlation.as_str()),
        "the page names the case as the log does"
    );
    assert!(
        browser.cookies.is_empty(),
        "neither flow nor session is left"
    );
}

#[tokio::test]
async fn an_answer_can_be_posted_and_needs_no_script() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let asked = Asked::of(1)
        .with("response_mode", "form_post")
        .with("state", "\"><script>");
    let page = browser.log_in(&asked, pupil()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body
            .contains("action=\"https://service-1.example.org/back\"")
    );
    assert!(page.body.contains("name=\"code\""));
    assert!(page.body.contains("<button type=\"submit\">"));
    assert!(!page.body.contains("\"><script>"), "{}", page.body);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("form-action https://service-1.example.org;"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn the_description_names_what_is_spoken_and_nothing_else() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let description = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(description["issuer"], "http://test.proxy.localhost:8600");
    assert_eq!(description["response_types_supported"], json!(["code"]));
    assert_eq!(
        description["grant_types_supported"],
        json!(["authorization_code"])
    );
    assert_eq!(
        description["id_token_signing_alg_values_supported"],
        json!(["RS256", "ES256"])
    );
    assert_eq!(
        description["code_challenge_methods_supported"],
        json!(["S256"])
    );
    for absent in [
        "registration_endpoint",
        "frontchannel_logout_supported",
        "revocation_endpoint",
    ] {
        assert!(description.get(absent).is_none(), "{absent}");
    }
    let keys = browser.get("/openid/jwks").await;
    let text = &keys.body;
    for private in ["\"d\"", "\"p\"", "\"k\""] {
        assert!(!text.contains(private), "{text}");
    }
}
