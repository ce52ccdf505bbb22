//! Notices, amendments, the end and the data.

use super::breach::send_remark;
use super::outage::{leave_for, outage, report};
use super::*;
use crate::agreement::tests as agreement;
use crate::testing::{day, instant};
use crate::time::{Date, Instant};
use crate::{
    AmendmentId, Boundary, Command, NoticeCountsFrom, NoticeId, Rule, SemesterStart, SetRule,
    SetSemesterCalendar,
};
use rstest::rstest;

pub(super) fn home() -> Scenario {
    joined(with_instruments(), &application())
}

pub(super) fn provider() -> Scenario {
    joined(with_instruments(), &company_application())
}

pub(super) fn dual() -> Scenario {
    let application = ApplyForMembership {
        roles: vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider],
        service_purpose: Some(purpose()),
        ..application()
    };
    joined(with_instruments(), &application)
}

pub(super) fn leave(member: OrganisationOid) -> GiveNotice {
    GiveNotice {
        member,
        cause: None,
    }
}

pub(super) fn operators(member: OrganisationOid, received_on: &str) -> GiveNoticeToMember {
    GiveNoticeToMember {
        member,
        breach: None,
        sent_on: day(received_on),
        received_on: day(received_on),
        channel: crate::NoticeChannel::Letter,
        document: document("7"),
    }
}

pub(super) fn last_notice(network: &Network, member: &OrganisationOid) -> MembershipNotice {
    row(network, member).notices.last().unwrap().clone()
}

pub(super) fn end(network: &Network, member: &OrganisationOid) -> (Date, Instant) {
    let end = last_notice(network, member).end;
    (end.day, end.at)
}

pub(super) fn withdraw(member: OrganisationOid, notice: NoticeId) -> WithdrawNotice {
    WithdrawNotice {
        member,
        notice,
        agreed_on: None,
        evidence: document("f"),
    }
}

pub(super) fn free_text() -> crate::value::FreeText {
    "Kirjallinen selostus asiasta".parse().unwrap()
}

#[test]
fn a_member_leaves_after_a_month_and_stays_until_midnight() {
    let member = municipality();
    home()
        .at("2025-02-28T12:00:00Z")
        .when(leave(member.clone()))
        .then(&["NoticeGiven"])
        .then_state(|network| {
            let row = row(network, &municipality());
            let last = instant("2025-03-28T21:59:59.999999Z");
            assert!(row.in_force(last));
            assert!(row.has_role(MemberRole::HomeOrganisation, last));
            assert_eq!(row.standing(last), MemberStanding::Ending);
            let after = instant("2025-03-28T22:00:00Z");
            assert!(!row.in_force(after));
            assert!(!row.has_role(MemberRole::HomeOrganisation, after));
            assert_eq!(row.standing(after), MemberStanding::Ended);
            let notice = &row.notices[0];
            assert_eq!(notice.end.boundary, Boundary::EndOfDay);
            assert_eq!(notice.end.computation.rule, "MEMBER_NOTICE");
        })
        .when(leave(member))
        .then_refused("NOTHING_TO_CHANGE");
}

// Membership contract §7 ¶1; domain facts K2, J.1: by role, for the operator's notice.
#[rstest]
#[case::provider_only(provider(), company(), "2025-05-28T21:00:00Z")]
#[case::home_organisation(home(), municipality(), "2025-08-28T21:00:00Z")]
#[case::both_roles(dual(), municipality(), "2025-08-28T21:00:00Z")]
fn the_operators_notice_depends_on_the_role(
    #[case] scenario: Scenario,
    #[case] member: OrganisationOid,
    #[case] at: &str,
) {
    scenario
        .at("2025-02-28")
        .given(operators(member.clone(), "2025-02-28"))
        .then_state(|network| assert_eq!(end(network, &member).1, instant(at)));
}

#[test]
fn a_members_own_calendar_decides_and_stands_in_the_event() {
    let start = |month, day| SemesterStart { month, day };
    home()
        .given(SetSemesterCalendar {
            member: Some(municipality()),
            starts: vec![start(1, 7), start(8, 11)],
            valid_from: None,
        })
        .at("2025-02-01")
        .given(operators(municipality(), "2025-01-31"))
        .then_state(|network| {
            let end = last_notice(network, &municipality()).end;
            assert_eq!(end.at, instant("2025-08-10T21:00:00Z"));
            assert_eq!(end.boundary, Boundary::StartOfDay);
            let calendar = end.computation.calendar.unwrap();
            assert!(calendar.members_own);
            assert_eq!(end.computation.named_day, Some(day("2025-08-11")));
        });
}

#[test]
fn a_notice_counts_from_receipt_unless_the_rule_says_otherwise() {
    let letter = RecordMemberNotice {
        member: municipality(),
        cause: None,
        sent_on: day("2025-02-10"),
        received_on: day("2025-02-13"),
        channel: crate::NoticeChannel::Letter,
        document: document("7"),
    };
    let scenario = || home().at("2025-02-20");
    scenario()
        .given(letter.clone())
        .then_state(|network| assert_eq!(end(network, &municipality()).0, day("2025-03-13")));
    scenario()
        .given(SetRule {
            rule: Rule::NoticeCountsFrom {
                from: NoticeCountsFrom::Sending,
            },
            valid_from: day("2025-01-01"),
            source: "keksitty testiin".parse().unwrap(),
        })
        .given(letter)
        .then_state(|network| assert_eq!(end(network, &municipality()).0, day("2025-03-10")));
}

#[rstest]
#[case::received_tomorrow("2025-02-10", "2025-02-21", "IN_THE_FUTURE")]
#[case::received_before_sent("2025-02-13", "2025-02-12", "TOO_EARLY")]
#[case::before_the_membership("2024-12-30", "2024-12-31", "TOO_EARLY")]
fn a_notice_has_possible_dates(#[case] sent: &str, #[case] received: &str, #[case] code: &str) {
    home()
        .at("2025-02-20")
        .when(RecordMemberNotice {
            member: municipality(),
            cause: None,
            sent_on: day(sent),
            received_on: day(received),
            channel: crate::NoticeChannel::Letter,
            document: document("7"),
        })
        .then_refused(code);
}

#[test]
fn the_earliest_end_counts_and_all_notices_are_kept() {
    let member = company();
    let scenario = provider()
        .at("2025-03-03")
        .given(operators(member.clone(), "2025-03-03"))
        .at("2025-03-10")
        .given(leave(member.clone()));
    let own = last_notice(scenario.network(), &member).id;
    scenario
        .then_state(|network| {
            let row = row(network, &company());
            assert_eq!(row.notices.len(), 2);
            assert_eq!(row.ends_at(), Some(instant("2025-04-10T21:00:00Z")));
        })
        .given(withdraw(member.clone(), own))
        .then_state(|network| {
            let ends_at = row(network, &company()).ends_at();
            assert_eq!(
                ends_at,
                Some(instant("2025-06-03T21:00:00Z")),
                "the other's end"
            );
        })
        .when(withdraw(member.clone(), own))
        .then_refused("UNKNOWN")
        .given(leave(member.clone()))
        .at("2025-04-11")
        .when(withdraw(member.clone(), own))
        .then_refused("UNKNOWN")
        .when(RecordMembershipEnd { member })
        .then(&["MembershipEnded"])
        .then_state(|network| {
            let row = row(network, &company());
            let states: Vec<_> = row.notices.iter().map(|notice| notice.state).collect();
            assert!(matches!(
                states[..],
                [
                    NoticeState::Overtaken,
                    NoticeState::Withdrawn { .. },
                    NoticeState::TookEffect
                ]
            ));
        });
}

#[test]
fn an_end_that_has_come_is_not_withdrawn() {
    let scenario = home().at("2025-02-03").given(leave(municipality()));
    let notice = last_notice(scenario.network(), &municipality()).id;
    scenario
        .at("2025-03-04")
        .when(withdraw(municipality(), notice))
        .then_refused("TOO_LATE");
}

#[test]
fn a_role_change_while_a_notice_runs_is_shown_to_a_human() {
    let member = municipality();
    let provider_only = ApplyForMembership {
        roles: vec![MemberRole::ServiceProvider],
        service_purpose: Some(purpose()),
        ..application()
    };
    let scenario = joined(with_instruments(), &provider_only)
        .at("2025-03-03")
        .given(operators(member.clone(), "2025-03-03"))
        .given(GrantRole {
            member: member.clone(),
            role: MemberRole::HomeOrganisation,
        });
    let notice = last_notice(scenario.network(), &member);
    assert_eq!(notice.review, [ReviewGround::RoleChanged]);
    assert_eq!(
        notice.end.day,
        day("2025-06-03"),
        "the role at the notice decides"
    );
    let review = ReviewNotice {
        member: member.clone(),
        notice: notice.id,
        conclusion: free_text(),
    };
    scenario
        .given(review.clone())
        .then_state(|network| {
            assert_eq!(row(network, &member).notices_to_review().count(), 0);
        })
        .when(review)
        .then_refused("WRONG_STATE");
}

/// A network in which member 1, under a contract, was told on 20 January 2025 of an amendment
/// that enters into force on 1 June.
fn told() -> (Scenario, AmendmentId) {
    let (scenario, amendment) = agreement::approved(agreement::proposal());
    let member = agreement::member(1);
    let mut scenario = scenario;
    let now = scenario.now();
    let known = scenario.network().members.get(&member);
    if !known.is_some_and(|row| row.in_force(now)) {
        scenario = scenario
            .given(publish_instrument(
                "contract-2018",
                InstrumentKind::Contract,
                "2018-01-01",
            ))
            .given(AcceptMember {
                organisation: member.clone(),
                name: None,
                business_id: None,
                instrument: "contract-2018".parse().unwrap(),
                since: day("2020-01-01"),
                evidence: "keksitty testiin".parse().unwrap(),
                roles: vec![MemberRole::HomeOrganisation],
            });
    }
    let scenario = scenario
        .given(agreement::publish(amendment, "2025-01-15"))
        .given(crate::SendAmendmentNotice {
            amendment,
            member: member.clone(),
            channel: crate::NoticeChannel::Letter,
            sent_on: day("2025-01-15"),
            document: agreement::proposal().document,
            describes_change: true,
            late_because: None,
        })
        .at("2025-01-20")
        .given(crate::ReceiveAmendmentNotice {
            amendment,
            member,
            received_on: day("2025-01-20"),
        });
    (scenario, amendment)
}

// Membership contract §7 ¶5: within 30 days of the own receipt, exactly on the day of entry.
#[rstest]
#[case("2025-01-20", None)]
#[case("2025-02-19", None)]
#[case("2025-02-20", Some("TOO_LATE"))]
fn whoever_rejects_an_amendment_leaves_on_its_day(#[case] on: &str, #[case] refused: Option<&str>) {
    let (scenario, amendment) = told();
    let member = agreement::member(1);
    let scenario = scenario.at(on).when(GiveNotice {
        member: member.clone(),
        cause: Some(NoticeCause::Amendment(amendment)),
    });
    match refused {
        Some(code) => scenario.then_refused(code),
        None => scenario.then(&["NoticeGiven"]).then_state(|network| {
            let end = last_notice(network, &member).end;
            assert_eq!(end.at, instant("2025-05-31T21:00:00Z"));
            assert_eq!(end.boundary, Boundary::StartOfDay);
        }),
    };
}

pub(super) fn terms() -> Scenario {
    with_instruments().given(AcceptMember {
        organisation: municipality(),
        name: None,
        business_id: None,
        instrument: "terms-2023".parse().unwrap(),
        since: day("2024-01-01"),
        evidence: "keksitty testiin".parse().unwrap(),
        roles: vec![MemberRole::HomeOrganisation],
    })
}

// Domain facts J.4: the terms' own rules are not known, and the contract's are not lent to them.
#[rstest]
#[case(leave(municipality()).into())]
#[case(operators(municipality(), "2025-01-01").into())]
#[case(send_remark(None).into())]
fn under_terms_a_missing_rule_is_named(#[case] command: Command) {
    terms().when(command).then_refused("RULE_NOT_SET");
}

#[test]
fn under_terms_an_outage_gives_a_right_only_by_rule() {
    let scenario = terms().given(report(true));
    let id = outage(scenario.network());
    scenario
        .at("2025-06-01")
        .when(leave_for(id))
        .then_refused("RULE_NOT_SET");
}

#[test]
fn under_terms_a_notice_runs_by_the_rule_that_was_set() {
    terms()
        .given(SetRule {
            rule: Rule::TermsNoticeByMember { months: 2 },
            valid_from: day("2024-01-01"),
            source: "käyttöehtojen keksitty kohta".parse().unwrap(),
        })
        .at("2025-01-31")
        .given(leave(municipality()))
        .then_state(|network| {
            let end = last_notice(network, &municipality()).end;
            assert_eq!(end.at, instant("2025-03-31T21:00:00Z"));
            assert_eq!(end.computation.source, "käyttöehtojen keksitty kohta");
        });
}

pub(super) fn accept_terms() -> AcceptTerms {
    AcceptTerms {
        organisation: municipality(),
        instrument: "terms-2023".parse().unwrap(),
        accepted_by: "Heli Hyväksyjä".parse().unwrap(),
        evidence: None,
    }
}

#[test]
fn going_over_to_terms_supersedes_the_members_own_notice() {
    home()
        .at("2025-02-03")
        .given(leave(municipality()))
        .at("2025-02-10")
        .when(accept_terms())
        .then(&["TermsAccepted", "LegalBasisChanged"])
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(row.ends_at(), None);
            assert!(matches!(
                row.notices[0].state,
                NoticeState::Superseded { .. }
            ));
            assert_eq!(row.windows().len(), 1);
        });
}

#[test]
fn the_operators_notice_is_not_undone_by_the_member_alone() {
    let confirm = ConfirmJoiningNotification {
        organisation: municipality(),
        since: None,
    };
    home()
        .at("2025-02-03")
        .given(operators(municipality(), "2025-02-03"))
        .when(accept_terms())
        .then(&["TermsAccepted"])
        .then_state(|network| {
            assert!(row(network, &municipality()).ends_at().is_some());
        })
        .at("2025-03-03")
        .when(confirm)
        .then(&["JoiningNotificationConfirmed", "LegalBasisChanged"])
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(row.ends_at(), None);
            assert_eq!(row.windows().len(), 1, "no gap");
        });
}

#[test]
fn the_end_is_recorded_once_when_it_has_come() {
    let record = RecordMembershipEnd {
        member: municipality(),
    };
    home()
        .at("2025-02-03")
        .given(leave(municipality()))
        .when(record.clone())
        .then_refused("WRONG_STATE")
        .then_state(|network| {
            assert!(crate::due(network, instant("2025-03-03T21:59:59Z")).is_empty());
            let end = instant("2025-03-03T22:00:00Z");
            assert_eq!(
                crate::next_due_after(network, instant("2025-02-03T12:00:00Z")),
                Some(end)
            );
            let due = crate::due(network, end);
            assert_eq!(due.len(), 1);
            assert_eq!((due[0].kind, due[0].due), ("membership-end", end));
        })
        .at("2025-03-11")
        .given(record.clone())
        .then_state(|network| {
            let due = crate::due(network, instant("2025-03-11T12:00:00Z"));
            assert!(due.iter().all(|one| one.kind != "membership-end"));
        })
        .when(record)
        .then_refused("WRONG_STATE");
}

#[test]
fn whoever_left_joins_anew_after_the_end() {
    let scenario = home().at("2025-02-03").given(leave(municipality()));
    let scenario = joined(scenario.at("2025-03-04"), &application());
    scenario
        .then_state(|network| {
            let row = row(network, &municipality());
            let windows = row.windows();
            assert_eq!(windows.len(), 2);
            assert_eq!(row.role_windows(MemberRole::HomeOrganisation), windows);
            assert_eq!(row.standing(instant("2025-03-04T12:00:00Z")), MemberStanding::InForce);
        })
        // The clerk records the first end afterwards; the new membership stays as it is.
        .given(RecordMembershipEnd {
            member: municipality(),
        })
        .then_state(|network| {
            assert!(row(network, &municipality()).in_force(instant("2025-03-05T00:00:00Z")));
        });
}

#[test]
fn a_home_organisation_chooses_and_the_operator_does() {
    let member = municipality();
    let choose = |choice| ChooseDataDisposition {
        member: municipality(),
        choice,
    };
    let erased = RecordDataErasure {
        member: member.clone(),
        erased_on: None,
        evidence: document("1"),
        retained: vec![RetainedData {
            what: "tunnistusten loki".parse().unwrap(),
            legal_basis: "keksitty laki 1 §".parse().unwrap(),
            until: Some(day("2027-01-01")),
        }],
    };
    home()
        .when(choose(DispositionChoice::Return))
        .then_refused("WRONG_STATE")
        .at("2025-02-03")
        .given(leave(member.clone()))
        .given(choose(DispositionChoice::Return))
        .when(erased.clone())
        .then_refused("WRONG_STATE")
        .given(choose(DispositionChoice::Erase))
        .when(choose(DispositionChoice::Erase))
        .then_refused("NOTHING_TO_CHANGE")
        .when(erased.clone())
        .then_refused("WRONG_STATE")
        .at("2025-03-04")
        .when(RecordDataErasure {
            erased_on: Some(day("2025-03-02")),
            ..erased.clone()
        })
        .then_refused("TOO_EARLY")
        .given(erased)
        .when(choose(DispositionChoice::Return))
        .then_refused("WRONG_STATE");
}

#[test]
fn only_home_organisations_have_data_to_dispose_of() {
    provider()
        .at("2025-02-03")
        .given(leave(company()))
        .when(ChooseDataDisposition {
            member: company(),
            choice: DispositionChoice::Return,
        })
        .then_refused("NOT_A_HOME_ORGANISATION");
}
