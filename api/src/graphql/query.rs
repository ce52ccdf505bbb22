//! The root of all queries.

use crate::app::Backends;
use crate::caller::Caller;
use crate::graphql::access::Me;
use crate::graphql::fault;
use crate::graphql::network::NetworkView;
use crate::graphql::node::{Node, find};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::seer::Seer;
use async_graphql::{Context, ID, Object, OneofObject, Result};
use domain::time::Instant;
use projections::{AsOf, PastError, Snapshot, Views};
use std::sync::Arc;
use std::time::Duration;

/// How long a question waits for the position it names.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The root of all queries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query;

/// A past moment: after so many events, or after everything recorded up to an instant.
#[derive(Clone, Debug, OneofObject)]
pub(crate) enum AsOfInput {
    /// After this many events of the log.
    Position(u64),
    /// After everything that was recorded at this instant or before.
    Instant(scalar::Instant),
}

/// The root of all queries.
#[Object]
impl Query {
    /// Who is asking, and what they may do.
    async fn me(&self, context: &Context<'_>) -> Result<Me> {
        let backends = context.data::<Arc<Backends>>()?;
        let caller = context.data::<Arc<Caller>>()?;
        Ok(Me::new(Arc::clone(caller), backends))
    }

    /// The trust network: one state of it for the whole answer, so that everything in one answer
    /// is from one position of the log.
    #[graphql(
        complexity = "(if as_of.is_some() { crate::graphql::PAST } else { 1 }) + child_complexity"
    )]
    async fn network(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was known at a past moment; windows are read at that moment too.")]
        as_of: Option<AsOfInput>,
        #[graphql(desc = "What is known about this day: windows are read at its start.")]
        valid_on: Option<scalar::Date>,
        #[graphql(
            desc = "Waits until at least this position is in the answer, such as the one a mutation gave."
        )]
        min_position: Option<u64>,
    ) -> Result<NetworkView> {
        let scope = scope(context, as_of, valid_on, min_position).await?;
        Ok(NetworkView::new(scope))
    }

    /// The thing with this typed identifier, such as `member:1.2.246.562.99.00000000001`; none
    /// where it is not known, or not shown to this caller.
    #[graphql(
        complexity = "(if as_of.is_some() { crate::graphql::PAST } else { 1 }) + child_complexity"
    )]
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The typed identifier.")] id: ID,
        #[graphql(desc = "As it was at a past moment.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "What is known about this day: windows are read at its start.")]
        valid_on: Option<scalar::Date>,
        #[graphql(desc = "Waits until at least this position is in the answer.")]
        min_position: Option<u64>,
    ) -> Result<Option<Node>> {
        let scope = scope(context, as_of, valid_on, min_position).await?;
        Ok(find(&scope, &id))
    }
}

async fn scope(
    context: &Context<'_>,
    as_of: Option<AsOfInput>,
    valid_on: Option<scalar::Date>,
    min_position: Option<u64>,
) -> Result<Scope> {
    let backends = context.data::<Arc<Backends>>()?;
    let caller = context.data::<Arc<Caller>>()?;
    let views = &backends.views;
    let seer = Seer::today(caller, backends);
    let moment = as_of.map(|as_of| match as_of {
        AsOfInput::Position(position) => AsOf::Position(position),
        AsOfInput::Instant(instant) => AsOf::Instant(instant.0),
    });
    let snapshot = match (moment, min_position) {
        (Some(_), Some(_)) => {
            return Err(fault::bad_request(
                "both `asOf` and `minPosition` are given",
                "the past does not wait: give one of them",
            ));
        }
        (Some(moment), None) => {
            // What is yet to come would be answered otherwise later; what was recorded by now and
            // is not taken in yet is waited for.
            let recorded = backends.registrar.network().0;
            match moment {
                AsOf::Position(position) if position > recorded => {
                    return Err(fault::position_not_reached(position));
                }
                AsOf::Position(position) => reached(views, position).await?,
                AsOf::Instant(instant) if instant > backends.clock.now() => {
                    return Err(fault::yet_to_come());
                }
                AsOf::Instant(_) => reached(views, recorded).await?,
            };
            views.as_of(moment).await.map_err(|error| match error {
                PastError::Busy => fault::busy(),
                PastError::Read(_) => fault::unavailable(),
            })?
        }
        (None, Some(position)) => reached(views, position).await?,
        (None, None) => views.current(),
    };
    let now = match (valid_on, moment) {
        (Some(day), _) => snapshot.network.zone().start_of(day.0),
        (None, Some(AsOf::Instant(instant))) => instant,
        (None, Some(AsOf::Position(_))) => snapshot.recorded_at,
        (None, None) => backends.clock.now(),
    };
    Ok(Scope::new(
        seer,
        views.clone(),
        snapshot,
        representable(now),
    ))
}

/// The newest state, once it has taken this position in.
async fn reached(views: &Views, position: u64) -> Result<Arc<Snapshot>> {
    match tokio::time::timeout(WAIT_MAX, views.at_least(position)).await {
        Ok(Some(snapshot)) => Ok(snapshot),
        Ok(None) => Err(fault::unavailable()),
        Err(_) => Err(fault::position_not_reached(position)),
    }
}

/// Before the first event there is no instant of recording; the oldest that can be written stands
/// for it.
fn representable(now: Instant) -> Instant {
    now.max(Instant::from_microseconds(0))
}
