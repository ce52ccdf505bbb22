//! The GraphQL schema: queries over the projections, mutations from the table of commands,
//! subscriptions to the log.

#![expect(
    clippy::unused_async,
    reason = "resolvers are asynchronous by the trait that they implement"
)]

mod access;
mod agreement;
mod compliance;
pub(crate) mod fault;
mod guarded;
mod input;
mod logins;
mod member;
mod mutation;
mod network;
mod node;
mod organisation;
mod page;
mod payload;
mod query;
mod record;
mod scalar;
mod scope;
mod search;
mod service;
mod steering;
mod subscription;
mod timeline;
mod user_error;
mod value;

pub(crate) use guarded::Guarded;
pub(crate) use mutation::field_name;
pub(crate) use subscription::SessionEnd;

use crate::app::{Backends, Limits};
use crate::authorisation::NESTING_MAX;
use async_graphql::{SDLExportOptions, SchemaBuilder};
use std::sync::Arc;

/// The schema.
type Schema = async_graphql::Schema<query::Query, mutation::Mutation, subscription::Subscription>;

fn builder() -> SchemaBuilder<query::Query, mutation::Mutation, subscription::Subscription> {
    Schema::build(query::Query, mutation::Mutation, subscription::Subscription)
}

/// The schema over these backends, with its limits, behind its guard.
pub(crate) fn schema(backends: Arc<Backends>, limits: &Limits) -> Guarded {
    let schema = builder()
        .data(Arc::clone(&backends))
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_directives(limits.aliases)
        .limit_recursive_depth(NESTING_MAX)
        .finish();
    Guarded::new(schema, backends, limits)
}

/// The schema in GraphQL's own language, sorted, as it is committed beside the code.
pub fn schema_sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    builder().finish().sdl_with_options(options)
}
