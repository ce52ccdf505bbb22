//! Subscriptions: the log as it grows. Each is resumable by position; rights are read anew with
//! every event, and a caller who has lost them hears no more. A session's end closes the whole
//! connection: see the socket.

use crate::app::Backends;
use crate::caller::Caller;
use crate::graphql::fault;
use crate::graphql::input::Word;
use crate::graphql::routing::without_secrets;
use crate::graphql::scope::Scope;
use crate::graphql::timeline::{TimelineEvent, is_shown};
use crate::seer::Seer;
use async_graphql::{Context, Json, Result, SimpleObject, Subscription as SubscriptionMacro};
use domain::{Environment, Event};
use futures::{Stream, StreamExt as _};
use ledger::sealed_box::BoxPrivateKey;
use projections::routing::{NodeFeed, RoutingSource as _};
use std::sync::Arc;

/// The root of all subscriptions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscription;

/// A step of the log: one event that the caller may see, or only how far the log has come.
#[derive(Clone, SimpleObject)]
pub(crate) struct EventUpdate {
    /// The position to resume from: give it as `after`.
    position: u64,
    /// The event; none where the step holds nothing that is shown to this caller.
    event: Option<TimelineEvent>,
}

/// The root of all subscriptions.
#[SubscriptionMacro]
impl Subscription {
    /// Every event after a position, then each that comes. Events that are not shown to the caller
    /// still advance the position.
    async fn events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many events the caller has seen; 0 for all.")] after: u64,
    ) -> Result<impl Stream<Item = Result<EventUpdate>> + use<>> {
        let backends = Arc::clone(context.data::<Arc<Backends>>()?);
        let caller = Arc::clone(context.data::<Arc<Caller>>()?);
        let subscription = backends
            .views
            .log()
            .subscribe(after)
            .map_err(|_| fault::unavailable())?;
        Ok(updates(backends, caller, subscription))
    }

    /// The routing table of an environment, then each change, without secrets.
    async fn routing(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which environment.")] environment: Word<Environment>,
        #[graphql(
            desc = "The position of the table that the caller has; left out, the whole table comes first."
        )]
        after: Option<u64>,
    ) -> Result<impl Stream<Item = Result<RoutingStep>> + use<>> {
        let backends = Arc::clone(context.data::<Arc<Backends>>()?);
        let caller = Arc::clone(context.data::<Arc<Caller>>()?);
        // A table is for a node's own key alone: nobody holds the one that this is encrypted to.
        let nobody = BoxPrivateKey::generate(&*backends.random)
            .public_key()
            .map_err(|_| fault::unavailable())?;
        let feed = NodeFeed::new(backends.views.clone(), nobody, Arc::clone(&backends.random));
        let steps = feed.subscribe(environment.0, after).map(move |update| {
            let update = update.map_err(|_| fault::unavailable())?;
            let seer = Seer::today(&caller, &backends);
            if !seer.sees_network() {
                return Err(fault::unauthenticated());
            }
            let position = update.position();
            let mut update = serde_json::to_value(&update).map_err(|_| fault::unavailable())?;
            without_secrets(&mut update);
            Ok(RoutingStep {
                position,
                update: Json(update),
            })
        });
        // The refusal is the last thing that is heard.
        Ok(steps.scan(false, |ended, step| {
            let over = std::mem::replace(ended, step.is_err());
            std::future::ready((!over).then_some(step))
        }))
    }
}

/// A step of an environment's routing table, without secrets.
#[derive(Clone, SimpleObject)]
pub(crate) struct RoutingStep {
    /// The position of the table after this step: give it as `after` to resume.
    position: u64,
    /// The whole table, a change or a heartbeat, in the form of the node feed. Secrets and the
    /// marks of suspended users are left out.
    update: Json<serde_json::Value>,
}

fn updates(
    backends: Arc<Backends>,
    caller: Arc<Caller>,
    subscription: registrar::Subscription,
) -> impl Stream<Item = Result<EventUpdate>> {
    // What was taken back before says nothing about the rights that are held now.
    let begun = backends.registrar.network().0;
    let state = (subscription, std::collections::VecDeque::new(), false);
    futures::stream::unfold(state, move |(mut subscription, mut waiting, ended)| {
        let (backends, caller) = (Arc::clone(&backends), Arc::clone(&caller));
        async move {
            if ended {
                return None;
            }
            loop {
                let caller = Arc::clone(&caller);
                if let Some(update) = waiting.pop_front() {
                    let failed = Result::<EventUpdate>::is_err(&update);
                    return Some((update, (subscription, waiting, failed)));
                }
                let Ok(batch) = subscription.next().await else {
                    return Some((Err(fault::unavailable()), (subscription, waiting, true)));
                };
                let next = batch.next_position();
                // What is shown is judged by a network that already knows of the event, and by
                // the rights as they stand now.
                let snapshot = backends.views.at_least(next).await?;
                let now = backends.clock.now();
                let seer = Seer::today(&caller, &backends);
                if !seer.participates() {
                    return Some((Err(fault::unauthenticated()), (subscription, waiting, true)));
                }
                let scope = Scope::new(seer, backends.views.clone(), snapshot, now);
                let telling = move || told(&scope, &caller, begun, &batch);
                match fault::blocking(telling).await {
                    Ok(updates) => waiting.extend(updates),
                    Err(fault) => waiting.push_back(Err(fault)),
                }
            }
        }
    })
}

/// What a commit tells the caller, step by step.
fn told(
    scope: &Scope,
    caller: &Caller,
    begun: u64,
    batch: &registrar::EventBatch,
) -> Vec<Result<EventUpdate>> {
    let mut updates = Vec::new();
    for event in batch.events() {
        let Ok((view, event)) = event else {
            updates.push(Err(fault::unavailable()));
            break;
        };
        let shown = is_shown(scope.seer(), scope.network(), view.stream, &event);
        updates.push(update(scope, view.position, shown));
        if view.position >= begun && is_revoked_from(scope, caller, &event) {
            updates.push(Err(fault::unauthenticated()));
            break;
        }
    }
    updates
}

fn update(scope: &Scope, position: u64, shown: bool) -> Result<EventUpdate> {
    let details = if shown {
        let log = scope.views().log();
        log.details(position).map_err(|_| fault::unavailable())?
    } else {
        None
    };
    Ok(EventUpdate {
        position: position + 1,
        event: details.map(|details| TimelineEvent::new(scope.clone(), details)),
    })
}

/// Whether the event takes a right from the caller: the connection ends, and a new one starts with
/// the rights that are left.
fn is_revoked_from(scope: &Scope, caller: &Caller, event: &Event) -> bool {
    match (event, caller) {
        (Event::AccessRevoked(revoked), Caller::Person { person, .. }) => scope
            .network()
            .access
            .grants
            .get(&revoked.grant)
            .is_some_and(|grant| grant.person == *person),
        (Event::MachineCredentialRevoked(revoked), Caller::Machine { credential }) => {
            revoked.credential == *credential
        }
        (Event::NodeExpelled(expelled), Caller::Node { node }) => expelled.node == *node,
        _ => false,
    }
}
