//! The routing feed over the network: `GET /feed/routing/{environment}?after={position}`, one
//! update a line.

use super::Server;
use crate::http::BackChannelError;
use domain::Environment;
use domain::value::WebAddress;
use futures::StreamExt as _;
use projections::routing::{RoutingFeedError, RoutingSource, RoutingUpdate, RoutingUpdates};
use reqwest::{Response, StatusCode};
use std::collections::VecDeque;
use std::time::Duration;
use zeroize::Zeroizing;

/// Longest line that is read, in bytes: a snapshot of a nation's table with room to spare.
const LINE_LENGTH_MAX: usize = 256 * 1024 * 1024;
/// After this silence, heartbeats included, the connection counts as dead.
const SILENCE_SECONDS_MAX: u64 = 30;

/// The routing feed of a ledger's server.
#[derive(Clone)]
pub struct RemoteRoutingSource(Server);

impl RemoteRoutingSource {
    /// The feed of `server`, with the node's credential.
    pub fn new(
        server: &WebAddress,
        credential: Zeroizing<String>,
    ) -> Result<Self, BackChannelError> {
        Server::new(server, credential).map(Self)
    }
}

/// One connection to the feed.
struct Connection {
    environment: Environment,
    response: Response,
    lines: VecDeque<Vec<u8>>,
    rest: Vec<u8>,
}

fn unreachable(
    environment: Environment,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> RoutingFeedError {
    RoutingFeedError::Unreachable {
        environment,
        source: source.into(),
    }
}

impl RoutingSource for RemoteRoutingSource {
    fn subscribe(&self, environment: Environment, after: Option<u64>) -> RoutingUpdates {
        let server = self.0.clone();
        futures::stream::once(connect(server, environment, after))
            .flat_map(|connected| match connected {
                Err(error) => futures::stream::once(async { Err(error) }).boxed(),
                Ok(connection) => futures::stream::unfold(Some(connection), async |connection| {
                    let mut connection = connection?;
                    match connection.next().await? {
                        Ok(update) => Some((Ok(update), Some(connection))),
                        Err(error) => Some((Err(error), None)),
                    }
                })
                .boxed(),
            })
            .boxed()
    }
}

async fn connect(
    server: Server,
    environment: Environment,
    after: Option<u64>,
) -> Result<Connection, RoutingFeedError> {
    let mut request = server.get(&format!("/feed/routing/{environment}"));
    if let Some(after) = after {
        request = request.query(&[("after", after)]);
    }
    let silence = Duration::from_secs(SILENCE_SECONDS_MAX);
    let response = tokio::time::timeout(silence, request.send()).await;
    let response = response.map_err(|error| unreachable(environment, error))?;
    let response = response.map_err(|error| unreachable(environment, error))?;
    match response.status() {
        StatusCode::OK => Ok(Connection {
            environment,
            response,
            lines: VecDeque::new(),
            rest: Vec::new(),
        }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(RoutingFeedError::Refused { environment })
        }
        status => {
            let status = status.as_u16();
            Err(unreachable(
                environment,
                BackChannelError::Status { status },
            ))
        }
    }
}

impl Connection {
    async fn next(&mut self) -> Option<Result<RoutingUpdate, RoutingFeedError>> {
        let environment = self.environment;
        loop {
            if let Some(line) = self.lines.pop_front() {
                if line.trim_ascii().is_empty() {
                    continue;
                }
                return Some(RoutingUpdate::from_line(&line));
            }
            let silence = Duration::from_secs(SILENCE_SECONDS_MAX);
            let chunk = match tokio::time::timeout(silence, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return None,
                Ok(Err(error)) => return Some(Err(unreachable(environment, error))),
                Err(error) => return Some(Err(unreachable(environment, error))),
            };
            let mut pieces = chunk.split(|byte| *byte == b'\n');
            if let Some(first) = pieces.next() {
                self.rest.extend_from_slice(first);
            }
            for piece in pieces {
                self.lines
                    .push_back(std::mem::replace(&mut self.rest, piece.to_vec()));
            }
            if self.rest.len() > LINE_LENGTH_MAX {
                return Some(Err(unreachable(environment, BackChannelError::TooLong)));
            }
        }
    }
}
