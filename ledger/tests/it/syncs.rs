//! What the kernel was asked for: an `fdatasync` of the tail between the last write of a commit and its
//! acknowledgement, seen with strace.

use std::path::Path;
use std::process::Command;

use crate::support::{child, skip};

#[test]
fn every_commit_is_synced_between_its_write_and_its_acknowledgement() {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip(
            "the order of write, fdatasync and acknowledgement",
            "strace is not installed",
        );
    }
    let directory = tempfile::tempdir().unwrap();
    let trace = directory.path().join("trace");
    let ledger = directory.path().join("ledger");
    let task = child("crash::child_appends_until_it_is_killed", &[]);
    let output = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-s",
            "64",
            "-e",
            "trace=write,pwrite64,fdatasync,fsync",
            "-o",
        ])
        .arg(&trace)
        .arg(task.get_program())
        .args(task.get_args())
        .env("LEDGER_TEST_APPEND_IN", &ledger)
        .env("LEDGER_TEST_APPEND_MOST", "40")
        .output()
        .unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("Operation not permitted") {
        return skip(
            "the order of write, fdatasync and acknowledgement",
            "strace may not trace here",
        );
    }
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(check(&trace), 40);
}

/// Walks the calls in order; gives the number of acknowledgements that were preceded by write and sync.
fn check(trace: &Path) -> usize {
    let mut written_and = None;
    let mut acknowledged = 0;
    for line in std::fs::read_to_string(trace).unwrap().lines() {
        let is_tail = line.contains(".segment>");
        if is_tail && line.contains("pwrite64(") {
            written_and = Some(false);
        }
        // A call that another thread interrupted is shown in two halves; the second has no file name, so the
        // first counts here and the kernel's answer is asserted by the append's own success.
        if is_tail && line.contains("fdatasync(") {
            written_and = written_and.map(|_| true);
        }
        if line.contains("acknowledged ") {
            assert_eq!(
                written_and.take(),
                Some(true),
                "acknowledged without write and sync: {line}"
            );
            acknowledged += 1;
        }
    }
    acknowledged
}
