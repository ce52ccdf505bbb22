//! The API as one value: made from the rooms below and a configuration, served as a router.

use crate::authentication::cookie::CookieSealer;
use crate::authentication::credential;
use crate::authentication::people::People;
use crate::authentication::session::{SESSION_COOKIE, Session};
use crate::authentication::sign_in::{SignIn, SignInConfig};
use crate::caller::Caller;
use crate::graphql::{Guarded, schema};
use crate::http::provisioning::Provisioned;
use crate::http::{self, rate::RateLimits};
use crate::metrics::Metrics;
use async_graphql::Executor as _;
use axum::Router;
use axum::http::{HeaderMap, header};
use domain::CommandId;
use domain::time::Instant;
use ledger::Random;
use projections::Views;
use projections::usage::Usage;
use registrar::{Alarms, AuthenticationJournals, Clock, EventIds, Registrar};
use std::sync::Arc;
use url::Url;

/// The rooms below, and what is passed in from outside.
pub struct Backends {
    /// Takes commands; gives the network and the log.
    pub registrar: Registrar,
    /// The read models. Whoever starts the process spawns `Views::follow`.
    pub views: Views,
    /// Takes the authentications of proxy nodes.
    pub authentications: AuthenticationJournals,
    /// How many logins there were. Whoever starts the process spawns `Usage::follow`.
    pub usage: Usage,
    /// What does not work although the process goes on.
    pub alarms: Alarms,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness, fit for keys.
    pub random: Arc<dyn Random>,
    /// Reaches the sign-in issuer. It follows no redirects and has a timeout.
    pub http: reqwest::Client,
}

impl Backends {
    /// The parts that do not work although the process can serve.
    pub(crate) fn parts_with_alarms(&self) -> Vec<&'static str> {
        let ledger = (!self.registrar.troubles().is_empty()).then_some("ledger");
        let others = self.alarms.raised().into_iter().map(|(part, _)| part);
        ledger.into_iter().chain(others).collect()
    }

    /// A fresh command id.
    pub(crate) fn new_command_id(&self) -> CommandId {
        let ids = EventIds::new(Arc::clone(&self.random));
        CommandId(ids.next(self.clock.now()))
    }
}

/// How much one caller may ask for.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How deep a GraphQL document may go.
    pub depth: usize,
    /// How many fields a GraphQL document may ask for, each counted as often as its lists may have
    /// rows.
    pub complexity: usize,
    /// How many aliases a GraphQL document may use.
    pub aliases: usize,
    /// How many requests a second one caller may send in the long run.
    pub requests_per_second: u32,
    /// How many requests one caller may send at once.
    pub burst: u32,
    /// As `requests_per_second`, for all callers together who are not signed in.
    pub anonymous_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            depth: 15,
            complexity: 10_000,
            aliases: 30,
            requests_per_second: 50,
            burst: 200,
            anonymous_per_second: 500,
        }
    }
}

/// How the API is served.
#[derive(Clone)]
pub struct ApiConfig {
    /// The origin under which browsers reach it, such as `https://trustnet.example.org`.
    pub public_origin: Url,
    /// What this product is registered with at the sign-in issuer; people cannot sign in without.
    pub sign_in: Option<SignInConfig>,
    /// The key that seals session cookies; the same after a restart, or everybody signs in anew.
    pub session_key: [u8; 32],
    /// How much one caller may ask for.
    pub limits: Limits,
}

pub(crate) struct State {
    pub(crate) backends: Arc<Backends>,
    pub(crate) schema: Guarded,
    pub(crate) sign_in: SignIn,
    pub(crate) cookies: CookieSealer,
    pub(crate) origin: String,
    pub(crate) limits: Limits,
    pub(crate) rates: Arc<RateLimits>,
    pub(crate) metrics: Metrics,
    pub(crate) provisioned: Provisioned,
}

/// The API. Cheap to clone.
#[derive(Clone)]
pub struct Api(pub(crate) Arc<State>);

impl Api {
    /// The API over these rooms.
    pub fn new(backends: Backends, config: ApiConfig) -> Self {
        let backends = Arc::new(backends);
        let people = People::new(
            backends.registrar.clone(),
            Arc::clone(&backends.clock),
            &backends.random,
        );
        let mut callback = config.public_origin.clone();
        callback.set_path("/sign-in/callback");
        let sign_in = SignIn::new(
            config.sign_in,
            callback,
            backends.http.clone(),
            Arc::clone(&backends.clock),
            Arc::clone(&backends.random),
            people,
        );
        let rates = Arc::new(RateLimits::new(&config.limits));
        Self(Arc::new(State {
            schema: schema(Arc::clone(&backends), Arc::clone(&rates), &config.limits),
            sign_in,
            cookies: CookieSealer::new(&config.session_key),
            origin: config.public_origin.origin().ascii_serialization(),
            rates,
            limits: config.limits,
            metrics: Metrics::default(),
            provisioned: Provisioned::default(),
            backends,
        }))
    }

    /// Every route.
    pub fn router(&self) -> Router {
        http::router(self)
    }

    /// Answers a GraphQL request of somebody at this machine, without HTTP.
    pub async fn execute(
        &self,
        caller: Caller,
        request: async_graphql::Request,
    ) -> async_graphql::Response {
        self.0.schema.execute(request.data(Arc::new(caller))).await
    }

    /// Who sends a request with these headers: by bearer token where there is one, else by session.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Identified {
        let state = &self.0;
        if let Some(authorization) = headers.get(header::AUTHORIZATION) {
            let network = state.backends.registrar.network();
            let given = authorization.to_str().ok();
            let caller = given.and_then(|given| match bearer_token(given) {
                Some(token) => credential::bearer(&network.1, token),
                None => credential::basic(&network.1, given),
            });
            return caller.map_or(Identified::Invalid, Identified::Machine);
        }
        let session: Option<Session> = state.cookies.open(headers, SESSION_COOKIE);
        let now = state.backends.clock.now();
        match session.and_then(|session| Some((session.caller(now)?, session.until))) {
            Some((caller, until)) => Identified::Person(caller, until),
            None => Identified::Anonymous,
        }
    }
}

/// The token of an `Authorization` header of the scheme `Bearer`.
pub(crate) fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who sends a request, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identified {
    /// Nobody that is known.
    Anonymous,
    /// Somebody whose credential is not valid: never taken for an anonymous caller.
    Invalid,
    /// A machine, by its credential.
    Machine(Caller),
    /// A person, by a session that lasts until then.
    Person(Caller, Instant),
}

impl Identified {
    pub(crate) fn caller(&self) -> Option<Caller> {
        match self {
            Self::Anonymous => Some(Caller::Anonymous),
            Self::Invalid => None,
            Self::Machine(caller) | Self::Person(caller, _) => Some(caller.clone()),
        }
    }
}
