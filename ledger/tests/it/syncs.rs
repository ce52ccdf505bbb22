//! What the kernel was asked for, seen with strace: the keys are synced before the events that need them are
//! written, the events are synced before they are acknowledged, and what a crash left unsynced is synced before
//! it is served.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::crash::{APPENDS, SERVES, TOLD, Worker, check};
use crate::support::{child, skip};

/// A child under strace, with these arguments of strace.
fn traced(arguments: &[&str], trace: &Path, task: &str, variables: &[(&str, &str)]) -> Command {
    let task = child(task, variables);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-y", "-s", "64", "-e", "signal=none"])
        .args(arguments)
        .arg("-o")
        .arg(trace)
        .arg(task.get_program())
        .args(task.get_args())
        .envs(variables.iter().copied());
    command
}

/// Whether strace is there and may trace.
fn can_trace(test: &str) -> bool {
    let probe = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    match probe {
        Ok(status) if status.success() => return true,
        Ok(_) => skip(test, "strace may not trace here"),
        Err(_) => skip(test, "strace is not installed"),
    }
    false
}

const SYNCS: &str = "trace=write,pwrite64,fdatasync,fsync";

#[test]
fn every_commit_is_synced_between_its_write_and_its_acknowledgement() {
    if !can_trace("the order of write, fdatasync and acknowledgement") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let trace = directory.path().join("trace");
    let ledger = directory.path().join("ledger");
    let variables = [
        ("LEDGER_TEST_APPEND_IN", ledger.to_str().unwrap()),
        ("LEDGER_TEST_APPEND_MOST", "40"),
    ];
    let output = traced(&["-e", SYNCS], &trace, APPENDS, &variables)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(check_order(&trace), 40);
}

/// What was done to a file since the last acknowledgement.
#[derive(Clone, Copy, PartialEq, Debug)]
enum File {
    Untouched,
    Written,
    Synced,
}

impl File {
    /// Takes in a call. One that another thread interrupted is shown in two halves; the second has no file
    /// name, so the first counts here, and the kernel's answer is asserted by what the caller then says.
    fn see(&mut self, line: &str, name: &str) {
        if line.contains(name) && line.contains("pwrite64(") {
            *self = Self::Written;
        }
        let syncs = line.contains("fdatasync(") || line.contains("fsync(");
        if line.contains(name) && syncs && *self == Self::Written {
            *self = Self::Synced;
        }
    }
}

const SEGMENT: &str = ".segment>";
const KEYS: &str = "/vault/keys>";

/// Walks the calls in order; gives the number of acknowledgements, each preceded by the sync of its key, then
/// by the write of its events, then by their sync.
fn check_order(trace: &Path) -> usize {
    let (mut segment, mut keys) = (File::Untouched, File::Untouched);
    let mut acknowledged = 0;
    for line in std::fs::read_to_string(trace).unwrap().lines() {
        keys.see(line, KEYS);
        let before = segment;
        segment.see(line, SEGMENT);
        if before == File::Untouched && segment == File::Written && !line.contains("TNSEG") {
            // The opening of a ledger writes its vault again, and the first event comes behind that too.
            assert_eq!(
                keys,
                File::Synced,
                "written before its key is durable: {line}"
            );
        }
        if line.contains(TOLD) {
            assert_eq!(segment, File::Synced, "acknowledged unsynced: {line}");
            (segment, keys) = (File::Untouched, File::Untouched);
            acknowledged += 1;
        }
    }
    acknowledged
}

/// A writer that is killed as it enters its `kill_at`-th fdatasync: what it wrote is whole, and on no disk.
/// Gives what it had acknowledged; `None` where strace may not do this.
pub(crate) fn killed_at_sync(ledger: &Path, kill_at: u32) -> Option<u64> {
    let inject = format!("inject=fdatasync:signal=KILL:when={kill_at}");
    let variables = [("LEDGER_TEST_APPEND_IN", ledger.to_str().unwrap())];
    let arguments = ["-e", "trace=fdatasync", "-e", &inject];
    let mut command = traced(&arguments, Path::new("/dev/null"), APPENDS, &variables);
    can_trace("the kill between write and sync").then(|| Worker::start(&mut command).end())
}

#[test]
fn what_a_killed_writer_left_unsynced_is_synced_before_it_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let mut unacknowledged = 0;
    for kill_at in [24, 25, 26, 27] {
        let ledger = directory.path().join(format!("ledger-{kill_at}"));
        let Some(acknowledged) = killed_at_sync(&ledger, kill_at) else {
            return;
        };
        let trace = directory.path().join("trace");
        let variables = [("LEDGER_TEST_OPEN_IN", ledger.to_str().unwrap())];
        let mut reader = Worker::start(&mut traced(&["-e", SYNCS], &trace, SERVES, &variables));
        let served = reader.end();
        let (mut segment, mut keys) = (File::Untouched, File::Untouched);
        let text = std::fs::read_to_string(&trace).unwrap();
        for line in text.lines().take_while(|line| !line.contains(TOLD)) {
            segment.see(line, SEGMENT);
            keys.see(line, KEYS);
        }
        assert_eq!((segment, keys), (File::Synced, File::Synced), "{text}");
        unacknowledged += served - acknowledged;
        check(&ledger, served);
    }
    assert!(unacknowledged > 0, "no kill fell between write and sync");
}
