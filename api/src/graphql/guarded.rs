//! The schema behind its guard: every document is authorised, field by field, before it is run.
//! Depth and complexity are async-graphql's own limits; what must be known before it walks the
//! document is checked here.
//!
//! A request over HTTP has been counted and its session looked at before it comes here. Over an
//! open connection nobody has, so each operation is.

use super::{Schema, fault};
use crate::app::{Backends, Limits};
use crate::authorisation::{DocumentLimits, FieldTypes, authorised};
use crate::caller::Caller;
use crate::http::rate::RateLimits;
use crate::seer::Seer;
use async_graphql::{Data, Error, Executor, Pos, Request, Response, ServerError};
use domain::time::Instant;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use std::any::{Any, TypeId};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many operations one connection carries at once.
const OPERATIONS_MAX: usize = 32;

/// When the session behind a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionEnd(pub(crate) Instant);

/// The operations that one connection carries.
#[derive(Clone, Debug)]
pub(crate) struct Operations(Arc<Semaphore>);

impl Default for Operations {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(OPERATIONS_MAX)))
    }
}

/// A schema that runs nothing unauthorised. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Guarded {
    schema: Schema,
    types: Arc<FieldTypes>,
    backends: Arc<Backends>,
    rates: Arc<RateLimits>,
    limits: DocumentLimits,
}

impl Guarded {
    pub(crate) fn new(
        schema: Schema,
        backends: Arc<Backends>,
        rates: Arc<RateLimits>,
        limits: &Limits,
    ) -> Self {
        Self {
            types: Arc::new(FieldTypes::of(&schema.sdl())),
            schema,
            backends,
            rates,
            limits: DocumentLimits {
                selections: limits.complexity,
                aliases: limits.aliases,
            },
        }
    }

    /// The request with its document parsed and found in order.
    fn admit(&self, mut request: Request, caller: &Caller) -> Result<Request, ServerError> {
        let seer = Seer::today(caller, &self.backends);
        let document = authorised(&request.query, &self.types, caller, &seer, self.limits)?;
        request.set_parsed_query(document);
        Ok(request)
    }

    /// As [`Guarded::admit`], over an open connection, which carries only so much, so fast, and
    /// for as long as its session lasts.
    fn admit_over(
        &self,
        request: Request,
        connection: &Data,
    ) -> Result<(Request, Option<OwnedSemaphorePermit>), ServerError> {
        let refused = |error: Error| error.into_server_error(Pos::default());
        let caller = known::<Arc<Caller>>(connection);
        let caller = caller.map_or(&Caller::Anonymous, AsRef::as_ref);
        self.rates
            .check(Some(caller))
            .map_err(|wait| refused(fault::rate_limited(wait)))?;
        let end = known::<SessionEnd>(connection);
        if end.is_some_and(|end| self.backends.clock.now() >= end.0) {
            return Err(refused(fault::unauthenticated()));
        }
        let operations = known::<Operations>(connection);
        let place = operations.map(|operations| Arc::clone(&operations.0).try_acquire_owned());
        let place = place
            .transpose()
            .map_err(|_| refused(fault::connection_full(OPERATIONS_MAX)))?;
        Ok((self.admit(request, caller)?, place))
    }
}

fn known<T: Any>(data: &Data) -> Option<&T> {
    data.get(&TypeId::of::<T>())?.downcast_ref()
}

/// Every error says of what kind it is and what to do.
fn explained(mut response: Response) -> Response {
    response.errors.iter_mut().for_each(fault::explain);
    response
}

impl Executor for Guarded {
    fn execute(&self, request: Request) -> impl Future<Output = Response> + Send {
        let caller = known::<Arc<Caller>>(&request.data).cloned();
        let caller = caller.unwrap_or(Arc::new(Caller::Anonymous));
        let admitted = self.admit(request, &caller);
        async move {
            explained(match admitted {
                Ok(request) => self.schema.execute(request).await,
                Err(error) => Response::from_errors(vec![error]),
            })
        }
    }

    fn execute_stream(
        &self,
        request: Request,
        connection: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let connection = connection.unwrap_or_default();
        match self.admit_over(request, &connection) {
            Ok((request, place)) => self
                .schema
                .execute_stream_with_session_data(request, connection)
                .map(move |response| {
                    // The place is given back with the stream.
                    let _ = &place;
                    explained(response)
                })
                .boxed(),
            Err(error) => {
                stream::once(async { explained(Response::from_errors(vec![error])) }).boxed()
            }
        }
    }
}
