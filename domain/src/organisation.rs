//! The organisation register: what the national organisation service says of organisations,
//! institutions and offices, and which of them is recorded to act for another.
//!
//! It holds any number of organisations, members or not. Who is a member stands elsewhere.

use crate::Table;
use crate::time::Instant;
use crate::value::{
    BusinessId, InstitutionType, LanguageText, MunicipalityCode, OrganisationOid, SchoolCode,
    ShortText,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod acting;
mod record;
mod register;
#[cfg(test)]
mod tests;

pub use acting::*;
pub use record::*;

/// How far up the tree a look-up goes. The real tree has four levels; the bound keeps a circle in
/// bad data harmless.
const ANCESTORS_MAX: usize = 16;

/// The types of those who provide education or early education, and of municipalities: where a
/// walk up the tree from a school ends.
const PROVIDER_TYPES: [&str; 3] = [
    "organisaatiotyyppi_01",
    "organisaatiotyyppi_07",
    "organisaatiotyyppi_09",
];

/// What the organisation service says of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationDescription {
    /// Its name; where it has no Finnish one, another stands in its place.
    pub name: LanguageText,
    /// Its business ID, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_id: Option<BusinessId>,
    /// Its types as the service writes them, such as `organisaatiotyyppi_02`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ShortText>,
    /// The kind of institution, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution_type: Option<InstitutionType>,
    /// The code of the institution, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school_code: Option<SchoolCode>,
    /// The municipality it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The organisation above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationOid>,
}

/// A recorded organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// What the organisation service says of it.
    pub description: OrganisationDescription,
    /// When it was closed; none while it is active. The schools of a closed one are not resolved.
    pub closed_at: Option<Instant>,
}

impl Organisation {
    /// Whether it is in operation.
    pub fn is_active(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether it provides education or early education, or is a municipality.
    pub fn is_provider(&self) -> bool {
        self.description
            .types
            .iter()
            .any(|kind| PROVIDER_TYPES.contains(&kind.as_str()))
    }
}

/// The register, with its look-ups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organisations {
    /// Every organisation that was ever recorded, also the closed.
    rows: Table<OrganisationOid, Organisation>,
    /// Who is recorded to act for whom: by the acting organisation.
    acting: Table<OrganisationOid, BTreeMap<OrganisationOid, ActingFor>>,
    by_school_code: Table<SchoolCode, BTreeSet<OrganisationOid>>,
    children: Table<OrganisationOid, BTreeSet<OrganisationOid>>,
    active: usize,
}

impl Organisations {
    /// The organisation with this identifier, also a closed one.
    pub fn get(&self, oid: &OrganisationOid) -> Option<&Organisation> {
        self.rows.get(oid)
    }

    /// Every organisation that was ever recorded, in the order of the identifiers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&OrganisationOid, &Organisation)> {
        self.rows.iter()
    }

    /// How many are recorded, the closed included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is recorded.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many are in operation.
    pub fn active(&self) -> usize {
        self.active
    }

    /// The institution with this code: an active one where several had it.
    pub fn by_school_code(&self, code: &SchoolCode) -> Option<(&OrganisationOid, &Organisation)> {
        let having = || {
            self.by_school_code
                .get(code)
                .into_iter()
                .flatten()
                .filter_map(|oid| Some((oid, self.get(oid)?)))
        };
        having()
            .find(|(_, organisation)| organisation.is_active())
            .or_else(|| having().next())
    }

    /// What lies directly below an organisation, closed ones included.
    pub fn children(
        &self,
        oid: &OrganisationOid,
    ) -> impl DoubleEndedIterator<Item = (&OrganisationOid, &Organisation)> {
        self.children
            .get(oid)
            .into_iter()
            .flatten()
            .filter_map(|child| Some((child, self.get(child)?)))
    }

    /// What lies above an organisation, the nearest first.
    pub fn ancestors<'a>(
        &'a self,
        oid: &OrganisationOid,
    ) -> impl Iterator<Item = &'a OrganisationOid> {
        let above = |oid: &OrganisationOid| self.get(oid)?.description.parent.as_ref();
        std::iter::successors(above(oid), move |oid| above(oid)).take(ANCESTORS_MAX)
    }

    /// Whether `oid` is `top` or lies below it.
    pub fn lies_under(&self, oid: &OrganisationOid, top: &OrganisationOid) -> bool {
        oid == top || self.ancestors(oid).any(|above| above == top)
    }

    /// The provider of a school or office: the nearest organisation at or above it whose type is a
    /// provider's, or what the school itself belongs to where no type says so.
    pub fn provider_of(&self, oid: &OrganisationOid) -> Option<&OrganisationOid> {
        let (own, row) = self.rows.from(oid.clone()).next()?;
        if own != oid {
            return None;
        }
        if row.is_provider() {
            return Some(own);
        }
        let typed = self
            .ancestors(oid)
            .find(|above| self.get(above).is_some_and(Organisation::is_provider));
        typed.or(row.description.parent.as_ref())
    }

    /// The active institutions below an organisation, at any depth; bounded by the tree's own
    /// depth.
    pub fn schools_under(
        &self,
        oid: &OrganisationOid,
    ) -> Vec<(&OrganisationOid, &Organisation, &SchoolCode)> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut level: Vec<&OrganisationOid> = vec![];
        if let Some((own, row)) = self.rows.from(oid.clone()).next()
            && own == oid
        {
            level.push(own);
            if let Some(code) = row
                .description
                .school_code
                .as_ref()
                .filter(|_| row.is_active())
            {
                found.push((own, row, code));
            }
        }
        for _ in 0..ANCESTORS_MAX {
            let mut below = Vec::new();
            for (child, row) in level.iter().flat_map(|oid| self.children(oid)) {
                if !row.is_active() || !seen.insert(child) {
                    continue;
                }
                if let Some(code) = &row.description.school_code {
                    found.push((child, row, code));
                }
                below.push(child);
            }
            if below.is_empty() {
                break;
            }
            level = below;
        }
        found
    }

    /// For whom an organisation is recorded to act.
    pub fn acting_for(
        &self,
        acting: &OrganisationOid,
    ) -> impl Iterator<Item = (&OrganisationOid, &ActingFor)> {
        self.acting.get(acting).into_iter().flatten()
    }

    /// Whether `acting` is recorded to act for `organisation`.
    pub fn acts_for(&self, acting: &OrganisationOid, organisation: &OrganisationOid) -> bool {
        self.acting
            .get(acting)
            .is_some_and(|whom| whom.contains_key(organisation))
    }

    /// Puts an organisation in, in place of what stood under its identifier, and keeps the
    /// look-ups in step.
    fn put(&mut self, oid: &OrganisationOid, row: Organisation) {
        if let Some(old) = self.rows.shared(oid) {
            self.active -= usize::from(old.is_active());
            if old.description.school_code != row.description.school_code {
                remove_from(
                    &mut self.by_school_code,
                    old.description.school_code.as_ref(),
                    oid,
                );
            }
            if old.description.parent != row.description.parent {
                remove_from(&mut self.children, old.description.parent.as_ref(), oid);
            }
        }
        self.active += usize::from(row.is_active());
        add_to(
            &mut self.by_school_code,
            row.description.school_code.as_ref(),
            oid,
        );
        add_to(&mut self.children, row.description.parent.as_ref(), oid);
        self.rows.insert(oid.clone(), row);
    }
}

fn add_to<K: Ord + Clone>(
    index: &mut Table<K, BTreeSet<OrganisationOid>>,
    key: Option<&K>,
    oid: &OrganisationOid,
) {
    if let Some(key) = key {
        index.change_or_insert(key.clone(), BTreeSet::new, |oids| {
            oids.insert(oid.clone());
        });
    }
}

fn remove_from<K: Ord + Clone>(
    index: &mut Table<K, BTreeSet<OrganisationOid>>,
    key: Option<&K>,
    oid: &OrganisationOid,
) {
    let Some(key) = key else { return };
    index.change(key, |oids| {
        oids.remove(oid);
    });
    if index.get(key).is_some_and(BTreeSet::is_empty) {
        index.remove(key);
    }
}
