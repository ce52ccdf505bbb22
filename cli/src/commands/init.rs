//! `trustnet init`: founds a ledger.

use crate::arguments::Init;
use crate::exit::{Kind, Marked as _, trouble};
use crate::house::{console, refused, submit};
use crate::machine::{SystemClock, SystemRandom, fresh_id};
use crate::{commands, data};
use anyhow::Context as _;
use domain::{Command, CommandId, FoundLedger, IssueMachineCredential, Right};
use ledger::{Ledger, Random as _};
use registrar::Registrar;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A founding to fill in: everything a ledger needs to know first, with invented parties.
const TEMPLATE: &str = include_str!("init/template.json");

/// Founds a ledger, or prints the template.
pub(crate) fn run(arguments: &Init) -> anyhow::Result<()> {
    let (Some(directory), Some(file)) = (&arguments.data, &arguments.founding) else {
        print!("{TEMPLATE}");
        return Ok(());
    };
    // Read and checked whole before anything is made.
    let founding = read_founding(file)?;
    let key_file = arguments
        .master_key
        .clone()
        .unwrap_or_else(|| data::default_master_key(directory));
    let ledger = if Ledger::exists_in(directory) {
        interrupted(directory, &key_file, arguments.vault.clone())?
    } else {
        refuse_early(&founding)?;
        let options = data::options(data::master_key_or_new(&key_file)?, arguments.vault.clone());
        Ledger::create_in(directory, fresh_id(), &options)
            .with_context(|| format!("making the ledger in `{}` failed", directory.display()))?
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let founded = runtime.block_on(found(&ledger, founding, arguments.machine_credential));
    ledger.close();
    let credential = founded?;
    if arguments.json {
        return commands::print_json(&serde_json::json!({
            "ledger": ledger.id(),
            "data": directory,
            "masterKey": key_file,
            "machineCredential": credential,
        }));
    }
    println!("founded ledger {} in {}", ledger.id(), directory.display());
    println!(
        "master key: {} (keep it apart from the data)",
        key_file.display()
    );
    if let Some(credential) = credential {
        println!("machine credential, shown only now: {credential}");
    }
    Ok(())
}

/// The ledger that an earlier call made and did not found, because it was interrupted in between.
fn interrupted(
    directory: &Path,
    key_file: &Path,
    vault: Option<PathBuf>,
) -> anyhow::Result<Ledger> {
    // Without its key it is no ledger that this call could have left.
    if key_file.exists() {
        let options = data::options(data::read_master_key(key_file)?, vault);
        let ledger = data::open(directory, &options)?;
        if !data::is_founded(&ledger)? {
            return Ok(ledger);
        }
        ledger.close();
    }
    let directory = directory.display();
    Err(trouble(
        Kind::Input,
        format!("`{directory}` holds a ledger already"),
    ))
}

fn read_founding(file: &Path) -> anyhow::Result<FoundLedger> {
    let shown = file.display();
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("reading standard input failed")
            .kind(Kind::Input)?;
    } else {
        bytes = std::fs::read(file)
            .with_context(|| format!("reading `{shown}` failed"))
            .kind(Kind::Input)?;
    }
    let json = api::strict_json::read(&bytes)
        .map_err(|error| trouble(Kind::Input, format!("{shown}: {error}")))?;
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        trouble(
            Kind::Input,
            format!("{shown}: `{path}`: {}", error.into_inner()),
        )
    })
}

/// Asks the rules before a directory is made, so that a refusal leaves nothing behind.
fn refuse_early(founding: &FoundLedger) -> anyhow::Result<()> {
    let clock = SystemClock;
    let actor = console();
    let context = domain::Context {
        now: registrar::Clock::now(&clock),
        command: CommandId(fresh_id()),
        actor: &actor,
    };
    let network = domain::Network::default();
    network
        .decide(&Command::from(founding.clone()), &context)
        .map_err(|rejection| refused(&rejection))?;
    Ok(())
}

async fn found(
    ledger: &Ledger,
    founding: FoundLedger,
    machine_credential: bool,
) -> anyhow::Result<Option<String>> {
    let clock = Arc::new(SystemClock);
    let registrar = Registrar::open(ledger, clock, Arc::new(SystemRandom))?;
    submit(&registrar, Right::Clerk, founding).await?;
    if !machine_credential {
        return Ok(None);
    }
    let mut secret = [0; 32];
    SystemRandom.fill(&mut secret);
    let secret = hex::encode(secret);
    let hash = api::hash_secret(&SystemRandom, &secret);
    let command = IssueMachineCredential {
        label: "first machine credential, issued at the founding".parse()?,
        right: Right::Operator,
        organisation: None,
        environment: None,
        secret_hash: hash.parse()?,
    };
    submit(&registrar, Right::Operator, command).await?;
    let network = registrar.network();
    let issued = network
        .1
        .access
        .credentials
        .iter()
        .next()
        .map(|(id, _)| *id);
    let id = issued.context("the credential that was just issued is missing")?;
    Ok(Some(format!("{id}.{secret}")))
}
