//! GraphQL and REST over the projections and the registrar: who calls, what they may ask and see,
//! and how they are answered.
//!
//! A request is authorised by one table ([`authorisation`]), its rows are cut to what the caller
//! may see ([`seer`]), and sealed values are opened only while it is answered. Mutations are made
//! from the domain's table of commands. What this crate does not own: rules, folds, storage; it
//! reads no environment variable, no file and no clock of its own.

mod app;
mod authentication;
mod authorisation;
mod caller;
mod graphql;
mod http;
mod metrics;
mod problem;
mod seer;
pub mod strict_json;
#[cfg(test)]
mod tests;

pub use app::{Api, ApiConfig, Backends, Limits};
pub use authentication::{SignInConfig, hash_secret, secret_matches};
pub use caller::Caller;
pub use graphql::schema_sdl;
pub use http::openapi::openapi_json;
pub use problem::Problem;
