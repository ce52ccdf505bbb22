//! Where a call goes: the ledger in a data directory, or a running server.

use super::server::{Given, Refusal, Server, ServerError};
use crate::exit::{Kind, Marked as _, trouble};
use crate::house::console;
use crate::machine::{SystemClock, SystemRandom, fresh_id};
use domain::time::Instant;
use domain::value::WebAddress;
use domain::{Command, CommandId, Context, Event, Network, Rejection, Right, Rights};
use ledger::Ledger;
use registrar::{Clock, Registrar, Submission, SubmitError};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How the caller names the target.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Where {
    /// The server to give the call to; needs --credential.
    #[arg(
        long,
        value_name = "URL",
        requires = "credential",
        conflicts_with = "data"
    )]
    server: Option<WebAddress>,
    /// The machine credential, as the server gave it; `@FILE` reads it from a file.
    #[arg(long, value_name = "TOKEN", requires = "server")]
    credential: Option<String>,
    /// The data directory of a ledger that no server runs on.
    #[arg(long, value_name = "DIR", required_unless_present = "server")]
    data: Option<PathBuf>,
    /// The file with the vault's master key. [default: the data directory's name with
    /// `.master-key`]
    #[arg(long, value_name = "FILE", requires = "data")]
    master_key: Option<PathBuf>,
    /// Where the vault lies, where that is not in the data directory.
    #[arg(long, value_name = "DIR", requires = "data")]
    vault: Option<PathBuf>,
}

/// Where a call goes.
pub(crate) enum Target {
    /// The ledger in a data directory.
    Local(Local),
    /// A running server.
    Server(Server, Zeroizing<Vec<u8>>),
}

/// A ledger that this process opened.
pub(crate) struct Local {
    ledger: Option<Ledger>,
    pub(crate) registrar: Registrar,
    pub(crate) clock: Arc<dyn Clock>,
    /// The key of salts and marks of imported secrets.
    pub(crate) key: Zeroizing<Vec<u8>>,
}

/// What a command would lead to.
pub(crate) struct Decided {
    /// The network that it was decided on, with its position.
    pub(crate) before: Arc<(u64, Network)>,
    /// When.
    pub(crate) now: Instant,
    /// The events, or why there are none.
    pub(crate) outcome: Result<Vec<Event>, Refused>,
}

/// What a command did, or would do.
pub(crate) enum Done {
    /// It was recorded at these positions.
    Recorded(Option<std::ops::Range<u64>>),
    /// There is nothing in it that is not recorded.
    Nothing,
    /// It was refused.
    Refused(Refused),
}

/// A refusal by the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused {
    /// The stable code.
    pub(crate) code: String,
    /// The input field at fault, in the command's own names.
    pub(crate) field: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// What can be done.
    pub(crate) remedy: String,
}

/// What the rules call a command that says nothing new.
pub(crate) const NOTHING: &str = "NOTHING_TO_CHANGE";

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self {
            code: rejection.code.to_owned(),
            field: rejection.field.map(Into::into),
            message: rejection.message.into(),
            remedy: rejection.remedy.into(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let Refusal {
            code,
            field,
            message,
            remedy,
        } = refusal;
        Self {
            code,
            field,
            message,
            remedy,
        }
    }
}

impl Refused {
    /// The outcome that it is: a command that says nothing new is no failure.
    fn done(self) -> Done {
        if self.code == NOTHING {
            Done::Nothing
        } else {
            Done::Refused(self)
        }
    }
}

impl Where {
    /// Opens the ledger, or makes ready to speak to the server.
    pub(crate) fn open(&self) -> anyhow::Result<Target> {
        match (&self.server, &self.credential, &self.data) {
            (Some(address), Some(credential), _) => {
                let credential = read_credential(credential)?;
                let key = Zeroizing::new(credential.as_bytes().to_vec());
                let server = Server::new(address, credential).kind(Kind::Input)?;
                Ok(Target::Server(server, key))
            }
            (_, _, Some(directory)) => {
                Local::open(directory, self.master_key.as_deref(), self.vault.clone())
                    .map(Target::Local)
            }
            _ => Err(trouble(
                Kind::Input,
                "name the ledger: --data DIR, or --server URL",
            )),
        }
    }
}

/// The credential itself, or the content of the file that it names.
fn read_credential(given: &str) -> anyhow::Result<Zeroizing<String>> {
    let text = match given.strip_prefix('@') {
        None => Zeroizing::new(given.to_owned()),
        Some(file) => Zeroizing::new(std::fs::read_to_string(file).map_err(|error| {
            trouble(
                Kind::Input,
                format!("reading the credential `{file}` failed: {error}"),
            )
        })?),
    };
    let credential = text.trim();
    if credential.is_empty() || !credential.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(trouble(Kind::Input, "this is no machine credential"));
    }
    Ok(Zeroizing::new(credential.to_owned()))
}

impl Local {
    /// Opens the ledger in a data directory and replays it.
    fn open(
        directory: &Path,
        master_key: Option<&Path>,
        vault: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        if !Ledger::exists_in(directory) {
            let shown = directory.display();
            return Err(trouble(
                Kind::Input,
                format!("`{shown}` holds no ledger: run `trustnet init`"),
            ));
        }
        let default = crate::data::default_master_key(directory);
        let master = crate::data::read_master_key(master_key.unwrap_or(&default))?;
        let key = ledger::keyed_digest(&*master.to_bytes(), "imported secrets", b"");
        let progress = super::Progress::step("opening the ledger");
        let options = crate::data::options(master, vault);
        let ledger = crate::data::open_founded(directory, &options)?;
        let clock = Arc::new(SystemClock);
        let registrar = Registrar::open(&ledger, Arc::clone(&clock) as _, Arc::new(SystemRandom))?;
        drop(progress);
        let key = Zeroizing::new(key.0.to_vec());
        Ok(Self {
            ledger: Some(ledger),
            registrar,
            clock,
            key,
        })
    }

    /// A ledger that somebody else opened and closes.
    #[cfg(test)]
    pub(crate) fn over(registrar: Registrar, clock: Arc<dyn Clock>) -> Self {
        Self {
            ledger: None,
            registrar,
            clock,
            key: Zeroizing::new(b"key of the tests".to_vec()),
        }
    }

    /// What a command would lead to now.
    pub(crate) fn decide(&self, command: &Command, id: CommandId) -> Decided {
        let before = self.registrar.network();
        let actor = console();
        let now = self.clock.now();
        let context = Context {
            now,
            command: id,
            actor: &actor,
        };
        let outcome = before.1.decide(command, &context).map_err(Refused::from);
        Decided {
            before,
            now,
            outcome,
        }
    }

    /// Gives a command at the console, with the operator's right.
    pub(crate) async fn give(&self, command: Command, id: CommandId) -> anyhow::Result<Done> {
        let submission = Submission {
            command_id: id,
            expected_version: None,
            actor: console(),
            rights: Rights::from_iter([(Right::Operator, None)]),
            reason: None,
            command,
        };
        match self.registrar.submit(submission).await {
            Ok(receipt) => Ok(Done::Recorded(Some(receipt.positions))),
            Err(SubmitError::Rejected(rejection)) => Ok(Refused::from(rejection).done()),
            Err(error) => Err(error).kind(Kind::Machine),
        }
    }

    /// Closes what was opened here.
    pub(crate) fn close(self) {
        if let Some(ledger) = self.ledger {
            ledger.close();
        }
    }
}

/// Gives a command to a server.
pub(crate) async fn give_to(
    server: &Server,
    name: &str,
    id: CommandId,
    input: &impl Serialize,
) -> anyhow::Result<Done> {
    let input = serde_json::to_value(input).kind(Kind::Input)?;
    let given = server.give(name, id, input).await.map_err(|error| {
        let kind = match error {
            ServerError::Credential | ServerError::TooLarge | ServerError::Address => Kind::Input,
            _ => Kind::Machine,
        };
        trouble(kind, format!("{:#}", anyhow::Error::from(error)))
    })?;
    match given {
        Given::Recorded(committed) => {
            let positions = committed.positions;
            let range = positions.first().zip(positions.last());
            let range = range.map(|(first, last)| *first..last.saturating_add(1));
            Ok(Done::Recorded(range))
        }
        Given::Refused(refusals) => {
            let first = refusals.into_iter().next().ok_or_else(|| {
                let message = "the server neither recorded nor refused";
                trouble(Kind::Machine, message)
            })?;
            Ok(Refused::from(first).done())
        }
    }
}

/// A fresh command id.
pub(crate) fn new_command() -> CommandId {
    CommandId(fresh_id())
}
