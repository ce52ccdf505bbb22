//! The configuration file: one struct a section, unknown keys are errors.
//!
//! Configuration says where things are and who may be listened to. It never decides a rule: those
//! are events, or a replay would give another answer.

mod reference;
mod sections;

pub(crate) use reference::reference;
pub(crate) use sections::*;

use crate::exit::{Kind, Marked as _, trouble};
use anyhow::Context as _;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The whole configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the ledger lies.
    pub(crate) data: Data,
    /// The management interfaces: GraphQL, REST, dashboard.
    pub(crate) api: Api,
    /// How people sign in to the management interfaces. The issuer itself is named in the ledger.
    #[serde(default)]
    pub(crate) sign_in: Option<SignIn>,
    /// The login proxy in this process; without it, none runs here.
    #[serde(default)]
    pub(crate) proxy: Option<Proxy>,
    /// Where the organisation register is fetched daily; without it, it is imported by hand.
    #[serde(default)]
    pub(crate) organisation_service: Option<OrganisationService>,
    /// The operator's log.
    #[serde(default)]
    pub(crate) log: Log,
}

/// The configuration of a proxy node on a machine of its own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeConfig {
    /// Where the node keeps its key and the last good routing tables.
    pub(crate) state_directory: PathBuf,
    /// Where the ledger is.
    pub(crate) ledger: LedgerServer,
    /// The login proxy.
    pub(crate) proxy: Proxy,
    /// The operator's log.
    #[serde(default)]
    pub(crate) log: Log,
}

impl NodeConfig {
    fn check(&self) -> Result<(), String> {
        self.log.check()?;
        self.proxy.check()
    }

    /// The file with the node's key.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.state_directory.join("node-key.json")
    }
}

/// Reads the configuration of `serve`. The error names the file, the place in it and what is
/// expected there.
pub(crate) fn read(file: &Path) -> anyhow::Result<Config> {
    let config: Config = read_as(file)?;
    config
        .check()
        .map_err(|fault| trouble(Kind::Input, format!("{}: {fault}", file.display())))?;
    Ok(config)
}

/// Reads the configuration of a node, with the same errors.
pub(crate) fn read_node(file: &Path) -> anyhow::Result<NodeConfig> {
    let config: NodeConfig = read_as(file)?;
    config
        .check()
        .map_err(|fault| trouble(Kind::Input, format!("{}: {fault}", file.display())))?;
    Ok(config)
}

fn read_as<C: DeserializeOwned>(file: &Path) -> anyhow::Result<C> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading the configuration `{}` failed", file.display()))
        .kind(Kind::Input)?;
    parse(&text).map_err(|fault| trouble(Kind::Input, format!("{}: {fault}", file.display())))
}

fn parse<C: DeserializeOwned>(text: &str) -> Result<C, String> {
    let document = toml::de::Deserializer::parse(text).map_err(|error| error.to_string())?;
    serde_path_to_error::deserialize(document).map_err(|error| {
        let path = error.path().to_string();
        format!("setting `{path}`: {}", error.into_inner().message())
    })
}

impl Config {
    /// What no single setting can say of itself.
    fn check(&self) -> Result<(), String> {
        self.log.check()?;
        self.api.check()?;
        let Some(proxy) = &self.proxy else {
            return Ok(());
        };
        if proxy.listen == self.api.listen && proxy.listen.port() != 0 {
            return Err(format!("`proxy.listen`: {} is the API's", proxy.listen));
        }
        proxy.check()
    }
}

impl Proxy {
    fn check(&self) -> Result<(), String> {
        if self.environments.is_empty() {
            return Err("`proxy.environments`: name at least one environment".to_owned());
        }
        let mut seen = Vec::new();
        for own in &self.environments {
            if seen.contains(&own.environment) {
                return Err(format!(
                    "`proxy.environments`: {} is named twice",
                    own.environment
                ));
            }
            seen.push(own.environment);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, reference};

    /// Reads and checks, as `read` does with a file.
    fn parse(text: &str) -> Result<Config, String> {
        let config: Config = super::parse(text)?;
        config.check()?;
        Ok(config)
    }

    const SMALLEST: &str = "[data]\ndirectory = '/var/lib/trustnet'\n[api]\nlisten = '127.0.0.1:8080'\naddress = 'https://manage.example.org'\n";

    #[test]
    fn the_smallest_configuration_has_its_defaults() {
        let config = parse(SMALLEST).unwrap();
        assert_eq!(config.log.level, "info");
        assert!(config.proxy.is_none());
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let error = parse(&format!("{SMALLEST}listen = 'x'\n")).unwrap_err();
        assert!(error.contains("listen"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_place() {
        let wrong = SMALLEST.replace("127.0.0.1:8080", "nowhere");
        let error = parse(&wrong).unwrap_err();
        assert!(error.starts_with("setting `api.listen`"), "{error}");
    }

    #[test]
    fn a_missing_setting_is_named() {
        let error = parse("[data]\ndirectory = '/x'\n").unwrap_err();
        assert!(error.contains("api"), "{error}");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let proxy = |port| format!("{SMALLEST}[proxy]\nname = 'a'\nlisten = '127.0.0.1:{port}'\n");
        let own =
            "[[proxy.environments]]\nenvironment = 'test'\nissuer = 'https://login.example.org'\n";
        assert!(parse(&format!("{}{own}", proxy(1))).is_ok());
        let twice = parse(&format!("{}{own}{own}", proxy(1))).unwrap_err();
        assert_eq!(twice, "`proxy.environments`: test is named twice");
        let shared = parse(&format!("{}{own}", proxy(8080))).unwrap_err();
        assert_eq!(shared, "`proxy.listen`: 127.0.0.1:8080 is the API's");
    }

    #[test]
    fn a_level_that_is_none_is_refused_and_does_not_silence_the_log() {
        let with = |level| parse(&format!("{SMALLEST}[log]\nlevel = '{level}'\n"));
        for right in ["info", "warn,api=debug", "off", "api=trace"] {
            assert!(with(right).is_ok(), "{right}");
        }
        for wrong in ["inffo", "", "info,debgu", "api=loud"] {
            let error = with(wrong).unwrap_err();
            assert!(error.starts_with("`log.level`"), "{wrong}: {error}");
        }
    }

    #[test]
    fn the_address_of_the_api_is_one_that_browsers_know_it_by() {
        for wrong in [
            "app://manage.example.org",
            "https://manage.example.org/trustnet",
            "https://user@manage.example.org",
            "https://manage.example.org?x",
        ] {
            let text = SMALLEST.replace("https://manage.example.org", wrong);
            let error = parse(&text).unwrap_err();
            assert!(error.starts_with("`api.address`"), "{wrong}: {error}");
        }
    }

    #[test]
    fn the_reference_names_every_setting() {
        let reference = reference();
        for setting in [
            "data.directory",
            "api.listen",
            "proxy.environments[].environment",
            "log.level",
            "state_directory",
            "ledger.credential_file",
        ] {
            assert!(reference.contains(&format!("`{setting}`")), "{setting}");
        }
    }
}
