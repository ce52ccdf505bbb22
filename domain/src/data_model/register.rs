//! What must be known of organisations: a look-up, and the rule of who may be asserted by whom.

use crate::value::{OrganisationOid, SchoolCode, ShortText};

/// How far up the tree of organisations a look-up goes; the real tree has four levels.
pub(super) const ANCESTORS_MAX: usize = 16;

/// An organisation, institution or office as the national organisation service knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredOrganisation {
    /// Its identifier.
    pub oid: OrganisationOid,
    /// The code of an institution.
    pub school_code: Option<SchoolCode>,
    /// Organisation types as the service writes them, for example `organisaatiotyyppi_02`.
    pub types: Vec<String>,
    /// Its names.
    pub names: OrganisationNames,
    /// The organisation above it.
    pub parent: Option<OrganisationOid>,
    /// Whether it is in operation. What is closed is no longer resolved.
    pub active: bool,
}

/// The names of an organisation; some have no Finnish one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganisationNames {
    /// The Finnish name.
    pub fi: Option<ShortText>,
    /// The Swedish name.
    pub sv: Option<ShortText>,
    /// The English name.
    pub en: Option<ShortText>,
}

impl OrganisationNames {
    /// The Finnish name, else the first there is.
    pub fn preferred(&self) -> Option<&ShortText> {
        self.fi.as_ref().or(self.sv.as_ref()).or(self.en.as_ref())
    }
}

/// The organisations that are known, by code and by identifier.
///
/// Implementations answer from memory: the function that asks is pure.
pub trait OrganisationRegister {
    /// The institution with this code.
    fn by_school_code(&self, code: &SchoolCode) -> Option<RegisteredOrganisation>;

    /// The organisation with this identifier.
    fn by_oid(&self, oid: &OrganisationOid) -> Option<RegisteredOrganisation>;

    /// Whether `asserter` is recorded to act for `organisation`.
    fn acts_for(&self, asserter: &OrganisationOid, organisation: &OrganisationOid) -> bool;

    /// Whether `asserter` may assert data that concern `organisation`: itself, what is below it in the register, and
    /// what it is recorded to act for, with what is below that.
    ///
    /// This is a rule, not a look-up: implementations leave it as it is.
    fn may_assert(&self, asserter: &OrganisationOid, organisation: &OrganisationOid) -> bool {
        let mut current = organisation.clone();
        for _ in 0..ANCESTORS_MAX {
            if current == *asserter || self.acts_for(asserter, &current) {
                return true;
            }
            match self
                .by_oid(&current)
                .and_then(|organisation| organisation.parent)
            {
                Some(parent) => current = parent,
                None => return false,
            }
        }
        false
    }
}
