//! Imports through the binary and a data directory: exit codes, JSON, and no secret in any file.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A founded ledger in a directory of its own.
struct Ledger {
    directory: tempfile::TempDir,
}

impl Ledger {
    fn founded() -> Self {
        let own = Self {
            directory: tempfile::tempdir().expect("a directory"),
        };
        let template = trustnet(&["init", "--template"]);
        let mut founding: Value = json(&template);
        // Only such a ledger takes invented organisations in production.
        founding["purpose"] = "DEMO".into();
        let file = own.write("founding.json", &founding.to_string());
        let init = trustnet(&["init", "--data", &own.data(), text(&file)]);
        assert_eq!(init.status.code(), Some(0), "{}", error(&init));
        own
    }

    fn data(&self) -> String {
        text(&self.directory.path().join("data")).to_owned()
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let file = self.directory.path().join(name);
        std::fs::write(&file, content).expect("the directory is writable");
        file
    }

    /// `import KIND ARGUMENTS… --data … --json`: its code and its report.
    fn import(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let data = self.data();
        let all = [&["import"], arguments, &["--data", &data, "--json"]].concat();
        let output = trustnet(&all);
        assert!(!output.stdout.is_empty(), "{}", error(&output));
        (output.status.code(), json(&output))
    }
}

fn trustnet(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_trustnet"))
        .args(arguments)
        .output();
    output.expect("the program runs")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON on standard output")
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the test")
}

fn fixture(name: &str) -> String {
    format!(
        "{}/tests/fixtures/import/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// Every file below `directory`.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn holds(directory: &str, marker: &str) -> bool {
    let marker = marker.as_bytes();
    files(Path::new(directory)).iter().any(|file| {
        let bytes = std::fs::read(file).expect("a file of the ledger");
        bytes.windows(marker.len()).any(|window| window == marker)
    })
}

#[test]
fn loading_files_are_recorded_once_and_their_secrets_nowhere() {
    let ledger = Ledger::founded();
    let (homes, services, sets) = (fixture("homes"), fixture("services"), fixture("sets"));
    let call = ["mpassid", homes.as_str(), services.as_str(), sets.as_str()];

    let (code, report) = ledger.import(&[&call[..], &["--dry-run"]].concat());
    assert_eq!(
        (code, &report["verdict"]),
        (Some(0), &"WOULD_RECORD".into())
    );
    assert_eq!(report["positions"], Value::Null);

    let (code, report) = ledger.import(&call);
    assert_eq!((code, &report["verdict"]), (Some(0), &"RECORDED".into()));
    assert_eq!(report["recorded"].as_array().map(Vec::len), Some(11));
    assert_eq!(report["recorded"][0]["what"], "ADDED");

    let (code, report) = ledger.import(&call);
    assert_eq!(
        (code, &report["verdict"]),
        (Some(0), &"NOTHING_TO_RECORD".into())
    );
    assert_eq!(report["unchanged"], 10);

    assert!(
        holds(&ledger.data(), "kirjasto-asiakas"),
        "what is not secret lies in the log"
    );
    assert!(
        !holds(&ledger.data(), "secret-marker"),
        "a secret lies in the log in clear"
    );
}

#[test]
fn an_invalid_entry_changes_nothing_and_is_named() {
    let ledger = Ledger::founded();
    let (sets, services) = (fixture("sets"), fixture("services"));
    let homes = std::fs::read_to_string(fixture("homes")).expect("the fixture");
    let wrong = ledger.write(
        "wrong.json",
        &homes.replace("gsuite_keksitty", "wilma_satu"),
    );
    let call = ["mpassid", text(&wrong), services.as_str(), sets.as_str()];
    let (code, report) = ledger.import(&call);
    assert_eq!((code, &report["verdict"]), (Some(2), &"INVALID".into()));
    let ids: Vec<_> = report["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, ["4900002", "4900004"]);
    let (code, report) = ledger.import(&[&call[..], &["--skip-invalid"]].concat());
    assert_eq!(
        (code, report["left"].as_array().map(Vec::len)),
        (Some(0), Some(2))
    );
    assert_eq!(report["recorded"].as_array().map(Vec::len), Some(9));
}

#[test]
fn removals_beyond_the_limit_are_refused() {
    let ledger = Ledger::founded();
    let homes = fixture("homes");
    assert_eq!(ledger.import(&["mpassid", &homes]).0, Some(0));
    let mut less: Value =
        serde_json::from_str(&std::fs::read_to_string(&homes).expect("the fixture")).expect("JSON");
    less["identityProviders"]
        .as_array_mut()
        .expect("a list")
        .remove(0);
    let less = ledger.write("less.json", &less.to_string());
    let replace = ["mpassid", text(&less), "--replace", "--max-removals", "0"];
    let (code, report) = ledger.import(&replace);
    assert_eq!(code, Some(1));
    assert_eq!(report["refusal"]["code"], "TOO_MANY_REMOVALS");
    let (code, report) = ledger.import(&["mpassid", text(&less), "--replace"]);
    assert_eq!(
        (code, &report["recorded"][0]["what"]),
        (Some(0), &"INACTIVATED".into())
    );
}

#[test]
fn organisations_are_recorded_once() {
    let ledger = Ledger::founded();
    let hierarchy = fixture("hierarchy");
    let (code, report) = ledger.import(&["organisations", &hierarchy]);
    assert_eq!((code, &report["verdict"]), (Some(0), &"RECORDED".into()));
    let (code, report) = ledger.import(&["organisations", &hierarchy, "--complete"]);
    assert_eq!(
        (code, &report["verdict"]),
        (Some(0), &"NOTHING_TO_RECORD".into())
    );
    let (code, report) = ledger.import(&["organisations", &fixture("organisation"), "--complete"]);
    assert_eq!(
        (code, &report["refusal"]["code"]),
        (Some(1), &"TOO_MANY_CLOSURES".into())
    );
}

#[test]
fn the_kind_of_trouble_is_the_exit_code() {
    let ledger = Ledger::founded();
    let (homes, data) = (fixture("homes"), ledger.data());
    let elsewhere = format!("{data}-elsewhere");
    let cases: [(&[&str], i32); 7] = [
        (&["import", "mpassid", &homes], 2),
        (&["import", "mpassid", "missing.json", "--data", &data], 2),
        (&["import", "mpassid", &homes, "--data", &elsewhere], 2),
        (
            &[
                "import",
                "mpassid",
                &homes,
                "--data",
                &data,
                "--since",
                "2024-01-01",
            ],
            2,
        ),
        (
            &[
                "import",
                "mpassid",
                &homes,
                "--server",
                "http://example.org",
                "--credential",
                "x",
            ],
            2,
        ),
        (
            &[
                "import",
                "mpassid",
                &homes,
                "--server",
                "http://127.0.0.1:1",
                "--credential",
                "x",
                "--dry-run",
            ],
            2,
        ),
        (
            &[
                "import",
                "mpassid",
                &homes,
                "--server",
                "http://127.0.0.1:1",
                "--credential",
                "x",
            ],
            3,
        ),
    ];
    for (arguments, code) in cases {
        let output = trustnet(arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            error(&output)
        );
    }
}
