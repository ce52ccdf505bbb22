//! Taking over what another system runs: one call is one statement, checked whole, recorded whole,
//! and only where it differs from what is recorded.
//!
//! Whoever reads the files turns each entry into the types below; every rule is applied here again.

use super::{ClientConfiguration, Discovery, HomeConfiguration, PeerName};
use crate::time::{Date, Instant};
use crate::value::{
    FlowName, IdpId, InstrumentVersion, LanguageText, OrganisationOid, SecretText, ShortText,
};
use crate::{
    Context, Decide, Decision, Environment, Evolve, IntegrationId, Network, Rejection, ServiceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod accept;
mod client;
mod entry;
mod home;
mod plan;
mod removal;
mod set;
#[cfg(test)]
pub(in crate::integration) mod tests;

pub use plan::ImportPlan;

/// How many removals a call may make where it does not say.
const REMOVALS_MAX: u32 = 10;
/// How many left entries the summary names; the rest are counted.
const LEFT_NAMED_MAX: usize = 100;
/// How much of a left entry's field and message the summary keeps, in bytes.
const FIELD_LENGTH_MAX: usize = 100;
const MESSAGE_LENGTH_MAX: usize = 160;

/// Takes over integrations and services from another system, as a whole or not at all.
///
/// What is listed is added or changed, what is inactive and listed is reactivated. Entries need no
/// review. Production entries of organisations without a membership in the needed role are recorded
/// as accepted and not in use: a membership that begins later takes none of them into use, each is
/// activated under it and through its gates. Only `acceptMembers` takes a network in operation over
/// as it is: the entries of members accepted by it route at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportIntegrations {
    /// Services: sets of clients.
    #[serde(default)]
    pub sets: Vec<ImportedSet>,
    /// Clients of services.
    #[serde(default)]
    pub clients: Vec<ImportedClient>,
    /// Integrations of home organisations.
    #[serde(default)]
    pub homes: Vec<ImportedHome>,
    /// Whether what an earlier import brought and this call lacks is inactivated, per kind and
    /// environment that the call lists.
    #[serde(default)]
    pub replace: bool,
    /// The most that may be inactivated; a call that would inactivate more is refused.
    #[serde(default = "removals_max")]
    pub max_removals: u32,
    /// Whether invalid entries are left out and listed; otherwise one of them refuses the call.
    #[serde(default)]
    pub skip_invalid: bool,
    /// Entries that whoever read the files could not make anything of: they are listed with the
    /// others that are left out, and are not lacking.
    #[serde(default)]
    pub unreadable: Vec<LeftEntry>,
    /// Accepts the organisations of the entries as members, where the environment needs a
    /// membership and they have none, and takes their entries into use; left out, such entries are
    /// recorded and do not route.
    #[serde(default)]
    pub accept_members: Option<AcceptImportedMembers>,
    /// Where the entries come from, such as the names of the files.
    #[serde(default)]
    pub source: Option<ShortText>,
}

/// What shows that the organisations of an import are members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptImportedMembers {
    /// The published version of the contract or terms under which they are members.
    pub instrument: InstrumentVersion,
    /// The first day from which the memberships count here.
    pub since: Date,
    /// What shows the memberships, in a line.
    pub evidence: ShortText,
}

fn removals_max() -> u32 {
    REMOVALS_MAX
}

/// A service of another system: a set of clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportedSet {
    /// Its identifier there.
    pub legacy_id: ShortText,
    /// Where its clients are.
    pub environment: Environment,
    /// Its name.
    pub name: LanguageText,
    /// Who provides it; left out, it is recorded with a warning.
    #[serde(default)]
    pub organisation: Option<OrganisationOid>,
    /// Whether accounts with a test learner id may log in to it; left out, what is recorded stays.
    #[serde(default)]
    pub allow_test_learner_id: Option<bool>,
    /// Fields that nothing here has a place for.
    #[serde(default)]
    pub unknown_fields: Vec<ShortText>,
}

/// A client of a service of another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportedClient {
    /// Its identifier there.
    pub legacy_id: ShortText,
    /// Where it lives.
    pub environment: Environment,
    /// Who provides it.
    pub organisation: OrganisationOid,
    /// Its name; also its service's, where no set is described.
    pub name: LanguageText,
    /// The identifiers of the sets it is in; the first is its service. None gives it a service of
    /// its own.
    #[serde(default)]
    pub sets: Vec<ShortText>,
    /// How it is reached. What other systems do not know (PKCE, kind of subject, own keys, single
    /// sign-on) stays as recorded where the client is known.
    pub configuration: ClientConfiguration,
    /// The salted hash of its secret; left out where it is masked. The same secret must give the
    /// same text, or each import is a change: check the recorded hash first.
    #[serde(default)]
    pub secret_hash: Option<ShortText>,
    /// Fields that nothing here has a place for.
    #[serde(default)]
    pub unknown_fields: Vec<ShortText>,
}

/// A home organisation's integration of another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportedHome {
    /// Its identifier there.
    pub legacy_id: ShortText,
    /// Where it lives.
    pub environment: Environment,
    /// The home organisation.
    pub organisation: OrganisationOid,
    /// What its users' identifiers are derived from.
    pub idp_id: IdpId,
    /// Its flow name; left out, it gets a new one.
    #[serde(default)]
    pub flow_name: Option<FlowName>,
    /// How it is reached and what it delivers. What other systems do not know (non-disclosure,
    /// tags, single sign-on, metadata) stays as recorded where the integration is known.
    pub configuration: HomeConfiguration,
    /// The secret that the proxy uses; one that holds `***` is not set.
    #[serde(default)]
    pub secret: Option<SecretText>,
    /// A keyed digest of the secret, by which the next import sees that it is the same; never a
    /// plain hash. Without it a secret is set only where none is recorded.
    #[serde(default)]
    pub secret_mark: Option<ShortText>,
    /// What the choice page shows of it.
    #[serde(default)]
    pub discovery: Discovery,
    /// The clients it permits: it then permits the services that those are clients of, and no
    /// other. Left out, it permits all.
    #[serde(default)]
    pub permitted: Option<Vec<PeerName>>,
    /// Fields that nothing here has a place for.
    #[serde(default)]
    pub unknown_fields: Vec<ShortText>,
}

/// What kind of entry it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportKind {
    /// A set of clients.
    Set,
    /// A client of a service.
    Client,
    /// A home organisation's integration.
    Home,
}

/// An entry that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftEntry {
    /// What kind of entry it is.
    pub kind: ImportKind,
    /// Its identifier in the other system.
    pub legacy_id: ShortText,
    /// The field at fault, in the names of the entry.
    pub field: String,
    /// The refusal's stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

impl LeftEntry {
    /// As the log keeps it: a hundred of them fit into one event.
    fn cut(mut self) -> Self {
        for (text, most) in [
            (&mut self.field, FIELD_LENGTH_MAX),
            (&mut self.message, MESSAGE_LENGTH_MAX),
            (&mut self.code, FIELD_LENGTH_MAX),
        ] {
            text.truncate(text.floor_char_boundary(most));
        }
        self
    }
}

/// A call took over integrations and services; what it changed stands in the events beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationsImported {
    /// Where the entries come from.
    pub source: Option<ShortText>,
    /// How many entries were not known.
    pub added: u32,
    /// How many known entries changed.
    pub changed: u32,
    /// How many inactive entries came back.
    pub reactivated: u32,
    /// How many were taken out of use because the call lacks them.
    pub inactivated: u32,
    /// How many entries were left out.
    pub left_out: u32,
    /// The first hundred of them.
    pub left: Vec<LeftEntry>,
}

impl Decide for ImportIntegrations {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let plan = self.plan(network, context);
        if !self.skip_invalid
            && let Some(first) = plan.left.first()
        {
            return Err(invalid(&plan.left, first));
        }
        if let Some(refusal) = plan.refusal {
            return Err(refusal);
        }
        if plan.inactivated > self.max_removals {
            return Err(Rejection::new(
                "TOO_MANY_REMOVALS",
                format!(
                    "{} entries would be inactivated; {} are allowed",
                    plan.inactivated, self.max_removals
                ),
            )
            .field("maxRemovals")
            .remedy("check that the files are complete, or allow more removals"));
        }
        if plan.events.is_empty() {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "all of this is recorded already")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut events = plan.events;
        events.push(
            IntegrationsImported {
                source: self.source.clone(),
                added: plan.added,
                changed: plan.changed,
                reactivated: plan.reactivated,
                inactivated: plan.inactivated,
                left_out: count(plan.left.len()),
                left: plan
                    .left
                    .into_iter()
                    .take(LEFT_NAMED_MAX)
                    .map(LeftEntry::cut)
                    .collect(),
            }
            .into(),
        );
        Ok(events)
    }
}

/// The refusal that lists the invalid entries.
fn invalid(left: &[LeftEntry], first: &LeftEntry) -> Rejection {
    let listed: Vec<String> = left
        .iter()
        .take(LEFT_NAMED_MAX)
        .map(|entry| {
            let (id, field) = (&entry.legacy_id, &entry.field);
            format!(
                "{:?} {id}, {field}: {} ({})",
                entry.kind, entry.message, entry.code
            )
        })
        .collect();
    let more = left.len() - listed.len();
    let more = if more == 0 {
        String::new()
    } else {
        format!("; and {more} more")
    };
    Rejection::new(
        "INVALID_ENTRIES",
        format!(
            "{} entries are invalid: {}{more}",
            left.len(),
            listed.join("; ")
        ),
    )
    .field(first.field.clone())
    .remedy("mend the entries, or let the invalid ones be left out")
}

impl Evolve for IntegrationsImported {
    // What changed stands in the events beside it.
    fn evolve(&self, _: &mut Network, _: Instant) {}
}

/// A client of a service moved to another service, as the system it was imported from says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientMoved {
    /// The client.
    pub integration: IntegrationId,
    /// Its service from now on.
    pub service: ServiceId,
}

impl Evolve for ClientMoved {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .integrations
            .move_client(self.integration, self.service);
    }
}
