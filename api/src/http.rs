//! The routes: one list, each with who may call it. A route cannot be made without.

pub(crate) mod dashboard;
pub(crate) mod documents;
pub(crate) mod feed;
pub(crate) mod graphql;
pub(crate) mod health;
pub(crate) mod intake;
pub(crate) mod openapi;
pub(crate) mod provisioning;
pub(crate) mod rate;
pub(crate) mod sign_in;

use crate::app::{Api, Identified};
use crate::authorisation::Who;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::seer::Seer;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post, put};
use domain::Right;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// A route: its path, the methods it takes, who may call it, and what answers.
pub(crate) struct Route {
    pub(crate) path: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "held against the OpenAPI document in a test")
    )]
    pub(crate) methods: &'static [&'static str],
    pub(crate) who: Who,
    /// Whether the route is counted against the caller's rate: not for what watches the process,
    /// nor for nodes, whose logins must not wait.
    pub(crate) limited: bool,
    handler: MethodRouter<Api>,
}

/// Every route.
pub(crate) fn routes() -> Vec<Route> {
    let route = |path, methods, who, limited, handler| Route {
        path,
        methods,
        who,
        limited,
        handler,
    };
    vec![
        route(
            "/health/live",
            &["GET"],
            Who::Anyone,
            false,
            get(health::live),
        ),
        route(
            "/health/ready",
            &["GET"],
            Who::Anyone,
            false,
            get(health::ready),
        ),
        route(
            "/metrics",
            &["GET"],
            Who::Anyone,
            false,
            get(health::metrics),
        ),
        route(
            "/openapi.json",
            &["GET"],
            Who::Anyone,
            true,
            get(openapi::serve),
        ),
        route(
            "/graphql",
            &["GET", "POST"],
            // Each document is authorised field by field.
            Who::Anyone,
            true,
            get(graphql::upgrade).post(graphql::execute),
        ),
        route(
            "/documents",
            &["POST"],
            // For whom a document may be handed in is judged with the audience it names.
            Who::Participant,
            true,
            post(documents::hand_in),
        ),
        route(
            "/documents/{reference}",
            &["GET"],
            // Each document says whom it is for.
            Who::Anyone,
            true,
            get(documents::give_out),
        ),
        route("/sign-in", &["GET"], Who::Anyone, true, get(sign_in::begin)),
        route(
            "/sign-in/callback",
            &["GET"],
            Who::Anyone,
            true,
            get(sign_in::complete),
        ),
        route(
            "/sign-out",
            &["POST"],
            Who::Anyone,
            true,
            post(sign_in::end),
        ),
        route(
            "/feed/routing/{environment}",
            &["GET"],
            Who::Rights(&[Right::Proxy]),
            false,
            get(feed::follow),
        ),
        route(
            "/intake/authentications/{environment}",
            &["GET", "POST"],
            Who::Rights(&[Right::Proxy]),
            false,
            get(intake::mark).post(intake::take),
        ),
        route(
            "/api/v2/provisioning/configuration/status",
            &["GET"],
            PROVISIONING,
            true,
            get(provisioning::status),
        ),
        route(
            "/api/v2/provisioning/identityproviders",
            &["GET"],
            PROVISIONING,
            true,
            get(provisioning::identity_providers),
        ),
        route(
            "/api/v2/provisioning/serviceproviders",
            &["GET"],
            PROVISIONING,
            true,
            get(provisioning::service_providers),
        ),
        route(
            "/api/v2/provisioning/list",
            &["GET"],
            PROVISIONING,
            true,
            get(provisioning::list),
        ),
        route(
            "/api/v2/provisioning/integration/discoveryinformation/logo/{id}",
            &["GET"],
            PROVISIONING,
            true,
            get(provisioning::logo),
        ),
        route(
            "/api/v2/provisioning",
            &["PUT"],
            PROVISIONING,
            true,
            put(provisioning::provisioned),
        ),
    ]
}

const PROVISIONING: Who = Who::Rights(&[Right::Provisioning]);

/// The router of all routes.
pub(crate) fn router(api: &Api) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guard = Guard {
            api: api.clone(),
            who: route.who,
            limited: route.limited,
        };
        let handler = route.handler.layer(from_fn_with_state(guard, authorise));
        router = router.route(route.path, handler);
    }
    let fixed =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .fallback(dashboard::serve)
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "this address does not take this method",
                "see /openapi.json for the methods it takes",
            )
        })
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .with_state(api.clone())
}

#[derive(Clone)]
struct Guard {
    api: Api,
    who: Who,
    limited: bool,
}

/// Finds out who calls, whether they may, and whether they ask too much; only then the route
/// answers.
async fn authorise(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let state = &guard.api.0;
    let answer = match admit(&guard, &mut request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let mut response = problem.into_response();
            // Whoever provisions may speak Basic and waits to be asked.
            if guard.who == PROVISIONING && response.status() == StatusCode::UNAUTHORIZED {
                let basic = HeaderValue::from_static("Basic realm=\"provisioning\"");
                response
                    .headers_mut()
                    .append(header::WWW_AUTHENTICATE, basic);
            }
            response
        }
    };
    state.metrics.answered(answer.status());
    answer
}

fn admit(guard: &Guard, request: &mut Request) -> Result<(), Problem> {
    let state = &guard.api.0;
    let identified = guard.api.caller(request.headers());
    let key = identified.caller();
    if guard.limited
        && let Err(wait) = state.rates.check(key.as_ref())
    {
        return Err(rate::problem(wait));
    }
    let Some(caller) = identified.caller() else {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "CREDENTIAL_INVALID",
            "the credential is not valid",
            "send `<credential id>.<secret>` of a credential that is not revoked as a bearer token",
        ));
    };
    if matches!(identified, Identified::Person(..)) && changes(request.method()) {
        same_origin(request.headers(), &state.origin)?;
    }
    let seer = Seer::today(&caller, &state.backends);
    if !guard.who.admits(&seer) {
        return Err(if caller == Caller::Anonymous {
            Problem::unauthenticated()
        } else {
            Problem::forbidden()
        });
    }
    request.extensions_mut().insert(identified);
    request.extensions_mut().insert(Arc::new(caller));
    Ok(())
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A browser says where a request comes from; another site's may not act by a person's session.
pub(crate) fn same_origin(headers: &HeaderMap, origin: &str) -> Result<(), Problem> {
    let given = headers
        .get(header::ORIGIN)
        .and_then(|given| given.to_str().ok());
    if given == Some(origin) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "CROSS_ORIGIN",
        "the request does not come from this site",
        "send it from a page of this site, or use a machine credential",
    ))
}

/// The whole body, where it is not larger than allowed.
pub(crate) async fn body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, limit)
        .await
        .map_err(|_| Problem::too_large(limit))
}

/// Whether the body says that it is this kind of content.
pub(crate) fn expect_content(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|given| given.to_str().ok());
    let kind = given.map(|given| given.split(';').next().unwrap_or_default().trim());
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case(expected)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "CONTENT_TYPE",
        format!("the body is not sent as {expected}"),
        format!("send it with `Content-Type: {expected}`"),
    ))
}

/// The content type of lines of JSON.
pub(crate) const NDJSON: &str = "application/x-ndjson";
