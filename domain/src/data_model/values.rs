//! The values of every attribute, in the service's version, with a reason for each that is missing.
//!
//! The code of a school that the register does not know is not delivered, although W-CHECK names six attributes that
//! an invalid school removes and not the code: nothing shows that an unknown code is the home organisation's own, and
//! what cannot be shown to be its own is dropped (our decision, domain facts J.10). A closed school that is its own
//! keeps its code.

use super::combine::{Combined, Entry};
use super::place::{NoPlace, Place, place};
use super::{
    Asserter, Attribute, Detail, OrganisationRegister, Rules, SourceAttribute, SourceAttributes,
    Version,
};
use std::collections::BTreeMap;

/// What an invalid school removes (W-CHECK). The school's code is not among it.
const FROM_SCHOOL: [Attribute; 7] = [
    Attribute::School,
    Attribute::SchoolInfo,
    Attribute::Role,
    Attribute::EducationProviderId,
    Attribute::EducationProvider,
    Attribute::EducationProviderInfo,
    Attribute::LearningMaterialsCharge,
];

/// What the walk over the entries needs besides them.
pub(super) struct Context<'a> {
    pub(super) asserter: &'a Asserter,
    pub(super) register: &'a dyn OrganisationRegister,
    pub(super) rules: &'a Rules,
    pub(super) version: Version,
}

impl Context<'_> {
    fn place(&self, school: Option<&str>) -> Result<Place, NoPlace> {
        place(school, self.asserter, self.register, self.rules)
    }
}

/// Values and reasons while they are collected.
#[derive(Default)]
pub(super) struct Values {
    pub(super) values: BTreeMap<Attribute, Vec<String>>,
    pub(super) missing: BTreeMap<Attribute, Detail>,
}

impl Values {
    /// Adds a value once. Every part it is made of is trimmed already; a role may end in an empty part.
    pub(super) fn push(&mut self, attribute: Attribute, value: impl AsRef<str>) {
        let value = value.as_ref();
        let values = self.values.entry(attribute).or_default();
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }

    /// Remembers why something is missing; the first reason stands.
    pub(super) fn missing(&mut self, attribute: Attribute, detail: Detail) {
        self.missing.entry(attribute).or_insert(detail);
    }

    fn push_or(&mut self, attribute: Attribute, value: Option<impl AsRef<str>>, detail: Detail) {
        match value {
            Some(value) => self.push(attribute, value),
            None => self.missing(attribute, detail),
        }
    }

    pub(super) fn person(&mut self, source: &SourceAttributes) {
        let names = [
            (Attribute::GivenName, SourceAttribute::FirstName),
            (Attribute::Surname, SourceAttribute::Surname),
            (Attribute::Nickname, SourceAttribute::Nickname),
        ];
        for (attribute, from) in names {
            match source.first(from) {
                Some(name) => self.push_or(attribute, plain(name), Detail::Malformed),
                None => self.missing(attribute, Detail::NotGiven),
            }
        }
    }

    pub(super) fn municipality(&mut self, asserter: &Asserter) {
        self.push_or(
            Attribute::Municipality,
            asserter.municipality.as_ref(),
            Detail::MunicipalityNotSet,
        );
        self.push_or(
            Attribute::MunicipalityCode,
            asserter.municipality_code.as_ref(),
            Detail::MunicipalityNotSet,
        );
    }

    /// Every role at every school; returns how many entries concern somebody else's school.
    pub(super) fn affiliations(&mut self, combined: &Combined, context: &Context<'_>) -> u32 {
        let entries = match &combined.entries {
            Ok(entries) => entries,
            Err(detail) => {
                self.missing_all(*detail);
                return 0;
            }
        };
        let mut foreign = 0;
        for entry in entries {
            if let Err(detail) = self.affiliation(entry, combined, context) {
                self.missing_all(detail);
                foreign += u32::from(detail == Detail::SchoolForeign);
            }
        }
        foreign
    }

    fn missing_all(&mut self, detail: Detail) {
        for attribute in FROM_SCHOOL.into_iter().chain([Attribute::SchoolCode]) {
            self.missing(attribute, detail);
        }
    }

    /// One role at one school. Whose the school is comes first: what is foreign is counted, whatever its role.
    fn affiliation(
        &mut self,
        entry: &Entry,
        combined: &Combined,
        context: &Context<'_>,
    ) -> Result<(), Detail> {
        let place = context.place(entry.school.as_deref());
        if let Err(no_place) = &place
            && no_place.detail == Detail::SchoolForeign
        {
            return Err(Detail::SchoolForeign);
        }
        let word = entry.role.as_deref().ok_or(Detail::RoleMissing)?;
        let role = context.rules.role(word).ok_or(Detail::RoleNotAllowed)?;
        let place = match place {
            Ok(place) => place,
            Err(NoPlace {
                detail,
                closed_code: Some(code),
            }) => {
                self.push(Attribute::SchoolCode, code);
                for attribute in FROM_SCHOOL {
                    self.missing(attribute, detail);
                }
                return Ok(());
            }
            Err(no_place) => return Err(no_place.detail),
        };
        self.school(&place, context.version);
        self.provider(&place);
        match role_value(&role, entry.group.as_deref(), &place, context) {
            Some(value) => self.push(Attribute::Role, value),
            None => self.missing(Attribute::Role, Detail::SeparatorInPart),
        }
        match combined.charges {
            Some(detail) => self.missing(Attribute::LearningMaterialsCharge, detail),
            None => self.charge(entry.charge.as_deref(), &role, &place, context),
        }
        Ok(())
    }

    fn school(&mut self, place: &Place, version: Version) {
        let school = &place.school;
        let code = school.school_code.as_ref();
        self.push_or(Attribute::SchoolCode, code, Detail::SchoolWithoutCode);
        let Some(name) = school.names.preferred() else {
            self.missing(Attribute::School, Detail::SchoolWithoutName);
            return self.missing(Attribute::SchoolInfo, Detail::SchoolWithoutName);
        };
        self.push(Attribute::School, name);
        let by_code = code.map(|code| format!("{code};{name}"));
        if version < Version::V1_4 {
            return self.push_or(Attribute::SchoolInfo, by_code, Detail::SchoolWithoutCode);
        }
        if let Some(by_code) = by_code {
            self.push(Attribute::SchoolInfo, by_code);
        }
        self.push(Attribute::SchoolInfo, format!("{};{name}", school.oid));
        if let Some(office) = &place.office
            && let Some(name) = office.names.preferred()
        {
            self.push(Attribute::SchoolInfo, format!("{};{name}", office.oid));
        }
    }

    fn provider(&mut self, place: &Place) {
        let Some(provider) = &place.provider else {
            self.missing(Attribute::EducationProviderId, Detail::ProviderUnknown);
            self.missing(Attribute::EducationProvider, Detail::ProviderUnknown);
            return self.missing(Attribute::EducationProviderInfo, Detail::ProviderUnknown);
        };
        let name = provider.names.preferred();
        let info = name.map(|name| format!("{};{name}", provider.oid));
        self.push(Attribute::EducationProviderId, &provider.oid);
        self.push_or(Attribute::EducationProvider, name, Detail::ProviderUnknown);
        self.push_or(
            Attribute::EducationProviderInfo,
            info,
            Detail::ProviderUnknown,
        );
    }

    fn charge(&mut self, charge: Option<&str>, role: &str, place: &Place, context: &Context<'_>) {
        let attribute = Attribute::LearningMaterialsCharge;
        let Some(charge) = charge else {
            return self.missing(attribute, Detail::NotGiven);
        };
        if !context.rules.is_student(role) {
            return self.missing(attribute, Detail::NotAStudent);
        }
        if !matches!(charge, "0" | "1") {
            return self.missing(attribute, Detail::ChargeMalformed);
        }
        let by_code = place
            .school
            .school_code
            .as_ref()
            .map(|code| format!("{charge};{code}"));
        if context.version < Version::V1_4 {
            return self.push_or(attribute, by_code, Detail::SchoolWithoutCode);
        }
        if let Some(by_code) = by_code {
            self.push(attribute, by_code);
        }
        self.push(attribute, format!("{charge};{}", place.school.oid));
    }

    /// Class and class level belong to the first school, and are not passed on if that is foreign.
    pub(super) fn class(
        &mut self,
        source: &SourceAttributes,
        combined: Combined,
        context: &Context<'_>,
    ) {
        if let Some(school) = &combined.first_school
            && context
                .place(Some(school))
                .is_err_and(|no_place| no_place.detail == Detail::SchoolForeign)
        {
            self.missing(Attribute::Class, Detail::SchoolForeign);
            return self.missing(Attribute::ClassLevel, Detail::SchoolForeign);
        }
        let why_no_class = match combined.entries {
            Err(detail @ (Detail::CombinationNotAccepted | Detail::ChargeCountMismatch)) => detail,
            _ => Detail::NotGiven,
        };
        self.push_or(Attribute::Class, combined.first_group, why_no_class);
        let level = source.list(SourceAttribute::GroupLevels).into_iter().next();
        match level.map(|level| level.and_then(|level| level.parse::<i16>().ok())) {
            None => self.missing(Attribute::ClassLevel, Detail::NotGiven),
            Some(level) => self.push_or(
                Attribute::ClassLevel,
                level.map(|level| level.to_string()),
                Detail::Malformed,
            ),
        }
    }
}

/// The role of one entry in the version's form, or `None` where a part would be taken for two.
fn role_value(
    role: &str,
    group: Option<&str>,
    place: &Place,
    context: &Context<'_>,
) -> Option<String> {
    let capital: String = {
        let mut letters = role.chars();
        letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect()
    };
    let municipality = context
        .asserter
        .municipality
        .as_ref()
        .map_or("", |name| name.as_str());
    let provider = place
        .provider
        .as_ref()
        .map_or("", |provider| provider.oid.as_str());
    let code = place
        .school
        .school_code
        .as_ref()
        .map_or("", |code| code.as_str());
    let first = if context.version < Version::V1_2 {
        municipality
    } else {
        provider
    };
    let role_code = context.rules.role_code(role).to_string();
    let office = place
        .office
        .as_ref()
        .map_or("", |office| office.oid.as_str());
    let all = [
        first,
        code,
        group.unwrap_or_default(),
        &capital,
        &role_code,
        place.school.oid.as_str(),
        office,
    ];
    let parts = if context.version < Version::V1_4 {
        &all[..4]
    } else {
        &all[..]
    };
    let separated = parts.iter().all(|part| !part.contains(';'));
    separated.then(|| parts.join(";"))
}

/// A name as one line of text.
fn plain(text: &str) -> Option<&str> {
    const NAME_LENGTH_MAX: usize = 1024;
    let text = text.trim();
    (text.len() <= NAME_LENGTH_MAX && !text.contains(char::is_control)).then_some(text)
}
