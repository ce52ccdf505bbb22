//! Who may join, and in which roles (membership contract §3, §4 ¶4–¶5, §5 ¶1).

use super::{Member, MemberRole, RoleWindow, change, known, nothing_to_change};
use crate::time::{Date, Instant};
use crate::value::{OrganisationOid, ShortText};
use crate::{
    Context, Decide, Decision, EducationLevel, Evolve, InstrumentKind, Network, Rejection, Rule,
    RuleKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An act under which arranging education is a body's task (membership contract §3).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EducationAct {
    /// Basic Education Act (perusopetuslaki).
    BasicEducation,
    /// Act on Vocational Education and Training (laki ammatillisesta koulutuksesta).
    VocationalEducation,
    /// Act on General Upper Secondary Education (lukiolaki).
    GeneralUpperSecondaryEducation,
    /// Universities of Applied Sciences Act (ammattikorkeakoululaki).
    UniversitiesOfAppliedSciences,
    /// Universities Act (yliopistolaki).
    Universities,
}

/// A licence to arrange or maintain education (membership contract §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EducationLicence {
    /// The authority that granted it.
    pub granted_by: ShortText,
    /// Its reference or record number.
    pub reference: ShortText,
}

/// What makes a body an education provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EducationBasis {
    /// A task under an act.
    Act(EducationAct),
    /// A licence.
    Licence(EducationLicence),
}

/// A body whose task it is to arrange education, by law or licence (membership contract §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EducationProvider {
    /// What makes it one; at least one basis.
    pub basis: Vec<EducationBasis>,
    /// The levels it arranges; at least one.
    pub levels: Vec<EducationLevel>,
}

/// What kind of body offers services (membership contract §4 ¶5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceProviderKind {
    /// An education provider.
    EducationProvider,
    /// A school or other institution.
    School,
    /// A body through which education providers or schools cooperate.
    CooperationBody,
    /// A company.
    Company,
    /// Another outsider.
    Other,
}

/// Why a service provider processes personal data (membership contract §4 ¶5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePurpose {
    /// What kind of body it is.
    pub kind: ServiceProviderKind,
    /// The purpose of the processing, in a line; every member sees it.
    pub purpose: ShortText,
    /// Whether the purpose is to offer an education provider electronic tools that support the
    /// arranging of education. Whoever cannot say so cannot join.
    pub supports_education: bool,
}

/// The levels of education of which a home organisation arranges at least one on `day`: the rule
/// that was set, or else our reading of the sources (domain facts J.4): those of contract §3, or
/// those of the service card.
pub fn eligible_levels(network: &Network, kind: InstrumentKind, day: Date) -> Vec<EducationLevel> {
    use EducationLevel as Level;
    let rule = match kind {
        InstrumentKind::Contract => RuleKind::ContractEducationLevels,
        InstrumentKind::TermsOfUse => RuleKind::TermsEducationLevels,
    };
    match (network.rules.on(rule, day).map(|dated| &dated.rule), kind) {
        (
            Some(Rule::ContractEducationLevels { levels } | Rule::TermsEducationLevels { levels }),
            _,
        ) => levels.clone(),
        (_, InstrumentKind::Contract) => vec![
            Level::Basic,
            Level::GeneralUpperSecondary,
            Level::Vocational,
            Level::UniversityOfAppliedSciences,
            Level::University,
        ],
        (_, InstrumentKind::TermsOfUse) => vec![
            Level::Early,
            Level::Basic,
            Level::GeneralUpperSecondary,
            Level::Vocational,
        ],
    }
}

fn not_eligible(
    message: impl Into<std::borrow::Cow<'static, str>>,
    field: &'static str,
    rule: &'static str,
) -> Rejection {
    Rejection::new("NOT_ELIGIBLE", message)
        .field(field)
        .remedy("correct what the organisation said about itself, or the roles it asks for")
        .rule(rule)
}

/// Whether an organisation may hold `roles`, and why not. `eligible` are the levels of education
/// of which a home organisation arranges at least one under its instrument (domain facts J.4);
/// none while the instrument is not yet chosen.
pub(crate) fn check(
    eligible: Option<&[EducationLevel]>,
    roles: &[MemberRole],
    education: Option<&EducationProvider>,
    purpose: Option<&ServicePurpose>,
) -> Result<(), Rejection> {
    if roles.contains(&MemberRole::HomeOrganisation) {
        let Some(education) = education else {
            return Err(not_eligible(
                "only an education provider can be a home organisation",
                "educationProvider",
                "membership contract §5 ¶1",
            ));
        };
        let arranged =
            |levels: &[EducationLevel]| education.levels.iter().any(|level| levels.contains(level));
        if !eligible.is_none_or(arranged) {
            return Err(not_eligible(
                "none of the levels of education it arranges is eligible under this instrument",
                "educationProvider.levels",
                "membership contract §3; service card of 2023",
            ));
        }
    }
    if roles.contains(&MemberRole::ServiceProvider)
        && !purpose.is_some_and(|purpose| purpose.supports_education)
    {
        return Err(not_eligible(
            "a service provider's purpose must be to offer education providers tools that support the arranging of education",
            "servicePurpose",
            "membership contract §4 ¶5",
        ));
    }
    Ok(())
}

/// Whether what an organisation says about itself is complete.
pub(crate) fn complete(education: Option<&EducationProvider>) -> Result<(), Rejection> {
    match education {
        Some(education) if education.basis.is_empty() || education.levels.is_empty() => {
            Err(not_eligible(
                "an education provider has a basis in law or a licence, and arranges some level of education",
                "educationProvider",
                "membership contract §3",
            ))
        }
        _ => Ok(()),
    }
}

/// Records what makes an organisation eligible, in place of what was recorded before. Roles it
/// holds must stay possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordEligibility {
    /// The member or applicant.
    pub member: OrganisationOid,
    /// What makes it an education provider; left out where it is none.
    #[serde(default)]
    pub education_provider: Option<EducationProvider>,
    /// The purpose of the services it offers; left out where it offers none.
    #[serde(default)]
    pub service_purpose: Option<ServicePurpose>,
}

/// What makes an organisation eligible was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EligibilityRecorded {
    /// The member or applicant.
    pub member: OrganisationOid,
    /// What makes it an education provider; none where it is none.
    pub education_provider: Option<EducationProvider>,
    /// The purpose of the services it offers; none where it offers none.
    pub service_purpose: Option<ServicePurpose>,
}

impl Decide for RecordEligibility {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        complete(self.education_provider.as_ref())?;
        if row.education_provider == self.education_provider
            && row.service_purpose == self.service_purpose
        {
            return Err(nothing_to_change(
                "this is recorded already",
                "educationProvider",
            ));
        }
        // Roles that are held, begin later or are applied for: none may lose what it needs.
        let to_come = |held: &&RoleWindow| held.window.until.is_none_or(|end| context.now < end);
        let held = row.roles.iter().filter(to_come).map(|held| held.role);
        let wanted = row
            .open_application()
            .into_iter()
            .flat_map(|open| open.roles.clone());
        let roles: Vec<MemberRole> = held.chain(wanted).collect();
        let levels = row
            .legal_basis(context.now)
            .map(|basis| eligible_levels(network, basis.kind, network.date(context.now)));
        check(
            levels.as_deref(),
            &roles,
            self.education_provider.as_ref(),
            self.service_purpose.as_ref(),
        )?;
        Ok(vec![
            EligibilityRecorded {
                member: self.member.clone(),
                education_provider: self.education_provider.clone(),
                service_purpose: self.service_purpose.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for EligibilityRecorded {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            row.education_provider.clone_from(&self.education_provider);
            row.service_purpose.clone_from(&self.service_purpose);
        });
    }
}
