//! From the network to one environment's table: which rows a commit touches, and what each row
//! says. A row is worked out from the network alone, so folding row by row and folding everything
//! anew give the same table.

mod home;
mod organisation;
mod service;
mod suspension;

use super::{Because, EnvironmentKey, RouteState, RoutingSettings, RoutingTable, Secret};
use crate::Snapshot;
use domain::value::{LanguageText, OrganisationOid};
use domain::{
    Environment, Integration, IntegrationId, IntegrationState, KeyState, Network, Rule, RuleKind,
    ServiceId, Side,
};
use registrar::EventBatch;
use std::collections::BTreeSet;

/// What a commit may have changed in the tables. Too much costs time and is otherwise harmless,
/// for rows that come out the same are not sent.
#[derive(Debug, Default)]
pub(super) struct Touched {
    integrations: BTreeSet<IntegrationId>,
    services: BTreeSet<ServiceId>,
    /// Organisations whose membership, and so all whose integrations may have changed.
    members: BTreeSet<OrganisationOid>,
    organisations: BTreeSet<OrganisationOid>,
    suspensions: bool,
    network: bool,
    everything: bool,
}

impl Touched {
    /// Everything.
    fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    /// What the events of a commit touch, by their streams. A stream that is not known here
    /// touches everything: an unnecessary fold is cheap, a missed one is not.
    pub(super) fn by(batch: &EventBatch) -> Self {
        let mut touched = Self::default();
        for event in batch.events() {
            let Ok((view, _)) = event else {
                return Self::everything();
            };
            touched.note(view.stream);
        }
        touched
    }

    fn note(&mut self, stream: &str) {
        let (kind, key) = stream.split_once('/').unwrap_or((stream, ""));
        let known = match kind {
            "integration" => insert(&mut self.integrations, key),
            "service" => insert(&mut self.services, key),
            "member" => insert(&mut self.members, key),
            "organisation" => insert(&mut self.organisations, key),
            "suspension" => {
                self.suspensions = true;
                true
            }
            "network" => {
                self.network = true;
                true
            }
            "access" | "administrator" | "credential" | "node" | "obligation" | "steering"
            | "meeting" => true,
            _ => false,
        };
        self.everything |= !known;
    }
}

fn insert<K: std::str::FromStr + Ord>(keys: &mut BTreeSet<K>, key: &str) -> bool {
    key.parse().map(|key| keys.insert(key)).is_ok()
}

/// The table of an environment, folded anew from any state of the network.
pub fn table_of(environment: Environment, snapshot: &Snapshot) -> RoutingTable {
    let mut table = RoutingTable::empty(environment);
    refold(&mut table, &Touched::everything(), snapshot);
    table.set_position(snapshot.position);
    table
}

/// Works out anew every row that was touched.
pub(super) fn refold(table: &mut RoutingTable, touched: &Touched, snapshot: &Snapshot) {
    if touched.everything || touched.network {
        refold_keys(table, snapshot);
        refold_settings(table, snapshot);
    }
    organisation::refold(table, touched, snapshot);
    suspension::refold(table, touched, snapshot);

    let integrations = &snapshot.network.integrations;
    for id in service::touched_integrations(touched, snapshot) {
        let Some(row) = integrations.get(id) else {
            continue;
        };
        if row.environment != table.environment() {
            continue;
        }
        match row.side {
            Side::Home(_) => home::put(table, id, row, snapshot),
            Side::Service(_) => service::put(table, id, row, snapshot),
        }
    }
}

/// Whether an integration routes everybody, or an attribute test alone; none where it has no row.
/// What is suspended keeps its row, so that a request for it is refused with the reason that fits;
/// what is inactive does not, for another may use its names by now.
fn route_state(row: &Integration) -> Option<RouteState> {
    match row.state {
        IntegrationState::Active | IntegrationState::Suspended => Some(RouteState::Active),
        IntegrationState::Draft | IntegrationState::Submitted | IntegrationState::Accepted => {
            Some(RouteState::DraftForTesting)
        }
        IntegrationState::Inactive => None,
    }
}

/// The name of an organisation: as the register has it, as its membership has it, or its OID.
fn name_of(network: &Network, oid: &OrganisationOid) -> Option<LanguageText> {
    let registered = network
        .organisations
        .get(oid)
        .map(|row| row.description.name.clone());
    registered
        .or_else(|| {
            network
                .members
                .get(oid)
                .and_then(|member| member.name.clone())
        })
        .or_else(|| LanguageText::parse(oid.as_str()).ok())
}

/// What a row stands on besides its own stream: the membership, the service.
fn because(snapshot: &Snapshot, row: &Integration, service: Option<ServiceId>) -> Vec<Because> {
    let member = format!("member/{}", row.organisation);
    let service = service.map(|service| format!("service/{service}"));
    let stand_on = [(Some(member), "membership"), (service, "service")];
    stand_on
        .into_iter()
        .filter_map(|(stream, what)| {
            let position = snapshot.timeline.last(&stream?)?;
            Some(Because {
                position,
                what: what.to_owned(),
            })
        })
        .collect()
}

/// The position of the last event of a stream: what made a row what it is.
fn position_of(snapshot: &Snapshot, stream: &str) -> u64 {
    snapshot.timeline.last(stream).unwrap_or(0)
}

fn refold_keys(table: &mut RoutingTable, snapshot: &Snapshot) {
    for ((environment, key_id), key) in snapshot.network.access.keys.iter() {
        if *environment != table.environment() {
            continue;
        }
        if key.state == KeyState::Retired {
            table.remove_key(key_id);
            continue;
        }
        let row = EnvironmentKey {
            key_id: key_id.clone(),
            purpose: key.purpose,
            algorithm: key.algorithm.as_str().to_owned(),
            public_key: key.public_key.as_ref().map(|key| key.as_str().to_owned()),
            private_key: key
                .private_key
                .slot()
                .map_or(Secret::Missing, Secret::Recorded),
            state: key.state,
            position: key.private_key.slot().map_or(0, |slot| slot.0),
        };
        if table
            .keys()
            .get(key_id)
            .is_none_or(|before| **before != row)
        {
            table.put_key(row);
        }
    }
}

fn refold_settings(table: &mut RoutingTable, snapshot: &Snapshot) {
    let network = &snapshot.network;
    let day = network.date(snapshot.recorded_at);
    let mut settings = RoutingSettings {
        position: table.settings().position,
        ..RoutingSettings::default()
    };
    if let Some(dated) = network.rules.on(RuleKind::SessionLifetime, day)
        && let Rule::SessionLifetime { minutes } = dated.rule
    {
        settings.session_lifetime_seconds = u32::from(minutes) * 60;
    }
    if settings != *table.settings() {
        settings.position = position_of(snapshot, "network");
        table.set_settings(settings);
    }
}
