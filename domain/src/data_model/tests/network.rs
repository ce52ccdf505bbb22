//! The rules of the data model as the network sets them.

use super::fixtures::*;
use crate::data_model::*;
use crate::testing::{Scenario, day};
use crate::value::CheckDigitRule;
use crate::{Rule, SetRule};
use rstest::rstest;

fn set(rule: Rule, valid_from: &str) -> SetRule {
    SetRule {
        rule,
        valid_from: day(valid_from),
        source: "invented for tests".parse().unwrap(),
    }
}

fn role(name: &str, code: Option<i32>, words: &[&str]) -> VocabularyRole {
    VocabularyRole {
        role: name.parse().unwrap(),
        code,
        words: words.iter().map(|word| word.parse().unwrap()).collect(),
        is_student: code == Some(11),
    }
}

fn released_under(rules: &Rules, source: &SourceAttributes) -> Outcome {
    let view = ServiceView::national_profile(Version::V1_4);
    release(source, &asserter(), &Register, rules, &view)
}

#[test]
fn a_network_that_has_set_nothing_has_the_defaults_of_the_sources() {
    let scenario = Scenario::founded();
    let rules = Rules::on(&scenario.network().rules, day("2025-01-01"));
    assert_eq!(rules, Rules::default());
}

#[test]
fn a_vocabulary_holds_from_its_day_on() {
    let vocabulary = vec![
        role("oppija", Some(11), &["Oppilas"]),
        role("vierailija", None, &[]),
    ];
    let scenario = Scenario::founded().given(set(
        Rule::RoleVocabulary { roles: vocabulary },
        "2025-08-01",
    ));
    let on = |date| Rules::on(&scenario.network().rules, day(date));
    assert_eq!(on("2025-07-31"), Rules::default());
    let rules = on("2025-08-01");
    let delivered = |word: &str| {
        let source = pupil_of("99901", word, "1A");
        let Outcome::Released(release) = released_under(&rules, &source) else {
            panic!("refused")
        };
        release.get(Attribute::Role).to_vec()
    };
    let value =
        |role: &str, code: i32| vec![format!("{PROVIDER};99901;1A;{role};{code};{SCHOOL};")];
    assert_eq!(delivered("OPPILAS"), value("Oppija", 11));
    assert_eq!(
        delivered("vierailija"),
        value("Vierailija", Rules::ROLE_WITHOUT_CODE)
    );
    // Not in the vocabulary.
    assert!(delivered("opettaja").is_empty());
    assert_eq!(rules.student_roles.len(), 1);
}

#[test]
fn the_check_digit_and_the_number_of_charges_are_read_as_strictly_as_the_network_says() {
    let scenario = Scenario::founded()
        .given(set(
            Rule::LearnerIdCheckDigit {
                rule: CheckDigitRule::Verified,
            },
            "2025-01-01",
        ))
        .given(set(
            Rule::LearningMaterialsCharge {
                rule: ChargeRule::WikiStrict,
            },
            "2025-01-01",
        ));
    let rules = Rules::on(&scenario.network().rules, day("2025-01-01"));
    assert_eq!(rules.charge_rule, ChargeRule::WikiStrict);
    let wrong = pupil()
        .without(SourceAttribute::LearnerId)
        .with(SourceAttribute::LearnerId, ["1.2.246.562.24.10000000017"]);
    assert!(matches!(
        released_under(&Rules::default(), &wrong),
        Outcome::Released(_)
    ));
    assert!(matches!(
        released_under(&rules, &wrong),
        Outcome::Refused(RefusalReason::LearnerIdMalformed)
    ));
}

#[rstest]
#[case::none(Vec::new())]
#[case::a_word_for_two_roles(vec![role("oppilas", None, &["learner"]), role("opettaja", None, &["Learner"])])]
#[case::a_word_of_anothers_name(vec![role("oppilas", None, &["opettaja"]), role("opettaja", None, &[])])]
#[case::a_separator(vec![role("oppilas;opettaja", None, &[])])]
fn what_is_no_vocabulary_is_refused(#[case] roles: Vec<VocabularyRole>) {
    Scenario::founded()
        .when(set(Rule::RoleVocabulary { roles }, "2025-01-01"))
        .then_refused("RULE_OUT_OF_RANGE");
}
