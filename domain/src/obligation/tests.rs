//! What is owed of each area, and that what fell due is recorded once, given, when, then.

use super::*;
use crate::agreement::tests as agreement;
use crate::membership::tests::*;
use crate::steering::tests::convene;
use crate::testing::{Scenario, day, instant};
use crate::*;
use rstest::rstest;

fn owed(network: &Network, at: &str) -> Vec<Obligation> {
    network_obligations(network, instant(at))
}

fn find(network: &Network, at: &str, code: &str) -> Option<Obligation> {
    let owed = owed(network, at);
    owed.into_iter().find(|one| one.kind.code() == code)
}

fn member(number: u32) -> OrganisationOid {
    agreement::member(number)
}

fn text(words: &str) -> crate::value::FreeText {
    words.parse().unwrap()
}

#[test]
fn the_offices_owe_their_contacts() {
    let scenario = Scenario::founded();
    let now = "2025-01-02T12:00:00Z";
    let codes: Vec<_> = owed(scenario.network(), now)
        .iter()
        .map(|one| (one.kind.code(), one.by, one.subject.clone()))
        .collect();
    let operators = (
        "NAME_OPERATOR_CONTACT".to_owned(),
        ObligedParty::Operator,
        "network".to_owned(),
    );
    let owners = (
        "NAME_OWNER_CONTACT".to_owned(),
        ObligedParty::Owner,
        "network".to_owned(),
    );
    assert_eq!(
        codes,
        [operators.clone(), operators.clone(), operators, owners]
    );
    let mut scenario = scenario;
    for role in [
        ContactRole::Contract,
        ContactRole::Technical,
        ContactRole::NoticeAddress,
    ] {
        scenario = scenario.given(NameOperatorContact {
            role,
            contact: person("Olga Operaattori"),
            notified_on: None,
        });
    }
    let scenario = scenario.given(NameOwnerContact {
        role: ContactRole::Contract,
        contact: person("Oona Omistaja"),
        notified_on: None,
    });
    assert_eq!(owed(scenario.network(), now), []);
}

// Domain facts J.13: the routes stay until the membership ends, and an obligation is raised.
#[test]
fn a_closed_organisation_that_is_a_member_is_to_be_settled() {
    let record = |active| RecordOrganisations {
        organisations: vec![OrganisationEntry {
            organisation: municipality(),
            description: OrganisationDescription {
                name: crate::value::LanguageText::parse("Kuvitteellinen kunta").unwrap(),
                business_id: None,
                types: vec!["organisaatiotyyppi_01".parse().unwrap()],
                institution_type: None,
                school_code: None,
                municipality: None,
                parent: None,
            },
            active,
        }],
        complete: false,
        under: None,
    };
    let now = "2025-02-02T12:00:00Z";
    joined(with_instruments(), &application())
        .given(SetRule {
            rule: Rule::OrganisationClosures { percent: 100 },
            valid_from: day("2025-01-01"),
            source: "invented for tests".parse().unwrap(),
        })
        .given(record(true))
        .then_state(|network| {
            assert_eq!(find(network, now, "SETTLE_CLOSED_ORGANISATION"), None);
        })
        .given(record(false))
        .then_state(|network| {
            let owed = find(network, now, "SETTLE_CLOSED_ORGANISATION").unwrap();
            assert_eq!(owed.by, ObligedParty::Operator);
            assert_eq!(owed.organisation, Some(municipality()));
            let row = network.members.get(&municipality()).unwrap();
            assert!(row.in_force(instant(now)), "its routes stay");
        })
        .given(GiveNotice {
            member: municipality(),
            cause: None,
        })
        .then_state(|network| {
            let after = "2025-02-02T22:00:00Z";
            assert_eq!(find(network, after, "SETTLE_CLOSED_ORGANISATION"), None);
        });
}

#[test]
fn an_amendment_is_owed_step_by_step() {
    let (scenario, amendment) = agreement::approved(agreement::proposal());
    let now = "2025-01-15T12:00:00Z";
    let announce = find(scenario.network(), now, "ANNOUNCE_AMENDMENT").unwrap();
    let due = announce.due.unwrap();
    assert_eq!(due.day, day("2025-03-01"), "three months before");
    assert_eq!(due.computation.rule, "AMENDMENT_NOTICE");
    let notify: Vec<_> = owed(scenario.network(), now)
        .into_iter()
        .filter(|one| one.kind == ObligationKind::NotifyAmendment(amendment))
        .map(|one| one.organisation.unwrap())
        .collect();
    assert_eq!(notify, [member(1)], "those under terms are told by no rule");
    let send = SendAmendmentNotice {
        amendment,
        member: member(1),
        channel: NoticeChannel::Letter,
        sent_on: day("2025-01-15"),
        document: agreement::proposal().document,
        describes_change: true,
        late_because: None,
    };
    let scenario = scenario
        .given(agreement::publish(amendment, "2025-01-15"))
        .given(send);
    assert_eq!(find(scenario.network(), now, "ANNOUNCE_AMENDMENT"), None);
    assert_eq!(find(scenario.network(), now, "NOTIFY_AMENDMENT"), None);
    assert!(find(scenario.network(), now, "RECORD_AMENDMENT_RECEIPT").is_some());
    let scenario = scenario.at("2025-05-20").given(ReceiveAmendmentNotice {
        amendment,
        member: member(1),
        received_on: day("2025-05-20"),
    });
    let late = "2025-05-20T12:00:00Z";
    let decide = find(scenario.network(), late, "DECIDE_LATE_AMENDMENT").unwrap();
    assert_eq!(decide.organisation, Some(member(1)));
    let scenario = scenario.given(DecideLateAmendment {
        amendment,
        member: member(1),
        holds_on: day("2025-09-01"),
        document: agreement::document('9'),
    });
    assert_eq!(
        find(scenario.network(), late, "DECIDE_LATE_AMENDMENT"),
        None
    );
}

#[test]
fn who_joined_after_the_announcement_is_not_told_of_it() {
    let (scenario, amendment) = agreement::approved(agreement::proposal());
    let scenario = scenario
        .given(agreement::publish(amendment, "2025-01-15"))
        .at("2025-01-20");
    let scenario = joined(scenario, &application());
    let told: Vec<_> = owed(scenario.network(), "2025-01-21T12:00:00Z")
        .into_iter()
        .filter(|one| one.kind == ObligationKind::NotifyAmendment(amendment))
        .map(|one| one.organisation.unwrap())
        .collect();
    assert_eq!(told, [member(1)]);
}

#[test]
fn the_steering_group_owes_each_years_review_until_the_year_is_over() {
    let scenario = Scenario::founded().given(convene("2025-01-01", "2026-12-31"));
    let review = |at: &str| find(scenario.network(), at, "REVIEW_FEES").unwrap();
    let owed = review("2025-03-01T12:00:00Z");
    assert_eq!(owed.by, ObligedParty::SteeringGroup);
    assert_eq!(owed.subject, "year:2025");
    assert!(!owed.is_overdue(instant("2025-12-31T21:59:59Z")));
    assert!(owed.is_overdue(instant("2025-12-31T22:00:00Z")));
}

/// A home organisation, with what the operator owes it of operations.
fn with_duties() -> Scenario {
    joined(with_instruments(), &application())
        .given(DetectDataBreach {
            detected_at: instant("2025-01-01T09:00:00Z"),
            description: text("A log file was readable."),
            controllers: vec![municipality()],
        })
        .given(ReceiveSubjectRequest {
            member: municipality(),
            right: SubjectRight::Access,
            received_on: day("2025-01-01"),
            user: None,
            description: text("Which services saw the data?"),
        })
        .given(RequestAudit {
            member: municipality(),
            auditor: None,
            requested_on: day("2025-01-01"),
            scope: text("Who can read the log."),
        })
        .given(RequestLogDisclosure {
            member: municipality(),
            legal_basis: "decision 12/2025".parse().unwrap(),
            user: Some(text("keksitty.oppilas")),
            message_id: None,
            integration: None,
            first_day: day("2024-12-01"),
            last_day: day("2024-12-31"),
            received_on: day("2025-01-01"),
        })
        .given(OpenMisuseCase {
            reported_by: None,
            noticed_on: day("2025-01-01"),
            description: text("Accounts were sold."),
            members: vec![municipality()],
        })
}

#[rstest]
#[case("NOTIFY_DATA_BREACH", ObligedParty::Operator, Some("2025-01-01"))]
#[case("ANSWER_SUBJECT_REQUEST", ObligedParty::Operator, None)]
#[case("HOLD_AUDIT", ObligedParty::Operator, None)]
#[case("ANSWER_LOG_DISCLOSURE", ObligedParty::Operator, None)]
#[case("TAKE_PART_IN_MISUSE_CASE", ObligedParty::Member, None)]
fn operations_owe(#[case] code: &str, #[case] by: ObligedParty, #[case] due: Option<&str>) {
    let scenario = with_duties();
    let owed = find(scenario.network(), "2025-01-01T12:00:00Z", code).unwrap();
    assert_eq!(owed.by, by);
    assert_eq!(owed.organisation, Some(municipality()));
    assert_eq!(owed.due.map(|due| due.day), due.map(day));
    assert!(owed.source.starts_with("membership contract §"));
}

#[test]
fn what_fell_due_is_recorded_once_and_kept() {
    let scenario = with_duties();
    let end_of_day = instant("2025-01-01T22:00:00Z");
    let obligations = |network: &Network, now| -> Vec<DueCommand> {
        let due = crate::due(network, now).into_iter();
        due.filter(|one| one.kind == "obligation").collect()
    };
    let network = scenario.network();
    let before = instant("2025-01-01T21:59:59Z");
    assert!(obligations(network, before).is_empty());
    assert_eq!(crate::next_due_after(network, before), Some(end_of_day));
    // Also after a week: what fell due has its own instant.
    let due = obligations(network, instant("2025-01-08T12:00:00Z"));
    assert_eq!(due.len(), 1, "{due:?}");
    assert_eq!(due[0].due, end_of_day);
    let command = due[0].command.clone();
    let breach = *network.operations.breaches.iter().next().unwrap().0;
    scenario
        .when(command.clone())
        .then_refused("WRONG_STATE")
        .at("2025-01-08")
        .when(command.clone())
        .then(&["ObligationFellDue"])
        .then_state(|network| {
            assert!(obligations(network, instant("2025-01-08T12:00:00Z")).is_empty());
            assert_eq!(network.fallen_due.len(), 1);
            let still = find(network, "2025-01-08T12:00:00Z", "NOTIFY_DATA_BREACH").unwrap();
            assert!(
                still.is_overdue(instant("2025-01-08T12:00:00Z")),
                "it is still owed"
            );
        })
        .when(command)
        .then_refused("NOTHING_TO_CHANGE")
        .given(NotifyDataBreach {
            breach,
            controller: municipality(),
            notified_at: instant("2025-01-08T11:00:00Z"),
            channel: NoticeChannel::Email,
            content: text("It was readable for an hour."),
            document: None,
        })
        .then_state(|network| {
            assert_eq!(
                find(network, "2025-01-09T12:00:00Z", "NOTIFY_DATA_BREACH"),
                None
            );
            assert_eq!(network.fallen_due.len(), 1, "what was late was late");
        });
}

#[test]
fn what_was_done_in_time_does_not_fall_due() {
    let scenario = with_duties();
    let breach = *scenario
        .network()
        .operations
        .breaches
        .iter()
        .next()
        .unwrap()
        .0;
    scenario
        .given(NotifyDataBreach {
            breach,
            controller: municipality(),
            notified_at: instant("2025-01-01T10:00:00Z"),
            channel: NoticeChannel::Email,
            content: text("It was readable for an hour."),
            document: None,
        })
        .then_state(|network| {
            let due = crate::due(network, instant("2025-01-08T12:00:00Z"));
            assert!(due.iter().all(|one| one.kind != "obligation"), "{due:?}");
        });
}

// What is recorded of one member is looked for among its own obligations: none may be missing.
#[test]
fn the_whole_is_the_sum_of_what_each_is_owed() {
    let (scenario, _) = agreement::approved(agreement::proposal());
    let scenario = scenario
        .given(convene("2027-01-01", "2027-12-31"))
        .given(DetectDataBreach {
            detected_at: instant("2025-01-01T09:00:00Z"),
            description: text("A log file was readable."),
            controllers: vec![member(1), member(9)],
        });
    let network = scenario.network();
    let now = instant("2025-03-10T12:00:00Z");
    let whole = network_obligations(network, now);
    let members = network.members.iter().map(|(oid, _)| Some(oid));
    let sum: usize = members
        .chain([None])
        .map(|whose| {
            let own = obligations_of(network, whose, now);
            assert!(own.iter().all(|one| whole.contains(one)), "{own:?}");
            own.len()
        })
        .sum();
    assert_eq!(sum, whole.len());
}
