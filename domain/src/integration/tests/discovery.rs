//! Each school leads to one place to log in.

use super::*;
use rstest::rstest;

/// Schools `+` included or `-` excluded, of these kinds of institution.
pub(super) fn discovery(schools: &str, kinds: &[&str]) -> Discovery {
    let codes = |sign: char| {
        let listed = schools.split_whitespace();
        let listed = listed.filter_map(move |code| code.strip_prefix(sign));
        listed.map(|code| code.parse().unwrap()).collect()
    };
    Discovery {
        show_schools: true,
        schools: codes('+'),
        excluded_schools: codes('-'),
        institution_types: kinds.iter().map(|kind| kind.parse().unwrap()).collect(),
        ..Discovery::default()
    }
}

/// What leads to places of early education, and to these schools.
fn early(schools: &str, kinds: &[&str]) -> Discovery {
    Discovery {
        early_education: true,
        ..discovery(schools, kinds)
    }
}

/// What shows its organisation alone and still names schools.
fn untyped(schools: &str) -> Discovery {
    Discovery {
        show_schools: false,
        ..discovery(schools, &[])
    }
}

#[rstest]
#[case::the_same_school(untyped("+00001"), untyped("+00001 +00002"), false)]
#[case::other_schools(untyped("+00001"), untyped("+00002"), true)]
#[case::one_with_kinds(untyped("+00001"), discovery("+00001", &["11"]), false)]
#[case::neither_names_any(untyped(""), untyped(""), true)]
#[case::early_education_twice(early("", &[]), early("", &[]), false)]
#[case::early_education_beside_schools(early("", &["11"]), early("", &["15"]), false)]
#[case::early_education_of_other_places(early("+00001", &[]), early("+00002", &[]), true)]
#[case::early_education_of_one_place(early("+00001", &[]), early("+00001", &[]), false)]
#[case::early_education_and_schools(early("", &[]), discovery("", &["11"]), true)]
fn kinds_that_nobody_named_keep_nothing_apart(
    #[case] first: Discovery,
    #[case] second: Discovery,
    #[case] disjoint: bool,
) {
    let (scenario, _) = in_use(ledger(), register(Environment::Production, first));
    let scenario = scenario.when(register(Environment::Production, second));
    if disjoint {
        scenario.then(&["IntegrationRegistered"]);
    } else {
        scenario.then_refused("SCHOOLS_OVERLAP");
    }
}

fn register(environment: Environment, discovery: Discovery) -> RegisterHomeIntegration {
    RegisterHomeIntegration {
        discovery,
        ..register_home(environment)
    }
}

#[rstest]
#[case::different_kinds("", &["11"], "", &["15"], true)]
#[case::all_and_all("", &["11"], "", &["11", "15"], false)]
#[case::other_schools("+00001", &["11"], "+00002", &["11"], true)]
#[case::a_shared_school("+00001 +00002", &["11"], "+00002", &["11"], false)]
#[case::within_the_excluded("-00001 -00002", &["11"], "+00002", &["11"], true)]
#[case::beyond_the_excluded("-00001", &["11"], "+00002", &["11"], false)]
#[case::all_and_some("", &["11"], "+00002", &["11"], false)]
#[case::all_but_and_all_but("-00001", &["11"], "-00002", &["11"], false)]
fn schools_lead_to_one_place_in_production(
    #[case] first: &str,
    #[case] first_kinds: &[&str],
    #[case] second: &str,
    #[case] second_kinds: &[&str],
    #[case] disjoint: bool,
) {
    let second = || discovery(second, second_kinds);
    let (scenario, _) = in_use(
        ledger(),
        register(Environment::Production, discovery(first, first_kinds)),
    );
    // Not in test.
    let scenario = scenario.given(register(Environment::Test, second()));
    let scenario = scenario.when(register(Environment::Production, second()));
    if disjoint {
        scenario.then(&["IntegrationRegistered"]);
    } else {
        scenario.then_refused("SCHOOLS_OVERLAP");
    }
}

#[test]
fn the_register_knows_whether_all_but_and_all_but_leave_a_school_for_both() {
    let school = |number: u32, code: &str| OrganisationEntry {
        organisation: oid(number),
        description: OrganisationDescription {
            name: text("Kuvitteellinen koulu"),
            business_id: None,
            types: vec!["organisaatiotyyppi_02".parse().unwrap()],
            institution_type: Some("11".parse().unwrap()),
            school_code: Some(code.parse().unwrap()),
            municipality: None,
            parent: Some(home_organisation()),
        },
        active: true,
    };
    let mut provider = school(101, "99999");
    provider.organisation = home_organisation();
    provider.description.school_code = None;
    provider.description.parent = None;
    let (scenario, _) = in_use(
        ledger().given(RecordOrganisations {
            organisations: vec![provider, school(1, "00001"), school(2, "00002")],
            complete: true,
            under: None,
        }),
        register(Environment::Production, discovery("-00001", &["11"])),
    );
    scenario
        .when(register(
            Environment::Production,
            discovery("-00002", &["11"]),
        ))
        .then(&["IntegrationRegistered"])
        .when(register(
            Environment::Production,
            discovery("-00003", &["11"]),
        ))
        .then_refused("SCHOOLS_OVERLAP");
}

#[test]
fn a_draft_that_overlaps_meanwhile_does_not_come_into_use() {
    let register = || register(Environment::Production, discovery("+00001", &["11"]));
    let scenario = ledger().given(register());
    let first = last_integration(&scenario);
    let (scenario, _) = in_use(scenario, register());
    scenario
        .when(SubmitIntegration { integration: first })
        .then_refused("SCHOOLS_OVERLAP");
}

#[test]
fn what_is_shown_changes_at_once_and_by_the_same_rules() {
    let (scenario, _) = in_use(
        ledger(),
        register(Environment::Production, discovery("+00001", &["11"])),
    );
    let (scenario, integration) = in_use(
        scenario,
        register(Environment::Production, discovery("+00002", &["11"])),
    );
    let change = |discovery| ChangeDiscovery {
        integration,
        discovery,
    };
    scenario
        .when(change(discovery("+00001", &["11"])))
        .then_refused("SCHOOLS_OVERLAP")
        .when(change(discovery("+00002", &["11"])))
        .then_refused("NOTHING_TO_CHANGE")
        .when(change(discovery("+00002 -00003", &["11"])))
        .then_refused("SCHOOLS_CONTRADICT")
        .when(change(discovery("+00002", &[])))
        .then_refused("INSTITUTION_TYPES_MISSING")
        .when(change(discovery("+00003 +00002 +00003", &["11"])))
        .then(&["DiscoveryChanged"])
        .then_state(|network| {
            assert_eq!(home(network, integration).discovery.schools.len(), 2);
        });
}
