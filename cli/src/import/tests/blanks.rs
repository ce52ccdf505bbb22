//! No entry gets lost: whatever stands in a field of it, the entry is recorded, left or refused.

use super::{Files, brief, import, ledger, wishes};
use crate::import::mpassid::call::Wishes;
use crate::import::report::{Report, Verdict};
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many entries the fixtures have.
const ENTRIES: usize = 10;

/// Every place inside the entries of a file, as `file pointer`.
fn places(file: &str, list: &str, value: &Value) -> Vec<String> {
    fn below(at: &str, value: &Value, places: &mut Vec<String>) {
        places.push(at.to_owned());
        match value {
            Value::Object(fields) => fields
                .iter()
                .for_each(|(name, value)| below(&format!("{at}/{name}"), value, places)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(index, value)| below(&format!("{at}/{index}"), value, places)),
            _ => {}
        }
    }
    let mut places = Vec::new();
    for (index, entry) in value[list].as_array().unwrap().iter().enumerate() {
        below(&format!("{file} /{list}/{index}"), entry, &mut places);
    }
    places
}

/// The entries that the report accounts for.
fn told(report: &Report) -> usize {
    let recorded = report.recorded.iter().flatten();
    let recorded = recorded
        .filter(|change| change.file.is_some())
        .map(|change| (change.kind, change.id.clone()));
    let out = report.left.iter().chain(&report.refused);
    let out = out.map(|finding| (finding.kind, finding.id.clone()));
    let named: BTreeSet<_> = recorded.chain(out).collect();
    named.len() + report.unchanged.unwrap_or(0)
}

#[rstest]
#[case::blank(r#""""#)]
#[case::spaces(r#""  ""#)]
#[case::null("null")]
#[case::object("{}")]
#[case::list("[]")]
#[tokio::test]
async fn whatever_a_field_holds_every_entry_is_accounted_for(#[case] value: &str) {
    let files = Files::new();
    let mut all = places("homes", "identityProviders", &files.homes);
    all.extend(places("services", "services", &files.services));
    all.extend(places("sets", "integrationGroups", &files.sets));
    assert!(all.len() > 200, "the fixtures have fields");
    let test = ledger().await;
    let look = Wishes {
        dry_run: true,
        skip_invalid: true,
        ..wishes()
    };
    for place in all {
        let files = Files::new().with(|files| files.put(&place, value));
        let report = import(&test, &files, &look).await;
        assert_eq!(told(&report), ENTRIES, "{place} = {value}: {report:?}");
    }
}

#[test]
fn a_blank_deployment_phase_is_none() {
    let place = "homes /identityProviders/0/deploymentPhase";
    for blank in [r#""""#, r#"" ""#] {
        let reading = Files::new().with(|files| files.put(place, blank)).read();
        assert_eq!(reading.homes.len(), 5);
        let assumed = "4900001 deploymentPhase ENVIRONMENT_ASSUMED".to_owned();
        assert!(brief(&reading.warnings).contains(&assumed));
    }
}

#[test]
fn a_blank_set_is_none() {
    let place = "services /services/0/integrationGroups/0/id";
    let reading = Files::new().with(|files| files.put(place, r#""""#)).read();
    assert_eq!(
        brief(&reading.errors),
        ["5900001 integrationGroups[0].id MISSING"]
    );
}

#[tokio::test]
async fn a_blank_deployment_phase_takes_nothing_out_of_use() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let replace = Wishes {
        replace: true,
        ..wishes()
    };
    let place = "homes /identityProviders/1/deploymentPhase";
    let files = Files::new().with(|files| files.put(place, r#""""#));
    let report = import(&test, &files, &replace).await;
    assert_eq!(report.verdict, Verdict::Refused);
    assert_eq!(
        brief(&report.refused),
        ["4900002 environment ENVIRONMENT_FIXED"]
    );
}
