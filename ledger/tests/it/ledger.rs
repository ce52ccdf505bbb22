//! Journals and the ledger handle, on the memory engine and in a directory alike.

use std::sync::Arc;

use ledger::{AppendError, JournalName, Ledger, OpenError, SeededRandom};
use rstest::rstest;

use crate::support::{LEDGER_ID, all, create, event, event_in, events, governance};

/// A ledger and what keeps its storage.
type Place = (Ledger, Option<tempfile::TempDir>);

fn in_memory() -> Place {
    (
        Ledger::in_memory(LEDGER_ID, Arc::new(SeededRandom::new(1))),
        None,
    )
}

fn in_directory() -> Place {
    let directory = tempfile::tempdir().unwrap();
    (create(directory.path()), Some(directory))
}

#[rstest]
#[case::memory(in_memory())]
#[case::directory(in_directory())]
fn events_are_read_in_order_from_any_position(#[case] (ledger, _directory): Place) {
    let journal = governance(&ledger);
    let mut position = 0;
    for size in [1, 3, 100, 1, 250] {
        let appended = journal.append(position, &events(position, size)).unwrap();
        position += size;
        assert_eq!(appended.head.next_position, position);
    }
    assert_eq!(all(&journal), events(0, 355));
    for from in [0, 1, 2, 4, 103, 104, 105, 354] {
        let mut batches = journal.replay(from).unwrap();
        let first = batches.next().unwrap().unwrap();
        assert_eq!(first.first_position(), from);
        assert_eq!(
            first.events().next().unwrap().unwrap().to_envelope(),
            event(from)
        );
        assert_eq!(
            batches
                .last()
                .map_or(355, |batch| batch.unwrap().next_position()),
            355
        );
        assert_eq!(journal.get(from).unwrap(), Some(event(from)));
    }
    assert_eq!(journal.get(355).unwrap(), None);
    assert!(journal.replay(355).unwrap().next().is_none());
}

#[rstest]
#[case::memory(in_memory())]
#[case::directory(in_directory())]
fn an_append_at_another_position_conflicts_and_changes_nothing(
    #[case] (ledger, _directory): Place,
) {
    let journal = governance(&ledger);
    journal.append(0, &events(0, 2)).unwrap();
    for wrong in [0, 1, 3, u64::MAX] {
        let result = journal.append(wrong, &[event_with_position(wrong)]);
        assert!(
            matches!(result, Err(AppendError::Conflict { actual: 2 })),
            "{wrong}"
        );
    }
    assert_eq!(journal.head().unwrap().next_position, 2);
}

fn event_with_position(position: u64) -> ledger::Envelope {
    ledger::Envelope {
        position,
        ..event(0)
    }
}

#[rstest]
#[case::memory(in_memory())]
#[case::directory(in_directory())]
fn an_event_of_another_place_is_refused(#[case] (ledger, _directory): Place) {
    let journal = governance(&ledger);
    let misplaced = |event| match journal.append(0, &[event]) {
        Err(AppendError::Misplaced { index: 0, what }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        misplaced(ledger::Envelope {
            ledger_id: uuid::Uuid::nil(),
            ..event(0)
        }),
        "ledger id"
    );
    assert_eq!(
        misplaced(event_in(JournalName::new("test/2026-11").unwrap(), 0)),
        "journal"
    );
    assert_eq!(misplaced(event(1)), "position");
    assert!(matches!(journal.append(0, &[]), Err(AppendError::Frame(_))));
    assert_eq!(journal.head().unwrap().next_position, 0);
}

#[rstest]
#[case::memory(in_memory())]
#[case::directory(in_directory())]
fn a_request_larger_than_a_frame_is_refused_whole(#[case] (ledger, _directory): Place) {
    let journal = governance(&ledger);
    let large = |position| ledger::Envelope {
        payload: vec![b'x'; 65_000],
        ..event(position)
    };
    let batch: Vec<_> = (0..260).map(large).collect();
    assert!(matches!(
        journal.append(0, &batch),
        Err(AppendError::Frame(_))
    ));
    assert_eq!(journal.head().unwrap().next_position, 0);
    journal.append(0, &batch[..200]).unwrap();
}

#[rstest]
#[case::memory(in_memory())]
#[case::directory(in_directory())]
#[tokio::test]
async fn a_subscription_catches_up_and_then_follows(#[case] (ledger, _directory): Place) {
    let journal = governance(&ledger);
    journal.append(0, &events(0, 10)).unwrap();
    let mut from_four = journal.subscribe(4).unwrap();
    let mut from_later = journal.subscribe(12).unwrap();
    assert_eq!(
        from_four.next().await.unwrap().to_envelopes().unwrap(),
        events(4, 6)
    );
    assert!(from_four.try_next().unwrap().is_none());
    journal.append(10, &events(10, 1)).unwrap();
    journal.append(11, &events(11, 3)).unwrap();
    assert_eq!(
        from_four.next().await.unwrap().to_envelopes().unwrap(),
        events(10, 1)
    );
    assert_eq!(
        from_four.next().await.unwrap().to_envelopes().unwrap(),
        events(11, 3)
    );
    // The position it began at was still to come.
    assert_eq!(
        from_later.next().await.unwrap().to_envelopes().unwrap(),
        events(12, 2)
    );
    ledger.close();
    assert!(from_four.next().await.is_err());
}

#[rstest]
#[case::memory(in_memory())]
#[case::directory(in_directory())]
fn journals_are_made_found_and_listed(#[case] (ledger, _directory): Place) {
    let month = JournalName::new("production/2026-11").unwrap();
    assert!(matches!(ledger.journal(&month), Err(OpenError::NoSuchJournal(name)) if name == month));
    governance(&ledger);
    let journal = ledger.journal_or_create(&month).unwrap();
    journal.append(0, &[event_in(month.clone(), 0)]).unwrap();
    assert_eq!(
        ledger.journals().unwrap(),
        [JournalName::governance(), month.clone()]
    );
    assert_eq!(
        ledger
            .journal(&month)
            .unwrap()
            .head()
            .unwrap()
            .next_position,
        1
    );
    assert_eq!(governance(&ledger).head().unwrap().next_position, 0);
}

#[test]
fn the_same_batches_give_the_same_frames_on_every_engine() {
    let hashes = |(ledger, _directory): Place| {
        let journal = governance(&ledger);
        for (from, size) in [(0, 1), (1, 20), (21, 2)] {
            journal.append(from, &events(from, size)).unwrap();
        }
        journal
            .replay(0)
            .unwrap()
            .map(|batch| batch.unwrap().frame().hash())
            .collect::<Vec<_>>()
    };
    assert_eq!(hashes(in_memory()), hashes(in_directory()));
}

#[test]
fn an_unknown_outcome_can_be_settled_by_the_frame_hash() {
    let (ledger, _) = in_memory();
    let journal = governance(&ledger);
    let appended = journal.append(0, &events(0, 1)).unwrap();
    assert!(journal.settle(1, appended.frame.hash()).unwrap());
    assert!(!journal.settle(1, ledger::Hash::ZERO).unwrap());
    assert!(!journal.settle(2, appended.frame.hash()).unwrap());
}
