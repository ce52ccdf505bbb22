//! Which right opens what: every right against every field of the network and every command.
//! What is expected stands here in words and is not taken from the tables that are tested.

use super::everything::Types;
use super::harness::{TestApp, organisation};
use super::story::{Tenant, accepted, two_members};
use crate::caller::Caller;
use domain::value::OrganisationOid;
use domain::{
    Command, CommandDescription, Environment, GrantAccess, IntegrationId, Means, PersonId, Right,
};
use insta::assert_snapshot;
use registrar::{Submission, SubmitError};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use uuid::Uuid;

/// Somebody of every right: those of organisations for `own`, the applicant's for `applying`, the
/// others for the network.
async fn everybody(
    app: &TestApp,
    own: &OrganisationOid,
    applying: &OrganisationOid,
) -> Vec<(&'static str, Caller)> {
    let mut everybody = Vec::new();
    let claims = [
        ("viewer", Right::Viewer),
        ("manager", Right::Manager),
        ("service viewer", Right::ServiceViewer),
        ("service manager", Right::ServiceManager),
    ];
    for (name, right) in claims {
        let caller = Caller::Person {
            person: PersonId(Uuid::from_u128(1)),
            claims: vec![(right, own.clone())],
        };
        everybody.push((name, caller));
    }
    let granted = [
        ("applicant", Right::Applicant, Some(applying.clone())),
        ("auditor of one", Right::Auditor, Some(own.clone())),
        ("operator", Right::Operator, None),
        ("owner", Right::Owner, None),
        ("steering member", Right::SteeringMember, None),
        ("auditor", Right::Auditor, None),
    ];
    for (number, (name, right, organisation)) in granted.into_iter().enumerate() {
        let person = json!({ "subject": format!("subject {number}"), "name": "Pekka Pätevä" });
        let person = app.made("RecordAdministrator", person, "person").await;
        let person: PersonId = person.parse().expect("a person");
        app.ledger
            .given(GrantAccess {
                person,
                right,
                organisation,
            })
            .await;
        let claims = Vec::new();
        everybody.push((name, Caller::Person { person, claims }));
    }
    let (credential, _) = app
        .machine(Right::Provisioning, None, Some(Environment::Test))
        .await;
    everybody.push(("provisioning", Caller::Machine { credential }));
    let (node, _) = app.node(&super::machine::public_key()).await;
    everybody.push(("proxy", Caller::Node { node }));
    everybody.push(("nobody", Caller::Anonymous));
    everybody
}

/// A question for one field and as little below it as can be asked.
fn question(path: &str, types: &Types) -> String {
    let mut asked = String::new();
    let mut of = "Query";
    for name in path.split('.') {
        let (field, below) = types.field(of, name);
        write!(asked, "{{ {field} ").unwrap();
        of = below;
    }
    let braces = "}".repeat(path.split('.').count());
    let below = if types.has_fields(of) {
        "{ __typename }"
    } else {
        ""
    };
    format!("{asked} {below} {braces}")
}

#[tokio::test]
async fn every_right_opens_its_fields_and_no_others() {
    let app = TestApp::founded().await;
    let own = accepted(&app, 1).await;
    let everybody = everybody(&app, &own, &organisation(2)).await;
    app.caught_up().await;
    let types = Types::of_the_schema();
    let mut paths: Vec<String> = types
        .names("Network")
        .map(|name| format!("network.{name}"))
        .collect();
    paths.extend(
        types
            .names("Access")
            .map(|name| format!("network.access.{name}")),
    );
    paths.push("me".to_owned());
    paths.sort();
    let mut matrix = String::new();
    for path in &paths {
        let query = question(path, &types);
        let mut admitted = Vec::new();
        for (name, caller) in &everybody {
            let request = async_graphql::Request::new(query.clone());
            let response = app.api.execute(caller.clone(), request).await;
            let answer = serde_json::to_value(&response).unwrap();
            match answer["errors"][0]["extensions"]["code"].as_str() {
                None => admitted.push(*name),
                Some("FORBIDDEN") => {}
                Some("UNAUTHENTICATED") if *name == "nobody" => {}
                Some(code) => panic!("{path}, {name}: {code} in {answer}"),
            }
        }
        writeln!(matrix, "{path}: {}", admitted.join(", ")).unwrap();
    }
    let all = "viewer, manager, service viewer, service manager, applicant, auditor of one, operator, \
               owner, steering member, auditor";
    let matrix = matrix.replace(all, "all of them");
    let matrix = matrix.replace(&all.replace("applicant, ", ""), "all but applicants");
    assert_snapshot!(matrix, @"
    me: all of them, provisioning, proxy, nobody
    network.access: all of them
    network.access.administrators: all of them
    network.access.credentials: all of them
    network.access.keys: operator, owner, auditor
    network.access.nodes: operator, owner, auditor
    network.agreement: all of them
    network.at: all of them
    network.authentications: all of them
    network.compliance: all of them
    network.day: all of them
    network.founding: all of them
    network.id: all of them
    network.integrations: all of them
    network.members: all of them
    network.operations: all of them
    network.operatorContacts: all but applicants
    network.organisations: all of them
    network.ownerContacts: all but applicants
    network.position: all of them
    network.publishedSelfAudits: all but applicants
    network.routing: operator, owner, auditor
    network.rules: all of them
    network.services: all of them
    network.steeringGroup: all but applicants
    network.timeline: all of them
    network.usage: all of them
    ");
}

/// What a command names, by the name of its field.
#[derive(Clone)]
struct Things {
    organisation: String,
    service: String,
    integration: String,
}

impl Things {
    fn of(tenant: &Tenant, integration: IntegrationId) -> Self {
        Self {
            organisation: tenant.organisation.to_string(),
            service: tenant.service.to_string(),
            integration: integration.to_string(),
        }
    }

    fn named(&self, field: &str) -> Option<&String> {
        match field {
            "organisation" | "member" | "reportedBy" => Some(&self.organisation),
            "service" => Some(&self.service),
            "integration" => Some(&self.integration),
            _ => None,
        }
    }
}

/// The least input with which a command can be given, found by trying: what the domain says is
/// wrong is replaced by the next value that somebody might mean.
fn sample(row: &CommandDescription, things: &Things) -> Command {
    let name = row.name;
    let mut generator = schemars::SchemaGenerator::default();
    let schema = (row.schema)(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    let mut input = least(&schema, &definitions);
    for (field, value) in input.as_object_mut().expect("an input has fields") {
        if let Some(named) = things.named(field) {
            *value = json!(named);
        }
    }
    let candidates = [
        things.organisation.clone(),
        things.integration.clone(),
        "2025-06-02".to_owned(),
        "2025-06-02T12:00:00Z".to_owned(),
        "https://example.org/".to_owned(),
        "name@example.org".to_owned(),
        "ab".repeat(32),
        "word".to_owned(),
        "1.0".to_owned(),
        "2000000-8".to_owned(),
        "Europe/Helsinki".to_owned(),
        "00001".to_owned(),
        "1".to_owned(),
        "username".to_owned(),
        "A".repeat(43),
    ];
    let mut tried = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..200 {
        let mut track = serde_path_to_error::Track::new();
        let deserializer = serde_path_to_error::Deserializer::new(input.clone(), &mut track);
        let read = Command::deserialize_named(name, deserializer).expect("a known command");
        let error = match read {
            Ok(command) => return command,
            Err(error) => error,
        };
        let path = track.path().to_string();
        let next = tried.entry(path.clone()).or_default();
        *next += 1;
        let value = candidates.get(*next).unwrap_or_else(|| {
            panic!("{name}: no value for `{path}` ({error}) in {input}");
        });
        *at(&mut input, &path) = json!(value);
    }
    panic!("{name}: no input was found: {input}");
}

/// The value at a path such as `contact.email` or `questions[0].key`.
fn at<'a>(value: &'a mut Value, path: &str) -> &'a mut Value {
    let path = path.replace('[', ".").replace(']', "");
    let mut steps = path
        .split('.')
        .filter(|step| !step.is_empty() && *step != "?");
    steps
        .try_fold(value, |value, step| match value {
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
            Value::Object(fields) => fields.get_mut(step),
            _ => None,
        })
        .expect("a path into the input")
}

/// The least value that a schema asks for; every text is an organisation for a start.
fn least(schema: &Value, definitions: &Map<String, Value>) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return least(&definitions[name], definitions);
    }
    if let Some(value) = schema["const"].as_str() {
        return json!(value);
    }
    if let Some(value) = schema["enum"].as_array().and_then(|words| words.first()) {
        return value.clone();
    }
    for any in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[any].as_array().and_then(|all| all.first()) {
            return least(first, definitions);
        }
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten();
            let fields = required.filter_map(Value::as_str).map(|name| {
                let value = least(&schema["properties"][name], definitions);
                (name.to_owned(), value)
            });
            Value::Object(fields.collect())
        }
        Some("array") => {
            let least_many = schema["minItems"].as_u64().unwrap_or(0);
            (0..least_many)
                .map(|_| least(&schema["items"], definitions))
                .collect()
        }
        Some("integer" | "number") => json!(schema["minimum"].as_u64().unwrap_or(1)),
        Some("boolean") => json!(false),
        _ => json!("1.2.246.562.99.00000000001"),
    }
}

/// Whether the caller's rights cover the command. Nothing is recorded: the version that is expected
/// is one that no stream has, and rights are looked at first.
async fn is_covered(app: &TestApp, caller: &Caller, command: Command) -> bool {
    let network = app.ledger.registrar.network();
    let actor = caller.actor().unwrap_or(domain::Actor {
        person: PersonId(Uuid::nil()),
        means: Means::SignIn,
        on_behalf_of: None,
    });
    let name = command.name();
    let submission = Submission {
        command_id: app.api.0.backends.new_command_id(),
        expected_version: Some(u64::MAX),
        actor,
        rights: caller.rights(&network.1),
        reason: None,
        command,
    };
    match app.ledger.registrar.submit(submission).await {
        Err(SubmitError::Rejected(rejection)) if rejection.code == "FORBIDDEN" => false,
        Err(SubmitError::Rejected(rejection)) if rejection.code == "VERSION_CONFLICT" => true,
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn every_right_covers_its_commands_and_no_others() {
    let app = TestApp::founded().await;
    let (own, other) = two_members(&app).await;
    let everybody = everybody(&app, &own.organisation, &own.organisation).await;
    let mut matrix = String::new();
    for row in Command::ALL {
        let of_one = row.rights.iter().any(|(_, of)| of.is_some());
        let of_an_integration = row.rights.iter().any(|(_, of)| *of == Some("integration"));
        let kinds: &[_] = if of_an_integration {
            &[
                ("of a home", own.home, other.home),
                ("of a service", own.client, other.client),
            ]
        } else {
            &[("", own.home, other.home)]
        };
        for (kind, integration, of_other) in kinds {
            let command = sample(row, &Things::of(&own, *integration));
            let foreign = sample(row, &Things::of(&other, *of_other));
            let mut covered = Vec::new();
            for (name, caller) in &everybody {
                if is_covered(&app, caller, command.clone()).await {
                    covered.push(*name);
                    let for_all = ["operator", "owner", "steering member"].contains(name);
                    // What names nothing of an organisation is the network's alone.
                    assert!(of_one || for_all, "{name} may give {}", row.name);
                }
                let elsewhere = is_covered(&app, caller, foreign.clone()).await;
                let of_one = !["operator", "owner", "steering member"].contains(name);
                assert!(!elsewhere || !of_one, "{name}: {} of another", row.name);
            }
            if covered.is_empty() {
                covered.push("nobody");
            }
            writeln!(matrix, "{} {kind}: {}", row.name, covered.join(", ")).unwrap();
        }
    }
    assert_snapshot!(matrix.replace(" :", ":"), @"
    FoundLedger: nobody
    AppointOperator: owner
    ChangeOwner: owner
    NameOperatorContact: operator
    NameOwnerContact: operator, owner
    SetRule: operator
    SetSemesterCalendar: operator
    RecordObligationDue: nobody
    RecordAdministrator: operator
    GrantAccess: operator
    RevokeAccess: operator
    IssueMachineCredential: operator
    RevokeMachineCredential: operator
    EnrolNode: operator
    ExpelNode: operator
    PublishSigningKey: operator
    ActivateSigningKey: operator
    RetireSigningKey: operator
    RecordOrganisations: operator
    RecordActingFor: operator
    WithdrawActingFor: operator
    CreateService: manager, service manager, applicant, operator
    ChangeService: manager, service manager, applicant, operator
    InactivateService: manager, service manager, applicant, operator
    ReactivateService: manager, service manager, applicant, operator
    NameAttributeTestService: operator
    DeclareReleaseSet: manager, service manager, applicant, operator
    AcceptReleaseSet: operator
    RefuseReleaseSet: operator
    VetoRelease: manager, operator
    RegisterHomeIntegration: manager, applicant, operator
    RegisterServiceIntegration: manager, service manager, applicant, operator
    ChangeHomeIntegration of a home: manager, applicant, operator
    ChangeHomeIntegration of a service: manager, applicant, operator
    ChangeServiceIntegration of a home: manager, applicant, operator
    ChangeServiceIntegration of a service: manager, service manager, applicant, operator
    ChangeDiscovery of a home: manager, applicant, operator
    ChangeDiscovery of a service: manager, applicant, operator
    RotateCredential of a home: manager, applicant, operator
    RotateCredential of a service: manager, service manager, applicant, operator
    RefreshMetadata of a home: manager, applicant, operator
    RefreshMetadata of a service: manager, applicant, operator
    SubmitIntegration of a home: manager, applicant, operator
    SubmitIntegration of a service: manager, service manager, applicant, operator
    AcceptIntegration: operator
    RefuseIntegration: operator
    ActivateIntegration of a home: manager, applicant, operator
    ActivateIntegration of a service: manager, service manager, applicant, operator
    SuspendIntegration: operator
    ReinstateIntegration: operator
    InactivateIntegration of a home: manager, applicant, operator
    InactivateIntegration of a service: manager, service manager, applicant, operator
    ReactivateIntegration of a home: manager, applicant, operator
    ReactivateIntegration of a service: manager, service manager, applicant, operator
    SetPermissionMode of a home: manager, applicant, operator
    SetPermissionMode of a service: manager, applicant, operator
    PermitServices of a home: manager, applicant, operator
    PermitServices of a service: manager, applicant, operator
    ForbidServices of a home: manager, applicant, operator
    ForbidServices of a service: manager, applicant, operator
    ImportIntegrations: operator
    PublishInstrument: operator
    CloseInstrument: operator
    PublishAnnex: operator
    ProposeAmendment: operator, steering member
    PostponeAmendment: operator
    CastVote: operator, steering member
    DecideAmendment: operator
    ConfirmUrgentAmendment: operator
    PublishAmendment: operator
    SendAmendmentNotice: operator
    ReceiveAmendmentNotice: manager, operator
    DecideLateAmendment: operator
    WithdrawAmendment: operator
    RecordAmendmentEffect: nobody
    ConveneSteeringGroup: owner
    AppointSteeringMember: operator, owner
    DismissSteeringMember: operator, owner
    CallMeeting: operator, owner
    CancelMeeting: operator, owner
    HoldMeeting: operator, owner
    ReviewFees: operator, owner
    AnnounceMaintenance: operator
    CancelMaintenance: operator
    StartInterruption: operator
    EndInterruption: operator
    SuspendEndUser: operator
    InformTechnicalContact: operator
    ReinstateEndUser: operator
    OpenMisuseCase: operator
    RecordMisuseParticipation: manager, operator
    CloseMisuseCase: operator
    DetectDataBreach: operator
    WidenDataBreach: operator
    NotifyDataBreach: operator
    CommitConfidentiality: operator
    PermitSubprocessor: manager, operator
    RevokeSubprocessor: operator
    ReceiveSubjectRequest: manager, operator
    AnswerSubjectRequest: operator
    RequestAudit: manager, operator
    HoldAudit: operator
    RequestLogDisclosure: manager, operator
    RecordAuthoritysRequest: operator
    DiscloseLog: operator
    RefuseLogDisclosure: operator
    ApplyForMembership: manager, applicant, operator
    WithdrawApplication: manager, applicant, operator
    RefuseApplication: operator
    DraftContract: operator
    RequestSignatures: operator
    RecordMemberSignature: operator
    RecordOperatorSignature: operator
    DeliverSignedCopy: operator
    AcceptTerms: manager, applicant, operator
    ConfirmJoiningNotification: operator
    AcceptMember: operator
    RecordEligibility: operator
    NameContact: manager, applicant, operator
    GrantRole: operator
    WithdrawRole: manager, operator
    RequestSelfAudit: operator
    SubmitSelfAudit: manager, operator
    ReviewSelfAudit: operator
    PublishSelfAudit: manager, operator
    GiveAssurance: manager, operator
    NotifyServiceStart: manager, operator
    GiveNotice: manager
    RecordMemberNotice: operator
    GiveNoticeToMember: operator
    WithdrawNotice: operator
    ReviewNotice: operator
    SendRemark: operator
    MakeRemark: manager, operator
    RecordRemarkReceipt: operator
    AcceptCure: operator
    AcceptOperatorsCure: manager, operator
    ReportOutage: manager, operator
    RecordOutageReport: operator
    RecordOutageCorrection: operator
    MakeQualityComplaint: manager, operator
    SetComplaintDeadline: operator
    SettleQualityComplaint: operator
    OpenDispute: manager, operator
    CloseDispute: operator
    RecordMembershipEnd: nobody
    ChooseDataDisposition: manager, operator
    RecordDataReturn: operator
    RecordDataErasure: operator
    ");
}
