//! Members under terms of use, whose own rules are not known: the operator sets them, and every
//! computed date names what was set (domain facts J.4).

use super::breach::{remark, send_remark};
use super::ending::*;
use super::outage::{leave_for, outage, report};
use super::*;
use crate::testing::day;
use crate::{EducationLevel, Rule, SetRule};
use rstest::rstest;

const SOURCE: &str = "käyttöehtojen keksitty kohta";

fn set(rule: Rule, valid_from: &str) -> SetRule {
    SetRule {
        rule,
        valid_from: day(valid_from),
        source: SOURCE.parse().unwrap(),
    }
}

#[test]
fn the_operators_notice_runs_by_its_own_rule() {
    terms()
        .given(set(Rule::TermsNoticeByOperator { months: 6 }, "2024-01-01"))
        .at("2025-02-03")
        .given(operators(municipality(), "2025-02-03"))
        .then_state(|network| {
            let end = last_notice(network, &municipality()).end;
            assert_eq!(end.day, day("2025-08-03"));
            assert_eq!(end.computation.rule, "OPERATOR_NOTICE_UNDER_TERMS");
            assert_eq!(end.computation.source, SOURCE);
        });
}

#[test]
fn a_breach_is_cured_in_the_time_of_the_rule() {
    let scenario = terms()
        .given(set(Rule::TermsBreachCure { days: 14 }, "2024-01-01"))
        .at("2025-02-03");
    let refusal = scenario_refusal(scenario, send_remark(Some(13)));
    assert_eq!(refusal.code, "TOO_SHORT");
    assert_eq!(refusal.rule.as_deref(), Some(SOURCE));
    let scenario = terms()
        .given(set(Rule::TermsBreachCure { days: 14 }, "2024-01-01"))
        .at("2025-02-03")
        .given(send_remark(None));
    let id = remark(scenario.network());
    scenario
        .given(RecordRemarkReceipt {
            member: municipality(),
            remark: id,
            received_on: None,
            evidence: None,
        })
        .then_state(|network| {
            let deadline = row(network, &municipality()).remarks[0].deadline.clone();
            let deadline = deadline.unwrap();
            assert_eq!(deadline.day, day("2025-02-17"));
            assert_eq!(deadline.computation.source, SOURCE);
        })
        .at("2025-02-18")
        .given(GiveNoticeToMember {
            breach: Some(id),
            ..operators(municipality(), "2025-02-18")
        })
        .then_state(|network| {
            let end = last_notice(network, &municipality()).end;
            assert_eq!(end.computation.rule, "BREACH");
            assert_eq!(end.computation.source, SOURCE);
        });
}

fn scenario_refusal(
    mut scenario: Scenario,
    command: impl Into<crate::Command>,
) -> crate::Rejection {
    scenario.decide(&command.into()).unwrap_err()
}

// A rule that is set after the report helps the member: the right is computed when it is used.
#[rstest]
#[case::before_the_report("2024-01-01", true)]
#[case::after_the_report("2025-03-20", false)]
fn an_outage_lets_leave_by_the_rule(#[case] valid_from: &str, #[case] known_at_once: bool) {
    let rule = set(Rule::TermsOutageExit { days: 20 }, valid_from);
    let scenario = if known_at_once {
        terms().given(rule).at("2025-03-03").given(report(true))
    } else {
        terms()
            .at("2025-03-03")
            .given(report(true))
            .at("2025-03-20")
            .given(rule)
    };
    let id = outage(scenario.network());
    scenario
        .at("2025-03-23")
        .when(leave_for(id))
        .then_refused("TOO_EARLY")
        .at("2025-03-24")
        .given(leave_for(id))
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(row.outages[0].exit_right.is_some(), known_at_once);
            let end = last_notice(network, &municipality()).end;
            assert_eq!(end.computation.rule, "OUTAGE");
            assert_eq!(end.computation.source, SOURCE);
        });
}

#[test]
fn the_eligible_levels_are_a_rule_of_each_kind_of_instrument() {
    let vocational = EducationProvider {
        levels: vec![EducationLevel::Vocational],
        ..education()
    };
    let by_terms = ApplyForMembership {
        education_provider: Some(vocational.clone()),
        instrument: InstrumentKind::TermsOfUse,
        ..application()
    };
    let levels = vec![EducationLevel::Basic];
    with_instruments()
        .given(set(
            Rule::TermsEducationLevels {
                levels: levels.clone(),
            },
            "2025-01-01",
        ))
        .given(by_terms)
        .when(accept_terms())
        .then_refused("NOT_ELIGIBLE");
    let draft = DraftContract {
        organisation: municipality(),
        instrument: "contract-2018".parse().unwrap(),
        signatories: Vec::new(),
    };
    let by_contract = ApplyForMembership {
        education_provider: Some(vocational),
        ..application()
    };
    with_instruments()
        .given(by_contract.clone())
        .when(draft.clone())
        .then(&["ContractDrafted"]);
    with_instruments()
        .given(set(Rule::ContractEducationLevels { levels }, "2025-01-01"))
        .given(by_contract)
        .when(draft)
        .then_refused("NOT_ELIGIBLE");
}
