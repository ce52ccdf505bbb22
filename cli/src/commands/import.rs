//! `trustnet import`: takes in what other systems wrote.

use crate::exit::{Kind, Marked as _, trouble};
use crate::import::mpassid::{self, Source, call};
use crate::import::organisations::{self, Scope};
use crate::import::report::Report;
use crate::import::target::{Target, Where};
use anyhow::Context as _;
use domain::AcceptImportedMembers;
use domain::time::Date;
use domain::value::{InstrumentVersion, OrganisationOid, ShortText};
use std::path::{Path, PathBuf};
use url::Url;
use zeroize::Zeroizing;

/// What can be imported.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Import {
    /// Takes in loading files of MPASSid-hallintapalvelu: identity providers, services, sets. The
    /// files of one call are checked whole and recorded whole or not at all; only what differs is
    /// recorded.
    Mpassid(Mpassid),
    /// Takes in an answer of the organisation service: one organisation or a hierarchy. Only what
    /// differs is recorded.
    Organisations(Organisations),
}

/// Arguments of `import mpassid`.
#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct Mpassid {
    /// The files; together they are one statement.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Takes what an earlier import brought and these files lack out of use, per kind and
    /// environment that they contain.
    #[arg(long)]
    replace: bool,
    /// The most that --replace may take out of use; a call that would take more is refused.
    #[arg(long, value_name = "N", default_value_t = 10, requires = "replace")]
    max_removals: u32,
    /// Leaves invalid entries out and lists them; without it one of them refuses the call.
    #[arg(long)]
    skip_invalid: bool,
    /// Says what would be recorded, and records nothing.
    #[arg(long)]
    dry_run: bool,
    /// Accepts organisations of production and preproduction entries as members under this
    /// published version of the contract or terms; without it they are recorded and do not route.
    #[arg(long, value_name = "INSTRUMENT", requires = "since")]
    accept_members: Option<InstrumentVersion>,
    /// The first day from which the accepted memberships count.
    #[arg(long, value_name = "DATE", requires = "accept_members")]
    since: Option<Date>,
    #[command(flatten)]
    place: Where,
    /// Prints JSON for scripts: what was recorded, left out and refused, by entry.
    #[arg(long)]
    json: bool,
}

/// Arguments of `import organisations`.
#[derive(Debug, clap::Args)]
pub(crate) struct Organisations {
    /// The answer: a file, or the address that gives it.
    #[arg(value_name = "FILE|URL")]
    from: String,
    /// The file lists all organisations there are: those that it leaves out are closed. Of an
    /// address this is known.
    #[arg(long)]
    complete: bool,
    /// The file lists all there are under this organisation.
    #[arg(long, value_name = "OID", requires = "complete")]
    under: Option<OrganisationOid>,
    /// Says what would be recorded, and records nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Where,
    /// Prints JSON for scripts.
    #[arg(long)]
    json: bool,
}

/// Does what was asked.
pub(crate) fn run(import: &Import) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (report, json) = match import {
        Import::Mpassid(wanted) => (runtime.block_on(import_mpassid(wanted))?, wanted.json),
        Import::Organisations(wanted) => {
            (runtime.block_on(import_organisations(wanted))?, wanted.json)
        }
    };
    report.finish(json)
}

async fn import_mpassid(wanted: &Mpassid) -> anyhow::Result<Report> {
    let sources = wanted.files.iter().map(|file| source(file));
    let sources = sources.collect::<anyhow::Result<Vec<_>>>()?;
    let reading = mpassid::read(&sources);
    let source = named(&sources);
    drop(sources);
    let accept_members = wanted.accept_members.clone().zip(wanted.since);
    let wishes = call::Wishes {
        replace: wanted.replace,
        max_removals: wanted.max_removals,
        skip_invalid: wanted.skip_invalid,
        dry_run: wanted.dry_run,
        accept_members: accept_members.map(|(instrument, since)| AcceptImportedMembers {
            instrument,
            since,
            evidence: evidence(source.as_ref()),
        }),
        source,
    };
    let target = open(&wanted.place, wanted.dry_run)?;
    let report = call::run(&target, reading, &wishes).await;
    close(target);
    report
}

async fn import_organisations(wanted: &Organisations) -> anyhow::Result<Report> {
    let url = Url::parse(&wanted.from)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let (answer, scope) = if let Some(url) = url {
        if wanted.complete {
            let message = "--complete is for files: of an address it is known";
            return Err(trouble(Kind::Input, message));
        }
        let bytes = organisations::fetch(&url).await.kind(Kind::Machine)?;
        let answer = organisations::read(&url.as_str().into(), &bytes);
        let scope = organisations::scope_of(&url, &answer);
        (answer, scope)
    } else {
        let file = source(Path::new(&wanted.from))?;
        let answer = organisations::read(&file.name, &file.bytes);
        let under = wanted.under.clone();
        let complete = wanted.complete;
        (answer, Scope { complete, under })
    };
    let target = open(&wanted.place, wanted.dry_run)?;
    let report = organisations::record(&target, answer, scope, wanted.dry_run).await;
    close(target);
    report
}

/// Opens the target. A server is not asked what it would do: it has no such question.
fn open(place: &Where, dry_run: bool) -> anyhow::Result<Target> {
    let target = place.open()?;
    if dry_run && matches!(target, Target::Server(..)) {
        let message = "--dry-run needs --data: a running server cannot be asked for a difference";
        return Err(trouble(Kind::Input, message));
    }
    Ok(target)
}

fn close(target: Target) {
    if let Target::Local(local) = target {
        local.close();
    }
}

fn source(file: &Path) -> anyhow::Result<Source> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("reading `{}` failed", file.display()))
        .kind(Kind::Input)?;
    let name = file.display().to_string();
    Ok(Source {
        name: name.into(),
        bytes: Zeroizing::new(bytes),
    })
}

/// The files in a line, as the log keeps it: without the directories of this machine.
fn named(sources: &[Source]) -> Option<ShortText> {
    let name = |source: &Source| Path::new(&*source.name).file_name().map(ToOwned::to_owned);
    let names = sources.iter().filter_map(name);
    let names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let line: String = names.join(", ").chars().take(200).collect();
    ShortText::parse(&line).ok()
}

/// What shows the memberships: that the other system runs their integrations.
fn evidence(source: Option<&ShortText>) -> ShortText {
    let from = source.map_or("loading files", ShortText::as_str);
    let line = format!("runs integrations in the management service: {from}");
    ShortText::parse(&line).unwrap_or_else(|_| {
        ShortText::parse("runs integrations in the management service").expect("a short text")
    })
}
