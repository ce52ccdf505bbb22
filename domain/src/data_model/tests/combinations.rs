//! How schools, roles, groups and charges combine (W-MULTI).

use super::fixtures::*;
use crate::data_model::*;
use rstest::rstest;

/// The roles of version 1.3 without the provider in front.
fn roles(source: &SourceAttributes) -> Vec<String> {
    let release = released(source, Version::V1_3);
    let short = |role: &String| {
        role.strip_prefix(&format!("{PROVIDER};"))
            .unwrap_or(role)
            .to_owned()
    };
    release.get(Attribute::Role).iter().map(short).collect()
}

#[rstest]
#[case::one_each("99901", "oppilas", "1A", &["99901;1A;Oppilas"])]
#[case::two_each("99901;99902", "oppilas;opettaja", "1A;2B", &["99901;1A;Oppilas", "99902;2B;Opettaja"])]
#[case::empty_parts_count("99901;99902;99901", "opettaja;opettaja;opettaja", "1D;;", &["99901;1D;Opettaja", "99902;;Opettaja", "99901;;Opettaja"])]
#[case::role_for_all("99901;99902", "opettaja", "", &["99901;;Opettaja", "99902;;Opettaja"])]
#[case::role_each_no_group("99901;99902", "oppilas;opettaja", "", &["99901;;Oppilas", "99902;;Opettaja"])]
#[case::group_for_the_first("99901;99902", "oppilas", "1A", &["99901;1A;Oppilas", "99902;;Oppilas"])]
#[case::role_each_one_group("99901;99902", "oppilas;opettaja", "1A", &["99901;1A;Oppilas", "99902;;Opettaja"])]
#[case::group_each_one_role("99901;99902", "oppilas", "1A;2B", &["99901;1A;Oppilas", "99902;2B;Oppilas"])]
#[case::backslash_and_spaces(" 99901 ; 99902", "opp\\ilas", " 1\\A ;2B", &["99901;1A;Oppilas", "99902;2B;Oppilas"])]
#[case::same_twice("99901;99901", "oppilas", "1A;1A", &["99901;1A;Oppilas"])]
#[case::any_language("99901;99902", "LEARNER;substitute teacher", "", &["99901;;Oppilas", "99902;;Sijaisopettaja"])]
fn accepted_shapes(
    #[case] schools: &str,
    #[case] words: &str,
    #[case] groups: &str,
    #[case] expected: &[&str],
) {
    assert_eq!(roles(&pupil_of(schools, words, groups)), expected);
}

#[rstest]
#[case::two_roles_one_school("99901", "oppilas;opettaja", "1A")]
#[case::semicolon_in_group("99901", "oppilas", "1A;B")]
#[case::groups_without_partner("99901;99902", "oppilas;opettaja", "1A;2B;3C")]
#[case::fewer_roles("99901;99902;99901", "oppilas;opettaja", "")]
#[case::fewer_groups("99901;99902;99901", "oppilas", "1A;2B")]
#[case::group_each_wrong_roles("99901;99902;99901", "oppilas;opettaja", "1A;2B;3C")]
fn other_shapes_lose_everything_multi_valued(
    #[case] schools: &str,
    #[case] words: &str,
    #[case] groups: &str,
) {
    let release = released(&pupil_of(schools, words, groups), Version::V1_3);
    let lost: Vec<_> = Attribute::ALL
        .into_iter()
        .filter(|attribute| attribute.is_in(Version::V1_3))
        .filter(|attribute| attribute.is_multi_valued() || *attribute == Attribute::Class)
        .collect();
    assert_eq!(removed(&release, Version::V1_3), lost);
    for attribute in lost {
        assert_eq!(
            detail(&release, attribute),
            Some((Detail::CombinationNotAccepted, false))
        );
    }
}

#[test]
fn a_list_may_come_as_several_values() {
    use SourceAttribute::*;
    let source = pupil_of("99901;99902", "oppilas", "1A;2B");
    let several = pupil()
        .without(SchoolIds)
        .without(Groups)
        .with(SchoolIds, ["99901", "99902"])
        .with(Groups, ["1A", "2B"]);
    assert_eq!(roles(&several), roles(&source));
}

#[test]
fn a_user_of_absurdly_many_schools_has_none() {
    let many = vec!["99901"; 300].join(";");
    let release = released(&pupil_of(&many, "oppilas", ""), Version::V1_3);
    assert_eq!(
        detail(&release, Attribute::Role),
        Some((Detail::CombinationNotAccepted, false))
    );
}

#[rstest]
#[case::control_character("1\u{1}A")]
#[case::line_break("1\nA")]
#[case::absurdly_long(&"A".repeat(1025))]
fn a_group_that_cannot_be_text_is_no_group(#[case] group: &str) {
    assert_eq!(
        roles(&pupil_of("99901", "oppilas", group)),
        ["99901;;Oppilas"]
    );
}

#[test]
fn pairs_from_the_source_need_no_combining() {
    let affiliation = |school: &str, role: &str, group: &str| Affiliation {
        school: Some(school.into()),
        role: Some(role.into()),
        group: Some(group.into()),
    };
    let source = pupil()
        .with_affiliation(affiliation("99902", "opettaja", ""))
        .with_affiliation(affiliation("99901", "oppilas", "1A;B"))
        .with_affiliation(affiliation("99901", "oppilas", "2B"));
    assert_eq!(roles(&source), ["99902;;Opettaja", "99901;2B;Oppilas"]);
    let release = released(&source, Version::V1_3);
    assert_eq!(
        detail(&release, Attribute::Role),
        Some((Detail::SeparatorInPart, true))
    );
}

#[rstest]
#[case::one_for_all("99901;99902", "oppilas", "1", &["1;99901", "1;99902"])]
#[case::one_each("99901;99902", "oppilas", "0;1", &["0;99901", "1;99902"])]
#[case::one_missing("99901;99902", "oppilas", ";1", &["1;99902"])]
#[case::students_only("99901;99902", "opettaja;oppilas", "1", &["1;99902"])]
#[case::neither_0_nor_1("99901;99902", "oppilas", "2;1", &["1;99902"])]
#[case::none("99901", "oppilas", "", &[])]
#[case::teacher("99901", "opettaja", "1", &[])]
#[case::wrong_number("99901;99902", "oppilas", "0;1;0", &[])]
fn charges_of(
    #[case] schools: &str,
    #[case] words: &str,
    #[case] charges: &str,
    #[case] expected: &[&str],
) {
    use SourceAttribute::LearningMaterialsCharges;
    let source = pupil_of(schools, words, "").without(LearningMaterialsCharges);
    let release = released(
        &source.with(LearningMaterialsCharges, [charges]),
        Version::V1_3,
    );
    assert_eq!(release.get(Attribute::LearningMaterialsCharge), expected);
    assert!(!release.get(Attribute::Role).is_empty());
}

#[test]
fn a_wrong_number_of_charges_removes_everything_where_the_guide_is_followed() {
    use SourceAttribute::LearningMaterialsCharges;
    let rules = Rules {
        charge_rule: ChargeRule::WikiStrict,
        ..Rules::default()
    };
    let source = pupil().with(LearningMaterialsCharges, ["0"]);
    let view = ServiceView::national_profile(Version::V1_3);
    let Outcome::Released(release) = release(&source, &asserter(), &Register, &rules, &view) else {
        panic!("refused");
    };
    for attribute in [
        Attribute::Role,
        Attribute::SchoolInfo,
        Attribute::LearningMaterialsCharge,
        Attribute::Class,
    ] {
        assert_eq!(
            detail(&release, attribute),
            Some((Detail::ChargeCountMismatch, false))
        );
    }
}

#[rstest]
#[case("1", &["1"])]
#[case("08", &["8"])]
#[case("4;7", &["4"])]
#[case("first", &[])]
#[case("1.5", &[])]
#[case("99999999999", &[])]
fn class_levels(#[case] given: &str, #[case] expected: &[&str]) {
    use SourceAttribute::GroupLevels;
    let release = released(
        &pupil().without(GroupLevels).with(GroupLevels, [given]),
        Version::V1_4,
    );
    assert_eq!(release.get(Attribute::ClassLevel), expected);
}

#[rstest]
#[case::unknown_word_is_itself("Harjoittelija", "harjoittelija", "Harjoittelija;-1")]
#[case::case_is_ignored("HARJOITTELIJA", "harjoittelija", "HARJOITTELIJA;-1")]
fn a_role_without_code(#[case] word: &str, #[case] allowed: &str, #[case] expected: &str) {
    let rules = Rules {
        allowed_roles: [allowed.to_owned()].into(),
        ..Rules::default()
    };
    let source = pupil_of("99901", word, "");
    let view = ServiceView::national_profile(Version::V1_4);
    let Outcome::Released(release) = release(&source, &asserter(), &Register, &rules, &view) else {
        panic!("refused");
    };
    assert_eq!(
        release.get(Attribute::Role),
        [format!("{PROVIDER};99901;;{expected};{SCHOOL};")]
    );
}
