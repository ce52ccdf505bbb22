//! The login proxy between home organisations and services.
//!
//! A login arrives by a [`downstream`] protocol from a service, leaves by an [`upstream`] protocol
//! to the user's home organisation, and comes back the same way. Each protocol is one
//! implementation of one trait; they meet only in the [`broker`], which asks the routing table's
//! `permit`, has the national data model computed, and makes every release durable in the log
//! before it leaves.
//!
//! # Life of a login
//!
//! A service sends the browser to its protocol's endpoint. The request is checked against the
//! client's registration and put into one small sealed cookie, the *flow*. Where a *session* of an
//! earlier login will do, the flow ends there; otherwise the user chooses a home organisation (or
//! is sent to the only one), logs in, and returns with the flow. What the source said is mapped,
//! judged, and held, as a one-time *grant*, until the service fetches it; at that moment it is
//! judged again against the table as it then is, recorded, and only then released.
//!
//! A node keeps no state that another node needs, but for the grants it issued: its routing table
//! comes from a [`RoutingSource`](projections::routing::RoutingSource), with the last good copy on
//! disk, and its records go to an [`AuthenticationRecorder`].
//!
//! This crate reads no environment variable, no configuration file and no wall clock.

mod broker;
mod cache;
mod clock;
mod cookie;
mod downstream;
mod flow;
mod http;
mod jose;
mod key_sets;
mod keyring;
mod language;
mod live;
mod mapping;
mod node;
mod page;
mod parameters;
mod problem;
mod record;
mod remote;
mod server;
mod session;
mod single_use;
mod upstream;

pub use http::{BackChannel, BackChannelError, Hosts};
pub use jose::{Algorithm, GeneratedKey, JoseError, generate_signing_key};
pub use live::{CopyError, LiveRouting, TableStatus};
pub use node::{NodeError, NodeIdentity};
pub use problem::Problem;
pub use record::{
    AuthenticationRecord, AuthenticationRecorder, LocalRecorder, NotRecorded, SourceUser,
};
pub use remote::{
    AuthenticationLine, INTAKE_VERSION, IntakeMark, RemoteAuthenticationRecorder,
    RemoteRoutingSource,
};
pub use server::{
    EnvironmentSettings, Proxy, ProxyError, ProxyParts, ProxySettings, SourceSettings,
};
