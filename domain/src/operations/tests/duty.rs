//! Misuse cases and the duties of a processor (membership contract §5 ¶5, §6 ¶7, ¶9).

use super::organisation;
use crate::testing::{Scenario, day, instant};
use crate::value::DocumentReference;
use crate::*;
use rstest::rstest;
use uuid::Uuid;

fn document() -> DocumentReference {
    "f".repeat(64).parse().unwrap()
}

fn words(text: &str) -> crate::value::FreeText {
    text.parse().unwrap()
}

/// Home organisations 1 and 2, service provider 3, and 4, which is no member.
fn with_members() -> Scenario {
    let accept = |number, role| AcceptMember {
        organisation: organisation(number),
        name: None,
        business_id: None,
        instrument: "contract-2018".parse().unwrap(),
        since: day("2020-01-01"),
        evidence: "invented for tests".parse().unwrap(),
        roles: vec![role],
    };
    crate::membership::tests::with_instruments()
        .given(accept(1, MemberRole::HomeOrganisation))
        .given(accept(2, MemberRole::HomeOrganisation))
        .given(accept(3, MemberRole::ServiceProvider))
}

/// The key of the only row of a table.
fn only<K: Ord + Copy, V: Clone>(table: &Table<K, V>) -> K {
    assert_eq!(table.len(), 1);
    *table.iter().next().unwrap().0
}

#[test]
fn members_take_part_in_clearing_misuse_up() {
    let scenario = with_members()
        .when(OpenMisuseCase {
            reported_by: None,
            noticed_on: day("2025-01-02"),
            description: words("Accounts were sold."),
            members: vec![organisation(1)],
        })
        .then_refused("IN_THE_FUTURE")
        .given(OpenMisuseCase {
            reported_by: Some(organisation(1)),
            noticed_on: day("2025-01-01"),
            description: words("Accounts were sold."),
            members: vec![organisation(2), organisation(1), organisation(2)],
        });
    let misuse = only(&scenario.network().operations.misuse_cases);
    let part = |number, took_part_on: &str| RecordMisuseParticipation {
        misuse,
        member: organisation(number),
        took_part_on: day(took_part_on),
        contribution: words("Gave the log of its own directory."),
    };
    let close = |closed_on: &str| CloseMisuseCase {
        misuse,
        closed_on: day(closed_on),
        outcome: MisuseOutcome::Confirmed,
        finding: words("Two accounts were sold."),
    };
    scenario
        .at("2025-01-10")
        .when(part(3, "2025-01-02"))
        .then_refused("UNKNOWN")
        .when(part(1, "2024-12-31"))
        .then_refused("TOO_EARLY")
        .given(part(1, "2025-01-02"))
        .then_state(|network| {
            let case = network.operations.misuse_cases.get(&misuse).unwrap();
            assert_eq!(
                case.silent_members().collect::<Vec<_>>(),
                [&organisation(2)]
            );
        })
        .when(close("2024-12-31"))
        .then_refused("TOO_EARLY")
        .given(close("2025-01-10"))
        .when(close("2025-01-10"))
        .then_refused("NOTHING_TO_CHANGE")
        .when(part(2, "2025-01-10"))
        .then_refused("WRONG_STATE");
}

#[test]
fn every_controller_is_told_of_a_breach_and_the_delay_is_kept() {
    let detect = |detected_at: &str, controllers| DetectDataBreach {
        detected_at: instant(detected_at),
        description: words("A log file was readable."),
        controllers,
    };
    let many: Vec<_> = (0..501).map(organisation).collect();
    let scenario = with_members()
        .when(detect("2025-01-01T10:00:01Z", Vec::new()))
        .then_refused("IN_THE_FUTURE")
        .when(detect("2025-01-01T09:00:00Z", many))
        .then_refused("TOO_MANY")
        .given(detect("2025-01-01T09:00:00Z", vec![organisation(1)]));
    let breach = only(&scenario.network().operations.breaches);
    let notify = |number, notified_at: &str| NotifyDataBreach {
        breach,
        controller: organisation(number),
        notified_at: instant(notified_at),
        channel: NoticeChannel::Email,
        content: words("Your users' identifiers were readable for an hour."),
        document: None,
    };
    let widen = WidenDataBreach {
        breach,
        controllers: vec![organisation(1), organisation(2)],
    };
    scenario
        .at("2025-01-02")
        .when(notify(2, "2025-01-01T12:00:00Z"))
        .then_refused("UNKNOWN")
        .given(widen.clone())
        .when(widen)
        .then_refused("NOTHING_TO_CHANGE")
        .when(notify(2, "2025-01-01T08:59:59Z"))
        .then_refused("TOO_EARLY")
        .when(notify(2, "2025-01-03T00:00:00Z"))
        .then_refused("IN_THE_FUTURE")
        .given(notify(2, "2025-01-01T12:00:00Z"))
        .when(notify(2, "2025-01-01T13:00:00Z"))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = network.operations.breaches.get(&breach).unwrap();
            assert_eq!(row.untold().collect::<Vec<_>>(), [&organisation(1)]);
            let notice = row.controllers.get(&organisation(2)).unwrap();
            assert_eq!(notice.as_ref().unwrap().delay_minutes, 180);
        });
}

#[test]
fn people_who_process_data_commit_to_confidentiality() {
    let scenario = with_members();
    let person = *scenario
        .network()
        .access
        .administrators
        .iter()
        .next()
        .unwrap()
        .0;
    let commit = |committed_on: &str| CommitConfidentiality {
        person: PersonReference::Administrator(person),
        committed_on: day(committed_on),
        document: Some(document()),
    };
    scenario
        .when(commit("2025-01-02"))
        .then_refused("IN_THE_FUTURE")
        .given(commit("2024-12-01"))
        .when(commit("2024-12-15"))
        .then_refused("NOTHING_TO_CHANGE")
        .when(CommitConfidentiality {
            person: PersonReference::Administrator(PersonId(Uuid::nil())),
            ..commit("2024-12-01")
        })
        .then_refused("UNKNOWN")
        .when(CommitConfidentiality {
            person: PersonReference::Named(NamedPerson {
                name: "Salla Salassapitäjä".parse().unwrap(),
                email: None,
            }),
            ..commit("2024-12-01")
        })
        .then(&["ConfidentialityCommitted"])
        .then_state(|network| {
            assert!(network.operations.is_committed(person, day("2024-12-01")));
            assert!(!network.operations.is_committed(person, day("2024-11-30")));
        });
}

fn permit(subprocessor: Option<&str>) -> PermitSubprocessor {
    PermitSubprocessor {
        member: organisation(1),
        processor: PermittedProcessor::Provider(ProviderPermission {
            provider: organisation(3),
            document: None,
        }),
        subprocessor: subprocessor.map(|name| Subprocessor {
            name: name.parse().unwrap(),
            business_id: None,
            task: "hosting".parse().unwrap(),
        }),
        permitted_on: day("2025-01-01"),
    }
}

#[test]
fn a_controller_permits_sub_processors_generally_or_one_by_one() {
    let to_operator = PermitSubprocessor {
        processor: PermittedProcessor::Operator(OperatorPermission {
            document: document(),
        }),
        ..permit(None)
    };
    let to_itself = PermitSubprocessor {
        member: organisation(3),
        ..permit(None)
    };
    with_members()
        .when(to_itself)
        .then_refused("PROCESSOR_INVALID")
        .given(permit(Some("Kuvitteellinen Konesali Oy")))
        .when(permit(Some("Kuvitteellinen Konesali Oy")))
        .then_refused("NOTHING_TO_CHANGE")
        .given(permit(None))
        .given(to_operator)
        .when(PermitSubprocessor {
            permitted_on: day("2025-01-02"),
            ..permit(Some("Toinen Oy"))
        })
        .then_refused("IN_THE_FUTURE")
        .then_state(|network| {
            let now = instant("2025-01-01T10:00:00Z");
            assert_eq!(
                network.operations.permits_of(&organisation(1), now).count(),
                3
            );
            assert_eq!(
                network.operations.permits_of(&organisation(2), now).count(),
                0
            );
        });
}

#[test]
fn a_permission_holds_until_it_is_revoked() {
    let scenario = with_members().given(permit(None));
    let id = only(&scenario.network().operations.permits);
    let revoke = |last_day: &str| RevokeSubprocessor {
        permit: id,
        last_day: day(last_day),
    };
    scenario
        .when(revoke("2024-12-31"))
        .then_refused("TOO_EARLY")
        .given(revoke("2025-03-31"))
        .when(revoke("2025-04-30"))
        .then_refused("NOTHING_TO_CHANGE")
        .given(revoke("2025-02-28"))
        .then_state(|network| {
            let holds = |at: &str| {
                let member = organisation(1);
                let permits = network.operations.permits_of(&member, instant(at));
                permits.count() == 1
            };
            assert!(holds("2025-02-28T21:59:59Z"));
            assert!(!holds("2025-02-28T22:00:00Z"));
            assert_eq!(BelongsTo::organisation(&id, network), Some(organisation(1)));
        });
}

#[test]
fn a_subjects_request_is_answered_once() {
    let scenario = with_members().given(ReceiveSubjectRequest {
        member: organisation(1),
        right: SubjectRight::Access,
        received_on: day("2025-01-01"),
        user: Some(words("keksitty.oppilas")),
        description: words("Which services saw the data?"),
    });
    let request = only(&scenario.network().operations.subject_requests);
    let answer = |answered_on: &str| AnswerSubjectRequest {
        request,
        answered_on: day(answered_on),
        answer: words("A list was handed to the controller."),
    };
    scenario
        .at("2025-01-20")
        .when(answer("2024-12-31"))
        .then_refused("TOO_EARLY")
        .when(answer("2025-01-21"))
        .then_refused("IN_THE_FUTURE")
        .given(answer("2025-01-15"))
        .when(answer("2025-01-15"))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = network.operations.subject_requests.get(&request).unwrap();
            assert_eq!(row.delay_days, Some(14));
            assert!(row.user.as_ref().unwrap().slot().is_some(), "sealed");
        });
}

#[test]
fn an_audit_asked_for_is_held_with_its_findings() {
    let scenario = with_members().given(RequestAudit {
        member: organisation(1),
        auditor: Some("Kuvitteellinen Tarkastus Oy".parse().unwrap()),
        requested_on: day("2025-01-01"),
        scope: words("Who can read the log."),
    });
    let audit = only(&scenario.network().operations.audits);
    let hold = |held_on: &str, report| HoldAudit {
        audit,
        held_on: day(held_on),
        operator_took_part: true,
        findings: None,
        report,
    };
    scenario
        .at("2025-02-01")
        .when(hold("2025-01-20", None))
        .then_refused("FINDINGS_MISSING")
        .when(hold("2024-12-20", Some(document())))
        .then_refused("TOO_EARLY")
        .given(hold("2025-01-20", Some(document())))
        .when(hold("2025-01-20", Some(document())))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = network.operations.audits.get(&audit).unwrap();
            assert_eq!(row.held.as_ref().unwrap().delay_days, 19);
        });
}

fn ask() -> RequestLogDisclosure {
    RequestLogDisclosure {
        member: organisation(1),
        legal_basis: "decision 12/2025".parse().unwrap(),
        user: Some(words("keksitty.oppilas")),
        message_id: None,
        integration: None,
        first_day: day("2024-12-01"),
        last_day: day("2024-12-31"),
        received_on: day("2025-01-01"),
    }
}

#[test]
fn log_data_is_handed_over_under_an_open_request_alone() {
    let scenario = with_members()
        .when(RequestLogDisclosure {
            last_day: day("2024-11-30"),
            ..ask()
        })
        .then_refused("TOO_EARLY")
        .when(RequestLogDisclosure {
            last_day: day("2025-01-02"),
            ..ask()
        })
        .then_refused("TOO_LATE")
        .when(RequestLogDisclosure {
            user: None,
            ..ask()
        })
        .then_refused("ONE_SUBJECT")
        .when(RequestLogDisclosure {
            message_id: Some("message-1".parse().unwrap()),
            ..ask()
        })
        .then_refused("ONE_SUBJECT")
        .given(ask());
    let disclosure = only(&scenario.network().operations.disclosures);
    let disclose = |disclosed_on: &str| DiscloseLog {
        disclosure,
        disclosed_on: day(disclosed_on),
        document: document(),
        authentications: 12,
    };
    scenario
        .then_state(|network| {
            let row = network.operations.disclosures.get(&disclosure).unwrap();
            assert!(row.is_open() && row.covers(day("2024-12-31")));
            assert!(!row.covers(day("2025-01-01")));
            assert!(row.user.as_ref().unwrap().slot().is_some(), "sealed");
        })
        .at("2025-01-10")
        .when(disclose("2024-12-31"))
        .then_refused("TOO_EARLY")
        .given(disclose("2025-01-08"))
        .when(disclose("2025-01-08"))
        .then_refused("WRONG_STATE")
        .then_state(|network| {
            let row = network.operations.disclosures.get(&disclosure).unwrap();
            assert!(!row.is_open());
            let outcome = row.outcome.as_ref().unwrap();
            assert!(matches!(outcome, DisclosureOutcome::Disclosed(log) if log.delay_days == 7));
        });
}

#[test]
fn a_refused_request_opens_nothing() {
    let scenario = with_members().given(ask());
    let disclosure = only(&scenario.network().operations.disclosures);
    let refuse = RefuseLogDisclosure {
        disclosure,
        refused_on: day("2025-01-01"),
        reason: "No law obliges.".parse().unwrap(),
    };
    scenario
        .given(refuse.clone())
        .when(refuse)
        .then_refused("WRONG_STATE")
        .when(DiscloseLog {
            disclosure,
            disclosed_on: day("2025-01-01"),
            document: document(),
            authentications: 1,
        })
        .then_refused("WRONG_STATE")
        .when(DiscloseLog {
            disclosure: DisclosureId(Uuid::nil()),
            disclosed_on: day("2025-01-01"),
            document: document(),
            authentications: 1,
        })
        .then_refused("UNKNOWN");
}

// Membership contract §6 ¶7: what an authority asks, the operator records.
#[test]
fn an_authoritys_request_is_the_operators_to_record() {
    let asked = ask();
    let command = RecordAuthoritysRequest {
        member: asked.member,
        authority: "Kuvitteellinen viranomainen".parse().unwrap(),
        legal_basis: asked.legal_basis,
        user: asked.user,
        message_id: asked.message_id,
        integration: None,
        first_day: asked.first_day,
        last_day: asked.last_day,
        received_on: asked.received_on,
    };
    let scenario = with_members();
    let ways = Command::from(command.clone()).authorities(scenario.network());
    let rights: Vec<Right> = ways.into_iter().map(|way| way.right).collect();
    assert_eq!(rights, [Right::Operator]);
    let scenario = scenario.given(command);
    let disclosure = only(&scenario.network().operations.disclosures);
    scenario.given(ask()).then_state(|network| {
        let disclosures = &network.operations.disclosures;
        assert!(disclosures.get(&disclosure).unwrap().authority.is_some());
        let own = disclosures.values().filter(|one| one.authority.is_none());
        assert_eq!(
            own.count(),
            1,
            "the home organisation's own names no authority"
        );
    });
}

// The processor's duties are towards controllers: home organisations, present or former.
#[rstest]
#[case::audit(|number| RequestAudit {
    member: organisation(number),
    auditor: None,
    requested_on: day("2025-01-01"),
    scope: words("Who can read the log."),
}.into())]
#[case::subject_request(|number| ReceiveSubjectRequest {
    member: organisation(number),
    right: SubjectRight::Access,
    received_on: day("2025-01-01"),
    user: None,
    description: words("Which services saw the data?"),
}.into())]
#[case::disclosure(|number| RequestLogDisclosure { member: organisation(number), ..ask() }.into())]
#[case::breach(|number| DetectDataBreach {
    detected_at: instant("2025-01-01T09:00:00Z"),
    description: words("A log file was readable."),
    controllers: vec![organisation(1), organisation(number)],
}.into())]
#[case::permit(|number| PermitSubprocessor {
    member: organisation(number),
    processor: PermittedProcessor::Operator(OperatorPermission { document: document() }),
    ..permit(None)
}.into())]
fn only_home_organisations_are_controllers(#[case] command: fn(u32) -> Command) {
    let left = with_members().given(GiveNotice {
        member: organisation(1),
        cause: None,
    });
    with_members()
        .when(command(3))
        .then_refused("NOT_A_HOME_ORGANISATION")
        .when(command(4))
        .then_refused("NOT_A_HOME_ORGANISATION")
        .given(command(2));
    // What was processed before the end is asked about after it.
    left.at("2025-03-01").given(command(1));
}

#[test]
fn a_breach_is_not_widened_to_whoever_is_no_controller() {
    let scenario = with_members().given(DetectDataBreach {
        detected_at: instant("2025-01-01T09:00:00Z"),
        description: words("A log file was readable."),
        controllers: Vec::new(),
    });
    let breach = only(&scenario.network().operations.breaches);
    scenario
        .when(WidenDataBreach {
            breach,
            controllers: vec![organisation(3)],
        })
        .then_refused("NOT_A_HOME_ORGANISATION");
}

#[test]
fn only_members_take_part_in_misuse_cases_and_only_providers_are_permitted() {
    let case = |reported_by, concerned| OpenMisuseCase {
        reported_by,
        noticed_on: day("2025-01-01"),
        description: words("Accounts were sold."),
        members: vec![organisation(concerned)],
    };
    with_members()
        .when(case(Some(organisation(4)), 1))
        .then_refused("NOT_A_MEMBER")
        .when(case(None, 4))
        .then_refused("NOT_A_MEMBER")
        .given(case(Some(organisation(3)), 1))
        .when(PermitSubprocessor {
            processor: PermittedProcessor::Provider(ProviderPermission {
                provider: organisation(2),
                document: None,
            }),
            ..permit(None)
        })
        .then_refused("NOT_A_SERVICE_PROVIDER");
}
