//! The back channel: what the proxy itself fetches from home organisations.
//!
//! Answers are bounded in size and time, no redirect is followed, and an address is either https
//! or on this machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::value::{HostName, WebAddress};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder, header, redirect};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Longest answer that is read, in bytes.
const ANSWER_LENGTH_MAX: usize = 1024 * 1024;
const CONNECT_SECONDS_MAX: u64 = 5;
const ANSWER_SECONDS_MAX: u64 = 15;

/// Why nothing usable came back. Names the operation, never the content.
#[derive(Debug, thiserror::Error)]
pub enum BackChannelError {
    /// The client could not be set up.
    #[error("back channel could not be set up")]
    Setup(#[source] reqwest::Error),
    /// No answer came.
    #[error("no answer came on the back channel")]
    Unreachable(#[source] reqwest::Error),
    /// The answer is longer than is read.
    #[error("answer on the back channel is too long")]
    TooLong,
    /// The answer has another status than it should.
    #[error("answer on the back channel has status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer is not JSON.
    #[error("answer on the back channel is not JSON")]
    NotJson,
}

/// Where hosts are reached: at https on their own name, but for those that are named here.
///
/// None is named where the proxy serves people: this is how tests and the demo put a stand-in in
/// the place of a service that only exists once.
#[derive(Clone, Debug, Default)]
pub struct Hosts(BTreeMap<String, WebAddress>);

impl Hosts {
    /// The addresses, without a path, by which these hosts are reached.
    pub fn at(addresses: impl IntoIterator<Item = (HostName, WebAddress)>) -> Self {
        let text = |(host, address): (HostName, WebAddress)| (host.as_str().to_owned(), address);
        Self(addresses.into_iter().map(text).collect())
    }

    /// Scheme, host and port by which a host is reached.
    pub(crate) fn origin(&self, host: &HostName) -> String {
        match self.0.get(host.as_str()) {
            Some(address) => address.as_str().trim_end_matches('/').to_owned(),
            None => format!("https://{host}"),
        }
    }
}

/// An HTTP client for the back channel. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BackChannel(Client);

impl BackChannel {
    /// A client that verifies certificates against the roots of the web.
    pub fn new() -> Result<Self, BackChannelError> {
        Self::builder()
            .build()
            .map(Self)
            .map_err(BackChannelError::Setup)
    }

    /// The settings of every client of this crate.
    pub(crate) fn builder() -> reqwest::ClientBuilder {
        Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            .dns_resolver(Arc::new(LocalNames))
            .user_agent("trustnet")
    }

    /// Fetches JSON; with a bearer token where one is given.
    pub(crate) async fn get(
        &self,
        address: &WebAddress,
        bearer: Option<&str>,
    ) -> Result<Value, BackChannelError> {
        let mut request = self
            .0
            .get(address.as_str())
            .header(header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        answer(request).await
    }

    /// Fetches JSON under a name and password (RFC 7617), from the host of one tenant of a service
    /// that tells its tenants apart by that.
    pub(crate) async fn get_as(
        &self,
        address: &WebAddress,
        host: &HostName,
        (user, password): (&str, &str),
    ) -> Result<Value, BackChannelError> {
        let request = self.0.get(address.as_str());
        let request = request
            .header(header::HOST, host.as_str())
            .header(header::ACCEPT, "application/json")
            .basic_auth(user, Some(password));
        answer(request).await
    }

    /// Posts a form, with HTTP Basic authentication where it is given, and reads JSON.
    pub(crate) async fn post(
        &self,
        address: &WebAddress,
        basic: Option<(&str, &str)>,
        form: &[(&str, &str)],
    ) -> Result<Value, BackChannelError> {
        let mut request = self.0.post(address.as_str()).form(form);
        if let Some((id, secret)) = basic {
            // RFC 6749 §2.3.1: both are form-encoded before they are joined.
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            let pair = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
            request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
        }
        answer(request.header(header::ACCEPT, "application/json")).await
    }
}

async fn answer(request: RequestBuilder) -> Result<Value, BackChannelError> {
    let request = request.timeout(Duration::from_secs(ANSWER_SECONDS_MAX));
    // The error's own text would repeat the address, which may carry what it should not.
    let unreachable = |error: reqwest::Error| BackChannelError::Unreachable(error.without_url());
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    if !status.is_success() {
        return Err(BackChannelError::Status {
            status: status.as_u16(),
        });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_LENGTH_MAX {
            return Err(BackChannelError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|_| BackChannelError::NotJson)
}

/// Names under `localhost` are this machine (RFC 6761 §6.3), which not every resolver knows.
struct LocalNames;

impl Resolve for LocalNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
            if host == "localhost" || host.ends_with(".localhost") {
                let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                return Ok(Box::new(std::iter::once(local)) as Addrs);
            }
            let found: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
