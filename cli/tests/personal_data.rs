//! No plaintext of a person's data is in any file of the data directory: every kind of personal
//! value is let in through the rooms as `serve` puts them together, and every file is searched.

use domain::testing::{day, found_ledger};
use domain::value::{DocumentReference, LanguageText, OrganisationOid};
use domain::{
    ApplyForMembership, AttributeMapping, Command, CommandId, ContactDetails, ContactRole,
    Discovery, DraftContract, EducationAct, EducationBasis, EducationLevel, EducationProvider,
    EndUserSuspensionGround, Environment, HomeConfiguration, HomeUpstream, InstrumentKind,
    IntegrationId, MemberRole, NameContact, NamedContact, NonDisclosurePolicy,
    OpenIdConnectUpstream, PersonId, PublishInstrument, RecordAdministrator, RecordMemberSignature,
    RecordOperatorSignature, RegisterHomeIntegration, RequestSignatures, SignatureChannel,
    SuspendEndUser,
};
use ledger::{Binding, DirectoryOptions, Ledger, MasterKey, Random, SeededRandom};
use projections::Views;
use projections::usage::Usage;
use registrar::testing::TestLedger;
use registrar::{Audience, Authentication, AuthenticationOutcome, SourceMark};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

/// What must stand in no file, each in one place.
const CONTACT: &str = "Merkki-Yhteyshenkilo";
const CONTACT_EMAIL: &str = "merkki.sahkoposti";
const CONTACT_PHONE: &str = "+358409876512";
const CONTACT_ADDRESS: &str = "Merkkitie 12";
const LATER_CONTACT: &str = "Merkki-Seuraaja";
const SIGNATORY: &str = "Merkki-Allekirjoittaja";
const ADMINISTRATOR: &str = "Merkki-Yllapitaja";
const ADMINISTRATOR_SUBJECT: &str = "merkki-tunniste-4711";
const USER_AT_LOGIN: &str = "merkki-kayttaja-1";
const USER_SUSPENDED: &str = "merkki-kayttaja-2";
const REASON: &str = "Merkkiperuste on kirjattu";
const SUSPENSION_REASON: &str = "Merkkisyy on kirjattu";
const SCAN: &str = "Merkkisopimus, allekirjoitettu";
const SECRET: &str = "merkki-salaisuus-0123456789";

/// What stands in the clear: the search would find the others as well.
const CONTROL: &str = "Nakyva Kuvitteellinen kunta";

fn own<T: FromStr>(text: &str) -> T {
    let value = text.parse().ok();
    value.expect("what the test says itself is well formed")
}

fn words(text: &str) -> LanguageText {
    LanguageText::parse(text).expect("a text")
}

fn organisation() -> OrganisationOid {
    own("1.2.246.562.99.00000000101")
}

fn contact(name: &str, mailbox: &str) -> ContactDetails {
    ContactDetails {
        name: own(name),
        email: own(&format!("{mailbox}@example.org")),
        phone: None,
        postal_address: None,
    }
}

fn application() -> ApplyForMembership {
    let first = ContactDetails {
        phone: Some(own(CONTACT_PHONE)),
        postal_address: Some(own(&format!("{CONTACT_ADDRESS}, 00000 Kuvitteellinen"))),
        ..contact(CONTACT, CONTACT_EMAIL)
    };
    let named = |role| NamedContact {
        role,
        contact: first.clone(),
    };
    ApplyForMembership {
        organisation: organisation(),
        name: words(CONTROL),
        business_id: None,
        postal_address: own("PL 1, 00000 Kuvitteellinen"),
        roles: vec![MemberRole::HomeOrganisation],
        education_provider: Some(EducationProvider {
            basis: vec![EducationBasis::Act(EducationAct::BasicEducation)],
            levels: vec![EducationLevel::Basic],
        }),
        service_purpose: None,
        instrument: InstrumentKind::Contract,
        contacts: vec![named(ContactRole::Contract), named(ContactRole::Technical)],
        signatories: vec![contact(SIGNATORY, "allekirjoittaja")],
        electronic_signature: false,
    }
}

fn integration() -> RegisterHomeIntegration {
    let mapping = |(attribute, source)| AttributeMapping {
        attribute: own(attribute),
        source: own(source),
    };
    RegisterHomeIntegration {
        organisation: organisation(),
        environment: Environment::Test,
        configuration: HomeConfiguration {
            upstream: HomeUpstream::OpenIdConnect(OpenIdConnectUpstream {
                issuer: own("https://login.example.org"),
                client_id: own("verkosto"),
                scopes: vec![own("profile")],
                pinned_claims: Vec::new(),
            }),
            attributes: [("username", "preferred_username"), ("roles", "role")]
                .map(mapping)
                .to_vec(),
            static_values: Vec::new(),
            non_disclosure: NonDisclosurePolicy::default(),
            datasource: None,
            tags: Vec::new(),
            single_sign_on: true,
        },
        secret: Some(own(SECRET)),
        discovery: Discovery::default(),
    }
}

fn login() -> Authentication {
    Authentication {
        occurred_at: domain::testing::instant("2025-01-01T12:00:00Z"),
        home_organisation: Some(organisation()),
        home_integration: None,
        service: None,
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: "request-1".to_owned(),
        message_id: None,
        governance_position: 1,
        outcome: AuthenticationOutcome::LoggedOut,
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    }
}

/// Gives a command with a reason, and says under which id.
async fn give(test: &TestLedger, command: impl Into<Command>) -> CommandId {
    let mut submission = test.submission(command);
    submission.reason = Some(own(REASON));
    let (id, name) = (submission.command_id, submission.command.name());
    let given = test.registrar.submit(submission).await;
    given.unwrap_or_else(|error| panic!("{name}: {error}"));
    id
}

fn created(command: CommandId, label: &str) -> Uuid {
    Uuid::new_v5(&command.0, label.as_bytes())
}

/// Lets every kind of personal value in; gives the scanned document's name.
async fn let_everything_in(test: &TestLedger) -> DocumentReference {
    let organisation = organisation();
    give(test, found_ledger()).await;
    let scan = test.registrar.documents().store(
        Audience::Organisation(organisation.clone()),
        "application/pdf",
        SCAN.as_bytes(),
    );
    let scan = scan.expect("the document is kept");
    let publish = PublishInstrument {
        kind: InstrumentKind::Contract,
        version: own("contract-2018"),
        title: words("Jasensopimus"),
        document: scan.clone(),
        address: None,
        valid_from: day("2018-01-01"),
    };
    give(test, publish).await;
    let applied = give(test, application()).await;
    let draft = DraftContract {
        organisation: organisation.clone(),
        instrument: own("contract-2018"),
        signatories: Vec::new(),
    };
    give(test, draft).await;
    let request = RequestSignatures {
        organisation: organisation.clone(),
        channel: SignatureChannel::Paper,
    };
    give(test, request).await;
    let sign = RecordMemberSignature {
        organisation: organisation.clone(),
        signatory: PersonId(created(applied, "signatory 0")),
        signed_on: None,
        evidence: Some(scan.clone()),
    };
    give(test, sign).await;
    let sign = RecordOperatorSignature {
        organisation: organisation.clone(),
        signed_on: None,
        document: scan.clone(),
    };
    give(test, sign).await;
    let successor = NameContact {
        member: organisation.clone(),
        role: ContactRole::Technical,
        contact: contact(LATER_CONTACT, "seuraaja"),
        notified_on: None,
    };
    give(test, successor).await;
    let administrator = RecordAdministrator {
        subject: own(ADMINISTRATOR_SUBJECT),
        name: own(ADMINISTRATOR),
    };
    give(test, administrator).await;
    let registered = give(test, integration()).await;
    let suspend = SuspendEndUser {
        member: organisation,
        integration: IntegrationId(created(registered, "integration")),
        user: own(USER_SUSPENDED),
        services: None,
        ground: EndUserSuspensionGround::SuspectedIllegalUse,
        reason: own(SUSPENSION_REASON),
    };
    give(test, suspend).await;
    scan
}

/// All that is sealed in the log, opened, each value on a line of its own.
fn opened(ledger: &Ledger) -> String {
    let mut text = String::new();
    for name in ledger.journals().expect("the journals") {
        let journal = ledger.journal(&name).expect("a journal");
        for batch in journal.replay(0).expect("a replay") {
            for event in batch.expect("a batch").to_envelopes().expect("events") {
                for sealed in &event.sealed {
                    let binding = Binding {
                        ledger_id: event.ledger_id,
                        stream: &event.stream,
                        event_id: event.event_id,
                        event_type: &event.event_type,
                        field: &sealed.field,
                    };
                    let value = ledger.sealer().open(&binding, sealed).expect("it opens");
                    text.push_str(&String::from_utf8_lossy(&value));
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Every file below a directory with its name and content.
fn files(directory: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.clone(), fs::read(&path).expect("a file")));
        }
    }
}

fn holding(files: &[(PathBuf, Vec<u8>)], marker: &str) -> Vec<PathBuf> {
    let marker = marker.as_bytes();
    let holds = |path: &Path, bytes: &[u8]| {
        let name = path.as_os_str().as_encoded_bytes();
        [name, bytes]
            .iter()
            .any(|text| text.windows(marker.len()).any(|window| window == marker))
    };
    files
        .iter()
        .filter(|(path, bytes)| holds(path, bytes))
        .map(|(path, _)| path.clone())
        .collect()
}

#[tokio::test]
async fn no_file_of_the_data_directory_holds_a_persons_data() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(11));
    let options = DirectoryOptions::new(MasterKey::new([7; 32]), Arc::clone(&random));
    let ledger = Ledger::create_in(&data, Uuid::from_u128(11), &options).expect("a ledger");
    let test = TestLedger::over(ledger, Arc::clone(&random));
    let scan = let_everything_in(&test).await;
    let source = test
        .authentications()
        .local_source(Environment::Test, "node-a");
    let user = zeroize::Zeroizing::new(USER_AT_LOGIN.to_owned());
    source.record(login(), Some(user)).await.expect("a login");
    // The read models, as `serve` has them.
    let kept = data.join("views");
    let log = test.registrar.log().clone();
    let views = Views::open(log, Some(&kept), &|_| {}).expect("the log folds");
    views.checkpoint();
    let zone = views.current().network.zone().clone();
    let index = kept.join("usage");
    let usage = Usage::open(test.ledger.clone(), Some(&index), zone).expect("an index");
    assert_eq!(usage.catch_up().expect("it counts"), 1);

    // Everything has got in.
    let inside = opened(&test.ledger);
    let markers = [
        CONTACT,
        CONTACT_EMAIL,
        CONTACT_PHONE,
        CONTACT_ADDRESS,
        LATER_CONTACT,
        SIGNATORY,
        ADMINISTRATOR,
        ADMINISTRATOR_SUBJECT,
        USER_AT_LOGIN,
        USER_SUSPENDED,
        REASON,
        SUSPENSION_REASON,
        SECRET,
    ];
    for marker in markers {
        assert!(inside.contains(marker), "`{marker}` is not in the log");
    }
    let document = test.registrar.documents().open(&scan).expect("it opens");
    assert_eq!(*document.expect("it is kept").content, SCAN.as_bytes());
    test.ledger.close();
    drop((source, usage, views, test));

    let mut all = Vec::new();
    files(&data, &mut all);
    for part in [
        "vault/keys",
        "blobs/",
        "views/usage/",
        "views/network.checkpoint",
        "/tail/",
        "/sled/",
    ] {
        let is_there = |path: &Path| path.to_str().is_some_and(|path| path.contains(part));
        assert!(all.iter().any(|(path, _)| is_there(path)), "no `{part}`");
    }
    let clear = holding(&all, CONTROL);
    assert!(clear.len() >= 2, "the tail and its copy show it: {clear:?}");
    for marker in markers.into_iter().chain([SCAN]) {
        let found = holding(&all, marker);
        assert!(found.is_empty(), "`{marker}` is in {found:?}");
    }
}
