//! An invented municipality, its schools, its neighbours and one of its pupils.

use crate::data_model::*;
use crate::value::{MunicipalityCode, OrganisationOid, SchoolCode, ShortText};

pub(super) const ROOT: &str = "1.2.246.562.10.00000000001";
pub(super) const PROVIDER: &str = "1.2.246.562.99.00000000001";
pub(super) const SCHOOL: &str = "1.2.246.562.99.00000000002";
pub(super) const SWEDISH_SCHOOL: &str = "1.2.246.562.99.00000000003";
pub(super) const OFFICE: &str = "1.2.246.562.99.00000000004";
pub(super) const CLOSED_SCHOOL: &str = "1.2.246.562.99.00000000005";
pub(super) const SCHOOL_WITHOUT_CODE: &str = "1.2.246.562.99.00000000006";
pub(super) const DAY_CARE: &str = "1.2.246.562.99.00000000007";
pub(super) const CLOSED_OFFICE: &str = "1.2.246.562.99.00000000008";
pub(super) const OFFICE_OF_CLOSED: &str = "1.2.246.562.99.00000000009";
pub(super) const NAMELESS_SCHOOL: &str = "1.2.246.562.99.00000000010";
pub(super) const FOREIGN_PROVIDER: &str = "1.2.246.562.99.00000000011";
pub(super) const FOREIGN_SCHOOL: &str = "1.2.246.562.99.00000000012";
pub(super) const REPRESENTED_PROVIDER: &str = "1.2.246.562.99.00000000021";
pub(super) const REPRESENTED_SCHOOL: &str = "1.2.246.562.99.00000000022";
pub(super) const SCHOOL_REPRESENTED_ALONE: &str = "1.2.246.562.99.00000000032";

/// Identifier, code, type, Finnish name, Swedish name, parent, active.
type Row = (
    &'static str,
    &'static str,
    u8,
    &'static str,
    &'static str,
    &'static str,
    bool,
);

const ROWS: [Row; 17] = [
    (ROOT, "", 5, "Kuvitteellinen hallitus", "", "", true),
    (
        PROVIDER,
        "",
        1,
        "Kuvitteellinen kunta",
        "Påhittade kommunen",
        ROOT,
        true,
    ),
    (
        SCHOOL,
        "99901",
        2,
        "Kuvitteellinen koulu",
        "Påhittade skolan",
        PROVIDER,
        true,
    ),
    (
        SWEDISH_SCHOOL,
        "99902",
        2,
        "",
        "Fantasiskolan",
        PROVIDER,
        true,
    ),
    (OFFICE, "", 3, "Kuvitteellinen sivupiste", "", SCHOOL, true),
    (
        CLOSED_SCHOOL,
        "99905",
        2,
        "Suljettu koulu",
        "",
        PROVIDER,
        false,
    ),
    (
        SCHOOL_WITHOUT_CODE,
        "",
        2,
        "Numeroton koulu",
        "",
        PROVIDER,
        true,
    ),
    (
        DAY_CARE,
        "",
        8,
        "Kuvitteellinen päiväkoti",
        "",
        PROVIDER,
        true,
    ),
    (
        CLOSED_OFFICE,
        "",
        3,
        "Suljettu sivupiste",
        "",
        SCHOOL,
        false,
    ),
    (
        OFFICE_OF_CLOSED,
        "",
        3,
        "Suljetun sivupiste",
        "",
        CLOSED_SCHOOL,
        true,
    ),
    (NAMELESS_SCHOOL, "99910", 2, "", "", PROVIDER, true),
    (FOREIGN_PROVIDER, "", 1, "Vieras kunta", "", ROOT, true),
    (
        FOREIGN_SCHOOL,
        "99911",
        2,
        "Vieras koulu",
        "",
        FOREIGN_PROVIDER,
        true,
    ),
    (
        REPRESENTED_PROVIDER,
        "",
        1,
        "Edustettu kunta",
        "",
        ROOT,
        true,
    ),
    (
        REPRESENTED_SCHOOL,
        "99921",
        2,
        "Edustettu koulu",
        "",
        REPRESENTED_PROVIDER,
        true,
    ),
    (
        "1.2.246.562.99.00000000031",
        "",
        1,
        "Kolmas kunta",
        "",
        ROOT,
        true,
    ),
    (
        SCHOOL_REPRESENTED_ALONE,
        "99931",
        2,
        "Yksin edustettu",
        "",
        "1.2.246.562.99.00000000031",
        true,
    ),
];

/// The register of [`ROWS`]; the municipality acts for another one and for one school of a third.
pub(super) struct Register;

fn organisation((oid, code, kind, fi, sv, parent, active): &Row) -> RegisteredOrganisation {
    RegisteredOrganisation {
        oid: oid_of(oid),
        school_code: SchoolCode::parse(code).ok(),
        types: vec![format!("organisaatiotyyppi_0{kind}")],
        names: OrganisationNames {
            fi: ShortText::parse(fi).ok(),
            sv: ShortText::parse(sv).ok(),
            en: None,
        },
        parent: OrganisationOid::parse(parent).ok(),
        active: *active,
    }
}

impl OrganisationRegister for Register {
    fn by_school_code(&self, code: &SchoolCode) -> Option<RegisteredOrganisation> {
        ROWS.iter()
            .find(|row| row.1 == code.as_str())
            .map(organisation)
    }

    fn by_oid(&self, oid: &OrganisationOid) -> Option<RegisteredOrganisation> {
        ROWS.iter()
            .find(|row| row.0 == oid.as_str())
            .map(organisation)
    }

    fn acts_for(&self, asserter: &OrganisationOid, organisation: &OrganisationOid) -> bool {
        asserter.as_str() == PROVIDER
            && [REPRESENTED_PROVIDER, SCHOOL_REPRESENTED_ALONE].contains(&organisation.as_str())
    }
}

pub(super) fn oid_of(text: &str) -> OrganisationOid {
    OrganisationOid::parse(text).expect("an organisation's identifier")
}

pub(super) fn asserter() -> Asserter {
    Asserter {
        organisation: oid_of(PROVIDER),
        idp_id: "wilma_1000001".into(),
        municipality: ShortText::parse("Kuvitteellinen kunta").ok(),
        municipality_code: MunicipalityCode::parse("999").ok(),
        non_disclosure: NonDisclosureRule::default(),
    }
}

/// A pupil about whom everything is given.
pub(super) fn pupil() -> SourceAttributes {
    use SourceAttribute::*;
    SourceAttributes::new()
        .with(Username, ["demo_u0001"])
        .with(FirstName, ["Aino Keksitty"])
        .with(Surname, ["Kuvitteellinen"])
        .with(Nickname, ["Aino"])
        .with(LearnerId, ["1.2.246.562.24.10000000016"])
        .with(SchoolIds, ["99901"])
        .with(Roles, ["oppilas"])
        .with(Groups, ["1A"])
        .with(GroupLevels, ["1"])
        .with(LearningMaterialsCharges, ["1"])
}

/// The pupil with other lists of schools, roles and groups.
pub(super) fn pupil_of(schools: &str, roles: &str, groups: &str) -> SourceAttributes {
    use SourceAttribute::*;
    let lists = pupil().without(SchoolIds).without(Roles).without(Groups);
    lists
        .with(SchoolIds, [schools])
        .with(Roles, [roles])
        .with(Groups, [groups])
}

pub(super) fn outcome(source: &SourceAttributes, version: Version) -> Outcome {
    release(
        source,
        &asserter(),
        &Register,
        &Rules::default(),
        &ServiceView::national_profile(version),
    )
}

/// What a service on `version` with the whole profile receives.
pub(super) fn released(source: &SourceAttributes, version: Version) -> Release {
    match outcome(source, version) {
        Outcome::Released(release) => release,
        Outcome::Refused(reason) => panic!("refused: {reason:?}"),
    }
}

pub(super) fn refused(source: &SourceAttributes, version: Version) -> RefusalReason {
    match outcome(source, version) {
        Outcome::Refused(reason) => reason,
        Outcome::Released(release) => panic!("released: {release:?}"),
    }
}

/// The names of what a pupil has and this release lacks.
pub(super) fn removed(release: &Release, version: Version) -> Vec<Attribute> {
    let whole = released(&pupil(), version);
    whole
        .attributes()
        .filter(|attribute| release.get(*attribute).is_empty())
        .collect()
}

pub(super) fn detail(release: &Release, attribute: Attribute) -> Option<(Detail, bool)> {
    let withheld = release
        .withheld
        .iter()
        .find(|withheld| withheld.attribute == attribute);
    withheld.map(|withheld| (withheld.detail, withheld.partly))
}
