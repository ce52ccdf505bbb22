//! A full disk: a clear error, nothing half there, reads go on, and so does writing once there is room.

use std::io::Write;
use std::path::Path;

use ledger::{AppendError, JournalName, KeyId, Ledger};

use crate::power_loss::Mount;
use crate::support::{all, create, event, events, open, skip};

#[test]
fn a_full_disk_refuses_and_recovers() {
    const TEST: &str = "the full-disk test";
    if !rustix::process::geteuid().is_root() {
        return skip(TEST, "mounting needs root");
    }
    let directory = tempfile::tempdir().unwrap();
    let point = directory.path().join("small");
    let source = Path::new("tmpfs");
    let Some(_disk) = Mount::new(&["-t", "tmpfs", "-o", "size=12m"], source, &point) else {
        return skip(TEST, "a small tmpfs cannot be mounted here");
    };
    let ballast = point.join("ballast");
    std::fs::write(&ballast, vec![1; 4 * 1024 * 1024]).unwrap();
    let place = point.join("ledger");
    let ledger = create(&place);
    let journal = ledger
        .journal_or_create(&JournalName::governance())
        .unwrap();
    let mut next = 0;
    let error = loop {
        match journal.append(next, &events(next, 20)) {
            Ok(appended) => next = appended.head.next_position,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AppendError::NoRoom(_)), "{error:?}");
    assert!(next > 1_000, "the disk was full after {next} events");
    assert_eq!(journal.head().unwrap().next_position, next);
    assert_eq!(all(&journal), events(0, next));
    assert!(journal.append(next, &events(next, 20)).is_err());
    // A document is refused whole as well.
    assert!(ledger.blobs().put(&vec![7; 1024 * 1024]).is_err());
    fill(&ballast);
    let more = more_keys_than_a_page_holds(&ledger);
    let error = journal.append(next, &[event(next)]).unwrap_err();
    assert!(matches!(error, AppendError::NoRoom(_)), "{error:?}");
    assert_eq!(journal.head().unwrap().next_position, next);
    std::fs::remove_file(&ballast).unwrap();
    // The keys that found no room are written with those that follow.
    journal.append(next, &[event(next)]).unwrap();
    ledger.close();
    let ledger = open(&place);
    for key in more {
        ledger.vault().key(key).unwrap();
    }
    let journal = ledger.journal(&JournalName::governance()).unwrap();
    assert_eq!(all(&journal), events(0, next + 1));
}

/// Lets this file grow until nothing is left.
fn fill(ballast: &Path) {
    let mut file = std::fs::File::options().append(true).open(ballast).unwrap();
    while file.write(&[1; 4_096]).is_ok() {}
}

fn more_keys_than_a_page_holds(ledger: &Ledger) -> Vec<KeyId> {
    let subjects = (0..100).map(|number| format!("person-{number}"));
    subjects
        .map(|subject| ledger.vault().key_for(&subject, "name").unwrap())
        .collect()
}
