//! The feed of one node: the published tables, with every secret encrypted to that node.

use super::{
    Confidential, RoutingFeedError, RoutingSource, RoutingUpdate, RoutingUpdates, Secret,
    SecretOwner, UserMark,
};
use crate::{Standing, Views};
use domain::{Environment, KeyPurpose, KeyState, SealedSlot};
use futures::StreamExt as _;
use futures::stream;
use ledger::sealed_box::BoxPublicKey;
use ledger::{Hash, Random};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How long a feed stays silent at most.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(5);

/// The routing feed as one node receives it. Serves a node in this process directly, and a node
/// elsewhere through whoever writes the updates to it.
#[derive(Clone)]
pub struct NodeFeed {
    views: Views,
    node: BoxPublicKey,
    random: Arc<dyn Random>,
}

impl NodeFeed {
    /// The feed for the node with this public key.
    pub fn new(views: Views, node: BoxPublicKey, random: Arc<dyn Random>) -> Self {
        Self {
            views,
            node,
            random,
        }
    }
}

impl RoutingSource for NodeFeed {
    fn subscribe(&self, environment: Environment, after: Option<u64>) -> RoutingUpdates {
        let state = Following {
            feed: self.clone(),
            environment,
            tables: self.views.routing().tables(environment),
            position: after,
            generation: 0,
            ready: VecDeque::new(),
        };
        stream::unfold(state, |mut state| async {
            let update = state.next().await?;
            Some((Ok::<_, RoutingFeedError>(update), state))
        })
        .boxed()
    }
}

struct Following {
    feed: NodeFeed,
    environment: Environment,
    tables: tokio::sync::watch::Receiver<Arc<super::RoutingTable>>,
    position: Option<u64>,
    /// Of which generation of the table the position is. A follower that comes with a position has
    /// it from the first one, or from another process.
    generation: u64,
    ready: VecDeque<RoutingUpdate>,
}

impl Following {
    /// The next update; none where nothing will come any more, for a source whose tables have
    /// stopped must not be taken for one that lives and has nothing new.
    async fn next(&mut self) -> Option<RoutingUpdate> {
        loop {
            if let Some(update) = self.ready.pop_front() {
                self.position = Some(update.position());
                let opened = Opened {
                    feed: &self.feed,
                    environment: self.environment,
                };
                return Some(update.for_node(&opened));
            }
            self.tables.borrow_and_update();
            let routing = self.feed.views.routing();
            let generation = routing.generation(self.environment);
            let after = self.position.filter(|_| generation == self.generation);
            self.generation = generation;
            self.ready = routing.updates(self.environment, after).into();
            if !self.ready.is_empty() {
                continue;
            }
            let mut standing = self.feed.views.standings();
            let changed = tokio::select! {
                biased;
                _ = standing.wait_for(|standing| *standing != Standing::Following) => return None,
                changed = tokio::time::timeout(HEARTBEAT_EVERY, self.tables.changed()) => changed,
            };
            match changed {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => {
                    let position = self.position.unwrap_or(0);
                    return Some(RoutingUpdate::Heartbeat { position });
                }
            }
        }
    }
}

/// Opens what a table names by reference, for one node and environment.
struct Opened<'a> {
    feed: &'a NodeFeed,
    environment: Environment,
}

impl Confidential for Opened<'_> {
    fn secret(&self, slot: SealedSlot, owner: SecretOwner<'_>) -> Secret {
        let feed = self.feed;
        let sealed = feed.views.log().open(slot).map(|secret| {
            let plaintext = secret.as_bytes();
            Secret::for_node(
                &*feed.random,
                &feed.node,
                self.environment,
                owner,
                plaintext,
            )
        });
        match sealed {
            Ok(Ok(secret)) => secret,
            Ok(Err(error)) => {
                tracing::error!(?owner, %error, "Encrypting a secret to a node failed");
                Secret::Missing
            }
            Err(error) => {
                tracing::error!(?owner, %error, "Opening a secret for a node failed");
                Secret::Missing
            }
        }
    }

    fn user(&self, slot: SealedSlot, organisation: &str) -> Option<Hash> {
        let log = self.feed.views.log();
        let snapshot = self.feed.views.current();
        let key = snapshot
            .network
            .access
            .keys
            .iter()
            .find(|((environment, _), key)| {
                *environment == self.environment
                    && key.purpose == KeyPurpose::Pairwise
                    && key.state == KeyState::Active
            })?;
        let key = log.open(key.1.private_key.slot()?).ok()?;
        let user = log.open(slot).ok()?;
        Some(UserMark::digest(key.as_bytes(), organisation, &user))
    }
}
