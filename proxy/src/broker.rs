//! The login flow: where protocols towards services and towards home organisations meet.
//!
//! The broker asks whether a login may pass, when it arrives and again when it is released, lets
//! the user choose, keeps the flow and the session in sealed cookies, and records. It speaks no
//! protocol itself.

mod arrive;
mod choose;
mod come_back;
mod judge;
mod password;
mod register;

pub(crate) use judge::{Facts, Judged};
pub(crate) use password::PASSWORD_PATH;

use crate::clock::after;
use crate::cookie::{self, Cookies, NotSealed};
use crate::downstream::{Downstream, OpenIdProvider, Reply};
use crate::flow::{FLOW_COOKIE, FLOW_SECONDS, FLOWS_MAX, Flow, LoginRequest};
use crate::http::BackChannel;
use crate::key_sets::KeySets;
use crate::language;
use crate::live::{LiveRouting, View};
use crate::node::NodeIdentity;
use crate::page::{self, Link};
use crate::problem::Problem;
use crate::record::AuthenticationRecorder;
use crate::server::SourceSettings;
use crate::session::{Identity, SESSION_COOKIE};
use crate::single_use::Expiring;
use crate::upstream::{Graph, LdapClient, OpenIdRelyingParty, Opinsys, Upstream, Wilma};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Environment;
use domain::time::Instant;
use domain::value::Language;
use ledger::Random;
use projections::routing::{HomeIntegration, Refusal, ServiceClient};
use registrar::Clock;
use std::sync::{Arc, Mutex, PoisonError};

/// Most flows whose use is remembered.
const FLOWS_REMEMBERED_MAX: usize = 500_000;
/// How many refusals without a user may be recorded at once, and how many more each second: a
/// stranger's requests must not fill a log that is kept.
const ANONYMOUS_RECORDS: (i64, i64) = (200, 20);

/// A login that may be delivered to the service.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) request: LoginRequest,
    pub(crate) identity: Identity,
    pub(crate) correlation: String,
    pub(crate) single_sign_on: bool,
}

/// How a login ends without one.
pub(crate) struct End {
    pub(crate) problem: Problem,
    pub(crate) facts: Facts,
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            facts: Facts::default(),
        }
    }
}

/// Whom an error page speaks to, and what it names the case by.
pub(crate) struct Caller {
    pub(crate) correlation: String,
    pub(crate) language: Language,
}

/// A bucket of tokens that fills with time.
struct Bucket {
    tokens: i64,
    filled_at: Instant,
}

/// One environment's logins at this node.
pub(crate) struct Broker {
    pub(crate) environment: Environment,
    /// The issuer: the address that names this environment's proxy, without a final slash.
    pub(crate) issuer: String,
    /// Where services reach the back-channel endpoints, without a final slash.
    pub(crate) back_channel_origin: String,
    pub(crate) live: Arc<LiveRouting>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) recorder: Arc<dyn AuthenticationRecorder>,
    pub(crate) node: NodeIdentity,
    pub(crate) openid: OpenIdProvider,
    openid_upstream: OpenIdRelyingParty,
    ldap: LdapClient,
    wilma: Wilma,
    opinsys: Opinsys,
    graph: Graph,
    /// The keys by which services prove who they are.
    pub(crate) client_keys: KeySets,
    pub(crate) consumed: Mutex<Expiring<()>>,
    anonymous: Mutex<Bucket>,
}

/// What a broker is made of.
pub(crate) struct BrokerParts {
    pub(crate) issuer: String,
    pub(crate) back_channel_origin: String,
    pub(crate) live: Arc<LiveRouting>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) recorder: Arc<dyn AuthenticationRecorder>,
    pub(crate) node: NodeIdentity,
    pub(crate) back_channel: BackChannel,
    pub(crate) sources: SourceSettings,
}

impl Broker {
    pub(crate) fn new(parts: BrokerParts) -> Self {
        let anonymous = Bucket {
            tokens: ANONYMOUS_RECORDS.0,
            filled_at: parts.clock.now(),
        };
        let SourceSettings {
            wilma_secret,
            hosts,
        } = parts.sources;
        Self {
            environment: parts.live.environment(),
            issuer: parts.issuer,
            back_channel_origin: parts.back_channel_origin,
            live: parts.live,
            clock: parts.clock,
            random: parts.random,
            recorder: parts.recorder,
            node: parts.node,
            openid: OpenIdProvider::new(),
            openid_upstream: OpenIdRelyingParty::new(parts.back_channel.clone()),
            ldap: LdapClient::new(),
            wilma: Wilma::new(parts.back_channel.clone(), hosts.clone(), wilma_secret),
            opinsys: Opinsys::new(parts.back_channel.clone(), hosts.clone()),
            graph: Graph::new(parts.back_channel.clone(), hosts),
            client_keys: KeySets::new(parts.back_channel),
            consumed: Mutex::new(Expiring::new(i64::from(FLOW_SECONDS), FLOWS_REMEMBERED_MAX)),
            anonymous: Mutex::new(anonymous),
        }
    }

    /// Every address of this environment's proxy.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route(choose::CHOOSE_PATH, get(choose::choose))
            .route(choose::START_PATH, get(choose::start))
            .route(
                come_back::RETURN_ROUTE,
                get(come_back::by_query).post(come_back::by_form),
            )
            .route(PASSWORD_PATH, get(password::ask))
            .route(page::STYLE_PATH, get(style))
            .merge(self.openid.routes())
            .fallback(no_such_page)
            .layer(axum::extract::DefaultBodyLimit::max(
                crate::parameters::LENGTH_MAX,
            ))
            .layer(axum::middleware::map_response(safe_headers))
            .with_state(Arc::clone(self))
    }

    /// The implementations of the upstream protocols.
    fn upstreams(&self) -> [&dyn Upstream; 4] {
        [
            &self.openid_upstream,
            &self.ldap,
            &self.wilma,
            &self.opinsys,
        ]
    }

    pub(crate) fn upstream(&self, home: &HomeIntegration) -> Option<&dyn Upstream> {
        self.upstreams()
            .into_iter()
            .find(|upstream| upstream.serves(home))
    }

    pub(crate) fn downstream(&self, reply: &Reply) -> &dyn Downstream {
        match reply {
            Reply::OpenIdConnect(_) => &self.openid,
        }
    }

    /// The view to decide by.
    pub(crate) fn view(&self) -> Result<Arc<View>, Problem> {
        self.live
            .view()
            .filter(|view| view.keys.is_complete())
            .ok_or(Problem::NotReady)
    }

    /// A fresh name of 22 characters.
    pub(crate) fn fresh_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.random.sixteen())
    }

    /// Whoever calls, before anything of the request was read.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Caller {
        Caller {
            correlation: hex::encode(&self.random.sixteen()[..8]),
            language: language::of_browser(headers),
        }
    }

    fn purpose(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.environment, self.issuer)
    }

    /// The session of this browser, if it is not too old.
    pub(crate) fn session(&self, view: &View, cookies: &Cookies, now: Instant) -> Option<Identity> {
        let sealed = cookies.get(SESSION_COOKIE)?;
        let identity: Identity = cookie::open(&view.keys, &self.purpose(SESSION_COOKIE), sealed)?;
        let lifetime = i64::from(view.table.settings().session_lifetime_seconds);
        (identity.age_seconds(now) < lifetime).then_some(identity)
    }

    /// Puts the session into the browser, or takes an older one out where this one is too large.
    pub(crate) fn set_session(
        &self,
        view: &View,
        identity: &Identity,
        now: Instant,
        headers: &mut HeaderMap,
    ) {
        let lifetime = i64::from(view.table.settings().session_lifetime_seconds);
        let left = u32::try_from(lifetime - identity.age_seconds(now)).unwrap_or(0);
        let purpose = self.purpose(SESSION_COOKIE);
        match cookie::seal(&view.keys, self.random.as_ref(), &purpose, identity) {
            Ok(sealed) if left > 0 => cookie::set(headers, SESSION_COOKIE, &sealed, left),
            _ => cookie::set(headers, SESSION_COOKIE, "", 0),
        }
    }

    /// Puts a flow into the browser.
    pub(crate) fn set_flow(
        &self,
        view: &View,
        flow: &Flow,
        cookies: &Cookies,
        headers: &mut HeaderMap,
    ) -> Result<(), Problem> {
        let name = Flow::cookie_name(&flow.id);
        let sealed = cookie::seal(&view.keys, self.random.as_ref(), &self.purpose(&name), flow)
            .map_err(|error| match error {
                NotSealed::NoKey => Problem::NotReady,
                NotSealed::TooLong => Problem::RequestTooLarge,
            })?;
        let others: Vec<_> = cookies
            .names(FLOW_COOKIE)
            .filter(|other| **other != *name)
            .collect();
        if others.len() >= FLOWS_MAX {
            for other in others {
                cookie::set(headers, other, "", 0);
            }
        }
        cookie::set(headers, &name, &sealed, FLOW_SECONDS);
        Ok(())
    }

    /// The flow of this name in this browser.
    pub(crate) fn flow(
        &self,
        view: &View,
        id: Option<&str>,
        cookies: &Cookies,
        now: Instant,
    ) -> Result<Flow, Problem> {
        let id = id
            .filter(|id| Flow::is_id(id))
            .ok_or(Problem::FlowMissing)?;
        let name = Flow::cookie_name(id);
        let sealed = cookies.get(&name).ok_or(Problem::FlowMissing)?;
        let flow: Flow =
            cookie::open(&view.keys, &self.purpose(&name), sealed).ok_or(Problem::FlowMissing)?;
        if now > after(flow.began_at, i64::from(FLOW_SECONDS)) {
            return Err(Problem::FlowExpired);
        }
        Ok(flow)
    }

    /// Ends a login with a page, recorded where it is known what was refused.
    pub(crate) async fn end(
        &self,
        caller: &Caller,
        request: Option<&LoginRequest>,
        end: End,
        mut links: Vec<Link>,
    ) -> Response {
        let End { problem, facts } = end;
        tracing::info!(
            environment = %self.environment,
            correlation = caller.correlation,
            code = problem.code(),
            service = request.map(|request| tracing::field::debug(request.service)),
            home = facts.home.map(tracing::field::debug),
            "a login ended without a release"
        );
        if let Some(request) = request {
            self.record_refusal(&caller.correlation, request, problem, facts)
                .await;
            let downstream = self.downstream(&request.reply);
            if let Some(address) = downstream.refusal_address(self, request, problem) {
                let back = language::Words {
                    fi: "Palaa palveluun",
                    sv: "Tillbaka till tjänsten",
                    en: "Return to the service",
                };
                links.push(Link {
                    address,
                    text: back.in_language(caller.language),
                });
            }
        }
        page::problem(problem, &caller.correlation, caller.language, &links)
    }

    /// Whether one more refusal of nobody in particular may be recorded.
    fn anonymous_record_allowed(&self) -> bool {
        let now = self.clock.now();
        let mut bucket = self
            .anonymous
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let passed = (now.microseconds() - bucket.filled_at.microseconds()) / 1_000_000;
        if passed > 0 {
            let filled = bucket
                .tokens
                .saturating_add(passed.saturating_mul(ANONYMOUS_RECORDS.1));
            bucket.tokens = filled.min(ANONYMOUS_RECORDS.0);
            bucket.filled_at = now;
        }
        let allowed = bucket.tokens > 0;
        bucket.tokens -= i64::from(allowed);
        allowed
    }

    /// The service of a request, as the table knows it.
    pub(crate) fn service<'a>(
        view: &'a View,
        request: &LoginRequest,
    ) -> Result<&'a Arc<ServiceClient>, Problem> {
        let found = view.table.services().get(&request.service);
        found.ok_or(Problem::Refused(Refusal::NoSuchService))
    }
}

/// Sends the browser on with a GET, whatever brought it here (RFC 9700 §4.12).
pub(crate) fn see_other(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn safe_headers(mut response: Response) -> Response {
    for (name, value) in page::SAFE_HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

async fn style() -> Response {
    let fixed = HeaderValue::from_static;
    let kind = (header::CONTENT_TYPE, fixed("text/css; charset=utf-8"));
    (
        [kind, (header::CACHE_CONTROL, fixed("public, max-age=3600"))],
        page::STYLE,
    )
        .into_response()
}

async fn no_such_page(
    axum::extract::State(broker): axum::extract::State<Arc<Broker>>,
    headers: HeaderMap,
) -> Response {
    let caller = broker.caller(&headers);
    page::problem(
        Problem::NoSuchPage,
        &caller.correlation,
        caller.language,
        &[],
    )
}
