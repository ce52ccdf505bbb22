//! What the source said, under the network's internal names.

use super::NonDisclosureRule;
use crate::value::{MunicipalityCode, OrganisationOid, ShortText};
use std::collections::BTreeMap;
use std::fmt;

/// Longest piece of a source value that is used, in bytes.
const PIECE_LENGTH_MAX: usize = 1024;

/// An attribute that a home organisation delivers, by the internal name to which its own one is mapped.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum SourceAttribute {
    /// The user's identifier in the source, unique there.
    Username,
    /// First names.
    FirstName,
    /// Surname.
    Surname,
    /// The name the user goes by.
    Nickname,
    /// Learner id.
    LearnerId,
    /// School codes or organisation identifiers.
    SchoolIds,
    /// Words for roles.
    Roles,
    /// Classes or groups.
    Groups,
    /// Year of basic or pre-primary education.
    GroupLevels,
    /// `0` free, `1` paid.
    LearningMaterialsCharges,
    /// Marks a user under an order of non-disclosure: any value but an empty one, `false`, `0`, `no` or `ei`.
    NonDisclosure,
}

impl SourceAttribute {
    /// Every source attribute.
    pub const ALL: [Self; 11] = [
        Self::Username,
        Self::FirstName,
        Self::Surname,
        Self::Nickname,
        Self::LearnerId,
        Self::SchoolIds,
        Self::Roles,
        Self::Groups,
        Self::GroupLevels,
        Self::LearningMaterialsCharges,
        Self::NonDisclosure,
    ];

    /// The internal name, for example `schoolIds`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::FirstName => "firstName",
            Self::Surname => "surname",
            Self::Nickname => "nickname",
            Self::LearnerId => "learnerId",
            Self::SchoolIds => "schoolIds",
            Self::Roles => "roles",
            Self::Groups => "groups",
            Self::GroupLevels => "groupLevels",
            Self::LearningMaterialsCharges => "learningMaterialsCharges",
            Self::NonDisclosure => "nonDisclosure",
        }
    }

    /// The source attribute with this internal name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|attribute| attribute.name() == name)
    }
}

/// One role at one school, from a source that keeps them together (Wilma, Opinsys) and so needs no combining.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Affiliation {
    /// School code or organisation identifier.
    pub school: Option<String>,
    /// Word for the role.
    pub role: Option<String>,
    /// Class or group.
    pub group: Option<String>,
}

/// Everything a source said about one user. Personal data: `Debug` shows names and counts.
///
/// Values are kept as received; a list may come as several values or as one with semicolons.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SourceAttributes {
    values: BTreeMap<SourceAttribute, Vec<String>>,
    affiliations: Vec<Affiliation>,
}

/// The home organisation that speaks, through one of its integrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserter {
    /// The home organisation.
    pub organisation: OrganisationOid,
    /// The integration's immutable internal id. It is part of every user's identifier.
    pub idp_id: String,
    /// The municipality's name, set per integration, for versions before 1.2.
    pub municipality: Option<ShortText>,
    /// The municipality's code, set per integration, for versions before 1.2.
    pub municipality_code: Option<MunicipalityCode>,
    /// What the home organisation decided for users under an order of non-disclosure.
    pub non_disclosure: NonDisclosureRule,
}

impl SourceAttributes {
    /// Nothing said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds values of an attribute.
    pub fn with<V: Into<String>>(
        mut self,
        attribute: SourceAttribute,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.add(attribute, values);
        self
    }

    /// Adds values of an attribute.
    pub fn add<V: Into<String>>(
        &mut self,
        attribute: SourceAttribute,
        values: impl IntoIterator<Item = V>,
    ) {
        self.values
            .entry(attribute)
            .or_default()
            .extend(values.into_iter().map(Into::into));
    }

    /// Adds a role at a school. Where there is one, the lists of schools, roles and groups are not looked at.
    pub fn with_affiliation(mut self, affiliation: Affiliation) -> Self {
        self.affiliations.push(affiliation);
        self
    }

    /// Removes an attribute.
    pub fn without(mut self, attribute: SourceAttribute) -> Self {
        self.values.remove(&attribute);
        self
    }

    /// The values of an attribute as received.
    pub fn get(&self, attribute: SourceAttribute) -> &[String] {
        self.values.get(&attribute).map_or(&[], Vec::as_slice)
    }

    /// The roles that came together with their schools.
    pub fn affiliations(&self) -> &[Affiliation] {
        &self.affiliations
    }

    /// The names of what the source gave, for the attribute test; no values.
    pub fn given(&self) -> impl Iterator<Item = SourceAttribute> + '_ {
        self.values
            .iter()
            .filter(|(_, values)| values.iter().any(|value| !value.trim().is_empty()))
            .map(|(name, _)| *name)
    }

    /// Whether the user is marked as being under an order of non-disclosure. In doubt it is a mark.
    pub fn is_non_disclosure(&self) -> bool {
        let unmarked = |value: &String| {
            matches!(
                value.trim().to_lowercase().as_str(),
                "" | "false" | "0" | "no" | "ei"
            )
        };
        !self
            .get(SourceAttribute::NonDisclosure)
            .iter()
            .all(unmarked)
    }

    /// The first value that is not blank.
    pub(super) fn first(&self, attribute: SourceAttribute) -> Option<&str> {
        self.get(attribute)
            .iter()
            .map(String::as_str)
            .find(|value| !value.trim().is_empty())
    }

    /// The only value that is not blank; `Err` where there are different ones.
    pub(super) fn only(&self, attribute: SourceAttribute) -> Result<Option<&str>, ()> {
        let first = self.first(attribute);
        let mut others = self
            .get(attribute)
            .iter()
            .filter(|value| !value.trim().is_empty());
        if others.all(|value| Some(value.as_str()) == first) {
            Ok(first)
        } else {
            Err(())
        }
    }

    /// A list, taken apart (W-MULTI): semicolons separate, an empty part keeps its place, an empty attribute is no list.
    pub(super) fn list(&self, attribute: SourceAttribute) -> Vec<Option<String>> {
        let joined = self.get(attribute).join(";");
        if joined.trim().is_empty() {
            Vec::new()
        } else {
            joined.split(';').map(piece).collect()
        }
    }
}

/// One part of a list: without backslashes, trimmed; `None` where nothing usable is left.
pub(super) fn piece(text: &str) -> Option<String> {
    let text = text.replace('\\', "");
    let text = text.trim();
    let usable =
        !text.is_empty() && text.len() <= PIECE_LENGTH_MAX && !text.contains(char::is_control);
    usable.then(|| text.to_owned())
}

impl fmt::Debug for Affiliation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Affiliation(…)")
    }
}

impl fmt::Debug for SourceAttributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self
            .values
            .iter()
            .map(|(attribute, values)| (attribute.name(), values.len()))
            .collect();
        formatter
            .debug_struct("SourceAttributes")
            .field("values", &counts)
            .field("affiliations", &self.affiliations.len())
            .finish()
    }
}
