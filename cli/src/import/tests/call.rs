//! One call, from the files to the log.

use super::{Files, brief, end, import, ledger, target, wishes};
use crate::import::difference::What;
use crate::import::mpassid::call::Wishes;
use crate::import::report::Verdict;
use crate::import::target::Target;
use domain::testing::day;
use domain::value::{LanguageText, ShortText};
use domain::{
    AcceptImportedMembers, InstrumentKind, MemberRole, PermissionMode, PublishInstrument,
    SealedSlot,
};
use registrar::testing::TestLedger;
use serde_json::json;

/// Every event's payload as it lies in the log.
fn payloads(test: &TestLedger) -> String {
    let log = test.registrar.log();
    let payload = |position| {
        let event = log.details(position).unwrap().unwrap().event;
        event.payload().to_json().unwrap().to_string()
    };
    (0..log.end().unwrap()).map(payload).collect()
}

fn home<'a>(network: &'a domain::Network, id: &str) -> &'a domain::Home {
    let id = network
        .integrations
        .home_by_legacy_id(&id.parse().unwrap())
        .unwrap();
    network.integrations.get(id).unwrap().home().unwrap()
}

#[tokio::test]
async fn a_call_records_everything_and_the_same_call_nothing() {
    let test = ledger().await;
    let before = end(&test);
    let report = import(&test, &Files::new(), &wishes()).await;
    assert_eq!(
        report.verdict,
        Verdict::Recorded,
        "{:?} {:?}",
        report.refused,
        report.refusal
    );
    let changes = report.recorded.unwrap();
    // A service of its own is made for the client that is in no set.
    let named = changes.iter().filter(|change| change.id.is_some()).count();
    assert_eq!((changes.len(), named), (11, 10));
    assert!(changes.iter().all(|change| change.what == What::Added));
    assert_eq!(report.positions.unwrap().start, before);
    assert_eq!(report.unchanged, Some(0));

    let after = end(&test);
    let again = import(&test, &Files::new(), &wishes()).await;
    assert_eq!(
        (again.verdict, again.unchanged),
        (Verdict::NothingToRecord, Some(10))
    );
    assert_eq!(end(&test), after);
}

#[tokio::test]
async fn only_what_differs_is_recorded() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let files = Files::new().with(|files| {
        files.home(0)["discoveryInformation"]["title"] = json!("Toinen");
        files.metadata(0)["redirect_uris"] = json!(["https://kirjasto.example.org/uusi"]);
    });
    let report = import(&test, &files, &wishes()).await;
    let changes: Vec<_> = report.recorded.unwrap();
    let lines: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                change.what,
                change.id.as_deref().unwrap(),
                change.events.clone(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (What::Changed, "5900001", vec!["IntegrationChanged"]),
            (What::Changed, "4900001", vec!["DiscoveryChanged"]),
        ]
    );
    assert_eq!(&*changes[1].file.clone().unwrap(), "homes.json");
    assert_eq!(report.unchanged, Some(8));
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_records_nothing() {
    let test = ledger().await;
    let before = end(&test);
    let dry = Wishes {
        dry_run: true,
        ..wishes()
    };
    let report = import(&test, &Files::new(), &dry).await;
    assert_eq!(
        (report.verdict, report.positions),
        (Verdict::WouldRecord, None)
    );
    assert_eq!(end(&test), before);
    let real = import(&test, &Files::new(), &wishes()).await;
    assert_eq!(report.recorded, real.recorded);
}

#[tokio::test]
async fn one_invalid_entry_refuses_the_call_and_all_are_listed() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let before = end(&test);
    // One that cannot be read, and one that the network refuses.
    let files = Files::new().with(|files| {
        files.idp(0)["logoUrl"] = json!("x");
        files.idp(1)["idpId"] = json!("gsuite_muuttunut");
        files.metadata(0)["redirect_uris"] = json!(["https://kirjasto.example.org/uusi"]);
    });
    let report = import(&test, &files, &wishes()).await;
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(
        brief(&report.refused),
        [
            "4900001 configurationEntity.idp.logoUrl WEB_ADDRESS",
            "4900002 idpId IDP_ID_FIXED"
        ]
    );
    assert_eq!(&*report.refused[1].file, "homes.json");
    assert_eq!(end(&test), before);

    let lenient = Wishes {
        skip_invalid: true,
        ..wishes()
    };
    let report = import(&test, &files, &lenient).await;
    assert_eq!((report.verdict, report.left.len()), (Verdict::Recorded, 2));
    assert_eq!(report.recorded.unwrap().len(), 1);
    assert_eq!(
        home(&test.registrar.network().1, "4900002").idp_id.as_str(),
        "gsuite_keksitty"
    );
}

#[tokio::test]
async fn what_the_network_alone_refuses_is_a_refusal() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let files = Files::new().with(|files| files.idp(1)["idpId"] = json!("gsuite_muuttunut"));
    let report = import(&test, &files, &wishes()).await;
    assert_eq!(
        (report.verdict, report.refused.len()),
        (Verdict::Refused, 1)
    );
}

#[tokio::test]
async fn permitted_clients_become_the_sets_they_are_in() {
    let test = ledger().await;
    let report = import(&test, &Files::new(), &wishes()).await;
    let network = test.registrar.network();
    let google = &home(&network.1, "4900002").permissions;
    assert_eq!(google.mode, PermissionMode::List);
    let unknown: Vec<_> = google.unknown.iter().map(ShortText::as_str).collect();
    assert_eq!(unknown, ["ei-kukaan"]);
    let sets: Vec<_> = google
        .services
        .keys()
        .filter_map(|id| network.1.services.get(*id)?.legacy_id.clone())
        .map(|id| id.to_string())
        .collect();
    assert_eq!(sets.len(), 2);
    assert!(sets.contains(&"6900001".to_owned()) && sets.contains(&"6900002".to_owned()));
    assert_eq!(
        home(&network.1, "4900001").permissions.mode,
        PermissionMode::All
    );
    assert!(brief(&report.warnings).contains(&"4900002  UNKNOWN_CLIENTS_PERMITTED".to_owned()));
}

#[tokio::test]
async fn what_does_not_route_is_said_as_compliance_will_show_it() {
    let test = ledger().await;
    let report = import(&test, &Files::new(), &wishes()).await;
    let codes = |id: &str| {
        let own = report
            .warnings
            .iter()
            .filter(|own| own.id.as_deref() == Some(id));
        let mut codes: Vec<_> = own.map(|warning| warning.code.clone()).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    // The certificate was made after the test's today.
    assert_eq!(
        codes("5900003"),
        [
            "CERTIFICATE_NOT_YET_VALID",
            "NOT_A_MEMBER",
            "SET_OF_ANOTHER_ENVIRONMENT"
        ]
    );
    assert_eq!(
        codes("4900001"),
        ["NOT_A_MEMBER", "NOT_ROUTABLE", "SECRET_NOT_SET"]
    );
    assert_eq!(codes("4900004"), ["NOT_A_MEMBER"]);
    assert_eq!(codes("6900002"), ["NO_ORGANISATION"]);
}

#[tokio::test]
async fn overlapping_school_lists_are_recorded_with_a_warning() {
    let test = ledger().await;
    let files = Files::new().with(|files| {
        files.home(2)["deploymentPhase"] = json!(1);
        files.home(2)["discoveryInformation"]["schools"] = json!(["09901"]);
        files.idp(2)["institutionTypes"] = json!([15]);
    });
    let report = import(&test, &files, &wishes()).await;
    assert_eq!(report.verdict, Verdict::Recorded);
    let overlaps = brief(&report.warnings);
    let overlaps: Vec<_> = overlaps
        .iter()
        .filter(|own| own.contains("OVERLAP"))
        .collect();
    assert_eq!(
        overlaps,
        ["4900002  SCHOOLS_OVERLAP", "4900003  SCHOOLS_OVERLAP"]
    );
}

#[tokio::test]
async fn secrets_are_hashed_or_sealed_and_known_again() {
    let test = ledger().await;
    let report = import(&test, &Files::new(), &wishes()).await;
    let shown = serde_json::to_string(&report).unwrap();
    assert!(!shown.contains("secret-marker") && !payloads(&test).contains("secret-marker"));
    let network = test.registrar.network();
    let Some(SealedSlot(..)) = home(&network.1, "4900003").secret.as_ref().unwrap().slot() else {
        panic!("the secret is not sealed")
    };
    let client = |network: &domain::Network| {
        let id = network
            .integrations
            .client_by_legacy_id(&"5900001".parse().unwrap())
            .unwrap();
        let hash = network
            .integrations
            .get(id)
            .unwrap()
            .client()
            .unwrap()
            .secret_hash
            .clone();
        projections::routing::SecretHash::recorded(hash.unwrap().as_str())
    };
    let hash = client(&network.1);
    assert!(hash.matches("client-secret-marker") && !hash.matches("other"));

    let files = Files::new().with(|files| {
        files.metadata(0)["client_secret"] = json!("new-client-secret-marker");
        let attributes = &mut files.home(2)["configurationEntity"]["attributes"];
        attributes[3]["content"] = json!("new-opinsys-secret-marker");
    });
    let report = import(&test, &files, &wishes()).await;
    let events: Vec<_> = report
        .recorded
        .unwrap()
        .into_iter()
        .map(|own| own.events)
        .collect();
    assert_eq!(events, [["CredentialRotated"], ["CredentialRotated"]]);
    assert!(client(&test.registrar.network().1).matches("new-client-secret-marker"));
    assert!(!payloads(&test).contains("secret-marker"));
    assert_eq!(
        import(&test, &files, &wishes()).await.verdict,
        Verdict::NothingToRecord
    );
}

#[tokio::test]
async fn a_mask_leaves_the_recorded_secret_alone() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let files = Files::new().with(|files| {
        files.metadata(0)["client_secret"] = json!("***");
        let attributes = &mut files.home(2)["configurationEntity"]["attributes"];
        attributes[3]["content"] = json!("ops***");
    });
    assert_eq!(
        import(&test, &files, &wishes()).await.verdict,
        Verdict::NothingToRecord
    );
}

#[tokio::test]
async fn the_key_of_another_importer_knows_a_recorded_secret() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let Target::Local(mut other) = target(&test) else {
        panic!()
    };
    other.key = zeroize::Zeroizing::new(b"another key".to_vec());
    let (other, reading) = (Target::Local(other), Files::new().read());
    let report = crate::import::mpassid::call::run(&other, reading, &wishes())
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::NothingToRecord);
}

fn accept(instrument: &str) -> Wishes {
    Wishes {
        accept_members: Some(AcceptImportedMembers {
            instrument: instrument.parse().unwrap(),
            since: day("2024-08-01"),
            evidence: "runs integrations elsewhere".parse().unwrap(),
        }),
        ..wishes()
    }
}

#[tokio::test]
async fn memberships_are_accepted_on_request_alone() {
    let test = ledger().await;
    test.given(PublishInstrument {
        kind: InstrumentKind::Contract,
        version: "sopimus-2018".parse().unwrap(),
        title: LanguageText::parse("Keksitty sopimus").unwrap(),
        document: "ab".repeat(32).parse().unwrap(),
        address: None,
        valid_from: day("2018-01-01"),
    })
    .await;
    let before = end(&test);
    let refused = import(&test, &Files::new(), &accept("tuntematon")).await;
    assert_eq!(refused.verdict, Verdict::Refused);
    assert_eq!(
        refused.refusal.unwrap().field.as_deref(),
        Some("acceptMembers.instrument")
    );
    assert_eq!(
        end(&test),
        before,
        "the integrations are not recorded either"
    );

    let report = import(&test, &Files::new(), &accept("sopimus-2018")).await;
    assert_eq!(report.verdict, Verdict::Recorded, "{:?}", report.refusal);
    let members: Vec<_> = report.members.iter().map(ToString::to_string).collect();
    let last: Vec<_> = members
        .iter()
        .map(|oid| oid.rsplit('.').next().unwrap())
        .collect();
    assert_eq!(
        last,
        [
            "00000000101",
            "00000000102",
            "00000000103",
            "00000000104",
            "00000000105"
        ]
    );
    let network = test.registrar.network();
    let now = domain::testing::instant("2025-01-02T00:00:00Z");
    let roles = |index: usize| {
        network
            .1
            .members
            .get(&report.members[index])
            .unwrap()
            .roles_at(now)
    };
    assert_eq!(roles(0), [MemberRole::HomeOrganisation]);
    assert_eq!(roles(3), [MemberRole::ServiceProvider]);
    assert!(
        !brief(&report.warnings)
            .iter()
            .any(|own| own.ends_with("NOT_A_MEMBER"))
    );
    let again = import(&test, &Files::new(), &accept("sopimus-2018")).await;
    assert_eq!(again.verdict, Verdict::NothingToRecord);
}
