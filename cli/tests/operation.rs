//! The program as an operator meets it: what stands in its way is named, with what to do, and
//! changes nothing.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A founded ledger with a configuration, in a directory of its own.
struct House(tempfile::TempDir);

impl House {
    fn founded() -> Self {
        let own = Self(tempfile::tempdir().expect("a directory"));
        let template = trustnet(&["init", "--template"]);
        fs::write(own.path("founding.json"), &template.stdout).expect("it can be written");
        let (data, founding) = (own.text("data"), own.text("founding.json"));
        let init = trustnet(&["init", "--data", &data, &founding]);
        assert_eq!(init.status.code(), Some(0), "{}", error(&init));
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_owned()
    }

    /// Writes a configuration that listens on this port, and gives its file.
    fn configured(&self, port: u16) -> String {
        let data = self.text("data");
        let config = format!(
            "[data]\ndirectory = '{data}'\n[api]\nlisten = '127.0.0.1:{port}'\naddress = 'http://manage.localhost:{port}'\n"
        );
        fs::write(self.path("trustnet.toml"), config).expect("it can be written");
        self.text("trustnet.toml")
    }

    /// Every file of the data directory with its content. The lock and what a process writes only
    /// to say that it is there are none of it.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path("data"), &mut files);
        files
    }
}

fn collect(directory: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
}

/// A server that is killed when the test ends.
struct Server(Child);

impl Server {
    /// Starts it and waits until it listens.
    fn start(config: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_trustnet"))
            .args(["serve", "--config", config])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let log = child.stderr.take().expect("its standard error");
        let mut lines = BufReader::new(log).lines();
        let listens = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("The API listens"));
        assert!(listens, "the server has ended");
        // Whatever it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.count());
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn trustnet(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_trustnet"))
        .args(arguments)
        .output();
    output.expect("the program runs")
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no JSON on standard output: {}", error(output)))
}

/// A port that nothing listens on.
fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("its address").port()
}

#[test]
fn a_port_in_use_is_named_and_changes_nothing() {
    let house = House::founded();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let config = house.configured(port);
    let before = house.files();
    let serve = trustnet(&["serve", "--config", &config]);
    assert_eq!(serve.status.code(), Some(3));
    let said = error(&serve);
    assert!(said.contains("`api.listen`"), "{said}");
    assert!(said.contains(&port.to_string()), "{said}");
    assert!(said.contains("what to do"), "{said}");
    assert_eq!(house.files(), before);

    let demo = trustnet(&["demo", "--port", &port.to_string()]);
    assert_eq!(demo.status.code(), Some(3), "{}", error(&demo));
}

#[test]
fn a_second_process_on_the_data_is_turned_away_and_doctor_asks_the_first() {
    let house = House::founded();
    let config = house.configured(free_port());
    let _server = Server::start(&config);

    let second = house.configured(free_port());
    let serve = trustnet(&["serve", "--config", &second]);
    assert_eq!(serve.status.code(), Some(3));
    assert!(
        error(&serve).contains("open in another process"),
        "{}",
        error(&serve)
    );
    let (data, file) = (house.text("data"), house.text("founding.json"));
    let import = trustnet(&["import", "organisations", &file, "--data", &data]);
    assert_ne!(import.status.code(), Some(0));
}

#[test]
fn doctor_finds_a_healthy_house_healthy_whether_or_not_it_serves() {
    let house = House::founded();
    let config = house.configured(free_port());
    let stopped = trustnet(&["doctor", "--config", &config, "--json"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", error(&stopped));
    let findings = json(&stopped);
    let found = |findings: &Value, check: &str| -> Value {
        let all = findings.as_array().expect("a list");
        let of = all.iter().find(|finding| finding["check"] == check);
        of.cloned().unwrap_or_default()
    };
    assert_eq!(found(&findings, "data directory")["good"], true);
    assert_eq!(found(&findings, "port of the API")["good"], true);

    let _server = Server::start(&config);
    let serving = trustnet(&["doctor", "--config", &config, "--json"]);
    assert_eq!(serving.status.code(), Some(0), "{}", error(&serving));
    let server = found(&json(&serving), "server");
    assert_eq!(server["good"], true, "{server}");
    let said = server["found"].as_str().unwrap_or_default();
    assert!(said.starts_with("ready at position"), "{said}");
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::founded();
    let config = house.configured(free_port());
    let key = house.path("data.master-key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("its own file");
    let doctor = trustnet(&["doctor", "--config", &config]);
    assert_eq!(doctor.status.code(), Some(1));
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("BAD   master key"), "{said}");
    assert!(said.contains("chmod 600"), "{said}");

    fs::remove_file(&key).expect("its own file");
    let doctor = trustnet(&["doctor", "--config", &config]);
    assert_eq!(doctor.status.code(), Some(1));
    let serve = trustnet(&["serve", "--config", &config]);
    assert_ne!(serve.status.code(), Some(0), "no key, no ledger");
}

#[test]
fn a_damaged_data_directory_is_refused_with_the_position() {
    let house = House::founded();
    let config = house.configured(free_port());
    // Both copies of the first frame: what one of them alone loses is healed.
    let journal = house.path("data/journals/governance");
    let mut files = BTreeMap::new();
    collect(&journal, &mut files);
    for (path, mut bytes) in files {
        let marked = bytes.windows(12).position(|at| at == b"LedgerFounde");
        if let Some(at) = marked {
            bytes[at] ^= 1;
            fs::write(path, bytes).expect("its own file");
        } else if path.components().any(|part| part.as_os_str() == "sled") {
            fs::remove_file(path).expect("its own file");
        }
    }
    let serve = trustnet(&["serve", "--config", &config]);
    assert_eq!(serve.status.code(), Some(3), "{}", error(&serve));
    assert!(error(&serve).contains("position 0"), "{}", error(&serve));
}

#[test]
fn a_configuration_is_checked_and_shown() {
    let house = House::founded();
    let config = house.configured(1234);
    let check = trustnet(&["config", "check", "--config", &config, "--json"]);
    assert_eq!(json(&check)["valid"], true);
    let show = json(&trustnet(&[
        "config", "show", "--config", &config, "--json",
    ]));
    assert_eq!(show["api"]["listen"], "127.0.0.1:1234");
    assert_eq!(show["log"]["level"], "info", "defaults are shown");

    let text = fs::read_to_string(&config).expect("its own file") + "colour = 'blue'\n";
    fs::write(&config, text).expect("its own file");
    let check = trustnet(&["config", "check", "--config", &config]);
    assert_eq!(check.status.code(), Some(2));
    assert!(error(&check).contains("colour"), "{}", error(&check));

    let node = house.path("node.toml");
    let of_a_node = "state_directory = '/var/lib/node'\n[ledger]\naddress = 'https://manage.example.org'\ncredential_file = '/etc/credential'\n[proxy]\nname = 'node-1'\nlisten = '127.0.0.1:1'\n[[proxy.environments]]\nenvironment = 'test'\nissuer = 'https://login.example.org'\n";
    fs::write(&node, of_a_node).expect("it can be written");
    let node = house.text("node.toml");
    let check = trustnet(&["config", "check", "--node", "--config", &node]);
    assert_eq!(check.status.code(), Some(0), "{}", error(&check));
    let check = trustnet(&["config", "check", "--config", &node]);
    assert_eq!(check.status.code(), Some(2), "it is no server's");
}

#[test]
fn a_founding_that_is_wrong_founds_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let template = trustnet(&["init", "--template"]).stdout;
    let text = String::from_utf8(template).expect("UTF-8");
    let twice = text.replacen('{', "{\"purpose\":\"DEMO\",", 1);
    let unknown = text.replacen('{', "{\"colour\":1,", 1);
    let wrongs: [(&str, &[u8], &str); 5] = [
        ("bytes", b"{\"purpose\":\"\xff\"}", "UTF-8"),
        ("trailing", &[text.as_bytes(), b" {}"].concat(), "trailing"),
        ("twice", twice.as_bytes(), "purpose"),
        ("unknown", unknown.as_bytes(), "colour"),
        ("nothing", b"", "EOF"),
    ];
    let file = directory.path().join("founding.json");
    let data = directory.path().join("data");
    let (file_text, data_text) = (file.to_str().expect("UTF-8"), data.to_str().expect("UTF-8"));
    for (name, bytes, said) in wrongs {
        fs::write(&file, bytes).expect("it can be written");
        let init = trustnet(&["init", "--data", data_text, file_text]);
        assert_eq!(init.status.code(), Some(2), "{name}: {}", error(&init));
        assert!(error(&init).contains(said), "{name}: {}", error(&init));
        assert!(!data.exists(), "{name}");
    }
    let init = trustnet(&["init", "--data", data_text, "/nowhere/founding.json"]);
    assert_eq!(init.status.code(), Some(2), "{}", error(&init));
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let output = trustnet(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for command in ["serve", "doctor", "import", "completions"] {
            assert!(text.contains(command), "{shell}: {command}");
        }
    }
}
