//! Random commands, some days apart: none panics, every refusal says what to do, the windows stay
//! consistent, and the events alone give the same network.

use super::*;
use crate::testing::day;
use crate::time::{Date, Instant, Window};
use crate::{Command, ComplaintId, DisputeId, NoticeId, OutageId, RemarkId, Rule, SetRule};
use proptest::prelude::*;

/// One step: how many days pass, which command for which organisation, and its details.
#[derive(Clone, Copy, Debug)]
struct Step {
    days: u8,
    command: u8,
    organisation: bool,
    detail: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (0_u8..40, any::<u8>(), any::<bool>(), any::<u8>()).prop_map(
        |(days, command, organisation, detail)| Step {
            days,
            command,
            organisation,
            detail,
        },
    )
}

fn pick<T: Copy>(items: &[T], detail: u8) -> Option<T> {
    (!items.is_empty()).then(|| items[usize::from(detail) % items.len()])
}

fn nil<T>(wrap: impl Fn(uuid::Uuid) -> T) -> T {
    wrap(uuid::Uuid::nil())
}

/// A command of membership, with identifiers that are known where there are any.
fn command(network: &Network, today: Date, step: Step) -> Command {
    let member = if step.organisation {
        municipality()
    } else {
        company()
    };
    let organisation = member.clone();
    let row = network.members.get(&member);
    let detail = step.detail;
    let text = || "Selostus".parse().unwrap();
    let earlier = today.plus_days(-i64::from(detail % 50));
    let role = if detail.is_multiple_of(2) {
        MemberRole::HomeOrganisation
    } else {
        MemberRole::ServiceProvider
    };
    let of = |ids: Option<Vec<uuid::Uuid>>| pick(&ids.unwrap_or_default(), detail);
    let notice = of(row.map(|row| row.notices.iter().map(|one| one.id.0).collect()))
        .map_or(nil(NoticeId), NoticeId);
    let remark = of(row.map(|row| row.remarks.iter().map(|one| one.id.0).collect()))
        .map_or(nil(RemarkId), RemarkId);
    let outage = of(row.map(|row| row.outages.iter().map(|one| one.id.0).collect()))
        .map_or(nil(OutageId), OutageId);
    let complaint = of(row.map(|row| row.complaints.iter().map(|one| one.id.0).collect()))
        .map_or(nil(ComplaintId), ComplaintId);
    let dispute = of(row.map(|row| row.disputes.iter().map(|one| one.id.0).collect()))
        .map_or(nil(DisputeId), DisputeId);
    let signatory = row
        .and_then(|row| row.contract.as_ref())
        .and_then(|contract| {
            let unsigned = contract
                .signatories
                .iter()
                .find(|one| one.signed_on.is_none());
            unsigned.map(|one| one.contact.person)
        })
        .unwrap_or(nil(PersonId));
    let cause = match detail % 4 {
        0 => Some(NoticeCause::Breach(remark)),
        1 => Some(NoticeCause::Outage(outage)),
        2 => Some(NoticeCause::Amendment(nil(crate::AmendmentId))),
        _ => None,
    };
    match step.command % 34 {
        0 | 1 => {
            let mut apply = if step.organisation {
                application()
            } else {
                company_application()
            };
            if detail.is_multiple_of(3) {
                apply.instrument = InstrumentKind::TermsOfUse;
            }
            if step.organisation && detail.is_multiple_of(5) {
                apply.roles = vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider];
                apply.service_purpose = Some(purpose());
            }
            apply.into()
        }
        2 => WithdrawApplication { organisation }.into(),
        3 | 4 => DraftContract {
            organisation,
            instrument: ["contract-2018", "contract-2020"][usize::from(detail % 2)]
                .parse()
                .unwrap(),
            signatories: if detail.is_multiple_of(3) {
                vec![person("Aino Allekirjoittaja")]
            } else {
                Vec::new()
            },
        }
        .into(),
        5 | 6 => RequestSignatures {
            organisation,
            channel: SignatureChannel::Electronic,
        }
        .into(),
        7..=9 => RecordMemberSignature {
            organisation,
            signatory,
            signed_on: None,
            evidence: None,
        }
        .into(),
        10 | 11 => RecordOperatorSignature {
            organisation,
            signed_on: detail.is_multiple_of(2).then_some(earlier),
            document: document("c"),
        }
        .into(),
        12 => AcceptTerms {
            organisation,
            instrument: "terms-2023".parse().unwrap(),
            accepted_by: "Heli Hyväksyjä".parse().unwrap(),
            evidence: None,
        }
        .into(),
        13 => ConfirmJoiningNotification {
            organisation,
            since: detail.is_multiple_of(2).then_some(earlier),
        }
        .into(),
        14 => AcceptMember {
            organisation,
            name: None,
            business_id: None,
            instrument: "contract-2018".parse().unwrap(),
            since: earlier,
            evidence: "keksitty testiin".parse().unwrap(),
            roles: vec![role],
        }
        .into(),
        15 => RecordEligibility {
            member,
            education_provider: (!detail.is_multiple_of(3)).then(education),
            service_purpose: (!detail.is_multiple_of(5)).then(purpose),
        }
        .into(),
        16 => GrantRole { member, role }.into(),
        17 => WithdrawRole {
            member,
            role,
            last_day: (!detail.is_multiple_of(3)).then(|| today.plus_days(i64::from(detail) - 20)),
        }
        .into(),
        18 => GiveNotice { member, cause }.into(),
        19 => RecordMemberNotice {
            member,
            cause,
            sent_on: earlier,
            received_on: earlier.plus_days(i64::from(detail % 7)),
            channel: crate::NoticeChannel::Letter,
            document: document("7"),
        }
        .into(),
        20 => GiveNoticeToMember {
            member,
            breach: detail.is_multiple_of(2).then_some(remark),
            sent_on: earlier,
            received_on: earlier.plus_days(i64::from(detail % 7)),
            channel: crate::NoticeChannel::Letter,
            document: document("7"),
        }
        .into(),
        21 => WithdrawNotice {
            member,
            notice,
            agreed_on: None,
            evidence: document("f"),
        }
        .into(),
        22 => SendRemark {
            member,
            clause: "§5".parse().unwrap(),
            text: text(),
            cure_days: Some(u16::from(detail)),
            sent_on: Some(earlier),
        }
        .into(),
        23 => RecordRemarkReceipt {
            member,
            remark,
            received_on: Some(earlier),
            evidence: None,
        }
        .into(),
        24 => MakeRemark {
            member,
            clause: "§6".parse().unwrap(),
            text: text(),
            cure_days: None,
        }
        .into(),
        25 => AcceptCure {
            member,
            remark,
            cured_on: None,
        }
        .into(),
        26 => ReportOutage {
            member,
            description: text(),
            essential: !detail.is_multiple_of(4),
        }
        .into(),
        27 => RecordOutageCorrection {
            member,
            outage,
            corrected_on: Some(earlier),
            measures: text(),
        }
        .into(),
        28 => RecordMembershipEnd { member }.into(),
        29 => ChooseDataDisposition {
            member,
            choice: DispositionChoice::Erase,
        }
        .into(),
        30 => RecordDataErasure {
            member,
            erased_on: Some(earlier),
            evidence: document("1"),
            retained: Vec::new(),
        }
        .into(),
        31 => SettleQualityComplaint {
            member,
            complaint,
            outcome: text(),
            settled_on: None,
        }
        .into(),
        32 => CloseDispute {
            member,
            dispute,
            outcome: DisputeOutcome::GivenUp,
            closed_on: None,
            settlement: None,
        }
        .into(),
        _ => OpenDispute {
            member,
            matter: text(),
            opened_on: Some(earlier),
        }
        .into(),
    }
}

fn disjoint(windows: &[Window]) -> bool {
    let ordered = |pair: &[Window]| pair[0].until.is_some_and(|until| until <= pair[1].from);
    windows.windows(2).all(ordered)
        && windows
            .iter()
            .all(|window| window.until.is_none_or(|until| window.from <= until))
}

fn check(network: &Network, now: Instant) {
    for row in network.members.values() {
        let bases: Vec<Window> = row.legal_bases.iter().map(|basis| basis.window).collect();
        assert!(disjoint(&bases), "legal bases: {bases:?}");
        assert!(disjoint(&row.windows()));
        for role in [MemberRole::HomeOrganisation, MemberRole::ServiceProvider] {
            let held = row.roles.iter().filter(|held| held.role == role);
            let held: Vec<Window> = held.map(|held| held.window).collect();
            assert!(disjoint(&held), "{role:?}: {held:?}");
            let within = row.role_windows(role);
            assert_eq!(
                row.has_role(role, now),
                within.iter().any(|window| window.holds_at(now)),
            );
        }
        assert_eq!(
            row.in_force(now),
            row.windows().iter().any(|w| w.holds_at(now))
        );
        // Whoever is a member has a role, and whoever has a role is a member.
        assert_eq!(row.in_force(now), !row.roles_at(now).is_empty(), "{row:#?}");
        if row.is_dual(now) || row.has_role(MemberRole::HomeOrganisation, now) {
            assert!(row.is_education_provider());
        }
        let running = row.running_notices().map(|notice| notice.end.at).min();
        if running.is_some() {
            assert_eq!(row.ends_at(), running, "the earliest end counts");
        }
        assert!(row.running_notices().count() == 0 || row.legal_bases.last().is_some());
        // Reading never fails.
        let _ = (row.standing(now), row.obligations(network, now));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 3 / 8))]

    #[test]
    fn random_commands_keep_memberships_consistent(
        steps in prop::collection::vec(step(), 1..90),
        joined_first in any::<bool>(),
        terms_rules in any::<bool>(),
    ) {
        let mut scenario = with_instruments();
        if joined_first {
            scenario = joined(joined(scenario, &application()), &company_application());
        }
        if terms_rules {
            scenario = scenario.given(SetRule {
                rule: Rule::TermsNoticeByMember { months: 1 },
                valid_from: day("2020-01-01"),
                source: "keksitty testiin".parse().unwrap(),
            });
        }
        let mut today = day("2025-01-02");
        for step in steps {
            today = today.plus_days(i64::from(step.days));
            scenario = scenario.at(&today.to_string());
            let command = command(scenario.network(), today, step);
            match scenario.decide(&command) {
                Ok(events) => {
                    prop_assert!(!events.is_empty());
                    scenario.apply(events);
                }
                Err(rejection) => prop_assert!(!rejection.remedy.is_empty(), "{rejection}"),
            }
            check(scenario.network(), scenario.now());
            // What is due can be recorded, once.
            for due in crate::due(scenario.network(), scenario.now()) {
                if step.detail.is_multiple_of(3) {
                    let events = scenario.decide(&due.command);
                    prop_assert!(events.is_ok(), "{events:?}");
                    scenario.apply(events.unwrap());
                    check(scenario.network(), scenario.now());
                }
            }
        }
        let mut replayed = Network::default();
        for (event, at) in scenario.log() {
            replayed.apply(event, *at);
        }
        prop_assert_eq!(&replayed, scenario.network());
    }
}
