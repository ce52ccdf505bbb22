//! Tenant isolation: what one organisation's people see of another's. Every query that returns
//! lists or searches is asked, by way of the schema itself.

use super::everything::Types;
use super::harness::{Somebody, TestApp, organisation};
use super::story::{Tenant, two_members};
use crate::Limits;
use crate::seer::Seer;
use domain::{Environment, GrantAccess, Right};
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

/// Limits that let a question for everything through.
fn unlimited() -> Limits {
    Limits {
        depth: 40,
        complexity: usize::MAX,
        ..Limits::default()
    }
}

/// Callers who are of the first tenant, or of nobody, by the name of their right.
async fn strangers_to_the_second(app: &TestApp, own: &Tenant) -> Vec<(&'static str, Somebody)> {
    let own = &own.organisation;
    let (_, auditor) = app.machine(Right::Auditor, Some(own.clone()), None).await;
    let (_, applicant) = app.machine(Right::Applicant, Some(own.clone()), None).await;
    let (_, provisioning) = app
        .machine(Right::Provisioning, None, Some(Environment::Test))
        .await;
    vec![
        ("VIEWER", app.of("KATSELIJA", own)),
        ("MANAGER", app.of("TALLENTAJA", own)),
        ("SERVICE_VIEWER", app.of("PALVELU_KATSELIJA", own)),
        ("SERVICE_MANAGER", app.of("PALVELU_TALLENTAJA", own)),
        ("APPLICANT", applicant),
        ("AUDITOR", auditor),
        ("PROVISIONING", provisioning),
        (
            "VIEWER of no member",
            app.of("KATSELIJA", &organisation(77)),
        ),
    ]
}

#[test]
fn every_list_of_the_schema_is_asked_for() {
    let types = Types::of_the_schema();
    let everything = Seer::of_everybody();
    let asked = types.question(&everything, "").fields;
    let missing: Vec<_> = types
        .lists()
        .into_iter()
        .filter(|list| !asked.contains(list))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "lists that no question asks");
}

#[tokio::test]
async fn whoever_is_of_one_tenant_learns_nothing_of_the_other() {
    let app = TestApp::with(unlimited(), None).await;
    let (own, other) = two_members(&app).await;
    let types = Types::of_the_schema();
    for (right, who) in strangers_to_the_second(&app, &own).await {
        let seer = app.seer(&who);
        for search in ["", &other.marker(), other.organisation.as_str()] {
            let question = types.question(&seer, search);
            let answer = app.ask(&who, &question.document).await;
            assert_eq!(answer["errors"], Value::Null, "{right}: {answer}");
            let text = answer.to_string();
            for marker in other.markers() {
                assert!(!text.contains(&marker), "{right} sees {marker}: {text}");
            }
            // The answer is not empty for want of rows.
            let own_side = !matches!(right, "PROVISIONING" | "VIEWER of no member");
            if search.is_empty() && own_side {
                assert!(text.contains(&own.client.to_string()), "{right}: {text}");
            }
        }
    }
    // Who sees everything is answered with all of it.
    let administrator = app.administrator();
    let question = types.question(&app.seer(&administrator), "");
    let text = app
        .ask(&administrator, &question.document)
        .await
        .to_string();
    for marker in own.markers().into_iter().chain(other.markers()) {
        assert!(text.contains(&marker), "{marker} is nowhere in {text}");
    }
    for tenant in [&own, &other] {
        assert!(!text.contains(&tenant.secret_hash()), "{text}");
    }
}

#[tokio::test]
async fn what_is_hidden_cannot_be_told_from_what_is_not_there() {
    let app = TestApp::founded().await;
    let (own, other) = two_members(&app).await;
    let viewer = app.of("KATSELIJA", &own.organisation);
    let absent = app
        .ask(&viewer, "{ node(id: \"integration:x\") { id } }")
        .await;
    let ids = |tenant: &Tenant| {
        [
            format!("member:{}", tenant.organisation),
            format!("integration:{}", tenant.client),
            format!("integration:{}", tenant.home),
        ]
    };
    for id in ids(&other) {
        let hidden = app
            .ask(&viewer, &format!("{{ node(id: \"{id}\") {{ id }} }}"))
            .await;
        assert_eq!(hidden, absent, "{id}");
    }
    for id in ids(&own) {
        let shown = app
            .ask(&viewer, &format!("{{ node(id: \"{id}\") {{ id }} }}"))
            .await;
        assert_eq!(shown["data"]["node"]["id"], id, "{shown}");
    }
    // One of the services alone does not see the home integration.
    let service = app.of("PALVELU_KATSELIJA", &own.organisation);
    let home = format!("{{ node(id: \"integration:{}\") {{ id }} }}", own.home);
    assert_eq!(app.ask(&service, &home).await, absent);
}

/// What members share with each other, each with words that stand in the answer.
const SHARED: [(&str, &str); 4] = [
    ("operatorContacts { name email }", "Oona Operaattori"),
    (
        "publishedSelfAudits { nodes { answers } }",
        "Julkinen vastaus 2",
    ),
    (
        "steeringGroup { meetings { nodes { summary } } }",
        "Pöytäkirja jäsenille",
    ),
    (
        "agreement { amendments { nodes { votes { ballot } } } }",
        "FOR",
    ),
];

#[tokio::test]
async fn what_members_share_is_for_members() {
    let app = TestApp::founded().await;
    let (own, _) = two_members(&app).await;
    let (_, applicant) = app
        .machine(Right::Applicant, Some(organisation(78)), None)
        .await;
    let (_, provisioning) = app
        .machine(Right::Provisioning, None, Some(Environment::Test))
        .await;
    let stranger = app.of("TALLENTAJA", &organisation(77));
    for (field, words) in SHARED {
        let query = format!("{{ network {{ {field} }} }}");
        for right in ["KATSELIJA", "PALVELU_KATSELIJA"] {
            let seen = app.ask(&app.of(right, &own.organisation), &query).await;
            assert!(seen.to_string().contains(words), "{field}: {seen}");
        }
        for who in [&applicant, &provisioning, &stranger] {
            let answer = app.ask(who, &query).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{field}: {answer}"
            );
        }
    }
    let events = "{ network { timeline(first: 500) { nodes { name } } } }";
    for (who, shown) in [
        (&app.of("KATSELIJA", &own.organisation), true),
        (&stranger, false),
    ] {
        let answer = app.ask(who, events).await.to_string();
        for name in ["MeetingHeld", "SteeringMemberAppointed", "VoteCast"] {
            assert_eq!(answer.contains(name), shown, "{name}: {answer}");
        }
        assert!(answer.contains("InstrumentPublished"), "{answer}");
    }
}

#[tokio::test]
async fn the_service_side_sees_its_services_and_no_membership() {
    let app = TestApp::founded().await;
    let (own, _) = two_members(&app).await;
    let query = "{ network { members { nodes { endsAt roleHistory { role } legalBases { instrument } contacts { name } record } } timeline(first: 500) { nodes { name stream } } } }";
    let seen = app
        .ask(&app.of("PALVELU_TALLENTAJA", &own.organisation), query)
        .await;
    assert_eq!(
        seen["data"]["network"]["members"]["nodes"],
        json!([{ "endsAt": null, "roleHistory": [], "legalBases": [], "contacts": [], "record": null }]),
        "{seen}"
    );
    let timeline = seen["data"]["network"]["timeline"].to_string();
    assert!(timeline.contains("ServiceCreated"), "{timeline}");
    assert!(
        timeline.contains(&format!("integration/{}", own.client)),
        "{timeline}"
    );
    assert!(
        !timeline.contains(&format!("integration/{}", own.home)),
        "{timeline}"
    );
    assert!(!timeline.contains("MemberAccepted"), "{timeline}");
    let whole = app
        .ask(&app.of("KATSELIJA", &own.organisation), query)
        .await;
    let member = &whole["data"]["network"]["members"]["nodes"][0];
    for field in ["roleHistory", "legalBases", "contacts"] {
        assert_ne!(member[field], json!([]), "{member}");
    }
}

#[tokio::test]
async fn members_are_searched_among_the_own_and_services_among_all() {
    let app = TestApp::founded().await;
    let (own, other) = two_members(&app).await;
    let query = "query($search: String) { network { members(search: $search) { totalCount } services(search: $search) { totalCount } } }";
    let counts = async |who: &Somebody, search: Option<&str>| {
        let seen = app.ask_with(who, query, json!({ "search": search })).await;
        let network = &seen["data"]["network"];
        [
            network["members"]["totalCount"].clone(),
            network["services"]["totalCount"].clone(),
        ]
    };
    let member = app.of("KATSELIJA", &own.organisation);
    assert_eq!(counts(&member, None).await, [json!(1), json!(2)]);
    assert_eq!(
        counts(&member, Some("Palvelu 2")).await,
        [json!(0), json!(1)]
    );
    let hidden = other.marker();
    assert_eq!(counts(&member, Some(&hidden)).await, [json!(0), json!(0)]);
    let all = app.administrator();
    assert_eq!(counts(&all, Some(&hidden)).await, [json!(1), json!(0)]);
}
