//! Usage is counted once, also after the index was opened again or thrown away.

use domain::Environment;
use domain::testing::day;
use domain::time::Zone;
use projections::usage::{Outcome, Usage};
use registrar::testing::TestLedger;
use registrar::{Authentication, AuthenticationOutcome, SourceMark};

fn refused() -> Authentication {
    Authentication {
        occurred_at: domain::testing::instant("2025-01-01T12:00:00Z"),
        home_organisation: None,
        home_integration: None,
        service: None,
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: "request".to_owned(),
        message_id: None,
        governance_position: 1,
        outcome: AuthenticationOutcome::Refused {
            reason: "NO_SUCH_SERVICE".to_owned(),
        },
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    }
}

#[tokio::test]
async fn what_is_recorded_is_counted_once() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let source = journals.local_source(Environment::Test, "node-a");
    for _ in 0..5 {
        source.record(refused(), None).await.unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let zone = || Zone::named("Europe/Helsinki").unwrap();
    let rows = |usage: &Usage, environment| {
        usage
            .rows(environment, day("2025-01-01"), day("2025-01-01"))
            .unwrap()
    };
    let usage = Usage::open(test.ledger.clone(), Some(directory.path()), zone()).unwrap();
    assert_eq!(usage.catch_up().unwrap(), 5);
    assert_eq!(usage.catch_up().unwrap(), 0, "nothing is counted twice");
    source.record(refused(), None).await.unwrap();
    drop(usage);

    let usage = Usage::open(test.ledger.clone(), Some(directory.path()), zone()).unwrap();
    assert_eq!(usage.catch_up().unwrap(), 1, "it goes on where it was");
    let counted = rows(&usage, Environment::Test);
    assert_eq!(
        (counted[0].outcome, counted[0].count),
        (Outcome::Refused, 6)
    );
    assert!(rows(&usage, Environment::Production).is_empty());

    let anew = Usage::open(test.ledger.clone(), None, zone()).unwrap();
    anew.catch_up().unwrap();
    assert_eq!(rows(&anew, Environment::Test), counted);
}
