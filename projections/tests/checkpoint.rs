//! A start goes on from a checkpoint that fits, folds anew where none does, and proves what it
//! went on from.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::{ChangeOwner, Environment, Party};
use projections::routing::{NodeFeed, RoutingSource as _, RoutingUpdate};
use projections::{AsOf, Rebuilt, Views};
use registrar::testing::TestLedger;
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn owner(number: u32) -> ChangeOwner {
    ChangeOwner {
        owner: Party {
            organisation: format!("1.2.246.562.99.{number:011}").parse().unwrap(),
            name: domain::value::LanguageText::parse("Kuvitteellinen omistaja").unwrap(),
            business_id: None,
        },
    }
}

/// A ledger of so many owners, one after the other.
async fn ledger(owners: std::ops::Range<u32>) -> TestLedger {
    let test = TestLedger::founded().await;
    for number in owners {
        test.given(owner(number)).await;
    }
    test
}

/// Opens the views and says how many events were folded for it.
fn open(test: &TestLedger, directory: &Path) -> (Views, u64) {
    let log = test.registrar.log().clone();
    let (first, last) = (Cell::new(None), Cell::new(0));
    let watch = |position| {
        first.set(first.get().or(Some(position)));
        last.set(position);
    };
    let views = Views::open(log, Some(directory), &watch).unwrap();
    let folded = first.get().map_or(0, |first| last.get() - first + 1);
    (views, folded)
}

#[tokio::test]
async fn a_start_goes_on_from_where_it_was() {
    let test = ledger(1..20).await;
    let directory = tempfile::tempdir().unwrap();
    let (views, folded) = open(&test, directory.path());
    assert!(folded > 10, "there was no checkpoint yet");
    views.checkpoint();
    test.given(owner(50)).await;

    let (again, folded) = open(&test, directory.path());
    assert_eq!(folded, 1, "one commit came since");
    let anew = Views::fold(test.registrar.log().clone()).unwrap();
    assert_eq!(again.current(), anew.current());
    assert_eq!(again.rebuild().await.unwrap(), Rebuilt::Same);
    // The past before the checkpoint is there as well.
    for position in [3, 10, 15] {
        let past = again.as_of(AsOf::Position(position)).await.unwrap();
        let expected = anew.as_of(AsOf::Position(position)).await.unwrap();
        assert_eq!(past, expected);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_left() {
    let test = ledger(1..20).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("network.checkpoint");
    let (views, whole) = open(&test, directory.path());
    views.checkpoint();
    let right = views.current();
    let kept = fs::read(&file).unwrap();
    let text = String::from_utf8(kept.clone()).unwrap();
    let changed = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    let wrongs = [
        ("nothing", Vec::new()),
        ("torn", kept[..kept.len() / 2].to_vec()),
        ("of another fold", changed("\"fold\":1", "\"fold\":0")),
        (
            "of another ledger",
            changed("0000-000000000007", "0000-000000000008"),
        ),
        (
            "of another state",
            changed("Kuvitteellinen", "Kuvitteellinem"),
        ),
        ("no text", vec![0xff; 100]),
    ];
    for (what, bytes) in wrongs {
        assert_ne!(bytes, kept, "{what}");
        fs::write(&file, bytes).unwrap();
        let (views, folded) = open(&test, directory.path());
        assert_eq!(folded, whole, "{what}");
        assert_eq!(views.current(), right, "{what}");
    }
    // A ledger with the same id and another past, as after a restored backup.
    fs::write(&file, &kept).unwrap();
    let other = ledger(30..49).await;
    let (views, folded) = open(&other, directory.path());
    assert_eq!(folded, whole);
    assert_eq!(
        views.current(),
        Views::fold(other.registrar.log().clone())
            .unwrap()
            .current()
    );
    fs::write(&file, &kept).unwrap();
    let shorter = ledger(1..5).await;
    let (views, _) = open(&shorter, directory.path());
    assert!(views.current().position < right.position);
}

#[tokio::test]
async fn a_checkpoint_that_lies_is_found_out_and_what_the_log_gives_is_served() {
    use futures::StreamExt as _;
    let test = ledger(1..10).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("network.checkpoint");
    let (views, _) = open(&test, directory.path());
    views.checkpoint();
    let right = views.current();
    // A state that is not what the log gives, with a header that fits it.
    let text = fs::read_to_string(&file).unwrap();
    let (header, body) = text.split_once('\n').unwrap();
    let digest = |body: &str| ledger::Hash::of(body.as_bytes()).to_string();
    let lie = body.replacen("Kuvitteellinen", "Kuvitteellinem", 1);
    let header = header.replace(&digest(body), &digest(&lie));
    fs::write(&file, format!("{header}\n{lie}")).unwrap();

    let (views, _) = open(&test, directory.path());
    assert_ne!(views.current(), right, "it is believed at first");
    let key = ledger::sealed_box::BoxPrivateKey::from_bytes([5; 32]);
    let feed = NodeFeed::new(
        views.clone(),
        key.public_key().unwrap(),
        Arc::clone(&test.random),
    );
    let position = views.current().position;
    let mut updates = feed.subscribe(Environment::Test, Some(position));
    assert_eq!(views.rebuild().await.unwrap(), Rebuilt::Another);
    assert_eq!(views.current(), right);
    // Whoever follows the routing table starts anew, although the position is the same.
    let update = updates.next().await.unwrap().unwrap();
    assert!(matches!(update, RoutingUpdate::Snapshot(_)), "{update:?}");
}

#[tokio::test]
async fn commits_are_taken_in_while_the_fold_is_proved() {
    let test = ledger(1..10).await;
    let directory = tempfile::tempdir().unwrap();
    let (views, _) = open(&test, directory.path());
    views.checkpoint();
    let (views, _) = open(&test, directory.path());
    let following = tokio::spawn(views.clone().follow());
    let mut position = 0;
    for number in 100..140 {
        position = test.given(owner(number)).await.positions.end;
        tokio::task::yield_now().await;
    }
    assert!(views.at_least(position).await.is_some());
    assert_eq!(views.rebuild().await.unwrap(), Rebuilt::Same);
    following.abort();
}
