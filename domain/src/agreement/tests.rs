//! What the tests of the agreement share, and those of its instruments and annexes.

use super::*;
use crate::steering::tests::with_group;
use crate::testing::{Scenario, day, instant};
use crate::value::{LanguageText, OrganisationOid};
use crate::{AcceptMember, AmendmentId, MemberRole, SeatId};

pub(crate) fn member(number: u32) -> OrganisationOid {
    format!("1.2.246.562.99.{number:011}").parse().unwrap()
}

pub(crate) fn document(letter: char) -> crate::value::DocumentReference {
    letter.to_string().repeat(64).parse().unwrap()
}

pub(crate) fn title(text: &str) -> LanguageText {
    LanguageText::parse(text).unwrap()
}

pub(crate) fn data_model_annex(
    version: &str,
    model: Version,
    valid_from: &str,
    transition_last_day: Option<&str>,
) -> PublishAnnex {
    PublishAnnex {
        annex: AnnexNumber::DataModel,
        version: version.parse().unwrap(),
        title: title("Tietomalli"),
        document: document('a'),
        selects: Some(AnnexSelection::DataModel(model)),
        valid_from: day(valid_from),
        transition_last_day: transition_last_day.map(day),
    }
}

/// A proposal of 1 January 2025 that annex 2 be replaced on 1 June 2025.
pub(crate) fn proposal() -> ProposeAmendment {
    ProposeAmendment {
        annex: AnnexNumber::RulesOfUse,
        version: "2.0".parse().unwrap(),
        title: title("Käyttösäännöt"),
        document: document('b'),
        selects: None,
        description: "Shared accounts are forbidden.".parse().unwrap(),
        enters_on: day("2025-06-01"),
        transition_last_day: None,
        urgent: None,
    }
}

/// The only amendment of the network.
pub(crate) fn only_amendment(scenario: &Scenario) -> AmendmentId {
    let amendments = &scenario.network().agreement.amendments;
    assert_eq!(amendments.len(), 1);
    *amendments.iter().next().unwrap().0
}

pub(crate) fn cast(amendment: AmendmentId, seat: SeatId, ballot: Ballot) -> CastVote {
    CastVote {
        amendment,
        seat,
        ballot,
    }
}

pub(crate) fn decide_on(amendment: AmendmentId, decided_on: &str) -> DecideAmendment {
    DecideAmendment {
        amendment,
        decided_on: day(decided_on),
        meeting: None,
    }
}

/// Accepts an invented member under `contract-2018` or `terms-2023`, both published.
pub(crate) fn accept(number: u32, instrument: &str) -> AcceptMember {
    AcceptMember {
        organisation: member(number),
        name: None,
        business_id: None,
        instrument: instrument.parse().unwrap(),
        since: day("2024-01-01"),
        evidence: "invented for tests".parse().unwrap(),
        roles: vec![MemberRole::HomeOrganisation],
    }
}

/// What was proposed on 1 January 2025, approved on 15 January, in a network with member 1 under
/// the contract and member 9 under the terms of use.
pub(crate) fn approved(proposal: ProposeAmendment) -> (Scenario, AmendmentId) {
    let (scenario, seats) = with_group(3);
    let mut scenario = scenario
        .given(instrument(
            InstrumentKind::Contract,
            "contract-2018",
            "2018-01-01",
        ))
        .given(instrument(
            InstrumentKind::TermsOfUse,
            "terms-2023",
            "2023-12-19",
        ))
        .given(accept(1, "contract-2018"))
        .given(accept(9, "terms-2023"))
        .given(proposal);
    let amendment = only_amendment(&scenario);
    for seat in seats {
        scenario = scenario.given(cast(amendment, seat, Ballot::For));
    }
    let scenario = scenario
        .at("2025-01-15")
        .when(decide_on(amendment, "2025-01-15"))
        .then(&["AmendmentApproved"]);
    (scenario, amendment)
}

pub(crate) fn publish(amendment: AmendmentId, published_on: &str) -> PublishAmendment {
    PublishAmendment {
        amendment,
        published_on: day(published_on),
        address: "https://agreement.example.org/annexes".parse().unwrap(),
    }
}

fn instrument(kind: InstrumentKind, version: &str, valid_from: &str) -> PublishInstrument {
    PublishInstrument {
        kind,
        version: version.parse().unwrap(),
        title: title("Liittymissopimus"),
        document: document('c'),
        address: None,
        valid_from: day(valid_from),
    }
}

fn questionnaire(keys: &[&str]) -> PublishAnnex {
    let question = |key: &&str| Question {
        key: key.parse().unwrap(),
        text: title("Miten käyttäjät tunnistetaan ensi kerran?"),
        required: true,
    };
    PublishAnnex {
        annex: AnnexNumber::SelfAudit,
        version: "1".parse().unwrap(),
        title: title("Itseauditointi"),
        document: document('d'),
        selects: Some(AnnexSelection::Questionnaire(Questionnaire {
            sample: true,
            questions: keys.iter().map(question).collect(),
        })),
        valid_from: day("2018-01-01"),
        transition_last_day: None,
    }
}

#[test]
fn the_newest_instrument_is_offered_until_it_is_closed() {
    use InstrumentKind::{Contract, TermsOfUse};
    let offered = |scenario: &Scenario, kind, at: &str| {
        let found = scenario.network().agreement.offered(kind, instant(at));
        found.map(|(version, _)| version.to_string())
    };
    let close = |last_day: &str| CloseInstrument {
        version: "contract-2020".parse().unwrap(),
        last_day: day(last_day),
    };
    let scenario = Scenario::founded()
        .given(instrument(Contract, "contract-2018", "2018-01-01"))
        .given(instrument(Contract, "contract-2020", "2020-03-01"))
        .given(instrument(TermsOfUse, "terms-2023", "2023-12-19"))
        .when(instrument(TermsOfUse, "contract-2018", "2024-01-01"))
        .then_refused("NAME_TAKEN")
        .when(close("2020-02-28"))
        .then_refused("TOO_EARLY")
        .given(close("2023-12-18"))
        .when(close("2023-12-18"))
        .then_refused("NOTHING_TO_CHANGE");
    assert_eq!(
        offered(&scenario, Contract, "2020-02-29T21:59:59Z").as_deref(),
        Some("contract-2018")
    );
    assert_eq!(
        offered(&scenario, Contract, "2020-02-29T22:00:00Z").as_deref(),
        Some("contract-2020"),
        "00:00 in Helsinki"
    );
    assert_eq!(
        offered(&scenario, Contract, "2023-12-18T22:00:00Z").as_deref(),
        Some("contract-2018"),
        "the closed one is no longer offered"
    );
    assert_eq!(offered(&scenario, TermsOfUse, "2023-12-18T12:00:00Z"), None);
    assert_eq!(
        offered(&scenario, TermsOfUse, "2023-12-19T12:00:00Z").as_deref(),
        Some("terms-2023")
    );
}

#[test]
fn an_unknown_instrument_cannot_be_closed() {
    Scenario::founded()
        .when(CloseInstrument {
            version: "contract-1999".parse().unwrap(),
            last_day: day("2023-12-18"),
        })
        .then_refused("UNKNOWN");
}

#[test]
fn an_edition_replaces_the_earlier_one_whole() {
    let models = |scenario: &Scenario, at: &str| {
        let agreement = &scenario.network().agreement;
        let now = instant(at);
        (agreement.data_model(now), agreement.data_models(now))
    };
    // The versions' days, and the transition to 1.2 until the end of 2022 (domain facts D.4).
    let scenario = Scenario::founded()
        .given(data_model_annex(
            "1.2",
            Version::V1_2,
            "2022-01-04",
            Some("2022-12-31"),
        ))
        .given(data_model_annex("1.0", Version::V1_0, "2017-01-01", None))
        .given(data_model_annex("1.1", Version::V1_1, "2020-09-01", None))
        .given(data_model_annex(
            "1.3",
            Version::V1_3,
            "2022-08-02",
            Some("2022-10-31"),
        ));
    assert_eq!(models(&scenario, "2016-01-01T00:00:00Z"), (None, vec![]));
    assert_eq!(
        models(&scenario, "2021-01-01T00:00:00Z"),
        (Some(Version::V1_1), vec![Version::V1_1]),
        "no transition was stated"
    );
    assert_eq!(
        models(&scenario, "2022-09-01T00:00:00Z"),
        (
            Some(Version::V1_3),
            vec![Version::V1_3, Version::V1_2, Version::V1_1]
        )
    );
    assert_eq!(
        models(&scenario, "2022-10-31T22:00:00Z"),
        (Some(Version::V1_3), vec![Version::V1_3]),
        "the last day of a transition is had in full, and what 1.3 replaced does not come back"
    );
}

#[test]
fn after_the_founding_an_annex_changes_by_amendment_alone() {
    // Membership contract §7 ¶5.
    Scenario::founded()
        .given(data_model_annex("1.3", Version::V1_3, "2022-08-02", None))
        .when(data_model_annex("1.4", Version::V1_4, "2025-01-02", None))
        .then_refused("ONLY_BY_AMENDMENT")
        .when(data_model_annex("1.3", Version::V1_4, "2024-01-08", None))
        .then_refused("NAME_TAKEN")
        .when(data_model_annex("1.4", Version::V1_4, "2022-08-02", None))
        .then_refused("DATE_TAKEN")
        .when(data_model_annex(
            "1.4",
            Version::V1_4,
            "2024-01-08",
            Some("2024-01-07"),
        ))
        .then_refused("TRANSITION_INVALID")
        .when(data_model_annex("1.4", Version::V1_4, "2024-01-08", None))
        .then(&["AnnexPublished"]);
}

#[test]
fn an_edition_selects_what_its_annex_is_about() {
    let wrong = |annex, selects| PublishAnnex {
        annex,
        selects,
        ..data_model_annex("1", Version::V1_4, "2024-01-08", None)
    };
    let model = Some(AnnexSelection::DataModel(Version::V1_4));
    let mut scenario = Scenario::founded();
    for command in [
        wrong(AnnexNumber::DataModel, None),
        wrong(AnnexNumber::SelfAudit, None),
        wrong(AnnexNumber::SelfAudit, model.clone()),
        wrong(AnnexNumber::RulesOfUse, model.clone()),
        wrong(AnnexNumber::Services, model),
    ] {
        scenario = scenario.when(command).then_refused("SELECTION_INVALID");
    }
}

#[test]
fn the_questions_of_the_self_audit_stand_in_annex_1() {
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    Scenario::founded()
        .when(questionnaire(&[]))
        .then_refused("QUESTIONNAIRE_INVALID")
        .when(questionnaire(&many))
        .then_refused("QUESTIONNAIRE_INVALID")
        .when(questionnaire(&[
            "first-identification",
            "first-identification",
        ]))
        .then_refused("NAME_TAKEN")
        .given(questionnaire(&["first-identification", "rules-of-use"]))
        .then_state(|network| {
            let now = instant("2025-01-01T10:00:00Z");
            let (edition, questions) = network.agreement.questionnaire(now).unwrap();
            assert_eq!(edition.version.as_str(), "1");
            assert!(questions.sample);
            assert_eq!(questions.questions.len(), 2);
            let before = instant("2017-12-31T00:00:00Z");
            assert!(network.agreement.questionnaire(before).is_none());
        });
}
