//! Rules as dated data, given, when, then.

use super::*;
use crate::EducationLevel;
use crate::testing::{Scenario, day};
use crate::value::InstrumentVersion;
use rstest::rstest;

fn set(rule: Rule, valid_from: &str) -> SetRule {
    SetRule {
        rule,
        valid_from: day(valid_from),
        source: "invented for tests".parse().unwrap(),
    }
}

fn majority(numerator: u32, denominator: u32) -> Rule {
    Rule::QualifiedMajority {
        share: Share {
            numerator,
            denominator,
        },
        of: MajorityOf::VotesCast,
    }
}

fn quorum(numerator: u32, denominator: u32) -> Rule {
    Rule::Quorum {
        share: Share {
            numerator,
            denominator,
        },
    }
}

fn amendment(notice_months: u16, exit_days: u16) -> Rule {
    Rule::TermsAmendment {
        notice_months,
        exit_days,
    }
}

#[rstest]
#[case::half(majority(1, 2))]
#[case::more_than_all(majority(4, 3))]
#[case::of_nothing(majority(1, 0))]
#[case::none(quorum(0, 2))]
#[case::more_than_all_present(quorum(3, 2))]
#[case(Rule::SelfAuditRenewal { months: 0 })]
#[case(Rule::SelfAuditRenewal { months: 121 })]
#[case(Rule::SessionLifetime { minutes: 0 })]
#[case(Rule::SessionLifetime { minutes: 1441 })]
#[case(Rule::AuthenticationRetention { months: 0 })]
#[case(Rule::AuthenticationRetention { months: 601 })]
#[case(Rule::OrganisationClosures { percent: 101 })]
#[case(Rule::ContractEducationLevels { levels: Vec::new() })]
#[case(Rule::TermsEducationLevels { levels: vec![EducationLevel::Basic; 7] })]
#[case(Rule::TermsNoticeByMember { months: 25 })]
#[case(Rule::TermsNoticeByOperator { months: 25 })]
#[case(Rule::TermsBreachCure { days: 0 })]
#[case(Rule::TermsBreachCure { days: 366 })]
#[case(Rule::TermsOutageExit { days: 0 })]
#[case(Rule::TermsOutageExit { days: 366 })]
#[case(amendment(25, 30))]
#[case(amendment(3, 0))]
#[case(amendment(3, 366))]
fn a_value_out_of_range_is_refused(#[case] rule: Rule) {
    Scenario::founded()
        .when(set(rule, "2025-01-01"))
        .then_refused("RULE_OUT_OF_RANGE");
}

#[rstest]
#[case(majority(2, 3))]
#[case(majority(1, 1))]
#[case(quorum(1, 1))]
#[case(Rule::SelfAuditRenewal { months: 1 })]
#[case(Rule::SelfAuditRenewal { months: 120 })]
#[case(Rule::SessionLifetime { minutes: 1 })]
#[case(Rule::SessionLifetime { minutes: 1440 })]
#[case(Rule::AuthenticationRetention { months: 600 })]
#[case(Rule::OrganisationClosures { percent: 0 })]
#[case(Rule::OrganisationClosures { percent: 100 })]
#[case(Rule::TermsEducationLevels { levels: vec![EducationLevel::Basic; 6] })]
#[case(Rule::TermsNoticeByMember { months: 0 })]
#[case(Rule::TermsNoticeByOperator { months: 24 })]
#[case(Rule::TermsBreachCure { days: 365 })]
#[case(Rule::TermsOutageExit { days: 1 })]
#[case(amendment(0, 1))]
#[case(amendment(24, 365))]
fn the_bounds_themselves_are_values(#[case] rule: Rule) {
    let rule = set(rule, "2025-01-02");
    let decided = Scenario::founded().decide(&rule.into());
    // Two thirds hold already.
    let code = decided.err().map(|refusal| refusal.code);
    assert!(matches!(code, None | Some("NOTHING_TO_CHANGE")), "{code:?}");
}

#[test]
fn what_held_is_not_rewritten() {
    let months = |months| Rule::SelfAuditRenewal { months };
    Scenario::founded()
        .at("2025-03-01")
        .given(set(months(24), "2024-01-01"))
        .when(set(months(12), "2024-06-01"))
        .then_refused("TOO_EARLY")
        .when(set(months(12), "2025-02-28"))
        .then_refused("TOO_EARLY")
        .given(set(months(12), "2025-03-01"))
        .given(set(months(36), "2026-01-01"))
        .then_state(|network| {
            let on = |text: &str| {
                let found = network.rules.on(RuleKind::SelfAuditRenewal, day(text));
                found.map(|dated| dated.rule.clone())
            };
            assert_eq!(on("2023-12-31"), None);
            assert_eq!(on("2025-02-28"), Some(months(24)));
            assert_eq!(on("2025-03-01"), Some(months(12)));
            assert_eq!(on("2026-01-01"), Some(months(36)));
        });
}

// Membership contract §7 ¶5: a vote is counted by the majority that held when it was cast.
#[rstest]
#[case(majority(501, 1000), "2025-02-09")]
#[case(quorum(1, 3), "2025-02-09")]
#[case::before_any_value(quorum(1, 3), "2010-01-01")]
fn nobody_decides_by_a_majority_chosen_afterwards(#[case] rule: Rule, #[case] earlier: &str) {
    Scenario::founded()
        .at("2025-02-10")
        .when(set(rule.clone(), earlier))
        .then_refused("TOO_EARLY")
        .when(set(rule, "2025-02-10"))
        .then(&["RuleSet"]);
}

#[test]
fn a_version_without_its_own_gate_has_the_gate_of_all() {
    let version: InstrumentVersion = "contract-2018".parse().unwrap();
    let gate = |scenario: &Scenario| {
        let rules = &scenario.network().rules;
        let found = rules.self_audit_gate(&version, day("2025-01-01"));
        found.map(|(gate, _)| gate).map_err(|refusal| refusal.code)
    };
    let scenario = Scenario::founded();
    assert_eq!(gate(&scenario), Err("RULE_NOT_SET"));
    let scenario = scenario.given(set(
        Rule::SelfAuditGate {
            gate: SelfAuditGate::AfterJoining,
        },
        "2025-01-01",
    ));
    assert_eq!(gate(&scenario), Ok(SelfAuditGate::AfterJoining));
}
