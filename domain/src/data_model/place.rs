//! From the school a source names to the school, its office and its education provider in the register.
//!
//! What is not the home organisation's own is dropped and counted (our decision, domain facts J.10), and what is
//! closed, or lies under what is closed, is no longer resolved (J.13).

use super::register::ANCESTORS_MAX;
use super::{Asserter, Detail, OrganisationRegister, RegisteredOrganisation, Rules};
use crate::value::{OrganisationOid, SchoolCode};

/// A school that the home organisation may speak for, in operation.
pub(super) struct Place {
    pub(super) school: RegisteredOrganisation,
    /// The office, where the source named one.
    pub(super) office: Option<RegisteredOrganisation>,
    /// The education provider, where it is in operation and the home organisation may name it.
    pub(super) provider: Option<RegisteredOrganisation>,
}

/// Why a school was not found.
pub(super) struct NoPlace {
    pub(super) detail: Detail,
    /// The code of a school that is the home organisation's own and closed: the source's own datum, still delivered
    /// where the version has it (W-CHECK names six attributes that an invalid school removes, and not the code).
    pub(super) closed_code: Option<SchoolCode>,
}

impl From<Detail> for NoPlace {
    fn from(detail: Detail) -> Self {
        Self {
            detail,
            closed_code: None,
        }
    }
}

pub(super) fn place(
    school: Option<&str>,
    asserter: &Asserter,
    register: &dyn OrganisationRegister,
    rules: &Rules,
) -> Result<Place, NoPlace> {
    let found = look_up(school.ok_or(Detail::SchoolMissing)?, register)?;
    let found = own_and_open(found, asserter, register)?;
    let is_office = found
        .types
        .iter()
        .any(|kind| rules.office_types.contains(kind));
    let (school, office) = if is_office {
        let parent = found
            .parent
            .as_ref()
            .and_then(|parent| register.by_oid(parent))
            .ok_or(Detail::SchoolUnknown)?;
        (own_and_open(parent, asserter, register)?, Some(found))
    } else {
        (found, None)
    };
    let provider = provider(&school, asserter, register);
    Ok(Place {
        school,
        office,
        provider,
    })
}

/// A text of digits is a code, one with a dot an identifier; nothing else is a school.
fn look_up(
    text: &str,
    register: &dyn OrganisationRegister,
) -> Result<RegisteredOrganisation, Detail> {
    let found = if text.contains('.') {
        register.by_oid(&OrganisationOid::parse(text).map_err(|_| Detail::SchoolMalformed)?)
    } else {
        register.by_school_code(&SchoolCode::parse(text).map_err(|_| Detail::SchoolMalformed)?)
    };
    found.ok_or(Detail::SchoolUnknown)
}

fn own_and_open(
    organisation: RegisteredOrganisation,
    asserter: &Asserter,
    register: &dyn OrganisationRegister,
) -> Result<RegisteredOrganisation, NoPlace> {
    if !register.may_assert(&asserter.organisation, &organisation.oid) {
        return Err(Detail::SchoolForeign.into());
    }
    match closed_on_the_way_up(&organisation, asserter, register) {
        None => Ok(organisation),
        Some(closed) => Err(NoPlace {
            detail: Detail::SchoolClosed,
            closed_code: closed.school_code.or(organisation.school_code),
        }),
    }
}

/// The first closed organisation from this one up to that for which the home organisation speaks: itself, or one that
/// it acts for. Schools go with their provider, also where the register has not closed them yet.
fn closed_on_the_way_up(
    organisation: &RegisteredOrganisation,
    asserter: &Asserter,
    register: &dyn OrganisationRegister,
) -> Option<RegisteredOrganisation> {
    let mut current = organisation.clone();
    for _ in 0..ANCESTORS_MAX {
        if !current.active {
            return Some(current);
        }
        let spoken_for = current.oid == asserter.organisation
            || register.acts_for(&asserter.organisation, &current.oid);
        if spoken_for {
            return None;
        }
        current = register.by_oid(&current.parent?)?;
    }
    None
}

/// The organisation above the school. A home organisation that names itself as the school is its own provider: above
/// it stands only the root of the register, which nobody speaks for.
fn provider(
    school: &RegisteredOrganisation,
    asserter: &Asserter,
    register: &dyn OrganisationRegister,
) -> Option<RegisteredOrganisation> {
    let own = |oid: &OrganisationOid| register.may_assert(&asserter.organisation, oid);
    let above = school.parent.as_ref().filter(|parent| own(parent));
    match above {
        Some(parent) => register.by_oid(parent).filter(|provider| provider.active),
        None => (school.oid == asserter.organisation).then(|| school.clone()),
    }
}
