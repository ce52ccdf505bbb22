//! Self-audits, assurances, the gates of production, obligations.

use super::*;
use crate::testing::{day, instant};
use crate::{
    AnnexNumber, AnnexSelection, CreateService, ObligationKind, PublishAnnex, Question,
    Questionnaire, Rule, SelfAuditGate, SelfAuditId, ServiceDescription, ServiceId, SetRule,
};

fn annex_1(version: &str) -> PublishAnnex {
    let question = |key: &str, required| Question {
        key: key.parse().unwrap(),
        text: crate::value::LanguageText::parse("Miten ensitunnistaminen tehdään?").unwrap(),
        required,
    };
    PublishAnnex {
        annex: AnnexNumber::SelfAudit,
        version: version.parse().unwrap(),
        title: crate::value::LanguageText::parse("Itseauditointi").unwrap(),
        document: document("a"),
        selects: Some(AnnexSelection::Questionnaire(Questionnaire {
            sample: true,
            questions: vec![question("first", true), question("second", false)],
        })),
        valid_from: day("2018-01-01"),
        transition_last_day: None,
    }
}

fn home() -> Scenario {
    joined(with_instruments(), &application()).given(annex_1("1.0"))
}

fn submit(questions: &[&str]) -> SubmitSelfAudit {
    let answer = |question: &&str| SelfAuditAnswer {
        question: question.parse().unwrap(),
        answer: "Henkilöllisyystodistuksesta".parse().unwrap(),
    };
    SubmitSelfAudit {
        member: municipality(),
        questionnaire: "1.0".parse().unwrap(),
        answers: questions.iter().map(answer).collect(),
    }
}

fn audit(scenario: &Scenario) -> SelfAuditId {
    row(scenario.network(), &municipality()).self_audits[0].id
}

fn review(self_audit: SelfAuditId, outcome: ReviewOutcome) -> ReviewSelfAudit {
    ReviewSelfAudit {
        member: municipality(),
        self_audit,
        outcome,
        remarks: None,
    }
}

fn rule(rule: Rule) -> SetRule {
    SetRule {
        rule,
        valid_from: day("2018-01-01"),
        source: "keksitty testiin".parse().unwrap(),
    }
}

#[test]
fn a_self_audit_goes_from_request_to_publication() {
    let scenario = home()
        .given(rule(Rule::SelfAuditRenewal { months: 24 }))
        .given(RequestSelfAudit {
            member: municipality(),
            due_on: Some(day("2025-03-31")),
        })
        .when(submit(&["second"]))
        .then_refused("ANSWER_MISSING")
        .when(submit(&["first", "first"]))
        .then_refused("REPEATED")
        .when(submit(&["first", "third"]))
        .then_refused("UNKNOWN")
        .when(SubmitSelfAudit {
            questionnaire: "2.0".parse().unwrap(),
            ..submit(&["first"])
        })
        .then_refused("WRONG_QUESTIONNAIRE")
        .given(submit(&["first"]));
    let id = audit(&scenario);
    let publish = PublishSelfAudit {
        member: municipality(),
        self_audit: id,
    };
    scenario
        .when(submit(&["first"]))
        .then_refused("WRONG_STATE")
        .when(publish.clone())
        .then_refused("WRONG_STATE")
        .when(review(id, ReviewOutcome::CorrectionsAsked))
        .then_refused("REMARKS_MISSING")
        .given(ReviewSelfAudit {
            remarks: Some("Tarkentakaa".parse().unwrap()),
            ..review(id, ReviewOutcome::CorrectionsAsked)
        })
        .given(submit(&["first", "second"]))
        .given(review(id, ReviewOutcome::Accepted))
        .given(publish.clone())
        .when(publish)
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(row.self_audits.len(), 1);
            let audit = row.accepted_self_audit().unwrap();
            assert_eq!(audit.state, SelfAuditState::Published);
            assert_eq!(audit.answers.len(), 2);
            assert!(audit.answers[0].answer.slot().is_some(), "sealed");
            let renewal = audit.renewal.as_ref().unwrap();
            assert_eq!(renewal.day, day("2027-01-01"));
        });
}

#[test]
fn a_report_has_bounds() {
    let long = "a".repeat(8_000);
    let answer = |question: &str| SelfAuditAnswer {
        question: question.parse().unwrap(),
        answer: long.parse().unwrap(),
    };
    home()
        .when(SubmitSelfAudit {
            answers: vec![
                answer("first"),
                answer("second"),
                answer("first"),
                answer("first"),
            ],
            ..submit(&[])
        })
        .then_refused("TOO_LONG");
}

#[test]
fn without_annex_1_nothing_is_asked() {
    joined(with_instruments(), &application())
        .when(RequestSelfAudit {
            member: municipality(),
            due_on: None,
        })
        .then_refused("RULE_NOT_SET");
}

#[test]
fn providers_write_no_self_audit() {
    joined(with_instruments(), &company_application())
        .given(annex_1("1.0"))
        .when(RequestSelfAudit {
            member: company(),
            due_on: None,
        })
        .then_refused("ROLE_MISSING");
}

fn home_gate(scenario: &Scenario) -> Result<(), &'static str> {
    let gate = scenario
        .network()
        .home_production_gate(&municipality(), scenario.now());
    gate.map_err(|rejection| rejection.code)
}

// Domain facts K1.
#[test]
fn the_self_audit_gate_is_a_rule() {
    let scenario = home();
    assert_eq!(home_gate(&scenario), Err("RULE_NOT_SET"));
    let scenario = scenario.given(rule(Rule::SelfAuditGate {
        gate: SelfAuditGate::AfterJoining,
    }));
    assert_eq!(home_gate(&scenario), Ok(()));
    let scenario = scenario.given(SetRule {
        valid_from: day("2025-01-01"),
        ..rule(Rule::SelfAuditGate {
            gate: SelfAuditGate::BeforeProduction,
        })
    });
    assert_eq!(home_gate(&scenario), Err("SELF_AUDIT_MISSING"));
    let scenario = scenario.given(submit(&["first"]));
    assert_eq!(home_gate(&scenario), Err("SELF_AUDIT_MISSING"));
    let id = audit(&scenario);
    let scenario = scenario.given(review(id, ReviewOutcome::Accepted));
    assert_eq!(home_gate(&scenario), Ok(()));
    let scenario = scenario
        .given(GiveNotice {
            member: municipality(),
            cause: None,
        })
        .at("2025-02-02");
    assert_eq!(home_gate(&scenario), Err("NOT_A_MEMBER"));
}

// Domain facts K1: the gate is a matter of the agreement's version.
#[test]
fn each_version_of_the_agreement_may_have_its_own_gate() {
    let under = |version: &str, gate| {
        let instrument = version.parse().unwrap();
        rule(Rule::SelfAuditGateUnder { instrument, gate })
    };
    let scenario = home()
        .given(rule(Rule::SelfAuditGate {
            gate: SelfAuditGate::AfterJoining,
        }))
        .when(under("contract-1999", SelfAuditGate::BeforeProduction))
        .then_refused("UNKNOWN")
        .given(under("terms-2023", SelfAuditGate::BeforeProduction));
    assert_eq!(home_gate(&scenario), Ok(()), "another version's gate");
    let scenario = scenario.given(under("contract-2018", SelfAuditGate::BeforeProduction));
    assert_eq!(home_gate(&scenario), Err("SELF_AUDIT_MISSING"));
    scenario.then_state(|network| {
        let on = day("2025-01-01");
        let gates = network.rules.iter().filter(|one| {
            network.rules.holds(one, on) && matches!(one.rule, Rule::SelfAuditGateUnder { .. })
        });
        assert_eq!(gates.count(), 2, "one beside the other");
    });
}

// Membership contract §5, service provider, second point.
#[test]
fn a_provider_starts_when_it_has_assured_and_notified() {
    let create = |organisation, name: &str| CreateService {
        organisation,
        description: ServiceDescription::named(crate::value::LanguageText::parse(name).unwrap()),
        environment: None,
    };
    let scenario = joined(with_instruments(), &company_application())
        .given(annex_1("1.0"))
        .given(create(company(), "Lukutehtävät"))
        .given(create(company(), "Laskutehtävät"))
        .given(create(municipality(), "Kirjasto"));
    let named = |name: &str| -> ServiceId {
        let services = &scenario.network().services.services;
        let found = services
            .iter()
            .find(|(_, service)| service.description.name.fi.as_str() == name);
        *found.unwrap().0
    };
    let (service, other, foreign) = (
        named("Lukutehtävät"),
        named("Laskutehtävät"),
        named("Kirjasto"),
    );
    let gate = |scenario: &Scenario| {
        let network = scenario.network();
        let gate = network.service_production_gate(&company(), service, scenario.now());
        gate.map_err(|rejection| rejection.code)
    };
    let start = |service| NotifyServiceStart {
        member: company(),
        service,
        starts_on: day("2025-02-01"),
    };
    let assure = GiveAssurance {
        member: company(),
        assurance: Assurance::ServicesMeetAnnex1,
        given_on: None,
        statement: None,
    };
    assert_eq!(gate(&scenario), Err("ASSURANCE_MISSING"));
    let scenario = scenario
        .when(start(Some(service)))
        .then_refused("ASSURANCE_MISSING")
        .when(GiveAssurance {
            assurance: Assurance::RulesOfUse,
            ..assure.clone()
        })
        .then_refused("ROLE_MISSING")
        .given(assure.clone())
        .when(assure)
        .then_refused("NOTHING_TO_CHANGE");
    assert_eq!(gate(&scenario), Err("SERVICE_START_MISSING"));
    let scenario = scenario
        .when(start(Some(foreign)))
        .then_refused("UNKNOWN")
        .given(start(Some(other)));
    assert_eq!(gate(&scenario), Err("SERVICE_START_MISSING"));
    let scenario = scenario
        .given(start(Some(service)))
        .when(start(Some(service)))
        .then_refused("NOTHING_TO_CHANGE");
    assert_eq!(gate(&scenario), Ok(()));
}

fn owed(network: &Network, at: &str) -> Vec<ObligationKind> {
    let owed = member_obligations(network, instant(at));
    owed.into_iter().map(|one| one.kind).collect()
}

#[test]
fn a_new_home_organisation_owes_and_is_owed() {
    use ObligationKind as Kind;
    let scenario = home();
    let now = "2025-01-02T12:00:00Z";
    assert_eq!(
        owed(scenario.network(), now),
        [
            Kind::DeliverSignedCopy,
            Kind::NameContact(ContactRole::Administrative),
            Kind::NameContact(ContactRole::Technical),
            Kind::NameContact(ContactRole::NoticeAddress),
            Kind::GiveAssurance(Assurance::FirstIdentification),
            Kind::GiveAssurance(Assurance::RulesOfUse),
            Kind::GiveAssurance(Assurance::InformingSubjects),
            Kind::RequestSelfAudit,
        ]
    );
    let scenario = scenario
        .given(DeliverSignedCopy {
            organisation: municipality(),
            delivered_on: None,
        })
        .given(NameContact {
            member: municipality(),
            role: ContactRole::Technical,
            contact: person("Tero Tekninen"),
            notified_on: None,
        });
    let left = owed(scenario.network(), now);
    assert!(!left.contains(&Kind::DeliverSignedCopy));
    assert!(!left.contains(&Kind::NameContact(ContactRole::Technical)));
}

#[test]
fn an_applicant_is_owed_an_answer() {
    with_instruments()
        .given(application())
        .then_state(|network| {
            assert_eq!(
                owed(network, "2025-01-02T12:00:00Z"),
                [ObligationKind::AnswerApplication]
            );
        });
}
