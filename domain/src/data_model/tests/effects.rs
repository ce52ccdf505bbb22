//! What missing and invalid input removes (W-CHECK), refusals, vetoes and release sets.

use super::fixtures::*;
use crate::data_model::*;
use crate::value::CheckDigitRule;
use rstest::rstest;

/// The attributes the guide lists for an invalid school.
const SIX: [Attribute; 6] = [
    Attribute::Role,
    Attribute::School,
    Attribute::SchoolInfo,
    Attribute::EducationProviderId,
    Attribute::EducationProvider,
    Attribute::EducationProviderInfo,
];

fn with_school_code() -> Vec<Attribute> {
    let mut seven = SIX.to_vec();
    seven.push(Attribute::SchoolCode);
    seven
}

#[rstest]
#[case::surname(SourceAttribute::Surname, Attribute::Surname)]
#[case::first_name(SourceAttribute::FirstName, Attribute::GivenName)]
#[case::nickname(SourceAttribute::Nickname, Attribute::Nickname)]
#[case::class_level(SourceAttribute::GroupLevels, Attribute::ClassLevel)]
#[case::charge(
    SourceAttribute::LearningMaterialsCharges,
    Attribute::LearningMaterialsCharge
)]
fn one_missing_datum_removes_itself(#[case] missing: SourceAttribute, #[case] lacking: Attribute) {
    let release = released(&pupil().without(missing), Version::V1_4);
    assert_eq!(removed(&release, Version::V1_4), [lacking]);
    assert_eq!(detail(&release, lacking), Some((Detail::NotGiven, false)));
}

#[rstest]
#[case("Aino\u{7}")]
#[case(&"A".repeat(1025))]
fn a_name_that_cannot_be_text_is_withheld(#[case] name: &str) {
    let source = pupil()
        .without(SourceAttribute::Surname)
        .with(SourceAttribute::Surname, [name]);
    let release = released(&source, Version::V1_4);
    assert_eq!(
        detail(&release, Attribute::Surname),
        Some((Detail::Malformed, false))
    );
}

#[test]
fn without_an_identifier_nothing_is_delivered() {
    let source = pupil().without(SourceAttribute::Username);
    assert_eq!(
        refused(&source, Version::V1_4),
        RefusalReason::NothingToRelease
    );
    assert_eq!(
        refused(
            &source.with(SourceAttribute::Username, ["  "]),
            Version::V1_4
        ),
        RefusalReason::NothingToRelease
    );
}

#[test]
fn two_identifiers_are_none() {
    let two = pupil().with(SourceAttribute::Username, ["demo_u0002"]);
    assert_eq!(
        refused(&two, Version::V1_4),
        RefusalReason::NothingToRelease
    );
    let two = pupil().with(SourceAttribute::LearnerId, ["1.2.246.562.24.10000000024"]);
    assert_eq!(
        refused(&two, Version::V1_4),
        RefusalReason::LearnerIdMalformed
    );
}

#[rstest]
#[case::missing("", Detail::SchoolMissing)]
#[case::malformed("koulu", Detail::SchoolMalformed)]
#[case::too_long("9990100", Detail::SchoolMalformed)]
#[case::person("1.2.246.562.24.10000000016", Detail::SchoolMalformed)]
#[case::unknown("00000", Detail::SchoolUnknown)]
#[case::unknown_oid("1.2.246.562.99.99999999999", Detail::SchoolUnknown)]
#[case::foreign("99911", Detail::SchoolForeign)]
fn a_school_that_cannot_be_used(#[case] school: &str, #[case] why: Detail) {
    let release = released(&pupil_of(school, "oppilas", "1A"), Version::V1_3);
    for attribute in with_school_code() {
        assert_eq!(
            detail(&release, attribute),
            Some((why, false)),
            "{attribute}"
        );
    }
    assert!(!release.get(Attribute::Surname).is_empty());
}

#[test]
fn a_closed_school_of_its_own_removes_six_and_keeps_the_code() {
    let release = released(&pupil_of("99905", "oppilas", "1A"), Version::V1_3);
    for attribute in SIX {
        assert_eq!(
            detail(&release, attribute),
            Some((Detail::SchoolClosed, false)),
            "{attribute}"
        );
    }
    assert_eq!(release.get(Attribute::SchoolCode), ["99905"]);
    assert_eq!(detail(&release, Attribute::SchoolCode), None);
    assert_eq!(release.get(Attribute::Class), ["1A"]);
}

#[rstest]
#[case::missing("", Detail::RoleMissing)]
#[case::not_allowed("kuljettaja", Detail::RoleNotAllowed)]
fn a_role_that_cannot_be_used_removes_seven(#[case] role: &str, #[case] why: Detail) {
    for school in ["99901", "99905"] {
        let release = released(&pupil_of(school, role, "1A"), Version::V1_3);
        for attribute in with_school_code() {
            assert_eq!(
                detail(&release, attribute),
                Some((why, false)),
                "{attribute} at {school}"
            );
        }
        assert_eq!(release.get(Attribute::Class), ["1A"]);
    }
}

#[test]
fn a_role_that_is_not_allowed_takes_only_its_own_school_away() {
    let release = released(
        &pupil_of("99901;99902", "kuljettaja;opettaja", ""),
        Version::V1_3,
    );
    assert_eq!(release.get(Attribute::SchoolCode), ["99902"]);
    assert_eq!(
        release.get(Attribute::Role),
        [format!("{PROVIDER};99902;;Opettaja")]
    );
    assert_eq!(
        detail(&release, Attribute::Role),
        Some((Detail::RoleNotAllowed, true))
    );
}

#[rstest]
#[case("1.2.246.562.24.10000000008", CheckDigitRule::Shape, None)]
#[case(
    "1.2.246.562.24.10000000008",
    CheckDigitRule::Verified,
    Some(RefusalReason::LearnerIdMalformed)
)]
#[case("1.2.246.562.24.10000000016", CheckDigitRule::Verified, None)]
#[case(
    "1.2.246.562.10.10000000016",
    CheckDigitRule::Shape,
    Some(RefusalReason::LearnerIdMalformed)
)]
#[case("", CheckDigitRule::Shape, Some(RefusalReason::LearnerIdMissing))]
fn learner_ids(
    #[case] learner_id: &str,
    #[case] rule: CheckDigitRule,
    #[case] reason: Option<RefusalReason>,
) {
    let rules = Rules {
        learner_id_check_digit: rule,
        ..Rules::default()
    };
    let source = pupil()
        .without(SourceAttribute::LearnerId)
        .with(SourceAttribute::LearnerId, [learner_id]);
    let view = ServiceView::national_profile(Version::V1_4);
    let refused = match release(&source, &asserter(), &Register, &rules, &view) {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Released(_) => None,
    };
    assert_eq!(refused, reason);
}

#[rstest]
#[case(false, Some(RefusalReason::TestLearnerIdNotAllowed))]
#[case(true, None)]
fn test_learner_ids_only_where_the_service_allows_them(
    #[case] allowed: bool,
    #[case] reason: Option<RefusalReason>,
) {
    let source = pupil().without(SourceAttribute::LearnerId);
    let source = source.with(SourceAttribute::LearnerId, ["1.2.246.562.98.10000000001"]);
    let view = ServiceView {
        allow_test_learner_id: allowed,
        ..ServiceView::national_profile(Version::V1_4)
    };
    let refused = match release(&source, &asserter(), &Register, &Rules::default(), &view) {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Released(_) => None,
    };
    assert_eq!(refused, reason);
}

#[rstest]
#[case("true", NonDisclosureRule::Refuse, true)]
#[case("TK", NonDisclosureRule::Refuse, true)]
#[case("false", NonDisclosureRule::Refuse, false)]
#[case("", NonDisclosureRule::Refuse, false)]
#[case("true", NonDisclosureRule::Relay, false)]
fn non_disclosure(#[case] marker: &str, #[case] rule: NonDisclosureRule, #[case] refuses: bool) {
    let source = pupil().with(SourceAttribute::NonDisclosure, [marker]);
    let asserter = Asserter {
        non_disclosure: rule,
        ..asserter()
    };
    let view = ServiceView::national_profile(Version::V1_4);
    let outcome = release(&source, &asserter, &Register, &Rules::default(), &view);
    assert_eq!(
        outcome == Outcome::Refused(RefusalReason::NothingToRelease),
        refuses
    );
}

#[test]
fn a_veto_holds_except_for_the_three_without_which_nothing_works() {
    let view = ServiceView {
        vetoes: Attribute::ALL.into_iter().collect(),
        ..ServiceView::national_profile(Version::V1_4)
    };
    let Outcome::Released(release) =
        release(&pupil(), &asserter(), &Register, &Rules::default(), &view)
    else {
        panic!("refused");
    };
    let names: Vec<_> = release.attributes().collect();
    assert_eq!(
        names,
        [
            Attribute::Uid,
            Attribute::LearnerId,
            Attribute::OriginalIssuer
        ]
    );
    assert_eq!(
        detail(&release, Attribute::Role),
        Some((Detail::Vetoed, false))
    );
}

#[test]
fn what_a_service_did_not_declare_it_does_not_get() {
    let view = ServiceView {
        release_set: [Attribute::Role].into(),
        ..ServiceView::national_profile(Version::V1_4)
    };
    let Outcome::Released(release) =
        release(&pupil(), &asserter(), &Register, &Rules::default(), &view)
    else {
        panic!("refused");
    };
    let names: Vec<_> = release.attributes().collect();
    assert_eq!(
        names,
        [
            Attribute::Uid,
            Attribute::LearnerId,
            Attribute::OriginalIssuer,
            Attribute::Role
        ]
    );
    assert_eq!(
        detail(&release, Attribute::Surname),
        Some((Detail::NotInReleaseSet, false))
    );
}

#[test]
fn nothing_that_is_shown_holds_a_value() {
    let release = released(&pupil_of("99901;99911", "oppilas", "1A;2B"), Version::V1_4);
    let shown = format!("{release:?} {:?}", pupil());
    let json = serde_json::to_string(&release.withheld).expect("reasons");
    for value in [
        "Aino",
        "Kuvitteellinen",
        "1.2.246",
        "99901",
        "demo_u0001",
        "1A",
    ] {
        assert!(
            !shown.contains(value) && !json.contains(value),
            "{value} in {shown} {json}"
        );
    }
}
