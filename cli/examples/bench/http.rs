//! Requests over one connection that is kept, with as little work at this end as can be: what is
//! measured is the server.

use super::house::House;
use anyhow::Context as _;
use api::{Api, ApiConfig, Backends, Limits};
use projections::Views;
use registrar::AuthenticationJournals;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The API on a free port of loopback, until the task ends.
pub(crate) async fn serve(
    house: &House,
    views: &Views,
) -> anyhow::Result<(SocketAddr, tokio::task::JoinHandle<()>)> {
    let clock = Arc::clone(&house.clock);
    let random = Arc::clone(&house.random);
    let authentications =
        AuthenticationJournals::open(&house.ledger, Arc::clone(&clock), Arc::clone(&random))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let zone = views.current().network.zone().clone();
    let usage = projections::usage::Usage::open(house.ledger.clone(), None, zone)?;
    let backends = Backends {
        alarms: registrar::Alarms::default(),
        usage,
        registrar: house.registrar.clone(),
        views: views.clone(),
        authentications,
        clock,
        random,
        http: reqwest::Client::new(),
    };
    let config = ApiConfig {
        public_origin: format!("http://{address}").parse()?,
        sign_in: None,
        session_key: [7; 32],
        // The limits on one caller's requests are not what is measured.
        limits: Limits {
            requests_per_second: 10_000_000,
            burst: 10_000_000,
            ..Limits::default()
        },
    };
    let router = Api::new(backends, config).router();
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("serving has ended: {error}");
        }
    });
    Ok((address, task))
}

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and gives the answer's body. An answer without a length is an error.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                anyhow::bail!("the server has closed the connection");
            }
            let Some(head) = self.buffer.windows(4).position(|end| end == b"\r\n\r\n") else {
                continue;
            };
            let text = std::str::from_utf8(self.buffer.get(..head).unwrap_or_default())?;
            anyhow::ensure!(
                text.starts_with("HTTP/1.1 200"),
                "the server answered: {text}"
            );
            let length: usize = text
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .context("the answer has no length")?
                .1
                .trim()
                .parse()?;
            while self.buffer.len() < head + 4 + length {
                anyhow::ensure!(
                    self.stream.read_buf(&mut self.buffer).await? > 0,
                    "the answer was cut off"
                );
            }
            return self
                .buffer
                .get(head + 4..)
                .context("the answer has no body");
        }
    }
}

/// A GraphQL request with this document.
pub(crate) fn graphql(address: SocketAddr, token: &str, document: &str) -> Vec<u8> {
    let body = serde_json::json!({ "query": document }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}
