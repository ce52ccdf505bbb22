//! Tests of the organisation register.

use super::*;
use crate::testing::{Scenario, day};
use crate::{Rule, SetRule};

fn oid(number: u32) -> OrganisationOid {
    format!("1.2.246.562.99.{number:011}").parse().unwrap()
}

fn entry(number: u32, parent: Option<u32>, kind: &str, code: Option<&str>) -> OrganisationEntry {
    OrganisationEntry {
        organisation: oid(number),
        description: OrganisationDescription {
            name: LanguageText::parse(&format!("Kuvitteellinen {number}")).unwrap(),
            business_id: None,
            types: vec![ShortText::parse(kind).unwrap()],
            institution_type: code.map(|_| InstitutionType::parse("11").unwrap()),
            school_code: code.map(|code| SchoolCode::parse(code).unwrap()),
            municipality: None,
            parent: parent.map(oid),
        },
        active: true,
    }
}

fn answer(organisations: Vec<OrganisationEntry>) -> RecordOrganisations {
    RecordOrganisations {
        organisations,
        complete: true,
        under: None,
    }
}

/// A provider with a school that has an office, and `more` further schools.
fn tree(more: u32) -> Vec<OrganisationEntry> {
    let mut all = vec![
        entry(1, None, "organisaatiotyyppi_01", None),
        entry(2, Some(1), "organisaatiotyyppi_02", Some("04647")),
        entry(3, Some(2), "organisaatiotyyppi_03", None),
    ];
    all.extend((0..more).map(|n| {
        let code = format!("{n:05}");
        entry(100 + n, Some(1), "organisaatiotyyppi_02", Some(&code))
    }));
    all
}

#[test]
fn only_differences_are_recorded() {
    let mut changed = tree(0);
    changed[1].description.name = LanguageText::parse("Uusi nimi").unwrap();
    Scenario::founded()
        .when(answer(tree(0)))
        .then(&["OrganisationRecorded"; 3])
        .when(answer(tree(0)))
        .then_refused("NOTHING_TO_CHANGE")
        .when(answer(changed))
        .then(&["OrganisationChanged"]);
}

#[test]
fn an_empty_answer_is_never_recorded() {
    Scenario::founded()
        .when(answer(vec![]))
        .then_refused("EMPTY_ANSWER");
}

#[test]
fn an_answer_that_closes_more_than_the_rule_allows_is_refused() {
    // Of 43 known ones, two are 4.7 %, three 7.0 %.
    let full = tree(40);
    let less = |by: usize| full[..full.len() - by].to_vec();
    let scenario = Scenario::founded().given(answer(full.clone()));
    let scenario = scenario
        .when(answer(less(3)))
        .then_refused("TOO_MANY_CLOSURES")
        .when(answer(less(2)))
        .then(&["OrganisationClosed"; 2])
        .then_state(|network| assert_eq!(network.organisations.active(), 41));
    scenario
        .given(SetRule {
            rule: Rule::OrganisationClosures { percent: 100 },
            valid_from: day("2025-01-01"),
            source: "a merger of schools".parse().unwrap(),
        })
        .when(answer(less(10)))
        .then(&["OrganisationClosed"; 8])
        .when(answer(full.clone()))
        .then(&["OrganisationChanged"; 10])
        .then_state(|network| assert_eq!(network.organisations.active(), 43));
}

#[test]
fn a_partial_answer_closes_nothing_that_it_leaves_out() {
    let mut part = answer(vec![entry(
        500,
        Some(1),
        "organisaatiotyyppi_02",
        Some("00500"),
    )]);
    part.complete = false;
    Scenario::founded()
        .given(answer(tree(2)))
        .when(part)
        .then(&["OrganisationRecorded"]);
}

#[test]
fn an_answer_about_one_organisation_closes_only_what_lies_under_it() {
    let mut all = tree(40);
    all.push(entry(900, None, "organisaatiotyyppi_01", None));
    let mut under = answer(vec![entry(1, None, "organisaatiotyyppi_01", None)]);
    under.organisations.extend(tree(39).into_iter().skip(1));
    under.under = Some(oid(1));
    Scenario::founded()
        .given(answer(all))
        .when(under)
        .then(&["OrganisationClosed"])
        .then_state(|network| {
            assert!(!network.organisations.get(&oid(139)).unwrap().is_active());
            assert!(network.organisations.get(&oid(900)).unwrap().is_active());
        });
}

#[test]
fn an_answer_that_contradicts_itself_is_not_believed() {
    let mut twice = tree(0);
    twice.push(entry(2, Some(1), "organisaatiotyyppi_02", Some("00001")));
    let mut circle = tree(0);
    circle[0].description.parent = Some(oid(1));
    Scenario::founded()
        .when(answer(twice))
        .then_refused("REPEATED")
        .when(answer(circle))
        .then_refused("PARENT_INVALID");
}

#[test]
fn look_ups_go_up_and_down() {
    Scenario::founded()
        .given(answer(tree(2)))
        .then_state(|network| {
            let register = &network.organisations;
            let code = SchoolCode::parse("04647").unwrap();
            assert_eq!(register.by_school_code(&code).unwrap().0, &oid(2));
            assert_eq!(register.provider_of(&oid(3)), Some(&oid(1)));
            assert_eq!(register.provider_of(&oid(1)), Some(&oid(1)));
            assert_eq!(register.provider_of(&oid(77)), None);
            assert_eq!(register.children(&oid(1)).count(), 3);
            assert_eq!(register.schools_under(&oid(1)).len(), 3);
            assert!(register.lies_under(&oid(3), &oid(1)));
            assert!(!register.lies_under(&oid(1), &oid(3)));
        });
}

#[test]
fn a_circle_in_the_data_ends_every_look_up() {
    let circle = vec![
        entry(1, Some(2), "organisaatiotyyppi_02", Some("00001")),
        entry(2, Some(1), "organisaatiotyyppi_02", Some("00002")),
    ];
    Scenario::founded()
        .given(answer(circle))
        .then_state(|network| {
            let register = &network.organisations;
            assert_eq!(register.ancestors(&oid(1)).count(), ANCESTORS_MAX);
            assert_eq!(register.provider_of(&oid(1)), Some(&oid(2)));
            assert!(register.schools_under(&oid(1)).len() >= 2);
        });
}

#[test]
fn a_school_code_that_moves_is_found_at_its_new_place() {
    let mut moved = tree(0);
    moved[1].description.school_code = None;
    moved.push(entry(4, Some(1), "organisaatiotyyppi_02", Some("04647")));
    let code = SchoolCode::parse("04647").unwrap();
    Scenario::founded()
        .given(answer(tree(0)))
        .given(answer(moved))
        .then_state(|network| {
            let found = network.organisations.by_school_code(&code);
            assert_eq!(found.unwrap().0, &oid(4));
        });
}

#[test]
fn acting_for_another_is_recorded_and_withdrawn() {
    let record = || RecordActingFor {
        acting: oid(1),
        organisation: oid(9),
        ground: "agreement of cooperation".parse().unwrap(),
    };
    let withdraw = WithdrawActingFor {
        acting: oid(1),
        organisation: oid(9),
    };
    Scenario::founded()
        .when(withdraw.clone())
        .then_refused("UNKNOWN")
        .given(record())
        .when(record())
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            assert!(network.organisations.acts_for(&oid(1), &oid(9)));
            assert!(!network.organisations.acts_for(&oid(9), &oid(1)));
        })
        .given(withdraw)
        .then_state(|network| assert!(!network.organisations.acts_for(&oid(1), &oid(9))));
}

#[test]
fn an_organisation_acts_for_itself_without_a_record() {
    Scenario::founded()
        .when(RecordActingFor {
            acting: oid(1),
            organisation: oid(1),
            ground: crate::value::FreeText::parse("any").unwrap(),
        })
        .then_refused("SAME_ORGANISATION");
}
