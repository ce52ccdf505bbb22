//! The demo's test services: OpenID Connect relying parties of the proxy that show what they
//! received and, beside it, what was withheld and why.
//!
//! A real service learns nothing of what it was not given. Here the demo itself explains, with the
//! rules and the tables that the proxy used; the page says so.

use super::explain::{self, Explained};
use super::jose;
use super::page::{escape, page, see_other, wrong};
use super::people::Person;
use crate::house::House;
use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::IntegrationId;
use ledger::Hash;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// Most logins and results that are remembered; beyond it all are forgotten, which costs a click.
const REMEMBERED_MAX: usize = 200;
/// The cookie that ties a login to the browser that began it.
const COOKIE: &str = "trustnet-demo-service";
/// How far the proxy's clock may be off, in seconds. It is this machine's.
const SKEW_SECONDS: i64 = 10;

/// One test service.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// The first part of its paths.
    pub(crate) path: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// What a visitor is told about it.
    pub(crate) about: &'static str,
    /// Its client id.
    pub(crate) id: &'static str,
    /// Its client secret: known to everybody, for it opens nothing but the demo.
    pub(crate) secret: &'static str,
}

/// The test services.
pub(crate) const CLIENTS: [Client; 3] = [
    Client {
        path: "koe",
        name: "Koepalvelu",
        about: "asks for most of the data model; the home organisation keeps the class back",
        id: "demo-koepalvelu",
        secret: "demo-koepalvelu-secret",
    },
    Client {
        path: "toinen",
        name: "Toinen koepalvelu",
        about: "asks for little, and lets test learners in",
        id: "demo-toinen-koepalvelu",
        secret: "demo-toinen-koepalvelu-secret",
    },
    Client {
        path: "kolmas",
        name: "Kolmas koepalvelu",
        about: "three home organisations permit it, so the user chooses first; two of them are a Wilma and an Opinsys, by stand-ins",
        id: "demo-kolmas-koepalvelu",
        secret: "demo-kolmas-koepalvelu-secret",
    },
];

/// What the services are made of.
pub(crate) struct ServiceParts {
    /// Their own address.
    pub(crate) address: String,
    /// The proxy's issuer, as it names itself.
    pub(crate) issuer: String,
    /// Where servers reach the proxy.
    pub(crate) back_channel: String,
    /// The rooms, for the explanations.
    pub(crate) house: House,
    /// The integration of the test home organisation, and those of the services in order.
    pub(crate) home: IntegrationId,
    pub(crate) integrations: [IntegrationId; CLIENTS.len()],
    /// The people of the test home organisation.
    pub(crate) people: Vec<Person>,
}

struct Services {
    parts: ServiceParts,
    http: reqwest::Client,
    begun: Mutex<HashMap<String, Begun>>,
    results: Mutex<HashMap<String, Map<String, Value>>>,
}

#[derive(Clone)]
struct Begun {
    client: usize,
    nonce: String,
    verifier: String,
}

/// What of the proxy's discovery document is used.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

/// The test services, as a router.
pub(crate) fn router(parts: ServiceParts) -> anyhow::Result<Router> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(10))
        .build()
        .context("making the test services' client failed")?;
    let services = Services {
        parts,
        http,
        begun: Mutex::default(),
        results: Mutex::default(),
    };
    Ok(Router::new()
        .route("/", get(all))
        .route("/{service}/login", get(begin))
        .route("/{service}/callback", get(finish))
        .route("/{service}/received/{result}", get(show))
        .with_state(Arc::new(services)))
}

fn client_at(path: &str) -> Option<usize> {
    CLIENTS.iter().position(|client| client.path == path)
}

fn locked<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep<T>(map: &Mutex<HashMap<String, T>>, name: String, value: T) {
    let mut map = locked(map);
    if map.len() >= REMEMBERED_MAX {
        map.clear();
    }
    map.insert(name, value);
}

/// The way into each service.
fn ways_in() -> String {
    let mut body = String::new();
    for client in &CLIENTS {
        let _ = write!(
            body,
            "<p><a class=\"button\" id=\"{path}\" href=\"/{path}/login\">Log in to {name}</a><br><small>{about}</small></p>",
            path = client.path,
            name = escape(client.name),
            about = escape(client.about),
        );
    }
    body
}

async fn all() -> Response {
    let body = format!(
        "<p>Three services that people of a school log in to through the network. Click one, then \
         click a person at the home organisation.</p>{}",
        ways_in()
    );
    page(StatusCode::OK, "Test services", &body)
}

async fn begin(State(services): State<Arc<Services>>, Path(path): Path<String>) -> Response {
    let Some(client) = client_at(&path) else {
        return nothing_here();
    };
    match services.begin(client).await {
        Ok(response) => response,
        Err(error) => failed(client, &error),
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

async fn finish(
    State(services): State<Arc<Services>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Response {
    let Some(client) = client_at(&path) else {
        return nothing_here();
    };
    if let Some(error) = &answer.error {
        return refused(client, error, answer.error_description.as_deref());
    }
    match services.finish(client, &headers, &answer).await {
        Ok(response) => response,
        Err(error) => failed(client, &error),
    }
}

async fn show(
    State(services): State<Arc<Services>>,
    Path((path, result)): Path<(String, String)>,
) -> Response {
    let received = locked(&services.results).get(&result).cloned();
    match (client_at(&path), received) {
        (Some(client), Some(received)) => services.show(client, &received),
        _ => nothing_here(),
    }
}

impl Services {
    fn redirect_uri(&self, client: usize) -> String {
        redirect_uri(&self.parts.address, &CLIENTS[client])
    }

    fn fresh(&self) -> String {
        let mut bytes = [0; 32];
        self.parts.house.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    async fn json<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> anyhow::Result<T> {
        let response = request
            .send()
            .await
            .context("the login proxy could not be reached")?;
        if !response.status().is_success() {
            // The proxy answers in words of the protocol, such as a refusal's code.
            let status = response.status();
            let answer: Value = response.json().await.unwrap_or_default();
            let text = |name: &str| {
                answer
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            bail!(
                "the login proxy refused ({status}): {} {}",
                text("error"),
                text("error_description")
            );
        }
        response
            .json()
            .await
            .context("the login proxy's answer cannot be read")
    }

    async fn discovery(&self) -> anyhow::Result<Discovery> {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.parts.back_channel
        );
        let discovery: Discovery = self.json(self.http.get(address)).await?;
        if discovery.issuer != self.parts.issuer {
            bail!("the login proxy names itself by another address");
        }
        Ok(discovery)
    }

    /// Sends the browser to the proxy.
    async fn begin(&self, client: usize) -> anyhow::Result<Response> {
        let mut address = self.discovery().await?.authorization_endpoint;
        let begun = Begun {
            client,
            nonce: self.fresh(),
            verifier: self.fresh(),
        };
        let state = self.fresh();
        let challenge = URL_SAFE_NO_PAD.encode(Hash::of(begun.verifier.as_bytes()).0);
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", CLIENTS[client].id)
            .append_pair("redirect_uri", &self.redirect_uri(client))
            .append_pair("scope", "openid profile")
            .append_pair("state", &state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        keep(&self.begun, state.clone(), begun);
        let mut response = see_other(address.as_str());
        let cookie = format!("{COOKIE}={state}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
        response
            .headers_mut()
            .insert(header::SET_COOKIE, HeaderValue::from_str(&cookie)?);
        Ok(response)
    }

    /// Takes the browser back, and fetches what is released.
    async fn finish(
        &self,
        client: usize,
        headers: &HeaderMap,
        answer: &Answer,
    ) -> anyhow::Result<Response> {
        let state = answer.state.as_deref().unwrap_or_default();
        let begun = locked(&self.begun).remove(state);
        let begun = begun.filter(|begun| begun.client == client && has_cookie(headers, state));
        let begun = begun.context("this login was not begun in this browser, or is over")?;
        let discovery = self.discovery().await?;
        if answer
            .iss
            .as_ref()
            .is_some_and(|iss| *iss != discovery.issuer)
        {
            bail!("the answer is another issuer's");
        }
        let code = answer.code.as_deref().context("the answer has no code")?;
        let own = &CLIENTS[client];
        let exchange = self
            .http
            .post(discovery.token_endpoint.clone())
            .basic_auth(own.id, Some(own.secret))
            .form(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &self.redirect_uri(client)),
                ("code_verifier", &begun.verifier),
            ]);
        let tokens: Tokens = self.json(exchange).await?;
        let keys: Value = self.json(self.http.get(discovery.jwks_uri.clone())).await?;
        let claims =
            jose::verify(&tokens.id_token, &keys).context("the ID token's signature is wrong")?;
        self.check(&claims, &discovery.issuer, own.id, &begun.nonce)?;
        let userinfo = self
            .http
            .get(discovery.userinfo_endpoint)
            .bearer_auth(&tokens.access_token);
        let received: Map<String, Value> = self.json(userinfo).await?;
        // OpenID Connect Core §5.3.2, against answers about another user.
        if received.get("sub") != claims.get("sub") {
            bail!("what arrived is about another user");
        }
        let result = self.fresh();
        keep(&self.results, result.clone(), received);
        Ok(see_other(&format!("/{}/received/{result}", own.path)))
    }

    /// What an ID token must say (OpenID Connect Core §3.1.3.7).
    fn check(
        &self,
        claims: &Map<String, Value>,
        issuer: &str,
        client_id: &str,
        nonce: &str,
    ) -> anyhow::Result<()> {
        let is =
            |name: &str, wanted: &str| claims.get(name).and_then(Value::as_str) == Some(wanted);
        let now = self.parts.house.clock.now().microseconds() / 1_000_000;
        let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
        if !is("iss", issuer) || !is("aud", client_id) || !is("nonce", nonce) {
            bail!("the ID token is not meant for this login");
        }
        if expires + SKEW_SECONDS < now {
            bail!("the ID token is too old");
        }
        Ok(())
    }

    fn show(&self, client: usize, received: &Map<String, Value>) -> Response {
        let mut arrived = String::new();
        for (name, value) in received {
            let values = match value {
                Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join("<br>"),
                value => shown(value),
            };
            let _ = write!(
                arrived,
                "<tr><th scope=\"row\">{}</th><td>{values}</td></tr>",
                escape(name)
            );
        }
        let others = ways_in();
        let explained = self.explanation(client, received);
        let body = format!(
            "<p id=\"welcome\">You are logged in.</p><div class=\"columns\">\
             <section><h2>What arrived</h2><table id=\"received\">{arrived}</table></section>\
             <section><h2>What was withheld, and why</h2>{explained}</section></div>\
             <h2>And now</h2><p>Another service needs no new login: the network remembers this one.</p>{others}"
        );
        page(StatusCode::OK, CLIENTS[client].name, &body)
    }

    fn explanation(&self, client: usize, received: &Map<String, Value>) -> String {
        let table = self
            .parts
            .house
            .views
            .routing_table(domain::Environment::Test);
        let network = self.parts.house.registrar.network();
        let (home, service) = (
            table.homes().get(&self.parts.home),
            table.services().get(&self.parts.integrations[client]),
        );
        let (Some(home), Some(service)) = (home, service) else {
            return "<p>The routes have changed since; the demo cannot explain this login any more.</p>".to_owned();
        };
        let uid = received
            .get(domain::data_model::Attribute::Uid.oidc_claim())
            .and_then(Value::as_str);
        let mut people = self.parts.people.iter();
        let Some(person) = people.find(|person| uid == Some(&explain::uid(home, person))) else {
            return "<p>The demo explains logins at its test home organisation whose user identifier was released; it cannot explain this one.</p>".to_owned();
        };
        let rules = &table.settings().data_model;
        let mut rows = String::new();
        for Explained {
            attribute,
            because,
            partly,
        } in explain::withheld(&network.1, home, service, rules, person)
        {
            let partly = if partly { " (in part)" } else { "" };
            let _ = write!(
                rows,
                "<tr><th scope=\"row\">{}{partly}</th><td>{}</td></tr>",
                escape(attribute),
                escape(&because)
            );
        }
        format!(
            "<p class=\"quiet\"><small>A service is never told this. The demo explains it, with the rules \
             and the tables that the login proxy used.</small></p><table id=\"withheld\">{rows}</table>"
        )
    }
}

/// Where a service has its users sent back.
pub(crate) fn redirect_uri(address: &str, client: &Client) -> String {
    format!("{address}/{}/callback", client.path)
}

fn has_cookie(headers: &HeaderMap, state: &str) -> bool {
    let wanted = format!("{COOKIE}={state}");
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    !state.is_empty()
        && cookies
            .flat_map(|line| line.split(';'))
            .any(|cookie| cookie.trim() == wanted)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text),
        other => escape(&other.to_string()),
    }
}

fn nothing_here() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "Test services",
        "<p>Nothing is here. <a href=\"/\">Begin anew.</a></p>",
    )
}

fn refused(client: usize, error: &str, description: Option<&str>) -> Response {
    let body = format!(
        "<p id=\"refused\">The login was refused: <strong>{}</strong> {}</p>{}",
        escape(error),
        escape(description.unwrap_or_default()),
        ways_in()
    );
    page(StatusCode::FORBIDDEN, CLIENTS[client].name, &body)
}

fn failed(client: usize, error: &anyhow::Error) -> Response {
    wrong(CLIENTS[client].name, &format!("{error:#}"))
}
