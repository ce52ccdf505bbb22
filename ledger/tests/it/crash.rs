//! kill -9 in the middle of acknowledged writes. `LEDGER_CRASH_ROUNDS=30` runs the long form.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use ledger::{JournalName, Ledger};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::support::{
    assert_events_with_a_person, child, create, environment, events_with_a_person, governance,
    open, rounds,
};

/// The names of the children's tasks.
pub(crate) const APPENDS: &str = "crash::child_appends_until_it_is_killed";
pub(crate) const SERVES: &str = "crash::child_opens_and_says_what_it_serves";

/// Stands before a position that a child tells: acknowledged by the one, served by the other.
pub(crate) const TOLD: &str = "durable up to ";

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
        // Batches of one to five events, so that half a batch would show; the first has a new person's field.
        let size = 1 + next % 5;
        journal
            .append(next, &events_with_a_person(&ledger, next, size))
            .unwrap();
        next += size;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{TOLD}{next}").unwrap();
        out.flush().unwrap();
    }
}

/// The child's task: opens, says how many events it serves, and waits. Does nothing when run as a test.
#[test]
fn child_opens_and_says_what_it_serves() {
    let Some(directory) = environment("LEDGER_TEST_OPEN_IN") else {
        return;
    };
    let ledger = open(Path::new(&directory));
    let served = governance(&ledger).head().unwrap().next_position;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{TOLD}{served}").unwrap();
    out.flush().unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A child at work on the ledger in a directory, and the newest position that it has told.
pub(crate) struct Worker {
    process: Child,
    out: BufReader<ChildStdout>,
    /// What was read of a line that is not yet whole.
    line: String,
    pub(crate) told: u64,
}

impl Worker {
    /// A child that appends for ever.
    pub(crate) fn appends(directory: &Path) -> Self {
        let variables = [("LEDGER_TEST_APPEND_IN", directory.to_str().unwrap())];
        Self::start(&mut child(APPENDS, &variables))
    }

    /// A child that opens, tells what it serves, and waits.
    pub(crate) fn serves(directory: &Path) -> Self {
        let variables = [("LEDGER_TEST_OPEN_IN", directory.to_str().unwrap())];
        Self::start(&mut child(SERVES, &variables))
    }

    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            out,
            line: String::new(),
            told: 0,
        }
    }

    /// Reads on until the child has told `count` more positions, until its end, or, once it was stopped, until
    /// nothing is left to read.
    pub(crate) fn listen(&mut self, mut count: u32) {
        while count > 0 {
            match self.out.read_line(&mut self.line) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(error) => panic!("{error}"),
                Ok(0) => return,
                Ok(_) => {}
            }
            if let Some((_, position)) = self.line.trim_end().split_once(TOLD) {
                self.told = position.parse().unwrap();
                count -= 1;
            }
            self.line.clear();
        }
    }

    /// Stops the child where it stands and gives the newest position that it has told. The acknowledgements
    /// that matter most are still in the pipe: it is read dry.
    pub(crate) fn stop(&mut self) -> u64 {
        let process = Pid::from_child(&self.process);
        kill_process(process, Signal::STOP).unwrap();
        waitpid(Some(process), WaitOptions::UNTRACED).unwrap();
        fcntl_setfl(self.out.get_ref(), OFlags::NONBLOCK).unwrap();
        self.listen(u32::MAX);
        self.told
    }

    /// Kills the child as a crash would, and gives the newest position that it had told.
    pub(crate) fn kill(mut self) -> u64 {
        self.process.kill().unwrap();
        self.end()
    }

    /// Waits until the child ends by itself, and gives the newest position that it had told.
    pub(crate) fn end(&mut self) -> u64 {
        drop(self.process.stdin.take());
        self.listen(u32::MAX);
        self.process.wait().unwrap();
        self.told
    }
}

impl Drop for Worker {
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
    let mut next = 0;
    for batch in journal.replay(0).unwrap() {
        let batch = batch.unwrap();
        let size = 1 + next % 5;
        assert_eq!(u64::from(batch.frame().count()), size);
        assert_events_with_a_person(&ledger, next, batch.to_envelopes().unwrap());
        next += size;
    }
    assert_eq!(next, head.next_position);
    // It also goes on.
    let size = 1 + next % 5;
    let more = events_with_a_person(&ledger, next, size);
    journal.append(next, &more).unwrap();
    assert_eq!(journal.get(next).unwrap().as_ref(), more.first());
    ledger.close();
    head.next_position
}

#[test]
fn nothing_acknowledged_is_lost_when_the_writer_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().join("ledger");
    let rounds = rounds("LEDGER_CRASH_ROUNDS", 4);
    for round in 0..rounds {
        let mut writer = Worker::appends(&directory);
        writer.listen(10 + (round * 37) % 90);
        let acknowledged = writer.kill();
        assert!(acknowledged > 0);
        check(&directory, acknowledged);
    }
}
