//! What the authentication journals promise.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::Environment;
use ledger::JournalName;
use registrar::authentication::{JournalPlace, LookUp, Sought};
use registrar::testing::TestLedger;
use registrar::{Authentication, AuthenticationOutcome, RecordError, SourceMark};
use zeroize::Zeroizing;

fn login(sequence: u64, previous: &str) -> Authentication {
    Authentication {
        occurred_at: domain::testing::instant("2025-01-01T12:00:00Z"),
        home_organisation: Some("1.2.246.562.99.00000000001".parse().unwrap()),
        home_integration: None,
        service: None,
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: format!("request-{sequence}"),
        message_id: Some(format!("token-{sequence}")),
        governance_position: 3,
        outcome: AuthenticationOutcome::Succeeded {
            data_model_version: "1.4".to_owned(),
            released: vec!["urn:mpass.id:uid".to_owned()],
            single_sign_on: false,
        },
        mark: SourceMark {
            source: "node-a".to_owned(),
            sequence,
            previous: previous.to_owned(),
        },
    }
}

fn user() -> Zeroizing<String> {
    Zeroizing::new("kayttaja-merkki".to_owned())
}

#[tokio::test]
async fn a_record_sent_again_is_recorded_once_also_after_a_restart() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let zeros = "0".repeat(64);
    let first = login(1, &zeros);
    let second = login(2, &first.digest().unwrap().to_string());
    for record in [&first, &first, &second, &first] {
        journals
            .record(Environment::Test, record.clone(), Some(user()))
            .await
            .unwrap();
    }
    let reopened = test.authentications();
    reopened
        .record(Environment::Test, second, Some(user()))
        .await
        .unwrap();
    let name = JournalName::new("test/2025-01").unwrap();
    assert_eq!(
        test.ledger
            .journal(&name)
            .unwrap()
            .head()
            .unwrap()
            .next_position,
        2
    );
}

#[tokio::test]
async fn a_gap_or_another_past_is_refused() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let zeros = "0".repeat(64);
    let gap = journals
        .record(Environment::Test, login(2, &zeros), Some(user()))
        .await;
    assert!(matches!(gap, Err(RecordError::Gap { expected: 1 })));
    journals
        .record(Environment::Test, login(1, &zeros), Some(user()))
        .await
        .unwrap();
    let forged = journals
        .record(Environment::Test, login(2, &zeros), Some(user()))
        .await;
    assert!(matches!(forged, Err(RecordError::Gap { expected: 2 })));
}

#[tokio::test]
async fn environments_have_journals_of_their_own_and_the_user_is_sealed() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    for environment in [Environment::Test, Environment::Production] {
        let source = journals.local_source(environment, "node-a");
        for _ in 0..3 {
            source.record(login(0, ""), Some(user())).await.unwrap();
        }
    }
    for name in ["test/2025-01", "production/2025-01"] {
        let journal = test
            .ledger
            .journal(&JournalName::new(name).unwrap())
            .unwrap();
        assert_eq!(journal.head().unwrap().next_position, 3);
        for batch in journal.replay(0).unwrap() {
            let bytes = batch.unwrap();
            let bytes = String::from_utf8_lossy(bytes.frame().bytes()).into_owned();
            assert!(!bytes.contains("kayttaja-merkki"));
        }
    }
}

#[tokio::test]
async fn logins_at_once_keep_their_order() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let source = std::sync::Arc::new(journals.local_source(Environment::Test, "node-a"));
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let source = std::sync::Arc::clone(&source);
            tokio::spawn(async move { source.record(login(0, ""), Some(user())).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(journals.mark(Environment::Test, "node-a").0, 200);
}

#[tokio::test]
async fn the_same_number_with_another_content_is_refused() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let zeros = "0".repeat(64);
    let first = login(1, &zeros);
    let second = login(2, &first.digest().unwrap().to_string());
    for record in [&first, &second] {
        let record = record.clone();
        let recorded = journals.record(Environment::Test, record, Some(user()));
        recorded.await.unwrap();
    }
    for sequence in [1, 2] {
        let changed = Authentication {
            request_id: "another".to_owned(),
            ..login(sequence, &zeros)
        };
        for journals in [&journals, &test.authentications()] {
            let refused = journals
                .record(Environment::Test, changed.clone(), Some(user()))
                .await;
            assert!(matches!(refused, Err(RecordError::Gap { expected: 3 })));
        }
    }
}

#[tokio::test]
async fn a_page_reads_no_further_than_it_must() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let source = journals.local_source(Environment::Test, "node-a");
    for _ in 0..10 {
        source.record(login(0, ""), Some(user())).await.unwrap();
    }
    let positions = |before, count| -> Vec<u64> {
        let page = journals.page(Environment::Test, "2025-01", before, count);
        page.unwrap().iter().map(|record| record.position).collect()
    };
    assert_eq!(positions(None, 3), [9, 8, 7]);
    assert_eq!(positions(Some(7), 3), [6, 5, 4]);
    assert_eq!(positions(Some(1), 3), [0]);
    assert_eq!(positions(Some(0), 3), [0_u64; 0]);
}

#[tokio::test]
async fn a_look_up_goes_through_every_month_in_small_steps() {
    let test = TestLedger::founded().await;
    let journals = test.authentications();
    let source = journals.local_source(Environment::Test, "node-a");
    for (number, (when, whose)) in [
        ("2025-01-01T12:10:00Z", "kayttaja-merkki"),
        ("2025-01-01T12:20:00Z", "somebody-else"),
        ("2025-02-02T12:00:00Z", "kayttaja-merkki"),
    ]
    .into_iter()
    .enumerate()
    {
        test.clock.pass_until(when);
        let mut record = login(1, "");
        record.occurred_at = domain::testing::instant(when);
        record.message_id = Some(format!("token-{number}"));
        let whose = Zeroizing::new(whose.to_owned());
        source.record(record, Some(whose)).await.unwrap();
    }
    let asked = |sought| LookUp {
        environment: Environment::Test,
        home_organisation: "1.2.246.562.99.00000000001".parse().unwrap(),
        home_integration: None,
        from: domain::testing::instant("2025-01-01T00:00:00Z"),
        until: domain::testing::instant("2025-03-01T00:00:00Z"),
        recorded_until: domain::testing::instant("2025-03-01T00:00:00Z"),
        sought,
    };
    let look_up = |asked: &LookUp, looked_at_max| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = journals
                .look_up(asked, after.as_ref(), 10, looked_at_max)
                .unwrap();
            found.extend(page.authentications.into_iter().map(|found| {
                let user = found.user.unwrap().as_str().to_owned();
                let message = found.recorded.authentication.message_id.unwrap();
                (found.place.to_string(), user, message)
            }));
            after = page.more_after;
            if after.is_none() {
                return found;
            }
        }
    };
    let own = asked(Sought::User(user()));
    let all = look_up(&own, 1000);
    let places: Vec<_> = all.iter().map(|(place, ..)| place.as_str()).collect();
    assert_eq!(places, ["2025-01.0", "2025-02.0"]);
    assert_eq!(look_up(&own, 1), all, "in steps as at once");
    let message = look_up(&asked(Sought::Message("token-1".to_owned())), 1000);
    assert_eq!(message.len(), 1);
    assert_eq!(message[0].1, "somebody-else");
    let elsewhere = LookUp {
        home_organisation: "1.2.246.562.99.00000000002".parse().unwrap(),
        ..asked(Sought::User(user()))
    };
    assert!(look_up(&elsewhere, 1000).is_empty());
    let too_late = LookUp {
        until: domain::testing::instant("2025-01-02T00:00:00Z"),
        ..asked(Sought::User(user()))
    };
    assert_eq!(look_up(&too_late, 1000).len(), 1);
    assert!("2025-1.7".parse::<JournalPlace>().is_err());
}
