//! The story is told whole, and everything is in it that it promises.

use super::*;
use crate::demo::{Demo, Sockets, StoryClock};
use crate::house::House;
use domain::{MemberStanding, Network, SelfAuditState};
use std::collections::BTreeSet;
use std::sync::Arc;

fn addresses() -> Addresses {
    let address = |text: &str| text.parse().unwrap();
    Addresses {
        api: "http://manage.localhost:8080".parse().unwrap(),
        login_test: address("http://login.test.localhost:8081"),
        login_test_back_channel: address("http://127.0.0.1:8081"),
        login_production: address("http://login.localhost:8081"),
        sign_in: address("http://127.0.0.1:8082"),
        home: address("http://127.0.0.1:8083"),
        services: address("http://127.0.0.1:8084"),
        sources: address("http://127.0.0.1:8085"),
    }
}

fn house(clock: &Arc<StoryClock>) -> House {
    let random = Arc::new(SeededRandom::new(1));
    let ledger = ledger::Ledger::in_memory(Uuid::from_u128(1), random);
    House::open(ledger, None, Arc::clone(clock) as _).unwrap()
}

async fn told() -> (House, Arc<StoryClock>, TestParties) {
    let clock = StoryClock::days_ago(DAYS);
    let house = house(&clock);
    let (plan, parties) = Plan::of(clock.real_start(), &addresses());
    tell(&house, &clock, &plan).await.unwrap();
    (house, clock, parties)
}

#[tokio::test]
async fn the_story_is_told_to_its_end_and_has_every_state() {
    let (house, clock, _) = told().await;
    let now = registrar::Clock::now(&*clock);
    let network = house.registrar.network();
    let network: &Network = &network.1;

    let standings: BTreeSet<_> = network
        .members
        .values()
        .map(|row| row.standing(now))
        .collect();
    for standing in [
        MemberStanding::Applied,
        MemberStanding::Refused,
        MemberStanding::Withdrawn,
        MemberStanding::ContractDrafted,
        MemberStanding::AwaitingMember,
        MemberStanding::AwaitingOperator,
        MemberStanding::InForce,
        MemberStanding::Ending,
        MemberStanding::Ended,
    ] {
        assert!(standings.contains(&standing), "{standing:?}");
    }
    let member = |number| network.members.get(&organisation(number)).unwrap();
    assert!(member(109).is_dual(now));
    assert!(
        member(110).is_home_organisation_only(now),
        "a role was withdrawn"
    );
    assert_eq!(member(102).legal_bases.len(), 2, "from contract to terms");
    assert_eq!(member(102).windows().len(), 1, "without a gap");
    assert!(member(108).disposition.as_ref().unwrap().done_on.is_none());
    let right = member(107).outages[0].exit_right.as_ref().unwrap();
    assert_eq!(network.date(now).days_until(right.day), 11, "day 50 of 60");
    let audits: BTreeSet<_> = network
        .members
        .values()
        .flat_map(|row| {
            row.self_audits
                .iter()
                .map(|audit| format!("{:?}", audit.state))
        })
        .collect();
    assert_eq!(audits.len(), 5, "{audits:?}");
    assert!(audits.contains(&format!("{:?}", SelfAuditState::Published)));

    let states: BTreeSet<_> = network
        .agreement
        .amendments
        .values()
        .map(|one| format!("{:?}", one.state(now)))
        .collect();
    for state in ["Announced", "InForce", "Rejected", "Proposed"] {
        assert!(states.contains(state), "{state} of {states:?}");
    }
    let states: BTreeSet<_> = network
        .integrations
        .iter()
        .map(|(_, row)| format!("{:?}", row.state))
        .collect();
    assert_eq!(states.len(), 6, "{states:?}");
    let warnings: Vec<_> = network
        .integrations
        .iter()
        .flat_map(|(id, _)| domain::warnings(network, id, now))
        .map(|warning| format!("{warning:?}"))
        .collect();
    for expected in [
        "CertificateExpired",
        "ClientKeyExpires",
        "NotAMember",
        "SecretMissing",
    ] {
        assert!(
            warnings.iter().any(|warning| warning.contains(expected)),
            "{expected}"
        );
    }
}

#[tokio::test]
async fn a_network_of_every_state_is_read_back_as_it_was_written() {
    let (house, ..) = told().await;
    let network = &house.registrar.network().1;
    let bytes = serde_json::to_vec(network).unwrap();
    let read: Network = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(&read, network);
    assert_eq!(serde_json::to_vec(&read).unwrap(), bytes);
}

#[tokio::test]
async fn the_story_goes_into_no_ledger_that_was_founded_for_real() {
    let clock = StoryClock::days_ago(DAYS);
    let house = house(&clock);
    let (plan, parties) = Plan::of(clock.real_start(), &addresses());
    let mut founding = match &plan.steps()[0].command {
        Command::FoundLedger(founding) => founding.clone(),
        other => panic!("the first step is {}", other.name()),
    };
    founding.purpose = domain::Purpose::Production;
    house.submit(domain::Right::Clerk, founding).await.unwrap();
    let before = house.registrar.network().0;

    assert!(check_told(&house.registrar.network().1, &addresses(), &parties).is_err());
    assert!(tell(&house, &clock, &plan).await.is_err());
    let sockets = Sockets::bind(0).await.unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    assert!(
        Demo::start(&house, &clock, sockets, [0; 32], &stop)
            .await
            .is_err()
    );
    assert_eq!(house.registrar.network().0, before, "nothing was recorded");
}

#[test]
fn the_story_is_the_same_at_every_telling() {
    let clock = StoryClock::days_ago(DAYS);
    let ids = || -> Vec<_> {
        let (plan, _) = Plan::of(registrar::Clock::now(&*clock), &addresses());
        plan.steps()
            .iter()
            .map(|step| (step.day, step.id))
            .collect()
    };
    let first = ids();
    assert_eq!(first, ids());
    assert_eq!(
        first
            .iter()
            .map(|(_, id)| id)
            .collect::<BTreeSet<_>>()
            .len(),
        first.len()
    );
    assert_eq!(first[0].0, -i64::from(DAYS));
}
