//! The ledger's server as a node reaches it: the routing feed and the authentication intake, by
//! HTTP, with the node's credential.

mod feed;
mod intake;

pub use feed::RemoteRoutingSource;
pub use intake::{AuthenticationLine, INTAKE_VERSION, IntakeMark, RemoteAuthenticationRecorder};

use crate::http::{BackChannel, BackChannelError};
use domain::value::WebAddress;
use reqwest::{Client, RequestBuilder};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The server and the credential.
#[derive(Clone)]
struct Server {
    client: Client,
    origin: String,
    credential: Arc<Zeroizing<String>>,
}

impl Server {
    fn new(server: &WebAddress, credential: Zeroizing<String>) -> Result<Self, BackChannelError> {
        Ok(Self {
            client: BackChannel::builder()
                .build()
                .map_err(BackChannelError::Setup)?,
            origin: server.as_str().trim_end_matches('/').to_owned(),
            credential: Arc::new(credential),
        })
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client
            .get(format!("{}{path}", self.origin))
            .bearer_auth(self.credential.as_str())
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.origin))
            .bearer_auth(self.credential.as_str())
    }
}
