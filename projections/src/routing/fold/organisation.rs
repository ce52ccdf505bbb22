//! The organisation register as nodes receive it.

use super::{Touched, position_of};
use crate::Snapshot;
use crate::routing::{Organisation, RoutingTable};
use domain::value::OrganisationOid;

/// Works out anew the organisations that were touched.
pub(super) fn refold(table: &mut RoutingTable, touched: &Touched, snapshot: &Snapshot) {
    let organisations = &snapshot.network.organisations;
    if touched.everything {
        for (oid, _) in organisations.iter() {
            put(table, oid, snapshot);
        }
    } else {
        for oid in &touched.organisations {
            put(table, oid, snapshot);
        }
    }
}

fn put(table: &mut RoutingTable, oid: &OrganisationOid, snapshot: &Snapshot) {
    let organisations = &snapshot.network.organisations;
    let Some(organisation) = organisations.get(oid) else {
        return;
    };
    let description = &organisation.description;
    let row = Organisation {
        oid: oid.clone(),
        name: description.name.clone(),
        types: description
            .types
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        school_code: description.school_code.clone(),
        institution_type: description.institution_type,
        parent: description.parent.clone(),
        active: organisation.is_active(),
        acts_for: organisations
            .acting_for(oid)
            .map(|(whom, _)| whom.clone())
            .collect(),
        position: position_of(snapshot, &format!("organisation/{oid}")),
    };
    if table
        .organisations()
        .get(oid)
        .is_none_or(|before| **before != row)
    {
        table.put_organisation(row);
    }
}
