//! The rooms put together over one open ledger: what `serve`, `demo` and `import` all need.

use crate::exit::{Kind, Marked as _, trouble};
use crate::machine::{SystemClock, SystemRandom, fresh_id};
use crate::progress::Progress;
use anyhow::Context as _;
use domain::{Actor, Command, CommandId, Means, PersonId, Rejection, Right, Rights};
use ledger::{Ledger, Random};
use projections::Views;
use projections::usage::Usage;
use registrar::{
    Alarms, AuthenticationJournals, Clock, Receipt, Registrar, Submission, SubmitError, clerk,
};
use std::path::Path;
use std::sync::Arc;

/// An open ledger with its registrar and its read models. Cheap to clone.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) ledger: Ledger,
    pub(crate) registrar: Registrar,
    pub(crate) views: Views,
    pub(crate) authentications: AuthenticationJournals,
    pub(crate) usage: Usage,
    pub(crate) alarms: Alarms,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl House {
    /// Replays the ledger and puts the rooms above it. Blocks while it replays. `read_models` is
    /// where checkpoints and the counts of usage lie; they can be thrown away.
    pub(crate) fn open(
        ledger: Ledger,
        read_models: Option<&Path>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let progress = Progress::events("replaying the log");
        let registrar = Registrar::open_watched(
            &ledger,
            Arc::clone(&clock),
            Arc::clone(&random),
            &|position| progress.at(position),
        )?;
        drop(progress);
        let progress = Progress::events("folding the read models");
        let log = registrar.log().clone();
        let views = Views::open(log, read_models, &|position| progress.at(position))?;
        drop(progress);
        let authentications =
            AuthenticationJournals::open(&ledger, Arc::clone(&clock), Arc::clone(&random))?;
        let zone = views.current().network.zone().clone();
        let index = read_models.map(|directory| directory.join("usage"));
        let usage = Usage::open(ledger.clone(), index.as_deref(), zone)?;
        Ok(Self {
            ledger,
            registrar,
            views,
            authentications,
            usage,
            alarms: Alarms::default(),
            clock,
            random,
        })
    }

    /// The same with the machine's own clock.
    pub(crate) fn open_now(ledger: Ledger, read_models: Option<&Path>) -> anyhow::Result<Self> {
        Self::open(ledger, read_models, Arc::new(SystemClock))
    }

    /// Follows the log and records what time brings about, until the tasks are dropped.
    pub(crate) fn follow(&self) -> tokio::task::JoinSet<()> {
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(self.views.clone().follow());
        tasks.spawn(self.usage.clone().follow(self.alarms.clone()));
        let (registrar, clock) = (self.registrar.clone(), Arc::clone(&self.clock));
        tasks.spawn(clerk::run(registrar, clock, self.alarms.clone()));
        tasks
    }

    /// Gives a command at the console, with this right.
    pub(crate) async fn submit(
        &self,
        right: Right,
        command: impl Into<Command>,
    ) -> anyhow::Result<Receipt> {
        submit(&self.registrar, right, command).await
    }

    /// Stops the ledger cleanly.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let close = move || {
            self.views.checkpoint();
            self.ledger.close();
        };
        tokio::task::spawn_blocking(close)
            .await
            .context("closing the ledger failed")
    }
}

/// Whoever sits at the machine where the ledger lies.
pub(crate) fn console() -> Actor {
    Actor {
        person: PersonId(uuid::Uuid::nil()),
        means: Means::Console,
        on_behalf_of: None,
    }
}

/// A refusal in words, with its remedy.
pub(crate) fn refused(rejection: &Rejection) -> anyhow::Error {
    let remedy = &rejection.remedy;
    trouble(
        Kind::Refused,
        format!("{rejection}\n  what to do: {remedy}"),
    )
}

/// Gives a command at the console to a registrar.
pub(crate) async fn submit(
    registrar: &Registrar,
    right: Right,
    command: impl Into<Command>,
) -> anyhow::Result<Receipt> {
    let command = command.into();
    let ways = command.authorities(&registrar.network().1);
    // An organisation right is held for the organisation that the command names.
    let rights: Rights = ways
        .into_iter()
        .filter(|way| way.right == right)
        .map(|way| (way.right, way.organisation))
        .collect();
    let submission = Submission {
        command_id: CommandId(fresh_id()),
        expected_version: None,
        actor: console(),
        rights,
        reason: None,
        command,
    };
    match registrar.submit(submission).await {
        Ok(receipt) => Ok(receipt),
        Err(SubmitError::Rejected(rejection)) => Err(refused(&rejection)),
        Err(error) => Err(error).kind(Kind::Machine),
    }
}
