//! What a membership rests on: a contract under way leads to a membership by an application alone,
//! and a membership goes from one instrument to the other and back without a gap.

use super::ending::*;
use super::*;
use crate::Command;
use crate::testing::instant;

fn draft(instrument: &str) -> DraftContract {
    DraftContract {
        organisation: municipality(),
        instrument: instrument.parse().unwrap(),
        signatories: vec![person("Aino Allekirjoittaja")],
    }
}

fn request() -> RequestSignatures {
    RequestSignatures {
        organisation: municipality(),
        channel: SignatureChannel::Electronic,
    }
}

fn member_signs(network: &Network) -> RecordMemberSignature {
    RecordMemberSignature {
        organisation: municipality(),
        signatory: signatories(network, &municipality())[0],
        signed_on: None,
        evidence: None,
    }
}

fn operator_signs() -> RecordOperatorSignature {
    RecordOperatorSignature {
        organisation: municipality(),
        signed_on: None,
        document: document("d"),
    }
}

/// A draft of this version with every signature of the member.
fn drafted_and_signed(scenario: Scenario, instrument: &str) -> Scenario {
    let scenario = scenario.given(draft(instrument)).given(request());
    let signature = member_signs(scenario.network());
    scenario.given(signature)
}

// Membership contract §4 ¶4–¶6, §5 ¶1: nobody is a member without application and role.
#[test]
fn a_contract_left_open_does_not_outlive_the_membership() {
    let scenario = drafted_and_signed(home().at("2025-02-03"), "contract-2020")
        .given(leave(municipality()))
        .at("2025-03-04");
    // Neither before the clerk has recorded the end nor after.
    scenario
        .when(operator_signs())
        .then_refused("WRONG_STATE")
        .when(request())
        .then_refused("WRONG_STATE")
        .given(RecordMembershipEnd {
            member: municipality(),
        })
        .then_state(|network| assert!(row(network, &municipality()).contract.is_none()))
        .when(operator_signs())
        .then_refused("WRONG_STATE");
}

#[test]
fn a_new_application_keeps_its_contract_when_the_old_end_is_recorded() {
    let scenario = home()
        .at("2025-02-03")
        .given(leave(municipality()))
        .at("2025-03-04");
    signed_by_member(scenario, &application())
        .given(RecordMembershipEnd {
            member: municipality(),
        })
        .when(operator_signs())
        .then(&["OperatorSigned", "MembershipStarted", "RoleGranted"]);
}

#[test]
fn a_draft_of_before_does_not_lead_back_from_the_terms() {
    drafted_and_signed(home().at("2025-02-03"), "contract-2020")
        .given(accept_terms())
        .when(operator_signs())
        .then_refused("WRONG_STATE");
}

#[test]
fn another_version_of_the_contract_takes_over_without_a_gap() {
    drafted_and_signed(home().at("2025-02-03"), "contract-2020")
        .when(operator_signs())
        .then(&["OperatorSigned", "LegalBasisChanged"])
        .then_state(|network| assert_eq!(row(network, &municipality()).windows().len(), 1));
}

#[test]
fn a_member_goes_from_terms_to_a_contract_without_a_gap() {
    let scenario = home()
        .at("2025-02-03")
        .given(accept_terms())
        .at("2025-03-03")
        .given(leave_by_rule())
        .given(leave(municipality()))
        .at("2025-03-10");
    drafted_and_signed(scenario, "contract-2020")
        .when(draft("contract-2018"))
        .then_refused("WRONG_STATE")
        .then_state(|network| {
            let kind =
                row(network, &municipality()).instrument_kind(instant("2025-03-10T12:00:00Z"));
            assert_eq!(
                kind,
                Some(InstrumentKind::TermsOfUse),
                "until the operator signs"
            );
        })
        .when(operator_signs())
        .then(&["OperatorSigned", "LegalBasisChanged"])
        .then_state(|network| {
            let row = row(network, &municipality());
            let kinds: Vec<_> = row.legal_bases.iter().map(|basis| basis.kind).collect();
            assert_eq!(
                kinds,
                [
                    InstrumentKind::Contract,
                    InstrumentKind::TermsOfUse,
                    InstrumentKind::Contract
                ]
            );
            assert_eq!(row.windows().len(), 1, "no gap");
            assert_eq!(
                row.ends_at(),
                None,
                "what the notice was to end was replaced"
            );
            assert_eq!(
                row.role_windows(MemberRole::HomeOrganisation),
                row.windows()
            );
        });
}

fn leave_by_rule() -> crate::SetRule {
    crate::SetRule {
        rule: crate::Rule::TermsNoticeByMember { months: 1 },
        valid_from: crate::testing::day("2025-03-03"),
        source: "keksitty testiin".parse().unwrap(),
    }
}

#[test]
fn what_the_other_instrument_does_not_admit_is_not_drafted() {
    let early = ApplyForMembership {
        education_provider: Some(EducationProvider {
            levels: vec![crate::EducationLevel::Early],
            ..education()
        }),
        instrument: InstrumentKind::TermsOfUse,
        ..application()
    };
    with_instruments()
        .given(early)
        .given(accept_terms())
        .given(ConfirmJoiningNotification {
            organisation: municipality(),
            since: None,
        })
        .when(draft("contract-2020"))
        .then_refused("NOT_ELIGIBLE");
}

// Membership contract §4, last paragraph: one member has one contract.
#[test]
fn two_organisations_do_not_join_under_one_business_id() {
    let with_id = |application: ApplyForMembership| ApplyForMembership {
        business_id: Some("0000001-9".parse().unwrap()),
        ..application
    };
    let accepted = AcceptMember {
        organisation: company(),
        name: None,
        business_id: Some("0000001-9".parse().unwrap()),
        instrument: "contract-2018".parse().unwrap(),
        since: crate::testing::day("2024-01-01"),
        evidence: "keksitty testiin".parse().unwrap(),
        roles: vec![MemberRole::ServiceProvider],
    };
    let second: Command = with_id(company_application()).into();
    let scenario = signed_by_member(with_instruments(), &with_id(application()))
        .when(second.clone())
        .then_refused("NAME_TAKEN");
    // The operator accepts an older membership under the same number: the applicant is not let in.
    scenario
        .given(accepted)
        .when(operator_signs())
        .then_refused("NAME_TAKEN");
    with_instruments()
        .given(with_id(application()))
        .given(WithdrawApplication {
            organisation: municipality(),
        })
        .given(second);
}

// Joining page of the agreement: the applicant says where electronic signature does not suit.
#[test]
fn whom_electronic_signature_does_not_suit_signs_on_paper() {
    let on_paper = ApplyForMembership {
        electronic_signature: false,
        ..application()
    };
    with_instruments()
        .given(on_paper)
        .given(draft("contract-2018"))
        .when(request())
        .then_refused("CHANNEL_UNSUITABLE")
        .given(RequestSignatures {
            channel: SignatureChannel::Paper,
            ..request()
        });
}

#[test]
fn whoever_signs_can_be_called() {
    let silent = || crate::ContactDetails {
        phone: None,
        ..person("Aino Allekirjoittaja")
    };
    with_instruments()
        .when(ApplyForMembership {
            signatories: vec![silent()],
            ..application()
        })
        .then_refused("PHONE_MISSING")
        .given(application())
        .when(DraftContract {
            signatories: vec![silent()],
            ..draft("contract-2018")
        })
        .then_refused("PHONE_MISSING");
}
