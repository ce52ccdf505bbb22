//! Measures the product against the bare minimum on the same machine, in the same run: each figure beside its
//! limit or its peer, as the median of several rounds that alternate with the peer's. `scripts/bench` runs it.
//!
//! It owns the measuring and nothing of what is measured: everything goes through the public doors of the
//! rooms, on the embedded engine in a scratch directory. No figure here decides whether a test passes: other
//! work on the machine moves them all.

mod append;
mod authentications;
mod bare;
mod figures;
mod house;
mod http;
mod network;
mod query;
mod replay;
mod routing;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use figures::Report;
use std::path::PathBuf;

/// Measures trustnet against the bare minimum on this machine.
///
/// Prints one line for each figure: PASS or MISS, what was measured, its peer in the same run, and
/// the median of their ratio over the rounds with its spread, beside what it is to reach.
#[derive(Debug, Parser)]
#[command(name = "scripts/bench")]
struct Arguments {
    /// Measures with a tenth of the events and in fewer rounds: minutes instead of a quarter of an hour.
    #[arg(long)]
    quick: bool,
    /// Measures these alone. May be repeated.
    #[arg(long = "only", value_enum)]
    only: Vec<Part>,
    /// The directory in which scratch ledgers are made and removed again; it should lie on the disk
    /// that is to be measured. The full run needs about 15 GiB.
    #[arg(long, default_value = "target/bench")]
    directory: PathBuf,
    /// How many rounds, where the usual number does not suit.
    #[arg(long)]
    rounds: Option<usize>,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Durable appends through the registrar, many writers and one.
    Append,
    /// A GraphQL query over many members.
    Query,
    /// A routing change on its way to a node.
    Routing,
    /// The replay of the governance journal.
    Replay,
    /// Millions of authentications.
    Authentications,
}

const PARTS: [Part; 5] = [
    Part::Append,
    Part::Query,
    Part::Routing,
    Part::Replay,
    Part::Authentications,
];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Scale {
    quick: bool,
    rounds: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let scale = Scale {
        quick: arguments.quick,
        rounds: arguments
            .rounds
            .unwrap_or(if arguments.quick { 3 } else { 5 })
            .max(1),
    };
    std::fs::create_dir_all(&arguments.directory).with_context(|| {
        format!(
            "making the directory `{}` failed",
            arguments.directory.display()
        )
    })?;
    let scratch =
        tempfile::tempdir_in(&arguments.directory).context("making a scratch directory failed")?;
    let mut report = Report::default();
    figures::print_machine(scratch.path())?;
    for part in PARTS {
        if !arguments.only.is_empty() && !arguments.only.contains(&part) {
            continue;
        }
        let place = scratch.path().join(format!("{part:?}").to_lowercase());
        std::fs::create_dir(&place).context("making a scratch directory failed")?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("starting the runtime failed")?;
        let measured = match part {
            Part::Append => runtime.block_on(append::measure(&place, scale, &mut report)),
            Part::Query => runtime.block_on(query::measure(&place, scale, &mut report)),
            Part::Routing => runtime.block_on(routing::measure(&place, scale, &mut report)),
            Part::Replay => runtime.block_on(replay::measure(&place, scale, &mut report)),
            Part::Authentications => {
                runtime.block_on(authentications::measure(&place, scale, &mut report))
            }
        };
        measured.with_context(|| format!("measuring `{part:?}` failed"))?;
        runtime.shutdown_timeout(std::time::Duration::from_secs(10));
        std::fs::remove_dir_all(&place).context("removing a scratch directory failed")?;
    }
    report.print_summary();
    Ok(())
}
