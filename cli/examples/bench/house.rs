//! The rooms over a scratch ledger on the embedded engine, with the machine's clock.

use anyhow::Context as _;
use domain::time::Instant;
use domain::{Actor, Command, CommandId, FoundLedger, Means, PersonId, Right, Rights};
use ledger::vault::MasterKey;
use ledger::{DirectoryOptions, Ledger, Random, SeededRandom};
use projections::Views;
use registrar::{Clock, Receipt, Registrar, Submission, SubmitError};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The founding that `trustnet init` gives to fill in; its parties are invented.
const FOUNDING: &str = include_str!("../../src/commands/init/template.json");

/// The machine's clocks.
#[derive(Debug)]
struct SystemClock(std::time::Instant);

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is passed in"
    )]
    fn now(&self) -> Instant {
        time::OffsetDateTime::now_utc().into()
    }

    fn running(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A ledger with its registrar.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) ledger: Ledger,
    pub(crate) registrar: Registrar,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl House {
    /// A founded ledger in `directory`.
    pub(crate) async fn founded(directory: &Path) -> anyhow::Result<Self> {
        let options = options();
        let ledger = Ledger::create_in(directory, Uuid::from_u128(1), &options)
            .context("making a scratch ledger failed")?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock(std::time::Instant::now()));
        let random = Arc::clone(&options.random);
        let registrar = Registrar::open(&ledger, Arc::clone(&clock), Arc::clone(&random))?;
        let house = Self {
            ledger,
            registrar,
            clock,
            random,
        };
        let founding: FoundLedger =
            serde_json::from_str(FOUNDING).context("the founding is no founding")?;
        house.submit(founding).await?;
        Ok(house)
    }

    /// The read models, folded.
    pub(crate) fn views(&self) -> anyhow::Result<Views> {
        Ok(Views::fold(self.registrar.log().clone())?)
    }

    /// A submission by somebody who may do it, under a fresh id.
    pub(crate) fn submission(&self, command: impl Into<Command>) -> Submission {
        let id = CommandId(Uuid::from_u128(u128::from_be_bytes(self.random.sixteen())));
        self.submission_as(id, command)
    }

    /// The same under an id that is known.
    pub(crate) fn submission_as(&self, id: CommandId, command: impl Into<Command>) -> Submission {
        let command = command.into();
        let ways = command.authorities(&self.registrar.network().1);
        let rights: Rights = ways
            .into_iter()
            .map(|way| (way.right, way.organisation))
            .chain([(Right::Operator, None)])
            .collect();
        Submission {
            command_id: id,
            expected_version: None,
            actor: Actor {
                person: PersonId(Uuid::nil()),
                means: Means::Console,
                on_behalf_of: None,
            },
            rights,
            reason: None,
            command,
        }
    }

    /// Gives a command that must be accepted.
    pub(crate) async fn submit(&self, command: impl Into<Command>) -> anyhow::Result<Receipt> {
        self.give(self.submission(command)).await
    }

    /// Gives a command that must be accepted.
    pub(crate) async fn give(&self, submission: Submission) -> anyhow::Result<Receipt> {
        let name = submission.command.name();
        match self.registrar.submit(submission).await {
            Ok(receipt) => Ok(receipt),
            Err(SubmitError::Rejected(rejection)) => {
                anyhow::bail!("{name} was refused: {rejection}")
            }
            Err(error) => Err(error).with_context(|| format!("{name} was not recorded")),
        }
    }

    /// Stops the ledger cleanly.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let ledger = self.ledger;
        tokio::task::spawn_blocking(move || ledger.close())
            .await
            .context("closing a scratch ledger failed")
    }
}

fn options() -> DirectoryOptions {
    // Keys of scratch ledgers protect nothing, and a seed makes runs alike.
    DirectoryOptions::new(MasterKey::new([1; 32]), Arc::new(SeededRandom::new(1)))
}

/// A value from words of the benchmark's own.
pub(crate) fn own<T: FromStr>(text: &str) -> T {
    let value = text.parse().ok();
    value.expect("what the benchmark says itself is well formed")
}

/// The id of what a command creates.
pub(crate) fn created(command: CommandId, label: &str) -> Uuid {
    Uuid::new_v5(&command.0, label.as_bytes())
}
