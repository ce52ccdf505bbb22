//! Wilma, by a stand-in: it checks what the proxy signs as a Wilma does, over the address as it
//! was asked for, and signs its own.

use super::{hosts, listen, released, secret, speak, standard_rules};
use crate::browser::{Answer, Asked, Browser};
use crate::world::{World, oid};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use axum::{Json, Router};
use projections::routing::{Secret, Upstream, WilmaUpstream};
use proxy::SourceSettings;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use url::Url;
use zeroize::Zeroizing;

const SECRET: &str = "mock shared secret";
const HOST: &str = "wilma.example.org";

/// A stand-in for a Wilma.
struct Wilma {
    address: String,
    secret: Mutex<&'static str>,
    /// What the attribute call answers.
    person: Mutex<Value>,
    is_down: Mutex<bool>,
    calls: Mutex<Vec<String>>,
}

fn tag(secret: &str, text: &str) -> String {
    hex::encode(hmac::sign(
        &hmac::Key::new(HMAC_SHA256, secret.as_bytes()),
        text.as_bytes(),
    ))
}

impl Wilma {
    async fn start() -> Arc<Self> {
        let (listener, address) = listen().await;
        let wilma = Arc::new(Self {
            address,
            secret: Mutex::new(SECRET),
            person: Mutex::new(json!([{
                "first_name": "Testi", "last_name": "Oppilaantytär", "cryptid": "not used",
                "learner_id": "1.2.246.562.24.10000000016",
                "roles": [{ "school": "00011", "role": "student", "group": "7B" }],
            }])),
            is_down: Mutex::default(),
            calls: Mutex::default(),
        });
        let router = Router::new()
            .route("/external/mpass", get(attributes))
            .with_state(Arc::clone(&wilma));
        tokio::spawn(async move { axum::serve(listener, router).await });
        wilma
    }

    /// The user logs in: what the proxy asked is checked, and the return signed.
    fn log_in(&self, address: &str, user: Option<&str>) -> String {
        let secret = *self.secret.lock().unwrap();
        let (asked, given) = address.rsplit_once("&h=").unwrap();
        assert_eq!(given, tag(secret, asked), "the proxy's signature");
        assert!(asked.starts_with(&format!("{}/mpass?redirectto=http%3A%2F%2F", self.address)));
        let query: HashMap<String, String> = Url::parse(address)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect();
        let mut back = query["redirectto"].clone();
        if let Some(user) = user {
            back.push_str("&userid=");
            back.push_str(
                &url::form_urlencoded::byte_serialize(user.as_bytes()).collect::<String>(),
            );
        }
        let tag = tag(secret, &back);
        format!("{back}&h={tag}")
    }
}

async fn attributes(
    State(wilma): State<Arc<Wilma>>,
    asked: Uri,
) -> Result<Json<Value>, StatusCode> {
    if *wilma.is_down.lock().unwrap() {
        return Err(StatusCode::BAD_GATEWAY);
    }
    let address = format!("{}{}", wilma.address, asked.path_and_query().unwrap());
    let (signed, given) = address.rsplit_once("&h=").ok_or(StatusCode::BAD_REQUEST)?;
    if given != tag(&wilma.secret.lock().unwrap(), signed) {
        return Err(StatusCode::FORBIDDEN);
    }
    wilma.calls.lock().unwrap().push(signed.to_owned());
    Ok(Json(wilma.person.lock().unwrap().clone()))
}

async fn world() -> (World, Arc<Wilma>) {
    let wilma = Wilma::start().await;
    let world = World::with_sources(SourceSettings {
        hosts: hosts(&[(HOST, &wilma.address)]),
        ..SourceSettings::default()
    })
    .await;
    let upstream = WilmaUpstream {
        host: super::host(HOST),
        secret: secret(&world, SECRET),
    };
    speak(&world, Upstream::Wilma(upstream), standard_rules()).await;
    (world, wilma)
}

async fn log_in(browser: &mut Browser<'_>, wilma: &Wilma, asked: &Asked) -> Answer {
    let leaving = browser.get(&asked.path()).await;
    let back = wilma.log_in(leaving.location(), Some("oona oppilas+ä"));
    browser.get(&back).await
}

#[tokio::test]
async fn a_pupil_logs_in_and_the_attributes_are_fetched_by_a_signed_call() {
    let (world, wilma) = world().await;
    let mut browser = Browser::new(&world);
    let answer = log_in(&mut browser, &wilma, &Asked::of(1)).await;
    let info = released(&mut browser, &answer).await;
    assert_eq!(info["given_name"], "Testi");
    let (provider, school) = (oid(10), oid(11));
    assert_eq!(
        info["urn:mpass.id:role"],
        json!([format!("{provider};00011;7B;Oppilas;1;{school};")])
    );
    let uid = domain::data_model::uid("oidc_10", "oona oppilas+ä");
    assert_eq!(info["urn:mpass.id:uid"], uid.as_str());
    let records = world.records();
    assert_eq!(records[0].user.as_ref().unwrap().as_str(), "oona oppilas+ä");
    let calls = wilma.calls.lock().unwrap().clone();
    assert_eq!(calls.len(), 1);
    let call = Url::parse(&calls[0]).unwrap();
    let query: HashMap<String, String> = call.query_pairs().into_owned().collect();
    assert_eq!(query["username"], "oona oppilas+ä");
    assert_eq!(query["nonce"].len(), 16);
}

#[tokio::test]
async fn a_login_that_must_be_new_is_asked_for_as_such() {
    let (world, _) = world().await;
    for (name, value, forced) in [
        ("prompt", "login", true),
        ("max_age", "60", true),
        ("x", "y", false),
    ] {
        let mut browser = Browser::new(&world);
        let leaving = browser.get(&Asked::of(1).with(name, value).path()).await;
        assert_eq!(leaving.parameter("forceauth").is_some(), forced, "{name}");
        let back = Url::parse(&leaving.parameter("redirectto").unwrap()).unwrap();
        let nonce = back
            .query_pairs()
            .find(|(name, _)| name == "nonce")
            .unwrap()
            .1;
        assert_eq!(nonce.len(), 24);
        assert!(nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}

#[rstest]
#[case::wrong_hmac(|back: &str| {
    let (head, _) = back.rsplit_once("&h=").unwrap();
    format!("{head}&h={}", tag("another secret", head))
})]
#[case::no_hmac(|back: &str| back.rsplit_once("&h=").unwrap().0.to_owned())]
#[case::another_user(|back: &str| back.replace("userid=u", "userid=v"))]
#[case::another_user_in_front(|back: &str| back.replace("userid=u", "xuserid=u&userid=v"))]
#[case::more_behind(|back: &str| format!("{back}&more=1"))]
#[case::other_octets(|back: &str| back.replace("userid=u", "userid=%75"))]
#[tokio::test]
async fn a_return_that_wilma_did_not_sign_as_it_stands_is_refused(
    #[case] change: fn(&str) -> String,
) {
    let (world, wilma) = world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = wilma.log_in(leaving.location(), Some("u"));
    browser
        .get(&change(&back))
        .await
        .assert_problem("UPSTREAM_INVALID");
    assert_eq!(world.refusals(), ["UPSTREAM_INVALID"]);
    assert!(
        wilma.calls.lock().unwrap().is_empty(),
        "nobody was asked about"
    );
}

#[tokio::test]
async fn a_wrong_nonce_is_refused_though_it_is_signed() {
    let (world, wilma) = world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = wilma.log_in(leaving.location(), Some("u"));
    let (head, _) = back.rsplit_once("&h=").unwrap();
    // As a Wilma would sign the return of another login.
    let nonce = Url::parse(head).unwrap();
    let nonce = nonce
        .query_pairs()
        .find(|(name, _)| name == "nonce")
        .unwrap()
        .1
        .into_owned();
    let head = head.replace(&nonce, "AAAAAAAAAAAAAAAAAAAAAAAA");
    let back = format!("{head}&h={}", tag(SECRET, &head));
    browser.get(&back).await.assert_problem("UPSTREAM_INVALID");
}

#[tokio::test]
async fn a_return_serves_once_and_in_its_own_browser_alone() {
    let (world, wilma) = world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = wilma.log_in(leaving.location(), Some("u"));
    Browser::new(&world)
        .get(&back)
        .await
        .assert_problem("FLOW_MISSING");
    let flow = browser.cookies.clone();
    assert!(browser.get(&back).await.parameter("code").is_some());
    browser.cookies = flow;
    browser.get(&back).await.assert_problem("FLOW_USED");
}

#[tokio::test]
async fn a_login_that_is_cancelled_there_ends_here() {
    let (world, wilma) = world().await;
    let mut browser = Browser::new(&world);
    let leaving = browser.get(&Asked::of(1).path()).await;
    let back = wilma.log_in(leaving.location(), None);
    browser.get(&back).await.assert_problem("UPSTREAM_REFUSED");
    assert_eq!(world.refusals(), ["UPSTREAM_REFUSED"]);
}

#[tokio::test]
async fn while_it_is_down_or_gives_no_learner_id_nobody_logs_in() {
    let (world, wilma) = world().await;
    *wilma.is_down.lock().unwrap() = true;
    let page = log_in(&mut Browser::new(&world), &wilma, &Asked::of(1)).await;
    page.assert_problem("UPSTREAM_UNAVAILABLE");
    *wilma.is_down.lock().unwrap() = false;
    wilma.person.lock().unwrap()[0]["learner_id"] = Value::Null;
    let page = log_in(&mut Browser::new(&world), &wilma, &Asked::of(1)).await;
    page.assert_problem("LEARNER_ID_MISSING");
    for nobody in [json!([]), json!([{}, {}]), json!("Testi")] {
        *wilma.person.lock().unwrap() = nobody;
        let page = log_in(&mut Browser::new(&world), &wilma, &Asked::of(1)).await;
        page.assert_problem("UPSTREAM_INVALID");
    }
    assert_eq!(world.successes(), 0);
}

#[tokio::test]
async fn a_wilma_without_a_secret_of_its_own_has_the_installations_or_routes_nobody() {
    let wilma = Wilma::start().await;
    *wilma.secret.lock().unwrap() = "the installation's";
    for (installation, works) in [(Some("the installation's"), true), (None, false)] {
        let world = World::with_sources(SourceSettings {
            hosts: hosts(&[(HOST, &wilma.address)]),
            wilma_secret: installation.map(|text| Zeroizing::new(text.to_owned())),
        })
        .await;
        let upstream = WilmaUpstream {
            host: super::host(HOST),
            secret: Secret::Missing,
        };
        speak(&world, Upstream::Wilma(upstream), standard_rules()).await;
        let mut browser = Browser::new(&world);
        if works {
            let answer = log_in(&mut browser, &wilma, &Asked::of(1)).await;
            assert!(answer.parameter("code").is_some());
        } else {
            let page = browser.get(&Asked::of(1).path()).await;
            page.assert_problem("UPSTREAM_NOT_CONFIGURED");
        }
    }
}
