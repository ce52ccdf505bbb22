//! What comes out: a refusal, or values and the reasons for what is missing.

use super::Attribute;
use std::fmt;

/// The answer about one user and one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is released; the login ends.
    Refused(RefusalReason),
    /// The login goes on with these values.
    Released(Release),
}

/// Why a login ends.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The source gave no identifier of the user, or the home organisation holds back everything about the user.
    ///
    /// One reason for both, so that the record of a user under an order of non-disclosure does not say so.
    /// The user's home organisation is whom to ask.
    NothingToRelease,
    /// The source gave no learner id (W-LEARNER: no login without one).
    LearnerIdMissing,
    /// What the source gave is not a learner id.
    LearnerIdMalformed,
    /// A test learner id, and the service does not allow them.
    TestLearnerIdNotAllowed,
}

impl RefusalReason {
    /// Stable code for records and programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NothingToRelease => "nothing_to_release",
            Self::LearnerIdMissing => "learner_id_missing",
            Self::LearnerIdMalformed => "learner_id_malformed",
            Self::TestLearnerIdNotAllowed => "test_learner_id_not_allowed",
        }
    }
}

/// What a service receives, and what not.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// The attributes in order of release, each with at least one value. Personal data.
    pub values: Vec<(Attribute, Vec<String>)>,
    /// Every attribute of which something is missing, with the reason; no values.
    pub withheld: Vec<Withheld>,
    /// How many values of the source were dropped because they concern an organisation that the home organisation may
    /// not speak for.
    pub foreign_values: u32,
}

/// One attribute of which something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
pub struct Withheld {
    /// The attribute.
    pub attribute: Attribute,
    /// Whose doing it is.
    pub why: Why,
    /// The reason more exactly; where several values are missing, the first one's.
    pub detail: Detail,
    /// Whether other values of the attribute were released.
    pub partly: bool,
}

/// Whose doing it is that an attribute is missing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The service's data-model version or release set lacks it.
    Service,
    /// The home organisation vetoed it for this service.
    HomeOrganisation,
    /// The source gave nothing.
    Missing,
    /// The source gave something that cannot be used.
    Invalid,
    /// It concerns an organisation that the home organisation may not speak for.
    Foreign,
    /// It does not apply to this user.
    NotApplicable,
}

/// The exact reason why an attribute is missing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The service's data-model version does not have it.
    NotInVersion,
    /// The service did not declare that it needs it.
    NotInReleaseSet,
    /// The home organisation vetoed it.
    Vetoed,
    /// The source did not give the attribute it is made from.
    NotGiven,
    /// The source gave a value of wrong form.
    Malformed,
    /// No school is given.
    SchoolMissing,
    /// The school is neither a code of at most six digits nor an organisation's identifier.
    SchoolMalformed,
    /// The organisation service does not know the school.
    SchoolUnknown,
    /// The school, or the institution of the office, is closed.
    SchoolClosed,
    /// The school has no code, and this version wants one.
    SchoolWithoutCode,
    /// The school has no name in any language.
    SchoolWithoutName,
    /// The school is not the home organisation's.
    SchoolForeign,
    /// The school's education provider is not known, closed, or not the home organisation's to name.
    ProviderUnknown,
    /// No role is given.
    RoleMissing,
    /// The role is not an allowed one.
    RoleNotAllowed,
    /// The numbers of schools, roles and groups fit none of the three accepted shapes.
    CombinationNotAccepted,
    /// The number of charges is neither one nor that of the schools.
    ChargeCountMismatch,
    /// The charge is neither 0 nor 1.
    ChargeMalformed,
    /// Only students have it.
    NotAStudent,
    /// A part of a structured value holds the character that separates the parts.
    SeparatorInPart,
    /// The integration names no municipality.
    MunicipalityNotSet,
}

impl Detail {
    /// Whose doing it is.
    pub fn why(self) -> Why {
        match self {
            Self::NotInVersion | Self::NotInReleaseSet => Why::Service,
            Self::Vetoed => Why::HomeOrganisation,
            Self::NotGiven | Self::SchoolMissing | Self::RoleMissing | Self::MunicipalityNotSet => {
                Why::Missing
            }
            Self::Malformed
            | Self::SchoolMalformed
            | Self::SchoolUnknown
            | Self::SchoolClosed
            | Self::RoleNotAllowed
            | Self::CombinationNotAccepted
            | Self::ChargeCountMismatch
            | Self::ChargeMalformed
            | Self::SeparatorInPart => Why::Invalid,
            Self::SchoolForeign => Why::Foreign,
            Self::SchoolWithoutCode
            | Self::SchoolWithoutName
            | Self::ProviderUnknown
            | Self::NotAStudent => Why::NotApplicable,
        }
    }
}

impl Release {
    /// The values of an attribute; empty where it was not released.
    pub fn get(&self, attribute: Attribute) -> &[String] {
        let found = self.values.iter().find(|(name, _)| *name == attribute);
        found.map_or(&[], |(_, values)| values)
    }

    /// The names of what was released, which is all that may be recorded.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute> + '_ {
        self.values.iter().map(|(attribute, _)| *attribute)
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self
            .values
            .iter()
            .map(|(attribute, values)| (attribute.name(), values.len()))
            .collect();
        formatter
            .debug_struct("Release")
            .field("values", &counts)
            .field("withheld", &self.withheld)
            .field("foreign_values", &self.foreign_values)
            .finish()
    }
}
