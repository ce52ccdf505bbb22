//! Tests of following the routing feed.

use super::*;
use ledger::SeededRandom;
use projections::routing::{Organisation, RoutingDelta, RoutingUpdates};
use std::collections::BTreeSet;
use std::sync::Mutex;

struct Turned(Mutex<i64>);

impl Clock for Turned {
    fn now(&self) -> Instant {
        Instant::from_microseconds(*self.0.lock().unwrap() * 1_000_000)
    }

    fn running(&self) -> Duration {
        Duration::ZERO
    }
}

fn clock() -> Arc<Turned> {
    Arc::new(Turned(Mutex::new(1_800_000_000)))
}

fn table(position: u64) -> RoutingTable {
    let mut table = RoutingTable::empty(Environment::Test);
    table.put_organisation(Organisation {
        oid: domain::value::OrganisationOid::parse("1.2.246.562.99.00000000001").unwrap(),
        name: domain::value::LanguageText::parse("Kuvitteellinen kunta").unwrap(),
        types: BTreeSet::new(),
        school_code: None,
        institution_type: None,
        parent: None,
        active: true,
        acts_for: BTreeSet::new(),
        position,
    });
    table.set_position(position);
    table
}

fn open(clock: &Arc<Turned>, directory: Option<&std::path::Path>) -> LiveRouting {
    let node = NodeIdentity::generate("node-1", &SeededRandom::new(1)).unwrap();
    let clock: Arc<dyn Clock> = clock.clone();
    let directory = directory.map(std::path::Path::to_owned);
    LiveRouting::open(Environment::Test, node, clock, Some(3600), directory).unwrap()
}

#[test]
fn an_update_that_does_not_fit_changes_nothing() {
    let live = open(&clock(), None);
    assert!(live.take(RoutingUpdate::Heartbeat { position: 1 }).is_err());
    live.take(RoutingUpdate::Snapshot(Arc::new(table(5))))
        .unwrap();
    let delta = RoutingDelta::between(&table(7), &table(8));
    assert!(live.take(RoutingUpdate::Delta(Arc::new(delta))).is_err());
    assert!(live.take(RoutingUpdate::Heartbeat { position: 6 }).is_err());
    let other = RoutingTable::empty(Environment::Production);
    assert!(live.take(RoutingUpdate::Snapshot(Arc::new(other))).is_err());
    assert_eq!(live.status().position, Some(5));
    let delta = RoutingDelta::between(&table(5), &table(6));
    live.take(RoutingUpdate::Delta(Arc::new(delta))).unwrap();
    assert_eq!(live.status().position, Some(6));
}

#[test]
fn a_table_that_is_too_old_no_longer_serves_until_the_source_is_heard() {
    let clock = clock();
    let live = open(&clock, None);
    live.take(RoutingUpdate::Snapshot(Arc::new(table(5))))
        .unwrap();
    *clock.0.lock().unwrap() += 3600;
    assert!(live.view().is_some());
    *clock.0.lock().unwrap() += 1;
    assert!(live.view().is_none());
    assert_eq!(live.status().age_seconds, Some(3601));
    live.take(RoutingUpdate::Heartbeat { position: 5 }).unwrap();
    assert!(live.view().is_some());
}

/// Gives its updates once, then stays silent.
struct Once(Mutex<Vec<RoutingUpdate>>);

impl RoutingSource for Once {
    fn subscribe(&self, _: Environment, _: Option<u64>) -> RoutingUpdates {
        let updates: Vec<_> = self.0.lock().unwrap().drain(..).map(Ok).collect();
        futures::stream::iter(updates)
            .chain(futures::stream::pending())
            .boxed()
    }
}

#[tokio::test]
async fn a_restarted_node_serves_from_its_copy_with_the_age_it_had() {
    let directory = tempfile::tempdir().unwrap();
    let clock = clock();
    let live = open(&clock, Some(directory.path()));
    assert!(live.view().is_none());
    let source = Once(Mutex::new(vec![RoutingUpdate::Snapshot(Arc::new(table(
        5,
    )))]));
    let file = directory.path().join("routing-test.json");
    tokio::select! {
        () = live.follow(&source) => unreachable!("it follows for ever"),
        () = async {
            live.reached(5).await;
            while !file.exists() {
                tokio::task::yield_now().await;
            }
        } => {}
    }

    *clock.0.lock().unwrap() += 100;
    let restarted = open(&clock, Some(directory.path()));
    assert_eq!(restarted.view().unwrap().table, table(5));
    assert_eq!(restarted.status().age_seconds, Some(100));

    std::fs::write(&file, b"{").unwrap();
    let node = NodeIdentity::generate("node-1", &SeededRandom::new(1)).unwrap();
    let kept = Some(directory.path().to_owned());
    assert!(matches!(
        LiveRouting::open(Environment::Test, node, clock, None, kept),
        Err(CopyError::Form { .. })
    ));
}
