//! The first days: the founding, the rules, the agreement's texts, the organisation register.

use super::{Plan, created, document, organisation, own, words};
use crate::demo::addresses::Addresses;
use crate::demo::people::{self, Person};
use domain::data_model::Version;
use domain::time::{Date, Zone};
use domain::{
    AnnexNumber, AnnexSelection, ContactRole, FirstAdministrator, FoundLedger, GrantAccess,
    InstrumentKind, MajorityOf, NameOperatorContact, NameOwnerContact, NoticeCountsFrom,
    OrganisationDescription, OrganisationEntry, Party, PersonId, PublishAnnex, PublishInstrument,
    Purpose, Question, Questionnaire, RecordOrganisations, Right, Rule, SelfAuditGate,
    SemesterStart, SetRule, SetSemesterCalendar, Share,
};

/// The numbers of the operator and the owner.
pub(super) const OPERATOR: u32 = 900;
pub(super) const OWNER: u32 = 901;

/// The version of the self-audit's questions.
pub(super) const QUESTIONNAIRE: &str = "1.0";
/// Their keys.
pub(super) const QUESTIONS: [&str; 3] = ["first-identification", "rules-of-use", "informing"];

/// Organisations that are more than a name in the register: number, name, kind.
const PROVIDERS: [(u32, &str); 5] = [
    (101, "Kuvitteellinen kunta"),
    (103, "Esimerkkilän kaupunki"),
    (105, "Haaveen kunta"),
    (106, "Satulan kunta"),
    (109, "Unelmaopisto"),
];

/// Schools: number, name, code, kind of institution, whose.
const SCHOOLS: [(u32, &str, &str, &str, u32); 7] = [
    (1001, "Mallikoulu", "99901", "11", 101),
    (1002, "Esikuvan koulu", "99902", "11", 101),
    (1003, "Kuvitteellinen lukio", "99903", "15", 101),
    (1011, "Toisaalla koulu", "99911", "11", 103),
    (1012, "Unelmien ammattiopisto", "99912", "21", 109),
    (1013, "Haaveen koulu", "99913", "11", 105),
    (1014, "Satulan koulu", "99914", "11", 106),
];

/// Plans the first days, and says who the administrator with a seat in the steering group is.
pub(super) fn plan(plan: &mut Plan, addresses: &Addresses) -> PersonId {
    let steering_member = found(plan, addresses);
    texts(plan);
    register(plan);
    steering_member
}

fn rule(rule: Rule) -> SetRule {
    SetRule {
        rule,
        valid_from: own::<Date>("2018-01-01"),
        source: own("invented for the demo"),
    }
}

fn found(plan: &mut Plan, addresses: &Addresses) -> PersonId {
    let party = |number, name| Party {
        organisation: organisation(number),
        name: words(name),
        business_id: None,
    };
    let share = |numerator, denominator| Share {
        numerator,
        denominator,
    };
    let rights = |person: &Person| match person.subject {
        people::OPERATOR => vec![Right::Operator],
        people::OWNER => vec![Right::Owner],
        people::AUDITOR => vec![Right::Auditor],
        people::STEERING_MEMBER => vec![Right::SteeringMember],
        _ => vec![],
    };
    let administrator = |person: &Person| FirstAdministrator {
        subject: own(person.subject),
        name: own(person.name),
        rights: rights(person),
    };
    let administrators = people::administrators();
    let founding = plan.on(
        -400,
        FoundLedger {
            purpose: Purpose::Demo,
            zone: Zone::named(super::ZONE).unwrap_or_else(|| plan.zone.clone()),
            operator: party(OPERATOR, "Kuvitteellinen operaattori"),
            owner: party(OWNER, "Kuvitteellinen omistaja"),
            sign_in_issuer: addresses.sign_in.clone(),
            first_administrators: administrators.iter().map(administrator).collect(),
            rules: vec![
                rule(Rule::QualifiedMajority {
                    share: share(2, 3),
                    of: MajorityOf::VotesCast,
                }),
                rule(Rule::Quorum { share: share(1, 2) }),
                rule(Rule::SelfAuditGate {
                    gate: SelfAuditGate::AfterJoining,
                }),
                rule(Rule::SelfAuditRenewal { months: 36 }),
                rule(Rule::NoticeCountsFrom {
                    from: NoticeCountsFrom::Receipt,
                }),
                rule(Rule::SessionLifetime { minutes: 60 }),
                rule(Rule::AuthenticationRetention { months: 24 }),
                rule(Rule::TermsNoticeByMember { months: 1 }),
                rule(Rule::TermsNoticeByOperator { months: 6 }),
            ],
        },
    );
    // The ids of those who were named first, by their place in the list.
    let person = |subject: &str| {
        let place = administrators
            .iter()
            .position(|person| person.subject == subject);
        PersonId(created(
            founding,
            &format!("administrator {}", place.unwrap_or(0)),
        ))
    };
    plan.on(
        -400,
        GrantAccess {
            person: person(people::APPLICANT),
            right: Right::Applicant,
            organisation: Some(organisation(super::members::APPLICANT)),
        },
    );
    for (role, name) in [
        (ContactRole::Contract, "Salla Sopimus"),
        (ContactRole::Technical, "Teppo Tekninen"),
    ] {
        plan.on(
            -400,
            NameOperatorContact {
                role,
                contact: super::joining::contact(name),
                notified_on: None,
            },
        );
    }
    plan.on(
        -400,
        NameOwnerContact {
            role: ContactRole::Contract,
            contact: super::joining::contact("Onerva Omistaja"),
            notified_on: None,
        },
    );
    let start = |month, day| SemesterStart { month, day };
    plan.on(
        -400,
        SetSemesterCalendar {
            member: None,
            starts: vec![start(1, 1), start(8, 1)],
            valid_from: None,
        },
    );
    person(people::STEERING_MEMBER)
}

fn texts(plan: &mut Plan) {
    let instruments = [
        (
            InstrumentKind::Contract,
            "contract-2018",
            "Jäsensopimus",
            "2018-01-01",
        ),
        (
            InstrumentKind::TermsOfUse,
            "terms-2023",
            "Käyttöehdot",
            "2023-12-19",
        ),
    ];
    for (kind, version, title, valid_from) in instruments {
        plan.on(
            -400,
            PublishInstrument {
                kind,
                version: own(version),
                title: words(title),
                document: document(title),
                address: None,
                valid_from: own(valid_from),
            },
        );
    }
    let question = |key: &&str| Question {
        key: own(key),
        text: words(match *key {
            "first-identification" => "Miten käyttäjä tunnistetaan ensi kerran?",
            "rules-of-use" => "Miten käyttösäännöt annetaan tiedoksi?",
            _ => "Miten rekisteröityjä informoidaan?",
        }),
        required: true,
    };
    let questionnaire = Questionnaire {
        sample: true,
        questions: QUESTIONS.iter().map(question).collect(),
    };
    let annexes = [
        (
            AnnexNumber::SelfAudit,
            QUESTIONNAIRE,
            "Itseauditointi",
            Some(AnnexSelection::Questionnaire(questionnaire)),
        ),
        (AnnexNumber::RulesOfUse, "1.0", "Käyttösäännöt", None),
        (
            AnnexNumber::DataModel,
            "1.3",
            "Tietomalli",
            Some(AnnexSelection::DataModel(Version::V1_3)),
        ),
        (AnnexNumber::Services, "1.0", "Palvelut", None),
    ];
    for (annex, version, title, selects) in annexes {
        plan.on(
            -400,
            PublishAnnex {
                annex,
                version: own(version),
                title: words(title),
                document: document(title),
                selects,
                valid_from: own("2022-08-02"),
                transition_last_day: None,
            },
        );
    }
}

fn register(plan: &mut Plan) {
    let entry = |number, name, types: &str| OrganisationEntry {
        organisation: organisation(number),
        description: OrganisationDescription {
            name: words(name),
            business_id: None,
            types: vec![own(types)],
            institution_type: None,
            school_code: None,
            municipality: None,
            parent: None,
        },
        active: true,
    };
    let mut organisations: Vec<_> = PROVIDERS
        .iter()
        .map(|(number, name)| entry(*number, name, "organisaatiotyyppi_01"))
        .collect();
    for (number, name, code, kind, provider) in SCHOOLS {
        let mut school = entry(number, name, "organisaatiotyyppi_02");
        school.description.school_code = Some(own(code));
        school.description.institution_type = Some(own(kind));
        school.description.parent = Some(organisation(provider));
        organisations.push(school);
    }
    plan.on(
        -400,
        RecordOrganisations {
            organisations,
            complete: false,
            under: None,
        },
    );
}
