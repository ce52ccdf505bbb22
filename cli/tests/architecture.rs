//! The invariants of `ARCHITECTURE.md`, checked over `cargo metadata` and over the sources.
//!
//! Owns what can be told from dependency edges and from the text of a file; behaviour is tested
//! where it lives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, PackageId};

/// Each room with the rooms it may know. Every arrow points down; `domain` and `ledger` are the
/// ground and know nobody, `api` and `proxy` do not know each other.
const ARROWS: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("ledger", &[]),
    ("registrar", &["domain", "ledger"]),
    ("projections", &["domain", "ledger", "registrar"]),
    ("api", &["domain", "ledger", "registrar", "projections"]),
    ("proxy", &["domain", "ledger", "registrar", "projections"]),
    (
        "trustnet",
        &[
            "domain",
            "ledger",
            "registrar",
            "projections",
            "api",
            "proxy",
        ],
    ),
];

/// Crates that do I/O, are asynchronous or keep state outside memory: nothing below `domain` may
/// be one of them.
const NOT_BELOW_DOMAIN: [&str; 21] = [
    "async-graphql",
    "async-std",
    "async-trait",
    "axum",
    "clap",
    "futures",
    "futures-core",
    "hyper",
    "mio",
    "notify",
    "rand",
    "reqwest",
    "rustix",
    "rustls",
    "sled",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tower",
    "tracing",
];

/// Crates that read the command line, configuration files or the environment, or speak to a
/// terminal: for `cli` alone.
const ONLY_IN_CLI: [&str; 9] = [
    "anyhow",
    "clap",
    "clap_complete",
    "comfy-table",
    "config",
    "figment",
    "indicatif",
    "toml",
    "tracing-subscriber",
];

/// What makes a run unrepeatable. `clippy.toml` bans the calls as well; this also sees an import.
const ONLY_IN_CLI_SOURCES: [(&str, &str); 10] = [
    ("std::env", "only `cli` reads the environment"),
    ("env::var", "only `cli` reads the environment"),
    (
        "SystemTime::now",
        "take the time from the `Clock` passed in",
    ),
    (
        "OffsetDateTime::now",
        "take the time from the `Clock` passed in",
    ),
    (
        "UtcDateTime::now",
        "take the time from the `Clock` passed in",
    ),
    ("Timestamp::now", "take the time from the `Clock` passed in"),
    ("Zoned::now", "take the time from the `Clock` passed in"),
    ("Uuid::now_v7", "take ids from the source passed in"),
    ("Uuid::new_v4", "take ids from the source passed in"),
    ("rand::rng()", "take randomness from the source passed in"),
];

/// What writes to a ledger, or makes one, and the files that may: everything else reads.
const WRITES: [(&str, &[&str]); 6] = [
    (
        ".append(",
        &[
            "registrar/src/writer.rs",
            "registrar/src/authentication/writer.rs",
        ],
    ),
    (
        ".journal_or_create(",
        &["registrar/src/authentication/writer.rs"],
    ),
    (
        "Ledger::create_in(",
        &["cli/src/commands/init.rs", "cli/src/commands/demo.rs"],
    ),
    (".engine()", &[]),
    (
        ".key_for(",
        &[
            "registrar/src/authentication/writer.rs",
            "registrar/src/documents.rs",
            "registrar/src/codec.rs",
        ],
    ),
    (".blobs()", &["registrar/src/documents.rs"]),
];

/// A file longer than this holds more than one purpose.
const LINES_IN_A_FILE_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("`cli` is a directory of the workspace")
        .to_owned()
}

/// Dependencies as they resolve on this machine, from what the build has already fetched.
fn metadata() -> Metadata {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc");
    let version = String::from_utf8(version.stdout).expect("rustc speaks UTF-8");
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its host");
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked", "--offline", "--filter-platform", host].map(str::to_owned))
        .exec()
        .expect("cargo metadata")
}

/// The Rust files of a room below one of its directories, by path from the root.
fn sources(room: &str, below: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut directories: Vec<PathBuf> = below
        .iter()
        .map(|directory| root().join(room).join(directory))
        .collect();
    while let Some(directory) = directories.pop() {
        let Ok(entries) = fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("directory entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source");
                let path = path
                    .strip_prefix(root())
                    .expect("below the root")
                    .to_owned();
                files.push((path, text));
            }
        }
    }
    files.sort();
    files
}

/// The directory of a workspace crate.
fn room(package: &str) -> &str {
    if package == "trustnet" {
        "cli"
    } else {
        package
    }
}

/// All of the workspace's sources, tests included.
fn all_sources() -> Vec<(PathBuf, String)> {
    ARROWS
        .iter()
        .flat_map(|(package, _)| sources(room(package), &["src", "tests", "benches", "examples"]))
        .collect()
}

/// Fails with every finding, so that one run shows all of them.
#[track_caller]
fn assert_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_arrow_points_down() {
    let metadata = metadata();
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let members: BTreeSet<String> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let drawn: BTreeSet<String> = arrows.keys().map(|&name| name.to_owned()).collect();
    assert_eq!(members, drawn, "draw each room of the workspace in ARROWS");

    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let may_know = arrows[package.name.as_str()];
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            // A crate that is its own development dependency turns a feature on for its tests.
            let itself = name == package.name.as_str();
            if members.contains(name) && !itself && !may_know.contains(&name) {
                findings.push(format!("{} depends on {name}", package.name));
            }
        }
    }
    assert_none(
        &findings,
        "arrows point down, and only along ARCHITECTURE.md's floors",
    );
}

#[test]
fn domain_is_pure() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("resolved graph");
    let nodes: BTreeMap<&PackageId, _> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let domain = metadata
        .workspace_packages()
        .into_iter()
        .find(|package| package.name.as_str() == "domain")
        .expect("domain");

    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut open = vec![&domain.id];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in &nodes[id].deps {
            if dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal)
            {
                open.push(&dependency.pkg);
            }
        }
    }
    let findings: Vec<String> = seen
        .iter()
        .map(|id| metadata[id].name.as_str())
        .filter(|name| NOT_BELOW_DOMAIN.contains(name))
        .map(|name| format!("domain reaches {name}"))
        .collect();
    assert!(
        seen.len() > 5,
        "the walk over the graph has found dependencies"
    );
    assert_none(&findings, "domain does no I/O and is not async");
}

#[test]
fn only_cli_reads_configuration_and_speaks_to_a_terminal() {
    let metadata = metadata();
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        if package.name.as_str() == "trustnet" {
            continue;
        }
        // A test may read what was logged.
        let product = |of: &&Dependency| of.kind != DependencyKind::Development;
        for dependency in package.dependencies.iter().filter(product) {
            if ONLY_IN_CLI.contains(&dependency.name.as_str()) {
                findings.push(format!("{} depends on {}", package.name, dependency.name));
            }
        }
    }
    assert_none(&findings, "these crates are for `cli` alone");
}

#[test]
fn only_cli_reads_the_environment_the_clock_and_chance() {
    let mut findings = Vec::new();
    for (package, _) in ARROWS.iter().filter(|(package, _)| *package != "trustnet") {
        for (path, text) in sources(room(package), &["src"]) {
            // Unit tests stand at the end of their file and may make up what they need.
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            for (number, line) in (1..).zip(product.lines()) {
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for (text, remedy) in ONLY_IN_CLI_SOURCES {
                    if line.contains(text) {
                        findings.push(format!("{}:{number}: `{text}`: {remedy}", path.display()));
                    }
                }
            }
        }
    }
    assert_none(
        &findings,
        "nothing outside `cli` reads environment, clock or chance",
    );
}

#[test]
fn only_the_registrar_writes() {
    let mut findings = Vec::new();
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (package, _) in ARROWS.iter().filter(|(package, _)| *package != "ledger") {
        for (path, text) in sources(room(package), &["src"]) {
            if path
                .iter()
                .any(|part| part == "tests" || part == "tests.rs")
            {
                continue;
            }
            let path = path.to_str().expect("a path of the workspace");
            for (number, line) in (1..).zip(text.lines()) {
                // Headers of an answer are appended to as well.
                let line = line.replace(".append(header::", "");
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for (writes, allowed) in WRITES.iter().filter(|(text, _)| line.contains(text)) {
                    match allowed.iter().find(|allowed| **allowed == path) {
                        Some(file) => _ = used.insert((writes, file)),
                        None => findings.push(format!("{path}:{number}: `{writes}`")),
                    }
                }
            }
        }
    }
    assert_none(
        &findings,
        "the registrar alone writes to the ledger, and `init` and `demo` alone make one",
    );
    let allowed = WRITES.iter().map(|(_, files)| files.len()).sum::<usize>();
    assert_eq!(used.len(), allowed, "no permission stands unused: {used:?}");
}

#[test]
fn every_module_says_what_it_owns() {
    let findings: Vec<String> = all_sources()
        .into_iter()
        .filter(|(_, text)| {
            let first = text
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty() && !line.starts_with("#!["));
            !first.is_some_and(|line| line.starts_with("//!"))
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none(
        &findings,
        "each file begins with `//!`: what it owns and what it does not",
    );
}

#[test]
fn files_have_one_purpose() {
    let findings: Vec<String> = all_sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_IN_A_FILE_MAX)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert_none(&findings, "no file above 600 lines: split it by noun");
}

#[test]
fn modules_are_files_beside_their_directory() {
    let findings: Vec<String> = all_sources()
        .into_iter()
        .filter(|(path, _)| path.ends_with("mod.rs") && path.iter().nth(1) == Some("src".as_ref()))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none(&findings, "`foo.rs` and `foo/`, not `foo/mod.rs`");
}

#[test]
fn no_test_is_switched_off() {
    // Written in two pieces so that this file does not find itself.
    let ignore = concat!("#[", "ignore");
    let findings: Vec<String> = all_sources()
        .into_iter()
        .filter(|(_, text)| {
            text.lines()
                .any(|line| line.trim_start().starts_with(ignore))
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none(&findings, "a test that does not run tests nothing");
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    let findings: Vec<String> = ARROWS
        .iter()
        .map(|(package, _)| room(package))
        .filter(|room| {
            let manifest = fs::read_to_string(root().join(room).join("Cargo.toml"));
            !manifest
                .expect("manifest")
                .contains("[lints]\nworkspace = true")
        })
        .map(str::to_owned)
        .collect();
    assert_none(&findings, "`[lints] workspace = true` in each manifest");
}
