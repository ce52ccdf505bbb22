//! The schema behind its guard: every document is authorised, field by field, before it is run.
//! Depth and complexity are async-graphql's own limits; what must be known before it walks the
//! document is checked here.

use super::Schema;
use crate::app::{Backends, Limits};
use crate::authorisation::{DocumentLimits, FieldTypes, authorised};
use crate::caller::Caller;
use crate::seer::Seer;
use async_graphql::{Data, Executor, Request, Response, ServerError};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use std::any::TypeId;
use std::future::Future;
use std::sync::Arc;

/// A schema that runs nothing unauthorised. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Guarded {
    schema: Schema,
    types: Arc<FieldTypes>,
    backends: Arc<Backends>,
    limits: DocumentLimits,
}

impl Guarded {
    pub(crate) fn new(schema: Schema, backends: Arc<Backends>, limits: &Limits) -> Self {
        Self {
            types: Arc::new(FieldTypes::of(&schema.sdl())),
            schema,
            backends,
            limits: DocumentLimits {
                selections: limits.complexity,
                aliases: limits.aliases,
            },
        }
    }

    /// The request with its document parsed and found in order.
    fn admit(&self, mut request: Request, session: Option<&Data>) -> Result<Request, ServerError> {
        let known = |data: &Data| {
            let caller = data.get(&TypeId::of::<Arc<Caller>>())?;
            caller.downcast_ref::<Arc<Caller>>().cloned()
        };
        let caller = known(&request.data)
            .or_else(|| known(session?))
            .unwrap_or(Arc::new(Caller::Anonymous));
        let seer = Seer::of(&caller, &self.backends.registrar.network().1);
        let document = authorised(&request.query, &self.types, &caller, &seer, self.limits)?;
        request.set_parsed_query(document);
        Ok(request)
    }
}

impl Executor for Guarded {
    fn execute(&self, request: Request) -> impl Future<Output = Response> + Send {
        let admitted = self.admit(request, None);
        async move {
            match admitted {
                Ok(request) => self.schema.execute(request).await,
                Err(error) => Response::from_errors(vec![error]),
            }
        }
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        match self.admit(request, session_data.as_deref()) {
            Ok(request) => {
                let session = session_data.unwrap_or_default();
                self.schema
                    .execute_stream_with_session_data(request, session)
            }
            Err(error) => stream::once(async { Response::from_errors(vec![error]) }).boxed(),
        }
    }
}
