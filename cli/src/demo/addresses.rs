//! Where the demo's parts are found. Names under `localhost` are this machine in every browser that
//! knows RFC 6761; the parties, which servers call as well, go by the number of the loopback address.

use crate::listen;
use domain::value::WebAddress;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use url::Url;

/// The sockets of the demo, all on loopback, taken before anything starts.
pub(crate) struct Sockets {
    pub(crate) api: TcpListener,
    pub(crate) proxy: TcpListener,
    pub(crate) sign_in: TcpListener,
    pub(crate) home: TcpListener,
    pub(crate) services: TcpListener,
    pub(crate) sources: TcpListener,
}

/// The addresses that belong to them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Addresses {
    /// The management interfaces.
    pub(crate) api: Url,
    /// The login proxy of the environment test.
    pub(crate) login_test: WebAddress,
    /// Where services reach it.
    pub(crate) login_test_back_channel: WebAddress,
    /// The login proxy of the environment production.
    pub(crate) login_production: WebAddress,
    /// The sign-in issuer of administrators.
    pub(crate) sign_in: WebAddress,
    /// The test home organisation.
    pub(crate) home: WebAddress,
    /// The test services.
    pub(crate) services: WebAddress,
    /// The stand-ins for a Wilma and for Opinsys.
    pub(crate) sources: WebAddress,
}

impl Sockets {
    /// Takes six ports from `first` on; with 0, any that are free.
    pub(crate) async fn bind(first: u16) -> anyhow::Result<Self> {
        let bind = async |further: u16| {
            let port = if first == 0 {
                0
            } else {
                first.saturating_add(further)
            };
            listen::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), "--port").await
        };
        Ok(Self {
            api: bind(0).await?,
            proxy: bind(1).await?,
            sign_in: bind(2).await?,
            home: bind(3).await?,
            services: bind(4).await?,
            sources: bind(5).await?,
        })
    }

    /// Their addresses.
    pub(crate) fn addresses(&self) -> anyhow::Result<Addresses> {
        let port = |socket: &TcpListener| socket.local_addr().map(|address| address.port());
        let proxy = port(&self.proxy)?;
        let party = |socket: &TcpListener| -> anyhow::Result<WebAddress> {
            Ok(format!("http://127.0.0.1:{}", port(socket)?).parse()?)
        };
        Ok(Addresses {
            api: format!("http://manage.localhost:{}", port(&self.api)?).parse()?,
            login_test: format!("http://login.test.localhost:{proxy}").parse()?,
            login_test_back_channel: format!("http://127.0.0.1:{proxy}").parse()?,
            login_production: format!("http://login.localhost:{proxy}").parse()?,
            sign_in: party(&self.sign_in)?,
            home: party(&self.home)?,
            services: party(&self.services)?,
            sources: party(&self.sources)?,
        })
    }
}
