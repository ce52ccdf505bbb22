//! What the operator does and owes while the network runs: maintenance and interruptions,
//! suspensions of end users, misuse cases, and the duties of a processor of personal data:
//! breaches, confidentiality, sub-processors, subjects' requests, audits, disclosures of the log
//! (membership contract §5, §6).
//!
//! Members' reports of outages and quality, remarks and disputes are the membership's affair.

mod audit;
mod breach;
mod confidentiality;
mod disclosure;
mod interruption;
mod misuse;
mod obligation;
mod subject_request;
mod subprocessor;
mod suspension;

pub use audit::*;
pub use breach::*;
pub use confidentiality::*;
pub use disclosure::*;
pub use interruption::*;
pub use misuse::*;
pub use subject_request::*;
pub use subprocessor::*;
pub use suspension::*;

pub(crate) use obligation::operations_obligations;

use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{
    AuditId, BreachId, CommitmentId, Context, DisclosureId, InterruptionId, Member, MemberRole,
    MisuseId, Network, PermitId, Rejection, SubjectRequestId, SuspensionId, Table,
};
use serde::{Deserialize, Serialize};

/// What the operator did and owes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operations {
    /// Maintenance and interruptions, announced or not.
    pub interruptions: Table<InterruptionId, Interruption>,
    /// Suspensions of end users, also those that are over.
    pub suspensions: Table<SuspensionId, Suspension>,
    /// Cases of suspected misuse.
    pub misuse_cases: Table<MisuseId, MisuseCase>,
    /// Personal-data breaches.
    pub breaches: Table<BreachId, DataBreach>,
    /// Commitments to confidentiality of those who process personal data.
    pub commitments: Table<CommitmentId, ConfidentialityCommitment>,
    /// Permissions to use sub-processors, also the revoked.
    pub permits: Table<PermitId, SubprocessorPermit>,
    /// Requests of data subjects.
    pub subject_requests: Table<SubjectRequestId, SubjectRequest>,
    /// Audits of the operator.
    pub audits: Table<AuditId, OperatorAudit>,
    /// Requests to see log data.
    pub disclosures: Table<DisclosureId, LogDisclosure>,
}

/// Refuses an instant of something that has happened where it is yet to come.
fn already_happened(
    context: &Context<'_>,
    instant: Instant,
    field: &'static str,
) -> Result<(), Rejection> {
    if instant <= context.now {
        return Ok(());
    }
    Err(
        Rejection::new("IN_THE_FUTURE", "what has happened lies in the past")
            .field(field)
            .remedy("give the time at which it happened")
            .rule("our decision"),
    )
}

/// Whole minutes from `earlier` to `later`, rounded down; none where it lies before.
fn minutes_between(earlier: Instant, later: Instant) -> Option<u64> {
    let microseconds = later.microseconds().checked_sub(earlier.microseconds())?;
    u64::try_from(microseconds).ok().map(|m| m / 60_000_000)
}

/// Days from `earlier` to `later`; none where it lies before.
fn days_between(earlier: Date, later: Date) -> Option<u32> {
    u32::try_from(earlier.days_until(later)).ok()
}

/// The organisations of a list, in order and each once; refused where they are more than
/// `count_max`, for an event holds 64 KiB.
fn organisations(
    given: &[OrganisationOid],
    count_max: usize,
    field: &'static str,
) -> Result<Vec<OrganisationOid>, Rejection> {
    if given.len() > count_max {
        return Err(Rejection::new(
            "TOO_MANY",
            format!("at most {count_max} organisations fit into one command"),
        )
        .field(field)
        .remedy("name fewer, and the rest in further commands"));
    }
    let mut organisations = given.to_vec();
    organisations.sort_unstable();
    organisations.dedup();
    Ok(organisations)
}

/// Refuses, as a controller, whoever is not and was not a home organisation: the operator
/// processes personal data for these alone (membership contract §5, home organisation, first
/// point; §6 ¶9).
fn controller(
    network: &Network,
    organisation: &OrganisationOid,
    now: Instant,
    field: &'static str,
) -> Result<(), Rejection> {
    let row = network.members.get(organisation);
    let held = |row: &Member| {
        let mut windows = row.role_windows(MemberRole::HomeOrganisation).into_iter();
        windows.any(|window| window.from <= now)
    };
    if row.is_some_and(held) {
        return Ok(());
    }
    Err(Rejection::new(
        "NOT_A_HOME_ORGANISATION",
        format!("{organisation} is not and was not a home organisation of this network"),
    )
    .field(field)
    .remedy("name the home organisation whose users' data it is about")
    .rule("membership contract §5, home organisation, first point; §6 ¶9"))
}

/// Refuses whoever is not and was not a member.
fn member(
    network: &Network,
    organisation: &OrganisationOid,
    now: Instant,
    field: &'static str,
) -> Result<(), Rejection> {
    let row = network.members.get(organisation);
    let began = |row: &Member| row.windows().iter().any(|window| window.from <= now);
    if row.is_some_and(began) {
        return Ok(());
    }
    Err(Rejection::new(
        "NOT_A_MEMBER",
        format!("{organisation} is not and was not a member of this network"),
    )
    .field(field)
    .remedy("name a member"))
}

/// What comes before what it follows.
fn too_early(message: &'static str, field: &'static str) -> Rejection {
    Rejection::new("TOO_EARLY", message)
        .field(field)
        .remedy("check the order of what happened and give a later time")
}

/// A refusal because the thing is in another state than the command needs.
fn wrong_state(message: &'static str, field: &'static str, remedy: &'static str) -> Rejection {
    Rejection::new("WRONG_STATE", message)
        .field(field)
        .remedy(remedy)
}

/// A refusal because the network already says so.
fn nothing_to_change(message: &'static str, field: &'static str) -> Rejection {
    Rejection::new("NOTHING_TO_CHANGE", message)
        .field(field)
        .remedy("nothing needs to be recorded")
}

#[cfg(test)]
mod tests;
