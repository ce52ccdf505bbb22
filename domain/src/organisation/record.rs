//! Taking in an answer of the organisation service: only what differs is recorded.

use super::{Organisation, OrganisationDescription};
use crate::time::Instant;
use crate::value::OrganisationOid;
use crate::{Context, Decide, Decision, Event, Evolve, Network, Rejection, Rule, RuleKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The share of the known organisations that one answer may close where no rule says otherwise
/// (our decision, domain facts J.13).
const CLOSURES_PERCENT: u8 = 5;

/// One organisation of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationEntry {
    /// Its identifier.
    pub organisation: OrganisationOid,
    /// What the service says of it.
    pub description: OrganisationDescription,
    /// Whether it is in operation.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// Records what the organisation service answered: one statement, taken whole or refused whole.
///
/// Refused where it is empty, or would close more than the rule `OrganisationClosures` allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordOrganisations {
    /// The organisations of the answer, at any depth, parents beside their children.
    pub organisations: Vec<OrganisationEntry>,
    /// Whether the answer lists all there are: whatever it leaves out is then closed.
    #[serde(default)]
    pub complete: bool,
    /// The organisation that was asked about, where the answer lists only what lies under it.
    #[serde(default)]
    pub under: Option<OrganisationOid>,
}

/// An organisation that was not known was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationRecorded {
    /// Its identifier.
    pub organisation: OrganisationOid,
    /// What the service says of it.
    pub description: OrganisationDescription,
}

/// What is said of an organisation changed, or a closed one is in operation again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationChanged {
    /// Its identifier.
    pub organisation: OrganisationOid,
    /// What the service says of it now.
    pub description: OrganisationDescription,
    /// Whether it was closed before and is in operation again.
    #[serde(default)]
    pub reopened: bool,
}

/// An organisation is in operation no more, or gone from the service. Its integrations route until
/// its membership ends (our decision, domain facts J.13); its schools are no longer resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationClosed {
    /// Its identifier.
    pub organisation: OrganisationOid,
    /// Whether the service says so; otherwise the service left it out of a complete answer.
    pub stated: bool,
}

impl Decide for RecordOrganisations {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let entries = self.entries()?;
        let known = &network.organisations;
        let mut events: Vec<Event> = Vec::new();
        let mut closed = 0_usize;
        for (oid, entry) in &entries {
            let description = || entry.description.clone();
            match known.get(oid) {
                None if entry.active => events.push(
                    OrganisationRecorded {
                        organisation: (*oid).clone(),
                        description: description(),
                    }
                    .into(),
                ),
                Some(row) if entry.active => {
                    let reopened = !row.is_active();
                    if reopened || row.description != entry.description {
                        events.push(
                            OrganisationChanged {
                                organisation: (*oid).clone(),
                                description: description(),
                                reopened,
                            }
                            .into(),
                        );
                    }
                }
                Some(row) if row.is_active() => {
                    closed += 1;
                    events.push(closure(oid, true));
                }
                // One that is closed already, or closed and never known, changes nothing.
                Some(_) | None => {}
            }
        }
        if self.complete {
            let in_scope = |oid| {
                self.under
                    .as_ref()
                    .is_none_or(|top| known.lies_under(oid, top))
            };
            for (oid, row) in known.iter() {
                if row.is_active() && !entries.contains_key(oid) && in_scope(oid) {
                    closed += 1;
                    events.push(closure(oid, false));
                }
            }
        }
        guard(network, context, closed)?;
        if events.is_empty() {
            return Err(Rejection::new(
                "NOTHING_TO_CHANGE",
                "the answer says what is recorded already",
            )
            .field("organisations")
            .remedy("nothing needs to be recorded"));
        }
        Ok(events)
    }
}

fn closure(oid: &OrganisationOid, stated: bool) -> Event {
    OrganisationClosed {
        organisation: oid.clone(),
        stated,
    }
    .into()
}

impl RecordOrganisations {
    /// The entries by identifier. The service repeats an organisation in some answers; one that
    /// says two different things is not believed.
    fn entries(&self) -> Result<BTreeMap<&OrganisationOid, &OrganisationEntry>, Rejection> {
        if self.organisations.is_empty() {
            return Err(
                Rejection::new("EMPTY_ANSWER", "the answer lists no organisation")
                    .field("organisations")
                    .remedy("fetch the answer again; an empty one is never recorded")
                    .rule("our decision"),
            );
        }
        let mut entries = BTreeMap::new();
        for entry in &self.organisations {
            let former = entries.insert(&entry.organisation, entry);
            if former.is_some_and(|former| former != entry) {
                return Err(Rejection::new(
                    "REPEATED",
                    format!("{} is listed twice and differently", entry.organisation),
                )
                .field("organisations")
                .remedy("fetch the answer again"));
            }
            if entry.description.parent.as_ref() == Some(&entry.organisation) {
                return Err(Rejection::new(
                    "PARENT_INVALID",
                    format!("{} is said to lie under itself", entry.organisation),
                )
                .field("organisations")
                .remedy("fetch the answer again"));
            }
        }
        Ok(entries)
    }
}

/// Refuses an answer that closes too much: more likely the service is ailing than the schools.
fn guard(network: &Network, context: &Context<'_>, closed: usize) -> Result<(), Rejection> {
    let today = network.date(context.now);
    let rule = network.rules.on(RuleKind::OrganisationClosures, today);
    let percent = match rule.map(|dated| &dated.rule) {
        Some(Rule::OrganisationClosures { percent }) => *percent,
        _ => CLOSURES_PERCENT,
    };
    let active = network.organisations.active();
    if closed.saturating_mul(100) <= usize::from(percent).saturating_mul(active) {
        return Ok(());
    }
    Err(Rejection::new(
        "TOO_MANY_CLOSURES",
        format!(
            "the answer would close {closed} of {active} organisations; {percent} % are allowed"
        ),
    )
    .field("organisations")
    .remedy("check the organisation service; if it is right, set the rule OrganisationClosures higher for the day")
    .rule("our decision"))
}

impl Evolve for OrganisationRecorded {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let row = Organisation {
            description: self.description.clone(),
            closed_at: None,
        };
        network.organisations.put(&self.organisation, row);
    }
}

impl Evolve for OrganisationChanged {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let former = network.organisations.get(&self.organisation);
        let row = Organisation {
            description: self.description.clone(),
            closed_at: former
                .and_then(|row| row.closed_at)
                .filter(|_| !self.reopened),
        };
        network.organisations.put(&self.organisation, row);
    }
}

impl Evolve for OrganisationClosed {
    fn evolve(&self, network: &mut Network, at: Instant) {
        if let Some(row) = network.organisations.get(&self.organisation) {
            let mut row = row.clone();
            row.closed_at = Some(row.closed_at.unwrap_or(at));
            network.organisations.put(&self.organisation, row);
        }
    }
}
