//! `trustnet doctor`: checks a configuration and the machine it is for.
//!
//! Where a server runs on the data, it is asked how it does, and nothing is opened beside it.
//! Otherwise the ledger is opened as a server would open it, which heals what can be healed.

use crate::arguments::Configured;
use crate::config::{self, Config};
use crate::exit::{Kind, trouble};
use crate::{commands, data};
use ledger::{Ledger, OpenError};
use serde::Serialize;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

/// How long a running server may take to say how it does.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    /// Whether it is as it should be.
    good: bool,
    /// What was found, and what to do where it is not good.
    found: String,
}

/// Looks at everything and reports; an error where something is not good.
pub(crate) fn run(configured: &Configured) -> anyhow::Result<()> {
    let config = config::read(&configured.config)?;
    let mut findings = vec![finding("configuration", Ok("valid".to_owned()))];
    findings.push(finding("master key", master_key(&config)));
    let ledger = ledger(&config);
    let running = matches!(ledger, Ok(Data::Serving));
    let data = ledger.map(|data| data.to_string());
    findings.push(finding("data directory", data));
    if running {
        findings.push(finding("server", server(config.api.listen)));
    } else {
        findings.push(finding("port of the API", port(config.api.listen)));
        if let Some(proxy) = &config.proxy {
            findings.push(finding("port of the proxy", port(proxy.listen)));
        }
    }
    if let Some(sign_in) = &config.sign_in {
        findings.push(finding(
            "sign-in secret",
            secret(&sign_in.client_secret_file),
        ));
    }
    let bad = findings.iter().filter(|finding| !finding.good).count();
    if configured.json {
        commands::print_json(&findings)?;
    } else {
        for finding in &findings {
            let mark = if finding.good { "good" } else { "BAD " };
            println!("{mark}  {}: {}", finding.check, finding.found);
        }
    }
    if bad == 0 {
        return Ok(());
    }
    Err(trouble(
        Kind::Refused,
        format!("{bad} of {} checks found something", findings.len()),
    ))
}

fn finding(check: &'static str, found: Result<String, String>) -> Finding {
    let good = found.is_ok();
    Finding {
        check,
        good,
        found: found.unwrap_or_else(|bad| bad),
    }
}

fn master_key(config: &Config) -> Result<String, String> {
    let file = config.data.master_key_file();
    data::read_master_key(&file).map_err(|error| {
        format!("{error:#}; `trustnet init` makes it, and without it nothing sealed opens")
    })?;
    secret(&file)
}

/// A secret's file is there and only its owner reads it.
fn secret(file: &Path) -> Result<String, String> {
    let shown = file.display();
    let metadata = std::fs::metadata(file).map_err(|error| format!("`{shown}`: {error}"))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        return Ok(format!("`{shown}`, read by its owner only"));
    }
    Err(format!(
        "`{shown}` has mode {mode:o}: run `chmod 600 {shown}`"
    ))
}

/// How the data directory was found.
enum Data {
    /// A server has it.
    Serving,
    /// It opens: so many events in so many journals.
    Opens { events: u64, journals: usize },
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serving => f.write_str("a running process serves it"),
            Self::Opens { events, journals } => {
                write!(f, "opens: {events} events in {journals} journals")
            }
        }
    }
}

/// What the server that runs says of itself.
fn server(address: SocketAddr) -> Result<String, String> {
    let asked = || -> anyhow::Result<(u16, serde_json::Value)> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(ANSWER_WITHIN)
            .build()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let answer = client
                .get(format!("http://{address}/health/ready"))
                .send()
                .await?;
            Ok((answer.status().as_u16(), answer.json().await?))
        })
    };
    let (status, health) = asked().map_err(|error| {
        format!("{address} does not answer: {error:#}; is it another process that has the data?")
    })?;
    let alarms = health["alarms"]
        .as_array()
        .is_some_and(|all| !all.is_empty());
    if status == 200 && !alarms {
        return Ok(format!("ready at position {}", health["position"]));
    }
    Err(format!("{health}; the server's log says why"))
}

fn ledger(config: &Config) -> Result<Data, String> {
    let directory = &config.data.directory;
    if !Ledger::exists_in(directory) {
        return Err(format!(
            "`{}` holds no ledger: run `trustnet init`",
            directory.display()
        ));
    }
    let key = data::read_master_key(&config.data.master_key_file())
        .map_err(|error| format!("{error:#}"))?;
    let options = data::options(key, config.data.vault.clone());
    let ledger = match Ledger::open_in(directory, &options) {
        Ok(ledger) => ledger,
        Err(OpenError::Locked(_)) => return Ok(Data::Serving),
        Err(error) => return Err(registrar::chain(&error)),
    };
    if !data::is_founded(&ledger).map_err(|error| format!("{error:#}"))? {
        return Err(data::not_founded(directory));
    }
    let journals = ledger.journals().map_err(|error| error.to_string())?;
    let mut events = 0;
    for name in &journals {
        let journal = ledger.journal(name).map_err(|error| error.to_string())?;
        events += journal
            .head()
            .map_err(|error| error.to_string())?
            .next_position;
    }
    ledger.close();
    let journals = journals.len();
    Ok(Data::Opens { events, journals })
}

fn port(address: std::net::SocketAddr) -> Result<String, String> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) => Err(format!("{address}: {error}; is another trustnet running?")),
    }
}
