//! A full disk: a clear error, nothing half there, reads go on, and so does writing once there is room.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ledger::{AppendError, JournalName, KeyId, Ledger};

use crate::power_loss::Mount;
use crate::support::{all, create, event, events, open, skip};

/// A disk of 12 MiB; `None` where this machine cannot mount one, and `test` then says so.
fn small_disk(test: &str, point: &Path) -> Option<Mount> {
    if !rustix::process::geteuid().is_root() {
        skip(test, "mounting needs root");
        return None;
    }
    let disk = Mount::new(
        &["-t", "tmpfs", "-o", "size=12m"],
        Path::new("tmpfs"),
        point,
    );
    if disk.is_none() {
        skip(test, "a small tmpfs cannot be mounted here");
    }
    disk
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    const TEST: &str = "the full-disk test";
    let directory = tempfile::tempdir().unwrap();
    let point = directory.path().join("small");
    let Some(_disk) = small_disk(TEST, &point) else {
        return;
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

#[test]
fn a_second_copy_that_finds_no_room_is_kept_and_the_tail_is_served() {
    const TEST: &str = "the test of a second copy on a full disk";
    let directory = tempfile::tempdir().unwrap();
    let point = directory.path().join("small");
    let Some(_disk) = small_disk(TEST, &point) else {
        return;
    };
    let place = point.join("ledger");
    let ledger = create(&place);
    let journal = ledger
        .journal_or_create(&JournalName::governance())
        .unwrap();
    journal.append(0, &events(0, 20)).unwrap();
    ledger.close();
    drop(journal);
    let copy = place.join("journals/governance/sled/db");
    let file = std::fs::metadata(&copy).unwrap().ino();
    let ballast = point.join("ballast");
    std::fs::write(&ballast, []).unwrap();
    fill(&ballast);

    let ledger = open(&place);
    let journal = ledger.journal(&JournalName::governance()).unwrap();
    assert_eq!(all(&journal), events(0, 20));
    // Closing waits for the background, which may raise the alarm as late as then.
    ledger.close();
    let troubles = journal.engine().troubles();
    assert!(
        matches!(&*troubles, [trouble] if trouble.contains("the second copy is not kept up")),
        "{troubles:?}"
    );
    assert_eq!(std::fs::metadata(&copy).unwrap().ino(), file);
    drop(journal);

    std::fs::remove_file(&ballast).unwrap();
    let ledger = open(&place);
    let journal = ledger.journal(&JournalName::governance()).unwrap();
    journal.append(20, &events(20, 1)).unwrap();
    ledger.close();
    assert_eq!(journal.engine().troubles(), Vec::<String>::new());
    assert_eq!(journal.engine().repairs(), []);
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
