//! Giving a call to the real API, over the network of this machine.

use super::{Files, HIERARCHY, wishes};
use crate::commands::serve;
use crate::house::House;
use crate::import::mpassid::call;
use crate::import::organisations::{self, Scope};
use crate::import::report::Verdict;
use crate::import::server::Server;
use crate::import::target::Target;
use domain::testing::found_ledger;
use domain::{FoundLedger, IssueMachineCredential, Purpose, Right};
use ledger::{Ledger, SeededRandom};
use registrar::testing::TestClock;
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A served ledger with a machine credential of the operator's.
async fn served() -> (House, Target, tokio::task::JoinSet<()>) {
    let ledger = Ledger::in_memory(Uuid::from_u128(9), Arc::new(SeededRandom::new(9)));
    let house = House::open(ledger, None, TestClock::at("2025-01-01T12:00:00Z")).unwrap();
    let founding = FoundLedger {
        purpose: Purpose::Demo,
        ..found_ledger()
    };
    house.submit(Right::Clerk, founding).await.unwrap();
    let secret = "a machine's secret".replace(' ', "-");
    let issue = IssueMachineCredential {
        label: "import".parse().unwrap(),
        right: Right::Operator,
        organisation: None,
        environment: None,
        secret_hash: api::hash_secret(&SeededRandom::new(1), &secret)
            .parse()
            .unwrap(),
    };
    house.submit(Right::Operator, issue).await.unwrap();
    let network = house.registrar.network();
    let id = network
        .1
        .access
        .credentials
        .iter()
        .next()
        .map(|(id, _)| *id)
        .unwrap();
    let mut tasks = house.follow();
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    let api = serve::api(&house, address.parse().unwrap(), None, [7; 32]).unwrap();
    tasks.spawn(async move {
        let _ = axum::serve(socket, api.router()).await;
    });
    let credential = Zeroizing::new(format!("{id}.{secret}"));
    let key = Zeroizing::new(credential.as_bytes().to_vec());
    let server = Server::new(&address.parse().unwrap(), credential).unwrap();
    (house, Target::Server(server, key), tasks)
}

#[tokio::test]
async fn the_api_records_a_call_once() {
    let (house, target, _tasks) = served().await;
    let report = call::run(&target, Files::new().read(), &wishes())
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::Recorded, "{:?}", report.refusal);
    assert_eq!(house.registrar.network().1.integrations.len(), 8);
    let again = call::run(&target, Files::new().read(), &wishes())
        .await
        .unwrap();
    assert_eq!(
        again.verdict,
        Verdict::NothingToRecord,
        "{:?}",
        again.refusal
    );
}

#[tokio::test]
async fn the_api_records_organisations_once() {
    let (_house, target, _tasks) = served().await;
    for verdict in [Verdict::Recorded, Verdict::NothingToRecord] {
        let answer = organisations::read(&"answer.json".into(), HIERARCHY.as_bytes());
        let report = organisations::record(&target, answer, Scope::default(), false).await;
        assert_eq!(report.unwrap().verdict, verdict);
    }
}

#[tokio::test]
async fn an_unknown_credential_is_the_callers_mistake() {
    let (_house, target, _tasks) = served().await;
    let Target::Server(mut server, key) = target else {
        panic!()
    };
    server.forget_credential();
    let target = Target::Server(server, key);
    let refused = call::run(&target, Files::new().read(), &wishes()).await;
    let words = format!("{:#}", refused.unwrap_err());
    assert!(words.contains("does not take this credential"), "{words}");
}
