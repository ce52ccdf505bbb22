//! A proxy put together: one issuer for each environment, told apart by the host that was asked.

use crate::broker::{Broker, BrokerParts};
use crate::http::{BackChannel, Hosts};
use crate::live::{CopyError, LiveRouting, TableStatus};
use crate::node::NodeIdentity;
use crate::record::AuthenticationRecorder;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Environment;
use domain::value::WebAddress;
use ledger::Random;
use projections::routing::RoutingSource;
use registrar::Clock;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use tower::ServiceExt as _;
use zeroize::Zeroizing;

/// One environment that the node serves.
#[derive(Clone, Debug)]
pub struct EnvironmentSettings {
    /// The environment.
    pub environment: Environment,
    /// Its issuer: scheme, host and port, without a path. Services know the proxy by it, and
    /// browsers reach it there.
    pub issuer: WebAddress,
    /// Where services reach the token, userinfo and key endpoints, where that is another address.
    pub back_channel: Option<WebAddress>,
}

/// What a proxy is told by whoever configures it.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// The environments it serves. Each has an issuer, and so a host, of its own.
    pub environments: Vec<EnvironmentSettings>,
    /// How old a routing table may become while its source is away, in seconds; none for any age.
    pub table_age_seconds_max: Option<u32>,
    /// Where the last good tables are kept; none to keep none, as in process.
    pub directory: Option<PathBuf>,
    /// What holds for sources of identities of every environment.
    pub sources: SourceSettings,
}

/// What holds for sources of identities of every environment.
#[derive(Clone, Default)]
pub struct SourceSettings {
    /// The secret shared with every Wilma that has none of its own.
    pub wilma_secret: Option<Zeroizing<String>>,
    /// Hosts that are reached elsewhere than on their own name.
    pub hosts: Hosts,
}

impl fmt::Debug for SourceSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceSettings")
            .field("wilma_secret", &self.wilma_secret.is_some())
            .field("hosts", &self.hosts)
            .finish()
    }
}

/// What a proxy is given.
#[derive(Clone)]
pub struct ProxyParts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for keys.
    pub random: Arc<dyn Random>,
    /// Who the node is.
    pub node: NodeIdentity,
    /// Where routing comes from.
    pub source: Arc<dyn RoutingSource>,
    /// To whom authentications go.
    pub recorder: Arc<dyn AuthenticationRecorder>,
    /// How home organisations are reached.
    pub back_channel: BackChannel,
}

/// Why a proxy could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The settings name no environment.
    #[error("a proxy serves at least one environment")]
    NoEnvironment,
    /// An environment is named twice.
    #[error("{environment} is set up twice")]
    Twice {
        /// The environment.
        environment: Environment,
    },
    /// An issuer is not just scheme, host and port.
    #[error("the issuer of {environment} must be an address without path, query and final slash")]
    Issuer {
        /// The environment.
        environment: Environment,
    },
    /// Two environments would answer at the same host.
    #[error("{environment} would answer at the host of another environment")]
    Host {
        /// The environment.
        environment: Environment,
    },
    /// The last good table could not be read.
    #[error("the kept routing table of {environment} cannot be used")]
    Copy {
        /// The environment.
        environment: Environment,
        /// What is wrong.
        #[source]
        source: CopyError,
    },
}

/// A proxy. Cheap to clone.
#[derive(Clone)]
pub struct Proxy {
    tables: Vec<Arc<LiveRouting>>,
    source: Arc<dyn RoutingSource>,
    hosts: Arc<HashMap<String, Router>>,
}

impl Proxy {
    /// Puts a proxy together. It routes from the last good tables, and follows the source once
    /// [`run`](Self::run) runs.
    pub fn new(settings: ProxySettings, parts: ProxyParts) -> Result<Self, ProxyError> {
        if settings.environments.is_empty() {
            return Err(ProxyError::NoEnvironment);
        }
        let mut hosts = HashMap::new();
        let mut tables: Vec<Arc<LiveRouting>> = Vec::new();
        for own in settings.environments {
            let environment = own.environment;
            if tables
                .iter()
                .any(|table| table.environment() == environment)
            {
                return Err(ProxyError::Twice { environment });
            }
            let live = LiveRouting::open(
                environment,
                parts.node.clone(),
                Arc::clone(&parts.clock),
                settings.table_age_seconds_max,
                settings.directory.clone(),
            )
            .map_err(|source| ProxyError::Copy {
                environment,
                source,
            })?;
            let live = Arc::new(live);
            tables.push(Arc::clone(&live));

            let wrong = ProxyError::Issuer { environment };
            let (issuer, host) = origin(&own.issuer).ok_or(wrong)?;
            let mut names = vec![host];
            let back_channel_origin = match &own.back_channel {
                None => issuer.clone(),
                Some(address) => {
                    let wrong = ProxyError::Issuer { environment };
                    let (origin, host) = origin(address).ok_or(wrong)?;
                    names.push(host);
                    origin
                }
            };
            let broker = Arc::new(Broker::new(BrokerParts {
                issuer,
                back_channel_origin,
                live,
                clock: Arc::clone(&parts.clock),
                random: Arc::clone(&parts.random),
                recorder: Arc::clone(&parts.recorder),
                node: parts.node.clone(),
                back_channel: parts.back_channel.clone(),
                sources: settings.sources.clone(),
            }));
            names.dedup();
            for name in names {
                if hosts.insert(name, broker.router()).is_some() {
                    return Err(ProxyError::Host { environment });
                }
            }
        }
        Ok(Self {
            tables,
            source: parts.source,
            hosts: Arc::new(hosts),
        })
    }

    /// Everything the proxy answers, for every environment; a request for a host that is nobody's
    /// is refused.
    pub fn router(&self) -> Router {
        Router::new()
            .fallback(by_host)
            .with_state(Arc::clone(&self.hosts))
    }

    /// Follows the routing source for every environment. Never ends; drop it to stop.
    pub async fn run(&self) {
        let follow = self
            .tables
            .iter()
            .map(|table| table.follow(self.source.as_ref()));
        futures::future::join_all(follow).await;
    }

    /// Waits until every table stands at `position` or beyond.
    pub async fn reached(&self, position: u64) {
        futures::future::join_all(self.tables.iter().map(|table| table.reached(position))).await;
    }

    /// How each environment's table stands, for health and metrics.
    pub fn status(&self) -> Vec<TableStatus> {
        self.tables.iter().map(|table| table.status()).collect()
    }
}

/// An address of scheme, host and port alone, as it was given, and what a `Host` header says then.
fn origin(address: &WebAddress) -> Option<(String, String)> {
    let url = address.to_url()?;
    let given = address.as_str();
    if url.path() != "/" || url.query().is_some() || given.ends_with('/') {
        return None;
    }
    let host = url.host_str()?.to_ascii_lowercase();
    let host = url
        .port()
        .map_or(host.clone(), |port| format!("{host}:{port}"));
    Some((given.to_owned(), host))
}

async fn by_host(State(hosts): State<Arc<HashMap<String, Router>>>, request: Request) -> Response {
    // HTTP/2 has the host in the request line, HTTP/1.1 in a header.
    let in_line = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    let in_header = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = in_line.or(in_header).map(str::to_ascii_lowercase);
    match host.and_then(|host| hosts.get(&host)) {
        Some(router) => router.clone().oneshot(request).await.into_response(),
        None => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}
