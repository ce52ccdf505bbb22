//! What can be asked of the program on its command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// An event-sourced ledger for a trust network, with the login proxy that lives by it.
#[derive(Debug, Parser)]
#[command(name = "trustnet", version, after_help = crate::exit::HELP)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The program's commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Founds a ledger: writes event 0 into an empty data directory.
    Init(Init),
    /// Runs the ledger, the API and, where configured, a login proxy.
    Serve(Configured),
    /// Runs everything in one process on loopback, with an invented network's story in the data.
    Demo(Demo),
    /// Runs a proxy node on a machine of its own.
    Proxy(Proxy),
    /// Takes in what other systems wrote; only what differs is recorded.
    #[command(subcommand)]
    Import(crate::commands::import::Import),
    /// Prints the GraphQL schema.
    Schema {
        /// Prints the `OpenAPI` document of the REST interfaces instead.
        #[arg(long)]
        openapi: bool,
    },
    /// Checks a configuration and the machine it is for, and says what to mend.
    Doctor(Configured),
    /// Looks at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints this reference of the commands, in Markdown.
    Commands,
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Arguments of everything that is configured by a file.
#[derive(Debug, clap::Args)]
pub(crate) struct Configured {
    /// The configuration file.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/trustnet/trustnet.toml"
    )]
    pub(crate) config: PathBuf,
    /// Prints JSON for scripts.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A configuration of either kind.
#[derive(Debug, clap::Args)]
pub(crate) struct OfEither {
    /// The configuration and the form of the answer.
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// The file is the configuration of a node, as `trustnet proxy` reads it.
    #[arg(long)]
    pub(crate) node: bool,
}

/// Looks at the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Reads the configuration and says what is wrong with it.
    Check(OfEither),
    /// Prints the configuration as it is understood, defaults included. Secrets are never in it.
    Show(OfEither),
    /// Prints a reference of every setting, in Markdown.
    Reference,
}

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// Prints a founding to fill in, and does nothing else.
    #[arg(long, conflicts_with_all = ["data", "founding"])]
    pub(crate) template: bool,
    /// The data directory: missing or empty, or left by an `init` that was interrupted.
    #[arg(long, value_name = "DIR", required_unless_present = "template")]
    pub(crate) data: Option<PathBuf>,
    /// The file that keeps the vault's master key; made where it is missing. Keep it apart from
    /// the data and from their backups. [default: the data directory's name with `.master-key`]
    #[arg(long, value_name = "FILE")]
    pub(crate) master_key: Option<PathBuf>,
    /// Where the vault is made, where that is not in the data directory; `data.vault` in the
    /// configuration must then name the same place.
    #[arg(long, value_name = "DIR")]
    pub(crate) vault: Option<PathBuf>,
    /// Issues a first machine credential with the operator's right and prints it, once.
    #[arg(long)]
    pub(crate) machine_credential: bool,
    /// Prints JSON for scripts.
    #[arg(long)]
    pub(crate) json: bool,
    /// The founding, as `--template` prints it. `-` reads standard input.
    #[arg(value_name = "FOUNDING.json", required_unless_present = "template")]
    pub(crate) founding: Option<PathBuf>,
}

/// Arguments of `proxy`.
#[derive(Debug, clap::Args)]
pub(crate) struct Proxy {
    /// The configuration and the form of the answer.
    #[command(flatten)]
    pub(crate) configured: NodeConfigured,
    /// What to do; left out, the node runs.
    #[command(subcommand)]
    pub(crate) command: Option<ProxyCommand>,
}

/// Where a node's configuration lies.
#[derive(Debug, clap::Args)]
pub(crate) struct NodeConfigured {
    /// The configuration file of the node.
    #[arg(long, value_name = "FILE", default_value = "/etc/trustnet/proxy.toml")]
    pub(crate) config: PathBuf,
    /// Prints JSON for scripts.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What else can be asked of a node.
#[derive(Debug, Subcommand)]
pub(crate) enum ProxyCommand {
    /// Makes the node's key where it has none, and prints what an operator enrols.
    Identity,
}

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// A data directory to keep the demo in: missing or empty at first, continued later. Without
    /// it, everything is in memory and gone at the end.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The first of six ports that follow one another; 0 takes any that are free.
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub(crate) port: u16,
    /// Prints the addresses and people as JSON for scripts.
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the program's log, not its warnings alone.
    #[arg(long)]
    pub(crate) verbose: bool,
}
