//! The routing table's organisations as the data model asks for them.

use domain::data_model::{OrganisationNames, OrganisationRegister, RegisteredOrganisation};
use domain::value::{OrganisationOid, SchoolCode};
use projections::routing::{Organisation, RoutingTable};

/// The organisations of a table.
pub(super) struct Register<'a>(pub(super) &'a RoutingTable);

impl OrganisationRegister for Register<'_> {
    fn by_school_code(&self, code: &SchoolCode) -> Option<RegisteredOrganisation> {
        self.0
            .organisation_by_school_code(code)
            .map(|row| registered(row))
    }

    fn by_oid(&self, oid: &OrganisationOid) -> Option<RegisteredOrganisation> {
        self.0.organisations().get(oid).map(|row| registered(row))
    }

    fn acts_for(&self, asserter: &OrganisationOid, organisation: &OrganisationOid) -> bool {
        let row = self.0.organisations().get(asserter);
        row.is_some_and(|row| row.acts_for.contains(organisation))
    }
}

fn registered(row: &Organisation) -> RegisteredOrganisation {
    RegisteredOrganisation {
        oid: row.oid.clone(),
        school_code: row.school_code.clone(),
        types: row.types.iter().cloned().collect(),
        names: OrganisationNames {
            fi: Some(row.name.fi.clone()),
            sv: row.name.sv.clone(),
            en: row.name.en.clone(),
        },
        parent: row.parent.clone(),
        active: row.active,
    }
}
