//! Applying, signing, accepting terms, roles.

use super::*;
use crate::testing::{day, instant};
use rstest::rstest;

#[test]
fn the_membership_starts_with_the_operators_signature() {
    signed_by_member(with_instruments(), &application())
        .then_state(|network| {
            let row = row(network, &municipality());
            assert!(row.windows().is_empty());
            assert_eq!(
                row.standing(instant("2025-01-01T10:00:00Z")),
                MemberStanding::AwaitingOperator
            );
        })
        .at("2025-01-20T08:00:00Z")
        .when(RecordOperatorSignature {
            organisation: municipality(),
            signed_on: None,
            document: document("c"),
        })
        .then(&["OperatorSigned", "MembershipStarted", "RoleGranted"])
        .then_state(|network| {
            let row = row(network, &municipality());
            let start = instant("2025-01-20T08:00:00Z");
            assert!(!row.in_force(instant("2025-01-20T07:59:59Z")));
            assert!(row.in_force(start));
            assert!(row.is_home_organisation_only(start));
            assert_eq!(row.standing(start), MemberStanding::InForce);
        })
        .given(DeliverSignedCopy {
            organisation: municipality(),
            delivered_on: None,
        })
        .when(DeliverSignedCopy {
            organisation: municipality(),
            delivered_on: None,
        })
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn the_operator_signs_last() {
    let organisation = municipality();
    let scenario = with_instruments()
        .given(application())
        .given(DraftContract {
            organisation: organisation.clone(),
            instrument: "contract-2018".parse().unwrap(),
            signatories: Vec::new(),
        })
        .given(RequestSignatures {
            organisation: organisation.clone(),
            channel: SignatureChannel::Paper,
        });
    let people = signatories(scenario.network(), &organisation);
    let sign = |signatory, evidence| RecordMemberSignature {
        organisation: municipality(),
        signatory,
        signed_on: None,
        evidence,
    };
    let operator = |signed_on| RecordOperatorSignature {
        organisation: municipality(),
        signed_on,
        document: document("c"),
    };
    scenario
        .when(sign(people[0], None))
        .then_refused("EVIDENCE_MISSING")
        .given(sign(people[0], Some(document("a"))))
        .when(sign(people[0], Some(document("a"))))
        .then_refused("NOTHING_TO_CHANGE")
        .when(operator(None))
        .then_refused("SIGNATURE_MISSING")
        .at("2025-02-03")
        .given(sign(people[1], Some(document("b"))))
        .when(operator(Some(day("2025-02-02"))))
        .then_refused("TOO_EARLY")
        .when(operator(Some(day("2025-02-04"))))
        .then_refused("IN_THE_FUTURE")
        .given(operator(None));
}

#[test]
fn a_later_record_starts_the_membership_with_the_day_of_the_signature() {
    signed_by_member(with_instruments(), &application())
        .at("2025-01-20")
        .given(RecordOperatorSignature {
            organisation: municipality(),
            signed_on: Some(day("2025-01-13")),
            document: document("c"),
        })
        .then_state(|network| {
            let window = row(network, &municipality()).windows()[0];
            assert_eq!(window.from, instant("2025-01-12T22:00:00Z"));
        });
}

// Membership contract §4 ¶4–¶5, §5 ¶1.
#[rstest]
#[case::only_education_providers_are_home_organisations(ApplyForMembership {
    education_provider: None, ..application()
}, "NOT_ELIGIBLE")]
#[case::both_roles_only_for_education_providers(ApplyForMembership {
    roles: vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider], ..company_application()
}, "NOT_ELIGIBLE")]
#[case::a_provider_supports_education(ApplyForMembership {
    service_purpose: Some(ServicePurpose { supports_education: false, ..purpose() }),
    ..company_application()
}, "NOT_ELIGIBLE")]
#[case::an_education_provider_has_a_basis(ApplyForMembership {
    education_provider: Some(EducationProvider { basis: vec![], ..education() }), ..application()
}, "NOT_ELIGIBLE")]
#[case::some_role(ApplyForMembership { roles: vec![], ..application() }, "ROLE_MISSING")]
#[case::a_contract_contact(ApplyForMembership { contacts: vec![], ..application() }, "CONTACT_MISSING")]
#[case::somebody_signs(ApplyForMembership { signatories: vec![], ..application() }, "SIGNATORY_MISSING")]
#[case::not_too_many_sign(ApplyForMembership {
    signatories: vec![person("Aino Allekirjoittaja"); 11], ..application()
}, "TOO_MANY")]
fn an_application_is_complete_and_eligible(
    #[case] application: ApplyForMembership,
    #[case] code: &str,
) {
    with_instruments().when(application).then_refused(code);
}

// Domain facts J.4: early childhood under the terms, universities under the contract.
#[rstest]
#[case("contract-2018", crate::EducationLevel::Early, false)]
#[case("contract-2018", crate::EducationLevel::University, true)]
#[case("terms-2023", crate::EducationLevel::Early, true)]
#[case("terms-2023", crate::EducationLevel::University, false)]
fn the_instrument_names_the_levels(
    #[case] instrument: &str,
    #[case] level: crate::EducationLevel,
    #[case] eligible: bool,
) {
    let applied = with_instruments().given(ApplyForMembership {
        education_provider: Some(EducationProvider {
            levels: vec![level],
            ..education()
        }),
        ..application()
    });
    let next: crate::Command = if instrument.starts_with("terms") {
        accept_terms(municipality()).into()
    } else {
        DraftContract {
            organisation: municipality(),
            instrument: instrument.parse().unwrap(),
            signatories: Vec::new(),
        }
        .into()
    };
    if eligible {
        applied.given(next);
    } else {
        applied.when(next).then_refused("NOT_ELIGIBLE");
    }
}

fn accept_terms(organisation: OrganisationOid) -> AcceptTerms {
    AcceptTerms {
        organisation,
        instrument: "terms-2023".parse().unwrap(),
        accepted_by: "Heli Hyväksyjä".parse().unwrap(),
        evidence: None,
    }
}

#[test]
fn a_joining_notification_waits_for_the_operator() {
    with_instruments()
        .given(ApplyForMembership {
            instrument: InstrumentKind::TermsOfUse,
            signatories: Vec::new(),
            ..application()
        })
        .when(ConfirmJoiningNotification {
            organisation: municipality(),
            since: None,
        })
        .then_refused("WRONG_STATE")
        .when(accept_terms(municipality()))
        .then(&["TermsAccepted"])
        .then_state(|network| {
            assert!(row(network, &municipality()).windows().is_empty());
        })
        .when(ConfirmJoiningNotification {
            organisation: municipality(),
            since: None,
        })
        .then(&[
            "JoiningNotificationConfirmed",
            "MembershipStarted",
            "RoleGranted",
        ]);
}

#[test]
fn a_member_goes_over_to_terms_without_a_gap() {
    joined(with_instruments(), &application())
        .at("2025-06-02T09:00:00Z")
        .when(accept_terms(municipality()))
        .then(&["TermsAccepted", "LegalBasisChanged"])
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(row.windows().len(), 1, "one membership, two bases");
            let (before, after) = (
                instant("2025-06-02T08:59:59Z"),
                instant("2025-06-02T09:00:00Z"),
            );
            assert_eq!(row.instrument_kind(before), Some(InstrumentKind::Contract));
            assert_eq!(row.instrument_kind(after), Some(InstrumentKind::TermsOfUse));
            assert!(row.has_role(MemberRole::HomeOrganisation, after));
        })
        .when(accept_terms(municipality()))
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn what_is_signed_is_not_accepted_and_the_other_way_round() {
    with_instruments()
        .given(application())
        .when(AcceptTerms {
            instrument: "contract-2018".parse().unwrap(),
            ..accept_terms(municipality())
        })
        .then_refused("WRONG_INSTRUMENT")
        .when(DraftContract {
            organisation: municipality(),
            instrument: "terms-2023".parse().unwrap(),
            signatories: Vec::new(),
        })
        .then_refused("WRONG_INSTRUMENT");
}

#[test]
fn an_older_membership_is_accepted_as_it_was() {
    let accept = AcceptMember {
        organisation: municipality(),
        name: None,
        business_id: None,
        instrument: "terms-2023".parse().unwrap(),
        since: day("2023-12-19"),
        evidence: "loading files of 1 January 2025".parse().unwrap(),
        roles: vec![MemberRole::HomeOrganisation],
    };
    with_instruments()
        .when(AcceptMember {
            since: day("2025-01-02"),
            ..accept.clone()
        })
        .then_refused("IN_THE_FUTURE")
        .when(accept.clone())
        .then(&["MemberAccepted", "MembershipStarted", "RoleGranted"])
        .then_state(|network| {
            let row = row(network, &municipality());
            assert!(row.in_force(instant("2023-12-18T22:00:00Z")));
            assert!(!row.in_force(instant("2023-12-18T21:59:59Z")));
            assert!(row.is_education_provider());
        })
        .when(accept)
        .then_refused("ALREADY_A_MEMBER");
}

#[test]
fn an_application_is_refused_or_withdrawn_and_made_anew() {
    let organisation = municipality();
    with_instruments()
        .given(application())
        .when(application())
        .then_refused("WRONG_STATE")
        .given(RefuseApplication {
            organisation: organisation.clone(),
            because: "Puuttuva päätös".parse().unwrap(),
        })
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(
                row.standing(instant("2025-01-01T10:00:00Z")),
                MemberStanding::Refused
            );
        })
        .given(application())
        .given(WithdrawApplication { organisation })
        .given(application());
}

#[test]
fn one_business_id_is_one_member() {
    let id: Option<crate::value::BusinessId> = Some("0920632-0".parse().unwrap());
    let application = ApplyForMembership {
        business_id: id.clone(),
        ..application()
    };
    joined(with_instruments(), &application)
        .when(ApplyForMembership {
            business_id: id,
            ..company_application()
        })
        .then_refused("NAME_TAKEN")
        .when(application)
        .then_refused("ALREADY_A_MEMBER");
}

#[test]
fn leaving_partly_is_withdrawing_a_role() {
    let organisation = municipality();
    let role = MemberRole::ServiceProvider;
    let grant = GrantRole {
        member: organisation.clone(),
        role,
    };
    let withdraw = |role, last_day: Option<&str>| WithdrawRole {
        member: municipality(),
        role,
        last_day: last_day.map(day),
    };
    joined(with_instruments(), &application())
        .when(grant.clone())
        .then_refused("NOT_ELIGIBLE")
        .given(RecordEligibility {
            member: organisation.clone(),
            education_provider: Some(education()),
            service_purpose: Some(purpose()),
        })
        .given(grant.clone())
        .when(grant.clone())
        .then_refused("NOTHING_TO_CHANGE")
        .given(withdraw(role, Some("2025-03-30")))
        .when(withdraw(role, Some("2024-03-30")))
        .then_refused("TOO_EARLY")
        .when(withdraw(MemberRole::HomeOrganisation, None))
        .then_refused("LAST_ROLE")
        .then_state(|network| {
            let row = row(network, &municipality());
            // The clocks went forward that morning: the day ended at 21:00 UTC.
            assert!(row.is_dual(instant("2025-03-30T20:59:59Z")));
            assert!(row.is_home_organisation_only(instant("2025-03-30T21:00:00Z")));
        })
        .given(grant)
        .then_state(|network| {
            let windows = row(network, &municipality()).role_windows(role);
            assert_eq!(windows.len(), 2);
            assert_eq!(windows[0].until, Some(windows[1].from));
        });
}

#[test]
fn a_company_stays_a_service_provider() {
    joined(with_instruments(), &company_application())
        .when(GrantRole {
            member: company(),
            role: MemberRole::HomeOrganisation,
        })
        .then_refused("NOT_ELIGIBLE");
}

#[test]
fn a_new_contact_takes_the_place_of_the_old_one() {
    let name = |name| NameContact {
        member: municipality(),
        role: ContactRole::Contract,
        contact: person(name),
        notified_on: None,
    };
    with_instruments()
        .given(application())
        .at("2025-02-01T00:00:00Z")
        .given(name("Uusi Yhteyshenkilö"))
        .then_state(|network| {
            let row = row(network, &municipality());
            let (now, then) = ("2025-02-01T00:00:00Z", "2025-01-31T23:59:59Z");
            let contact = |at| row.contact_at(ContactRole::Contract, instant(at)).unwrap();
            assert_ne!(contact(now).person, contact(then).person);
            assert_eq!(row.contact(ContactRole::Contract).unwrap(), contact(now));
            assert!(contact(now).email.slot().is_some(), "sealed");
        })
        .when(NameContact {
            member: company(),
            ..name("Uusi Yhteyshenkilö")
        })
        .then_refused("NOT_A_MEMBER");
}
