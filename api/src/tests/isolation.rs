//! Tenant isolation: what one organisation's people see of another's. A case for every query that
//! returns lists or searches.

use super::harness::{Somebody, TestApp, organisation};
use domain::value::{LanguageText, OrganisationOid};
use domain::{Command, GrantAccess, InstrumentKind, PublishInstrument, Right};
use serde_json::{Value, json};

#[tokio::test]
async fn nobody_sees_anything_but_themselves() {
    let app = TestApp::founded().await;
    let me = app
        .ask(&Somebody::Nobody, "{ me { id rights { right } } }")
        .await;
    assert_eq!(me["data"]["me"]["id"], Value::Null, "{me}");
    for query in [
        "{ network { position } }",
        "{ node(id: \"organisation:1\") { id } }",
        "{ __schema { queryType { name } } }",
    ] {
        let answer = app.ask(&Somebody::Nobody, query).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
            "{answer}"
        );
    }
}

#[tokio::test]
async fn who_signed_in_without_a_right_sees_nothing() {
    let app = TestApp::founded().await;
    let stranger = app.person(domain::PersonId(uuid::Uuid::from_u128(9)), &[]);
    let answer = app.ask(&stranger, "{ network { position } }").await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "{answer}"
    );
}

#[tokio::test]
async fn rights_are_read_by_claim_exactly() {
    let app = TestApp::founded().await;
    let manager = app.of("PALVELU_TALLENTAJA", &organisation(1));
    let me = app
        .ask(&manager, "{ me { means rights { right organisation } } }")
        .await;
    assert_eq!(
        me["data"]["me"]["rights"][0]["right"], "SERVICE_MANAGER",
        "{me}"
    );
}

#[tokio::test]
async fn administrators_and_credentials_are_those_of_the_own_organisation() {
    let app = TestApp::founded().await;
    let (own, other) = (organisation(1), organisation(2));
    let person = *app
        .ledger
        .registrar
        .network()
        .1
        .access
        .administrators
        .iter()
        .next()
        .unwrap()
        .0;
    for oid in [&own, &other] {
        app.ledger
            .given(GrantAccess {
                person,
                right: Right::Manager,
                organisation: Some(oid.clone()),
            })
            .await;
        app.machine(Right::Viewer, Some(oid.clone()), None).await;
    }
    let query = "{ network { access { administrators { nodes { name grants { organisation right } } } credentials { nodes { organisation } } } } }";
    let seen = app.ask(&app.of("TALLENTAJA", &own), query).await;
    let text = seen.to_string();
    assert!(text.contains(own.as_str()), "{text}");
    assert!(!text.contains(other.as_str()), "{text}");
    assert!(!text.contains("OPERATOR"), "{text}");
    let all = app.ask(&app.administrator(), query).await.to_string();
    assert!(
        all.contains(own.as_str()) && all.contains(other.as_str()),
        "{all}"
    );
    let service = app.ask(&app.of("PALVELU_TALLENTAJA", &own), query).await;
    assert_eq!(
        service["data"]["network"]["access"]["credentials"]["nodes"],
        serde_json::json!([])
    );
}

#[tokio::test]
async fn the_nodes_and_keys_are_the_networks_own() {
    let app = TestApp::founded().await;
    let member = app.of("TALLENTAJA", &organisation(1));
    for field in ["nodes { id }", "keys { keyId }"] {
        let query = format!("{{ network {{ access {{ {field} }} }} }}");
        let answer = app.ask(&member, &query).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{answer}"
        );
    }
    // Nor by a fragment, an alias or an interface.
    let query = "query { network { ...deep } } fragment deep on Network { a: access { ... on Access { b: nodes { id } } } }";
    let answer = app.ask(&member, query).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "{answer}"
    );
}

#[tokio::test]
async fn the_timeline_shows_what_is_everybodys_and_the_own() {
    let app = TestApp::founded().await;
    app.machine(Right::Viewer, Some(organisation(2)), None)
        .await;
    let query = "{ network { timeline(first: 100) { nodes { name reason actorName } } } }";
    let member = app
        .ask(&app.of("TALLENTAJA", &organisation(1)), query)
        .await
        .to_string();
    assert!(member.contains("LedgerFounded"), "{member}");
    for hidden in [
        "MachineCredentialIssued",
        "AdministratorRecorded",
        "AccessGranted",
    ] {
        assert!(!member.contains(hidden), "{hidden} in {member}");
    }
    let operator = app.ask(&app.administrator(), query).await.to_string();
    assert!(operator.contains("MachineCredentialIssued"), "{operator}");
}

/// Two organisations in the register and as accepted members, each with a service.
pub(super) async fn two_members(app: &TestApp) -> (OrganisationOid, OrganisationOid) {
    let (own, other) = (organisation(1), organisation(2));
    app.ledger
        .given(PublishInstrument {
            kind: InstrumentKind::Contract,
            version: "invented-1".parse().unwrap(),
            title: LanguageText::parse("Keksitty sopimus").unwrap(),
            document: "ab".repeat(32).parse().unwrap(),
            address: None,
            valid_from: "2018-01-01".parse().unwrap(),
        })
        .await;
    for (oid, name) in [(&own, "Kuvitteellinen kunta"), (&other, "Toinen koulu")] {
        let accept = json!({
            "organisation": oid.as_str(), "name": { "fi": name }, "instrument": "invented-1",
            "roles": ["HOME_ORGANISATION", "SERVICE_PROVIDER"], "since": "2024-01-01", "evidence": "invented",
        });
        let accept = Command::deserialize_named("AcceptMember", accept).unwrap();
        app.ledger.given(accept.expect("an accepted member")).await;
        let service = json!({ "organisation": oid.as_str(), "description": { "name": { "fi": format!("Palvelu {name}") } } });
        let service = Command::deserialize_named("CreateService", service).unwrap();
        app.ledger.given(service.expect("a service")).await;
    }
    (own, other)
}

#[tokio::test]
async fn members_are_searched_among_the_own_and_services_among_all() {
    let app = TestApp::founded().await;
    let (own, other) = two_members(&app).await;
    let query = "query($search: String) { network { members(first: 50, search: $search) { totalCount nodes { id name { fi } businessId state record } } services(search: $search) { totalCount nodes { name { fi } } } compliance { code organisation { oid } } integrations { totalCount } publishedSelfAudits { nodes { organisation } } } }";
    let member = app.of("KATSELIJA", &own);
    for search in ["", "koulu", "Toinen", other.as_str()] {
        let seen = app
            .ask_with(&member, query, json!({ "search": search }))
            .await;
        assert_eq!(seen["errors"], Value::Null, "{seen}");
        let members = seen["data"]["network"]["members"].to_string();
        assert!(
            !members.contains(other.as_str()) && !members.contains("Toinen"),
            "{seen}"
        );
        assert!(
            !seen["data"]["network"]["compliance"]
                .to_string()
                .contains(other.as_str()),
            "{seen}"
        );
    }
    let seen = app.ask_with(&member, query, json!({})).await;
    assert_eq!(
        seen["data"]["network"]["members"]["totalCount"], 1,
        "{seen}"
    );
    assert_eq!(
        seen["data"]["network"]["services"]["totalCount"], 2,
        "{seen}"
    );
    let all = app
        .ask_with(&app.administrator(), query, json!({ "search": "koulu" }))
        .await;
    assert_eq!(all["data"]["network"]["members"]["totalCount"], 1, "{all}");
    // By identifier a stranger cannot tell what is hidden from what is not there.
    let node = |oid: &OrganisationOid| format!("{{ node(id: \"member:{oid}\") {{ id }} }}");
    let hidden = app.ask(&member, &node(&other)).await;
    let absent = app.ask(&member, &node(&organisation(77))).await;
    assert_eq!(hidden, absent);
    assert_ne!(app.ask(&member, &node(&own)).await, absent);
}
