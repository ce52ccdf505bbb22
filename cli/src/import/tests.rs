//! What an import reads, refuses and records, on invented files and a ledger in memory.

mod blanks;
mod call;
mod fetching;
mod organisations;
mod reading;
mod real;
mod replacing;
mod served;
mod serving;

use super::mpassid::{Reading, Source, call::Wishes};
use super::report::Report;
use super::target::{Local, Target};
use domain::testing::found_ledger;
use domain::{FoundLedger, Purpose};
use registrar::testing::TestLedger;
use serde_json::Value;
use std::sync::Arc;
use zeroize::Zeroizing;

const HOMES: &str = include_str!("../../tests/fixtures/import/homes.json");
const SERVICES: &str = include_str!("../../tests/fixtures/import/services.json");
const SETS: &str = include_str!("../../tests/fixtures/import/sets.json");
const ORGANISATION: &str = include_str!("../../tests/fixtures/import/organisation.json");
const HIERARCHY: &str = include_str!("../../tests/fixtures/import/hierarchy.json");

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The fixtures of one call, to be changed by a test.
struct Files {
    homes: Value,
    services: Value,
    sets: Value,
}

impl Files {
    fn new() -> Self {
        Self {
            homes: json(HOMES),
            services: json(SERVICES),
            sets: json(SETS),
        }
    }

    /// The same after a change.
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Puts JSON where `place` (a file and a pointer) says; without any, removes what is there.
    fn put(&mut self, place: &str, value: &str) {
        let (file, pointer) = place.split_once(' ').unwrap();
        let file = match file {
            "homes" => &mut self.homes,
            "services" => &mut self.services,
            _ => &mut self.sets,
        };
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match (file.pointer_mut(parent).unwrap(), value) {
            (Value::Object(fields), "") => drop(fields.shift_remove(last)),
            (Value::Object(fields), _) => drop(fields.insert(last.to_owned(), json(value))),
            (Value::Array(items), _) => items[last.parse::<usize>().unwrap()] = json(value),
            _ => panic!("nothing lies at {place}"),
        }
    }

    fn home(&mut self, index: usize) -> &mut Value {
        &mut self.homes["identityProviders"][index]
    }

    fn idp(&mut self, index: usize) -> &mut Value {
        &mut self.home(index)["configurationEntity"]["idp"]
    }

    fn service(&mut self, index: usize) -> &mut Value {
        &mut self.services["services"][index]
    }

    fn metadata(&mut self, index: usize) -> &mut Value {
        &mut self.service(index)["configurationEntity"]["sp"]["metadata"]
    }

    fn set(&mut self, index: usize) -> &mut Value {
        &mut self.sets["integrationGroups"][index]
    }

    fn read(&self) -> Reading {
        read(&[
            ("homes.json", &self.homes.to_string()),
            ("services.json", &self.services.to_string()),
            ("sets.json", &self.sets.to_string()),
        ])
    }
}

/// Removes the entry at `index` of a file's list.
fn without(file: &mut Value, list: &str, index: usize) {
    file[list].as_array_mut().unwrap().remove(index);
}

fn read(files: &[(&str, &str)]) -> Reading {
    let source = |(name, text): &(&str, &str)| Source {
        name: (*name).into(),
        bytes: Zeroizing::new(text.as_bytes().to_vec()),
    };
    super::mpassid::read(&files.iter().map(source).collect::<Vec<_>>())
}

/// Each finding as `id field CODE`.
fn brief(findings: &[super::Finding]) -> Vec<String> {
    let line = |finding: &super::Finding| {
        format!(
            "{} {} {}",
            finding.id.as_deref().unwrap_or("-"),
            finding.field,
            finding.code
        )
    };
    findings.iter().map(line).collect()
}

/// A ledger where invented organisations may be in production.
async fn ledger() -> TestLedger {
    let test = TestLedger::empty();
    test.given(FoundLedger {
        purpose: Purpose::Demo,
        ..found_ledger()
    })
    .await;
    test
}

fn target(test: &TestLedger) -> Target {
    Target::Local(Local::over(
        test.registrar.clone(),
        Arc::clone(&test.clock) as _,
    ))
}

fn wishes() -> Wishes {
    Wishes {
        replace: false,
        max_removals: 10,
        skip_invalid: false,
        dry_run: false,
        accept_members: None,
        source: "homes.json, services.json".parse().ok(),
    }
}

/// Makes a call.
async fn import(test: &TestLedger, files: &Files, wishes: &Wishes) -> Report {
    super::mpassid::call::run(&target(test), files.read(), wishes)
        .await
        .unwrap()
}

/// How many events are recorded.
fn end(test: &TestLedger) -> u64 {
    test.registrar.log().end().unwrap()
}
