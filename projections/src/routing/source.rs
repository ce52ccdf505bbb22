//! Where a node gets its table from, in process or over the network, and what travels.

use super::delta::{ApplyError, RoutingDelta};
use super::table::RoutingTable;
use domain::Environment;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The version of what travels in the feed. A node refuses another one.
pub const ROUTING_FEED_VERSION: u16 = 1;

/// One step of a node's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "content")]
pub enum RoutingUpdate {
    /// The whole table: the first update, or the one after a gap.
    Snapshot(Arc<RoutingTable>),
    /// What changed since the last update.
    Delta(Arc<RoutingDelta>),
    /// Nothing changed and the source lives. Resets the table's age.
    Heartbeat {
        /// The position at which the source stands; one ahead of the table is a gap.
        position: u64,
    },
}

/// A line of the feed, as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<U> {
    version: u16,
    update: U,
}

/// The version alone, read before anything else, for other versions may look different.
#[derive(Deserialize)]
struct Version {
    version: u16,
}

/// Why an update could not be had. Whoever follows the feed keeps its last good table.
#[derive(Debug, thiserror::Error)]
pub enum RoutingFeedError {
    /// The source cannot be reached, or the connection ended.
    #[error("the routing feed of {environment} could not be reached")]
    Unreachable {
        /// The environment.
        environment: Environment,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The source does not serve this environment to this caller.
    #[error("the routing feed of {environment} is refused to this node")]
    Refused {
        /// The environment.
        environment: Environment,
    },
    /// The source speaks another version.
    #[error("the routing feed has version {found}, this node reads version {ROUTING_FEED_VERSION}")]
    Version {
        /// The version found.
        found: u16,
    },
    /// A line could not be read.
    #[error("a line of the routing feed could not be read")]
    Malformed(#[source] serde_json::Error),
    /// A line could not be written.
    #[error("an update could not be written for the routing feed")]
    Encode(#[source] serde_json::Error),
    /// An update does not fit the table.
    #[error("an update of the routing feed does not fit the table")]
    Gap(#[from] ApplyError),
}

impl RoutingUpdate {
    /// The position at which a table stands after this update.
    pub fn position(&self) -> u64 {
        match self {
            Self::Snapshot(table) => table.position(),
            Self::Delta(delta) => delta.to,
            Self::Heartbeat { position } => *position,
        }
    }

    /// The update as one line of JSON, with its line break.
    pub fn to_line(&self) -> Result<Vec<u8>, RoutingFeedError> {
        let line = Line {
            version: ROUTING_FEED_VERSION,
            update: self,
        };
        let mut bytes = serde_json::to_vec(&line).map_err(RoutingFeedError::Encode)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads one line, with or without its line break.
    pub fn from_line(line: &[u8]) -> Result<Self, RoutingFeedError> {
        let Version { version } =
            serde_json::from_slice(line).map_err(RoutingFeedError::Malformed)?;
        if version != ROUTING_FEED_VERSION {
            return Err(RoutingFeedError::Version { found: version });
        }
        let line: Line<Self> = serde_json::from_slice(line).map_err(RoutingFeedError::Malformed)?;
        Ok(line.update)
    }
}

/// The updates of one environment, in order, until the source ends or fails.
pub type RoutingUpdates = BoxStream<'static, Result<RoutingUpdate, RoutingFeedError>>;

/// Where a node gets its table from.
pub trait RoutingSource: Send + Sync {
    /// The updates of `environment` for a node whose table stands at `after`; with none, or where
    /// `after` is too old or unknown, a snapshot comes first. Heartbeats come at least every few
    /// seconds, so that silence means that the source is gone.
    fn subscribe(&self, environment: Environment, after: Option<u64>) -> RoutingUpdates;
}
