//! The documents: their links lead somewhere, their lists are complete, and nothing in them or in
//! the lock files ties the project to a machine.
//!
//! Owns what can be told from text; whether a document is true is for its reader.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("`cli` is a directory of the workspace")
        .to_owned()
}

/// The Markdown files of one directory, not below it.
fn documents(directory: &str) -> Vec<(PathBuf, String)> {
    let mut files: Vec<_> = fs::read_dir(root().join(directory))
        .expect("directory")
        .map(|entry| entry.expect("directory entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).expect("document")))
        .collect();
    files.sort();
    files
}

fn all_documents() -> Vec<(PathBuf, String)> {
    ["", "docs", "docs/decisions"]
        .into_iter()
        .flat_map(documents)
        .collect()
}

/// The targets of a document's inline links, `[text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

#[track_caller]
fn assert_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn links_lead_somewhere() {
    let documents = all_documents();
    assert!(documents.len() > 10, "the documents have been found");
    let mut findings = Vec::new();
    for (path, text) in &documents {
        for link in links(text) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !path.parent().expect("a directory").join(target).exists() {
                findings.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert_none(
        &findings,
        "a link to a file of the project that is not there",
    );
}

#[test]
fn every_decision_is_listed() {
    let index = fs::read_to_string(root().join("docs/decisions/README.md")).expect("index");
    let listed: BTreeSet<&str> = links(&index).collect();
    let findings: Vec<String> = documents("docs/decisions")
        .into_iter()
        .filter_map(|(path, _)| Some(path.file_name()?.to_str()?.to_owned()))
        .filter(|name| name != "README.md" && !listed.contains(name.as_str()))
        .collect();
    assert_none(
        &findings,
        "decisions that docs/decisions/README.md does not list",
    );
}

#[test]
fn the_lock_file_of_the_browser_tests_names_no_registry() {
    let lock = fs::read_to_string(root().join("e2e/package-lock.json")).expect("lock file");
    assert!(
        lock.contains("\"integrity\""),
        "packages are pinned by hash"
    );
    assert!(
        !lock.contains("\"resolved\""),
        "write it with `npm install --omit-lockfile-registry-resolved`"
    );
    assert!(
        !lock.contains("\"hasInstallScript\""),
        "no package of the browser tests runs a script when it is installed"
    );
}
