//! Schools, offices, providers, and for whom a home organisation may speak.

use super::fixtures::*;
use crate::data_model::*;
use rstest::rstest;

fn info(id: &str, name: &str) -> String {
    format!("{id};{name}")
}

#[rstest]
#[case::by_code("99901", &format!("{PROVIDER};99901;1A;Oppilas;1;{SCHOOL};"))]
#[case::by_oid(SCHOOL, &format!("{PROVIDER};99901;1A;Oppilas;1;{SCHOOL};"))]
#[case::office(OFFICE, &format!("{PROVIDER};99901;1A;Oppilas;1;{SCHOOL};{OFFICE}"))]
#[case::without_code(SCHOOL_WITHOUT_CODE, &format!("{PROVIDER};;1A;Oppilas;1;{SCHOOL_WITHOUT_CODE};"))]
#[case::day_care_under_the_provider(DAY_CARE, &format!("{PROVIDER};;1A;Oppilas;1;{PROVIDER};{DAY_CARE}"))]
#[case::represented("99921", &format!("{REPRESENTED_PROVIDER};99921;1A;Oppilas;1;{REPRESENTED_SCHOOL};"))]
#[case::represented_alone("99931", &format!(";99931;1A;Oppilas;1;{SCHOOL_REPRESENTED_ALONE};"))]
fn role_of(#[case] school: &str, #[case] role: &str) {
    let release = released(&pupil_of(school, "oppilas", "1A"), Version::V1_4);
    assert_eq!(release.get(Attribute::Role), [role]);
    assert_eq!(release.foreign_values, 0);
}

#[rstest]
#[case::school("99901", &[&info("99901", "Kuvitteellinen koulu"), &info(SCHOOL, "Kuvitteellinen koulu")])]
#[case::swedish_name("99902", &[&info("99902", "Fantasiskolan"), &info(SWEDISH_SCHOOL, "Fantasiskolan")])]
#[case::office(OFFICE, &[
    &info("99901", "Kuvitteellinen koulu"),
    &info(SCHOOL, "Kuvitteellinen koulu"),
    &info(OFFICE, "Kuvitteellinen sivupiste"),
])]
#[case::without_code(SCHOOL_WITHOUT_CODE, &[&info(SCHOOL_WITHOUT_CODE, "Numeroton koulu")])]
fn school_info_of(#[case] school: &str, #[case] expected: &[&String]) {
    let release = released(&pupil_of(school, "oppilas", "1A"), Version::V1_4);
    assert_eq!(
        release
            .get(Attribute::SchoolInfo)
            .iter()
            .collect::<Vec<_>>(),
        expected
    );
}

#[rstest]
#[case::school_without_code(SCHOOL_WITHOUT_CODE, Attribute::SchoolInfo, Detail::SchoolWithoutCode)]
#[case::nameless("99910", Attribute::School, Detail::SchoolWithoutName)]
#[case::nameless("99910", Attribute::SchoolInfo, Detail::SchoolWithoutName)]
#[case::closed_office(CLOSED_OFFICE, Attribute::Role, Detail::SchoolClosed)]
#[case::office_of_a_closed_school(OFFICE_OF_CLOSED, Attribute::Role, Detail::SchoolClosed)]
#[case::provider_not_its_own("99931", Attribute::EducationProviderInfo, Detail::ProviderUnknown)]
#[case::root(ROOT, Attribute::Role, Detail::SchoolForeign)]
fn what_is_missing_has_a_reason(
    #[case] school: &str,
    #[case] attribute: Attribute,
    #[case] why: Detail,
) {
    let release = released(&pupil_of(school, "oppilas", "1A"), Version::V1_3);
    assert_eq!(detail(&release, attribute), Some((why, false)));
}

#[test]
fn foreign_schools_are_dropped_and_counted() {
    let source = pupil_of(
        &format!("99901;99911;{FOREIGN_SCHOOL};{FOREIGN_PROVIDER}"),
        "opettaja",
        "",
    );
    let release = released(&source, Version::V1_4);
    assert_eq!(
        release.get(Attribute::Role),
        [format!("{PROVIDER};99901;;Opettaja;2;{SCHOOL};")]
    );
    assert_eq!(release.foreign_values, 3);
    assert_eq!(
        detail(&release, Attribute::Role),
        Some((Detail::SchoolForeign, true))
    );
    assert_eq!(release.get(Attribute::OriginalIssuer), [PROVIDER]);
}

#[test]
fn the_class_of_a_foreign_school_is_not_passed_on() {
    let release = released(&pupil_of("99911;99901", "oppilas", "9X;1A"), Version::V1_3);
    assert_eq!(
        release.get(Attribute::Role),
        [format!("{PROVIDER};99901;1A;Oppilas")]
    );
    assert_eq!(
        detail(&release, Attribute::Class),
        Some((Detail::SchoolForeign, false))
    );
    assert_eq!(
        detail(&release, Attribute::ClassLevel),
        Some((Detail::SchoolForeign, false))
    );
}

#[test]
fn the_class_of_a_foreign_school_is_not_passed_on_without_a_role_either() {
    for roles in ["", "oppilas;opettaja"] {
        let release = released(&pupil_of("99911", roles, "9X"), Version::V1_3);
        assert!(release.get(Attribute::Class).is_empty());
        assert!(release.get(Attribute::ClassLevel).is_empty());
    }
}

/// A register in which every organisation is above itself.
struct Circle;

impl OrganisationRegister for Circle {
    fn by_school_code(&self, code: &crate::value::SchoolCode) -> Option<RegisteredOrganisation> {
        Register
            .by_school_code(code)
            .map(|organisation| RegisteredOrganisation {
                parent: Some(organisation.oid.clone()),
                ..organisation
            })
    }

    fn by_oid(&self, oid: &crate::value::OrganisationOid) -> Option<RegisteredOrganisation> {
        let found = Register.by_oid(oid)?;
        Some(RegisteredOrganisation {
            parent: Some(found.oid.clone()),
            ..found
        })
    }

    fn acts_for(
        &self,
        _: &crate::value::OrganisationOid,
        _: &crate::value::OrganisationOid,
    ) -> bool {
        false
    }
}

#[test]
fn a_register_that_goes_in_circles_ends() {
    let view = ServiceView::national_profile(Version::V1_4);
    let outcome = release(&pupil(), &asserter(), &Circle, &Rules::default(), &view);
    let Outcome::Released(release) = outcome else {
        panic!("refused")
    };
    assert_eq!(release.foreign_values, 1);
}

#[test]
fn a_separator_in_the_municipality_does_not_corrupt_the_role() {
    let asserter = Asserter {
        municipality: crate::value::ShortText::parse("Kunta;Kylä").ok(),
        ..asserter()
    };
    let view = ServiceView::national_profile(Version::V1_0);
    let Outcome::Released(release) =
        release(&pupil(), &asserter, &Register, &Rules::default(), &view)
    else {
        panic!("refused");
    };
    assert_eq!(release.get(Attribute::Role), [] as [&str; 0]);
    assert_eq!(
        detail(&release, Attribute::Role),
        Some((Detail::SeparatorInPart, false))
    );
}

/// The register in which this provider is closed and its schools still stand open.
struct Closed(&'static str);

impl OrganisationRegister for Closed {
    fn by_school_code(&self, code: &crate::value::SchoolCode) -> Option<RegisteredOrganisation> {
        Register.by_school_code(code)
    }

    fn by_oid(&self, oid: &crate::value::OrganisationOid) -> Option<RegisteredOrganisation> {
        let mut found = Register.by_oid(oid)?;
        found.active &= oid.as_str() != self.0;
        Some(found)
    }

    fn acts_for(
        &self,
        asserter: &crate::value::OrganisationOid,
        organisation: &crate::value::OrganisationOid,
    ) -> bool {
        Register.acts_for(asserter, organisation)
    }
}

// Domain facts J.13.
#[rstest]
#[case::own(PROVIDER, "99901", false)]
#[case::own_office(PROVIDER, OFFICE, false)]
#[case::represented(REPRESENTED_PROVIDER, "99921", false)]
#[case::another_provider(REPRESENTED_PROVIDER, "99901", true)]
// It speaks for this school, and not for the one above it.
#[case::represented_alone(PROVIDER, "99931", true)]
fn the_schools_of_a_closed_provider_are_not_resolved(
    #[case] closed: &'static str,
    #[case] school: &str,
    #[case] resolved: bool,
) {
    let view = ServiceView::national_profile(Version::V1_3);
    let source = pupil_of(school, "oppilas", "1A");
    let outcome = release(
        &source,
        &asserter(),
        &Closed(closed),
        &Rules::default(),
        &view,
    );
    let Outcome::Released(release) = outcome else {
        panic!("refused")
    };
    assert_eq!(!release.get(Attribute::School).is_empty(), resolved);
    assert_eq!(!release.get(Attribute::Role).is_empty(), resolved);
    if !resolved {
        let why = Some((Detail::SchoolClosed, false));
        assert_eq!(detail(&release, Attribute::School), why);
        assert!(release.get(Attribute::EducationProvider).is_empty());
        assert_eq!(release.foreign_values, 0);
    }
}
