//! An index that does not fit is built anew beside the one that is served.

use super::index::{Checkpoint, Header, Index};
use super::key::Counter;
use super::{Outcome, Usage, VERSION};
use domain::Environment;
use domain::testing::day;
use domain::time::Zone;
use ledger::{Hash, JournalName};
use registrar::testing::TestLedger;
use registrar::{Authentication, AuthenticationOutcome, SourceMark};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn refused(request: &str) -> Authentication {
    Authentication {
        occurred_at: domain::testing::instant("2025-01-01T12:00:00Z"),
        home_organisation: None,
        home_integration: None,
        service: None,
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: request.to_owned(),
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

fn zone() -> Zone {
    Zone::named("Europe/Helsinki").unwrap()
}

/// A ledger with so many logins. Every one has the same id.
async fn ledger(logins: usize, name: &str) -> TestLedger {
    let test = TestLedger::founded().await;
    let source = test
        .authentications()
        .local_source(Environment::Test, "node-a");
    for number in 0..logins {
        let request = format!("{name}-{number}");
        source.record(refused(&request), None).await.unwrap();
    }
    test
}

fn open(test: &TestLedger, directory: &Path) -> Usage {
    Usage::open(test.ledger.clone(), Some(directory), zone()).unwrap()
}

/// How many refused logins an index tells of on the day of the tests.
fn count(usage: &Usage) -> u64 {
    let (first, last) = (day("2025-01-01"), day("2025-01-01"));
    let rows = usage.rows(Environment::Test, first, last).unwrap();
    rows.iter().map(|row| row.count).sum()
}

#[tokio::test]
async fn an_index_of_an_earlier_fold_is_served_until_the_new_one_is_whole() {
    let test = ledger(3, "a").await;
    let directory = tempfile::tempdir().unwrap();
    let earlier = Header::new(VERSION - 1, test.ledger.id(), &zone());
    let counter = Counter {
        environment: Environment::Test,
        day: day("2025-01-01"),
        home: None,
        service: None,
        outcome: Outcome::Refused,
    };
    {
        let old = Index::open(Some(&directory.path().join("7")), &earlier).unwrap();
        let journal = JournalName::new("test/2025-01").unwrap();
        let checkpoint = Checkpoint {
            position: 3,
            ..Checkpoint::default()
        };
        old.write(BTreeMap::from([(counter, 30)]), &journal, checkpoint)
            .unwrap();
        old.flush().unwrap();
    }
    fs::write(directory.path().join("current"), "7").unwrap();

    let usage = open(&test, directory.path());
    assert_eq!(count(&usage), 30, "what there is, is served");
    assert_eq!(usage.catch_up().unwrap(), 3);
    assert_eq!(count(&usage), 3);
    drop(usage);
    let usage = open(&test, directory.path());
    assert_eq!(usage.catch_up().unwrap(), 0, "the new one was kept");
    assert_eq!(count(&usage), 3);
    assert!(!directory.path().join("7").exists());
}

#[tokio::test]
async fn an_index_that_is_ahead_of_its_ledger_or_of_another_past_is_built_anew() {
    let ahead = ledger(5, "a").await;
    // Ledgers with the same id, as one that was restored from a backup has.
    for other in [ledger(3, "a").await, ledger(9, "b").await] {
        let directory = tempfile::tempdir().unwrap();
        let usage = open(&ahead, directory.path());
        usage.catch_up().unwrap();
        assert_eq!(count(&usage), 5);
        drop(usage);
        let usage = open(&other, directory.path());
        let expected = usage.catch_up().unwrap();
        assert!(expected == 3 || expected == 9);
        assert_eq!(count(&usage), expected);
    }
}

#[tokio::test]
async fn a_damaged_index_is_built_anew() {
    let test = ledger(4, "a").await;
    let directory = tempfile::tempdir().unwrap();
    for damage in ["cut", "overwritten", "gone", "snapshot"] {
        {
            let usage = open(&test, directory.path());
            usage.catch_up().unwrap();
        }
        let current = fs::read_to_string(directory.path().join("current")).unwrap();
        let generation = directory.path().join(current);
        let database = generation.join("db");
        match damage {
            "cut" => fs::write(&database, b"").unwrap(),
            "overwritten" => fs::write(&database, vec![0xA5; 100_000]).unwrap(),
            "gone" => fs::remove_dir_all(&generation).unwrap(),
            _ => fs::write(generation.join("snap.0000000000000000"), b"torn").unwrap(),
        }
        let usage = open(&test, directory.path());
        usage.catch_up().unwrap();
        assert_eq!(count(&usage), 4, "{damage}");
    }
}

#[tokio::test]
async fn a_month_that_is_over_is_not_opened_again() {
    let test = ledger(2, "a").await;
    let directory = tempfile::tempdir().unwrap();
    let usage = open(&test, directory.path());
    usage.catch_up().unwrap();
    let january = JournalName::new("test/2025-01").unwrap();
    let checkpoint = |usage: &Usage| usage.0.served.load().checkpoint(&january).unwrap();
    assert!(!checkpoint(&usage).complete);
    test.clock.pass(std::time::Duration::from_hours(24 * 31));
    let journals = test.authentications();
    let source = journals.local_source(Environment::Production, "node-a");
    source.record(refused("february"), None).await.unwrap();
    assert_eq!(usage.catch_up().unwrap(), 1);
    let over = checkpoint(&usage);
    assert!(over.complete);
    assert_eq!(over.position, 2);
    assert_ne!(over.frame, Hash::ZERO);
    assert_eq!(count(&usage), 2);
}
