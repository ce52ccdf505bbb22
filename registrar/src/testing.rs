//! A registrar over a ledger in memory with a clock that stands still, for the tests of every room
//! above.

use crate::{AuthenticationJournals, Clock, Receipt, Registrar, Submission, SubmitError};
use domain::testing::{found_ledger, instant};
use domain::time::Instant;
use domain::{Actor, Command, CommandId, Means, PersonId, Right, Rights};
use ledger::{Ledger, Random, SeededRandom};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock {
    wall: AtomicI64,
    running: AtomicU64,
}

impl TestClock {
    /// A clock at this instant.
    pub fn at(now: &str) -> Arc<Self> {
        let wall = AtomicI64::new(instant(now).microseconds());
        Arc::new(Self {
            wall,
            running: AtomicU64::new(0),
        })
    }

    /// Lets time pass: both clocks run on.
    pub fn pass(&self, duration: Duration) {
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.running.fetch_add(microseconds, Ordering::SeqCst);
        self.leap(i64::try_from(microseconds).unwrap_or(i64::MAX));
    }

    /// Lets time pass until `when`.
    pub fn pass_until(&self, when: &str) {
        let passed = instant(when).microseconds() - self.now().microseconds();
        self.pass(Duration::from_micros(passed.unsigned_abs()));
    }

    /// Moves the wall clock alone, as a wrong time server does.
    pub fn leap(&self, microseconds: i64) {
        self.wall.fetch_add(microseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::from_microseconds(self.wall.load(Ordering::SeqCst))
    }

    fn running(&self) -> Duration {
        Duration::from_micros(self.running.load(Ordering::SeqCst))
    }
}

/// A ledger in memory, its registrar and its clock.
#[derive(Clone)]
pub struct TestLedger {
    /// The ledger.
    pub ledger: Ledger,
    /// The registrar.
    pub registrar: Registrar,
    /// The clock.
    pub clock: Arc<TestClock>,
    /// The source of randomness.
    pub random: Arc<dyn Random>,
    commands: Arc<AtomicU64>,
}

impl TestLedger {
    /// An empty ledger at noon UTC of 1 January 2025.
    ///
    /// # Panics
    /// Never: a ledger in memory opens.
    pub fn empty() -> Self {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let ledger = Ledger::in_memory(Uuid::from_u128(7), Arc::clone(&random));
        Self::over(ledger, random)
    }

    /// A ledger whose parts the test has chosen, at noon UTC of 1 January 2025.
    ///
    /// # Panics
    /// Where it does not open.
    pub fn over(ledger: Ledger, random: Arc<dyn Random>) -> Self {
        let clock = TestClock::at("2025-01-01T12:00:00Z");
        let registrar = Registrar::open(&ledger, Arc::clone(&clock) as _, Arc::clone(&random))
            .expect("the test's ledger opens");
        Self {
            ledger,
            registrar,
            clock,
            random,
            commands: Arc::default(),
        }
    }

    /// A founded ledger.
    pub async fn founded() -> Self {
        let test = Self::empty();
        test.given(found_ledger()).await;
        test
    }

    /// The journals for authentications.
    ///
    /// # Panics
    /// Never: a ledger in memory opens.
    pub fn authentications(&self) -> AuthenticationJournals {
        let (clock, random) = (Arc::clone(&self.clock) as _, Arc::clone(&self.random));
        AuthenticationJournals::open(&self.ledger, clock, random).expect("a ledger in memory opens")
    }

    /// A second registrar over the same ledger, as after a restart.
    ///
    /// # Panics
    /// Never: a ledger in memory opens.
    pub fn reopened(&self) -> Registrar {
        let (clock, random) = (Arc::clone(&self.clock) as _, Arc::clone(&self.random));
        Registrar::open(&self.ledger, clock, random).expect("a ledger in memory opens")
    }

    /// A submission of `command` by somebody with every network-wide right, under a fresh id.
    pub fn submission(&self, command: impl Into<Command>) -> Submission {
        let number = self.commands.fetch_add(1, Ordering::SeqCst) + 1;
        let command = command.into();
        let wide = [
            Right::Operator,
            Right::Owner,
            Right::SteeringMember,
            Right::Auditor,
            Right::Clerk,
            Right::Provisioning,
        ];
        let rights: Rights = wide.into_iter().map(|right| (right, None)).collect();
        // Whoever tests a rule is not to be stopped by a right: every way is opened.
        let ways = command.authorities(&self.registrar.network().1);
        let ways = ways.into_iter().map(|way| (way.right, way.organisation));
        let rights = rights
            .iter()
            .map(|(right, organisation)| (right, organisation.cloned()))
            .chain(ways)
            .collect();
        Submission {
            command_id: CommandId(Uuid::from_u128(u128::from(number))),
            expected_version: None,
            actor: Actor {
                person: PersonId(Uuid::from_u128(1)),
                means: Means::Console,
                on_behalf_of: None,
            },
            rights,
            reason: None,
            command,
        }
    }

    /// Submits a command that must be accepted.
    ///
    /// # Panics
    /// Where it is not.
    pub async fn given(&self, command: impl Into<Command>) -> Receipt {
        let submission = self.submission(command);
        let name = submission.command.name();
        match self.registrar.submit(submission).await {
            Ok(receipt) => receipt,
            Err(SubmitError::Rejected(rejection)) => panic!("{name} was refused: {rejection}"),
            Err(error) => panic!("{name}: {error}"),
        }
    }
}
