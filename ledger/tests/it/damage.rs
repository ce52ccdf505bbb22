//! Damage to the files of a journal: healed exactly and said so, or refused with the first bad position.
//! Never silent. `LEDGER_DAMAGE_ROUNDS=1000` runs the random part for longer.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Envelope, JournalName, Ledger, OpenError, Random, SeededRandom};
use rstest::rstest;

use crate::support::{
    all, append_singly, copy_tree, create, event, events, files_below, governance, open, options,
    rounds,
};

/// How many events the damaged ledgers hold: several segments.
const EVENTS: u64 = 250;

/// What opening a damaged ledger gave.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// All events are there; what was said to be repaired.
    Served(Vec<String>),
    /// Refused, with what was said.
    Refused(String),
}

/// A ledger of `EVENTS` events, closed well.
fn closed_ledger() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    append_singly(&governance(&ledger), EVENTS);
    ledger.close();
    directory
}

fn journal_directory(ledger: &Path) -> PathBuf {
    ledger.join("journals/governance")
}

fn segments(ledger: &Path) -> Vec<PathBuf> {
    let mut files = files_below(&journal_directory(ledger).join("tail"));
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "segment")
    });
    files
}

/// Opens and reads everything; panics where events are missing or changed without a word.
fn outcome(directory: &Path, expected: u64) -> Outcome {
    let ledger = open(directory);
    match ledger.journal(&JournalName::governance()) {
        Ok(journal) => {
            assert_eq!(
                journal.head().unwrap().next_position,
                expected,
                "{:?}",
                ledger.repairs()
            );
            assert!(
                all(&journal) == events(0, expected),
                "other events are served"
            );
            // It goes on and can be opened again.
            journal.append(expected, &[event(expected)]).unwrap();
            let repairs = ledger
                .repairs()
                .into_iter()
                .map(|(_, repair)| repair.what)
                .collect();
            ledger.close();
            let ledger = open(directory);
            assert!(all(&governance(&ledger)) == events(0, expected + 1));
            assert_eq!(ledger.repairs(), []);
            Outcome::Served(repairs)
        }
        Err(OpenError::Journal { source, .. }) => Outcome::Refused(source.to_string()),
        Err(other) => panic!("{other}"),
    }
}

fn assert_healed(directory: &Path) {
    let outcome = outcome(directory, EVENTS);
    assert!(
        matches!(&outcome, Outcome::Served(repairs) if !repairs.is_empty()),
        "{outcome:?}"
    );
}

fn assert_refused_from(directory: &Path, position: u64) {
    let outcome = outcome(directory, EVENTS);
    let start = format!("damaged from position {position} ");
    assert!(
        matches!(&outcome, Outcome::Refused(what) if what.starts_with(&start)),
        "{outcome:?}"
    );
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

/// Where the records of a segment end: behind its last byte that is not zero, not counting the footer.
fn written_end(path: &Path) -> usize {
    let bytes = fs::read(path).unwrap();
    let body = &bytes[..bytes.len() - 64];
    body.len() - body.iter().rev().take_while(|byte| **byte == 0).count()
}

fn forget_closing(directory: &Path) {
    fs::remove_file(journal_directory(directory).join("closed")).unwrap();
}

fn remove_copy(directory: &Path) {
    fs::remove_dir_all(journal_directory(directory).join("sled")).unwrap();
}

#[test]
fn an_undamaged_ledger_is_served_without_repairs() {
    let directory = closed_ledger();
    assert!(segments(directory.path()).len() >= 3);
    assert_eq!(
        outcome(directory.path(), EVENTS),
        Outcome::Served(Vec::new())
    );
}

#[rstest]
#[case::header(0, 20)]
#[case::header_padding(0, 400)]
#[case::first_record(0, 520)]
#[case::middle(1, 20_000)]
#[case::footer(0, 65_500)]
#[case::last_segment(2, 600)]
fn a_changed_byte_of_the_tail_is_healed(#[case] segment: usize, #[case] at: usize) {
    let directory = closed_ledger();
    flip(&segments(directory.path())[segment], at);
    assert_healed(directory.path());
}

#[test]
fn a_changed_byte_behind_the_end_is_cleared() {
    let directory = closed_ledger();
    let last = segments(directory.path()).pop().unwrap();
    flip(&last, written_end(&last) + 3_000);
    forget_closing(directory.path());
    assert_healed(directory.path());
}

#[rstest]
#[case(1)]
#[case(600)]
#[case(30_000)]
#[case(64_000)]
fn a_cut_tail_is_healed_when_the_end_is_known(#[case] keep: usize) {
    let directory = closed_ledger();
    let last = segments(directory.path()).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..keep]).unwrap();
    assert_healed(directory.path());
}

#[test]
fn a_cut_tail_is_refused_when_nobody_knows_the_end() {
    let directory = closed_ledger();
    let last = segments(directory.path()).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..written_end(&last) - 2_000]).unwrap();
    forget_closing(directory.path());
    remove_copy(directory.path());
    let refused = outcome(directory.path(), EVENTS);
    assert!(
        matches!(&refused, Outcome::Refused(what) if what.contains("cut short")),
        "{refused:?}"
    );
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
fn a_missing_segment_is_healed(#[case] segment: usize) {
    let directory = closed_ledger();
    fs::remove_file(&segments(directory.path())[segment]).unwrap();
    assert_healed(directory.path());
}

#[test]
fn a_missing_last_segment_is_refused_after_a_crash() {
    let directory = closed_ledger();
    fs::remove_file(segments(directory.path()).pop().unwrap()).unwrap();
    forget_closing(directory.path());
    assert!(matches!(
        outcome(directory.path(), EVENTS),
        Outcome::Refused(_)
    ));
}

#[test]
fn a_missing_tail_is_healed() {
    let directory = closed_ledger();
    fs::remove_dir_all(journal_directory(directory.path()).join("tail")).unwrap();
    assert_healed(directory.path());
}

#[test]
fn an_emptied_journal_is_not_a_new_one() {
    let directory = closed_ledger();
    fs::remove_dir_all(journal_directory(directory.path())).unwrap();
    fs::create_dir(journal_directory(directory.path())).unwrap();
    assert_refused_from(directory.path(), 0);
}

#[test]
fn a_missing_or_empty_second_copy_is_built_anew() {
    let directory = closed_ledger();
    remove_copy(directory.path());
    assert_healed(directory.path());
}

#[test]
fn a_stale_second_copy_is_filled_up() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    append_singly(&governance(&ledger), EVENTS / 2);
    ledger.close();
    let copy = journal_directory(directory.path()).join("sled");
    let old = tempfile::tempdir().unwrap();
    copy_tree(&copy, old.path());
    let ledger = open(directory.path());
    append_singly(&governance(&ledger), EVENTS / 2);
    ledger.close();
    fs::remove_dir_all(&copy).unwrap();
    copy_tree(old.path(), &copy);
    // A copy that lags is the usual state after a crash.
    assert_eq!(
        outcome(directory.path(), EVENTS),
        Outcome::Served(Vec::new())
    );
    flip(&segments(directory.path())[0], 20_000);
    let outcome = outcome(directory.path(), EVENTS + 1);
    assert!(matches!(outcome, Outcome::Served(repairs) if !repairs.is_empty()));
}

#[rstest]
#[case::closed(true)]
#[case::crashed(false)]
fn a_stale_tail_is_healed_or_refused(#[case] closed: bool) {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    append_singly(&governance(&ledger), EVENTS / 2);
    ledger.close();
    let tail = journal_directory(directory.path()).join("tail");
    let old = tempfile::tempdir().unwrap();
    copy_tree(&tail, old.path());
    let ledger = open(directory.path());
    append_singly(&governance(&ledger), EVENTS / 2);
    ledger.close();
    fs::remove_dir_all(&tail).unwrap();
    copy_tree(old.path(), &tail);
    if closed {
        assert_healed(directory.path());
    } else {
        forget_closing(directory.path());
        assert_refused_from(directory.path(), EVENTS / 2);
    }
}

#[test]
fn a_second_copy_of_another_history_is_replaced() {
    let directory = closed_ledger();
    let other = tempfile::tempdir().unwrap();
    let ledger = create(other.path());
    let journal = governance(&ledger);
    for position in 0..100 {
        let event = ledger::Envelope {
            payload: b"another history".to_vec(),
            ..event(position)
        };
        journal.append(position, &[event]).unwrap();
    }
    ledger.close();
    remove_copy(directory.path());
    copy_tree(
        &journal_directory(other.path()).join("sled"),
        &journal_directory(directory.path()).join("sled"),
    );
    assert_healed(directory.path());
}

#[rstest]
#[case::unfinished("snap.0000000000000001.generating", b"torn".as_slice())]
#[case::empty("snap.ffffffff00000000", b"".as_slice())]
#[case::torn("snap.ffffffff00000000", b"torn snapshot".as_slice())]
fn useless_snapshots_of_the_second_copy_do_no_harm(#[case] name: &str, #[case] bytes: &[u8]) {
    let directory = closed_ledger();
    fs::write(
        journal_directory(directory.path()).join("sled").join(name),
        bytes,
    )
    .unwrap();
    assert_eq!(
        outcome(directory.path(), EVENTS),
        Outcome::Served(Vec::new())
    );
}

/// The last frame after a crash, when the second copy has not got it.
fn with_last_frame(damage: impl Fn(&mut [u8], std::ops::Range<usize>)) -> tempfile::TempDir {
    let directory = closed_ledger();
    forget_closing(directory.path());
    remove_copy(directory.path());
    let last = segments(directory.path()).pop().unwrap();
    let end = written_end(&last);
    let mut bytes = fs::read(&last).unwrap();
    let start = end - (end - 512) / usize::try_from(frames_in(&bytes[..end])).unwrap();
    damage(&mut bytes, start..end);
    fs::write(&last, bytes).unwrap();
    directory
}

fn frames_in(bytes: &[u8]) -> u64 {
    bytes.windows(4).filter(|window| window == b"TNRC").count() as u64
}

#[test]
fn an_unfinished_last_write_is_cut() {
    // The part in the last sector never arrived.
    let directory = with_last_frame(|file, frame| {
        let sector = (frame.end - 1) / 512 * 512;
        file[sector.max(frame.start)..frame.end].fill(0);
    });
    let outcome = outcome(directory.path(), EVENTS - 1);
    assert!(
        matches!(&outcome, Outcome::Served(repairs) if repairs[0].contains("cut")),
        "{outcome:?}"
    );
}

#[rstest]
#[case(0)]
#[case(5)]
#[case(200)]
#[case(500)]
fn a_damaged_last_frame_is_never_taken_for_an_unfinished_one(#[case] at: usize) {
    let directory = with_last_frame(|file, frame| file[frame.start + at] ^= 1);
    assert_refused_from(directory.path(), EVENTS - 1);
}

#[test]
fn a_damaged_last_frame_full_of_zeros_is_not_taken_for_an_unfinished_one() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let journal = governance(&ledger);
    append_singly(&journal, 1);
    let zeros = Envelope {
        payload: vec![0; 4_000],
        ..event(1)
    };
    journal.append(1, std::slice::from_ref(&zeros)).unwrap();
    assert_eq!(journal.get(1).unwrap(), Some(zeros));
    ledger.close();
    forget_closing(directory.path());
    remove_copy(directory.path());
    let last = segments(directory.path()).pop().unwrap();
    flip(&last, written_end(&last) - 1_000);
    assert_refused_from(directory.path(), 1);
}

#[test]
fn a_damaged_last_frame_is_healed_from_the_second_copy() {
    let directory = closed_ledger();
    forget_closing(directory.path());
    let last = segments(directory.path()).pop().unwrap();
    flip(&last, written_end(&last) - 100);
    assert_healed(directory.path());
}

#[test]
fn damage_in_both_copies_is_refused_with_its_position() {
    let directory = closed_ledger();
    let first = &segments(directory.path())[0];
    let bytes = fs::read(first).unwrap();
    // The tenth record, position 9.
    let at = bytes
        .windows(4)
        .enumerate()
        .filter(|(_, window)| window == b"TNRC")
        .nth(9)
        .unwrap()
        .0;
    flip(first, at + 100);
    remove_copy(directory.path());
    assert_refused_from(directory.path(), 9);
    // Refusing has changed nothing: once the byte is mended the ledger is whole.
    flip(first, at + 100);
    assert_healed(directory.path());
}

#[test]
fn damage_that_appears_while_the_journal_is_open_is_read_around() {
    let directory = closed_ledger();
    let ledger = open(directory.path());
    let journal = governance(&ledger);
    assert_eq!(ledger.troubles(), Vec::<String>::new());
    flip(&segments(directory.path())[0], 20_000);
    assert!(all(&journal) == events(0, EVENTS));
    let troubles = ledger.troubles();
    assert!(
        matches!(&*troubles, [trouble, ..] if trouble.starts_with("journal governance: frame ")
            && trouble.ends_with("it is read from the second copy")),
        "{troubles:?}"
    );
    // The same damage is one alarm, however often it is met.
    assert!(all(&journal) == events(0, EVENTS));
    assert_eq!(ledger.troubles(), troubles);
    ledger.close();
    drop(journal);
    assert_healed(directory.path());
}

#[test]
fn random_damage_anywhere_is_never_silent() {
    let good = closed_ledger();
    let random = SeededRandom::new(11);
    let number = |below: usize| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        usize::try_from(u64::from_be_bytes(bytes) % below as u64).unwrap()
    };
    for round in 0..rounds("LEDGER_DAMAGE_ROUNDS", 25) {
        let directory = tempfile::tempdir().unwrap();
        copy_tree(good.path(), directory.path());
        let files = files_below(&journal_directory(directory.path()));
        let path = &files[number(files.len())];
        let mut bytes = fs::read(path).unwrap();
        if bytes.is_empty() {
            continue;
        }
        let at = number(bytes.len());
        match number(4) {
            0 => bytes.truncate(at),
            1 => bytes[at..]
                .iter_mut()
                .take(4_096)
                .for_each(|byte| *byte = 0),
            _ => bytes[at] ^= 1 << number(8),
        }
        fs::write(path, bytes).unwrap();
        let outcome = outcome(directory.path(), EVENTS);
        assert!(
            matches!(&outcome, Outcome::Served(_)),
            "round {round}, {} at {at}: one damaged file is healed from the other, {outcome:?}",
            path.display()
        );
    }
}

#[test]
fn opening_a_refused_journal_again_is_refused_again() {
    let directory = closed_ledger();
    forget_closing(directory.path());
    remove_copy(directory.path());
    flip(&segments(directory.path())[1], 20_000);
    for _ in 0..2 {
        let ledger = Ledger::open_in(directory.path(), &options()).unwrap();
        assert!(matches!(
            ledger.journal(&JournalName::governance()),
            Err(OpenError::Journal { .. })
        ));
    }
}
