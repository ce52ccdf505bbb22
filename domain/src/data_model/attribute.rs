//! The attributes of the data model: their names on the wire and the versions that have them.

use std::fmt;

/// A version of the data model (annex 3). Each service receives one.
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
pub enum Version {
    /// 2017: roles by municipality.
    #[serde(rename = "1.0")]
    V1_0,
    /// 1 September 2020: learner id, education provider.
    #[serde(rename = "1.1")]
    V1_1,
    /// 4 January 2022: roles by education provider, school and provider as code and name together.
    #[serde(rename = "1.2")]
    V1_2,
    /// 2 August 2022: charge for learning materials.
    #[serde(rename = "1.3")]
    V1_3,
    /// January 2024: roles of seven parts, organisation identifiers beside school codes, the issuer.
    #[serde(rename = "1.4")]
    V1_4,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 5] = [Self::V1_0, Self::V1_1, Self::V1_2, Self::V1_3, Self::V1_4];

    /// The version's number, such as `1.4`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
        }
    }

    /// The version with this number, if there is one.
    pub fn from_number(number: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == number)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// An attribute that a service can receive. The order here is the order of release.
///
/// The legacy identifier made from the personal identity code is left out on purpose.
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
pub enum Attribute {
    /// The user's identifier: `MPASSOID.` and 40 hexadecimal digits. It changes with the source integration.
    Uid,
    /// The national learner id.
    LearnerId,
    /// The organisation that asserts the data.
    OriginalIssuer,
    /// First names.
    GivenName,
    /// Surname.
    Surname,
    /// The name the user goes by.
    Nickname,
    /// Role at a school with provider, school and group: four parts, from 1.4 seven, separated by semicolons.
    Role,
    /// Name of the school.
    School,
    /// Code of the school in Statistics Finland's register.
    SchoolCode,
    /// Code and name, from 1.4 also identifier and name, of the school and of the office.
    SchoolInfo,
    /// Class or group.
    Class,
    /// Year of basic or pre-primary education, a whole number.
    ClassLevel,
    /// Identifier of the education provider.
    EducationProviderId,
    /// Name of the education provider.
    EducationProvider,
    /// Identifier and name of the education provider.
    EducationProviderInfo,
    /// Whether learning materials cost the student: `0` free or `1` paid, and the school.
    LearningMaterialsCharge,
    /// Name of the municipality.
    Municipality,
    /// Code of the municipality.
    MunicipalityCode,
}

/// One row of the data model's table.
struct Facts {
    name: &'static str,
    saml: &'static str,
    oidc: &'static str,
    since: Version,
    until: Version,
}

impl Attribute {
    /// Every attribute, in the order of release.
    pub const ALL: [Self; 18] = [
        Self::Uid,
        Self::LearnerId,
        Self::OriginalIssuer,
        Self::GivenName,
        Self::Surname,
        Self::Nickname,
        Self::Role,
        Self::School,
        Self::SchoolCode,
        Self::SchoolInfo,
        Self::Class,
        Self::ClassLevel,
        Self::EducationProviderId,
        Self::EducationProvider,
        Self::EducationProviderInfo,
        Self::LearningMaterialsCharge,
        Self::Municipality,
        Self::MunicipalityCode,
    ];

    /// The attribute's short name, as in JSON, for example `givenName`.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The SAML attribute `Name`; its `NameFormat` is the URI one.
    pub fn saml_name(self) -> &'static str {
        self.facts().saml
    }

    /// The OpenID Connect claim.
    pub fn oidc_claim(self) -> &'static str {
        self.facts().oidc
    }

    /// The first version that has it.
    pub fn since(self) -> Version {
        self.facts().since
    }

    /// The last version that has it; the newest one where it has not been withdrawn.
    pub fn until(self) -> Version {
        self.facts().until
    }

    /// Whether `version` has it.
    pub fn is_in(self, version: Version) -> bool {
        (self.since()..=self.until()).contains(&version)
    }

    /// Whether several values can occur.
    pub fn is_multi_valued(self) -> bool {
        matches!(
            self,
            Self::Role
                | Self::School
                | Self::SchoolCode
                | Self::SchoolInfo
                | Self::EducationProviderId
                | Self::EducationProvider
                | Self::EducationProviderInfo
                | Self::LearningMaterialsCharge
        )
    }

    /// Whether the protocol fails without it: no home organisation can veto it and every release set holds it.
    pub fn is_essential(self) -> bool {
        matches!(self, Self::Uid | Self::LearnerId | Self::OriginalIssuer)
    }

    /// The attribute with this short name, SAML name or claim.
    pub fn from_any_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| {
            let facts = attribute.facts();
            [facts.name, facts.saml, facts.oidc].contains(&name)
        })
    }

    /// The table of annex 3. The withdrawal of school, school code, class and the provider's two single attributes
    /// with 1.4 is read from public clients; municipalities went with 1.2; the first version of the class level is
    /// not known more exactly than "by 1.2".
    fn facts(self) -> Facts {
        use Version::{V1_0, V1_1, V1_2, V1_3, V1_4};
        let own = |name, urn, since, until| Facts {
            name,
            saml: urn,
            oidc: urn,
            since,
            until,
        };
        let standard = |name, saml, oidc| Facts {
            name,
            saml,
            oidc,
            since: V1_0,
            until: V1_4,
        };
        match self {
            Self::Uid => own("uid", "urn:mpass.id:uid", V1_0, V1_4),
            Self::LearnerId => own("learnerId", "urn:oid:1.3.6.1.4.1.16161.1.1.27", V1_1, V1_4),
            Self::OriginalIssuer => {
                own("originalIssuer", "urn:mpass.id:originalIssuer", V1_4, V1_4)
            }
            Self::GivenName => standard("givenName", "urn:oid:2.5.4.42", "given_name"),
            Self::Surname => standard("surname", "urn:oid:2.5.4.4", "family_name"),
            Self::Nickname => own("nickname", "urn:mpass.id:nickname", V1_4, V1_4),
            Self::Role => own("role", "urn:mpass.id:role", V1_0, V1_4),
            Self::School => own("school", "urn:mpass.id:school", V1_0, V1_3),
            Self::SchoolCode => own("schoolCode", "urn:mpass.id:schoolCode", V1_0, V1_3),
            Self::SchoolInfo => own("schoolInfo", "urn:mpass.id:schoolInfo", V1_2, V1_4),
            Self::Class => own("class", "urn:mpass.id:class", V1_0, V1_3),
            Self::ClassLevel => own("classLevel", "urn:mpass.id:classLevel", V1_2, V1_4),
            Self::EducationProviderId => own(
                "educationProviderId",
                "urn:mpass.id:educationProviderId",
                V1_1,
                V1_3,
            ),
            Self::EducationProvider => own(
                "educationProvider",
                "urn:mpass.id:educationProvider",
                V1_1,
                V1_3,
            ),
            Self::EducationProviderInfo => own(
                "educationProviderInfo",
                "urn:mpass.id:educationProviderInfo",
                V1_2,
                V1_4,
            ),
            Self::LearningMaterialsCharge => own(
                "learningMaterialsCharge",
                "urn:mpass.id:learningMaterialsCharge",
                V1_3,
                V1_4,
            ),
            Self::Municipality => own("municipality", "urn:mpass.id:municipality", V1_0, V1_1),
            Self::MunicipalityCode => own(
                "municipalityCode",
                "urn:mpass.id:municipalityCode",
                V1_0,
                V1_1,
            ),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
