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
mod matter;
mod member;
mod mutation;
mod network;
mod node;
mod operations;
mod organisation;
mod page;
mod payload;
mod query;
mod record;
mod routing;
mod scalar;
mod scope;
mod search;
mod service;
mod steering;
mod subscription;
mod timeline;
mod user_error;
mod value;

pub(crate) use guarded::{Guarded, Operations, SessionEnd};
pub(crate) use mutation::field_name;

use crate::app::{Backends, Limits};
use crate::authorisation::NESTING_MAX;
use crate::http::rate::RateLimits;
use async_graphql::{SDLExportOptions, SchemaBuilder};
use std::sync::Arc;

/// What a list without pages counts for, where nothing but the network's size bounds it.
const UNPAGED: usize = 20;
/// What a list counts for that is short by its nature, such as the contacts of a member.
const FEW: usize = 5;
/// What a question about the past counts for: each of them replays a part of the log.
const PAST: usize = 1_000;

/// The schema.
type Schema = async_graphql::Schema<query::Query, mutation::Mutation, subscription::Subscription>;

fn builder() -> SchemaBuilder<query::Query, mutation::Mutation, subscription::Subscription> {
    Schema::build(query::Query, mutation::Mutation, subscription::Subscription)
}

/// The schema over these backends, with its limits, behind its guard.
pub(crate) fn schema(backends: Arc<Backends>, rates: Arc<RateLimits>, limits: &Limits) -> Guarded {
    let schema = builder()
        .data(Arc::clone(&backends))
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_directives(limits.aliases)
        .limit_recursive_depth(NESTING_MAX)
        .finish();
    Guarded::new(schema, backends, rates, limits)
}

/// The schema in GraphQL's own language, sorted, as it is committed beside the code.
pub fn schema_sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    builder().finish().sdl_with_options(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::OutputType as _;
    use async_graphql::registry::{MetaType, Registry};

    /// Every list of things that have fields of their own, as `Type.field`, and whether it counts
    /// for more than one thing.
    fn lists() -> Vec<(String, bool)> {
        let mut registry = Registry::default();
        query::Query::create_type_info(&mut registry);
        mutation::Mutation::create_type_info(&mut registry);
        <subscription::Subscription as async_graphql::SubscriptionType>::create_type_info(
            &mut registry,
        );
        let composite = |name: &str| {
            let of = registry.types.get(name.trim_matches(['[', ']', '!']));
            of.is_some_and(MetaType::is_composite)
        };
        let fields = registry.types.iter().filter_map(|(name, of)| match of {
            MetaType::Object { fields, .. } => Some((name, fields)),
            _ => None,
        });
        fields
            // The rows of a page are counted by the field that has the page, the one thing that is
            // wrong with a command by the mutation.
            .filter(|(name, _)| !name.ends_with("Connection") && !name.ends_with("Payload"))
            .flat_map(|(name, fields)| fields.values().map(move |field| (name, field)))
            .filter(|(_, field)| {
                let list = field.ty.starts_with('[') && composite(&field.ty);
                list || field.ty.trim_end_matches('!').ends_with("Connection")
            })
            .map(|(name, field)| {
                let weighed = field.compute_complexity.is_some();
                (format!("{name}.{}", field.name), weighed)
            })
            .collect()
    }

    #[test]
    fn every_list_counts_for_its_rows() {
        let lists = lists();
        for known in ["Service.clients", "Network.members", "Annex.editions"] {
            assert!(lists.iter().any(|(list, _)| list == known), "{known}");
        }
        let weightless: Vec<_> = lists
            .iter()
            .filter(|(_, weighed)| !weighed)
            .map(|(list, _)| list)
            .collect();
        assert_eq!(weightless, Vec::<&String>::new(), "lists without a weight");
    }
}
