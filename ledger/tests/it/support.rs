//! What the tests share: sample events, a ledger in a directory, and how a test says that it cannot run.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ledger::vault::MasterKey;
use ledger::{
    Actor, Binding, DirectoryOptions, EmbeddedOptions, Envelope, Journal, JournalName, Ledger,
    SeededRandom, Timestamp,
};
use uuid::Uuid;

pub(crate) const LEDGER_ID: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);

/// Segments of 64 KiB, so that tests roll over often.
pub(crate) fn small_segments() -> EmbeddedOptions {
    EmbeddedOptions {
        segment_bytes: 64 * 1024,
        copy_sync_interval: Duration::from_millis(20),
        delete_copied_segments: false,
    }
}

pub(crate) fn options() -> DirectoryOptions {
    let mut options =
        DirectoryOptions::new(MasterKey::new([7; 32]), Arc::new(SeededRandom::new(1)));
    options.journals = small_segments();
    options
}

pub(crate) fn create(directory: &Path) -> Ledger {
    Ledger::create_in(directory, LEDGER_ID, &options()).unwrap()
}

pub(crate) fn open(directory: &Path) -> Ledger {
    // A reader's thread of the ledger that was closed may still be on its way out, and holds the
    // lock until it has gone.
    for _ in 0..1_000_000 {
        match Ledger::open_in(directory, &options()) {
            Err(ledger::OpenError::Locked(_)) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
    panic!("the ledger that was closed never let go of its lock");
}

pub(crate) fn governance(ledger: &Ledger) -> Journal {
    ledger
        .journal_or_create(&JournalName::governance())
        .unwrap()
}

/// The event of a position: the same position always gives the same event.
pub(crate) fn event(position: u64) -> Envelope {
    event_in(JournalName::governance(), position)
}

pub(crate) fn event_in(journal: JournalName, position: u64) -> Envelope {
    Envelope {
        ledger_id: LEDGER_ID,
        journal,
        position,
        stream: format!("member-{}", position % 7),
        stream_version: position / 7,
        event_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0001_0000 + u128::from(position)),
        event_type: "MembershipApplied".to_owned(),
        schema_version: 1,
        occurred_at: Timestamp(1_790_000_000_000_000),
        recorded_at: Timestamp(1_790_000_000_000_001 + i64::try_from(position).unwrap()),
        effective_from: None,
        actor: Actor {
            id: "actor-1".to_owned(),
            authentication: "oidc".to_owned(),
            on_behalf_of: None,
        },
        command_id: Uuid::from_u128(u128::from(position) + 1),
        correlation_id: None,
        causation_id: None,
        payload: format!(
            "{{\"position\":{position},\"text\":\"{}\"}}",
            "x".repeat(300)
        )
        .into_bytes(),
        sealed: Vec::new(),
        blobs: Vec::new(),
    }
}

pub(crate) fn events(from: u64, count: u64) -> Vec<Envelope> {
    (from..from + count).map(event).collect()
}

/// Appends `count` frames of one event each.
pub(crate) fn append_singly(journal: &Journal, count: u64) {
    for _ in 0..count {
        let next = journal.head().unwrap().next_position;
        journal.append(next, &[event(next)]).unwrap();
    }
}

pub(crate) fn all(journal: &Journal) -> Vec<Envelope> {
    journal
        .replay(0)
        .unwrap()
        .flat_map(|batch| batch.unwrap().to_envelopes().unwrap())
        .collect()
}

pub(crate) fn binding<'a>(event: &'a Envelope, field: &'a str) -> Binding<'a> {
    Binding {
        ledger_id: event.ledger_id,
        stream: &event.stream,
        event_id: event.event_id,
        event_type: &event.event_type,
        field,
    }
}

/// The events of these positions, the first with the name of a person whom the vault has not seen.
pub(crate) fn events_with_a_person(ledger: &Ledger, from: u64, count: u64) -> Vec<Envelope> {
    let mut events = events(from, count);
    let first = &mut events[0];
    let key = ledger.vault().key_for(&format!("person-{from}"), "name");
    let name = ledger.sealer().seal(
        key.unwrap(),
        &binding(first, "name"),
        person(from).as_bytes(),
    );
    first.sealed = vec![name.unwrap()];
    events
}

/// Checks that these are the events of [`events_with_a_person`], and that the name opens.
pub(crate) fn assert_events_with_a_person(ledger: &Ledger, from: u64, mut found: Vec<Envelope>) {
    let first = &mut found[0];
    let sealed = std::mem::take(&mut first.sealed);
    let name = ledger.sealer().open(&binding(first, "name"), &sealed[0]);
    assert_eq!(&**name.unwrap(), person(from).as_bytes());
    assert_eq!(found, events(from, found.len() as u64));
}

fn person(position: u64) -> String {
    format!("Kuvitteellinen Henkilö {position}")
}

/// A number of rounds that the long form of the tests raises.
#[expect(
    clippy::disallowed_methods,
    reason = "the long form of a test is chosen by its environment"
)]
pub(crate) fn rounds(variable: &str, usual: u32) -> u32 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told its task by its environment"
)]
pub(crate) fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// Says why a test shows nothing on this machine: on standard error, and in the file that `TRUSTNET_SKIPPED`
/// names, from which `scripts/test` counts. Where CI runs as root nothing stands in the way but the machine's
/// set-up, and the test fails.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn skip(test: &str, why: &str) {
    let must_run =
        environment("CI").as_deref() == Some("true") && rustix::process::geteuid().is_root();
    assert!(!must_run, "{test} must run in CI: {why}");
    eprintln!("\n*** SKIPPED {test}: {why} ***\n");
    if let Some(file) = environment("TRUSTNET_SKIPPED") {
        let file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(file);
        // One write, so that tests that run at the same time do not mix their lines.
        let line = format!("{test}: {why}\n");
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap();
    }
}

/// This test binary, told to run one test of it as a child with `variables`.
pub(crate) fn child(test: &str, variables: &[(&str, &str)]) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.envs(variables.iter().copied());
    command
}

/// Every regular file below `directory`.
pub(crate) fn files_below(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files_below(&path));
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// Copies a directory tree.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
