//! A ledger in a directory: lock, identity, vault and documents.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ledger::blobs::{BlobError, DirectoryBlobs};
use ledger::vault::{FileVault, MasterKey};
use ledger::{
    AppendError, Blobs, DirectoryOptions, JournalName, KeyId, Ledger, OpenError, SeededRandom,
    Vault, VaultError,
};
use rstest::rstest;

use crate::support::{LEDGER_ID, all, append_singly, create, events, governance, open, options};

#[test]
fn a_second_opener_is_told_that_the_ledger_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let journal = governance(&ledger);
    assert!(matches!(
        Ledger::open_in(directory.path(), &options()),
        Err(OpenError::Locked(_))
    ));
    // A journal that is still held keeps the lock, and closing gives it up.
    drop(ledger);
    assert!(matches!(
        Ledger::open_in(directory.path(), &options()),
        Err(OpenError::Locked(_))
    ));
    drop(journal);
    let ledger = open(directory.path());
    let journal = governance(&ledger);
    ledger.close();
    open(directory.path());
    assert!(journal.head().is_err());
}

#[test]
fn a_ledger_is_made_in_an_empty_directory_only() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(
        Ledger::open_in(directory.path(), &options()),
        Err(OpenError::NoLedger(_))
    ));
    assert!(!Ledger::exists_in(directory.path()));
    fs::write(directory.path().join("something"), b"").unwrap();
    assert!(matches!(
        Ledger::create_in(directory.path(), LEDGER_ID, &options()),
        Err(OpenError::NotEmpty(_))
    ));
    let inner = directory.path().join("a/b");
    let ledger = Ledger::create_in(&inner, LEDGER_ID, &options()).unwrap();
    assert_eq!(ledger.id(), LEDGER_ID);
    drop(ledger);
    assert!(matches!(
        Ledger::create_in(&inner, LEDGER_ID, &options()),
        Err(OpenError::NotEmpty(_))
    ));
    assert_eq!(open(&inner).id(), LEDGER_ID);
}

#[rstest]
#[case("{")]
#[case("{\"format\":1}")]
#[case("{\"format\":1,\"ledger_id\":\"x\"}")]
#[case(
    "{\"format\":1,\"ledger_id\":\"01920000-0000-7000-8000-000000000001\",\"journals\":[\"../x\"]}"
)]
fn a_damaged_identity_is_refused(#[case] text: &str) {
    let directory = tempfile::tempdir().unwrap();
    create(directory.path()).close();
    fs::write(directory.path().join("ledger.json"), text).unwrap();
    let error = Ledger::open_in(directory.path(), &options())
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, OpenError::Identity { .. }), "{error}");
}

#[test]
fn a_later_format_is_named() {
    let directory = tempfile::tempdir().unwrap();
    create(directory.path()).close();
    let later = "{\"format\":2,\"id\":\"what a later version calls it\"}";
    fs::write(directory.path().join("ledger.json"), later).unwrap();
    let error = Ledger::open_in(directory.path(), &options()).err();
    assert!(matches!(error, Some(OpenError::UnknownFormat(2))));
}

#[test]
fn another_master_key_opens_nothing() {
    let directory = tempfile::tempdir().unwrap();
    create(directory.path()).close();
    let other = DirectoryOptions {
        master_key: MasterKey::new([8; 32]),
        ..options()
    };
    let error = Ledger::open_in(directory.path(), &other)
        .map(|_| ())
        .unwrap_err();
    assert!(
        matches!(error, OpenError::Vault(VaultError::Header)),
        "{error}"
    );
}

#[test]
fn journals_with_a_slash_in_their_name_lie_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let month = JournalName::new("production/2026-11").unwrap();
    ledger.journal_or_create(&month).unwrap();
    governance(&ledger);
    ledger.close();
    let ledger = open(directory.path());
    assert_eq!(
        ledger.journals().unwrap(),
        [JournalName::governance(), month]
    );
}

#[test]
fn segments_go_when_the_policy_allows_and_the_second_copy_answers() {
    let directory = tempfile::tempdir().unwrap();
    let mut with_policy = options();
    with_policy.journals.delete_copied_segments = true;
    let ledger = Ledger::create_in(directory.path(), LEDGER_ID, &with_policy).unwrap();
    append_singly(&governance(&ledger), 400);
    ledger.close();
    let tail = directory.path().join("journals/governance/tail");
    assert!(!tail.join("00000000000000000001.segment").exists());
    let ledger = Ledger::open_in(directory.path(), &with_policy).unwrap();
    let journal = governance(&ledger);
    assert_eq!(all(&journal), events(0, 400));
    assert_eq!(ledger.repairs(), []);
    append_singly(&journal, 10);
    ledger.close();
    // What only the second copy held is gone with it: refused from the first position on.
    fs::remove_dir_all(directory.path().join("journals/governance/sled")).unwrap();
    let ledger = Ledger::open_in(directory.path(), &with_policy).unwrap();
    let error = ledger
        .journal(&JournalName::governance())
        .map(|_| ())
        .unwrap_err();
    let OpenError::Journal { source, .. } = error else {
        panic!("{error}")
    };
    assert!(
        source.to_string().starts_with("damaged from position 0"),
        "{source}"
    );
}

#[test]
fn a_journal_of_another_ledger_is_refused() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = create(one.path());
    append_singly(&governance(&ledger), 3);
    ledger.close();
    let ledger = Ledger::create_in(two.path(), uuid::Uuid::from_u128(9), &options()).unwrap();
    crate::support::copy_tree(
        &one.path().join("journals/governance"),
        &two.path().join("journals/governance"),
    );
    let error = ledger
        .journal(&JournalName::governance())
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, OpenError::Head { .. }), "{error}");
}

fn vault(directory: &Path) -> Result<FileVault, VaultError> {
    FileVault::open(
        directory,
        &MasterKey::new([1; 32]),
        Arc::new(SeededRandom::new(2)),
    )
}

fn vault_with(directory: &Path, subjects: &[&str]) -> Vec<KeyId> {
    FileVault::create(directory, &MasterKey::new([1; 32]), &SeededRandom::new(1)).unwrap();
    let vault = vault(directory).unwrap();
    let ids = subjects
        .iter()
        .map(|subject| vault.key_for(subject, "contact").unwrap())
        .collect();
    vault.sync().unwrap();
    ids
}

#[test]
fn keys_survive_and_stay_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let ids = vault_with(directory.path(), &["a", "b"]);
    let vault = vault(directory.path()).unwrap();
    assert_eq!(vault.key_for("a", "contact").unwrap(), ids[0]);
    assert_eq!(vault.find("b", "contact").unwrap(), Some(ids[1]));
    let digest = |id| vault.key(id).unwrap().digest("test", b"data");
    assert_ne!(digest(ids[0]), digest(ids[1]));
    assert!(matches!(
        vault.key(KeyId([0; 16])),
        Err(VaultError::UnknownKey(_))
    ));
    assert!(matches!(
        vault.key_for(&"x".repeat(256), "c"),
        Err(VaultError::OwnerTooLong)
    ));
}

#[test]
fn every_damaged_byte_of_the_vault_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    vault_with(directory.path(), &["a", "b", "c"]);
    let path = directory.path().join("keys");
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        let opened = vault(directory.path());
        assert!(opened.is_err(), "byte {at}");
    }
}

#[test]
fn an_unfinished_last_row_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let ids = vault_with(directory.path(), &["a", "b"]);
    let path = directory.path().join("keys");
    let good = fs::read(&path).unwrap();
    for unfinished in [&good[..good.len() - 3], &[&good[..], &[0; 100]].concat()] {
        fs::write(&path, unfinished).unwrap();
        let vault = vault(directory.path()).unwrap();
        assert_eq!(vault.find("a", "contact").unwrap(), Some(ids[0]));
        vault.key_for("later", "contact").unwrap();
        vault.sync().unwrap();
        drop(vault);
        let vault = self::vault(directory.path()).unwrap();
        assert!(vault.find("later", "contact").unwrap().is_some());
    }
}

#[test]
fn documents_are_found_by_name_and_checked() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = DirectoryBlobs::new(&directory.path().join("blobs"));
    let reference = blobs.put(b"sealed bytes").unwrap();
    assert_eq!(blobs.put(b"sealed bytes").unwrap(), reference);
    assert_eq!(
        blobs.get(reference.hash).unwrap().unwrap(),
        &b"sealed bytes"[..]
    );
    assert_eq!(blobs.get(ledger::Hash::ZERO).unwrap(), None);
    let name = reference.hash.to_string();
    fs::write(
        directory.path().join("blobs").join(&name[..2]).join(&name),
        b"other",
    )
    .unwrap();
    assert!(matches!(
        blobs.get(reference.hash),
        Err(BlobError::Damaged(_))
    ));
}

#[test]
fn a_segment_that_cannot_be_made_ends_the_writer_unless_the_disk_is_full() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let journal = governance(&ledger);
    // A directory where the next segment is prepared: no full disk, and nobody knows what else is wrong.
    let obstacle = directory.path().join("journals/governance/tail/spare");
    fs::create_dir(&obstacle).unwrap();
    let mut next = 0;
    let error = loop {
        match journal.append(next, &events(next, 20)) {
            Ok(appended) => next = appended.head.next_position,
            Err(error) => break error,
        }
    };
    let AppendError::Unknown { commit, hash, .. } = error else {
        panic!("{error:?}");
    };
    fs::remove_dir(&obstacle).unwrap();
    let again = journal.append(next, &events(next, 20)).unwrap_err();
    assert!(matches!(again, AppendError::Ended), "{again:?}");
    ledger.close();
    drop(journal);
    let ledger = open(directory.path());
    let journal = governance(&ledger);
    assert!(!journal.settle(commit, hash).unwrap());
    journal.append(next, &events(next, 20)).unwrap();
    assert_eq!(all(&journal), events(0, next + 20));
}

#[test]
fn a_new_ledger_has_its_governance_journal() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let journal = ledger.journal(&JournalName::governance()).unwrap();
    assert_eq!(journal.head().unwrap().next_position, 0);
}

#[rstest]
#[case::governance("governance")]
#[case::month("production/2026-11")]
fn a_journal_that_is_lost_is_missed_and_not_made_anew(#[case] name: &str) {
    let name = JournalName::new(name).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    ledger.journal_or_create(&name).unwrap();
    ledger.close();
    let path = directory
        .path()
        .join("journals")
        .join(name.as_str().replace('/', "+"));
    fs::remove_dir_all(&path).unwrap();
    let error = Ledger::open_in(directory.path(), &options()).err().unwrap();
    assert!(
        matches!(&error, OpenError::JournalMissing { journal, path: missing }
            if *journal == name && *missing == path),
        "{error:?}"
    );
    assert!(error.to_string().contains(name.as_str()));
    assert!(!path.exists());
}

#[test]
fn a_journal_that_goes_while_the_ledger_is_open_is_not_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    fs::remove_dir_all(directory.path().join("journals/governance")).unwrap();
    assert!(matches!(
        ledger.journal_or_create(&JournalName::governance()),
        Err(OpenError::JournalMissing { .. })
    ));
}

#[test]
fn a_journal_made_just_before_a_crash_is_known_once_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let file = directory.path().join("ledger.json");
    let before = fs::read(&file).unwrap();
    let month = JournalName::new("test/2026-11").unwrap();
    ledger.journal_or_create(&month).unwrap();
    let after = fs::read(&file).unwrap();
    assert_ne!(before, after);
    ledger.close();
    // The crash came between making the directory and naming it.
    fs::write(&file, before).unwrap();
    let ledger = open(directory.path());
    ledger.journal(&month).unwrap();
    assert_eq!(fs::read(&file).unwrap(), after);
}
