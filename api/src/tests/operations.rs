//! The registers of the operations: cut to those whom a row concerns, with their texts opened and
//! no end user named; and what the log says under a request for log data.

use super::harness::{Somebody, TestApp, organisation};
use super::story::two_plain_members;
use domain::value::OrganisationOid;
use domain::{Command, DisclosureId, Environment, Event, IntegrationId, Right};
use registrar::{Authentication, AuthenticationOutcome, Clock as _, SourceMark};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// An end user's identifier, which no view may show.
const USER: &str = "kayttaja-merkki";

async fn give(app: &TestApp, name: &str, input: Value) -> Event {
    let command = Command::deserialize_named(name, input).expect("a command");
    let receipt = app.ledger.given(command.expect("its fields")).await;
    app.event(receipt.positions.start)
}

async fn home(app: &TestApp, number: &str, oid: &OrganisationOid) -> IntegrationId {
    let home = json!({
        "legacyId": number, "environment": "TEST", "organisation": oid.as_str(),
        "idpId": format!("wilma_{number}"),
        "configuration": { "upstream": { "wilma": { "host": "wilma.example.org" } } },
    });
    give(app, "ImportIntegrations", json!({ "homes": [home] })).await;
    let network = app.ledger.registrar.network();
    let number = number.parse().unwrap();
    network.1.integrations.home_by_legacy_id(&number).unwrap()
}

/// One row of each register that concerns this organisation; every text names `mark`.
async fn operate(app: &TestApp, oid: &OrganisationOid, integration: IntegrationId, mark: &str) {
    let member = oid.as_str();
    let text = |what: &str| format!("{mark} {what}");
    let suspended = give(
        app,
        "SuspendEndUser",
        json!({
            "member": member, "integration": integration, "user": USER,
            "ground": "SUSPECTED_FRAUD", "reason": text("suspended"),
        }),
    )
    .await;
    let Event::EndUserSuspended(suspended) = suspended else {
        panic!("nobody was suspended");
    };
    give(
        app,
        "ReinstateEndUser",
        json!({
            "suspension": suspended.suspension, "reason": text("reinstated"),
        }),
    )
    .await;
    let request = give(
        app,
        "ReceiveSubjectRequest",
        json!({
            "member": member, "right": "ACCESS", "receivedOn": "2025-01-01", "user": USER,
            "description": text("request"),
        }),
    )
    .await;
    let Event::SubjectRequestReceived(request) = request else {
        panic!("no request");
    };
    give(
        app,
        "AnswerSubjectRequest",
        json!({
            "request": request.request, "answeredOn": "2025-01-01", "answer": text("answer"),
        }),
    )
    .await;
    let audit = give(
        app,
        "RequestAudit",
        json!({
            "member": member, "requestedOn": "2025-01-01", "scope": text("scope"),
        }),
    )
    .await;
    let Event::AuditRequested(audit) = audit else {
        panic!("no audit");
    };
    give(
        app,
        "HoldAudit",
        json!({
            "audit": audit.audit, "heldOn": "2025-01-01", "operatorTookPart": true,
            "findings": text("findings"),
        }),
    )
    .await;
    give(
        app,
        "PermitSubprocessor",
        json!({
            "member": member, "permittedOn": "2025-01-01",
            "processor": { "operator": { "document": "ab".repeat(32) } },
            "subprocessor": { "name": text("processor"), "task": "invented" },
        }),
    )
    .await;
    give(
        app,
        "RequestLogDisclosure",
        json!({
            "member": member, "legalBasis": text("basis"), "user": USER,
            "firstDay": "2024-12-01", "lastDay": "2025-01-01", "receivedOn": "2025-01-01",
        }),
    )
    .await;
}

/// Two members, each with a row in every register, and matters that concern both.
async fn operations() -> (TestApp, OrganisationOid, OrganisationOid) {
    let app = TestApp::founded().await;
    let (own, other) = two_plain_members(&app).await;
    let home_of_own = home(&app, "4000001", &own).await;
    let home_of_other = home(&app, "4000002", &other).await;
    operate(&app, &own, home_of_own, "omamerkki").await;
    operate(&app, &other, home_of_other, "vierasmerkki").await;
    let both = json!([own.as_str(), other.as_str()]);
    let case = give(
        &app,
        "OpenMisuseCase",
        json!({
            "reportedBy": other.as_str(), "noticedOn": "2025-01-01",
            "description": "yhteinen epaily", "members": both,
        }),
    )
    .await;
    let Event::MisuseCaseOpened(case) = case else {
        panic!("no case");
    };
    for (oid, mark) in [(&own, "omamerkki"), (&other, "vierasmerkki")] {
        give(
            &app,
            "RecordMisuseParticipation",
            json!({
                "misuse": case.misuse, "member": oid.as_str(), "tookPartOn": "2025-01-01",
                "contribution": format!("{mark} contribution"),
            }),
        )
        .await;
    }
    let breach = give(
        &app,
        "DetectDataBreach",
        json!({
            "detectedAt": "2025-01-01T10:00:00Z", "description": "yhteinen loukkaus",
            "controllers": both,
        }),
    )
    .await;
    let Event::DataBreachDetected(breach) = breach else {
        panic!("no breach");
    };
    for (oid, mark) in [(&own, "omamerkki"), (&other, "vierasmerkki")] {
        give(
            &app,
            "NotifyDataBreach",
            json!({
                "breach": breach.breach, "controller": oid.as_str(),
                "notifiedAt": "2025-01-01T11:00:00Z", "channel": "EMAIL",
                "content": format!("{mark} notice"),
            }),
        )
        .await;
    }
    give(
        &app,
        "AnnounceMaintenance",
        json!({
            "environments": ["PRODUCTION"], "startsAt": "2025-02-01T10:00:00Z",
            "endsAt": "2025-02-01T11:00:00Z", "description": "ilmoitettu huolto",
        }),
    )
    .await;
    give(
        &app,
        "StartInterruption",
        json!({
            "environments": ["TEST"], "startedAt": "2025-01-01T11:00:00Z",
            "ground": "SECURITY", "suspendsService": false, "description": "akillinen keskeytys",
        }),
    )
    .await;
    (app, own, other)
}

const REGISTERS: &str = "{ network { operations {
  interruptions { totalCount nodes { id announcement description } }
  suspensions { totalCount nodes { id organisation { oid } reason reinstatedBecause } }
  misuseCases { totalCount nodes { id reportedBy { oid } description members { oid }
    silentMembers { oid } participations { member { oid } contribution } } }
  breaches { totalCount nodes { id description controllers { organisation { oid } delayMinutes content } } }
  subprocessorPermits { totalCount nodes { id organisation { oid } subprocessor } }
  subjectRequests { totalCount nodes { id organisation { oid } description answer } }
  audits { totalCount nodes { id organisation { oid } scope findings } }
  disclosures { totalCount nodes { id organisation { oid } legalBasis isOpen } }
} } }";

const EVERY_EVENT: &str =
    "{ network { timeline(first: 500) { nodes { name stream payload reason } } } }";

#[tokio::test]
async fn each_register_is_cut_to_whom_it_concerns() {
    let (app, own, other) = operations().await;
    for right in ["KATSELIJA", "TALLENTAJA"] {
        let seen = app.ask(&app.of(right, &own), REGISTERS).await;
        assert_eq!(seen["errors"], Value::Null, "{seen}");
        let registers = seen["data"]["network"]["operations"].as_object().unwrap();
        for (name, register) in registers {
            let expected = if name == "interruptions" { 2 } else { 1 };
            assert_eq!(register["totalCount"], expected, "{name}: {register}");
        }
        let text = seen.to_string();
        for hidden in [other.as_str(), "vierasmerkki", USER] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        for opened in [
            "omamerkki suspended",
            "omamerkki reinstated",
            "omamerkki contribution",
            "omamerkki notice",
            "omamerkki processor",
            "omamerkki answer",
            "omamerkki findings",
            "omamerkki basis",
            "yhteinen epaily",
            "yhteinen loukkaus",
            "ilmoitettu huolto",
            "akillinen keskeytys",
        ] {
            assert!(text.contains(opened), "{opened} not in {text}");
        }
    }
    // Who has rights over services alone sees what interrupts them.
    let service = app.ask(&app.of("PALVELU_KATSELIJA", &own), REGISTERS).await;
    for (name, register) in service["data"]["network"]["operations"]
        .as_object()
        .unwrap()
    {
        let expected = if name == "interruptions" { 2 } else { 0 };
        assert_eq!(register["totalCount"], expected, "{name}: {register}");
    }
    let (_, auditor) = app.machine(Right::Auditor, None, None).await;
    let all = app.ask(&auditor, REGISTERS).await.to_string();
    for seen in ["omamerkki notice", "vierasmerkki notice"] {
        assert!(all.contains(seen), "{all}");
    }
    assert!(!all.contains(USER), "{all}");
}

#[tokio::test]
async fn commitments_are_the_networks_own() {
    let app = TestApp::founded().await;
    give(
        &app,
        "CommitConfidentiality",
        json!({
            "person": { "named": { "name": "Keksitty Henkilö", "email": "keksitty@example.org" } },
            "committedOn": "2025-01-01",
        }),
    )
    .await;
    let query = "{ network { operations { commitments { nodes { id name committedOn } } } } }";
    let seen = app.ask(&app.administrator(), query).await.to_string();
    assert!(seen.contains("Keksitty Henkilö"), "{seen}");
    let member = app.of("TALLENTAJA", &organisation(1));
    let refused = app.ask(&member, query).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn the_timeline_knows_whose_the_operations_are() {
    let (app, own, other) = operations().await;
    let seen = app.ask(&app.of("KATSELIJA", &own), EVERY_EVENT).await;
    let text = seen.to_string();
    for shown in [
        "EndUserSuspended",
        "EndUserReinstated",
        "SubjectRequestAnswered",
        "AuditHeld",
        "SubprocessorPermitted",
        "LogDisclosureRequested",
        "MisuseParticipationRecorded",
        "DataBreachDetected",
        "MaintenanceAnnounced",
        "omamerkki suspended",
        "omamerkki notice",
        "omamerkki contribution",
        "yhteinen epaily",
        "akillinen keskeytys",
    ] {
        assert!(text.contains(shown), "{shown} not in {text}");
    }
    for hidden in ["vierasmerkki", USER, "sealed"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    // Of the matters that concern both, the other is not named.
    for event in seen["data"]["network"]["timeline"]["nodes"]
        .as_array()
        .unwrap()
    {
        let stream = event["stream"].as_str().unwrap();
        if stream.starts_with("misuse/") || stream.starts_with("breach/") {
            assert!(!event.to_string().contains(other.as_str()), "{event}");
        }
    }
    let service = app
        .ask(&app.of("PALVELU_KATSELIJA", &own), EVERY_EVENT)
        .await;
    let service = service.to_string();
    assert!(!service.contains("omamerkki"), "{service}");
    let all = app.ask(&app.administrator(), EVERY_EVENT).await.to_string();
    assert!(all.contains("vierasmerkki notice"), "{all}");
    assert!(!all.contains(USER), "{all}");
}

async fn log_in(
    app: &TestApp,
    oid: &OrganisationOid,
    of: IntegrationId,
    message: &str,
    user: &str,
) {
    let source = app
        .api
        .0
        .backends
        .authentications
        .local_source(Environment::Test, "node");
    let login = Authentication {
        occurred_at: app.ledger.clock.now(),
        home_organisation: Some(oid.clone()),
        home_integration: Some(of),
        service: None,
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: "request".to_owned(),
        message_id: Some(message.to_owned()),
        governance_position: 3,
        outcome: AuthenticationOutcome::LoggedOut,
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    };
    let user = Some(Zeroizing::new(user.to_owned()));
    source.record(login, user).await.unwrap();
}

async fn request(app: &TestApp, oid: &OrganisationOid, about: Value) -> DisclosureId {
    let mut input = json!({
        "member": oid.as_str(), "legalBasis": "invented law 1 §",
        "firstDay": "2024-12-01", "lastDay": "2025-01-01", "receivedOn": "2025-01-01",
    });
    let fields = input.as_object_mut().unwrap();
    fields.extend(about.as_object().unwrap().clone());
    let command = if input.get("authority").is_some() {
        "RecordAuthoritysRequest"
    } else {
        "RequestLogDisclosure"
    };
    let Event::LogDisclosureRequested(requested) = give(app, command, input).await else {
        panic!("no request");
    };
    requested.disclosure
}

async fn disclosed(app: &TestApp, who: &Somebody, disclosure: DisclosureId) -> Value {
    let query = format!(
        "{{ node(id: \"disclosure:{disclosure}\") {{ ... on LogDisclosure {{ authentications(environment: TEST) {{ nodes {{ user authentication {{ messageId }} }} pageInfo {{ hasNextPage }} }} }} }} }}"
    );
    app.ask(who, &query).await
}

fn found(answer: &Value) -> Vec<(&str, &str)> {
    let nodes = &answer["data"]["node"]["authentications"]["nodes"];
    let nodes = nodes.as_array().unwrap_or_else(|| panic!("{answer}"));
    nodes
        .iter()
        .map(|node| {
            let message = node["authentication"]["messageId"].as_str().unwrap();
            (node["user"].as_str().unwrap(), message)
        })
        .collect()
}

#[tokio::test]
async fn an_end_user_is_looked_up_under_an_open_request_alone() {
    let app = TestApp::founded().await;
    let (own, other) = two_plain_members(&app).await;
    let (ours, theirs) = (
        home(&app, "4000001", &own).await,
        home(&app, "4000002", &other).await,
    );
    log_in(&app, &own, ours, "message-1", USER).await;
    log_in(&app, &own, ours, "message-2", "somebody-else").await;
    log_in(&app, &other, theirs, "message-3", USER).await;
    log_in(&app, &own, ours, "message-4", USER).await;
    app.ledger.clock.pass_until("2025-01-03T12:00:00Z");
    // After the last day that the request asks about.
    log_in(&app, &own, ours, "message-5", USER).await;

    let disclosure = request(&app, &own, json!({ "user": USER })).await;
    let manager = app.of("TALLENTAJA", &own);
    for who in [&manager, &app.administrator()] {
        let answer = disclosed(&app, who, disclosure).await;
        assert_eq!(found(&answer), [(USER, "message-1"), (USER, "message-4")]);
    }
    // Whose was the message?
    let about = request(&app, &own, json!({ "messageId": "message-2" })).await;
    let answer = disclosed(&app, &manager, about).await;
    assert_eq!(found(&answer), [("somebody-else", "message-2")]);
    // Another organisation's message is not found by asking for it.
    let about = request(&app, &own, json!({ "messageId": "message-3" })).await;
    assert_eq!(found(&disclosed(&app, &manager, about).await), []);

    // Nobody else looks, nor the manager where an authority asks.
    let (_, auditor) = app.machine(Right::Auditor, None, None).await;
    let official = json!({ "user": USER, "authority": "Kuvitteellinen viranomainen" });
    let official = request(&app, &own, official).await;
    for (who, disclosure) in [
        (&app.of("KATSELIJA", &own), disclosure),
        (&auditor, disclosure),
        (&manager, official),
    ] {
        let refused = disclosed(&app, who, disclosure).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{refused}"
        );
        assert!(!refused.to_string().contains("message-1"));
    }
    let stranger = disclosed(&app, &app.of("TALLENTAJA", &other), disclosure).await;
    assert_eq!(stranger["data"]["node"], Value::Null, "{stranger}");

    // Once it is answered, also the past in which it was open shows nothing.
    let position = app.ledger.registrar.network().0;
    give(
        &app,
        "RefuseLogDisclosure",
        json!({
            "disclosure": disclosure, "refusedOn": "2025-01-02", "reason": "invented",
        }),
    )
    .await;
    let query = format!(
        "{{ node(id: \"disclosure:{disclosure}\", asOf: {{ position: {position} }}) {{ ... on LogDisclosure {{ isOpen authentications(environment: TEST) {{ nodes {{ user }} }} }} }} }}"
    );
    let closed = app.ask(&app.administrator(), &query).await;
    assert_eq!(
        closed["errors"][0]["extensions"]["code"], "DISCLOSURE_CLOSED",
        "{closed}"
    );
    assert!(!closed.to_string().contains(USER));
}
