//! One call of `import mpassid`, from what was read to what was recorded.

use super::Reading;
use crate::import::difference::Difference;
use crate::import::report::{Report, Verdict};
use crate::import::secrets::{Recorded, Secrets};
use crate::import::server::Server;
use crate::import::target::{Done, Local, NOTHING, Target, give_to, new_command};
use crate::import::{Finding, Kind, Progress};
use domain::value::ShortText;
use domain::{AcceptImportedMembers, Command, Context, ImportIntegrations, LeftEntry};
use std::collections::BTreeSet;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What the caller wants.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    /// What the files lack goes out of use.
    pub(crate) replace: bool,
    /// How much may go out of use.
    pub(crate) max_removals: u32,
    /// What is invalid is left out.
    pub(crate) skip_invalid: bool,
    /// Nothing is recorded.
    pub(crate) dry_run: bool,
    /// Organisations without a membership are accepted.
    pub(crate) accept_members: Option<AcceptImportedMembers>,
    /// Where the entries come from.
    pub(crate) source: Option<ShortText>,
}

/// Does what the caller wants with what was read.
pub(crate) async fn run(
    target: &Target,
    reading: Reading,
    wishes: &Wishes,
) -> anyhow::Result<Report> {
    match target {
        Target::Local(local) => run_local(local, reading, wishes).await,
        Target::Server(server, key) => run_remote(server, key, reading, wishes).await,
    }
}

/// The command of the call.
fn command(reading: &Reading, secrets: &Secrets<'_>, wishes: &Wishes) -> ImportIntegrations {
    ImportIntegrations {
        sets: reading.sets.clone(),
        clients: reading
            .clients
            .iter()
            .map(|read| secrets.hashed(read))
            .collect(),
        homes: reading
            .homes
            .iter()
            .map(|home| secrets.marked(home.clone()))
            .collect(),
        replace: wishes.replace,
        max_removals: wishes.max_removals,
        skip_invalid: wishes.skip_invalid,
        unreadable: reading.unreadable(),
        accept_members: wishes.accept_members.clone(),
        source: wishes.source.clone(),
    }
}

impl Reading {
    /// What was named and could not be read: one statement an entry.
    fn unreadable(&self) -> Vec<LeftEntry> {
        let named = self.unusable.iter().filter_map(|(kind, id)| {
            let first = self
                .errors
                .iter()
                .find(|error| error.kind == *kind && error.id.as_deref() == Some(id.as_str()))?;
            Some(LeftEntry {
                kind: kind.imported()?,
                legacy_id: id.clone(),
                field: first.field.clone(),
                code: first.code.clone(),
                message: first.message.clone(),
            })
        });
        named.collect()
    }

    /// Why the files cannot replace what is recorded, where they cannot.
    fn cannot_replace(&self) -> Option<Finding> {
        let file = self.errors.first().map(|error| Arc::clone(&error.file))?;
        let message = "with --replace every entry must be named: mend the broken file or entry";
        self.incomplete
            .then(|| Finding::of_file(&file, "INCOMPLETE", message.to_owned()))
    }

    /// Whether the call ends here, and how.
    fn refused(&self, wishes: &Wishes) -> Vec<Finding> {
        let mut refused = Vec::new();
        if !wishes.skip_invalid {
            refused.extend(self.errors.iter().cloned());
        }
        if wishes.replace {
            refused.extend(self.cannot_replace());
        }
        refused
    }
}

/// With the ledger at hand everything that is wrong is said at once, and every change by entry.
async fn run_local(local: &Local, reading: Reading, wishes: &Wishes) -> anyhow::Result<Report> {
    let id = new_command();
    let before = local.registrar.network();
    let recorded = Recorded {
        network: &before.1,
        log: local.registrar.log(),
    };
    let secrets = Secrets {
        key: &local.key,
        recorded: Some(recorded),
    };
    let call = command(&reading, &secrets, wishes);
    let actor = crate::house::console();
    let context = Context {
        now: local.clock.now(),
        command: id,
        actor: &actor,
    };
    let progress = Progress::step("working out the difference");
    let plan = call.plan(&before.1, &context);
    let unusable = call.unreadable.len();
    let left = plan.left.into_iter().skip(unusable).map(|left| {
        let key = (Kind::from(left.kind), left.legacy_id.clone());
        let file = reading
            .files
            .get(&key)
            .cloned()
            .unwrap_or_else(|| "the call".into());
        Finding::of_left(file, left)
    });
    let left: Vec<Finding> = left.collect();
    let mut report = Report::new(Verdict::Invalid);
    report.warnings.clone_from(&reading.warnings);
    report.refused = reading.refused(wishes);
    let invalid = !report.refused.is_empty();
    if !wishes.skip_invalid {
        report.refused.extend(left.iter().cloned());
    }
    if !report.refused.is_empty() {
        if !invalid {
            report.verdict = Verdict::Refused;
        }
        return Ok(report);
    }
    // What the network leaves is neither changed nor unchanged; one entry may have several faults.
    let left_out: BTreeSet<_> = left
        .iter()
        .map(|finding| (finding.kind, finding.id.clone()))
        .collect();
    report.left = reading.errors.clone();
    report.left.extend(left);
    let entries = call.sets.len() + call.clients.len() + call.homes.len();
    let entries = entries.saturating_sub(left_out.len());
    let command = Command::from(call);
    let decided = local.decide(&command, id);
    let now = decided.now;
    match decided.outcome {
        Err(refused) if refused.code == NOTHING => {
            report.verdict = Verdict::NothingToRecord;
            report.recorded = Some(Vec::new());
            report.unchanged = Some(entries);
            let difference = Difference::of(&before.1, &[], now, &reading.files);
            report
                .warnings
                .extend(difference.compliance(&reading.files, now));
            return Ok(report);
        }
        Err(refused) => {
            report.verdict = Verdict::Refused;
            report.refusal = Some(refused);
            return Ok(report);
        }
        Ok(events) => {
            let difference = Difference::of(&before.1, &events, now, &reading.files);
            report
                .warnings
                .extend(difference.compliance(&reading.files, now));
            let changed = difference
                .changes
                .iter()
                .filter(|change| change.file.is_some())
                .count();
            report.unchanged = Some(entries.saturating_sub(changed));
            report.recorded = Some(difference.changes);
            report.members = difference.members;
        }
    }
    drop(progress);
    if wishes.dry_run {
        report.verdict = Verdict::WouldRecord;
        return Ok(report);
    }
    let _progress = Progress::step("recording");
    Ok(finish(local.give(command, id).await?, report))
}

/// Behind a server the rules say what they have to say after the files were found good.
async fn run_remote(
    server: &Server,
    key: &Zeroizing<Vec<u8>>,
    reading: Reading,
    wishes: &Wishes,
) -> anyhow::Result<Report> {
    let mut report = Report::new(Verdict::Invalid);
    report.warnings.clone_from(&reading.warnings);
    report.refused = reading.refused(wishes);
    if !report.refused.is_empty() {
        return Ok(report);
    }
    report.left.clone_from(&reading.errors);
    let secrets = Secrets {
        key,
        recorded: None,
    };
    let call = command(&reading, &secrets, wishes);
    let _progress = Progress::step("waiting for the server");
    let done = give_to(server, "ImportIntegrations", new_command(), &call).await?;
    Ok(finish(done, report))
}

/// The report of a command that was given.
fn finish(done: Done, mut report: Report) -> Report {
    match done {
        Done::Recorded(positions) => {
            report.verdict = Verdict::Recorded;
            report.positions = positions;
        }
        Done::Nothing => {
            report.verdict = Verdict::NothingToRecord;
            report.recorded = None;
        }
        Done::Refused(refused) => {
            report.verdict = Verdict::Refused;
            report.recorded = None;
            report.refusal = Some(refused);
        }
    }
    report
}
