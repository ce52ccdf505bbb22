//! What the tests of membership share: an invented municipality and an invented company.

use super::*;
use crate::testing::Scenario;
use crate::value::DocumentReference;
use crate::{ContactDetails, ContactRole, InstrumentKind, Network, PersonId};

mod basis;
mod breach;
mod duties;
mod ending;
mod joining;
mod matters;
mod outage;
mod properties;
mod terms;
mod writing;

/// The invented municipality.
pub(crate) fn municipality() -> OrganisationOid {
    "1.2.246.562.99.00000000101".parse().unwrap()
}

/// The invented company.
pub(crate) fn company() -> OrganisationOid {
    "1.2.246.562.99.00000000102".parse().unwrap()
}

/// The document of 64 times this digit.
pub(crate) fn document(digit: &str) -> DocumentReference {
    digit.repeat(64).parse().unwrap()
}

/// Details of an invented person.
pub(crate) fn person(name: &str) -> ContactDetails {
    ContactDetails {
        name: name.parse().unwrap(),
        email: "nimi@kunta.example".parse().unwrap(),
        phone: Some("+358 00 000 0000".parse().unwrap()),
        postal_address: None,
    }
}

/// An education provider of basic education.
pub(crate) fn education() -> EducationProvider {
    EducationProvider {
        basis: vec![EducationBasis::Act(EducationAct::BasicEducation)],
        levels: vec![crate::EducationLevel::Basic],
    }
}

/// The purpose of a company that may join.
pub(crate) fn purpose() -> ServicePurpose {
    ServicePurpose {
        kind: ServiceProviderKind::Company,
        purpose: "Oppimisympäristö peruskouluille".parse().unwrap(),
        supports_education: true,
    }
}

/// The municipality's application for a contract as a home organisation.
pub(crate) fn application() -> ApplyForMembership {
    ApplyForMembership {
        organisation: municipality(),
        name: crate::value::LanguageText::parse("Kuvitteellinen kunta").unwrap(),
        business_id: None,
        postal_address: "PL 1, 00001 Kuvitteellinen".parse().unwrap(),
        roles: vec![MemberRole::HomeOrganisation],
        education_provider: Some(education()),
        service_purpose: None,
        instrument: InstrumentKind::Contract,
        contacts: vec![NamedContact {
            role: ContactRole::Contract,
            contact: person("Yrjö Yhteyshenkilö"),
        }],
        signatories: vec![
            person("Aino Allekirjoittaja"),
            person("Antti Allekirjoittaja"),
        ],
        electronic_signature: true,
    }
}

/// The company's application for a contract as a service provider.
pub(crate) fn company_application() -> ApplyForMembership {
    ApplyForMembership {
        organisation: company(),
        roles: vec![MemberRole::ServiceProvider],
        education_provider: None,
        service_purpose: Some(purpose()),
        ..application()
    }
}

/// Who signs for `organisation`, as the draft names them.
pub(crate) fn signatories(network: &Network, organisation: &OrganisationOid) -> Vec<PersonId> {
    let contract = network.members.get(organisation).unwrap().contract.as_ref();
    let people = contract.unwrap().signatories.iter();
    people.map(|one| one.contact.person).collect()
}

/// Publishes an instrument of this name.
pub(crate) fn publish_instrument(
    version: &str,
    kind: InstrumentKind,
    valid_from: &str,
) -> crate::PublishInstrument {
    crate::PublishInstrument {
        kind,
        version: version.parse().unwrap(),
        title: crate::value::LanguageText::parse("Kuvitteellinen asiakirja").unwrap(),
        document: document("e"),
        address: None,
        valid_from: crate::testing::day(valid_from),
    }
}

/// A founded network with the published instruments `contract-2018`, `contract-2020` and
/// `terms-2023`.
pub(crate) fn with_instruments() -> Scenario {
    Scenario::founded()
        .given(publish_instrument(
            "contract-2018",
            InstrumentKind::Contract,
            "2018-01-01",
        ))
        .given(publish_instrument(
            "contract-2020",
            InstrumentKind::Contract,
            "2020-03-01",
        ))
        .given(publish_instrument(
            "terms-2023",
            InstrumentKind::TermsOfUse,
            "2023-12-19",
        ))
}

/// The contract of an applicant, up to the signatures of all its signatories.
pub(crate) fn signed_by_member(scenario: Scenario, application: &ApplyForMembership) -> Scenario {
    let organisation = application.organisation.clone();
    let mut scenario = scenario
        .given(application.clone())
        .given(DraftContract {
            organisation: organisation.clone(),
            instrument: "contract-2018".parse().unwrap(),
            signatories: Vec::new(),
        })
        .given(RequestSignatures {
            organisation: organisation.clone(),
            channel: SignatureChannel::Electronic,
        });
    for signatory in signatories(scenario.network(), &organisation) {
        scenario = scenario.given(RecordMemberSignature {
            organisation: organisation.clone(),
            signatory,
            signed_on: None,
            evidence: None,
        });
    }
    scenario
}

/// A member by contract.
pub(crate) fn joined(scenario: Scenario, application: &ApplyForMembership) -> Scenario {
    signed_by_member(scenario, application).given(RecordOperatorSignature {
        organisation: application.organisation.clone(),
        signed_on: None,
        document: document("c"),
    })
}

/// The row of `organisation`.
pub(crate) fn row<'a>(network: &'a Network, organisation: &OrganisationOid) -> &'a Member {
    network.members.get(organisation).unwrap()
}
