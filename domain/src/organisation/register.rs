//! The register as the data model asks it.

use super::{Organisation, Organisations};
use crate::data_model::{OrganisationNames, OrganisationRegister, RegisteredOrganisation};
use crate::value::{OrganisationOid, SchoolCode};

impl Organisation {
    /// The organisation as the data model reads it.
    pub fn registered(&self, oid: &OrganisationOid) -> RegisteredOrganisation {
        let said = &self.description;
        RegisteredOrganisation {
            oid: oid.clone(),
            school_code: said.school_code.clone(),
            types: said.types.iter().map(ToString::to_string).collect(),
            names: OrganisationNames {
                fi: Some(said.name.fi.clone()),
                sv: said.name.sv.clone(),
                en: said.name.en.clone(),
            },
            parent: said.parent.clone(),
            active: self.is_active(),
        }
    }
}

impl OrganisationRegister for Organisations {
    fn by_school_code(&self, code: &SchoolCode) -> Option<RegisteredOrganisation> {
        let (oid, row) = Organisations::by_school_code(self, code)?;
        Some(row.registered(oid))
    }

    fn by_oid(&self, oid: &OrganisationOid) -> Option<RegisteredOrganisation> {
        Some(self.get(oid)?.registered(oid))
    }

    fn acts_for(&self, asserter: &OrganisationOid, organisation: &OrganisationOid) -> bool {
        Organisations::acts_for(self, asserter, organisation)
    }
}
