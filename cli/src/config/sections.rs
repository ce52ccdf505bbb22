//! The sections of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Where the ledger lies.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The data directory, as `trustnet init` made it.
    pub(crate) directory: PathBuf,
    /// The file with the vault's master key. Default: beside the data directory, with
    /// `.master-key` after its name.
    #[serde(default)]
    pub(crate) master_key: Option<PathBuf>,
    /// Where the vault lies, where that is not in the data directory.
    #[serde(default)]
    pub(crate) vault: Option<PathBuf>,
}

/// The management interfaces: GraphQL, REST, dashboard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    /// The address and port to listen on. Terminate TLS in front of it.
    #[schemars(with = "String")]
    pub(crate) listen: SocketAddr,
    /// The address by which callers know it, such as `https://manage.example.org`.
    #[schemars(with = "String")]
    pub(crate) address: Url,
}

/// How people sign in to the management interfaces.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The client id under which the sign-in issuer knows this ledger.
    pub(crate) client_id: String,
    /// The file with the client secret.
    pub(crate) client_secret_file: PathBuf,
    /// The claim that lists a person's rights over organisations, such as
    /// `APP_MPASSID_TALLENTAJA_<organisation>`.
    #[serde(default = "rights_claim")]
    pub(crate) rights_claim: String,
}

fn rights_claim() -> String {
    "roles".to_owned()
}

/// The login proxy.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proxy {
    /// The node's name, which its tokens carry; no other node has it.
    pub(crate) name: String,
    /// The address and port to listen on, for all environments; they are told apart by their host
    /// names. Terminate TLS in front of it.
    #[schemars(with = "String")]
    pub(crate) listen: SocketAddr,
    /// How old the routing table may become while its source is away, in minutes. Default: any
    /// age, with the age as a metric.
    #[serde(default)]
    pub(crate) table_age_minutes_max: Option<u32>,
    /// The file with the secret that this installation shares with every Wilma that has none of
    /// its own. Default: such a Wilma routes nothing.
    #[serde(default)]
    pub(crate) wilma_secret_file: Option<PathBuf>,
    /// The environments it serves.
    pub(crate) environments: Vec<ProxyEnvironment>,
}

/// One environment that the login proxy serves.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProxyEnvironment {
    /// The environment: `test`, `demo`, `preproduction` or `production`.
    #[serde(with = "environment_name")]
    #[schemars(with = "String")]
    pub(crate) environment: domain::Environment,
    /// The issuer: scheme, host and port by which browsers and services know it.
    #[schemars(with = "String")]
    pub(crate) issuer: domain::value::WebAddress,
    /// Where services reach the token, userinfo and key endpoints, where that is another address.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) back_channel: Option<domain::value::WebAddress>,
}

/// Where the organisation register is fetched.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationService {
    /// The address whose answer is recorded daily at 07:00 of the network's zone.
    #[schemars(with = "String")]
    pub(crate) url: Url,
}

/// How the operator's log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// JSON objects, one a line.
    Json,
}

/// The operator's log, on standard error.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// What is logged: `error`, `warn`, `info`, `debug`, or directives such as `info,api=debug`.
    pub(crate) level: String,
    /// `text` or `json`.
    pub(crate) format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

impl Log {
    /// A directive without `=` is a level: anything else would be taken for the name of a part of
    /// the program, and silence all others.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_level = |text: &str| {
            let levels = ["off", "error", "warn", "info", "debug", "trace"];
            levels.contains(&text.trim().to_ascii_lowercase().as_str())
        };
        let wrong = self.level.split(',').find(|directive| {
            let level = directive
                .rsplit_once('=')
                .map_or(*directive, |(_, level)| level);
            !is_level(level)
        });
        match wrong {
            None => Ok(()),
            Some(wrong) => Err(format!(
                "`log.level`: `{wrong}` is no level: give off, error, warn, info, debug or trace"
            )),
        }
    }
}

impl Api {
    /// An origin and nothing more: cookies, addresses and the check of origins are made of it.
    pub(super) fn check(&self) -> Result<(), String> {
        let address = &self.address;
        let plain = ["http", "https"].contains(&address.scheme())
            && address.path() == "/"
            && address.query().is_none()
            && address.fragment().is_none()
            && address.username().is_empty()
            && address.password().is_none();
        if plain {
            return Ok(());
        }
        Err(format!(
            "`api.address`: `{address}` is not scheme, host and port alone, such as https://manage.example.org"
        ))
    }
}

/// Environments by their lower-case names.
mod environment_name {
    use domain::Environment;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        environment: &Environment,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(environment.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Environment, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Data {
    /// The file with the master key.
    pub(crate) fn master_key_file(&self) -> PathBuf {
        self.master_key
            .clone()
            .unwrap_or_else(|| crate::data::default_master_key(&self.directory))
    }
}

/// Where a proxy node finds the ledger.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerServer {
    /// The address of the API of `trustnet serve`.
    #[schemars(with = "String")]
    pub(crate) address: domain::value::WebAddress,
    /// The file with the node's credential, as `<node>.<secret>`.
    pub(crate) credential_file: PathBuf,
}
