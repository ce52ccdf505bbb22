//! The organisation service's answers, and what of them is recorded.

use super::{HIERARCHY, ORGANISATION, brief, end, json, ledger, target};
use crate::import::Kind;
use crate::import::difference::What;
use crate::import::organisations::{Answer, Scope, read, record, scope_of};
use crate::import::report::{Report, Verdict};
use registrar::testing::TestLedger;
use rstest::rstest;
use serde_json::{Value, json};
use url::Url;

fn answer(text: &str) -> Answer {
    read(&"answer.json".into(), text.as_bytes())
}

async fn take(test: &TestLedger, text: &str, scope: Scope) -> Report {
    record(&target(test), answer(text), scope, false)
        .await
        .unwrap()
}

/// What becomes of each organisation, by its identifier and events.
fn lines(report: &Report) -> Vec<(What, String, Vec<&'static str>)> {
    let changes = report.recorded.iter().flatten();
    changes
        .map(|change| {
            assert_eq!(change.kind, Kind::Organisation);
            (
                change.what,
                change.id.clone().unwrap(),
                change.events.clone(),
            )
        })
        .collect()
}

fn complete() -> Scope {
    Scope {
        complete: true,
        under: None,
    }
}

#[test]
fn one_organisation_is_read() {
    let answer = answer(ORGANISATION);
    assert_eq!(
        (answer.errors.len(), answer.warnings.len(), answer.hierarchy),
        (0, 0, false)
    );
    insta::assert_json_snapshot!(answer.organisations, @r#"
    [
      {
        "organisation": "1.2.246.562.99.00000000101",
        "description": {
          "name": {
            "fi": "Kuvitteellinen kunta",
            "sv": "Påhittade kommunen"
          },
          "types": [
            "organisaatiotyyppi_01",
            "organisaatiotyyppi_09"
          ],
          "municipality": "999",
          "parent": "1.2.246.562.99.00000000001"
        },
        "active": true
      }
    ]
    "#);
}

#[test]
fn a_hierarchy_is_read_to_its_leaves() {
    let answer = answer(HIERARCHY);
    assert_eq!((answer.errors.len(), answer.hierarchy), (0, true));
    let names: Vec<_> = answer
        .organisations
        .iter()
        .map(|own| own.description.name.fi.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Kuvitteellinen kunta",
            "Keksitty koulu 1",
            "Keksitty koulu 2",
            "Kansliet",
            "Keksitty koulu 3"
        ]
    );
    let school = &answer.organisations[1].description;
    assert_eq!(school.school_code.as_ref().unwrap().as_str(), "09901");
    assert_eq!(school.institution_type.unwrap().number(), 11);
    assert!(school.name.sv.is_none(), "an empty name is none");
}

#[rstest]
#[case("{", "-  BROKEN_JSON")]
#[case("{}", "-  NOT_AN_ANSWER")]
#[case("[]", "-  WRONG_SHAPE")]
#[case(r#"{"oid": "1.2.3", "nimi": {"fi": "A"}}"#, "- oid ORGANISATION_OID")]
#[case(
    r#"{"oid": "1.2.246.562.99.1", "nimi": {}}"#,
    "1.2.246.562.99.1 nimi MISSING"
)]
#[case(
    r#"{"oid": "1.2.246.562.99.1", "nimi": {"fi": "A"}, "status": "X"}"#,
    "1.2.246.562.99.1 status STATUS_UNKNOWN"
)]
#[case(
    r#"{"oid": "1.2.246.562.99.1", "oid": "1.2.246.562.99.2", "nimi": {"fi": "A"}}"#,
    "1.2.246.562.99.1 oid DUPLICATE_KEY"
)]
#[case(
    r#"{"numHits": 3, "organisaatiot": [{"oid": "1.2.246.562.99.1", "nimi": {"fi": "A"}}]}"#,
    "- numHits INCOMPLETE"
)]
fn an_answer_that_is_none_is_refused_whole(#[case] text: &str, #[case] finding: &str) {
    assert!(
        brief(&answer(text).errors).contains(&finding.to_owned()),
        "{:?}",
        answer(text).errors
    );
}

#[test]
fn what_the_register_lives_without_is_left_out_with_a_warning() {
    let mut one = json(ORGANISATION);
    one["ytunnus"] = json!("0000000-9");
    one["oppilaitosKoodi"] = json!("koulu");
    one["kotipaikkaUri"] = json!("ulkomaat_1");
    let answer = answer(&one.to_string());
    assert_eq!(answer.errors.len(), 0);
    assert_eq!(
        brief(&answer.warnings),
        [
            "1.2.246.562.99.00000000101 ytunnus BUSINESS_ID",
            "1.2.246.562.99.00000000101 oppilaitosKoodi SCHOOL_CODE"
        ]
    );
    assert!(answer.organisations[0].description.municipality.is_none());
}

#[tokio::test]
async fn only_changes_are_recorded() {
    let test = ledger().await;
    let first = take(&test, HIERARCHY, Scope::default()).await;
    assert_eq!(first.verdict, Verdict::Recorded);
    let after = end(&test);
    assert_eq!(lines(&first).len(), 5);
    let again = take(&test, HIERARCHY, complete()).await;
    assert_eq!(again.verdict, Verdict::NothingToRecord);
    assert_eq!(lines(&again), []);
    assert_eq!(end(&test), after);
    let mut changed = json(HIERARCHY);
    let school = &mut changed["organisaatiot"][0]["children"][0];
    school["nimi"]["fi"] = json!("Toinen nimi");
    let oid = school["oid"].as_str().unwrap().to_owned();
    let report = take(&test, &changed.to_string(), complete()).await;
    assert_eq!(report.verdict, Verdict::Recorded);
    assert_eq!(
        lines(&report),
        [(What::Changed, oid.clone(), vec!["OrganisationChanged"])]
    );
    assert_eq!(end(&test), after + 1);
    changed["organisaatiot"][0]["children"][0]["status"] = json!("PASSIIVINEN");
    let report = take(&test, &changed.to_string(), complete()).await;
    assert_eq!(
        lines(&report),
        [(What::Inactivated, oid, vec!["OrganisationClosed"])]
    );
}

#[tokio::test]
async fn a_dry_run_records_nothing() {
    let test = ledger().await;
    let before = end(&test);
    let report = record(&target(&test), answer(HIERARCHY), Scope::default(), true)
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::WouldRecord);
    assert_eq!(end(&test), before);
    let would = lines(&report);
    assert_eq!(would.len(), 5);
    assert!(would.iter().all(|(what, ..)| *what == What::Added));
    let real = take(&test, HIERARCHY, Scope::default()).await;
    assert_eq!(report.recorded, real.recorded);
}

#[tokio::test]
async fn an_answer_that_closes_too_much_or_is_empty_is_refused() {
    let test = ledger().await;
    take(&test, HIERARCHY, Scope::default()).await;
    let before = end(&test);
    let mut less = json(HIERARCHY);
    less["numHits"] = json!(1);
    less["organisaatiot"][0]["children"] = json!([]);
    less["organisaatiot"][0]["subRows"] = json!([]);
    let report = take(&test, &less.to_string(), complete()).await;
    assert_eq!(report.verdict, Verdict::Refused);
    assert_eq!(report.refusal.unwrap().code, "TOO_MANY_CLOSURES");
    // Where nothing is said of the rest, nothing is closed.
    let report = take(&test, &less.to_string(), Scope::default()).await;
    assert_eq!(report.verdict, Verdict::NothingToRecord);
    let empty = r#"{"numHits": 0, "organisaatiot": []}"#;
    let report = take(&test, empty, complete()).await;
    assert_eq!(report.refusal.unwrap().code, "EMPTY_ANSWER");
    assert_eq!(end(&test), before);
}

#[rstest]
#[case(
    "https://oph.example.org/hierarkia/hae?aktiiviset=true&lakkautetut=false",
    true,
    None
)]
#[case(
    "https://oph.example.org/hierarkia/hae?oid=1.2.246.562.99.1",
    true,
    Some("1.2.246.562.99.1")
)]
#[case("https://oph.example.org/hierarkia/hae?oid=x", false, None)]
#[case("https://oph.example.org/hierarkia/hae?searchStr=koulu", false, None)]
#[case(
    "https://oph.example.org/hierarkia/hae?aktiiviset=false&lakkautetut=true",
    false,
    None
)]
fn an_address_says_what_its_answer_speaks_of(
    #[case] url: &str,
    #[case] complete: bool,
    #[case] under: Option<&str>,
) {
    let url = Url::parse(url).unwrap();
    let under = under.map(|oid| oid.parse().unwrap());
    assert_eq!(
        scope_of(&url, &answer(HIERARCHY)),
        Scope { complete, under }
    );
    assert_eq!(scope_of(&url, &answer(ORGANISATION)), Scope::default());
}

#[test]
fn sub_rows_stand_in_for_missing_children() {
    let mut only: Value = json(HIERARCHY);
    only["organisaatiot"][0]["children"] = json!([]);
    assert_eq!(answer(&only.to_string()).organisations.len(), 5);
}
