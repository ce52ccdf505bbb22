//! A minimal OpenID provider over invented people: the demo's sign-in issuer of administrators, and
//! its test home organisation. Logging in is one click on a person.
//!
//! It speaks what the demo's own clients need and no more: discovery, the code flow with PKCE
//! (S256), `client_secret_basic`, userinfo. It remembers nobody from one login to the next.

use super::jose::Signer;
use super::page::{escape, page, see_other, wrong};
use super::people::Person;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ledger::{Hash, Random};
use registrar::Clock;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::form_urlencoded;

/// How long a code and an access token serve, in seconds.
const GRANT_SECONDS: i64 = 300;
/// Most codes and tokens that are remembered; beyond it all are forgotten, which costs a click.
const GRANTS_MAX: usize = 1000;

/// What a provider is made of.
pub(crate) struct ProviderParts {
    /// Its issuer.
    pub(crate) issuer: String,
    /// What its page is headed with.
    pub(crate) title: &'static str,
    /// The only client.
    pub(crate) client_id: &'static str,
    /// The client's secret.
    pub(crate) client_secret: &'static str,
    /// The addresses to which the client has people sent back all begin with one of these.
    pub(crate) return_origins: Vec<String>,
    /// Who can log in.
    pub(crate) people: Vec<Person>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness fit for keys.
    pub(crate) random: Arc<dyn Random>,
}

/// An OpenID provider.
pub(crate) struct Provider {
    parts: ProviderParts,
    signer: Signer,
    codes: Mutex<HashMap<String, Grant>>,
    tokens: Mutex<HashMap<String, Grant>>,
}

#[derive(Clone)]
struct Grant {
    person: usize,
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    at_seconds: i64,
}

/// A request to the authorization endpoint that was found in order.
struct Asked {
    redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    challenge: String,
    is_passive: bool,
}

impl Provider {
    /// A provider with a fresh key, as a router.
    pub(crate) fn router(parts: ProviderParts) -> anyhow::Result<Router> {
        let provider = Self {
            parts,
            signer: Signer::generate()?,
            codes: Mutex::default(),
            tokens: Mutex::default(),
        };
        Ok(Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/authorize", get(choose).post(log_in))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::new(provider)))
    }

    fn now_seconds(&self) -> i64 {
        self.parts.clock.now().microseconds() / 1_000_000
    }

    fn fresh(&self) -> String {
        let mut bytes = [0; 32];
        self.parts.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a request to the authorization endpoint; the words say what is wrong with it.
    fn asked(&self, query: &str) -> Result<Asked, &'static str> {
        let parameters: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let get = |name: &str| parameters.get(name).cloned();
        if get("client_id").as_deref() != Some(self.parts.client_id) {
            return Err("This client is not known here.");
        }
        let redirect_uri = get("redirect_uri").unwrap_or_default();
        let ours = |origin: &String| {
            redirect_uri
                .strip_prefix(origin.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        };
        if !self.parts.return_origins.iter().any(ours) {
            return Err("This client is not to be returned to that address.");
        }
        if get("response_type").as_deref() != Some("code") {
            return Err("Only the code flow is served.");
        }
        if get("code_challenge_method").as_deref() != Some("S256") {
            return Err("PKCE with S256 is required.");
        }
        Ok(Asked {
            redirect_uri,
            state: get("state"),
            nonce: get("nonce"),
            challenge: get("code_challenge").unwrap_or_default(),
            is_passive: get("prompt").as_deref() == Some("none"),
        })
    }

    /// Sends the browser back to the client with these parameters.
    fn back(&self, asked: &Asked, answer: &[(&str, &str)]) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .extend_pairs(answer)
            .append_pair("iss", &self.parts.issuer);
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        see_other(&format!("{}?{}", asked.redirect_uri, query.finish()))
    }

    /// The claims about a person.
    fn claims(&self, person: usize) -> Option<Value> {
        let person = self.parts.people.get(person)?;
        let mut claims = person.claims.clone();
        claims.insert("sub".to_owned(), person.subject.into());
        Some(Value::Object(claims))
    }

    fn is_client(&self, headers: &HeaderMap) -> bool {
        let encode =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        // RFC 6749 §2.3.1: both are form-encoded before they are joined.
        let (id, secret) = (
            encode(self.parts.client_id),
            encode(self.parts.client_secret),
        );
        let expected = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let given = headers.get(header::AUTHORIZATION);
        given.is_some_and(|given| Hash::of(given.as_bytes()) == Hash::of(expected.as_bytes()))
    }
}

fn locked<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep(grants: &Mutex<HashMap<String, Grant>>, name: String, grant: Grant) {
    let mut grants = locked(grants);
    if grants.len() >= GRANTS_MAX {
        grants.clear();
    }
    grants.insert(name, grant);
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let issuer = &provider.parts.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    Json(provider.signer.public_keys())
}

/// The login page: a button for each person.
async fn choose(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let title = provider.parts.title;
    let asked = match provider.asked(&query) {
        Ok(asked) => asked,
        Err(what) => return wrong(title, what),
    };
    if asked.is_passive {
        return provider.back(&asked, &[("error", "login_required")]);
    }
    let mut body = format!(
        "<p>Who are you? One click logs you in.</p><form method=\"post\" action=\"/authorize\">\
         <input type=\"hidden\" name=\"request\" value=\"{}\">",
        escape(&query)
    );
    for person in &provider.parts.people {
        let _ = write!(
            body,
            "<button name=\"person\" value=\"{}\"><strong>{}</strong><br><small>{}</small></button>",
            escape(person.subject),
            escape(person.name),
            escape(person.about),
        );
    }
    body.push_str("</form>");
    page(StatusCode::OK, title, &body)
}

#[derive(Deserialize)]
struct Chosen {
    person: String,
    request: String,
}

async fn log_in(State(provider): State<Arc<Provider>>, Form(chosen): Form<Chosen>) -> Response {
    let title = provider.parts.title;
    let asked = match provider.asked(&chosen.request) {
        Ok(asked) => asked,
        Err(what) => return wrong(title, what),
    };
    let mut people = provider.parts.people.iter();
    let Some(person) = people.position(|person| person.subject == chosen.person) else {
        return wrong(title, "Nobody of that name is here.");
    };
    let code = provider.fresh();
    let grant = Grant {
        person,
        redirect_uri: asked.redirect_uri.clone(),
        nonce: asked.nonce.clone(),
        challenge: asked.challenge.clone(),
        at_seconds: provider.now_seconds(),
    };
    keep(&provider.codes, code.clone(), grant);
    provider.back(&asked, &[("code", &code)])
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(exchange): Form<Exchange>,
) -> Response {
    let refused =
        |status: StatusCode, error: &str| (status, Json(json!({ "error": error }))).into_response();
    if !provider.is_client(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    // Taken out: a code serves once.
    let grant = locked(&provider.codes).remove(&exchange.code);
    let now = provider.now_seconds();
    let challenge = URL_SAFE_NO_PAD.encode(Hash::of(exchange.code_verifier.as_bytes()).0);
    let grant = grant.filter(|grant| {
        exchange.grant_type == "authorization_code"
            && grant.redirect_uri == exchange.redirect_uri
            && grant.challenge == challenge
            && now - grant.at_seconds <= GRANT_SECONDS
    });
    let Some((grant, mut claims)) =
        grant.and_then(|grant| Some((grant.clone(), provider.claims(grant.person)?)))
    else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    claims["iss"] = provider.parts.issuer.as_str().into();
    claims["aud"] = provider.parts.client_id.into();
    claims["iat"] = now.into();
    claims["auth_time"] = grant.at_seconds.into();
    claims["exp"] = (now + GRANT_SECONDS).into();
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    let id_token = match provider.signer.sign(&claims) {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(%error, "A demo party could not sign: {error}");
            return refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
        }
    };
    let access_token = provider.fresh();
    keep(
        &provider.tokens,
        access_token.clone(),
        Grant {
            at_seconds: now,
            ..grant
        },
    );
    let answer = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": GRANT_SECONDS, "id_token": id_token,
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

async fn userinfo(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let now = provider.now_seconds();
    let grant = token.and_then(|token| locked(&provider.tokens).get(token).cloned());
    let grant = grant.filter(|grant| now - grant.at_seconds <= GRANT_SECONDS);
    match grant.and_then(|grant| provider.claims(grant.person)) {
        Some(claims) => Json(claims).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
