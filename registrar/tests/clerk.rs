//! What time brings about is recorded once: at its hour, after a week without running, by two
//! clerks, and after a restart.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::testing::{day, instant};
use domain::value::{DocumentReference, LanguageText};
use domain::{AcceptMember, Event, GiveNotice, InstrumentKind, MemberRole, PublishInstrument};
use registrar::testing::TestLedger;
use registrar::{Clock as _, Registrar, clerk};
use std::collections::BTreeMap;
use std::time::Duration;

const MEMBER: &str = "1.2.246.562.99.00000000101";

/// A ledger with one member that gives notice on 1 January 2025 and leaves after a month.
async fn leaving() -> TestLedger {
    let test = TestLedger::founded().await;
    test.given(PublishInstrument {
        version: "contract-2018".parse().unwrap(),
        kind: InstrumentKind::Contract,
        title: LanguageText::parse("Kuvitteellinen liittymissopimus").unwrap(),
        document: DocumentReference::parse(&"ab".repeat(32)).unwrap(),
        address: None,
        valid_from: day("2018-01-01"),
    })
    .await;
    test.given(AcceptMember {
        organisation: MEMBER.parse().unwrap(),
        name: None,
        business_id: None,
        instrument: "contract-2018".parse().unwrap(),
        since: day("2019-01-01"),
        evidence: "kuvitteellinen sopimus".parse().unwrap(),
        roles: vec![MemberRole::HomeOrganisation],
    })
    .await;
    test.given(GiveNotice {
        member: MEMBER.parse().unwrap(),
        cause: None,
    })
    .await;
    test
}

/// The names of all events that the clerk recorded, with how often each stands in the log.
fn by_the_clerk(registrar: &Registrar) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for position in 0..registrar.log().end().unwrap() {
        let details = registrar.log().details(position).unwrap().unwrap();
        if details.actor.authentication == "clerk" {
            *count.entry(details.event.name().to_owned()).or_default() += 1;
        }
    }
    count
}

fn ends(registrar: &Registrar) -> Vec<String> {
    let all = 0..registrar.log().end().unwrap();
    let details = all.filter_map(|position| registrar.log().details(position).unwrap());
    let ended = details.filter_map(|details| match details.event {
        Event::MembershipEnded(_) => Some(details.recorded_at.to_string()),
        _ => None,
    });
    ended.collect()
}

async fn look(test: &TestLedger, registrar: &Registrar) -> usize {
    clerk::record_due(registrar, test.clock.now())
        .await
        .unwrap()
}

#[tokio::test]
async fn an_end_is_recorded_once_when_its_instant_has_come() {
    let test = leaving().await;
    // One month from 1 January ends at 24:00 of 1 February in Helsinki.
    test.clock.pass_until("2025-02-01T21:59:59Z");
    look(&test, &test.registrar).await;
    assert!(ends(&test.registrar).is_empty(), "the last day is whole");
    test.clock.pass_until("2025-02-01T22:00:00Z");
    assert!(look(&test, &test.registrar).await > 0);
    assert_eq!(look(&test, &test.registrar).await, 0);
    assert_eq!(ends(&test.registrar), ["2025-02-01T22:00:00Z"]);
}

#[tokio::test]
async fn a_week_without_running_and_a_restart_change_nothing_but_the_time_of_recording() {
    let test = leaving().await;
    test.clock.pass_until("2025-02-08T22:00:00Z");
    look(&test, &test.registrar).await;
    let recorded = by_the_clerk(&test.registrar);
    assert_eq!(recorded["MembershipEnded"], 1, "{recorded:?}");
    assert_eq!(ends(&test.registrar), ["2025-02-08T22:00:00Z"]);

    let restarted = test.reopened();
    assert_eq!(look(&test, &restarted).await, 0);
    assert_eq!(by_the_clerk(&restarted), recorded);
}

#[tokio::test]
async fn two_clerks_record_it_once() {
    let test = leaving().await;
    test.clock.pass(Duration::from_hours(24 * 60));
    let (one, other) = tokio::join!(look(&test, &test.registrar), look(&test, &test.registrar));
    let recorded = by_the_clerk(&test.registrar);
    assert_eq!(one + other, recorded.values().sum::<usize>());
    assert_eq!(recorded["MembershipEnded"], 1, "{recorded:?}");
    // A clerk in another process, whose network is older, is answered with what stands there.
    let second = test.reopened();
    assert_eq!(look(&test, &second).await, 0);
    assert_eq!(by_the_clerk(&second), recorded);
}

#[tokio::test]
async fn routing_by_the_window_does_not_wait_for_the_clerk() {
    let test = leaving().await;
    let network = test.registrar.network();
    let row = network.1.members.get(&MEMBER.parse().unwrap()).unwrap();
    assert!(row.in_force(instant("2025-02-01T21:59:59Z")));
    assert!(!row.in_force(instant("2025-02-01T22:00:00Z")));
}
