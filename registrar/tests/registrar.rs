//! What the registrar promises: once, in order, as decided, or not at all.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::time::Date;
use domain::{
    ChangeOwner, Command, ContactDetails, ContactRole, NameOperatorContact, Party, Right, Rights,
    Rule, SetRule,
};
use ledger::JournalName;
use registrar::testing::TestLedger;
use registrar::{Health, SubmitError};
use std::time::Duration;

fn owner(number: u32) -> ChangeOwner {
    ChangeOwner {
        owner: Party {
            organisation: format!("1.2.246.562.99.{number:011}").parse().unwrap(),
            name: domain::value::LanguageText::parse("Kuvitteellinen omistaja").unwrap(),
            business_id: None,
        },
    }
}

fn contact() -> NameOperatorContact {
    NameOperatorContact {
        role: ContactRole::Contract,
        contact: ContactDetails {
            name: "Merkki Merkkinen".parse().unwrap(),
            email: "merkki@operator.example".parse().unwrap(),
            phone: None,
            postal_address: None,
        },
        notified_on: None,
    }
}

fn code(error: SubmitError) -> &'static str {
    match error {
        SubmitError::Rejected(rejection) => rejection.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_same_command_is_recorded_once_also_after_a_restart() {
    let test = TestLedger::founded().await;
    let submission = test.submission(owner(1));
    let first = test.registrar.submit(submission.clone()).await.unwrap();
    assert!(!first.repeated);
    let again = test.registrar.submit(submission.clone()).await.unwrap();
    assert_eq!(
        (again.positions, again.repeated),
        (first.positions.clone(), true)
    );

    let reopened = test.reopened();
    let again = reopened.submit(submission).await.unwrap();
    assert_eq!(again.positions, first.positions);
    assert_eq!(again.recorded_at, first.recorded_at);
    assert!(again.repeated);
    assert_eq!(
        reopened.log().end().unwrap(),
        first.positions.end,
        "nothing was added"
    );
}

#[tokio::test]
async fn another_command_under_the_same_id_is_an_error() {
    let test = TestLedger::founded().await;
    let submission = test.submission(owner(1));
    test.registrar.submit(submission.clone()).await.unwrap();
    let other = registrar::Submission {
        command: owner(2).into(),
        ..submission
    };
    for registrar in [test.registrar.clone(), test.reopened()] {
        let error = registrar.submit(other.clone()).await.unwrap_err();
        assert_eq!(code(error), "COMMAND_ID_REUSED");
    }
}

#[tokio::test]
async fn another_reason_or_another_person_makes_another_command() {
    let test = TestLedger::founded().await;
    let submission = test.submission(owner(1));
    test.registrar.submit(submission.clone()).await.unwrap();
    let mut with_reason = submission.clone();
    with_reason.reason = Some("nyt syyn kanssa".parse().unwrap());
    let mut by_another = submission.clone();
    by_another.actor.person = domain::PersonId(uuid::Uuid::from_u128(99));
    for other in [with_reason, by_another] {
        let error = test.registrar.submit(other).await.unwrap_err();
        assert_eq!(code(error), "COMMAND_ID_REUSED");
    }
    assert!(test.registrar.submit(submission).await.unwrap().repeated);
}

#[tokio::test]
async fn an_id_that_can_be_foretold_is_the_clerks_alone() {
    let test = TestLedger::founded().await;
    let mut submission = test.submission(owner(1));
    submission.command_id =
        domain::CommandId(uuid::Uuid::new_v5(&uuid::Uuid::nil(), b"membership-end"));
    let error = test.registrar.submit(submission.clone()).await.unwrap_err();
    assert_eq!(code(error), "COMMAND_ID_DERIVED");
    submission.actor = registrar::clerk::actor();
    test.registrar.submit(submission).await.unwrap();
}

#[tokio::test]
async fn a_ledger_on_disk_remembers_its_commands() {
    let directory = tempfile::tempdir().unwrap();
    let random: std::sync::Arc<dyn ledger::Random> =
        std::sync::Arc::new(ledger::SeededRandom::new(11));
    let key = ledger::MasterKey::new([3; 32]);
    let options = ledger::DirectoryOptions::new(key, std::sync::Arc::clone(&random));
    let id = uuid::Uuid::from_u128(11);
    let path = directory.path().join("data");
    let ledger = ledger::Ledger::create_in(&path, id, &options).unwrap();
    let test = TestLedger::over(ledger, std::sync::Arc::clone(&random));
    test.given(domain::testing::found_ledger()).await;
    let submission = test.submission(owner(1));
    let first = test.registrar.submit(submission.clone()).await.unwrap();
    test.ledger.close();
    drop(test);

    let ledger = ledger::Ledger::open_in(&path, &options).unwrap();
    let test = TestLedger::over(ledger, random);
    let again = test.registrar.submit(submission.clone()).await.unwrap();
    assert_eq!((again.positions, again.repeated), (first.positions, true));
    let other = registrar::Submission {
        command: owner(2).into(),
        ..submission
    };
    let error = test.registrar.submit(other).await.unwrap_err();
    assert_eq!(code(error), "COMMAND_ID_REUSED");
    test.ledger.close();
}

#[tokio::test]
async fn who_saw_an_older_version_is_told() {
    let test = TestLedger::founded().await;
    let end = test.registrar.log().end().unwrap();
    let network_version = {
        let details = (0..end).filter_map(|p| test.registrar.log().details(p).unwrap());
        details.filter(|event| event.stream == "network").count() as u64
    };
    let mut submission = test.submission(owner(1));
    submission.expected_version = Some(network_version - 1);
    assert_eq!(
        code(test.registrar.submit(submission).await.unwrap_err()),
        "VERSION_CONFLICT"
    );
    let mut submission = test.submission(owner(1));
    submission.expected_version = Some(network_version);
    test.registrar.submit(submission).await.unwrap();
}

#[tokio::test]
async fn without_a_right_nothing_happens() {
    let test = TestLedger::founded().await;
    let end = test.registrar.log().end().unwrap();
    for rights in [
        Rights::default(),
        Rights::from_iter([(Right::Operator, None)]),
    ] {
        let submission = registrar::Submission {
            rights,
            ..test.submission(owner(1))
        };
        assert_eq!(
            code(test.registrar.submit(submission).await.unwrap_err()),
            "FORBIDDEN"
        );
    }
    assert_eq!(test.registrar.log().end().unwrap(), end);
}

#[tokio::test]
async fn personal_values_lie_sealed_and_open_again() {
    let test = TestLedger::founded().await;
    let mut submission = test.submission(contact());
    submission.reason = Some("Syy on merkitty".parse().unwrap());
    let receipt = test.registrar.submit(submission).await.unwrap();

    let journal = test.ledger.journal(&JournalName::governance()).unwrap();
    for batch in journal.replay(0).unwrap() {
        let bytes = String::from_utf8_lossy(batch.unwrap().frame().bytes()).into_owned();
        for marker in [
            "Merkki",
            "merkki@",
            "merkitty",
            "Ylva",
            "first-administrator",
        ] {
            assert!(
                !bytes.contains(marker),
                "{marker} stands in the log in the clear"
            );
        }
    }

    let network = test.registrar.network();
    let (_, contact) = &network.1.founding.as_ref().unwrap().operator_contacts[0];
    let name = test
        .registrar
        .log()
        .open(contact.name.slot().unwrap())
        .unwrap();
    assert_eq!(name.as_str(), "Merkki Merkkinen");
    let details = test
        .registrar
        .log()
        .details(receipt.positions.start)
        .unwrap()
        .unwrap();
    let reason = test.registrar.log().open(details.reason.unwrap()).unwrap();
    assert_eq!(reason.as_str(), "Syy on merkitty");
}

#[tokio::test]
async fn racing_commands_are_all_recorded_once_and_in_few_commits() {
    let test = TestLedger::founded().await;
    let before = test
        .ledger
        .journal(&JournalName::governance())
        .unwrap()
        .head()
        .unwrap();
    let mut running = Vec::new();
    for number in 1..=64 {
        let submission = test.submission(owner(number));
        let registrar = test.registrar.clone();
        running.push(tokio::spawn(
            async move { registrar.submit(submission).await },
        ));
    }
    let mut positions = Vec::new();
    for task in running {
        positions.extend(task.await.unwrap().unwrap().positions);
    }
    positions.sort_unstable();
    let first = before.next_position;
    assert_eq!(positions, (first..first + 64).collect::<Vec<_>>());
    let replayed = test.reopened();
    assert_eq!(replayed.network().1, test.registrar.network().1);
}

#[tokio::test]
async fn what_another_writer_recorded_is_taken_in_before_deciding() {
    let test = TestLedger::founded().await;
    let other = test.reopened();
    other.submit(test.submission(owner(1))).await.unwrap();
    // The first registrar has not seen it yet: it must find out by the refused append, refold, and
    // then see that nothing is left to change.
    let error = test
        .registrar
        .submit(test.submission(owner(1)))
        .await
        .unwrap_err();
    assert_eq!(code(error), "NOTHING_TO_CHANGE");
    test.registrar
        .submit(test.submission(owner(2)))
        .await
        .unwrap();
    assert_eq!(test.reopened().network().1, test.registrar.network().1);
}

#[tokio::test]
async fn a_clock_that_leaps_stops_the_writer() {
    let test = TestLedger::founded().await;
    test.clock.leap(6 * 60 * 1_000_000);
    let error = test
        .registrar
        .submit(test.submission(owner(1)))
        .await
        .unwrap_err();
    assert!(matches!(error, SubmitError::Unavailable));
    assert!(matches!(test.registrar.health(), Health::Ended(_)));
    let error = test
        .registrar
        .submit(test.submission(owner(1)))
        .await
        .unwrap_err();
    assert!(matches!(error, SubmitError::Unavailable), "it stays ended");
}

#[tokio::test]
async fn a_long_silence_is_no_leap() {
    let test = TestLedger::founded().await;
    test.clock.pass(Duration::from_hours(30 * 24));
    test.given(owner(1)).await;
}

#[tokio::test]
async fn recorded_time_never_goes_back() {
    let test = TestLedger::founded().await;
    let first = test.given(owner(1)).await;
    test.clock.leap(-60_000_000);
    let second = test.given(owner(2)).await;
    assert_eq!(second.recorded_at, first.recorded_at);
    test.clock.leap(-10 * 60_000_000);
    let error = test
        .registrar
        .submit(test.submission(owner(3)))
        .await
        .unwrap_err();
    assert!(
        matches!(error, SubmitError::Unavailable),
        "a clock far behind is not believed"
    );
}

#[tokio::test]
async fn a_refused_command_may_be_sent_again_when_it_has_become_right() {
    let test = TestLedger::founded().await;
    let rule = SetRule {
        rule: Rule::SessionLifetime { minutes: 0 },
        valid_from: Date::new(2025, 1, 1).unwrap(),
        source: "invented".parse().unwrap(),
    };
    let refused = test.submission(rule.clone());
    assert_eq!(
        code(test.registrar.submit(refused.clone()).await.unwrap_err()),
        "RULE_OUT_OF_RANGE"
    );
    let command: Command = SetRule {
        rule: Rule::SessionLifetime { minutes: 60 },
        ..rule
    }
    .into();
    test.registrar
        .submit(registrar::Submission { command, ..refused })
        .await
        .unwrap();
}
