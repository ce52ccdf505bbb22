//! One ledger with two members who have everything: what one of them must not learn of the other
//! is marked.

use super::harness::{TestApp, organisation};
use domain::value::OrganisationOid;
use domain::{Command, Environment, IntegrationId, SelfAuditId, ServiceId};
use registrar::{Authentication, AuthenticationOutcome, Receipt, SourceMark};
use serde_json::{Value, json};

/// One of the two members.
pub(crate) struct Tenant {
    pub(crate) organisation: OrganisationOid,
    pub(crate) home: IntegrationId,
    pub(crate) client: IntegrationId,
    pub(crate) service: ServiceId,
    number: u32,
}

impl Tenant {
    /// What stands in every value of this member that is not for others.
    pub(crate) fn marker(&self) -> String {
        format!("salainen{}", self.number)
    }

    /// Everything by which an answer would tell of this member's own matters.
    pub(crate) fn markers(&self) -> Vec<String> {
        vec![
            self.marker(),
            self.home.to_string(),
            self.client.to_string(),
        ]
    }

    /// The SHA-256 of this member's machine and client secrets, as they are recorded.
    pub(crate) fn secret_hash(&self) -> String {
        format!("sha256:{:032x}:{:064x}", self.number, self.number)
    }

    /// The secret by which the proxy is known to this member's home organisation.
    pub(crate) fn client_secret(&self) -> String {
        format!("secret-{}-0123456789", self.marker())
    }

    /// The suspended user, as the home organisation names them.
    pub(crate) fn user(&self) -> String {
        self.named("user")
    }

    fn named(&self, what: &str) -> String {
        format!("{what} {}", self.marker())
    }
}

impl TestApp {
    /// Records a command that must be accepted.
    pub(crate) async fn record(&self, name: &str, input: Value) -> Receipt {
        let command = Command::deserialize_named(name, input).expect("a known command");
        self.ledger.given(command.expect("a right input")).await
    }

    /// What the events that a receipt tells of were called, with their payloads.
    fn recorded(&self, receipt: &Receipt) -> Vec<Value> {
        let events = receipt
            .positions
            .clone()
            .map(|position| self.event(position));
        events
            .map(|event| event.payload().to_json().expect("a payload"))
            .collect()
    }

    /// Records a command, and what its first event says under a name.
    pub(crate) async fn made(&self, name: &str, input: Value, of: &str) -> String {
        let receipt = self.record(name, input).await;
        let events = self.recorded(&receipt);
        let made = events.iter().find_map(|event| event[of].as_str());
        made.expect("the event names it").to_owned()
    }
}

/// The two members, in a network with an agreement, a steering group and logins.
pub(crate) async fn two_members(app: &TestApp) -> (Tenant, Tenant) {
    agreement(app).await;
    let own = tenant(app, 1).await;
    let other = tenant(app, 2).await;
    shared(app, [&own, &other]).await;
    for tenant in [&own, &other] {
        login(app, tenant, Environment::Test).await;
    }
    (own, other)
}

async fn agreement(app: &TestApp) {
    let instrument = json!({
        "kind": "CONTRACT", "version": "keksitty-1", "title": { "fi": "Keksitty sopimus" },
        "document": "ab".repeat(32), "validFrom": "2018-01-01",
    });
    app.record("PublishInstrument", instrument).await;
    let question = json!({ "key": "tunnistus", "text": { "fi": "Miten?" }, "required": true });
    let annex = json!({
        "annex": "SELF_AUDIT", "version": "1.0", "title": { "fi": "Itsearviointi" },
        "document": "cd".repeat(32), "validFrom": "2018-01-01",
        "selects": { "questionnaire": { "sample": true, "questions": [question] } },
    });
    app.record("PublishAnnex", annex).await;
}

/// The organisation of this number as a member in force, with nothing but its membership.
pub(crate) async fn accepted(app: &TestApp, number: u32) -> OrganisationOid {
    agreement(app).await;
    let organisation = organisation(number);
    let accept = json!({
        "organisation": organisation.as_str(), "instrument": "keksitty-1",
        "roles": ["SERVICE_PROVIDER"], "since": "2024-01-01", "evidence": "Keksitty arkisto",
    });
    app.record("AcceptMember", accept).await;
    organisation
}

/// Two accepted members, each with a service and nothing else.
pub(crate) async fn two_plain_members(app: &TestApp) -> (OrganisationOid, OrganisationOid) {
    let (own, other) = (organisation(1), organisation(2));
    agreement(app).await;
    for (oid, name) in [(&own, "Kuvitteellinen kunta"), (&other, "Toinen koulu")] {
        let accept = json!({
            "organisation": oid.as_str(), "name": { "fi": name }, "instrument": "keksitty-1",
            "roles": ["HOME_ORGANISATION", "SERVICE_PROVIDER"], "since": "2024-01-01", "evidence": "invented",
        });
        app.record("AcceptMember", accept).await;
        let service = json!({ "organisation": oid.as_str(), "description": { "name": { "fi": format!("Palvelu {name}") } } });
        app.record("CreateService", service).await;
    }
    (own, other)
}

/// A member with integrations, contacts, self-audits and access of its own.
async fn tenant(app: &TestApp, number: u32) -> Tenant {
    let mut tenant = Tenant {
        organisation: organisation(number),
        home: IntegrationId(uuid::Uuid::nil()),
        client: IntegrationId(uuid::Uuid::nil()),
        service: ServiceId(uuid::Uuid::nil()),
        number,
    };
    let oid = tenant.organisation.to_string();
    let marker = tenant.marker();
    let entry = json!({ "organisation": oid, "description": { "name": { "fi": format!("Kuvitteellinen kunta {number}") } } });
    app.record("RecordOrganisations", json!({ "organisations": [entry] }))
        .await;
    let accept = json!({
        "organisation": oid, "name": { "fi": tenant.named("Kunta") }, "instrument": "keksitty-1",
        "roles": ["HOME_ORGANISATION", "SERVICE_PROVIDER"], "since": "2024-01-01",
        "evidence": tenant.named("Arkisto"),
    });
    app.record("AcceptMember", accept).await;
    for role in ["CONTRACT", "TECHNICAL"] {
        let contact =
            json!({ "name": tenant.named("Henkilö"), "email": format!("{marker}@example.org") });
        let contact = json!({ "member": oid, "role": role, "contact": contact });
        app.record("NameContact", contact).await;
    }
    let service = json!({ "organisation": oid, "description": { "name": { "fi": format!("Palvelu {number}") } } });
    let service = app.made("CreateService", service, "service").await;
    let client = json!({
        "service": service, "environment": "TEST", "secretHash": tenant.secret_hash(),
        "configuration": { "protocol": { "openIdConnect": {
            "clientId": format!("client-{marker}"), "redirectUris": ["https://service.example.org/return"],
        } } },
    });
    let client = app
        .made("RegisterServiceIntegration", client, "integration")
        .await;
    let home = json!({
        "organisation": oid, "environment": "TEST", "secret": tenant.client_secret(),
        "configuration": {
            "upstream": { "openIdConnect": {
                "issuer": format!("https://{marker}.example.org"), "clientId": "trustnet",
            } },
            "attributes": [{ "attribute": "username", "source": "sub" }],
        },
    });
    let home = app
        .made("RegisterHomeIntegration", home, "integration")
        .await;
    for integration in [&client, &home] {
        app.record("ActivateIntegration", json!({ "integration": integration }))
            .await;
    }
    tenant.client = client.parse().expect("an identifier");
    tenant.home = home.parse().expect("an identifier");
    tenant.service = service.parse().expect("an identifier");
    self_audits(app, &tenant).await;
    access(app, &tenant).await;
    let outage = json!({ "member": oid, "essential": true, "description": tenant.named("Katko") });
    app.record("ReportOutage", outage).await;
    let suspension = json!({
        "member": oid, "integration": home, "user": tenant.user(), "ground": "SUSPECTED_FRAUD",
        "reason": tenant.named("Syy"),
    });
    app.record("SuspendEndUser", suspension).await;
    operations(app, &tenant).await;
    tenant
}

/// What the operator does for the member, and owes it.
async fn operations(app: &TestApp, tenant: &Tenant) {
    let oid = tenant.organisation.to_string();
    let permit = json!({
        "member": oid, "permittedOn": "2025-01-01",
        "processor": { "operator": { "document": "ab".repeat(32) } },
        "subprocessor": { "name": tenant.named("Alikäsittelijä"), "task": tenant.named("Tehtävä") },
    });
    app.record("PermitSubprocessor", permit).await;
    let request = json!({
        "member": oid, "right": "ACCESS", "receivedOn": "2025-01-01",
        "description": tenant.named("Pyyntö"),
    });
    app.record("ReceiveSubjectRequest", request).await;
    let misuse = json!({
        "noticedOn": "2025-01-01", "description": tenant.named("Epäily"), "members": [oid],
    });
    app.record("OpenMisuseCase", misuse).await;
}

/// One self-audit that was published, which all members read, and one that was not.
async fn self_audits(app: &TestApp, tenant: &Tenant) {
    let oid = tenant.organisation.to_string();
    for published in [true, false] {
        let answer = if published {
            format!("Julkinen vastaus {}", tenant.number)
        } else {
            tenant.named("Vastaus")
        };
        let report = json!({
            "member": oid, "questionnaire": "1.0",
            "answers": [{ "question": "tunnistus", "answer": answer }],
        });
        let audit = app.made("SubmitSelfAudit", report, "selfAudit").await;
        let audit: SelfAuditId = audit.parse().expect("an identifier");
        let review =
            json!({ "member": oid, "selfAudit": audit.to_string(), "outcome": "ACCEPTED" });
        app.record("ReviewSelfAudit", review).await;
        if published {
            let publish = json!({ "member": oid, "selfAudit": audit.to_string() });
            app.record("PublishSelfAudit", publish).await;
        }
    }
}

/// An administrator with a right for the organisation, and a machine of it.
async fn access(app: &TestApp, tenant: &Tenant) {
    let oid = tenant.organisation.to_string();
    let person = json!({ "subject": tenant.named("subject"), "name": tenant.named("Ylläpitäjä") });
    let person = app.made("RecordAdministrator", person, "person").await;
    let grant = json!({ "person": person, "right": "MANAGER", "organisation": oid });
    app.record("GrantAccess", grant).await;
    let machine = json!({
        "label": tenant.named("machine"), "right": "VIEWER", "organisation": oid,
        "secretHash": tenant.secret_hash(),
    });
    app.record("IssueMachineCredential", machine).await;
}

/// What both take part in: an urgent amendment with a notice to each, and the steering group with
/// a seat of each.
async fn shared(app: &TestApp, tenants: [&Tenant; 2]) {
    let term = json!({ "firstDay": "2025-01-01", "lastDay": "2026-12-31", "decision": "päätös 1" });
    app.record("ConveneSteeringGroup", term).await;
    for tenant in tenants {
        let person = json!({ "named": { "name": tenant.named("Jäsen") } });
        let seat = json!({
            "organisation": tenant.organisation.to_string(), "person": person, "firstDay": "2025-01-01",
        });
        app.record("AppointSteeringMember", seat).await;
    }
    let meeting =
        json!({ "beginsAt": "2025-01-10T08:00:00Z", "place": "Keksittylä", "agenda": "Maksut" });
    let meeting = app.made("CallMeeting", meeting, "meeting").await;
    let amendment = json!({
        "annex": "RULES_OF_USE", "version": "2.0", "title": { "fi": "Käyttösäännöt" },
        "document": "ef".repeat(32), "description": "Keksitty muutos", "entersOn": "2025-06-01",
    });
    let amendment = app.made("ProposeAmendment", amendment, "amendment").await;
    let seats: Vec<_> = {
        let network = app.ledger.registrar.network();
        let seats = network.1.steering.seats.iter();
        seats.map(|(seat, _)| seat.to_string()).collect()
    };
    for seat in &seats {
        let vote = json!({ "amendment": amendment, "seat": seat, "ballot": "FOR" });
        app.record("CastVote", vote).await;
    }
    app.ledger.clock.pass_until("2025-01-15T12:00:00Z");
    let held = json!({
        "meeting": meeting, "heldOn": "2025-01-10", "summary": "Pöytäkirja jäsenille", "present": seats,
    });
    app.record("HoldMeeting", held).await;
    let decision = json!({ "amendment": amendment, "decidedOn": "2025-01-15" });
    app.record("DecideAmendment", decision).await;
    let publication = json!({
        "amendment": amendment, "publishedOn": "2025-01-15", "address": "https://agreement.example.org/annexes",
    });
    app.record("PublishAmendment", publication).await;
    for tenant in tenants {
        let notice = json!({
            "amendment": amendment, "member": tenant.organisation.to_string(), "sentOn": "2025-01-15",
            "channel": "EMAIL", "describesChange": true, "document": "ef".repeat(32),
        });
        app.record("SendAmendmentNotice", notice).await;
    }
    let contact = json!({
        "role": "CONTRACT", "contact": { "name": "Oona Operaattori", "email": "operaattori@example.org" },
    });
    app.record("NameOperatorContact", contact).await;
}

/// A login from the tenant's home organisation to the tenant's service.
async fn login(app: &TestApp, tenant: &Tenant, environment: Environment) {
    let record = Authentication {
        occurred_at: registrar::Clock::now(&*app.ledger.clock),
        home_organisation: Some(tenant.organisation.clone()),
        home_integration: Some(tenant.home),
        service: Some(tenant.service),
        service_integration: Some(tenant.client),
        protocol: "openid-connect".to_owned(),
        request_id: tenant.named("request"),
        message_id: None,
        governance_position: 1,
        outcome: AuthenticationOutcome::Refused {
            reason: "NO_ROUTE".to_owned(),
        },
        // Filled in when it is written.
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    };
    let journals = &app.api.0.backends.authentications;
    journals
        .local_source(environment, "node-1")
        .record(record, Some(tenant.user().into()))
        .await
        .expect("the login is recorded");
    let usage = &app.api.0.backends.usage;
    usage.catch_up().expect("the login is counted");
}
