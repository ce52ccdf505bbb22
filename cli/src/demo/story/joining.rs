//! How an organisation of the story joins: the steps that the chapters put together.

use super::{Plan, created, document, organisation, own, words};
use domain::{
    AcceptTerms, ApplyForMembership, Assurance, CommandId, ConfirmJoiningNotification,
    ContactDetails, ContactRole, DeliverSignedCopy, DraftContract, EducationAct, EducationBasis,
    EducationLevel, EducationProvider, GiveAssurance, InstrumentKind, MemberRole, NamedContact,
    PersonId, RecordMemberSignature, RecordOperatorSignature, RequestSignatures,
    ServiceProviderKind, ServicePurpose, SignatureChannel,
};

/// What an organisation of the story is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Is {
    /// An education provider of this level.
    School(EducationLevel),
    /// An education provider that offers services as well.
    Both(EducationLevel),
    /// A company that offers services.
    Company,
}

/// An organisation that applies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Applicant {
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) is: Is,
}

/// Details of an invented person.
pub(super) fn contact(name: &str) -> ContactDetails {
    let mailbox: String = name
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' | 'å' => 'a',
            'ö' => 'o',
            ' ' => '.',
            other => other,
        })
        .collect();
    ContactDetails {
        name: own(name),
        email: own(&format!("{mailbox}@example.org")),
        phone: Some(own("+358 00 000 0000")),
        postal_address: None,
    }
}

/// Applies, under this kind of instrument.
pub(super) fn applies(
    plan: &mut Plan,
    day: i64,
    who: &Applicant,
    instrument: InstrumentKind,
) -> CommandId {
    let education = |level| EducationProvider {
        basis: vec![EducationBasis::Act(match level {
            EducationLevel::GeneralUpperSecondary => EducationAct::GeneralUpperSecondaryEducation,
            EducationLevel::Vocational => EducationAct::VocationalEducation,
            EducationLevel::University => EducationAct::Universities,
            EducationLevel::UniversityOfAppliedSciences => {
                EducationAct::UniversitiesOfAppliedSciences
            }
            EducationLevel::Early | EducationLevel::Basic => EducationAct::BasicEducation,
        })],
        levels: vec![level],
    };
    let purpose = |kind| ServicePurpose {
        kind,
        purpose: own("Oppimisen sähköisiä palveluja koulutuksen järjestäjille"),
        supports_education: true,
    };
    let (roles, education_provider, service_purpose) = match who.is {
        Is::School(level) => (
            vec![MemberRole::HomeOrganisation],
            Some(education(level)),
            None,
        ),
        Is::Both(level) => (
            vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider],
            Some(education(level)),
            Some(purpose(ServiceProviderKind::EducationProvider)),
        ),
        Is::Company => (
            vec![MemberRole::ServiceProvider],
            None,
            Some(purpose(ServiceProviderKind::Company)),
        ),
    };
    let named = |role, name| NamedContact {
        role,
        contact: contact(name),
    };
    let signatories = match instrument {
        InstrumentKind::Contract => vec![
            contact("Aino Allekirjoittaja"),
            contact("Antti Allekirjoittaja"),
        ],
        InstrumentKind::TermsOfUse => Vec::new(),
    };
    plan.on(
        day,
        ApplyForMembership {
            organisation: organisation(who.number),
            name: words(who.name),
            business_id: None,
            postal_address: own(&format!("PL {}, 00000 Kuvitteellinen", who.number)),
            roles,
            education_provider,
            service_purpose,
            instrument,
            contacts: vec![
                named(ContactRole::Contract, "Yrjö Yhteyshenkilö"),
                named(ContactRole::Technical, "Tuuli Tekninen"),
            ],
            signatories,
            electronic_signature: true,
        },
    )
}

/// The operator drafts the contract.
pub(super) fn draft(plan: &mut Plan, day: i64, number: u32) {
    plan.on(
        day,
        DraftContract {
            organisation: organisation(number),
            instrument: own("contract-2018"),
            signatories: Vec::new(),
        },
    );
}

/// The signatories are asked to sign.
pub(super) fn request(plan: &mut Plan, day: i64, number: u32, channel: SignatureChannel) {
    plan.on(
        day,
        RequestSignatures {
            organisation: organisation(number),
            channel,
        },
    );
}

/// A signatory signs, by the place in the application.
pub(super) fn signs(
    plan: &mut Plan,
    day: i64,
    number: u32,
    application: CommandId,
    place: usize,
    paper: bool,
) {
    let scan = paper.then(|| document(&format!("scan {number} {place}")));
    plan.on(
        day,
        RecordMemberSignature {
            organisation: organisation(number),
            signatory: PersonId(created(application, &format!("signatory {place}"))),
            signed_on: None,
            evidence: scan,
        },
    );
}

/// Joins by contract: applies on `day`, is a member ten days later.
pub(super) fn by_contract(plan: &mut Plan, day: i64, who: &Applicant, channel: SignatureChannel) {
    let number = who.number;
    let paper = channel == SignatureChannel::Paper;
    let application = applies(plan, day, who, InstrumentKind::Contract);
    draft(plan, day + 3, number);
    request(plan, day + 4, number, channel);
    signs(plan, day + 6, number, application, 0, paper);
    signs(plan, day + 8, number, application, 1, paper);
    plan.on(
        day + 10,
        RecordOperatorSignature {
            organisation: organisation(number),
            signed_on: None,
            document: document(&format!("contract {number}")),
        },
    );
    plan.on(
        day + 12,
        DeliverSignedCopy {
            organisation: organisation(number),
            delivered_on: None,
        },
    );
    assures(plan, day + 14, who);
}

/// Joins by joining notification under the terms of use: notifies on `day`, is a member two days
/// later.
pub(super) fn by_terms(plan: &mut Plan, day: i64, who: &Applicant) {
    applies(plan, day, who, InstrumentKind::TermsOfUse);
    accepts_terms(plan, day, who.number);
    plan.on(
        day + 2,
        ConfirmJoiningNotification {
            organisation: organisation(who.number),
            since: None,
        },
    );
    assures(plan, day + 5, who);
}

/// Accepts the terms of use.
pub(super) fn accepts_terms(plan: &mut Plan, day: i64, number: u32) {
    plan.on(
        day,
        AcceptTerms {
            organisation: organisation(number),
            instrument: own("terms-2023"),
            accepted_by: own("Heidi Hyväksyjä"),
            evidence: None,
        },
    );
}

/// Gives what a member of its roles assures the operator of.
fn assures(plan: &mut Plan, day: i64, who: &Applicant) {
    const HOME: [Assurance; 3] = [
        Assurance::FirstIdentification,
        Assurance::RulesOfUse,
        Assurance::InformingSubjects,
    ];
    const PROVIDER: [Assurance; 1] = [Assurance::ServicesMeetAnnex1];
    let assurances: &[&[Assurance]] = match who.is {
        Is::School(_) => &[&HOME],
        Is::Both(_) => &[&HOME, &PROVIDER],
        Is::Company => &[&PROVIDER],
    };
    for assurance in assurances.iter().copied().flatten() {
        plan.on(
            day,
            GiveAssurance {
                member: organisation(who.number),
                assurance: *assurance,
                given_on: None,
                statement: None,
            },
        );
    }
}
