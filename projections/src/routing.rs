//! Routing: what a proxy node must know to carry a login, and nothing else.
//!
//! This module owns the shape of the table, of the changes between two of its positions and of
//! what travels to a node, and [`permit()`], the one function that says whether a login may pass.
//! `permit` serves the proxy, the explanations given to auditors and the compliance view alike.
//!
//! A table that was folded names confidential values by reference ([`Secret::Recorded`]); the feed
//! of a node ([`NodeFeed`]) replaces each by a ciphertext that only that node opens
//! ([`Secret::ForNode`]).

mod delta;
mod feed;
mod fold;
mod permit;
mod publish;
mod row;
mod secret;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod upstream;

pub use delta::{ApplyError, Changes, RoutingDelta};
pub use feed::NodeFeed;
pub use fold::table_of;
pub use permit::{Decision, Refusal, RouteRequest, permit};
pub use publish::Publisher;
pub use row::{
    AttributeRule, AttributeValues, Because, ConsumerService, Discovery, EnvironmentKey,
    HomeIntegration, OpenIdConnectClient, Organisation, Permissions, RouteState, RoutingSettings,
    SamlService, ServiceClient, ServiceProtocol, Services, SubjectType, Suspension,
    TokenEndpointAuthentication,
};
pub use secret::{Confidential, Secret, SecretError, SecretHash, SecretOwner, UserMark};
pub use source::{
    ROUTING_FEED_VERSION, RoutingFeedError, RoutingSource, RoutingUpdate, RoutingUpdates,
};
pub use table::{RoutingTable, Row, Rows};
pub use upstream::{
    GraphAttributes, LdapServer, LdapUpstream, OpenIdConnectUpstream, OpinsysUpstream, PinnedClaim,
    Upstream, WilmaUpstream,
};
