//! What is promised when the disk is full, a write fails, the queue is full or the clock leaps.
//!
//! The ledger is in memory; its engine does what a test tells it at the next appends.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::testing::found_ledger;
use domain::{ChangeOwner, Environment, Party};
use ledger::blobs::MemoryBlobs;
use ledger::engine::{AppendError, Engine, ReadError, Tail};
use ledger::store::{MemoryStore, OpenError, Store};
use ledger::vault::MemoryVault;
use ledger::{Frame, JournalName, Ledger, Random, SeededRandom};
use registrar::testing::TestLedger;
use registrar::{
    Authentication, AuthenticationOutcome, Health, RecordError, SourceMark, SubmitError,
};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// What happens at an append.
#[derive(Clone, Copy, Debug)]
enum Fault {
    NoRoom,
    /// The write fails after the frame is in the log.
    UnknownWritten,
    /// The write fails before.
    UnknownLost,
}

/// What the test tells every engine of its store.
#[derive(Default)]
struct Orders {
    next: Mutex<VecDeque<Fault>>,
    held: Mutex<bool>,
    released: Condvar,
}

impl Orders {
    fn give(&self, faults: impl IntoIterator<Item = Fault>) {
        self.next.lock().unwrap().extend(faults);
    }

    /// Appends wait from now on.
    fn hold(&self) {
        *self.held.lock().unwrap() = true;
    }

    fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_all();
    }
}

struct OrderedEngine {
    engine: Arc<dyn Engine>,
    orders: Arc<Orders>,
}

impl Engine for OrderedEngine {
    fn tail(&self) -> Result<Tail, ReadError> {
        self.engine.tail()
    }

    fn append(&self, expected_commit: u64, frame: &Frame) -> Result<Tail, AppendError> {
        let held = self.orders.held.lock().unwrap();
        drop(self.orders.released.wait_while(held, |held| *held).unwrap());
        let fault = self.orders.next.lock().unwrap().pop_front();
        match fault {
            None => self.engine.append(expected_commit, frame),
            Some(Fault::NoRoom) => Err(AppendError::NoRoom(io::ErrorKind::StorageFull.into())),
            Some(Fault::UnknownWritten) => {
                self.engine.append(expected_commit, frame)?;
                Err(AppendError::Unknown(io::Error::other("the sync failed")))
            }
            Some(Fault::UnknownLost) => {
                Err(AppendError::Unknown(io::Error::other("the write failed")))
            }
        }
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError> {
        self.engine.read(from, bytes_max)
    }

    fn watch(&self) -> watch::Receiver<Tail> {
        self.engine.watch()
    }

    fn frame_bytes_max(&self) -> usize {
        self.engine.frame_bytes_max()
    }

    fn is_writable(&self) -> bool {
        self.engine.is_writable()
    }

    fn close(&self) {
        self.engine.close();
    }
}

struct OrderedStore {
    store: MemoryStore,
    orders: Arc<Orders>,
}

impl Store for OrderedStore {
    fn list(&self) -> Result<Vec<JournalName>, OpenError> {
        self.store.list()
    }

    fn engine(&self, name: &JournalName, create: bool) -> Result<Arc<dyn Engine>, OpenError> {
        let engine = self.store.engine(name, create)?;
        let orders = Arc::clone(&self.orders);
        Ok(Arc::new(OrderedEngine { engine, orders }))
    }
}

async fn founded() -> (TestLedger, Arc<Orders>) {
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
    let orders = Arc::new(Orders::default());
    let store = OrderedStore {
        store: MemoryStore::default(),
        orders: Arc::clone(&orders),
    };
    let ledger = Ledger::new(
        Uuid::from_u128(7),
        Box::new(store),
        Arc::new(MemoryVault::new(Arc::clone(&random))),
        Arc::new(MemoryBlobs::default()),
        Arc::clone(&random),
    );
    let test = TestLedger::over(ledger, random);
    test.given(found_ledger()).await;
    (test, orders)
}

fn owner(number: u32) -> ChangeOwner {
    ChangeOwner {
        owner: Party {
            organisation: format!("1.2.246.562.99.{number:011}").parse().unwrap(),
            name: domain::value::LanguageText::parse("Kuvitteellinen omistaja").unwrap(),
            business_id: None,
        },
    }
}

fn login(request: &str) -> Authentication {
    Authentication {
        occurred_at: domain::testing::instant("2025-01-01T12:00:00Z"),
        home_organisation: Some("1.2.246.562.99.00000000001".parse().unwrap()),
        home_integration: None,
        service: None,
        service_integration: None,
        protocol: "openid-connect".to_owned(),
        request_id: request.to_owned(),
        message_id: None,
        governance_position: 3,
        outcome: AuthenticationOutcome::LoggedOut,
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    }
}

fn requests(test: &TestLedger, month: &str) -> Vec<String> {
    let journals = test.authentications();
    let page = journals.page(Environment::Test, month, None, 5000).unwrap();
    let mut requests: Vec<_> = page
        .into_iter()
        .map(|record| record.authentication.request_id)
        .collect();
    requests.sort();
    requests
}

#[tokio::test]
async fn a_full_disk_refuses_and_the_next_command_finds_room() {
    let (test, orders) = founded().await;
    let end = test.registrar.log().end().unwrap();
    orders.give([Fault::NoRoom]);
    let submission = test.submission(owner(1));
    let refused = test.registrar.submit(submission.clone()).await;
    assert!(matches!(refused, Err(SubmitError::Unavailable)));
    assert_eq!(test.registrar.log().end().unwrap(), end, "nothing changed");
    assert_eq!(test.registrar.health(), Health::Writing);
    let receipt = test.registrar.submit(submission).await.unwrap();
    assert!(!receipt.repeated);
}

#[tokio::test]
async fn a_write_that_failed_and_stands_in_the_log_is_acknowledged() {
    let (test, orders) = founded().await;
    orders.give([Fault::UnknownWritten]);
    let submission = test.submission(owner(1));
    let receipt = test.registrar.submit(submission.clone()).await.unwrap();
    let again = test.registrar.submit(submission).await.unwrap();
    assert_eq!(again.positions, receipt.positions);
    assert_eq!(test.registrar.log().end().unwrap(), receipt.positions.end);
}

#[tokio::test]
async fn a_write_that_failed_and_is_not_in_the_log_ends_the_writer() {
    let (test, orders) = founded().await;
    let end = test.registrar.log().end().unwrap();
    orders.give([Fault::UnknownLost]);
    let submission = test.submission(owner(1));
    for _ in 0..2 {
        let refused = test.registrar.submit(submission.clone()).await;
        assert!(matches!(refused, Err(SubmitError::Unavailable)));
    }
    assert!(matches!(test.registrar.health(), Health::Ended(_)));
    // Only a new start writes again, and it finds the log as it was.
    let reopened = test.reopened();
    assert_eq!(reopened.log().end().unwrap(), end);
    assert!(!reopened.submit(submission).await.unwrap().repeated);
}

#[tokio::test]
async fn more_commands_than_can_wait_are_turned_away_and_none_is_lost() {
    let (test, orders) = founded().await;
    let before = test.registrar.log().end().unwrap();
    orders.hold();
    let submissions: Vec<_> = (0..2000).map(|n| test.submission(owner(n + 1))).collect();
    let tasks: Vec<_> = submissions
        .into_iter()
        .map(|submission| {
            let registrar = test.registrar.clone();
            let sent = submission.clone();
            let task = tokio::spawn(async move { registrar.submit(sent).await });
            (submission, task)
        })
        .collect();
    // The tasks run on this thread as soon as it waits: each is queued or turned away.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    orders.release();
    let mut turned_away = Vec::new();
    let mut recorded = 0;
    for (submission, task) in tasks {
        match task.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(SubmitError::Busy) => turned_away.push(submission),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(!turned_away.is_empty(), "2,000 are more than can wait");
    assert!(recorded >= 1024, "as many as can wait were recorded");
    for submission in turned_away {
        let receipt = test.registrar.submit(submission).await.unwrap();
        assert!(!receipt.repeated, "it had left nothing behind");
    }
    assert_eq!(test.registrar.log().end().unwrap() - before, 2000);
}

#[tokio::test]
async fn a_login_that_was_answered_stands_in_the_log_whatever_failed_around_it() {
    let (test, orders) = founded().await;
    let journals = test.authentications();
    let source = Arc::new(journals.local_source(Environment::Test, "node-a"));
    let mut answered = Vec::new();
    for round in 0..20 {
        orders.give([Fault::NoRoom]);
        let tasks: Vec<_> = (0..10)
            .map(|number| {
                let (source, request) = (Arc::clone(&source), format!("{round:02}-{number}"));
                tokio::spawn(async move {
                    let outcome = source.record(login(&request), None).await;
                    (request, outcome)
                })
            })
            .collect();
        for task in tasks {
            match task.await.unwrap() {
                (request, Ok(())) => answered.push(request),
                (_, Err(RecordError::Unavailable)) => {}
                (_, Err(error)) => panic!("{error}"),
            }
        }
        // A fault that no commit met is not left for the next round.
        orders.next.lock().unwrap().clear();
        source
            .record(login(&format!("{round:02}-x")), None)
            .await
            .unwrap();
        answered.push(format!("{round:02}-x"));
    }
    answered.sort();
    assert_eq!(requests(&test, "2025-01"), answered);
    assert_eq!(journals.health(), Health::Writing);
    assert_eq!(
        journals.mark(Environment::Test, "node-a").0,
        answered.len() as u64,
        "numbered without gaps"
    );
}

#[tokio::test]
async fn a_login_whose_write_failed_is_refused_and_the_recorder_ends() {
    let (test, orders) = founded().await;
    let journals = test.authentications();
    let source = journals.local_source(Environment::Test, "node-a");
    orders.give([Fault::UnknownWritten]);
    source.record(login("kept"), None).await.unwrap();
    orders.give([Fault::UnknownLost]);
    for _ in 0..2 {
        let refused = source.record(login("lost"), None).await;
        assert!(matches!(refused, Err(RecordError::Unavailable)));
    }
    assert!(matches!(journals.health(), Health::Ended(_)));
    assert_eq!(requests(&test, "2025-01"), ["kept"]);
}

#[tokio::test]
async fn a_clock_that_leaps_stops_the_recorder_also_over_a_restart() {
    let (test, _) = founded().await;
    let source = test
        .authentications()
        .local_source(Environment::Test, "node-a");
    source.record(login("before"), None).await.unwrap();
    test.clock.leap(40 * 24 * 3600 * 1_000_000);
    let refused = source.record(login("leapt"), None).await;
    assert!(matches!(refused, Err(RecordError::Unavailable)));

    // The clock was mended; a restart goes on.
    test.clock.leap(-40 * 24 * 3600 * 1_000_000);
    let mended = test
        .authentications()
        .local_source(Environment::Test, "node-a");
    mended.record(login("mended"), None).await.unwrap();

    // A restart with a clock far behind the log does not record under an earlier date.
    test.clock.leap(-6 * 60 * 1_000_000);
    let behind = test
        .authentications()
        .local_source(Environment::Test, "node-a");
    let refused = behind.record(login("behind"), None).await;
    assert!(matches!(refused, Err(RecordError::Unavailable)));
    assert_eq!(requests(&test, "2025-01"), ["before", "mended"]);
}

#[tokio::test]
async fn a_months_end_begins_a_journal_and_the_numbers_go_on() {
    let (test, _) = founded().await;
    let journals = test.authentications();
    let source = journals.local_source(Environment::Test, "node-a");
    for (request, days) in [("january", 31), ("february", 28), ("march", 1)] {
        source.record(login(request), None).await.unwrap();
        test.clock.pass(Duration::from_hours(24 * days));
    }
    let months = journals.months(Environment::Test).unwrap();
    assert_eq!(months, ["2025-01", "2025-02", "2025-03"]);
    for (month, request) in [("2025-01", "january"), ("2025-03", "march")] {
        assert_eq!(requests(&test, month), [request]);
    }
    let reopened = test.authentications();
    assert_eq!(reopened.mark(Environment::Test, "node-a").0, 3);
}
