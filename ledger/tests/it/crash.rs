//! kill -9 in the middle of acknowledged writes. `LEDGER_CRASH_ROUNDS=30` runs the long form.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use ledger::{JournalName, Ledger};

use crate::support::{all, child, create, environment, event, events, governance, open, rounds};

/// The child's task: appends for ever and says what was acknowledged. Does nothing when run as a test.
#[test]
fn child_appends_until_it_is_killed() {
    let Some(directory) = environment("LEDGER_TEST_APPEND_IN") else {
        return;
    };
    let most: u64 =
        environment("LEDGER_TEST_APPEND_MOST").map_or(u64::MAX, |most| most.parse().unwrap());
    let directory = Path::new(&directory);
    let ledger = if Ledger::exists_in(directory) {
        open(directory)
    } else {
        create(directory)
    };
    let journal = governance(&ledger);
    let mut next = journal.head().unwrap().next_position;
    for _ in 0..most {
        // Batches of one to five events, so that half a batch would show.
        let size = 1 + next % 5;
        journal.append(next, &events(next, size)).unwrap();
        next += size;
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {next}").unwrap();
        out.flush().unwrap();
    }
}

/// A child that appends to the ledger in a directory.
pub(crate) struct Appender {
    pub(crate) process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    pub(crate) acknowledged: u64,
}

impl Appender {
    pub(crate) fn start(directory: &Path) -> Self {
        let variables = [("LEDGER_TEST_APPEND_IN", directory.to_str().unwrap())];
        let mut process = child("crash::child_appends_until_it_is_killed", &variables)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            process,
            lines,
            acknowledged: 0,
        }
    }

    /// Reads on until `count` more acknowledgements were seen, or the child's end.
    pub(crate) fn wait_for(&mut self, mut count: u32) {
        while count > 0 {
            let Some(line) = self.lines.next() else {
                return;
            };
            let line = line.unwrap();
            if let Some((_, position)) = line.split_once("acknowledged ") {
                self.acknowledged = position.parse().unwrap();
                count -= 1;
            }
        }
    }

    /// Kills the child as a crash would, and gives all that it had acknowledged.
    pub(crate) fn kill(mut self) -> u64 {
        self.process.kill().unwrap();
        self.wait_for(u32::MAX);
        self.process.wait().unwrap();
        self.acknowledged
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Opens the ledger and checks that what was acknowledged is there and nothing is half there.
pub(crate) fn check(directory: &Path, acknowledged: u64) -> u64 {
    let ledger = open(directory);
    let journal = ledger.journal(&JournalName::governance()).unwrap();
    let head = journal.head().unwrap();
    assert!(
        head.next_position >= acknowledged,
        "acknowledged {acknowledged}, found {}",
        head.next_position
    );
    assert_eq!(all(&journal), events(0, head.next_position));
    for batch in journal.replay(0).unwrap() {
        let batch = batch.unwrap();
        assert_eq!(
            u64::from(batch.frame().count()),
            1 + batch.first_position() % 5
        );
    }
    // It also goes on.
    let size = 1 + head.next_position % 5;
    journal
        .append(head.next_position, &events(head.next_position, size))
        .unwrap();
    assert_eq!(
        journal.get(head.next_position).unwrap(),
        Some(event(head.next_position))
    );
    ledger.close();
    head.next_position
}

#[test]
fn nothing_acknowledged_is_lost_when_the_writer_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().join("ledger");
    let rounds = rounds("LEDGER_CRASH_ROUNDS", 4);
    for round in 0..rounds {
        let mut appender = Appender::start(&directory);
        appender.wait_for(10 + (round * 37) % 90);
        let acknowledged = appender.kill();
        assert!(acknowledged > 0);
        check(&directory, acknowledged);
    }
}
