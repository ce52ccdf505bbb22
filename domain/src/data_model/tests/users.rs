//! The kinds of test user that the network publishes, with data of our own.

use super::fixtures::*;
use crate::data_model::*;
use rstest::rstest;

/// Schools, roles and groups of a user are changed by number as the published list does; numbers without a
/// peculiarity are regular users.
fn test_user(number: u32) -> SourceAttributes {
    use SourceAttribute::*;
    let charge = if number.is_multiple_of(2) { "0" } else { "1" };
    let user = pupil()
        .without(Username)
        .with(Username, [format!("demo_u{number:04}")]);
    let user = user
        .without(LearningMaterialsCharges)
        .with(LearningMaterialsCharges, [charge]);
    match number {
        10..=19 => user.without(Surname).with(Surname, ["Åkerström-Öljynen"]),
        20 => user.without(SchoolIds),
        21 => user.without(SchoolIds).with(SchoolIds, ["00000"]),
        22 => user.without(LearnerId),
        23 => user.without(Roles),
        24 => user.without(GroupLevels),
        25 => user.without(Groups),
        29 => user.without(FirstName),
        30 => user
            .without(LearnerId)
            .with(LearnerId, ["1.2.246.562.24.1000"]),
        31..=39 => user
            .without(SchoolIds)
            .with(SchoolIds, ["99901;99902"])
            .without(Groups)
            .with(Groups, ["1A;2B"]),
        _ => user,
    }
}

#[rstest]
#[case::regular(1, "1")]
#[case::regular(2, "0")]
#[case::regular(9, "1")]
#[case::scandinavian_letters(10, "0")]
#[case::scandinavian_letters(19, "1")]
// The data model has no input for the identifier that this user lacks.
#[case::no_crypt_id(28, "0")]
fn a_complete_user_is_released_whole(#[case] number: u32, #[case] charge: &str) {
    for version in Version::ALL {
        let release = released(&test_user(number), version);
        let names: Vec<_> = release.attributes().collect();
        assert_eq!(
            names,
            ServiceView::profile(version)
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert!(
            release
                .withheld
                .iter()
                .all(|withheld| withheld.detail == Detail::NotInVersion)
        );
    }
    let release = released(&test_user(number), Version::V1_3);
    assert_eq!(
        release.get(Attribute::LearningMaterialsCharge),
        [format!("{charge};99901")]
    );
}

#[test]
fn scandinavian_letters_arrive_unchanged() {
    let release = released(&test_user(12), Version::V1_4);
    assert_eq!(release.get(Attribute::Surname), ["Åkerström-Öljynen"]);
}

const WITH_SCHOOL_1_3: &[Attribute] = &[
    Attribute::Role,
    Attribute::School,
    Attribute::SchoolCode,
    Attribute::SchoolInfo,
    Attribute::EducationProviderId,
    Attribute::EducationProvider,
    Attribute::EducationProviderInfo,
    Attribute::LearningMaterialsCharge,
];

#[rstest]
#[case::no_school_code(20, WITH_SCHOOL_1_3)]
// The code too: see the module `values`.
#[case::unknown_school_code(21, WITH_SCHOOL_1_3)]
#[case::no_role(23, WITH_SCHOOL_1_3)]
#[case::no_class_level(24, &[Attribute::ClassLevel])]
#[case::no_class(25, &[Attribute::Class])]
#[case::no_given_name(29, &[Attribute::GivenName])]
fn an_incomplete_user_lacks_exactly(#[case] number: u32, #[case] lacking: &[Attribute]) {
    let release = released(&test_user(number), Version::V1_3);
    assert_eq!(removed(&release, Version::V1_3), lacking);
}

#[rstest]
#[case::no_learner_id(22, RefusalReason::LearnerIdMissing)]
#[case::wrong_learner_id(30, RefusalReason::LearnerIdMalformed)]
fn without_a_learner_id_nobody_enters(#[case] number: u32, #[case] reason: RefusalReason) {
    for version in Version::ALL {
        assert_eq!(refused(&test_user(number), version), reason);
    }
}

#[rstest]
#[case::no_municipality(true, false, ";99901;1A;Oppilas", &[Attribute::Municipality])]
#[case::no_municipality_code(false, true, "Kuvitteellinen kunta;99901;1A;Oppilas", &[Attribute::MunicipalityCode])]
fn a_municipality_that_is_not_set(
    #[case] no_name: bool,
    #[case] no_code: bool,
    #[case] role: &str,
    #[case] lacking: &[Attribute],
) {
    let mut asserter = asserter();
    if no_name {
        asserter.municipality = None;
    }
    if no_code {
        asserter.municipality_code = None;
    }
    let view = ServiceView::national_profile(Version::V1_0);
    let Outcome::Released(release) = release(
        &test_user(26),
        &asserter,
        &Register,
        &Rules::default(),
        &view,
    ) else {
        panic!("refused");
    };
    assert_eq!(removed(&release, Version::V1_0), lacking);
    assert_eq!(release.get(Attribute::Role), [role]);
}

#[rstest]
#[case(31)]
#[case(39)]
fn a_user_of_several_schools(#[case] number: u32) {
    let release = released(&test_user(number), Version::V1_4);
    assert_eq!(
        release.get(Attribute::Role),
        [
            format!("{PROVIDER};99901;1A;Oppilas;1;{SCHOOL};"),
            format!("{PROVIDER};99902;2B;Oppilas;1;{SWEDISH_SCHOOL};"),
        ]
    );
    assert_eq!(release.get(Attribute::SchoolInfo).len(), 4);
    assert_eq!(release.get(Attribute::LearningMaterialsCharge).len(), 4);
    assert_eq!(
        release.get(Attribute::EducationProviderInfo),
        [format!("{PROVIDER};Kuvitteellinen kunta")]
    );
}

#[test]
fn the_identifier_is_a_digest_of_integration_and_user() {
    // sha1("wilma_1000001demo_u0001")
    assert_eq!(
        uid("wilma_1000001", "demo_u0001"),
        "MPASSOID.4bd3cd32d9f913085fb9b123eddb3b6fe0c3ac9d"
    );
    assert_ne!(
        uid("wilma_1000002", "demo_u0001"),
        uid("wilma_1000001", "demo_u0001")
    );
}
