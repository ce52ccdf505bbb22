//! Suspended end users as nodes receive them: by digest, never by name.

use super::{Touched, position_of};
use crate::Snapshot;
use crate::routing::{RoutingTable, Services, Suspension, UserMark};

/// Works out anew the suspensions of the environment's integrations.
pub(super) fn refold(table: &mut RoutingTable, touched: &Touched, snapshot: &Snapshot) {
    if !touched.everything && !touched.suspensions {
        return;
    }
    let network = &snapshot.network;
    for (id, suspension) in network.operations.suspensions.iter() {
        let environment = network
            .integrations
            .get(suspension.integration)
            .map(|row| row.environment);
        let Some(slot) = suspension
            .user
            .slot()
            .filter(|_| environment == Some(table.environment()))
        else {
            continue;
        };
        let position = position_of(snapshot, &format!("suspension/{id}"));
        let row = Suspension {
            id: *id,
            integration: Some(suspension.integration),
            organisation: suspension.member.clone(),
            user: UserMark::Recorded(slot),
            services: match &suspension.services {
                None => Services::All,
                Some(services) => Services::List(
                    services
                        .iter()
                        .map(|service| (*service, position))
                        .collect(),
                ),
            },
            window: suspension.window,
            position,
        };
        if table
            .suspensions()
            .get(id)
            .is_none_or(|before| **before != row)
        {
            table.put_suspension(row);
        }
    }
}
