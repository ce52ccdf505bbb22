//! Pages, identifiers, and answers about other moments than now.

use super::harness::{Somebody, TestApp, organisation};
use super::story::two_plain_members;
use domain::{Command, Environment, Right};
use registrar::{Authentication, AuthenticationOutcome, Clock as _, SourceMark};
use serde_json::{Value, json};

async fn log_in(app: &TestApp, oid: &domain::value::OrganisationOid, request: &str) {
    let network = app.ledger.registrar.network();
    let mut services = network.1.services.services.iter();
    let service = services.find(|(_, row)| row.organisation.as_ref() == Some(oid));
    let journals = &app.api.0.backends.authentications;
    let login = Authentication {
        occurred_at: app.ledger.clock.now(),
        home_organisation: None,
        home_integration: None,
        service: service.map(|(id, _)| *id),
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: request.to_owned(),
        message_id: None,
        governance_position: 3,
        outcome: AuthenticationOutcome::Refused {
            reason: "NO_ROUTE".to_owned(),
        },
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    };
    let source = journals.local_source(Environment::Test, "node");
    source.record(login, None).await.unwrap();
}

/// Every row of a connection of `network`, page by page, and how many pages it took.
async fn every(app: &TestApp, who: &Somebody, field: &str, arguments: &str) -> (Vec<Value>, usize) {
    let (mut rows, mut pages, mut after) = (Vec::new(), 0, Value::Null);
    loop {
        let query = format!(
            "query($after: String) {{ network {{ page: {field}(after: $after, {arguments} pageInfo {{ hasNextPage endCursor }} }} }} }}"
        );
        let answer = app.ask_with(who, &query, json!({ "after": after })).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        let page = &answer["data"]["network"]["page"];
        rows.extend(page["nodes"].as_array().unwrap().iter().cloned());
        pages += 1;
        assert!(pages < 100, "the pages come to an end");
        if page["pageInfo"]["hasNextPage"] == false {
            return (rows, pages);
        }
        after = page["pageInfo"]["endCursor"].clone();
        assert!(
            after.is_string(),
            "a page that is not the last can be gone on from"
        );
    }
}

#[tokio::test]
async fn a_member_pages_through_its_own_logins() {
    let app = TestApp::founded().await;
    let (own, other) = two_plain_members(&app).await;
    for number in 0..5 {
        log_in(&app, &own, &format!("own-{number}")).await;
        for _ in 0..3 {
            log_in(&app, &other, "other").await;
        }
    }
    // The next month has a journal of its own.
    app.ledger.clock.pass_until("2025-02-03T12:00:00Z");
    log_in(&app, &own, "own-5").await;
    let requests = |rows: &[Value]| -> Vec<String> {
        let ids = rows.iter().map(|row| row["requestId"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    let arguments = "environment: TEST, first: 2) { nodes { requestId }";
    let member = app.of("KATSELIJA", &own);
    let (rows, pages) = every(&app, &member, "authentications", arguments).await;
    let newest_first = ["own-5", "own-4", "own-3", "own-2", "own-1", "own-0"];
    assert_eq!(requests(&rows), newest_first);
    // Filtered before they are counted: no page but the last has fewer than it might.
    assert!(pages <= 4, "{pages} pages");

    let arguments = "environment: TEST, month: \"2025-01\", first: 500) { nodes { requestId }";
    let (rows, _) = every(&app, &app.administrator(), "authentications", arguments).await;
    assert_eq!(rows.len(), 20);

    // What was recorded later was not known then.
    let past = "{ network(asOf: { instant: \"2025-01-31T00:00:00Z\" }) { authentications(environment: TEST) { nodes { requestId } } } }";
    let seen = app.ask(&member, past).await;
    let rows = seen["data"]["network"]["authentications"]["nodes"]
        .as_array()
        .unwrap();
    assert_eq!(requests(rows), newest_first[1..]);
}

#[tokio::test]
async fn a_member_pages_through_its_own_events() {
    let app = TestApp::founded().await;
    let own = organisation(1);
    for number in 0..7 {
        let of = if number % 3 == 0 { 1 } else { 2 };
        app.machine(Right::Viewer, Some(organisation(of)), None)
            .await;
    }
    let arguments = "first: 2) { nodes { name position }";
    let member = app.of("KATSELIJA", &own);
    let (rows, _) = every(&app, &member, "timeline", arguments).await;
    let own_events = rows
        .iter()
        .filter(|row| row["name"] == "MachineCredentialIssued");
    assert_eq!(own_events.count(), 3);
    let positions: Vec<_> = rows
        .iter()
        .map(|row| row["position"].as_u64().unwrap())
        .collect();
    assert!(positions.is_sorted_by(|a, b| a > b), "{positions:?}");
    let wrong = "{ network { timeline(after: \"%\") { nodes { name } } } }";
    let refused = app.ask(&member, wrong).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn lists_know_how_many_rows_they_have() {
    let app = TestApp::founded().await;
    two_plain_members(&app).await;
    for _ in 0..3 {
        app.machine(Right::Viewer, Some(organisation(1)), None)
            .await;
    }
    let query = "{ network {
      access { administrators { totalCount } credentials(first: 2) { totalCount nodes { id } pageInfo { hasNextPage } } }
      agreement { amendments { totalCount } } steeringGroup { meetings { totalCount } }
      publishedSelfAudits { totalCount }
      usage(environment: TEST, firstDay: \"2025-01-01\", lastDay: \"2025-01-02\") { totalCount } } }";
    let seen = app.ask(&app.administrator(), query).await;
    assert_eq!(seen["errors"], Value::Null, "{seen}");
    let credentials = &seen["data"]["network"]["access"]["credentials"];
    assert_eq!(credentials["totalCount"], 3);
    assert_eq!(credentials["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(credentials["pageInfo"]["hasNextPage"], true);
}

#[tokio::test]
async fn usage_of_a_past_moment_counts_the_days_that_were_over() {
    let app = TestApp::founded().await;
    let (own, _) = two_plain_members(&app).await;
    log_in(&app, &own, "first").await;
    app.ledger.clock.pass_until("2025-01-02T12:00:00Z");
    log_in(&app, &own, "second").await;
    app.ledger.clock.pass_until("2025-01-02T13:00:00Z");
    app.api.0.backends.usage.catch_up().unwrap();
    let days = async |arguments: &str| -> Vec<String> {
        let query = format!(
            "{{ network{arguments} {{ usage(environment: TEST, firstDay: \"2025-01-01\", lastDay: \"2025-01-31\") {{ nodes {{ day count }} }} }} }}"
        );
        let seen = app.ask(&app.administrator(), &query).await;
        let rows = &seen["data"]["network"]["usage"]["nodes"];
        let rows = rows.as_array().unwrap_or_else(|| panic!("{seen}")).iter();
        rows.map(|row| row["day"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(days("").await, ["2025-01-01", "2025-01-02"]);
    let then = "(asOf: { instant: \"2025-01-02T12:30:00Z\" })";
    assert_eq!(days(then).await, ["2025-01-01"]);
    assert_eq!(
        days("(validOn: \"2025-01-01\")").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn the_routing_table_of_a_past_moment_is_the_one_of_then() {
    let app = TestApp::founded().await;
    let before = app.ledger.registrar.network().0;
    let home = json!({
        "legacyId": "1", "environment": "TEST", "organisation": organisation(1).as_str(),
        "idpId": "opinsys_1", "secret": "the-secret-itself",
        "configuration": { "upstream": { "opinsys": { "tenant": "o.example.org", "clientId": "cn=o" } } },
    });
    let command = Command::deserialize_named("ImportIntegrations", json!({ "homes": [home] }));
    app.ledger.given(command.unwrap().expect("an import")).await;
    let query = |arguments: &str| {
        format!(
            "{{ network{arguments} {{ position routing(environment: TEST) {{ position table }} }} }}"
        )
    };
    let now = app.ask(&app.administrator(), &query("")).await;
    let text = now.to_string();
    assert!(text.contains("opinsys_1"), "{text}");
    assert!(
        !text.contains("the-secret-itself") && !text.contains("clientSecret"),
        "{text}"
    );
    let network = &now["data"]["network"];
    assert_eq!(network["position"], network["routing"]["position"]);
    let then = query(&format!("(asOf: {{ position: {before} }})"));
    let then = app.ask(&app.administrator(), &then).await;
    assert_eq!(then["data"]["network"]["routing"]["position"], before);
    assert!(!then.to_string().contains("opinsys_1"), "{then}");
    let member = app.of("TALLENTAJA", &organisation(1));
    let refused = app.ask(&member, &query("")).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn what_is_yet_to_come_has_no_past() {
    let app = TestApp::founded().await;
    let end = app.ledger.registrar.network().0;
    let who = app.administrator();
    for moment in [
        format!("asOf: {{ position: {} }}", end + 1),
        "asOf: { instant: \"2025-01-01T12:00:01Z\" }".to_owned(),
    ] {
        for query in [
            format!("{{ network({moment}) {{ position }} }}"),
            format!("{{ node(id: \"network:1\", {moment}) {{ id }} }}"),
        ] {
            let refused = app.ask(&who, &query).await;
            assert_eq!(
                refused["errors"][0]["extensions"]["code"], "POSITION_NOT_REACHED",
                "{refused}"
            );
        }
    }
    let now = format!("{{ network(asOf: {{ position: {end} }}) {{ position }} }}");
    assert_eq!(
        app.ask(&who, &now).await["data"]["network"]["position"],
        end
    );
}

#[tokio::test]
async fn every_identifier_leads_back_to_its_thing() {
    let app = TestApp::founded().await;
    let (own, _) = two_plain_members(&app).await;
    app.machine(Right::Viewer, Some(own.clone()), None).await;
    let key = "ab".repeat(16);
    app.node(&{
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&key)
    })
    .await;
    let give = async |name: &str, input: Value| {
        let command = Command::deserialize_named(name, input).expect("a command");
        app.ledger.given(command.expect("its fields")).await;
    };
    let member = own.as_str();
    let contact = json!({ "name": "Keksitty Kontakti", "email": "kontakti@example.org" });
    let contact = json!({ "member": member, "role": "TECHNICAL", "contact": contact });
    give("NameContact", contact).await;
    let outage = json!({ "member": member, "description": "invented", "essential": true });
    give("ReportOutage", outage).await;
    let things = "{ me { id } network { id
      members { nodes { id contacts { id } } } services { nodes { id } }
      access { administrators { nodes { id grants { id } } } credentials { nodes { id } } nodes { id } }
      steeringGroup { seats(inOffice: false) { id } meetings { nodes { id } } }
      compliance { subject } timeline(first: 500) { nodes { id } } } }";
    let seen = app.ask(&app.administrator(), things).await;
    assert_eq!(seen["errors"], Value::Null, "{seen}");
    let mut ids = std::collections::BTreeSet::new();
    collect(&seen, &mut ids);
    let kinds: std::collections::BTreeSet<_> = ids
        .iter()
        .map(|id| id.split(':').next().unwrap().to_owned())
        .collect();
    for kind in [
        "network",
        "member",
        "service",
        "person",
        "grant",
        "credential",
        "node",
        "event",
    ] {
        assert!(kinds.contains(kind), "{kind} not in {kinds:?}");
    }
    for id in ids {
        let query = format!("{{ node(id: \"{id}\", minPosition: 1) {{ id __typename }} }}");
        let found = app.ask(&app.administrator(), &query).await;
        assert_eq!(found["data"]["node"]["id"], id.as_str(), "{found}");
    }
}

/// Every value under `id` or `subject`.
fn collect(json: &Value, ids: &mut std::collections::BTreeSet<String>) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(id) if matches!(name.as_str(), "id" | "subject") => {
                        ids.insert(id.clone());
                    }
                    value => collect(value, ids),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        _ => {}
    }
}

#[tokio::test]
async fn integrations_are_found_by_what_they_speak_to() {
    let app = TestApp::founded().await;
    let home = json!({
        "legacyId": "1", "environment": "TEST", "organisation": organisation(1).as_str(),
        "idpId": "azure_1",
        "configuration": { "upstream": { "entraId": { "tenantId": "invented-tenant" } } },
    });
    let command = Command::deserialize_named("ImportIntegrations", json!({ "homes": [home] }));
    app.ledger.given(command.unwrap().expect("an import")).await;
    let types = async |word: &str| {
        let query =
            format!("{{ network {{ integrations(type: {word}) {{ nodes {{ type }} }} }} }}");
        app.ask(&app.administrator(), &query).await
    };
    let found = types("ENTRA_ID").await;
    let nodes = &found["data"]["network"]["integrations"]["nodes"];
    assert_eq!(*nodes, json!([{ "type": "ENTRA_ID" }]), "{found}");
    let others = types("OPEN_ID_CONNECT").await;
    assert_eq!(
        others["data"]["network"]["integrations"]["nodes"],
        json!([])
    );
    assert!(types("AZURE").await["errors"].is_array(), "no such word");
}
