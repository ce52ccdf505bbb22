//! The difference between two positions of one table, and its application without gaps.

use super::table::{RoutingTable, Row, Rows};
use super::{
    EnvironmentKey, HomeIntegration, Organisation, RoutingSettings, ServiceClient, Suspension,
};
use domain::Environment;
use domain::value::OrganisationOid;
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The rows of one kind that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    bound(serialize = "R: Serialize, R::Key: Serialize"),
    bound(deserialize = "R: Deserialize<'de>, R::Key: Deserialize<'de>")
)]
pub struct Changes<R: Row> {
    /// Rows that are new or other than before.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Arc<R>>,
    /// Rows that are gone.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<R::Key>,
}

impl<R: Row> Default for Changes<R> {
    fn default() -> Self {
        Self {
            changed: Vec::new(),
            removed: Vec::new(),
        }
    }
}

impl<R: Row> Changes<R> {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.removed.is_empty()
    }

    fn between(before: &Rows<R>, after: &Rows<R>) -> Self {
        let mut changes = Self::default();
        for item in before.0.diff(&after.0) {
            match item {
                DiffItem::Add(_, row) | DiffItem::Update { new: (_, row), .. } => {
                    changes.changed.push(Arc::clone(row));
                }
                DiffItem::Remove(key, _) => changes.removed.push(key.clone()),
            }
        }
        changes
    }
}

/// What changed in one environment's table from one position to another. May be empty: then only
/// the position moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingDelta {
    /// The environment.
    pub environment: Environment,
    /// The position of the table that this applies to.
    pub from: u64,
    /// The position of the table that results.
    pub to: u64,
    /// Clients of services.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub services: Changes<ServiceClient>,
    /// Integrations of home organisations.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub homes: Changes<HomeIntegration>,
    /// Organisations.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub organisations: Changes<Organisation>,
    /// Suspended users.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub suspensions: Changes<Suspension>,
    /// Keys.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub keys: Changes<EnvironmentKey>,
    /// The rules for every login, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Arc<RoutingSettings>>,
}

/// Why a change does not apply to a table. The remedy is the same for each: ask for a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The change belongs to another environment.
    #[error("the change is for {change}, the table for {table}")]
    Environment {
        /// The table's environment.
        table: Environment,
        /// The change's.
        change: Environment,
    },
    /// A change between them is missing, or this one was applied before.
    #[error("the change starts at position {from}, the table stands at {position}")]
    Gap {
        /// Where the table stands.
        position: u64,
        /// Where the change starts.
        from: u64,
    },
    /// The change runs backwards.
    #[error("the change runs from position {from} back to {to}")]
    Backwards {
        /// Where the change starts.
        from: u64,
        /// Where it ends.
        to: u64,
    },
}

impl RoutingDelta {
    /// What turns `before` into `after`, two positions of the same environment's table. Its cost
    /// follows the number of rows that differ where the two share structure.
    pub fn between(before: &RoutingTable, after: &RoutingTable) -> Self {
        Self {
            environment: after.environment(),
            from: before.position(),
            to: after.position(),
            services: Changes::between(&before.services, &after.services),
            homes: Changes::between(&before.homes, &after.homes),
            organisations: Changes::between(&before.organisations, &after.organisations),
            suspensions: Changes::between(&before.suspensions, &after.suspensions),
            keys: Changes::between(&before.keys, &after.keys),
            settings: (before.settings != after.settings).then(|| Arc::clone(&after.settings)),
        }
    }

    /// Whether only the position moves.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
            && self.homes.is_empty()
            && self.organisations.is_empty()
            && self.suspensions.is_empty()
            && self.keys.is_empty()
            && self.settings.is_none()
    }
}

impl RoutingTable {
    /// Applies a change. The table stays as it was where the change does not fit.
    pub fn apply(&mut self, delta: &RoutingDelta) -> Result<(), ApplyError> {
        let (table, change) = (self.environment(), delta.environment);
        if table != change {
            return Err(ApplyError::Environment { table, change });
        }
        let &RoutingDelta { from, to, .. } = delta;
        if from != self.position() {
            return Err(ApplyError::Gap {
                position: self.position(),
                from,
            });
        }
        if to < from {
            return Err(ApplyError::Backwards { from, to });
        }
        for key in &delta.services.removed {
            self.remove_service(*key);
        }
        for row in &delta.services.changed {
            self.put_shared_service(Arc::clone(row));
        }
        for key in &delta.homes.removed {
            self.remove_home(*key);
        }
        for row in &delta.homes.changed {
            self.put_shared_home(Arc::clone(row));
        }
        for key in &delta.organisations.removed {
            let key: &OrganisationOid = key;
            self.remove_organisation(key);
        }
        for row in &delta.organisations.changed {
            self.put_shared_organisation(Arc::clone(row));
        }
        for key in &delta.suspensions.removed {
            self.suspensions.take(key);
        }
        for row in &delta.suspensions.changed {
            self.suspensions.put(Arc::clone(row));
        }
        for key in &delta.keys.removed {
            self.keys.take(key);
        }
        for row in &delta.keys.changed {
            self.keys.put(Arc::clone(row));
        }
        if let Some(settings) = &delta.settings {
            self.settings = Arc::clone(settings);
        }
        self.set_position(to);
        Ok(())
    }
}
