//! Compliance: the obligations of the domain, all of them and for whom they are, and warnings.

use super::harness::{Somebody, TestApp, organisation};
use domain::value::{LanguageText, OrganisationOid};
use domain::{Command, InstrumentKind, PublishInstrument, network_obligations};
use registrar::Clock;
use serde_json::{Value, json};

const QUERY: &str = "{ network { compliance { code severity owedBy dueOn source subject \
                     organisation { oid } detail } } }";

async fn given(app: &TestApp, name: &str, input: Value) {
    let command = Command::deserialize_named(name, input).expect("a command");
    app.ledger.given(command.expect("its input")).await;
}

/// Two home organisations, one of whose breaches nobody was told.
async fn two_home_organisations(app: &TestApp) -> (OrganisationOid, OrganisationOid) {
    let (own, other) = (organisation(1), organisation(2));
    let instrument = PublishInstrument {
        kind: InstrumentKind::Contract,
        version: "invented-1".parse().unwrap(),
        title: LanguageText::parse("Keksitty sopimus").unwrap(),
        document: "ab".repeat(32).parse().unwrap(),
        address: None,
        valid_from: "2018-01-01".parse().unwrap(),
    };
    app.ledger.given(instrument).await;
    for oid in [&own, &other] {
        let accept = json!({
            "organisation": oid.as_str(), "instrument": "invented-1", "since": "2020-01-01",
            "roles": ["HOME_ORGANISATION"], "evidence": "invented",
        });
        given(app, "AcceptMember", accept).await;
    }
    let breach = json!({
        "detectedAt": "2020-02-01T12:00:00Z", "description": "A log file was readable.",
        "controllers": [own.as_str()],
    });
    given(app, "DetectDataBreach", breach).await;
    (own, other)
}

async fn findings(app: &TestApp, who: &Somebody) -> Vec<Value> {
    let answer = app.ask(who, QUERY).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    let found = answer["data"]["network"]["compliance"].as_array();
    found.expect("a list").clone()
}

#[tokio::test]
async fn whatever_is_owed_stands_in_compliance() {
    let app = TestApp::founded().await;
    let (own, _) = two_home_organisations(&app).await;
    let found = findings(&app, &app.administrator()).await;
    let (_, network) = &*app.ledger.registrar.network();
    let owed = network_obligations(network, app.ledger.clock.now());
    assert!(
        owed.len() > 10,
        "the offices and both members owe something"
    );
    let network_node = format!("network:{}", app.ledger.registrar.log().ledger_id());
    for one in &owed {
        // What is the network's own is about the network, which is a node, too.
        let is_networks = one.subject == "network" || one.subject.starts_with("year:");
        let subject = if is_networks {
            &network_node
        } else {
            &one.subject
        };
        let shown = found.iter().find(|finding| {
            finding["code"] == one.kind.code()
                && finding["subject"] == *subject
                && finding["detail"]["kind"] == json!(one.kind)
        });
        let shown = shown.unwrap_or_else(|| panic!("{one:?} is not in {found:?}"));
        assert_eq!(shown["owedBy"], json!(one.by));
        assert_eq!(shown["source"], one.source);
    }
    let breach = found.iter().find(|one| one["code"] == "NOTIFY_DATA_BREACH");
    let breach = breach.expect("the breach");
    assert_eq!(breach["severity"], "WRONG", "{breach}");
    assert_eq!(breach["owedBy"], "OPERATOR");
    assert_eq!(breach["dueOn"], "2020-02-01");
    assert_eq!(breach["organisation"]["oid"], own.as_str());
    let rule = &breach["detail"]["due"]["computation"]["rule"];
    assert_eq!(rule, "WITHOUT_DELAY", "{breach}");
    // What nobody owes has neither debtor nor source.
    let warning = found.iter().find(|one| one["code"] == "RULE_NOT_SET");
    let warning = warning.expect("the founding of tests sets few rules");
    assert_eq!(warning["owedBy"], Value::Null);
    assert_eq!(warning["source"], Value::Null);
}

#[tokio::test]
async fn a_member_sees_what_concerns_it_alone() {
    let app = TestApp::founded().await;
    let (own, other) = two_home_organisations(&app).await;
    let codes = |found: &[Value]| -> Vec<String> {
        let code = |one: &Value| one["code"].as_str().unwrap_or_default().to_owned();
        found.iter().map(code).collect()
    };
    let seen = findings(&app, &app.of("KATSELIJA", &own)).await;
    assert!(codes(&seen).contains(&"NOTIFY_DATA_BREACH".to_owned()));
    let theirs = findings(&app, &app.of("KATSELIJA", &other)).await;
    assert!(codes(&theirs).contains(&"NAME_CONTACT".to_owned()));
    assert!(!codes(&theirs).contains(&"NOTIFY_DATA_BREACH".to_owned()));
    assert!(!codes(&theirs).contains(&"NAME_OPERATOR_CONTACT".to_owned()));
    assert!(!json!(theirs).to_string().contains(own.as_str()));
}
